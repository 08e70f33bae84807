package projections_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"whocomply/domain"
	"whocomply/domain/monitoring"
	"whocomply/domain/posting"
	"whocomply/domain/screening"
	"whocomply/projections"
)

// must gives a value or ends the test.
func must[T any](t testing.TB) func(T, error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func wantUnknown(t *testing.T, what string, err error) {
	t.Helper()
	if domain.CodeOf(err) != domain.Unknown {
		t.Errorf("%s: error %v, want not_found", what, err)
	}
}

func TestCustomer(t *testing.T) {
	source := newMemory()
	m := openNew(t, source)
	m.reach(t, "acme", source.put("acme", pushed("1", 1, "pending"), screened("1"), rated("1", 40, "medium")))
	m.reach(t, "acme", source.put("acme", raised("1", "a", domain.High), rated("1", 70, "high"), raised("1", "b", domain.Low),
		pushed("1", 2, "verified"), pushed("2", 1, "")))
	for _, id := range []string{"cus_1", "ext-1"} {
		c := must[projections.Customer](t)(m.Customer(t.Context(), "acme", id))
		want := projections.Customer{
			ID: "cus_1", Profile: pushed("1", 2, "verified").Profile, Version: 2, Status: "active",
			CreatedAt: epoch, UpdatedAt: epoch.Add(6e6), Risk: projections.Risk{RiskMark: domain.RiskMark{Score: 70, Rating: "high"}, EDDRequired: true},
			Screening:  projections.Screening{ScreenedAt: epoch.Add(1e6), Screened: screened("1").Screened},
			OpenAlerts: []string{"alr_b", "alr_a"}, Seq: 6,
		}
		if !reflect.DeepEqual(c, want) {
			t.Errorf("customer %s\n%+v, want\n%+v", id, c, want)
		}
	}
	c := must[projections.Customer](t)(m.Customer(t.Context(), "acme", "cus_2"))
	if c.KYC == nil || c.KYC.Status != "not_started" || c.Risk.Rating != "" || len(c.OpenAlerts) != 0 {
		t.Errorf("a customer of whom nothing is known: %+v", c)
	}
	_, err := m.Customer(t.Context(), "acme", "cus_3")
	wantUnknown(t, "cus_3", err)
}

func TestCustomersAreFilteredAndPaged(t *testing.T) {
	source := newMemory()
	m := openNew(t, source)
	for i := range 25 {
		id := fmt.Sprintf("%02d", 99-i) // ids fall while seqs rise
		source.add("acme", pushed(id, 1, []string{"verified", "pending"}[i%2]), rated(id, i, []string{"low", "medium", "high"}[i%3]))
	}
	m.reach(t, "acme", source.show("acme", 50))
	for _, tc := range []struct {
		name   string
		filter projections.CustomerFilter
		page   projections.Page
		total  int64
		first  string
		n      int
	}{
		{"first page", projections.CustomerFilter{}, projections.Page{Limit: 20}, 25, "cus_99", 20},
		{"last page", projections.CustomerFilter{}, projections.Page{Limit: 20, Offset: 20}, 25, "cus_79", 5},
		{"beyond", projections.CustomerFilter{}, projections.Page{Limit: 20, Offset: 25}, 25, "", 0},
		{"rating", projections.CustomerFilter{Rating: "high"}, projections.Page{Limit: 20}, 8, "cus_97", 8},
		{"rating, offset", projections.CustomerFilter{Rating: "high"}, projections.Page{Limit: 2, Offset: 1}, 8, "cus_94", 2},
		{"both", projections.CustomerFilter{Rating: "low", KYCStatus: "pending"}, projections.Page{Limit: 20}, 4, "cus_96", 4},
		{"external_id", projections.CustomerFilter{Prefix: "ext-9"}, projections.Page{Limit: 20}, 10, "cus_99", 10},
		{"name", projections.CustomerFilter{Prefix: "ANN l", Rating: "high"}, projections.Page{Limit: 20}, 8, "cus_97", 8},
		{"neither", projections.CustomerFilter{Prefix: "larsen"}, projections.Page{Limit: 20}, 0, "", 0},
		{"updated", projections.CustomerFilter{UpdatedSince: epoch.Add(48e6)}, projections.Page{Limit: 20}, 1, "cus_75", 1},
		{"worst first", projections.CustomerFilter{Sort: "-composite_score"}, projections.Page{Limit: 2}, 25, "cus_75", 2},
		{"closed", projections.CustomerFilter{Status: "closed"}, projections.Page{Limit: 2}, 0, "", 0},
		{"business", projections.CustomerFilter{Type: "business"}, projections.Page{Limit: 2}, 0, "", 0},
		{"none", projections.CustomerFilter{Rating: "prohibited"}, projections.Page{Limit: 20}, 0, "", 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			list, total, err := m.Customers(t.Context(), "acme", tc.filter, tc.page)
			if err != nil || total != tc.total || list == nil || len(list) != tc.n || tc.n > 0 && list[0].ID != tc.first {
				t.Errorf("%d of %d, %v, %v", len(list), total, list, err)
			}
		})
	}
}

