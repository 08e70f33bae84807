package http_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"whocomply/http/client"
)

// dial gives a client of acme over TCP; around stands between it and the house.
func (h *house) dial(around func(http.Handler) http.Handler) *client.Client {
	server := httptest.NewServer(around(h))
	h.t.Cleanup(server.Close)
	return client.New(client.Options{Address: server.URL + "/", Tenant: "acme", Key: strings.TrimPrefix(h.key, "Bearer ")})
}

func untouched(next http.Handler) http.Handler { return next }

func profile(id string) client.Profile {
	return client.Profile{ExternalID: id, Type: "individual", Email: "ann@example.com", FullName: "Ann Example", KYC: &client.KYC{Status: "verified"}}
}

func payment(id string) client.Event {
	return client.Event{
		EventID: id, EventType: "transaction.created", OccurredAt: time.Date(2026, 1, 31, 9, 0, 0, 0, time.UTC), CustomerID: "c/1",
		Data: map[string]any{"transaction": client.Transaction{
			ID: "t-1", Amount: "12.50", Currency: "EUR", Direction: "out", Counterparty: &client.Counterparty{Name: "Bob Example"},
		}},
	}
}

// TestClient goes the whole way of an integration, and reads what it wrote at once.
func TestClient(t *testing.T) {
	h := openHouse(t, true)
	c, ctx := h.dial(untouched), t.Context()
	rule, err := c.CreateRule(ctx, client.Rule{
		Name: "Large", EventTypes: []string{"transaction.*"}, Condition: "transaction.amount >= 10", Score: 40, Severity: "high",
	})
	h.must(err)
	again := client.WithIdempotencyKey(ctx, "rule 2")
	shadow := client.Rule{Name: "Small", EventTypes: []string{"*"}, Condition: "transaction.amount < 1", Severity: "low", Mode: "shadow"}
	first, err := c.CreateRule(again, shadow)
	h.must(err)
	second, err := c.CreateRule(again, shadow)
	h.must(err)
	if first.ID != second.ID || first.ID == rule.ID {
		t.Errorf("rules %s, %s and %s", rule.ID, first.ID, second.ID)
	}
	entry, err := c.AddWatchlistEntry(ctx, client.WatchlistEntry{List: "own", Category: "internal", Name: "Bob Example"})
	h.must(err)
	found, err := c.Search(ctx, "bob example")
	h.must(err)
	pushed, err := c.PushCustomer(ctx, profile("c/1"))
	h.must(err)
	_, err = c.PatchCustomer(ctx, "c/1", map[string]any{"phone": "1", "kyc": nil})
	h.must(err)
	decision, err := c.PushEvent(ctx, payment("e-1"))
	h.must(err)
	read, err := c.Customer(ctx, "c/1")
	h.must(err)
	view, err := c.RiskView(ctx, pushed.ID)
	h.must(err)
	alerts, err := c.Alerts(ctx, client.List{Limit: 1, Filter: url.Values{"status": {"open"}}})
	h.must(err)
	if len(found.Hits) != 1 || found.Hits[0].EntryID != entry.ID || read.ID != pushed.ID || read.Phone != "1" || view.KYCStatus != "not_started" ||
		decision.Score != 40 || decision.RulesFired[0].RuleID != rule.ID || view.Score != decision.Risk.After.Score ||
		alerts.Total != 2 || len(alerts.Items) != 1 || pushed.Receipt == nil {
		t.Errorf("found %+v, read %+v, view %+v, decision %+v, alerts %+v", found, read, view, decision, alerts)
	}
	worked, err := c.Work(ctx, decision.Alerts[0].ID, client.Step{Verb: "dismiss", Reason: "another Bob"})
	h.must(err)
	told, err := c.Alert(ctx, decision.Alerts[0].ID)
	h.must(err)
	if worked.Status != "dismissed" || told.Status != "dismissed" || len(told.Reasons) != 1 {
		t.Errorf("worked %+v, told %+v", worked, told)
	}
	h.must(c.DeleteRule(ctx, rule.ID))
	rules, err := c.Rules(ctx, client.List{})
	h.must(err)
	records, err := c.Records(ctx, 1, 2)
	h.must(err)
	if rules.Total != 1 || len(records.Items) != 2 || records.Items[0].Seq != 1 {
		t.Errorf("rules %+v, records %+v", rules, records)
	}
}

