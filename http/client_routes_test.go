package http_test

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"whocomply/domain/chain"
	web "whocomply/http"
	"whocomply/http/client"
	"whocomply/projections"
)

var parameter = regexp.MustCompile(`:([a-z]+)`) // of a route

// reached notes the routes that requests are for.
type reached struct {
	mu     sync.Mutex
	routes map[string]bool
}

func (r *reached) around(h *house) func(http.Handler) http.Handler {
	table := web.Routes(h.Server)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			best := -1
			for i, route := range table {
				path := parameter.ReplaceAllString(route.Path, "{$1}")
				if route.Method == req.Method && fits(path, req.URL.EscapedPath()) && (best < 0 || strings.Count(route.Path, ":") < strings.Count(table[best].Path, ":")) {
					best = i
				}
			}
			if best >= 0 {
				r.mu.Lock()
				r.routes[table[best].Method+" "+table[best].Path] = true
				r.mu.Unlock()
			}
			next.ServeHTTP(w, req)
		})
	}
}

// TestClientReachesEveryRoute calls every method of the client and wants every route that needs an
// API key among what it has reached.
func TestClientReachesEveryRoute(t *testing.T) {
	h, _ := stocked(t)
	r := &reached{routes: map[string]bool{}}
	c, ctx := h.dial(r.around(h)), t.Context()
	clientCustomers(ctx, h, c)
	clientBooks(ctx, h, c)
	clientRules(ctx, h, c)
	second := h.in(t)
	second.key = h.issue("acme", "cccccccccccc", time.Time{}, "admin")
	clientRisk(ctx, h, c, second.dial(r.around(h)))
	clientLists(ctx, h, c)
	clientScreening(ctx, h, c)
	clientKeys(ctx, h, c)
	clientLedger(ctx, h, c)
	clientWebhooks(ctx, h, c)
	for _, route := range web.Routes(h.Server) {
		if name := route.Method + " " + route.Path; route.Scope != "" && !r.routes[name] && !ofKeysTenant(route.Path) {
			t.Errorf("the client has no way to %s", name)
		}
	}
}

// some wants a list that is not empty.
func some[T any](page client.Page[T], err error) func(*house) []T {
	return func(h *house) []T {
		h.t.Helper()
		h.must(err)
		if len(page.Items) == 0 || page.Total < int64(len(page.Items)) {
			h.t.Fatalf("empty or without a total: %+v", page)
		}
		return page.Items
	}
}

// given wants a value without an error.
func given[T any](value T, err error) func(*house) T {
	return func(h *house) T {
		h.t.Helper()
		h.must(err)
		return value
	}
}

func seq(n int64) string { return strconv.FormatInt(n, 10) }

func clientCustomers(ctx context.Context, h *house, c *client.Client) {
	pushed := given(c.PushCustomer(ctx, profile("c/1")))(h)
	given(c.PatchCustomer(ctx, "c/1", map[string]any{"phone": "1"}))(h)
	closed := given(c.CloseCustomer(ctx, "c/1", "moved"))(h)
	given(c.ReopenCustomer(ctx, "c/1", "back"))(h)
	then := given(c.CustomerAsOf(ctx, "c/1", seq(pushed.Receipt.Seq)))(h)
	view := given(c.RiskViewAsOf(ctx, "c/1", seq(pushed.Receipt.Seq)))(h)
	if now := given(c.Customer(ctx, "c/1"))(h); then.Version != 1 || now.Version != 2 || closed.Status != "closed" || now.Status != "active" || view.CustomerID != pushed.ID {
		h.t.Errorf("then %+v, closed %+v, now %+v", then, closed, now)
	}
	given(c.RiskView(ctx, "c/1"))(h)
	some(c.Customers(ctx, client.List{}))(h)
	some(c.Timeline(ctx, "c/1", client.List{}))(h)
	if history := some(c.History(ctx, "c/1", client.List{}))(h); history[0].Reason != "back" || history[len(history)-1].Profile.FullName != "Ann Example" {
		h.t.Errorf("history %+v", history)
	}
	decision := given(c.PushEvent(ctx, payment("e/1")))(h)
	given(c.PushEvents(ctx, []client.Event{payment("e-100")}))(h)
	for _, replayed := range []client.Redecided{given(c.ReplayEvent(ctx, "e/1"))(h), given(c.ReplayRecord(ctx, decision.Receipt.Seq))(h)} {
		if !replayed.Identical || replayed.EventID != "e/1" {
			h.t.Errorf("replayed %+v", replayed)
		}
	}
	some(c.Events(ctx, client.List{Filter: url.Values{"customer_id": {"c/1"}}}))(h)
	if read := given(c.Event(ctx, "e/1"))(h); read.Seq != decision.Receipt.Seq {
		h.t.Errorf("event %+v", read)
	}
	alert := decision.Alerts[0].ID
	for _, step := range []client.Step{
		{Verb: "assign", Assignee: "ann"},
		{Verb: "note", Text: "seen"},
		{Verb: "escalate", Reason: "unsure"},
		{Verb: "resolve", Reason: "done"},
		{Verb: "reopen", Reason: "more"},
		{Verb: "dismiss", Reason: "nothing"},
	} {
		given(c.Work(ctx, alert, step))(h)
	}
	facts := given(c.Alert(ctx, alert))(h)
	if facts.Event == nil || facts.Event.EventID != "e/1" || facts.Source.Seq != decision.Receipt.Seq || len(facts.History) != 6 || facts.History[4].Reason != "more" {
		h.t.Errorf("facts of the alert %+v", facts)
	}
	some(c.Alerts(ctx, client.List{Filter: url.Values{"status": {"dismissed"}}}))(h)
}

