package projections_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	osexec "os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"whocomply/domain"
	"whocomply/domain/casework"
	"whocomply/domain/customer"
	"whocomply/domain/monitoring"
	"whocomply/domain/posting"
	"whocomply/domain/screening"
	"whocomply/domain/webhook"
	"whocomply/projections"
	"whocomply/projections/projectionstest"
)

// history writes random events of a ledger in the way its deciders would: what
// they name exists.
type history struct {
	customers, accounts, events, alerts, rules, entries int
	versions                                            map[int]int
	postings                                            int
	pending                                             []int
	owners                                              []string     // of alerts
	closed                                              map[int]bool // alerts
	hooks                                               map[int]bool // webhooks
	gone                                                [3]int       // webhooks, by place
	reported                                            int
	batches, batchDone                                  int
	ended                                               map[int]bool // customers
}

func newHistory() *history {
	return &history{versions: map[int]int{}, closed: map[int]bool{}, hooks: map[int]bool{}, ended: map[int]bool{}}
}

// next gives one or more events. pick gives a number below n.
func (h *history) next(pick func(n int) int) []domain.Event {
	if h.customers == 0 {
		return h.push(0, "pending")
	}
	who := pick(h.customers)
	id := strconv.Itoa(who)
	kinds := []func() []domain.Event{
		func() []domain.Event { return h.push(h.customers, []string{"", "pending", "verified"}[pick(3)]) },
		func() []domain.Event { return h.push(who, []string{"", "pending", "verified"}[pick(3)]) },
		func() []domain.Event { return []domain.Event{screened(id)} },
		func() []domain.Event { return []domain.Event{rated(id, pick(100), []string{"low", "high"}[pick(2)])} },
		func() []domain.Event {
			h.events++
			list := []domain.Event{recorded(id, fmt.Sprint("evt-", h.events), []string{"login", "transaction.created"}[pick(2)])}
			if pick(3) == 0 {
				h.owners = append(h.owners, id)
				h.alerts++
				list = append(list, raised(id, strconv.Itoa(h.alerts), []domain.Severity{domain.Low, domain.High}[pick(2)]), rated(id, pick(100), "medium"))
			}
			return list
		},
		func() []domain.Event {
			h.accounts++
			return []domain.Event{opened(strconv.Itoa(h.accounts), []string{"", "cus_" + id}[pick(2)])}
		},
		func() []domain.Event { return h.post(pick) },
		func() []domain.Event { return h.settle(pick) },
		func() []domain.Event { return h.configure(pick) },
		func() []domain.Event { return h.work(pick) },
		func() []domain.Event { return h.subscribe(pick) },
		func() []domain.Event { return h.batch(pick) },
		func() []domain.Event {
			h.ended[who] = !h.ended[who]
			if h.ended[who] {
				return []domain.Event{customer.Closed{CustomerID: "cus_" + id, Reason: "moved"}}
			}
			return []domain.Event{customer.Reopened{CustomerID: "cus_" + id, Reason: "came back"}}
		},
	}
	return kinds[pick(len(kinds))]()
}

// subscribe writes events about one of three webhooks.
func (h *history) subscribe(pick func(int) int) []domain.Event {
	at := pick(3)
	id := fmt.Sprintf("w-%d-%d", at, h.gone[at]) // the id of one that is gone never comes again
	if !h.hooks[at] {
		h.hooks[at] = true
		events := [][]string{{"*"}, {"alert.*"}, {"customer.*", "posting.*"}}[at]
		return []domain.Event{webhook.Created{Webhook: webhook.Subscription{ID: id, Events: events, Filter: []string{"", "event.type != 'posting.posted'"}[pick(2)]}}}
	}
	switch pick(6) {
	case 0:
		delete(h.hooks, at)
		h.gone[at]++
		return []domain.Event{webhook.Deleted{WebhookID: id}}
	case 1:
		return []domain.Event{webhook.Disabled{WebhookID: id, Reason: webhook.Failing}, webhook.Enabled{WebhookID: id, Held: []string{webhook.SkipHeld, webhook.DeliverHeld}[pick(2)]}}
	case 2:
		return []domain.Event{webhook.ReplayRequested{WebhookID: id, Sequences: []webhook.Span{{First: 1, Last: int64(pick(9))}}}}
	case 3:
		return []domain.Event{webhook.Backfilled{WebhookID: id, Events: []webhook.Past{{Seq: 1, Type: "customer.created", EventID: "e", RecordedAt: epoch}}}}
	case 4:
		h.reported++
		span := webhook.Span{First: int64(h.reported), Last: int64(h.reported)}
		return []domain.Event{webhook.DeliveriesReported{Reports: []webhook.Report{{WebhookID: id, Outcomes: []webhook.Outcome{{Span: span, Outcome: "delivered"}}}}}}
	}
	return []domain.Event{webhook.Changed{Webhook: webhook.Subscription{ID: id, Events: []string{"*"}}, Version: 2}}
}

