package projections_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"whocomply/domain"
	"whocomply/domain/activity"
	"whocomply/domain/posting"
	"whocomply/projections"
)

// TestTrails lets events of few customers, rules and accounts in by batches of all sizes, so that their
// keys stand in runs of all lengths and among the recent ones, and compares what each filter finds, page by
// page, with a reading of all events.
func TestTrails(t *testing.T) {
	source, random := newMemory(), rand.New(rand.NewPCG(5, 7))
	for _, ledger := range []string{"acme", "rival"} {
		for i := range 3 {
			id := fmt.Sprint(i)
			source.add(ledger, pushed(id, 1, ""), opened("free-"+id, ""), opened("owned-"+id, "cus_"+id))
		}
		for i := range 6000 {
			source.add(ledger, drawn(random, i))
		}
	}
	path := newDatabase(t)
	m := open(t, path, source)
	for _, ledger := range []string{"acme", "rival"} {
		m.reach(t, ledger, source.show(ledger, 700))
	}
	for i, size := range []int{1, 1, 300, 3, 40, 500, 1, 1200, 7, 90} {
		for range 15 {
			end := source.show("acme", 1+random.IntN(size))
			m.Wake("acme")
			compareEvents(t, m, source, "rival", random) // while keys move, its own too
			m.reach(t, "acme", end)
		}
		m.reach(t, "rival", source.show("rival", size))
		if i == 5 {
			m.stop()
			m = open(t, path, source)
		}
		for range 12 {
			compareEvents(t, m, source, "acme", random)
			comparePostings(t, m, source, "acme", random)
			comparePostings(t, m, source, "rival", random)
		}
	}
}

// drawn gives an activity event, a rating or a posting.
func drawn(random *rand.Rand, i int) domain.Event {
	who, name := fmt.Sprint(random.IntN(3)), fmt.Sprint("n-", i)
	switch random.IntN(5) {
	case 0:
		return rated(who, i%100, "low")
	case 1:
		a, b := []string{"free-", "owned-"}[random.IntN(2)]+who, "free-"+fmt.Sprint((random.IntN(2)+int(who[0]-'0')+1)%3)
		return posted(name, "posted", balance(a, "1.00", "0.00", "0.00", "0.00"), balance(b, "0.00", "1.00", "0.00", "0.00"))
	}
	e := recorded(who, name, []string{"login", "login", "login", "transfer"}[random.IntN(4)])
	e.Late, e.OutOfOrder = random.IntN(3) == 0, random.IntN(3) == 0
	for rule := range 2 {
		if random.IntN(2+20*rule) == 0 {
			e.Decision.Monitoring.Fired = append(e.Decision.Monitoring.Fired, domain.RuleFired{RuleID: fmt.Sprint("rul_", rule)})
		}
	}
	return e
}

// pageOf cuts a page of all that is to be found, newest first.
func pageOf(all []int64, p projections.Page) []int64 {
	return all[min(p.Offset, len(all)):min(p.Offset+p.Limit, len(all))]
}

// shownOf lists the positions of the events of a ledger that were let out and are wanted, newest first.
func shownOf(source *memory, ledger string, wanted func(domain.Event) bool) (seqs []int64) {
	for _, e := range slices.Backward(source.ledgers[ledger][:source.shown[ledger]]) {
		if wanted(e.Event) {
			seqs = append(seqs, e.Seq)
		}
	}
	return seqs
}

