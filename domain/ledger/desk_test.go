package ledger_test

import (
	"bytes"
	"encoding/binary"
	"slices"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/oklog/ulid/v2"
	"pgregory.net/rapid"

	"whocomply/domain"
	"whocomply/domain/activity"
	"whocomply/domain/casework"
	"whocomply/domain/customer"
	"whocomply/domain/ledger"
	"whocomply/domain/posting"
	"whocomply/domain/risk"
	"whocomply/domain/screening"
)

var opened = time.Date(2026, 1, 31, 9, 0, 0, 0, time.UTC)

// desk does around the decisions on one ledger what the writer does: it asks the index of callers'
// ids, decides, and stores. It fails the test as soon as an append breaks a promise.
type desk struct {
	slug    string
	catalog *domain.Catalog
	state   *ledger.State
	index   map[string]string // digest by idempotency key, for ever
	log     []domain.Envelope // as decided
	stored  []domain.Envelope // as read back
	ids     map[string]bool   // of envelopes
	now     time.Time
	seeds   uint64
	actor   string
	loaded  map[domain.ListVersion]*screening.List // every content that was ever adopted
}

func newDesk(t rapid.TB, slug string) *desk {
	t.Helper()
	catalog, err := ledger.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	return &desk{
		slug: slug, catalog: catalog, state: ledger.New(slug), index: map[string]string{}, ids: map[string]bool{},
		now: opened, actor: "key_1", loaded: map[domain.ListVersion]*screening.List{},
	}
}

// meta gives the time and the next seed.
func (d *desk) meta() domain.Meta {
	d.seeds++
	return d.sameMeta()
}

// sameMeta gives the time and the last seed once more.
func (d *desk) sameMeta() domain.Meta {
	seed := ulid.ULID{}
	if err := seed.SetTime(ulid.Timestamp(opened)); err != nil {
		panic(err)
	}
	binary.BigEndian.PutUint64(seed[6:], d.seeds)
	return domain.Meta{At: d.now, Actor: d.actor, IDs: domain.NewIDs(seed)}
}

// carry prepares a command and decides it, unless its idempotency key is known.
func carry(s *ledger.State, index map[string]string, m domain.Meta, c ledger.Command) ([]domain.Envelope, any, error) {
	if err := ledger.Prepare(&sync.Mutex{}, s, m, c); err != nil {
		return nil, nil, err
	}
	idem := c.Idempotency()
	digest, known := index[idem.Key]
	switch {
	case idem.Key == "" || !known:
		return ledger.Decide(s, m, c)
	case digest != idem.Digest:
		return nil, nil, domain.Errorf(domain.Conflict, "used before")
	}
	return nil, nil, nil
}

// carry carries out a command and stores its events.
func (d *desk) carry(t rapid.TB, m domain.Meta, c ledger.Command) ([]domain.Envelope, any, error) {
	t.Helper()
	rules, lists := d.state.Rules.RuleSet().Digest(), d.state.Lists().Versions()
	events, reply, err := carry(d.state, d.index, m, c)
	if err != nil && len(events) > 0 {
		t.Fatalf("%d events with the error %v", len(events), err)
	}
	d.append(t, m, events)
	checkBasis(t, rules, lists, events)
	checkAnswer(t, events)
	return events, reply, err
}

// must carries out a command that may not fail.
func (d *desk) must(t rapid.TB, c ledger.Command) ([]domain.Envelope, any) {
	t.Helper()
	events, reply, err := d.carry(t, d.meta(), c)
	if err != nil {
		t.Fatal(err)
	}
	return events, reply
}

// append stores envelopes, holding them against what every append promises.
func (d *desk) append(t rapid.TB, m domain.Meta, events []domain.Envelope) {
	t.Helper()
	for i, e := range events {
		at, cause, subject := m.At, "", ""
		if n := len(d.log); n > 0 && d.log[n-1].Time.After(at) {
			at = d.log[n-1].Time
		}
		if i > 0 {
			cause = events[0].ID
		}
		if about, ok := e.Event.(domain.Subject); ok {
			subject = about.Subject()
		}
		want := domain.Envelope{
			Ledger: d.slug, Seq: int64(len(d.log)), ID: e.ID, Time: at, Actor: m.Actor, Cause: cause, Subject: subject, Event: e.Event,
		}
		raw := d.encoded(t, e.Event)
		if stated := withoutEvent(e); stated != withoutEvent(want) || d.ids[e.ID] {
			t.Fatalf("envelope %+v,\nwant %+v, id used before: %v", stated, withoutEvent(want), d.ids[e.ID])
		}
		read := e
		var err error
		if read.Event, err = d.catalog.Decode(e.Event.Kind(), raw); err != nil {
			t.Fatal(err)
		}
		if again := d.encoded(t, read.Event); !bytes.Equal(raw, again) {
			t.Fatalf("stored %s\nread   %s", raw, again)
		}
		d.ids[e.ID] = true
		d.log, d.stored = append(d.log, e), append(d.stored, read)
		if bound, ok := e.Event.(domain.Idempotent); ok && bound.Idempotency().Key != "" {
			d.index[bound.Idempotency().Key] = bound.Idempotency().Digest
		}
	}
	if d.state.Next() != int64(len(d.log)) {
		t.Fatalf("next is %d after %d events", d.state.Next(), len(d.log))
	}
}