func TestClientPushesBatches(t *testing.T) {
	h := openHouse(t, true)
	c, ctx := h.dial(untouched), t.Context()
	_, err := c.PushCustomer(ctx, profile("c/1"))
	h.must(err)
	wrong := payment("e-2")
	wrong.CustomerID = "nobody"
	batch, err := c.PushEvents(ctx, []client.Event{payment("e-1"), wrong, payment("e-1")})
	h.must(err)
	if batch.Recorded != 1 || batch.Repeated != 1 || batch.Refused != 1 || batch.Results[0].Event.Receipt != batch.Results[2].Event.Receipt ||
		batch.Results[1].Error.Field != "customer_id" {
		t.Errorf("batch %+v", batch)
	}
	late, err := c.Events(ctx, client.List{Filter: url.Values{"late": {"true"}}})
	h.must(err)
	if late.Total != 1 || !late.Items[0].Late || late.Items[0].Seq != batch.Results[0].Event.Receipt.Seq {
		t.Errorf("late events %+v", late)
	}
}

func TestClientImports(t *testing.T) {
	h := openHouse(t)
	c, ctx := h.dial(untouched), t.Context()
	file := []byte(customerBody("c-1") + "\n{\n" + customerBody("c-2"))
	taken, err := c.Import(ctx, "customers", file)
	h.must(err)
	rejects, err := c.Rejects(ctx, taken.ID, client.List{})
	h.must(err)
	read, err := c.ImportOf(ctx, taken.ID)
	h.must(err)
	if taken.Recorded != 2 || taken.Rejected != 1 || taken.Receipt == nil || read.Status != "complete" || read.Lines != 3 ||
		rejects.Total != 1 || rejects.Items[0].Line != 2 || rejects.Items[0].Reason == "" {
		t.Errorf("taken %+v, read %+v, rejects %+v", taken, read, rejects)
	}
	if _, err := c.Import(ctx, "alerts", file); client.CodeOf(err) != "invalid" {
		t.Errorf("a kind that there is not: %v", err)
	}
}

func TestClientKeepsBooks(t *testing.T) {
	h := openHouse(t, true)
	c, ctx := h.dial(untouched), t.Context()
	for _, id := range []string{"cash", "till"} {
		_, err := c.OpenAccount(ctx, client.Account{ID: id, Name: id, Type: "asset", Currency: "EUR"})
		h.must(err)
	}
	posting := client.Posting{PostingID: "p-1", EffectiveAt: time.Now(), Status: "pending", Entries: []client.Entry{
		{Account: "cash", Direction: "debit", Amount: "7", Currency: "EUR"}, {Account: "till", Direction: "credit", Amount: "7", Currency: "EUR"},
	}}
	for _, id := range []string{"p-1", "p-2"} {
		posting.PostingID = id
		_, err := c.RecordPosting(ctx, posting)
		h.must(err)
	}
	_, err := c.PostPosting(ctx, "p-1")
	h.must(err)
	_, err = c.VoidPosting(ctx, "p-2")
	h.must(err)
	before, err := c.Balance(ctx, "cash")
	h.must(err)
	_, err = c.ReversePosting(ctx, "p-1", "r-1", "by mistake")
	h.must(err)
	after, err := c.Balance(ctx, "cash")
	h.must(err)
	held := posting
	held.PostingID = "p-3"
	_, err = c.RecordPosting(ctx, held)
	h.must(err)
	part := []client.Entry{held.Entries[0], held.Entries[1]}
	part[0].Amount, part[1].Amount = "2.5", "2.5"
	_, err = c.PostPosting(ctx, "p-3", part...)
	h.must(err)
	read, err := c.Posting(ctx, "p-3")
	h.must(err)
	if read.Status != "posted" || len(read.PostedEntries) != 2 || read.PostedEntries[0].Amount != "2.50" {
		t.Errorf("posted in part: %+v", read)
	}
	accounts, err := c.Accounts(ctx, client.List{Filter: url.Values{"type": {"asset"}}})
	h.must(err)
	voided, err := c.Postings(ctx, client.List{Filter: url.Values{"status": {"voided"}}})
	h.must(err)
	trial, pages, err := c.TrialBalance(ctx, client.List{Limit: 1})
	h.must(err)
	if accounts.Total != 2 || voided.Total != 1 || pages.Total != 2 || len(trial.Accounts) != 1 || trial.Totals[0].Posted.Debits != "16.50" {
		t.Errorf("accounts %+v, voided %+v, trial balance %+v", accounts, voided, trial)
	}
	var books strings.Builder
	h.must(c.WriteJournal(ctx, &books, "hledger", nil))
	if !strings.Contains(books.String(), "posting_id: p-3") {
		t.Errorf("journal %s", books.String())
	}
	if err := c.WriteJournal(ctx, &books, "abacus", nil); client.CodeOf(err) != "invalid" {
		t.Errorf("in no language: %v", err)
	}
	if before.Posted.Net != "7.00" || before.Pending.Net != "0.00" || after.Posted.Net != "0.00" || after.Posted.Credits != "7.00" {
		t.Errorf("before %+v, after %+v", before, after)
	}
}

