package domain_test

import (
	"crypto/sha256"
	"math"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
)

// everything has a member of each kind that a Writer writes.
type everything struct {
	Text    string         `json:"text"`
	Texts   []string       `json:"texts"`
	Number  domain.Decimal `json:"number"`
	Count   int64          `json:"count"`
	Flag    bool           `json:"flag"`
	At      time.Time      `json:"at"`
	Free    jsontext.Value `json:"free"`
	Rare    map[string]int `json:"rare"`
	Objects []everything   `json:"objects"`
}

func (e *everything) WriteJSON(w *domain.Writer) {
	w.Open("")
	w.Text("text", e.Text)
	w.OpenList("texts")
	for _, text := range e.Texts {
		w.Text("", text)
	}
	w.CloseList()
	w.Decimal("number", e.Number)
	w.Int("count", e.Count)
	w.Flag("flag", e.Flag)
	w.Time("at", e.At)
	w.Free("free", e.Free)
	w.Value("rare", e.Rare)
	w.OpenList("objects")
	for i := range e.Objects {
		w.Value("", &e.Objects[i])
	}
	w.CloseList()
	w.Close()
}

// TestAppendJSON shows that what writes itself gives the bytes that package json gives.
func TestAppendJSON(t *testing.T) {
	number, err := domain.ParseDecimal("-1200.50")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 1, 31, 9, 0, 0, 123_456_000, time.FixedZone("", -3*3600-30*60))
	for _, e := range []everything{
		{},
		{Text: "plain", Texts: []string{""}, Number: number, Count: math.MinInt64, Flag: true, At: at, Objects: []everything{{}, {Text: "{"}}},
		{Text: "\"\\\n\x00\x7f<&>é\u2028\U0001f600", Texts: []string{"a,", "b[", "c:", "d{"}, At: at.UTC().Truncate(time.Second)},
		{Free: jsontext.Value(`{"b":[1e2,{"z":null,"a":"\"}"}],"a":{}}`), Rare: map[string]int{"b": 1, "a": 2}},
	} {
		want, err := json.Marshal(e, json.Deterministic(true))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := domain.AppendJSON([]byte("x:"), &e); err != nil || string(got) != "x:"+string(want) {
			t.Errorf("wrote %s, want %s, error %v", got, want, err)
		}
	}
	for _, e := range []everything{{Text: "\xff"}, {At: time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)}} {
		if got, err := domain.AppendJSON(nil, &e); err == nil {
			t.Errorf("wrote %q", got)
		}
	}
}

// FuzzContentDigest shows that free-form JSON that writes itself is put in the order in which package json
// puts it.
func FuzzContentDigest(f *testing.F) {
	f.Add(`{"b":1,"a":{"z":[],"y":[{"d":"\\","c":"\""},-0.5e-7,true]},"":""}`)
	f.Add(`{"é":1,"e":2,"\ud83d\ude00":3,"\uffff":4}`)
	f.Add(`[{"a b":1,"a":2,"a!":3}]`)
	f.Add(` "\u0041" `)
	f.Fuzz(func(t *testing.T, text string) {
		free := jsontext.Value(text)
		if !free.IsValid() {
			return
		}
		free = domain.StoredJSON(free)
		want, err := json.Marshal(everything{Free: free}, json.Deterministic(true), jsontext.ReorderRawObjects(true))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(want)
		if got := domain.ContentDigest(&everything{Free: free}); got != [16]byte(sum[:16]) {
			t.Errorf("%s is not written as %s", free, want)
		}
	})
}