func clientBooks(ctx context.Context, h *house, c *client.Client) {
	given(c.OpenAccount(ctx, client.Account{ID: "vault", Name: "Vault", Type: "asset", Currency: "EUR"}))(h)
	posting := client.Posting{PostingID: "held", EffectiveAt: time.Now(), Status: "pending", Entries: []client.Entry{
		{Account: "vault", Direction: "debit", Amount: "7", Currency: "EUR"}, {Account: "till", Direction: "credit", Amount: "7", Currency: "EUR"},
	}}
	held := given(c.RecordPosting(ctx, posting))(h)
	posting.PostingID = "void"
	given(c.RecordPosting(ctx, posting))(h)
	given(c.PostPosting(ctx, "held"))(h)
	given(c.VoidPosting(ctx, "void"))(h)
	now, then := given(c.Balance(ctx, "vault"))(h), given(c.BalanceAsOf(ctx, "vault", seq(held.Receipt.Seq)))(h)
	if now.Posted.Net != "7.00" || then.Posted.Net != "0.00" || then.Pending.Net != "7.00" {
		h.t.Errorf("balance %+v, then %+v", now, then)
	}
	given(c.ReversePosting(ctx, "held", "back", "by mistake"))(h)
	given(c.Posting(ctx, "held"))(h)
	given(c.Account(ctx, "vault"))(h)
	some(c.Postings(ctx, client.List{}))(h)
	some(c.Accounts(ctx, client.List{}))(h)
	_, _, err := c.TrialBalance(ctx, client.List{})
	h.must(err)
	h.must(c.WriteJournal(ctx, &strings.Builder{}, "hledger", nil))
}

func clientRules(ctx context.Context, h *house, c *client.Client) {
	rule := given(c.CreateRule(ctx, client.Rule{Name: "R", EventTypes: []string{"*"}, Condition: "false", Severity: "low"}))(h)
	given(c.PatchRule(ctx, rule.ID, map[string]any{"score": 7}))(h)
	if read := given(c.Rule(ctx, rule.ID))(h); read.Score != 7 {
		h.t.Errorf("rule %+v", read)
	}
	some(c.Rules(ctx, client.List{}))(h)
	some(c.RuleVersions(ctx, rule.ID, client.List{}))(h)
	given(c.Shadow(ctx, rule.ID, url.Values{"since": {"2026-01-01"}}))(h)
	typologies := some(c.Typologies(ctx))(h)
	given(c.InstallTypology(ctx, typologies[0].Name, client.Installation{Mode: "shadow"}))(h)
	clientBacktests(ctx, h, c, rule.ID)
	h.must(c.DeleteRule(ctx, rule.ID))
	given(c.PutReferenceList(ctx, client.ReferenceList{Name: "mine", Kind: "countries", Values: []string{"DE"}}))(h)
	given(c.ReferenceList(ctx, "mine"))(h)
	some(c.ReferenceLists(ctx, client.List{}))(h)
	some(c.ReferenceListVersions(ctx, "mine", client.List{}))(h)
	given(c.PutReferenceRates(ctx, client.ReferenceRates{Base: "EUR", Date: "2026-01-31", Rates: map[string]string{"USD": "1.1"}}))(h)
	some(c.ReferenceRates(ctx, client.List{}))(h)
}