func TestClientErrors(t *testing.T) {
	h := openHouse(t)
	c := h.dial(untouched)
	_, err := c.PushCustomer(t.Context(), client.Profile{ExternalID: "c-1", Type: "individual", FullName: "Ann Example"})
	e, ok := errors.AsType[*client.Error](err)
	if !ok || e.Status != http.StatusBadRequest || e.Code != "invalid" || e.Field != "email" || e.RequestID == "" {
		t.Errorf("error %+v from %v", e, err)
	}
	if _, err = c.Customer(t.Context(), "nobody"); client.CodeOf(err) != "not_found" {
		t.Errorf("nobody: %v", err)
	}
}

// TestClientTriesAgain harms the first answers, and wants one event of all attempts.
func TestClientTriesAgain(t *testing.T) {
	refuse := func(status int) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(status)
		}
	}
	hang := func(w http.ResponseWriter) { panic(http.ErrAbortHandler) }
	for _, row := range []struct {
		name  string
		times int64
		done  bool // before the answer is harmed
		harm  func(http.ResponseWriter)
		tries int64
		fails bool
	}{
		{"unavailable", 2, false, refuse(http.StatusServiceUnavailable), 3, false},
		{"too many requests", 1, false, refuse(http.StatusTooManyRequests), 2, false},
		{"no answer", 1, false, hang, 2, false},
		{"answer lost", 2, true, hang, 3, false},
		{"unavailable for ever", 99, false, refuse(http.StatusServiceUnavailable), 5, true},
		{"our fault", 1, false, refuse(http.StatusInternalServerError), 1, true},
		{"wrong", 1, false, refuse(http.StatusBadRequest), 1, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			h := openHouse(t)
			h.want(h.do("POST", acme+"/customers", strings.Replace(customerBody("c-1"), "c-1", "c/1", 1)), http.StatusCreated)
			size := h.size()
			var tries atomic.Int64
			c := h.dial(func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if tries.Add(1) > row.times {
						next.ServeHTTP(w, r)
						return
					}
					if row.done {
						next.ServeHTTP(httptest.NewRecorder(), r)
					} else {
						_, _ = io.Copy(io.Discard, r.Body)
					}
					row.harm(w)
				})
			})
			decision, err := c.PushEvent(t.Context(), payment("e-1"))
			if (err != nil) != row.fails || tries.Load() != row.tries {
				t.Fatalf("%d tries: %v", tries.Load(), err)
			}
			if made := h.size() - size; row.fails && made != 0 || !row.fails && (made == 0 || decision.Receipt.Seq != size) {
				t.Errorf("%d records made, receipt %+v", made, decision.Receipt)
			}
		})
	}
}

func TestClientStopsWaiting(t *testing.T) {
	h := openHouse(t)
	c := h.dial(func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(http.StatusServiceUnavailable)
		})
	})
	ctx, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	if _, err := c.Customer(ctx, "c-1"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
}