// work takes a step with an alert.
func (h *history) work(pick func(int) int) []domain.Event {
	if h.alerts == 0 {
		return nil
	}
	at := pick(h.alerts)
	step := func(status string) casework.Step {
		return casework.Step{AlertID: fmt.Sprint("alr_", at+1), CustomerID: "cus_" + h.owners[at], Status: status, Reason: "seen"}
	}
	if h.closed[at] {
		h.closed[at] = false
		return []domain.Event{casework.Reopened{Step: step("open")}}
	}
	switch pick(5) {
	case 0:
		return []domain.Event{casework.Assigned{Step: step("in_review"), Assignee: []string{"ann", "bob"}[pick(2)]}}
	case 1:
		return []domain.Event{casework.Noted{Step: step("open"), Text: "asked"}}
	case 2:
		return []domain.Event{casework.Escalated{Step: step("escalated")}}
	}
	h.closed[at] = true
	if pick(2) == 0 {
		return []domain.Event{casework.Resolved{Step: step("resolved"), Outcome: "handled"}}
	}
	return []domain.Event{casework.Dismissed{Step: step("dismissed"), Outcome: "false_positive"}}
}

func (h *history) push(who int, kyc string) []domain.Event {
	h.customers = max(h.customers, who+1)
	h.versions[who]++
	return []domain.Event{pushed(strconv.Itoa(who), h.versions[who], kyc)}
}

func (h *history) balances(pick func(int) int) []posting.Balance {
	a := pick(h.accounts - 1)
	sum := fmt.Sprintf("%d.00", pick(1000))
	return []posting.Balance{balance(strconv.Itoa(a+1), sum, "0.00", "0.00", sum), balance(strconv.Itoa(a+2), "0.00", sum, sum, "0.00")}
}

func (h *history) post(pick func(int) int) []domain.Event {
	if h.accounts < 2 {
		return nil
	}
	h.postings++
	status := []string{posting.Posted, posting.Pending}[pick(2)]
	if status == posting.Pending {
		h.pending = append(h.pending, h.postings)
	}
	return []domain.Event{posted(strconv.Itoa(h.postings), status, h.balances(pick)...)}
}

func (h *history) settle(pick func(int) int) []domain.Event {
	if len(h.pending) == 0 {
		return nil
	}
	id := strconv.Itoa(h.pending[0])
	h.pending = h.pending[1:]
	status := []string{posting.Posted, posting.Voided}[pick(2)]
	return []domain.Event{posting.Settled{Ref: "pst_" + id, ID: id, Status: status, After: h.balances(pick)}}
}

func (h *history) configure(pick func(int) int) []domain.Event {
	switch pick(5) {
	case 0:
		h.rules++
		return []domain.Event{rule(strconv.Itoa(h.rules), 1)}
	case 1:
		if h.rules > 0 {
			h.rules--
			return []domain.Event{rule(strconv.Itoa(h.rules+1), 2), monitoring.Deleted{RuleID: fmt.Sprint("rul_", h.rules+1)}}
		}
	case 2:
		h.entries++
		return []domain.Event{entry(strconv.Itoa(h.entries), []string{"fraud", "staff"}[pick(2)])}
	case 3:
		if h.entries > 0 {
			h.entries--
			return []domain.Event{screening.EntryRemoved{EntryID: fmt.Sprint("wle_", h.entries+1)}}
		}
	}
	return []domain.Event{adopted([]string{"un", "ofac-sdn"}[pick(2)], pick(9))}
}

