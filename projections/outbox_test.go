package projections_test

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"whocomply/domain"
	"whocomply/domain/ledger"
	"whocomply/domain/screening"
	"whocomply/domain/webhook"
	"whocomply/projections"
)

// TestNotices holds what is told of every kind of event against the catalogue of types.
func TestNotices(t *testing.T) {
	told, asShown := map[string]bool{"test": true}, map[string]bool{}
	for _, event := range append(goldenEvents(t), screening.BatchEnded{
		BatchID: "bat_01KGA0P6F1G0R40M30E209185G", Outcome: screening.BatchDone, Rows: 3, Done: 3, Refused: 1,
		BatchTally: screening.BatchTally{Screened: 2, WithHits: 1, NoHit: 1},
	}) {
		e := domain.Envelope{Ledger: "acme", Seq: 9, ID: "01KG9N1YNVEXM6YRVFDNR6RYD0", Time: epoch, Event: event}
		if about, ok := event.(domain.Subject); ok {
			e.Subject = about.Subject()
		}
		n, is, err := projections.NoticeOf(&e)
		if err != nil {
			t.Fatal(err)
		}
		if !is {
			continue
		}
		entry, known := webhook.TypeOf(n.Type)
		if !known || !entry.Emitted {
			t.Errorf("%s is told as %s, which the catalogue does not have", event.Kind().Name, n.Type)
			continue
		}
		told[n.Type] = true
		if err := schemaOf(t, entry).Validate(plain(t, n.Data)); err != nil {
			t.Errorf("%s: data %s: %v", n.Type, n.Data, err)
		}
		if reflect.DeepEqual(plain(t, n.Data), plain(t, entry.Example)) {
			asShown[n.Type] = true
		}
		if n.ObjectID == "" || n.Object == "" || strings.Contains(n.ObjectID, "@") {
			t.Errorf("%s is about %q %q", n.Type, n.Object, n.ObjectID)
		}
	}
	for name := range told {
		if !asShown[name] && name != "test" {
			t.Errorf("%s is never told as the catalogue's example shows it", name)
		}
	}
	for _, missing := range []string{"customer.updated", "posting.voided"} { // by the same events
		told[missing] = true
	}
	for _, entry := range webhook.Types() {
		if entry.Emitted != told[entry.Name] {
			t.Errorf("%s: the catalogue says emitted %v, and it is told %v", entry.Name, entry.Emitted, told[entry.Name])
		}
	}
}

// goldenEvents gives one event of each kind there is.
func goldenEvents(t *testing.T) (events []domain.Event) {
	t.Helper()
	catalog, err := ledger.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range catalog.Kinds() {
		raw, err := os.ReadFile(filepath.Join("..", "testdata", "events", kind.Name+".v1.json"))
		if err != nil {
			t.Fatal(err)
		}
		event, err := catalog.Decode(domain.Kind{Name: kind.Name, Version: 1}, raw)
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, event)
	}
	return events
}

// schemaOf compiles the schema of a type's data.
func schemaOf(t *testing.T, kind webhook.Type) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	if err := c.AddResource("file:///"+kind.Name, plain(t, kind.Schema)); err != nil {
		t.Fatal(err)
	}
	return c.MustCompile("file:///" + kind.Name)
}