func TestRiskView(t *testing.T) {
	source := newMemory()
	m := openNew(t, source)
	asOf := func(seq int64) projections.AsOf {
		hash := sha256.Sum256(fmt.Append(nil, "acme", seq))
		return projections.AsOf{Seq: seq, Hash: base64.StdEncoding.EncodeToString(hash[:]), RecordedAt: source.ledgers["acme"][seq].Time}
	}
	for _, step := range []struct {
		name   string
		event  domain.Event
		seq    int64
		rating string
		kyc    string
		alerts int
	}{
		{"pushed", pushed("1", 1, ""), 0, "", "not_started", 0},
		{"rated", rated("1", 70, "high"), 1, "high", "not_started", 0},
		{"event", recorded("1", "evt-1", "login"), 1, "high", "not_started", 0},
		{"alert", raised("1", "a", domain.High), 3, "high", "not_started", 1},
		{"pushed, same KYC", pushed("1", 2, "not_started"), 3, "high", "not_started", 1},
		{"pushed, other KYC", pushed("1", 3, "verified"), 5, "high", "verified", 1},
		{"another alert", raised("1", "b", domain.Low), 6, "high", "verified", 2},
		{"rated again", rated("1", 10, "low"), 7, "low", "verified", 2},
	} {
		m.reach(t, "acme", source.put("acme", step.event))
		for _, id := range []string{"cus_1", "ext-1", "cus_1"} {
			text, position, err := m.RiskView(t.Context(), "acme", id)
			if err != nil {
				t.Fatal(err)
			}
			var view projections.RiskView
			if err := json.Unmarshal(text, &view, json.RejectUnknownMembers(true)); err != nil {
				t.Fatal(err)
			}
			if view.CustomerID != "cus_1" || view.ExternalID != "ext-1" || view.Rating.Rating != step.rating || view.KYCStatus != step.kyc ||
				view.OpenAlerts != step.alerts || view.AsOf != asOf(step.seq) || position != int64(len(source.ledgers["acme"])-1) {
				t.Errorf("%s: %s at %d", step.name, text, position)
			}
		}
	}
	_, _, err := m.RiskView(t.Context(), "acme", "ext-2")
	wantUnknown(t, "ext-2", err)
}

