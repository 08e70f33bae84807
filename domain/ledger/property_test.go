package ledger_test

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/oklog/ulid/v2"
	"pgregory.net/rapid"

	"whocomply/domain"
	"whocomply/domain/access"
	"whocomply/domain/activity"
	"whocomply/domain/casework"
	"whocomply/domain/customer"
	"whocomply/domain/ledger"
	"whocomply/domain/monitoring"
	"whocomply/domain/posting"
	"whocomply/domain/screening"
	"whocomply/domain/webhook"
)

// wish makes a command anew each time, as a caller does who repeats a request.
type wish func() ledger.Command

// drawer draws wishes on what a desk's ledger and the operator's hold.
type drawer struct {
	*rapid.T
	d, system *desk
}

func pick[V any](r drawer, name string, from ...V) V { return rapid.SampledFrom(from).Draw(r.T, name) }

func (r drawer) id(prefix string, n int) string {
	return prefix + strconv.Itoa(rapid.IntRange(0, n-1).Draw(r.T, prefix))
}

func (r drawer) name() string {
	return pick(r, "name", "Ann Larsen", "LARSEN, Ann", "Viktor Petrov", "Petrov Viktor", "Olga Petrova", "Borealis Trading Ltd", "Zoë Ångström")
}

// idem is the Idempotency-Key of some requests.
func (r drawer) idem(content any) *domain.Idempotency {
	idem := domain.NewIdempotency(domain.RequestKey("POST", fmt.Sprintf("%x", domain.ContentDigest(content))), content)
	return &idem
}

// customer names one by external_id or by our id.
func (r drawer) customer() string {
	id := r.id("c-", 5)
	if known := r.d.state.Customers.ByExternalID(id); known != nil && rapid.Bool().Draw(r.T, "ours") {
		return known.ID
	}
	return id
}

func (r drawer) push() wish {
	p := customer.Profile{
		ExternalID: r.customer(), Type: pick(r, "type", "individual", "business"), Email: "a@example.com",
		CountryOfResidence: pick(r, "country", "", "DK", "VN", "IR"), Industry: pick(r, "industry", "", "casino"),
		PEPDeclared: rapid.Bool().Draw(r.T, "pep"), Metadata: pick(r, "metadata", nil, jsontext.Value(`{ "b":1.0, "a":"\u00e9" }`)),
	}
	if rapid.IntRange(0, 3).Draw(r.T, "owned") == 0 {
		p.Parties = []customer.Party{{PartyID: "p", Type: "individual", Name: r.name(), Roles: []string{"beneficial_owner"}, Nationality: "KP"}}
	}
	if p.LegalName = r.name(); p.Type == "individual" {
		p.FullName, p.LegalName, p.Aliases = p.LegalName, "", pick(r, "aliases", nil, []string{r.name()})
	}
	if status := pick(r, "kyc", "", "pending", "verified"); status != "" {
		p.KYC = &customer.KYC{Status: status, ExpiresAt: pick(r, "expires", "", opened.Add(time.Minute).Format(time.RFC3339))}
	}
	cmd := customer.Push{Profile: p}
	return func() ledger.Command { return &ledger.PushCustomer{Push: cmd} }
}

func (r drawer) patch() wish {
	cmd := customer.Patch{Customer: r.customer(), Merge: jsontext.Value(pick(r, "merge",
		`{"phone":"1"}`, `{"phone":null}`, `{"kyc":null}`, `{"metadata":{"a":null,"c":[1]}}`, `{"aliases":["Viktor Petrov"]}`, `{"nationality":"KP"}`, `{"email":1}`))}
	return func() ledger.Command { return &ledger.PatchCustomer{Patch: cmd} }
}

func (r drawer) relation() wish {
	id, reason := r.customer(), pick(r, "reason", "moved", "came back")
	if rapid.Bool().Draw(r.T, "close") {
		return func() ledger.Command { return ledger.CloseCustomer(customer.Close{Customer: id, Reason: reason}) }
	}
	return func() ledger.Command { return ledger.ReopenCustomer(customer.Reopen{Customer: id, Reason: reason}) }
}

func (r drawer) event() wish {
	in := activity.Input{
		EventID: r.id("e-", 60), EventType: pick(r, "event type", "transaction.created", "transaction.created", "customer.login"),
		OccurredAt: opened.Add(-time.Duration(rapid.IntRange(0, 2).Draw(r.T, "hours")) * time.Hour).In(time.FixedZone("", 3600)), Customer: r.customer(),
	}
	amount := pick(r, "amount", "5", "150.00", "9999.99", "20000", "x")
	in.Data = jsontext.Value(fmt.Sprintf(`{"transaction":{"id":"t","amount":%q,"currency":"EUR","direction":"in","counterparty":{"name":%q}}, "n": 1e2}`, amount, r.name()))
	return func() ledger.Command { return &ledger.RecordEvent{Input: in} }
}