func compareEvents(t *testing.T, m *models, source *memory, ledger string, random *rand.Rand) {
	t.Helper()
	pick := func(of ...string) string { return of[random.IntN(len(of))] }
	p := projections.Page{Offset: random.IntN(300) * random.IntN(8), Limit: 1 + random.IntN(700)}
	f := projections.EventFilter{
		CustomerID: pick("", "", "ext-1", "cus_2"), EventType: pick("", "", "login", "transfer"), RuleID: pick("", "", "rul_0", "rul_1"),
		Late: pick("", "", "true", "false"), OutOfOrder: pick("", "", "true", "false"),
	}
	all := shownOf(source, ledger, func(event domain.Event) bool {
		e, ok := event.(activity.Recorded)
		return ok && (f.CustomerID == "" || f.CustomerID[len("cus_"):] == e.CustomerID[len("cus_"):]) && (f.EventType == "" || f.EventType == e.EventType) &&
			(f.Late == "" || f.Late == fmt.Sprint(e.Late)) && (f.OutOfOrder == "" || f.OutOfOrder == fmt.Sprint(e.OutOfOrder)) &&
			(f.RuleID == "" || slices.ContainsFunc(e.Decision.Monitoring.Fired, func(r domain.RuleFired) bool { return r.RuleID == f.RuleID }))
	})
	found, total, err := m.Events(t.Context(), ledger, f, p)
	if err != nil || total != int64(len(all)) || !slices.Equal(found, pageOf(all, p)) {
		t.Errorf("%s %+v %+v: %d of %d, want %d of %d, %v", ledger, f, p, len(found), total, len(pageOf(all, p)), len(all), err)
	}
	about := shownOf(source, ledger, func(event domain.Event) bool {
		s, ok := event.(domain.Subject)
		e, recorded := event.(activity.Recorded)
		return ok && s.Subject() == "cus_1" || recorded && e.CustomerID == "cus_1"
	})
	seqs, total, err := m.Timeline(t.Context(), ledger, "cus_1", p)
	if err != nil || total != int64(len(about)) || !slices.Equal(seqs, pageOf(about, p)) {
		t.Errorf("%s timeline %+v: %d of %d, want %d of %d, %v", ledger, p, len(seqs), total, len(pageOf(about, p)), len(about), err)
	}
	others := slices.DeleteFunc(about, func(seq int64) bool {
		_, recorded := source.ledgers[ledger][seq].Event.(activity.Recorded)
		return recorded
	})
	upTo := []int64{math.MaxInt64, int64(random.IntN(6000))}[random.IntN(2)]
	others = slices.DeleteFunc(others, func(seq int64) bool { return seq > upTo })
	slices.Reverse(others)
	if seqs, err = m.CustomerSeqs(t.Context(), ledger, "cus_1", upTo); err != nil || !slices.Equal(seqs, others) {
		t.Errorf("%s positions up to %d: %d, want %d, %v", ledger, upTo, len(seqs), len(others), err)
	}
}

func comparePostings(t *testing.T, m *models, source *memory, ledger string, random *rand.Rand) {
	t.Helper()
	pick := func(of ...string) string { return of[random.IntN(len(of))] }
	p := projections.Page{Offset: random.IntN(300), Limit: 1 + random.IntN(700)}
	f := projections.PostingFilter{Account: pick("", "free-1", "owned-1"), CustomerID: pick("", "ext-1", "cus_2"), Status: pick("", "posted", "pending")}
	since, until := random.IntN(7000), random.IntN(7000)
	if random.IntN(2) == 0 {
		f.RecordedSince = epoch.Add(time.Duration(since) * time.Millisecond)
	}
	if random.IntN(2) == 0 {
		f.RecordedUntil = epoch.Add(time.Duration(until) * time.Millisecond)
	}
	moves := func(event domain.Event, account string) bool {
		e, ok := event.(posting.Recorded)
		return ok && slices.ContainsFunc(e.After, func(b posting.Balance) bool { return b.Account == account })
	}
	all := shownOf(source, ledger, func(event domain.Event) bool {
		_, ok := event.(posting.Recorded)
		return ok && f.Status != "pending" && (f.Account == "" || moves(event, f.Account)) &&
			(f.CustomerID == "" || moves(event, "owned-"+f.CustomerID[len("cus_"):]))
	})
	all = slices.DeleteFunc(all, func(seq int64) bool { // an event was recorded as many milliseconds after the epoch as its position says
		return !f.RecordedSince.IsZero() && seq < int64(since) || !f.RecordedUntil.IsZero() && seq >= int64(until)
	})
	found, total, err := m.Postings(t.Context(), ledger, f, p)
	var seqs []int64
	for i := range found {
		seqs = append(seqs, found[i].CreatedSeq)
	}
	if err != nil || total != int64(len(all)) || !slices.Equal(seqs, pageOf(all, p)) {
		t.Errorf("%s %+v %+v: %d of %d, want %d of %d, %v", ledger, f, p, len(seqs), total, len(pageOf(all, p)), len(all), err)
	}
	upTo, last := int64(random.IntN(6000)), int64(-1)
	for _, seq := range shownOf(source, ledger, func(event domain.Event) bool { return moves(event, "free-2") }) {
		if seq <= upTo {
			last = max(last, seq)
		}
	}
	if seq, err := m.LastMove(t.Context(), ledger, "free-2", upTo); err != nil || seq != last {
		t.Errorf("%s last move up to %d: %d, want %d, %v", ledger, upTo, seq, last, err)
	}
}