func TestAlerts(t *testing.T) {
	source := newMemory()
	m := openNew(t, source)
	source.add("acme", pushed("1", 1, ""), pushed("2", 1, ""))
	for i := range 9 {
		source.add("acme", raised(fmt.Sprint(1+i%2), fmt.Sprint(i), []domain.Severity{domain.Low, domain.High, domain.High}[i%3]))
	}
	m.reach(t, "acme", source.show("acme", 11))
	a := must[projections.Alert](t)(m.Alert(t.Context(), "acme", "alr_4"))
	want := projections.Alert{
		Alert: raised("1", "4", domain.High).Alert, Status: "open", CreatedAt: epoch.Add(6e6), CreatedSeq: 6, UpdatedAt: epoch.Add(6e6),
		History: []projections.AlertStep{}, Seq: 6,
	}
	if !reflect.DeepEqual(a, want) {
		t.Errorf("alert %+v, want %+v", a, want)
	}
	_, err := m.Alert(t.Context(), "acme", "alr_9")
	wantUnknown(t, "alr_9", err)
	for _, tc := range []struct {
		name   string
		filter projections.AlertFilter
		total  int64
		first  string
	}{
		{"all", projections.AlertFilter{}, 9, "alr_8"},
		{"open", projections.AlertFilter{Status: "open"}, 9, "alr_8"},
		{"resolved", projections.AlertFilter{Status: "resolved"}, 0, ""},
		{"severity", projections.AlertFilter{Severity: domain.Low}, 3, "alr_6"},
		{"kind", projections.AlertFilter{Kind: "pep"}, 0, ""},
		{"since", projections.AlertFilter{CreatedSince: epoch.Add(6e6)}, 5, "alr_8"},
		{"until", projections.AlertFilter{CreatedUntil: epoch.Add(6e6)}, 4, "alr_3"},
		{"oldest first", projections.AlertFilter{Sort: "created_at"}, 9, "alr_0"},
		{"worst first", projections.AlertFilter{Sort: "-severity"}, 9, "alr_8"},
		{"least first", projections.AlertFilter{Sort: "severity"}, 9, "alr_6"},
		{"customer", projections.AlertFilter{CustomerID: "cus_2"}, 4, "alr_7"},
		{"customer by external_id", projections.AlertFilter{CustomerID: "ext-2", Severity: domain.High, Status: "open"}, 3, "alr_7"},
		{"no such customer", projections.AlertFilter{CustomerID: "ext-3"}, 0, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			list, total, err := m.Alerts(t.Context(), "acme", tc.filter, projections.Page{Limit: 2})
			if err != nil || total != tc.total || len(list) != int(min(2, total)) || total > 0 && list[0].ID != tc.first {
				t.Errorf("%d, %+v, %v", total, list, err)
			}
		})
	}
}

func TestAccountsAndPostings(t *testing.T) {
	source := newMemory()
	m := openNew(t, source)
	m.reach(t, "acme", source.put("acme", pushed("1", 1, ""), opened("cash", ""), opened("ann", "cus_1"),
		posted("p1", "posted", balance("cash", "100.00", "0.00", "0.00", "0.00"), balance("ann", "0.00", "100.00", "0.00", "0.00")),
		posted("p2", "pending", balance("ann", "0.00", "100.00", "5.00", "0.00"), balance("cash", "100.00", "0.00", "0.00", "5.00")),
		posted("p3", "pending", balance("ann", "0.00", "100.00", "10.00", "0.00"), balance("cash", "100.00", "0.00", "0.00", "10.00"))))
	m.reach(t, "acme", source.put("acme",
		posting.Settled{Ref: "pst_p2", ID: "p2", Status: "voided", After: []posting.Balance{balance("ann", "0.00", "100.00", "5.00", "0.00"), balance("cash", "100.00", "0.00", "0.00", "5.00")}}))
	b := must[projections.Balance](t)(m.Balance(t.Context(), "acme", "acc_ann"))
	want := projections.Balance{Account: "ann", Ref: "acc_ann", Currency: "EUR", Seq: 6, Balances: projections.Balances{
		Posted:  projections.Sums{Debits: decimal("0.00"), Credits: decimal("100.00"), Net: decimal("-100.00")},
		Pending: projections.Sums{Debits: decimal("5.00"), Credits: decimal("0.00"), Net: decimal("5.00")},
	}}
	if b != want {
		t.Errorf("balance %+v, want %+v", b, want)
	}
	accounts, total, err := m.Accounts(t.Context(), "acme", projections.AccountFilter{}, projections.Page{Limit: 9})
	if err != nil || total != 2 || accounts[0].ID != "cash" || accounts[1].Balances != want.Balances || accounts[1].CreatedSeq != 2 {
		t.Errorf("%d accounts: %+v, %v", total, accounts, err)
	}
	if list, total, err := m.Accounts(t.Context(), "acme", projections.AccountFilter{CustomerID: "ext-1"}, projections.Page{Limit: 9}); err != nil || total != 1 || list[0].ID != "ann" {
		t.Errorf("accounts of a customer: %+v, %v", list, err)
	}
	p := must[projections.Posting](t)(m.Posting(t.Context(), "acme", 4))
	if p.ID != "p2" || p.Ref != "pst_p2" || p.Status != "voided" || !p.RecordedAt.Equal(epoch.Add(4e6)) || p.CreatedSeq != 4 || p.Seq != 6 || len(p.Entries) != 2 {
		t.Errorf("posting %+v", p)
	}
	_, err = m.Posting(t.Context(), "acme", 6)
	wantUnknown(t, "the position of a settlement", err)
	_, err = m.Account(t.Context(), "acme", "bob")
	wantUnknown(t, "bob", err)
	for _, tc := range []struct {
		filter projections.PostingFilter
		want   string
	}{
		{projections.PostingFilter{}, "[p3 p2 p1] 3"},
		{projections.PostingFilter{Status: "posted"}, "[p1] 1"},
		{projections.PostingFilter{Status: "voided"}, "[p2] 1"},
		{projections.PostingFilter{Status: "strange"}, "[] 0"},
		{projections.PostingFilter{Account: "ann"}, "[p3 p2 p1] 3"},
		{projections.PostingFilter{Account: "ann", Status: "pending"}, "[p3] 1"},
		{projections.PostingFilter{Account: "bob"}, "[] 0"},
	} {
		list, total, err := m.Postings(t.Context(), "acme", tc.filter, projections.Page{Limit: 9})
		ids := []string{}
		for _, p := range list {
			ids = append(ids, p.ID)
		}
		if got := fmt.Sprint(ids, total); got != tc.want || err != nil {
			t.Errorf("%+v: %s, want %s, %v", tc.filter, got, tc.want, err)
		}
	}
}

