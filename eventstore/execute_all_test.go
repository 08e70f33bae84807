package eventstore_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"whocomply/domain"
	"whocomply/domain/ledger"
	"whocomply/eventstore"
)

// TestExecuteAll carries out good, bad, repeated and contradicting commands in one go, in their order
// and in few appends.
func TestExecuteAll(t *testing.T) {
	store := newGated(eventstore.NewMemory(), "acme")
	l := openLedgers(t, store, t.TempDir())
	execute(t, l, push("c-1"))
	execute(t, l, push("c-2"))
	first := execute(t, l, payment("e-0", "c-1"))
	store.shut.Store(true)
	const size = 300
	cmds := make([]ledger.Command, size)
	for i := range cmds {
		cmds[i] = payment(fmt.Sprint("e-", i), "c-1")
	}
	cmds[7] = payment("e-7", "nobody")
	cmds[9] = payment("e-8", "c-1")
	cmds[10] = payment("e-8", "c-2")
	appends := make(chan int)
	go func() {
		n := 0
		for ; ; n++ {
			select {
			case <-store.waits:
				store.pass <- nil
			case appends <- n:
				return
			}
		}
	}()
	outcomes, errs := l.ExecuteAll(t.Context(), "acme", "test", cmds)
	if n := <-appends; n > 10 {
		t.Errorf("%d appends", n)
	}
	store.open()
	seq := first.Receipt.Seq
	for i, err := range errs {
		switch code := domain.CodeOf(err); i {
		case 0:
			if err != nil || !outcomes[i].Repeat || outcomes[i].Receipt != first.Receipt {
				t.Errorf("the repetition: %+v, %v", outcomes[i], err)
			}
		case 7:
			if code != domain.Invalid {
				t.Errorf("command %d: %v, want invalid", i, err)
			}
		case 10:
			if code != domain.Conflict {
				t.Errorf("command %d: %v, want a conflict", i, err)
			}
		case 9:
			if err != nil || !outcomes[i].Repeat || outcomes[i].Receipt != outcomes[8].Receipt {
				t.Errorf("the same twice: %+v and %+v, %v", outcomes[8], outcomes[i], err)
			}
		default:
			if err != nil || outcomes[i].Repeat || outcomes[i].Receipt.Seq <= seq {
				t.Errorf("command %d: %+v, %v; the one before has %d", i, outcomes[i], err, seq)
			}
			seq = outcomes[i].Receipt.Seq
		}
	}
	audit(t, l, "acme")
}

// TestExecuteAllAmongOthers has runs on two nodes at once, with more commands than a queue holds.
func TestExecuteAllAmongOthers(t *testing.T) {
	store := eventstore.NewMemory()
	nodes := []*eventstore.Ledgers{openLedgers(t, store, t.TempDir()), openLedgers(t, store, t.TempDir())}
	execute(t, nodes[0], push("c-1"))
	const size = 5000
	ended := make(chan int)
	for n, node := range nodes {
		go func() {
			cmds := make([]ledger.Command, size)
			for i := range cmds {
				cmds[i] = payment(fmt.Sprintf("%d/%d", n, i), "c-1")
			}
			done := 0
			for done < size { // a node that loses too often is told to come back
				_, errs := node.ExecuteAll(t.Context(), "acme", "test", cmds[done:])
				for done < size && len(errs) > 0 && errs[0] == nil {
					done, errs = done+1, errs[1:]
				}
				if len(errs) > 0 && domain.CodeOf(errs[0]) != domain.Unavailable {
					t.Error(errs[0])
					break
				}
			}
			ended <- done
		}()
	}
	if a, b := <-ended, <-ended; a != size || b != size {
		t.Fatalf("%d and %d done", a, b)
	}
	if got := recorded(t, nodes[0], "acme"); len(got) != 2*size {
		t.Errorf("%d events, want %d", len(got), 2*size)
	}
	audit(t, nodes[0], "acme")
}

func TestExecuteAllStopsWaiting(t *testing.T) {
	store := newGated(eventstore.NewMemory(), "acme")
	l := openLedgers(t, store, t.TempDir())
	execute(t, l, push("c-1"))
	store.shut.Store(true)
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer stop()
	_, errs := l.ExecuteAll(ctx, "acme", "test", []ledger.Command{payment("e-1", "c-1")})
	if !errors.Is(errs[0], context.DeadlineExceeded) {
		t.Errorf("error %v", errs[0])
	}
	store.open()
	if _, errs := l.ExecuteAll(t.Context(), "nobody", "test", []ledger.Command{payment("e-1", "c-1")}); domain.CodeOf(errs[0]) != domain.Unknown {
		t.Errorf("no such ledger: %v", errs[0])
	}
}