func withoutEvent(e domain.Envelope) domain.Envelope {
	e.Event = nil
	return e
}

// encoded gives an event's payload, which must be what package json makes of it.
func (d *desk) encoded(t rapid.TB, event domain.Event) []byte {
	t.Helper()
	raw, err := d.catalog.Encode(nil, event)
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := json.Marshal(event, json.Deterministic(true)); err != nil || !bytes.Equal(raw, plain) {
		t.Fatalf("written as %s\nby package json %s, error %v", raw, plain, err)
	}
	return raw
}

// checkBasis wants each decision to name the rules and lists that were in force before it.
func checkBasis(t rapid.TB, rules string, lists []domain.ListVersion, events []domain.Envelope) {
	t.Helper()
	for _, e := range events {
		switch event := e.Event.(type) {
		case activity.Recorded:
			screened := event.Decision.Screening
			if event.Decision.Monitoring.RuleSet != rules {
				t.Fatalf("decided on rules %s, in force are %s", event.Decision.Monitoring.RuleSet, rules)
			}
			if len(screened.Lists)+len(screened.Hits) > 0 && !slices.Equal(screened.Lists, lists) {
				t.Fatalf("screened on %v, in force are %v", screened.Lists, lists)
			}
		case screening.Completed:
			if !slices.Equal(event.Lists, lists) {
				t.Fatalf("screened on %v, in force are %v", event.Lists, lists)
			}
		}
	}
}

// checkAnswer wants every recorded event to announce the alerts and the rating that follow it, and
// alerts to name the record that they were raised on.
func checkAnswer(t rapid.TB, events []domain.Envelope) {
	t.Helper()
	for i := range events {
		if _, ok := events[i].Event.(activity.Recorded); ok && i > 0 {
			checkAnswer(t, events[:i])
			checkAnswer(t, events[i:])
			return
		}
	}
	var alerts []string
	var rated *domain.RiskMark
	for _, e := range events {
		switch event := e.Event.(type) {
		case casework.Raised:
			alerts = append(alerts, event.Alert.ID)
			if event.Alert.Source.Seq < events[0].Seq || event.Alert.Source.Seq >= e.Seq {
				t.Fatalf("alert at %d was raised on %d, outside of %d…", e.Seq, event.Alert.Source.Seq, events[0].Seq)
			}
		case risk.Rated:
			rated = &event.RiskMark
			for _, f := range event.Factors {
				if at := f.Seq - events[0].Seq; at >= 0 && !isGround(events[at].Event) {
					t.Fatalf("factor %s rests on %d, a %s", f.Factor, f.Seq, events[at].Event.Kind().Name)
				}
			}
		}
	}
	if len(events) == 0 {
		return
	}
	recorded, ok := events[0].Event.(activity.Recorded)
	if !ok {
		return
	}
	if !slices.Equal(recorded.Decision.Alerts, alerts) {
		t.Fatalf("announced %v, raised %v", recorded.Decision.Alerts, alerts)
	}
	if change := recorded.Decision.Risk; rated != nil && change.After != *rated || rated == nil && change.After != change.Before {
		t.Fatalf("announced %+v, rated %+v", change, rated)
	}
}

// isGround reports whether a factor of a rating may rest on an event.
func isGround(event domain.Event) bool {
	switch event.(type) {
	case customer.Pushed, casework.Raised:
		return true
	}
	return false
}

// folded gives the state folded from envelopes, with the contents of the lists adopted in them.
func (d *desk) folded(t rapid.TB, envelopes []domain.Envelope) *ledger.State {
	t.Helper()
	s := ledger.New(d.slug)
	for i := range envelopes {
		s.Evolve(&envelopes[i])
	}
	for _, p := range s.Screening.Adopted() {
		events, _, err := ledger.Decide(s, domain.Meta{At: d.now}, ledger.AdoptList(screening.AdoptList{Publication: p}, d.loaded[p.ListVersion]))
		if err != nil || len(events) > 0 {
			t.Fatalf("adopting again: %d events, error %v", len(events), err)
		}
	}
	return s
}

// posting gives a posting as it was recorded, or nil.
func (d *desk) posting(id string) *posting.Posting {
	for _, e := range d.stored {
		if recorded, ok := e.Event.(posting.Recorded); ok && recorded.Posting.ID == id {
			return &recorded.Posting
		}
	}
	return nil
}

// adopt carries a publication in force in the operator's ledger over to this one.
func (d *desk) adopt(system *desk, p screening.Publication) ledger.Command {
	for _, list := range system.state.Screening.Shared() {
		if list.Version() == p.ListVersion {
			d.loaded[p.ListVersion] = list
		}
	}
	return ledger.AdoptList(screening.AdoptList{Publication: p}, d.loaded[p.ListVersion])
}

func number(t rapid.TB, s string) domain.Decimal {
	t.Helper()
	d, err := domain.ParseDecimal(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