func TestEventsAndTimeline(t *testing.T) {
	source := newMemory()
	m := openNew(t, source)
	source.add("acme", pushed("1", 1, ""), pushed("2", 1, ""), rule("1", 1))
	for i := range 6 {
		e := recorded(fmt.Sprint(1+i%2), fmt.Sprint("evt-", i), []string{"login", "transaction.created", "login"}[i%3])
		e.OccurredAt, e.Late, e.OutOfOrder = epoch.Add(time.Duration(i)*time.Hour), i == 2 || i == 3, i == 5
		if i > 2 && i < 5 {
			e.Decision.Monitoring.Fired = []domain.RuleFired{{RuleID: "rul_1"}}
		}
		source.add("acme", e)
	}
	source.add("acme", rated("1", 5, "low"))
	m.reach(t, "acme", source.show("acme", 10))
	for _, tc := range []struct {
		filter projections.EventFilter
		total  int64
		first  int64 // evt-0 is at 3
	}{
		{projections.EventFilter{}, 6, 8},
		{projections.EventFilter{EventType: "transaction.created"}, 2, 7},
		{projections.EventFilter{CustomerID: "cus_1"}, 3, 7},
		{projections.EventFilter{CustomerID: "ext-1", EventType: "login"}, 2, 5},
		{projections.EventFilter{EventType: "logout"}, 0, 0},
		{projections.EventFilter{RuleID: "rul_1"}, 2, 7},
		{projections.EventFilter{RuleID: "rul_1", EventType: "transaction.created"}, 1, 7},
		{projections.EventFilter{RuleID: "rul_1", CustomerID: "cus_1"}, 1, 7},
		{projections.EventFilter{RuleID: "rul_2"}, 0, 0},
		{projections.EventFilter{Late: "true"}, 2, 6},
		{projections.EventFilter{Late: "false"}, 4, 8},
		{projections.EventFilter{Late: "true", CustomerID: "cus_2"}, 1, 6},
		{projections.EventFilter{Late: "true", OutOfOrder: "true"}, 0, 0},
		{projections.EventFilter{OutOfOrder: "true"}, 1, 8},
		{projections.EventFilter{OutOfOrder: "true", EventType: "login"}, 1, 8},
		{projections.EventFilter{OutOfOrder: "false", EventType: "login"}, 3, 6},
		{projections.EventFilter{Since: epoch.Add(4 * time.Hour)}, 2, 8},
		{projections.EventFilter{Since: epoch.Add(time.Hour), Until: epoch.Add(3 * time.Hour)}, 2, 5},
		{projections.EventFilter{Until: epoch.Add(3 * time.Hour), EventType: "login"}, 2, 5},
		{projections.EventFilter{Until: epoch, CustomerID: "cus_1"}, 0, 0},
	} {
		list, total, err := m.Events(t.Context(), "acme", tc.filter, projections.Page{Limit: 1})
		if err != nil || total != tc.total || total > 0 && (len(list) != 1 || list[0] != tc.first) {
			t.Errorf("%+v: %d, %+v, %v", tc.filter, total, list, err)
		}
	}
	entries, total, err := m.Timeline(t.Context(), "acme", "ext-1", projections.Page{Limit: 3})
	if err != nil || total != 5 || !slices.Equal(entries, []int64{9, 7, 5}) {
		t.Errorf("timeline of %d: %v, %v", total, entries, err)
	}
	_, _, err = m.Timeline(t.Context(), "acme", "ext-3", projections.Page{Limit: 3})
	wantUnknown(t, "ext-3", err)
}