func clientBacktests(ctx context.Context, h *house, c *client.Client, ruleID string) {
	draft := given(c.BacktestDraft(ctx, client.Trial{Typology: "large-single", Sweep: &client.Sweep{Parameter: "threshold", Values: []string{"1", "1000"}}}))(h)
	again := given(c.BacktestRule(ctx, ruleID, client.Trial{Rule: map[string]any{"condition": "true"}, BudgetPerDay: 1}))(h)
	some(c.Backtests(ctx, client.List{}))(h)
	for _, id := range []string{draft.ID, again.ID} {
		for end := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
			b := given(c.Backtest(ctx, id))(h)
			if b.Status == "done" && len(b.Result) > 0 && b.Progress.Done == b.Progress.Total {
				break
			}
			if time.Now().After(end) || b.Status == "failed" {
				h.t.Fatalf("backtest %+v", b)
			}
		}
	}
	if plot := given(c.BacktestPlot(ctx, draft.ID))(h); !strings.Contains(string(plot), "<svg") {
		h.t.Errorf("plot %s", plot)
	}
	h.must(c.CancelBacktest(ctx, again.ID))
}

// clientRisk states and adopts a model, and has an override approved by another key.
func clientRisk(ctx context.Context, h *house, c, other *client.Client) {
	model := client.RiskModel{
		Name: "retail", Factors: []client.RiskWeights{{Factor: "pep", Weight: 40, Levels: map[string]int{"declared": 40}}}, Bands: client.RiskBands{Medium: 20, High: 50}, EDDFrom: "high",
		Floors: []client.RiskFloor{{Factor: "sanctions", Level: "open", Rating: "high"}, {Factor: "sanctions", Level: "confirmed", Rating: "prohibited"}},
	}
	stated := given(c.StateRiskModel(ctx, model))(h)
	some(c.RiskModels(ctx, client.List{}))(h)
	if run := given(c.TryRiskModel(ctx, stated.ID))(h); run.Model != stated.ID || run.Customers == 0 {
		h.t.Errorf("dry run %+v", run)
	}
	given(c.AdoptRiskModel(ctx, stated.ID, "better"))(h)
	if read := given(c.RiskModel(ctx, stated.ID))(h); !read.Live || read.Bands.Medium != 20 || read.Progress == nil || read.Progress.Total == 0 {
		h.t.Errorf("model %+v", read)
	}
	word := client.Override{Rating: "high", Reason: "known", ExpiresAt: time.Now().Add(time.Hour)}
	given(c.RequestOverride(ctx, "c/1", word))(h)
	given(c.StepOverride(ctx, "c/1", "reject", "not known"))(h)
	given(c.RequestOverride(ctx, "c/1", word))(h)
	if o := given(other.StepOverride(ctx, "c/1", "approve", ""))(h); o.Approved == nil || o.Rating.Rating != "high" {
		h.t.Errorf("approved %+v", o)
	}
	given(c.Overrides(ctx, "c/1"))(h)
	given(c.StepOverride(ctx, "c/1", "end", "over"))(h)
	given(c.ReviewCustomer(ctx, "c/1", "looked at"))(h)
}

func clientLists(ctx context.Context, h *house, c *client.Client) {
	entry := given(c.AddWatchlistEntry(ctx, client.WatchlistEntry{List: "own", Category: "internal", Name: "Mallory Example"}))(h)
	if read := given(c.WatchlistEntry(ctx, entry.ID))(h); read.Name != "Mallory Example" {
		h.t.Errorf("entry %+v", read)
	}
	some(c.WatchlistEntries(ctx, client.List{}))(h)
	h.must(c.RemoveWatchlistEntry(ctx, entry.ID))
	given(c.Search(ctx, "bob example"))(h)
	lists := some(c.Watchlists(ctx, client.List{}))(h)
	left := given(c.Unsubscribe(ctx, lists[0].List, "not ours"))(h)
	back := given(c.Subscribe(ctx, lists[0].List))(h)
	if left.Subscribed || !back.Subscribed || lists[0].Digest != back.Digest {
		h.t.Errorf("list %+v, left %+v, back %+v", lists[0], left, back)
	}
	file := `{"external_id":"i-1","type":"individual","email":"a@example.com","full_name":"Ann Example"}` + "\n" + `{"external_id":"i-2"}` + "\n"
	done := given(c.Import(ctx, "customers", []byte(file)))(h)
	if read := given(c.ImportOf(ctx, done.ID))(h); read.Recorded != 1 || read.Rejected != 1 || read.Status != "complete" || done.Receipt == nil {
		h.t.Errorf("import %+v, read %+v", done, read)
	}
	some(c.Imports(ctx, client.List{}))(h)
	if rejects := some(c.Rejects(ctx, done.ID, client.List{}))(h); rejects[0].Line != 2 || rejects[0].Field == "" {
		h.t.Errorf("rejects %+v", rejects)
	}
	if _, err := c.Import(ctx, "nothing", []byte(file)); client.CodeOf(err) != "invalid" {
		h.t.Errorf("import of nothing: %v", err)
	}
}

