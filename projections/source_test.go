package projections_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"iter"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
	"whocomply/domain/activity"
	"whocomply/domain/casework"
	"whocomply/domain/customer"
	"whocomply/domain/monitoring"
	"whocomply/domain/posting"
	"whocomply/domain/risk"
	"whocomply/domain/screening"
	"whocomply/projections"
)

// memory is a Source of hand-made envelopes. It shows only what was let out.
type memory struct {
	mu      sync.Mutex
	ledgers map[string][]domain.Envelope
	shown   map[string]int64
	faults  map[string]error // by "ledger/seq": reading that event fails
}

func newMemory() *memory {
	return &memory{ledgers: map[string][]domain.Envelope{}, shown: map[string]int64{}, faults: map[string]error{}}
}

func (m *memory) Ledgers(context.Context) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Sorted(maps.Keys(m.ledgers)), nil
}

func (m *memory) Size(_ context.Context, ledger string) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.shown[ledger], nil
}

func (m *memory) Read(_ context.Context, ledger string, from int64) iter.Seq2[domain.Envelope, error] {
	return func(yield func(domain.Envelope, error) bool) {
		m.mu.Lock()
		events := m.ledgers[ledger][from:max(from, m.shown[ledger])]
		m.mu.Unlock()
		for _, e := range events {
			m.mu.Lock()
			fault := m.faults[fmt.Sprintf("%s/%d", ledger, e.Seq)]
			m.mu.Unlock()
			if fault != nil {
				yield(domain.Envelope{}, fault)
				return
			}
			if !yield(e, nil) {
				return
			}
		}
	}
}

// show lets out n more events of a ledger and gives the seq of the last one shown.
func (m *memory) show(ledger string, n int) int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.shown[ledger] = min(m.shown[ledger]+int64(n), int64(len(m.ledgers[ledger])))
	return m.shown[ledger] - 1
}

// add records events of a ledger without letting them out.
func (m *memory) add(ledger string, list ...domain.Event) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, event := range list {
		seq := int64(len(m.ledgers[ledger]))
		e := domain.Envelope{
			Ledger: ledger, Seq: seq, ID: fmt.Sprintf("01J0000000000000%010d", seq), Actor: "key_1", Event: event,
			Time: epoch.Add(time.Duration(seq) * time.Millisecond), Hash: sha256.Sum256(fmt.Append(nil, ledger, seq)),
		}
		if about, ok := event.(domain.Subject); ok {
			e.Subject = about.Subject()
		}
		m.ledgers[ledger] = append(m.ledgers[ledger], e)
	}
}

// put records events and lets them out.
func (m *memory) put(ledger string, list ...domain.Event) int64 {
	m.add(ledger, list...)
	return m.show(ledger, len(list))
}

var epoch = time.Date(2026, 1, 31, 9, 0, 0, 0, time.UTC)

func pushed(id string, version int, kyc string) customer.Pushed {
	p := customer.Profile{ExternalID: "ext-" + id, Type: "individual", Email: id + "@example.com", FullName: "Ann Larsen"}
	if kyc != "" {
		p.KYC = &customer.KYC{Status: kyc}
	}
	return customer.Pushed{CustomerID: "cus_" + id, Version: version, Profile: p}
}

func screened(id string) screening.Completed {
	return screening.Completed{CustomerID: "cus_" + id, Profile: 1, Screened: domain.Screened{
		Lists: []domain.ListVersion{{List: "ofac-sdn", Version: 1, Digest: "00"}}, Hits: []domain.Hit{},
	}}
}

func rated(id string, score int, rating string) risk.Rated {
	return risk.Rated{CustomerID: "cus_" + id, Rating: risk.Rating{
		RiskMark: domain.RiskMark{Score: score, Rating: rating}, Model: "standard/1", EDDRequired: score > 60, EDDReasons: []string{},
		Factors: []risk.Factor{{Factor: "geography", Weight: 30, Score: score / 4, Reason: "lives in DK"}},
	}}
}

func raised(id, alert string, severity domain.Severity) casework.Raised {
	return casework.Raised{Alert: casework.Alert{
		ID: "alr_" + alert, Kind: "monitoring", Severity: severity, CustomerID: "cus_" + id,
		Source: casework.Source{Kind: "event", EventID: "evt-1", Seq: 3}, Reasons: []casework.Reason{{Text: "large amount"}},
	}}
}

var transfer = jsontext.Value(`{"transaction":{"id":"tx-1","amount":"1200.50","currency":"EUR","direction":"out","channel":"online",` +
	`"counterparty":{"name":"Nordic Timber ApS","account":"DK5000400440116243","country":"DK"},"purpose":"invoice 7781"}}`)