// TestLiveEqualsRebuilt lets random events of two tenants in by random pieces, with restarts between
// them, and compares all rows with those of one rebuild.
func TestLiveEqualsRebuilt(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		source := newMemory()
		pick := func(n int) int { return rapid.IntRange(0, n-1).Draw(r, "pick") }
		for _, ledger := range []string{"acme", "rival"} {
			h := newHistory()
			for range rapid.IntRange(1, 60).Draw(r, "events") {
				source.add(ledger, h.next(pick)...)
			}
		}
		path := newDatabase(t)
		m := open(t, path, source)
		for len(source.ledgers["acme"]) > int(source.shown["acme"]) || len(source.ledgers["rival"]) > int(source.shown["rival"]) {
			ledger := rapid.SampledFrom([]string{"acme", "rival"}).Draw(r, "ledger")
			end := source.show(ledger, rapid.IntRange(1, 40).Draw(r, "piece"))
			switch rapid.IntRange(0, 15).Draw(r, "then") {
			case 0:
				m.stop()
				m = open(t, path, source)
			case 1, 2:
				m.Wake(ledger)
			default:
				m.reach(t, ledger, end)
			}
		}
		m.reach(t, "acme", source.shown["acme"]-1)
		m.reach(t, "rival", source.shown["rival"]-1)
		live := m.dump(t)
		of := rapid.SampledFrom([][]projections.Model{everyModel, {projections.Accounts, projections.Events}}).Draw(r, "rebuilt")
		if err := m.Rebuild(t.Context(), nil, of...); err != nil {
			r.Fatal(err)
		}
		if rebuilt := m.dump(t); rebuilt != live {
			r.Fatalf("live\n%s\n%v rebuilt\n%s", live, of, rebuilt)
		}
		m.stop()
	})
}

// crashHistory is the same in the process that crashes and in the one that looks.
func crashHistory() *memory {
	source := newMemory()
	h, state := newHistory(), uint64(7)
	pick := func(n int) int {
		state = state*6364136223846793005 + 1442695040888963407
		return int(state>>33) % n
	}
	for len(source.ledgers["acme"]) < 60_000 {
		source.add("acme", h.next(pick)...)
	}
	return source
}

// TestCrash kills a process at work on a database and compares what is there with what a fresh
// database has at the same position.
func TestCrash(t *testing.T) {
	if path := os.Getenv("PROJECTIONS_CRASH"); path != "" {
		crash(t, path)
	}
	source := crashHistory()
	path := newDatabase(t)
	last := int64(-1)
	for run := 0; run < 4 || last < 0 && run < 40; run++ { // a busy machine may kill a few before they begin
		killAfter(t, path, time.Duration(40+60*run)*time.Millisecond)
		db, err := projections.Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		at := db.Position("acme")
		for _, s := range db.Status() {
			if s.Position != at {
				t.Errorf("%s is at %d, others at %d", s.Model, s.Position, at)
			}
		}
		crashed := (&models{DB: db}).dump(t)
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if at < last {
			t.Errorf("position went back from %d to %d", last, at)
		}
		last = at
		source.shown["acme"] = at + 1
		fresh := openNew(t, source)
		if at >= 0 {
			fresh.reach(t, "acme", at)
		}
		if fresh.dump(t) != crashed {
			t.Errorf("rows after a crash at %d differ from those of a fresh database", at)
		}
		fresh.stop()
	}
	if last < 0 {
		t.Error("every process was killed before it had done anything")
	}
}

// crash applies events until it is killed.
func crash(t *testing.T, path string) {
	source := crashHistory()
	source.show("acme", 60_000)
	db, err := projections.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("at work")
	err = projections.NewRunner(db, source, slog.New(slog.DiscardHandler)).Run(context.Background())
	t.Fatal("not killed", err)
}

func killAfter(t *testing.T, path string, d time.Duration) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := osexec.Command(self, "-test.run=^TestCrash$", "-test.v")
	child.Env = append(os.Environ(), "PROJECTIONS_CRASH="+path)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	buffer := make([]byte, 1024)
	for !strings.Contains(said.String(), "at work") {
		n, err := out.Read(buffer)
		said.Write(buffer[:n])
		if err != nil {
			t.Fatalf("the child ended: %v\n%s", err, said.String())
		}
	}
	time.Sleep(d)
	if err := errors.Join(child.Process.Kill()); err != nil {
		t.Fatal(err)
	}
	if err := child.Wait(); err == nil {
		t.Error("the child was not killed")
	}
	if strings.Contains(path, "://") {
		projectionstest.Settle(t, path)
	}
}