func (r drawer) rule() wish {
	rule := monitoring.Rule{
		Name: "Rule " + r.id("", 3), EventTypes: []string{pick(r, "types", "*", "transaction.*", "posting.*", "posting.recorded", "customer.login")},
		Condition: pick(r, "condition", "transaction.amount >= 150", "risk.score > 20", `customer.country_of_residence == "IR"`,
			"event.data.n == 100", "event.data.missing == 1", "transaction.amont > 1",
			`customer.last("90m").count() >= 2`, `account.last("2h").direction("in").sum() > 2`, `event.data.posting.status == "pending"`, `counterparty.last("2h").sum() > 9000`, `customer.between("3h", "1h").counterparties() > 1`),
		Score: 10, Severity: pick(r, "severity", domain.Low, domain.High), Action: pick(r, "action", "alert", "score"), Mode: pick(r, "mode", "live", "shadow", "off"),
	}
	if rapid.Bool().Draw(r.T, "cool down") {
		rule.DedupBy, rule.CoolDown, rule.Tags = pick(r, "dedup", "customer", "counterparty"), "5m", []string{"FATF R.20"}
	}
	known := r.d.state.Rules.Rules()
	if len(known) == 0 || rapid.IntRange(0, 3).Draw(r.T, "new") == 0 {
		cmd := monitoring.CreateRule{Rule: rule, Idem: r.idem(rule)}
		return func() ledger.Command { return ledger.CreateRule(cmd) }
	}
	rule.ID = pick(r, "rule", known...).ID
	if rapid.IntRange(0, 4).Draw(r.T, "delete") == 0 {
		return func() ledger.Command { return ledger.DeleteRule(monitoring.DeleteRule{RuleID: rule.ID}) }
	}
	return func() ledger.Command { return ledger.ChangeRule(monitoring.ChangeRule{Rule: rule}) }
}

func (r drawer) entry() wish {
	var known []string
	for _, e := range r.d.stored {
		if added, ok := e.Event.(screening.EntryAdded); ok {
			known = append(known, added.Entry.ID)
		}
	}
	if len(known) > 0 && rapid.Bool().Draw(r.T, "remove") {
		cmd := screening.RemoveEntry{EntryID: pick(r, "entry", known...)}
		return func() ledger.Command { return ledger.RemoveEntry(cmd) }
	}
	cmd := screening.AddEntry{Entry: screening.Entry{List: pick(r, "list", "own", "sdn"), Category: pick(r, "category", "internal", "pep", "adverse_media"), Name: r.name()}}
	return func() ledger.Command { return ledger.AddEntry(cmd) }
}

// list publishes a list in the operator's ledger and adopts what is published in the tenant's, or
// takes the tenant on or off one.
func (r drawer) list() wish {
	if name := pick(r, "list", "sdn", "eu"); rapid.IntRange(0, 2).Draw(r.T, "subscription") == 0 {
		idem := r.idem([]any{name, len(r.d.stored)})
		return pick(r, "verb",
			func() ledger.Command { return ledger.SubscribeList(screening.Subscribe{List: name, Idem: idem}) },
			func() ledger.Command {
				return ledger.UnsubscribeList(screening.Unsubscribe{List: name, Reason: "no business there", Idem: idem})
			})
	}
	names := []string{"Viktor Petrov", r.name(), r.name()}
	slices.Sort(names)
	list := publicationOf(pick(r, "list", "sdn", "eu"), slices.Compact(names)...)
	list.RetrievedAt = list.RetrievedAt.Add(time.Duration(rapid.IntRange(-3, 0).Draw(r.T, "retrieved")) * time.Hour)
	list.MaxAge = pick(r, "limit", 0, 2*time.Hour)
	_, published := r.system.must(r.T, ledger.PublishList(list))
	p := *published.(*screening.Publication)
	return func() ledger.Command { return r.d.adopt(r.system, p) }
}

func (r drawer) account() wish {
	cmd := posting.OpenAccount{
		ID: r.id("a-", 4), Name: "Account", Type: "liability", Currency: "EUR", Constraint: pick(r, "constraint", "", posting.NoDebitBalance),
		CustomerID: pick(r, "owner", "", r.customer()),
	}
	return func() ledger.Command { return &ledger.OpenAccount{OpenAccount: cmd} }
}