// TestPagesAcrossKeyTables reads pages that begin among the newest keys and end among those that have moved on.
func TestPagesAcrossKeyTables(t *testing.T) {
	source := newMemory()
	m := openNew(t, source)
	source.add("acme", pushed("1", 1, ""), pushed("2", 1, ""), opened("cash", ""), opened("ann", ""))
	const rounds = 4200 // two keys each: one move, and a few left behind
	for i := range rounds {
		source.add("acme", recorded(fmt.Sprint(1+i%2), fmt.Sprint("evt-", i), []string{"login", "transfer", "login"}[i%3]),
			posted(fmt.Sprint("p", i), "posted", balance("cash", "1.00", "0.00", "0.00", "0.00"), balance("ann", "0.00", "1.00", "0.00", "0.00")))
	}
	m.reach(t, "acme", source.show("acme", 4+2*rounds))
	seen := 0
	for offset := 0; offset < 300; offset += 100 {
		p := projections.Page{Limit: 100, Offset: offset}
		events, total, err := m.Events(t.Context(), "acme", projections.EventFilter{CustomerID: "cus_1"}, p)
		entries, all, err2 := m.Timeline(t.Context(), "acme", "cus_1", p)
		postings, sum, err3 := m.Postings(t.Context(), "acme", projections.PostingFilter{Account: "ann"}, p)
		if err != nil || err2 != nil || err3 != nil || total != rounds/2 || all != rounds/2+1 || sum != rounds {
			t.Fatalf("%d events, %d entries, %d postings; %v, %v, %v", total, all, sum, err, err2, err3)
		}
		for i := range p.Limit {
			event, booked := int64(4+2*(rounds-2)-4*(offset+i)), int64(4+2*(rounds-1)+1-2*(offset+i))
			if events[i] != event || entries[i] != event || postings[i].CreatedSeq != booked {
				t.Fatalf("at %d: event %d, entry %d, want %d; posting %d, want %d", offset+i, events[i], entries[i], event, postings[i].CreatedSeq, booked)
			}
			seen++
		}
	}
	both, total, err := m.Events(t.Context(), "acme", projections.EventFilter{CustomerID: "cus_1", EventType: "transfer"}, projections.Page{Limit: 1})
	if err != nil || total != rounds/6 || len(both) != 1 || both[0] != 4+2*(rounds-2) || seen != 300 {
		t.Errorf("%d transfers: %v, %v", total, both, err)
	}
}

func TestRulesAndWatchlists(t *testing.T) {
	source := newMemory()
	m := openNew(t, source)
	m.reach(t, "acme", source.put("acme", rule("b", 1), rule("a", 1), rule("c", 1), rule("b", 2), monitoring.Deleted{RuleID: "rul_c"},
		entry("b", "fraud"), entry("a", "staff"), entry("c", "fraud"), screening.EntryRemoved{EntryID: "wle_c"},
		adopted("un", 1), adopted("ofac-sdn", 4), adopted("un", 2)))
	r := must[projections.Rule](t)(m.Rule(t.Context(), "acme", "rul_b"))
	if r.Version != 2 || !r.CreatedAt.Equal(epoch) || !r.UpdatedAt.Equal(epoch.Add(3e6)) || r.Seq != 3 {
		t.Errorf("rule %+v", r)
	}
	_, err := m.Rule(t.Context(), "acme", "rul_c")
	wantUnknown(t, "rul_c", err)
	if list, total, err := m.Rules(t.Context(), "acme", projections.Page{Limit: 1}); err != nil || total != 2 || len(list) != 1 || list[0].ID != "rul_b" {
		t.Errorf("%d rules %+v, %v", total, list, err)
	}
	w := must[projections.WatchlistEntry](t)(m.WatchlistEntry(t.Context(), "acme", "wle_a"))
	if w.List != "staff" || w.Seq != 6 || !w.CreatedAt.Equal(epoch.Add(6e6)) {
		t.Errorf("entry %+v", w)
	}
	_, err = m.WatchlistEntry(t.Context(), "acme", "wle_c")
	wantUnknown(t, "wle_c", err)
	if list, total, err := m.WatchlistEntries(t.Context(), "acme", projections.EntryFilter{List: "fraud"}, projections.Page{Limit: 9}); err != nil || total != 1 || list[0].ID != "wle_b" {
		t.Errorf("%d entries %+v, %v", total, list, err)
	}
	lists, total, err := m.Watchlists(t.Context(), "acme", projections.Page{Limit: 9})
	if err != nil || total != 2 || lists[0].List != "ofac-sdn" || lists[1].Version != 2 || lists[1].Seq != 11 || lists[1].Age(epoch.Add(5)) != 5 {
		t.Errorf("%d lists %+v, %v", total, lists, err)
	}
}

