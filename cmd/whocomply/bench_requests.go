package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync/atomic"

	"github.com/go-json-experiment/json"
)

// rawRequest is the bytes of a request: a body makes it JSON, a key authorizes it.
func rawRequest(method, path, key string, body []byte) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: bench\r\n", method, path)
	if key != "" {
		fmt.Fprintf(&b, "Authorization: Bearer %s\r\n", key)
	}
	if body != nil {
		fmt.Fprintf(&b, "Content-Type: application/json\r\nContent-Length: %d\r\n", len(body))
	}
	b.WriteString("\r\n")
	b.Write(body)
	return b.Bytes()
}

// jsonRequest is a POST of a value.
func jsonRequest(path, key string, value any) ([]byte, error) {
	body, err := json.Marshal(value, json.Deterministic(true))
	return rawRequest("POST", path, key, body), err
}

// serialMark stands in a request for its serial number, twelve digits that make its ids distinct for ever.
const serialMark = "############"

// template is a request whose serial number is filled in when it is sent.
type template struct {
	text []byte
	at   []int // where the serial number stands
}

func newTemplate(text []byte) template {
	t := template{text: text}
	for from := 0; ; {
		i := bytes.Index(text[from:], []byte(serialMark))
		if i < 0 {
			return t
		}
		t.at = append(t.at, from+i)
		from += i + len(serialMark)
	}
}

// appendTo appends the request with a serial number.
func (t template) appendTo(dst []byte, serial uint64) []byte {
	start := len(dst)
	dst = append(dst, t.text...)
	var digits [len(serialMark)]byte
	for i := range digits {
		digits[len(digits)-1-i] = '0' + byte(serial%10)
		serial /= 10
	}
	for _, at := range t.at {
		copy(dst[start+at:], digits[:])
	}
	return dst
}

// endless is the workload of templates in turn, for ever, with serial numbers that go on from run to run.
func endless(templates []template) workload {
	var serial atomic.Uint64
	return func(dst []byte) []byte {
		i := serial.Add(1)
		return templates[i%uint64(len(templates))].appendTo(dst, i)
	}
}

// anyOf is the workload of requests picked at random, for ever.
func anyOf(requests [][]byte) workload {
	return func(dst []byte) []byte { return append(dst, requests[rand.IntN(len(requests))]...) }
}

// randomName invents the name of a person; names hardly ever repeat.
func randomName(r *rand.Rand) string {
	word := func(syllables int) string {
		const consonants, vowels = "bdfghklmnprstvz", "aeiou"
		name := make([]byte, 0, 2*syllables+1)
		for range syllables {
			name = append(name, consonants[r.IntN(len(consonants))], vowels[r.IntN(len(vowels))])
		}
		name = append(name, consonants[r.IntN(len(consonants))])
		name[0] -= 'a' - 'A'
		return string(name)
	}
	return word(1+r.IntN(2)) + " " + word(2+r.IntN(2))
}

// randomAmount gives an amount of an everyday payment: 5.00 to 899.99, small ones more often.
func randomAmount(r *rand.Rand) string {
	cents := 500 + int64(89_499*r.Float64()*r.Float64())
	return fmt.Sprintf("%d.%02d", cents/100, cents%100)
}

func customerID(i int) string { return "bench-customer-" + strconv.Itoa(i) }

func accountID(i int) string { return "bench-account-" + strconv.Itoa(i) }