func recorded(id, eventID, kind string) activity.Recorded {
	return activity.Recorded{
		Input:      activity.Input{EventID: eventID, EventType: kind, OccurredAt: epoch, Customer: "ext-" + id, Data: transfer},
		CustomerID: "cus_" + id,
		Decision: activity.Decision{
			Alerts: []string{}, Monitoring: domain.Monitored{RuleSet: strings.Repeat("0", 64), Score: 7, Fired: []domain.RuleFired{}},
			Screening: domain.Screened{Lists: []domain.ListVersion{{List: "ofac-sdn", Version: 3, Digest: strings.Repeat("0", 64)}}, Hits: []domain.Hit{}},
			Risk:      activity.RiskChange{Before: domain.RiskMark{Score: 10, Rating: "low"}, After: domain.RiskMark{Score: 10, Rating: "low"}},
		},
		Idem: domain.Idempotency{Key: "event/" + eventID, Digest: "00"},
	}
}

func opened(id string, customerID string) posting.Opened {
	return posting.Opened{Account: posting.Account{
		Ref: "acc_" + id, ID: id, Name: "Account " + id, Type: "liability",
		Currency: "EUR", CustomerID: customerID, Constraint: posting.NoConstraint,
	}}
}

func decimal(s string) domain.Decimal {
	d, err := domain.ParseDecimal(s)
	if err != nil {
		panic(err)
	}
	return d
}

// balance is an account's balance as an event tells it.
func balance(account, debits, credits, pendingDebits, pendingCredits string) posting.Balance {
	return posting.Balance{
		Account: account, Posted: posting.Sides{Debits: decimal(debits), Credits: decimal(credits)},
		Pending: posting.Sides{Debits: decimal(pendingDebits), Credits: decimal(pendingCredits)},
	}
}

func posted(id, status string, after ...posting.Balance) posting.Recorded {
	return posting.Recorded{After: after, Posting: posting.Posting{
		Ref: "pst_" + id, ID: id, Status: status, EffectiveAt: epoch,
		Entries: []posting.Entry{
			{Account: after[0].Account, Direction: posting.Debit, Amount: decimal("5.00"), Currency: "EUR"},
			{Account: after[len(after)-1].Account, Direction: posting.Credit, Amount: decimal("5.00"), Currency: "EUR"},
		},
	}}
}

func rule(id string, version int) monitoring.Set {
	return monitoring.Set{Rule: monitoring.Rule{
		ID: "rul_" + id, Version: version, Name: "Large", EventTypes: []string{"*"},
		Condition: "true", Score: 10, Severity: domain.High, Action: "alert", Mode: "live",
	}}
}

func entry(id, list string) screening.EntryAdded {
	return screening.EntryAdded{Entry: screening.Entry{ID: "wle_" + id, List: list, Category: "internal", EntityType: "individual", Name: "Bad Actor"}}
}

func adopted(list string, version int) screening.Adopted {
	return screening.Adopted{Publication: screening.Publication{
		RetrievedAt: epoch, PublishedAt: epoch, Category: "sanctions", Entries: 3,
		ListVersion: domain.ListVersion{List: list, Version: version, Digest: "00"},
	}}
}

// newDatabase gives an empty database of the kind that the tests run on at present.
var newDatabase = newFile

func newFile(t testing.TB) string { return filepath.Join(t.TempDir(), "views.db") }

// models is a database with a runner at work on it.
type models struct {
	*projections.DB
	*projections.Runner
	stop func()
}

// open opens a database and starts a runner. Both end with the test, or by stop.
func open(t testing.TB, database string, source projections.Source) *models {
	t.Helper()
	db, err := projections.Open(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	m := &models{DB: db, Runner: projections.NewRunner(db, source, slog.New(slog.DiscardHandler))}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- m.Run(ctx) }()
	m.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(m.stop)
	return m
}

func openNew(t testing.TB, source projections.Source) *models {
	return open(t, newDatabase(t), source)
}

// reach wakes the runner and waits until every model has applied seq.
func (m *models) reach(t testing.TB, ledger string, seq int64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	m.Wake(ledger)
	for _, model := range everyModel {
		if err := m.Wait(ctx, ledger, seq, model); err != nil {
			t.Fatal(err)
		}
	}
}

var everyModel = []projections.Model{
	projections.Customers, projections.RiskViews, projections.Alerts, projections.Accounts,
	projections.Events, projections.Rules, projections.Watchlists, projections.Screenings, projections.Batches, projections.Outbox, projections.Firings,
}

func (m *models) dump(t testing.TB) string {
	t.Helper()
	var b strings.Builder
	if err := m.Dump(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