func plain(t *testing.T, text []byte) any {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// TestOutbox matches events with subscriptions, in sequences without gaps.
func TestOutbox(t *testing.T) {
	source := newMemory()
	m := openNew(t, source)
	created := webhook.Created{Webhook: webhook.Subscription{ID: "w", Events: []string{"customer.*"}, Filter: "event.customer_id != 'cus_2'"}}
	m.reach(t, "acme", source.put("acme", pushed("0", 1, ""), created, pushed("1", 1, ""), screened("1"), pushed("2", 1, ""), rated("1", 5, "low"), pushed("1", 2, "")))
	ends, err := m.OutboxEnds(t.Context())
	if err != nil || len(ends) != 1 || ends[0].Last != 3 || ends[0].ID != "w" || !ends[0].Active {
		t.Fatalf("ends %+v, %v", ends, err)
	}
	if due, err := m.FreshDue(t.Context(), ends[0].Key, 1, 2, true); err != nil || len(due) != 1 || due[0].Seq != 5 {
		t.Errorf("between 1 and 2 are due %+v, %v", due, err)
	}
	due, err := m.FreshDue(t.Context(), ends[0].Key, 0, 10, false)
	if err != nil || len(due) != 3 || due[0].Seq != 2 || due[1].Seq != 5 || due[2].Seq != 6 || due[0].Previous != "" || due[2].Previous != due[1].EventID {
		t.Errorf("due %+v, %v", due, err)
	}
}

// TestRebuildResendsNothing delivers some, and wants the same to be due before and after a rebuild; and of a
// new database nothing that the ledger says was delivered.
func TestRebuildResendsNothing(t *testing.T) {
	source := newMemory()
	m := openNew(t, source)
	created := webhook.Created{Webhook: webhook.Subscription{ID: "w", Events: []string{"customer.*"}}}
	m.reach(t, "acme", source.put("acme", created, pushed("1", 1, ""), pushed("2", 1, ""), pushed("3", 1, ""), pushed("4", 1, "")))
	ends, err := m.OutboxEnds(t.Context())
	if err != nil || len(ends) != 1 {
		t.Fatal(ends, err)
	}
	key := ends[0].Key
	kept := projections.NewDeliveries(m.DB, "one")
	defer kept.Close()
	now := time.Now()
	ways := must[[]projections.Way](t)(kept.Claim([]int64{key}, now, time.Minute))
	if len(ways) != 1 {
		t.Fatalf("ways %+v", ways)
	}
	way := ways[0]
	way.Fresh, way.Delivered, way.LastAttempt = 1, 2, 12
	lost, err := kept.Record([]projections.Attempt{
		{Key: key, ID: 10, Sequence: 1, Number: 1, Outcome: projections.Delivered},
		{Key: key, ID: 11, Sequence: 3, Number: 1, Outcome: projections.Delivered},
		{Key: key, ID: 12, Sequence: 4, Number: 1, Outcome: projections.Failed, Due: now.Add(-time.Second)},
	}, []projections.Way{way})
	if err != nil || len(lost) > 0 {
		t.Fatal(lost, err)
	}
	same := func(when string) {
		t.Helper()
		due := must[[]projections.Due](t)(m.FreshDue(t.Context(), key, way.Fresh, 10, false))
		retries, _, err := m.RetriesDue(t.Context(), key, time.Now(), 10)
		if err != nil || len(due) != 1 || due[0].Sequence != 2 || len(retries) != 1 || retries[0].Sequence != 4 || retries[0].Attempts != 1 {
			t.Errorf("%s: due %+v, retries %+v, %v", when, due, retries, err)
		}
	}
	same("before")
	if err := m.Rebuild(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	same("after a rebuild")
	other := projections.NewDeliveries(m.DB, "two")
	defer other.Close()
	if stolen := must[[]projections.Way](t)(other.Claim([]int64{key}, now, time.Minute)); len(stolen) > 0 {
		t.Errorf("another process has %+v", stolen)
	}
	if taken := must[[]projections.Way](t)(other.Claim([]int64{key}, now.Add(2*time.Minute), time.Minute)); len(taken) != 1 || taken[0].Fresh != 1 {
		t.Errorf("after the lease another process has %+v", taken)
	}
	if lost, err := kept.Record(nil, []projections.Way{way}); err != nil || len(lost) != 1 {
		t.Errorf("the one that lost the lease wrote its way: %v %v", lost, err)
	}
	m.reach(t, "acme", source.put("acme", webhook.DeliveriesReported{Reports: []webhook.Report{{WebhookID: "w", Outcomes: []webhook.Outcome{
		{Span: webhook.Span{First: 1, Last: 1}, Outcome: "delivered"}, {Span: webhook.Span{First: 3, Last: 3}, Outcome: "delivered"},
	}}}}))
	fresh := openNew(t, source)
	fresh.reach(t, "acme", 5)
	due := must[[]projections.Due](t)(fresh.FreshDue(t.Context(), key, 0, 10, false))
	if len(due) != 2 || due[0].Sequence != 2 || due[1].Sequence != 4 {
		t.Errorf("of a new database are due %+v", due)
	}
}
