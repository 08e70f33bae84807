package eventstore_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"whocomply/domain"
	"whocomply/domain/access"
	"whocomply/domain/ledger"
	"whocomply/eventstore"
	"whocomply/eventstore/esdbtest"
)

// TestTwoNodesWriteOneLedger lets two processes' ledgers fight for one tenant on one server: whatever one of them
// acknowledges is in the one chain, once, at the place the receipt names.
func TestTwoNodesWriteOneLedger(t *testing.T) {
	server := esdbtest.Start(t)
	nodes := make([]*eventstore.Ledgers, 2)
	for i := range nodes {
		nodes[i] = openNode(t, openESDB(t, server.URL()))
	}
	if _, err := nodes[0].CreateTenant(t.Context(), "test", access.CreateTenant{Slug: "acme", Name: "Acme Bank"}); err != nil {
		t.Fatal(err)
	}
	execute(t, nodes[0], push("c-1"))
	const writers = 8
	var group sync.WaitGroup
	var refused atomic.Int64
	receipts := make([][]ledger.Receipt, len(nodes)*writers)
	end := time.Now().Add(3 * time.Second)
	for w := range receipts {
		group.Go(func() {
			for i := 0; time.Now().Before(end); i++ {
				id := fmt.Sprintf("e-%d-%d", w, i)
				outcome, err := nodes[w%len(nodes)].Execute(t.Context(), "acme", "test", payment(id, "c-1"))
				switch {
				case err == nil:
					receipts[w] = append(receipts[w], outcome.Receipt)
				case domain.CodeOf(err) == domain.Unavailable:
					refused.Add(1) // lost too many races
				default:
					t.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	acknowledged := 0
	seqs := make(map[int64]bool)
	for _, of := range receipts {
		for _, r := range of {
			acknowledged++
			if seqs[r.Seq] {
				t.Errorf("record %d was acknowledged twice", r.Seq)
			}
			seqs[r.Seq] = true
		}
	}
	report := audit(t, nodes[1], "acme")
	t.Logf("%d acknowledged, %d refused, ledger of %d events", acknowledged, refused.Load(), report.Size)
	ids := make(map[string]int)
	for e, err := range nodes[0].Envelopes(t.Context(), "acme", 0) {
		if err != nil {
			t.Fatal(err)
		}
		if bound, ok := e.Event.(domain.Idempotent); ok && bound.Idempotency().Key != "" {
			ids[bound.Idempotency().Key]++
		}
		delete(seqs, e.Seq)
	}
	for id, n := range ids {
		if n > 1 {
			t.Errorf("%s was recorded %d times", id, n)
		}
	}
	if acknowledged == 0 || len(seqs) > 0 {
		t.Errorf("%d acknowledged, %d of them lost", acknowledged, len(seqs))
	}
}