// TestTextsOfNoLedger asks for what cannot be stored.
func TestTextsOfNoLedger(t *testing.T) {
	source := newMemory()
	m := openNew(t, source)
	m.reach(t, "acme", source.put("acme", pushed("1", 1, ""), rule("1", 1)))
	for _, text := range []string{"\x00", "ext-1\x00", "\xff", "ext-\xff1", "cus_\xed\xa0\x80"} {
		_, err := m.Customer(t.Context(), "acme", text)
		wantUnknown(t, "customer", err)
		_, err = m.Rule(t.Context(), "acme", text)
		wantUnknown(t, "rule", err)
		if list, total, err := m.Customers(t.Context(), "acme", projections.CustomerFilter{Prefix: text, Rating: text}, projections.Page{Limit: 1}); err != nil || total != 0 {
			t.Errorf("customers like %q: %v, %v", text, list, err)
		}
	}
}

// TestTenantsAreApart gives two tenants the same ids.
func TestTenantsAreApart(t *testing.T) {
	source := newMemory()
	m := openNew(t, source)
	for _, ledger := range []string{"acme", "rival"} {
		source.add(ledger, pushed("1", 1, map[string]string{"acme": "verified", "rival": "rejected"}[ledger]),
			rated("1", len(ledger), ledger), opened("cash", "cus_1"), opened("ann", ""),
			posted("p1", "posted", balance("cash", fmt.Sprintf("%d.00", len(ledger)), "0.00", "0.00", "0.00"), balance("ann", "0.00", "1.00", "0.00", "0.00")),
			recorded("1", "evt-1", ledger), raised("1", ledger, domain.Low), rule("1", len(ledger)), entry("1", ledger), adopted("un", len(ledger)))
		m.reach(t, ledger, source.show(ledger, 10))
	}
	for _, ledger := range []string{"acme", "rival"} {
		ctx, n := t.Context(), len(ledger)
		c := must[projections.Customer](t)(m.Customer(ctx, ledger, "ext-1"))
		view, _, err := m.RiskView(ctx, ledger, "ext-1")
		var v projections.RiskView
		if err != nil || json.Unmarshal(view, &v) != nil || v.Score != n || c.Risk.Rating != ledger || c.OpenAlerts[0] != "alr_"+ledger || len(c.OpenAlerts) != 1 {
			t.Errorf("%s: customer %+v, view %s, %v", ledger, c, view, err)
		}
		b := must[projections.Balance](t)(m.Balance(ctx, ledger, "cash"))
		r := must[projections.Rule](t)(m.Rule(ctx, ledger, "rul_1"))
		w := must[projections.WatchlistEntry](t)(m.WatchlistEntry(ctx, ledger, "wle_1"))
		if b.Posted.Debits != decimal(fmt.Sprintf("%d.00", n)) || r.Version != n || w.List != ledger {
			t.Errorf("%s: %+v %+v %+v", ledger, b, r, w)
		}
		at, events, err1 := m.Events(ctx, ledger, projections.EventFilter{CustomerID: "cus_1"}, projections.Page{Limit: 9})
		_, postings, err2 := m.Postings(ctx, ledger, projections.PostingFilter{Account: "cash"}, projections.Page{Limit: 9})
		timeline, entries, err3 := m.Timeline(ctx, ledger, "cus_1", projections.Page{Limit: 9})
		if err1 != nil || err2 != nil || err3 != nil || events != 1 || at[0] != 5 || postings != 1 || entries != 4 || len(timeline) != 4 {
			t.Errorf("%s: %d events, %d postings, timeline %+v", ledger, events, postings, timeline)
		}
	}
	_, err := m.Alert(t.Context(), "acme", "alr_rival")
	wantUnknown(t, "another tenant's alert", err)
}