func (r drawer) posting() wish {
	id, amount := r.id("p-", 20), number(r.T, pick(r, "amount", "1", "2.5", "100.00", "0.001"))
	original := r.d.posting(id)
	switch pick(r, "kind", "record", "record", "post", "void", "reverse") {
	case "post":
		cmd := posting.Post{ID: id, Original: original}
		if original != nil && rapid.Bool().Draw(r.T, "in part") {
			cmd.Entries = slices.Clone(original.Entries)
			cmd.Entries[0].Amount, cmd.Entries[1].Amount = number(r.T, "1"), number(r.T, "1")
		}
		return func() ledger.Command { return &ledger.PostPosting{Post: cmd} }
	case "void":
		return func() ledger.Command { return ledger.VoidPosting(posting.Void{ID: id, Original: original}) }
	case "reverse":
		cmd := posting.Reverse{ID: "r" + id, Reverses: id, Original: original}
		return func() ledger.Command { return &ledger.ReversePosting{Reverse: cmd} }
	}
	cmd := posting.Record{ID: id, Status: pick(r, "status", "", posting.Pending), EffectiveAt: opened.Add(pick(r, "effective", 0, -time.Hour, 48*time.Hour)), Entries: []posting.Entry{
		{Account: r.id("a-", 4), Direction: posting.Debit, Amount: amount, Currency: "EUR"},
		{Account: r.id("a-", 4), Direction: posting.Credit, Amount: amount, Currency: "EUR"},
	}}
	if who := pick(r, "counterparty", "", `{"name":"Viktor Petrov"}`, `"Olga Petrova"`, `[1]`); who != "" {
		cmd.Metadata = jsontext.Value(`{"counterparty": ` + who + `, "channel":"cash","session":{"device_id":"d-1"}}`)
	}
	return func() ledger.Command { return &ledger.RecordPosting{Record: cmd} }
}

func (r drawer) access() wish {
	id, slug := r.id("00000000000", 4), r.id("bank-", 2)
	key := access.Key{ID: id, Name: "core", SecretHash: strings.Repeat("0", 64), Scopes: []string{pick(r, "scope", "admin", "ledger:read", "all")}}
	switch pick(r, "kind", "open", "tenant", "issue", "rotate", "revoke") {
	case "open":
		return func() ledger.Command {
			return ledger.OpenLedger(access.OpenLedger{Slug: "acme", Name: "Acme", Keys: []string{"k"}})
		}
	case "tenant":
		return func() ledger.Command { return ledger.CreateTenant(access.CreateTenant{Slug: slug, Name: "Bank"}) }
	case "issue":
		return func() ledger.Command { return ledger.IssueKey(access.IssueKey{Key: key}) }
	case "rotate":
		next := access.Key{ID: r.id("10000000000", 9), SecretHash: key.SecretHash}
		return func() ledger.Command {
			return ledger.RotateKey(access.RotateKey{KeyID: id, Successor: next, Overlap: time.Hour})
		}
	}
	return func() ledger.Command { return ledger.RevokeKey(access.RevokeKey{KeyID: id}) }
}

func (r drawer) alert() wish {
	id := "alr_x"
	var known []string
	for _, e := range r.d.stored {
		if raised, ok := e.Event.(casework.Raised); ok {
			known = append(known, raised.Alert.ID)
		}
	}
	if len(known) > 0 {
		id = known[rapid.IntRange(max(0, len(known)-3), len(known)-1).Draw(r.T, "alert")] // the newest, so that they meet again
	}
	on := casework.Work{AlertID: id, Reason: pick(r, "reason", "seen", "asked the branch")}
	if rapid.Bool().Draw(r.T, "keyed") {
		on.Idem = r.idem(on)
	}
	outcome := pick(r, "outcome", "", "true_match", "duplicate")
	disposition := pick(r, "disposition", "true_match", "false_positive", "false_positive", "needs_information")
	return pick(r, "work",
		func() ledger.Command { return ledger.AssignAlert(casework.Assign{Work: on, Assignee: "ann"}) },
		func() ledger.Command { return ledger.NoteAlert(casework.Note{Work: on, Text: on.Reason}) },
		func() ledger.Command { return ledger.ResolveAlert(casework.Resolve{Work: on, Outcome: outcome}) },
		func() ledger.Command { return ledger.DismissAlert(casework.Dismiss{Work: on, Outcome: outcome}) },
		func() ledger.Command { return ledger.EscalateAlert(casework.Escalate{Work: on}) },
		func() ledger.Command {
			return ledger.DisposeAlert(ledger.Disposal{Work: on, Outcome: disposition})
		},
		func() ledger.Command { return ledger.ReopenAlert(casework.Reopen{Work: on}) },
	)
}