func clientScreening(ctx context.Context, h *house, c *client.Client) {
	given(c.AddWatchlistEntry(ctx, client.WatchlistEntry{List: "own", Category: "internal", Name: "Carl Example"}))(h)
	found := profile("c/2")
	found.FullName = "Carl Example"
	pushed := given(c.PushCustomer(ctx, found))(h)
	alert := some(c.Alerts(ctx, client.List{Filter: url.Values{"customer_id": {pushed.ID}}}))(h)[0].ID
	given(c.Work(ctx, alert, client.Step{Verb: "disposition", Outcome: "false_positive", Reason: "another"}))(h)
	if d := some(c.Dispositions(ctx, client.List{}))(h); d[0].AlertID != alert || d[0].Status != "in_force" {
		h.t.Errorf("dispositions %+v", d)
	}
	proposed := given(c.ProposeGoodGuy(ctx, client.GoodGuy{Name: "Nobody Known", List: "shared-0", EntryID: "1", Reason: "the baker"}))(h)
	for _, verb := range []string{"approve", "reject"} {
		if _, err := c.DecideGoodGuy(ctx, proposed.ID, verb, "seen"); client.CodeOf(err) != "forbidden" {
			h.t.Errorf("%s by who proposed it: %v", verb, err)
		}
	}
	given(c.DecideGoodGuy(ctx, proposed.ID, "withdraw", "moved"))(h)
	some(c.GoodGuys(ctx, client.List{}))(h)
	run := given(c.Screen(ctx, "quarterly"))(h)
	if read := given(c.ScreeningRun(ctx, run.ID))(h); read.Cause != "requested" {
		h.t.Errorf("run %+v", read)
	}
	some(c.ScreeningRuns(ctx, client.List{}))(h)
	if figures := given(c.ScreeningStatistics(ctx))(h); figures.Customers == 0 || figures.WithHits+figures.NoHit != figures.Customers {
		h.t.Errorf("statistics %+v", figures)
	}
	if typed := given(c.SearchAsTyped(ctx, "ex car", 1))(h); len(typed.Hits) != 1 || typed.Hits[0].Name != "Carl Example" {
		h.t.Errorf("typed %+v", typed)
	}
	clientNames(ctx, h, c)
	if _, err := c.PushMessage(ctx, []byte("<Document/>"), "out", "c/2"); client.CodeOf(err) != "invalid" {
		h.t.Errorf("no message: %v", err)
	}
}

func clientNames(ctx context.Context, h *house, c *client.Client) {
	rows := []client.NameRow{{Ref: "a", Name: "Carl Example"}, {Ref: "b"}}
	batch := given(c.ScreenNames(ctx, "guests", rows))(h)
	h.advance(batch.ID)
	if read := given(c.NameBatch(ctx, batch.ID))(h); read.Status != "completed" || read.WithHits != 1 || batch.Errors[0].Field != "name" {
		h.t.Errorf("batch %+v, read %+v", batch, read)
	}
	found := some(c.NameResults(ctx, batch.ID, client.List{Filter: url.Values{"status": {"hit"}}}))(h)
	if found[0].Row.Ref != "a" || found[0].Hits[0].Evidence != 50 {
		h.t.Errorf("found %+v", found)
	}
	var file strings.Builder
	h.must(c.WriteNameResults(ctx, &file, batch.ID, url.Values{"status": {"hit"}}))
	if lines := strings.Split(file.String(), "\n"); len(lines) != 3 || !strings.HasPrefix(lines[1], "0,a,hit,Carl Example,internal,own,wle_") {
		h.t.Errorf("file %s", file.String())
	}
	some(c.NameBatches(ctx, client.List{}))(h)
	if late := given(c.CancelNameBatch(ctx, batch.ID, "too late"))(h); late.Status != "completed" {
		h.t.Errorf("cancelled as %+v", late)
	}
}

