package chain_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"whocomply/domain/chain"
)

func validHeader() chain.Header {
	return chain.Header{
		Actor: "user_7", Cause: "cmd_1", Enc: "none", ID: "01JD4ZP4XQ5Y0V9C2M3N4K5R6S", Ledger: ledgerName, Len: 2,
		Schema: 1, Seq: 42, Subject: "cus_1", Time: time.Date(2026, 1, 2, 3, 4, 5, 678_901_000, time.UTC), Type: "customer.pushed",
	}
}

// Any header that passes its check survives encoding and parsing, in an encoding of two lines.
func TestHeaderRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := validHeader()
		text := rapid.StringN(0, 200, 1024)
		h.Actor, h.Cause, h.Subject = text.Draw(t, "actor"), text.Draw(t, "cause"), text.Draw(t, "subject")
		h.Type = rapid.StringN(1, 200, 1024).Draw(t, "type")
		h.Len = rapid.Int64Range(0, chain.MaxPayload).Draw(t, "len")
		h.Seq = rapid.Int64Range(0, 1<<53-1).Draw(t, "seq")
		h.Schema = rapid.IntRange(1, 1<<31-1).Draw(t, "schema")
		h.Time = time.UnixMicro(rapid.Int64Range(-62_000_000_000_000_000, 253_000_000_000_000_000).Draw(t, "time")).UTC()
		h.Commit = chain.LeafHash([]byte(h.Actor))
		h.Prev = chain.LeafHash([]byte(h.Cause))
		if err := h.Check(); err != nil {
			t.Fatal(err)
		}
		encoded := h.Text()
		if bytes.Count(encoded, []byte("\n")) != 2 || len(encoded) > chain.MaxText {
			t.Fatalf("not two lines of at most %d bytes: %q", chain.MaxText, encoded)
		}
		got, err := chain.ParseText(encoded)
		if err != nil || got != h {
			t.Fatalf("got %+v, %v; want %+v", got, err, h)
		}
	})
}

// Each edit says the same to a lenient reader, or nearly so; none may be accepted.
func TestParseTextRefuses(t *testing.T) {
	h := validHeader()
	h.Subject = "a\"b\u0001é/"
	good := string(h.Text())
	if _, err := chain.ParseText([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for name, edit := range map[string][2]string{
		"other magic":        {"event@v1", "event@v2"},
		"space":              {`,"seq":42`, `, "seq":42`},
		"leading zero":       {`"seq":42`, `"seq":042`},
		"float":              {`"seq":42`, `"seq":42.0`},
		"plus sign":          {`"seq":42`, `"seq":+42`},
		"negative":           {`"seq":42`, `"seq":-42`},
		"over 2^53":          {`"seq":42`, `"seq":9007199254740992`},
		"swapped members":    {`"schema":1,"seq":42`, `"seq":42,"schema":1`},
		"missing member":     {`"cause":"cmd_1",`, ``},
		"unknown member":     {`,"type"`, `,"tyoe":"","type"`},
		"double member":      {`,"type"`, `,"type":"","type"`},
		"needless escape":    {`user_7`, `\u0075ser_7`},
		"escaped slash":      {`é/`, `é\/`},
		"escaped non-ASCII":  {`é`, `\u00e9`},
		"upper-case hex":     {`\u0001`, `\U0001`},
		"bad UTF-8":          {`é`, "\xc3"},
		"raw control":        {`user_7`, "user\t7"},
		"time without Z":     {`678901Z`, `678901`},
		"time with offset":   {`678901Z`, `678901+00:00`},
		"milliseconds":       {`.678901Z`, `.678Z`},
		"comma in time":      {`.678901Z`, `,678901Z`},
		"impossible day":     {`2026-01-02`, `2026-02-30`},
		"loose base64":       {`AAA="`, `AAB="`},
		"short hash":         {`AAAA="`, `AAA="`},
		"enc unknown":        {`"enc":"none"`, `"enc":"nope"`},
		"lower-case ULID":    {`01JD4Z`, `01jd4z`},
		"schema zero":        {`"schema":1`, `"schema":0`},
		"ledger with space":  {ledgerName, "ledger.example/ac me"},
		"ledger without org": {ledgerName, "acme"},
		"empty type":         {`customer.pushed`, ``},
		"trailing space":     {"}\n", "} \n"},
		"no last newline":    {"}\n", "}"},
		"third line":         {"}\n", "}\n\n"},
		"CRLF":               {"}\n", "}\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			bad := strings.Replace(good, edit[0], edit[1], 1)
			if bad == good {
				t.Fatalf("%q is not in %s", edit[0], good)
			}
			if got, err := chain.ParseText([]byte(bad)); err == nil {
				t.Fatalf("accepted %q as %+v", bad, got)
			}
		})
	}
}

func FuzzParseText(f *testing.F) {
	h := validHeader()
	f.Add(h.Text())
	h.Subject = "\"\\\b\f\n\r\t\u001f\u2028😂"
	f.Add(h.Text())
	f.Fuzz(func(t *testing.T, text []byte) {
		h, err := chain.ParseText(text)
		if err == nil && !bytes.Equal(h.Text(), text) {
			t.Fatalf("accepted a text that is not canonical: %q", text)
		}
	})
}

func BenchmarkHeader(b *testing.B) {
	h := validHeader()
	buf := make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		chain.LeafHash(h.AppendText(buf))
	}
}

func BenchmarkParseText(b *testing.B) {
	h := validHeader()
	text := h.Text()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := chain.ParseText(text); err != nil {
			b.Fatal(err)
		}
	}
}