// webhook draws a command on one of three subscriptions.
func (r drawer) webhook() wish {
	w := webhook.Subscription{ID: r.id("w-", 3), URL: "https://example.com/", Events: []string{pick(r, "events", "*", "alert.*", "alert")}}
	endpoint, id := r.d.state.Webhooks.Endpoint(w.ID), w.ID
	to, attempt := int64(0), int64(1)
	if endpoint != nil {
		to, attempt = endpoint.From, endpoint.Reported+1
	}
	sealed := r.id("sealed ", 9)
	replay := webhook.Replay{WebhookID: id, Sequences: []webhook.Span{{First: 1, Last: 2}}}
	replay.Idem = r.idem(replay)
	report := webhook.Report{WebhookID: id, UpTo: attempt, Outcomes: []webhook.Outcome{{Span: replay.Sequences[0], Outcome: "delivered", Begun: opened, Ended: opened}}}
	return pick(r, "subscription",
		func() ledger.Command { return ledger.CreateWebhook(webhook.Create{Webhook: w, Secret: sealed}) },
		func() ledger.Command {
			return ledger.ChangeWebhook(webhook.Change{Webhook: w, Active: sealed != "sealed 1"})
		},
		func() ledger.Command {
			return ledger.RotateWebhookSecret(webhook.Rotate{WebhookID: id, Secret: sealed, Overlap: time.Hour})
		},
		func() ledger.Command {
			return ledger.DisableWebhook(webhook.Disable{WebhookID: id, Reason: webhook.Gone})
		},
		func() ledger.Command {
			return ledger.EnableWebhook(webhook.Enable{WebhookID: id, Held: webhook.SkipHeld})
		},
		func() ledger.Command { return ledger.DeleteWebhook(webhook.Delete{WebhookID: id}) },
		func() ledger.Command { return ledger.ReplayWebhook(replay) },
		func() ledger.Command {
			return ledger.BackfillWebhook(webhook.Backfill{WebhookID: id, From: to / 2, To: to, Events: []webhook.Past{{Seq: to / 2, Type: "alert.created", RecordedAt: opened}}})
		},
		func() ledger.Command {
			return ledger.ReportDeliveries(webhook.ReportDeliveries{Reports: []webhook.Report{report}})
		},
	)
}

// goodGuy proposes that a name be no hit on an entry, or has somebody decide on that.
func (r drawer) goodGuy() wish {
	var known []string
	for _, e := range r.d.stored {
		if proposed, ok := e.Event.(screening.Proposed); ok {
			known = append(known, proposed.GoodGuy.ID)
		}
	}
	if len(known) == 0 || rapid.Bool().Draw(r.T, "propose") {
		cmd := screening.ProposeGoodGuy{Name: r.name(), List: "sdn", EntryID: "viktor-petrov", Reason: pick(r, "reason", "met him", "another one")}
		return func() ledger.Command { return ledger.ProposeGoodGuy(cmd) }
	}
	cmd := screening.DecideGoodGuy{ID: pick(r, "good guy", known...), Status: pick(r, "status", "approved", "rejected", "withdrawn"), Reason: "looked at"}
	return func() ledger.Command { return ledger.DecideGoodGuy(cmd) }
}

// any draws one of all wishes. What stands first is drawn more often.
func (r drawer) any() wish {
	return pick(r, "wish", r.posting, r.event, r.rule, r.push, r.event, r.posting, r.alert, r.alert, r.entry, r.list, r.account, r.patch, r.relation, r.access, r.goodGuy, r.run, r.batch, r.webhook, r.webhook, r.reference, r.rating, r.rating, r.intake, r.signing)()
}

// TestLedger carries out random commands of all areas and holds what happens against everything
// the package promises; see desk for what each append is held against.
func TestLedger(t *testing.T) {
	commands, seen := 0, map[string]int{}
	all := len(newDesk(t, "").catalog.Kinds())
	carryOut := func(t *rapid.T) {
		d, system := newDesk(t, "acme"), newDesk(t, "system")
		t.Repeat(map[string]func(*rapid.T){
			"commands": func(t *rapid.T) {
				r := drawer{t, d, system}
				for range 8 {
					d.now = d.now.Add(time.Duration(rapid.IntRange(-1, 30).Draw(t, "seconds")) * time.Second) // a clock may go back
					commands++
					d.actor = pick(r, "actor", "key_1", "key_2")
					w := r.any()
					events, _, _ := d.carry(t, d.meta(), w())
					if again, _, _ := d.carry(t, d.meta(), w()); len(again) > 0 {
						t.Fatalf("%q, and again %q: %+v", kinds(events), kinds(again), again)
					}
				}
			},
			"clone":  func(t *rapid.T) { goOn(drawer{t, d, system}) },
			"fold":   func(t *rapid.T) { sameAnswers(t, drawer{t, d, system}) },
			"replay": d.replay,
		})
		for _, e := range slices.Concat(d.log, system.log) {
			seen[e.Event.Kind().Name]++
		}
	}
	for round := 0; round < 5 && len(seen) < all; round++ { // what is rare may take more than one
		rapid.Check(t, carryOut)
	}
	if t.Logf("%d commands, each repeated, gave %v", commands, seen); len(seen) != all {
		t.Errorf("the random commands reach %d kinds of event: %v", len(seen), slices.Sorted(maps.Keys(seen)))
	}
}