func clientKeys(ctx context.Context, h *house, c *client.Client) {
	made := given(c.CreateKey(ctx, client.KeyRequest{Name: "core", Scopes: []string{"ledger:read"}}))(h)
	next := given(c.RotateKey(ctx, made.KeyID, "1h"))(h)
	h.must(c.RevokeKey(ctx, next.KeyID, "lost"))
	if read := given(c.Key(ctx, next.KeyID))(h); read.Status != "revoked" || read.Replaces != made.KeyID || made.APIKey == "" || next.APIKey == made.APIKey {
		h.t.Errorf("made %+v, next %+v, read %+v", made, next, read)
	}
	some(c.Keys(ctx, client.List{}))(h)
}

func clientLedger(ctx context.Context, h *house, c *client.Client) {
	vkey, _ := h.verifier()
	key, err := chain.ParseVerifier(vkey)
	h.must(err)
	stated, err := chain.OpenCheckpoint(given(c.Checkpoint(ctx))(h), key)
	h.must(err)
	record := given(c.Record(ctx, 3))(h)
	proof, err := chain.ParseProof([]byte(given(c.Prove(ctx, 3))(h).Proof))
	h.must(err)
	header, _, err := proof.VerifyNote(key)
	h.must(err)
	tile := given(c.Tile(ctx, chain.TilePath(chain.HashTile(0, 0, 4))))(h)
	leaf := chain.LeafHash(chain.Record{Note: []byte(record.Note)}.Text())
	if header.Seq != 3 || stated.Size == 0 || len(tile) != 4*chain.HashSize || string(tile[3*chain.HashSize:]) != string(leaf[:]) {
		h.t.Errorf("header %+v, checkpoint %+v, tile %x", header, stated, tile)
	}
	some(c.Records(ctx, 1, 2))(h)
	if _, err := c.Tile(ctx, "tile/0/999"); client.CodeOf(err) != "not_found" {
		h.t.Errorf("a tile that is not there: %v", err)
	}
}

func clientWebhooks(ctx context.Context, h *house, c *client.Client) {
	made := given(c.CreateWebhook(ctx, client.Webhook{URL: "https://your-endpoint.com/hook", Events: []string{"customer.*"}, Ordering: "fifo"}))(h)
	given(c.PatchWebhook(ctx, made.ID, map[string]any{"description": "mine"}))(h)
	rotated := given(c.RotateWebhookSecret(ctx, made.ID, "1h"))(h)
	given(c.PatchWebhook(ctx, made.ID, map[string]any{"is_active": false}))(h)
	given(c.EnableWebhook(ctx, made.ID, "skip"))(h)
	read := given(c.Webhook(ctx, made.ID))(h)
	if made.Secret == "" || rotated.Secret == made.Secret || read.Secret != "" || read.Description != "mine" || !read.IsActive || read.PreviousUntil.IsZero() {
		h.t.Errorf("made %+v, rotated %+v, read %+v", made, rotated, read)
	}
	some(c.Webhooks(ctx, client.List{}))(h)
	filled := given(c.BackfillWebhook(ctx, made.ID, 0))(h)
	h.reached(filled.Receipt.Seq)
	delivery := some(c.Deliveries(ctx, made.ID, client.List{}))(h)[0]
	one := given(c.Delivery(ctx, made.ID, delivery.Sequence))(h)
	explained := given(c.ExplainWebhook(ctx, made.ID, one.LedgerSeq))(h)
	pulled := some(c.PullEvents(ctx, made.ID, 0, 10))(h)
	if explained.EventID != one.EventID || !explained.Matches || pulled[0].Sequence != 1 {
		h.t.Errorf("explained %+v, delivery %+v, pulled %+v", explained, one, pulled)
	}
	given(c.ReplayDelivery(ctx, made.ID, 1))(h)
	if replayed := given(c.ReplayDeliveries(ctx, made.ID, client.Replay{FromSequence: 1}))(h); replayed.Count < 1 {
		h.t.Errorf("replayed %+v", replayed)
	}
	if _, err := c.TestWebhook(ctx, "https://your-endpoint.com/hook"); client.CodeOf(err) != "undelivered" {
		h.t.Errorf("a test of nobody: %v", err)
	}
	some(c.Attempts(ctx, "test", client.List{}))(h)
	h.must(c.DeleteWebhook(ctx, made.ID))
}

// reached waits until the outbox shows a position.
func (h *house) reached(seq int64) {
	h.t.Helper()
	h.eventually("the outbox is there", func() bool { return h.models.Position("acme", projections.Outbox) >= seq })
}
