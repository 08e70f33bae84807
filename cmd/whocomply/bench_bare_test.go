package main

import (
	"iter"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain/chain"
	"whocomply/eventstore"
)

// TestBareLedger shows that the server the product is compared with keeps its promise: an auditor finds every event
// that was acknowledged, linked and signed.
func TestBareLedger(t *testing.T) {
	store, writer := openBare(t)
	server := httptest.NewServer(bareHandler(writer))
	events := inventTemplates(t, 50)
	serial := uint64(0)
	requests := make([][]byte, 500)
	for i := range requests {
		serial++
		requests[i] = events[i%len(events)].appendTo(nil, serial)
	}
	sent, err := fill(t.Context(), load{addr: server.Listener.Addr().String(), clients: 16, next: each(requests)})
	if err != nil {
		t.Fatal(err)
	}
	server.Close()
	report, err := chain.Auditor{Ledger: bareLedger}.Audit(t.Context(), recordsOf(store.Read(t.Context(), bareLedger, 0)))
	if err != nil {
		t.Fatal(err)
	}
	if report.Verdict != chain.Intact || report.Size != int64(sent.answers)+1 {
		t.Errorf("%v, %d events for %d answers: %s %s", report.Verdict, report.Size, sent.answers, report.Reason, report.Detail)
	}
	if writer.events.Load() != report.Size || writer.batches.Load() > report.Size {
		t.Errorf("%d events in %d batches", writer.events.Load(), writer.batches.Load())
	}
}

func openBare(t *testing.T) (*eventstore.Bolt, *bareWriter) {
	t.Helper()
	store, err := eventstore.OpenBolt(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	writer, err := newBareWriter(store)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		writer.close()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store, writer
}

func recordsOf(stored iter.Seq2[eventstore.Stored, error]) iter.Seq2[chain.Record, error] {
	return func(yield func(chain.Record, error) bool) {
		for s, err := range stored {
			if !yield(s.Clone(), err) {
				return
			}
		}
	}
}

// TestBareRefuses checks that the bare server reads as strictly as the product.
func TestBareRefuses(t *testing.T) {
	_, writer := openBare(t)
	for _, tc := range []struct {
		name, body string
		want       int
	}{
		{"an event", `{"tenant_id":"t","data":{"transaction":{"amount":"1.00"}}}`, 201},
		{"no JSON", `{`, 400},
		{"unknown member", `{"tenant":"t"}`, 400},
		{"repeated member", `{"tenant_id":"t","tenant_id":"u"}`, 400},
		{"number for an amount", `{"data":{"transaction":{"amount":1.00}}}`, 400},
		{"too long", `{"tenant_id":"` + strings.Repeat("t", maxBareBody) + `"}`, 413},
	} {
		t.Run(tc.name, func(t *testing.T) {
			answer := httptest.NewRecorder()
			bareHandler(writer).ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), "POST", barePostPath, strings.NewReader(tc.body)))
			if answer.Code != tc.want {
				t.Errorf("answered %d %s, want %d", answer.Code, answer.Body, tc.want)
			}
		})
	}
	if !jsontext.Value(bareView).IsValid() || len(bareView) < 550 || len(bareView) > 700 {
		t.Errorf("the fixed answer has %d bytes", len(bareView))
	}
}