// goOn puts a clone in the place of the state, and carries out commands on the one that is given up:
// whatever is seen from then on must not have noticed.
func goOn(r drawer) {
	abandoned := r.d.state
	if r.d.state = abandoned.Clone(); rapid.Bool().Draw(r.T, "abandon the clone") {
		abandoned, r.d.state = r.d.state, abandoned
	}
	for range 8 {
		if events, _, err := carry(abandoned, maps.Clone(r.d.index), r.d.meta(), r.any()()); err != nil && len(events) > 0 {
			r.Fatalf("%d events with the error %v", len(events), err)
		}
	}
}

// sameAnswers folds the events as they were decided or as they are read back, and wants that state
// to answer the next commands as the state they were decided on does, bit for bit.
func sameAnswers(t *rapid.T, r drawer) {
	d := r.d
	log := d.stored
	if rapid.Bool().Draw(t, "as decided") {
		log = d.log
	}
	folded := d.folded(t, log)
	for range 5 {
		w, index := r.any(), maps.Clone(d.index)
		want, _, wantErr := d.carry(t, d.meta(), w())
		got, _, err := carry(folded, index, d.sameMeta(), w())
		if fmt.Sprint(err) != fmt.Sprint(wantErr) {
			t.Fatalf("error %v, want %v", err, wantErr)
		}
		d.same(t, got, want)
	}
}

// again gives the command that a recorded event or posting answered, or nil.
func again(e *domain.Envelope) ledger.Command {
	switch event := e.Event.(type) {
	case activity.Recorded:
		return &ledger.RecordEvent{Input: event.Input}
	case posting.Recorded:
		if p := &event.Posting; p.Reverses == "" {
			return &ledger.RecordPosting{Record: posting.Record{
				ID: p.ID, Status: p.Status, EffectiveAt: p.EffectiveAt, Description: p.Description, Entries: p.Entries, Metadata: p.Metadata,
			}}
		}
	}
	return nil
}

// replay is the examiner's: it decides a recorded event again on what the ledger alone says was
// there before it.
func (d *desk) replay(t *rapid.T) {
	decided := slices.DeleteFunc(slices.Clone(d.stored), func(e domain.Envelope) bool { return e.Cause != "" || again(&e) == nil })
	if len(decided) == 0 {
		return
	}
	e := rapid.SampledFrom(decided).Draw(t, "replayed")
	first := e.ID // the ids of a decision are made in order: those of its alerts or of its posting, then its own
	switch event := e.Event.(type) {
	case activity.Recorded:
		if alerts := event.Decision.Alerts; len(alerts) > 0 {
			first = strings.TrimPrefix(alerts[0], "alr_")
		}
	case posting.Recorded:
		first = strings.TrimPrefix(event.Posting.Ref, "pst_")
	}
	m := domain.Meta{At: e.Time, Actor: e.Actor, IDs: domain.NewIDs(ulid.MustParseStrict(first))}
	got, _, err := carry(d.folded(t, d.stored[:e.Seq]), nil, m, again(&e))
	if err != nil {
		t.Fatal(err)
	}
	d.same(t, got, d.stored[e.Seq:e.Seq+int64(len(got))])
}

// same compares envelopes and the bytes of their payloads.
func (d *desk) same(t *rapid.T, got, want []domain.Envelope) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("gave %q, want %q", kinds(got), kinds(want))
	}
	for i := range got {
		g, w := d.encoded(t, got[i].Event), d.encoded(t, want[i].Event)
		if withoutEvent(got[i]) != withoutEvent(want[i]) || !bytes.Equal(g, w) {
			t.Fatalf("gave\n%+v %s\nwant\n%+v %s", withoutEvent(got[i]), g, withoutEvent(want[i]), w)
		}
	}
}
