package ledger_test

import (
	"strconv"
	"sync"
	"testing"

	"whocomply/domain"
	"whocomply/domain/ledger"
	"whocomply/domain/screening"
)

// TestConcurrently prepares on many goroutines while rules, lists and customers change, and wants
// each decision to rest on what was in force where it stands in the ledger.
func TestConcurrently(t *testing.T) {
	const callers, each = 8, 25
	system, d := newDesk(t, "system"), newDesk(t, "acme")
	_, published := system.must(t, publication("sdn", "Viktor Petrov"))
	sdn := d.adopt(system, *published.(*screening.Publication))
	d.must(t, push(person("c-1", "Ann Larsen")))
	already := len(d.stored)

	type appended struct {
		meta   domain.Meta
		events []domain.Envelope
	}
	var lock sync.RWMutex // guards the state, appends and metas
	var appends []appended
	carry := func(c ledger.Command) {
		lock.Lock()
		m := d.meta()
		lock.Unlock()
		err := ledger.Prepare(lock.RLocker(), d.state, m, c)
		lock.Lock()
		defer lock.Unlock()
		var events []domain.Envelope
		if err == nil {
			events, _, err = ledger.Decide(d.state, m, c)
		}
		if err != nil {
			t.Errorf("%T: %v", c, err)
		}
		appends = append(appends, appended{m, events})
	}
	var wg sync.WaitGroup
	for caller := range callers {
		wg.Go(func() {
			for i := range each {
				carry(payment(strconv.Itoa(caller*each+i), strconv.Itoa(i), "Viktor Petrov"))
			}
		})
	}
	wg.Go(func() {
		carry(sdn)
		for i := range each {
			carry(rule("transaction.amount > " + strconv.Itoa(i)))
			carry(entry("Viktor Petrov " + strconv.Itoa(i)))
			carry(patch(`{"phone":"` + strconv.Itoa(i) + `"}`))
		}
	})
	wg.Wait()

	again := newDesk(t, "acme")
	again.loaded, again.log, again.stored = d.loaded, d.log[:already:already], d.stored[:already:already]
	again.state = again.folded(t, again.stored)
	for _, a := range appends {
		if again.state.Lists() == nil {
			again.state = again.folded(t, again.stored) // what was adopted is not loaded by folding
		}
		rules, lists := again.state.Rules.RuleSet().Digest(), again.state.Lists().Versions()
		for i := range a.events {
			again.state.Evolve(&a.events[i])
		}
		again.append(t, a.meta, a.events)
		checkBasis(t, rules, lists, a.events)
		checkAnswer(t, a.events)
	}
	if want := d.state.Rules.RuleSet().Digest(); again.folded(t, again.stored).Rules.RuleSet().Digest() != want || len(appends) != callers*each+3*each+1 {
		t.Errorf("%d appends do not lead to the rules in force", len(appends))
	}
}
