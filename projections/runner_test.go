package projections_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"go.uber.org/goleak"

	"whocomply/domain"
	"whocomply/projections"
	"whocomply/projections/projectionstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(onBoth{m}) }

// onBoth runs all tests on SQLite, and then on PostgreSQL, where a database takes longer to make.
// TestPostgres… are about what only PostgreSQL can do, and run once.
type onBoth struct{ *testing.M }

// Run implements goleak.TestingM.
func (m onBoth) Run() int {
	skip := flag.Lookup("test.skip").Value.String()
	set("test.skip", strings.Trim(skip+"|^TestPostgres", "|"))
	code := m.M.Run()
	fmt.Println("and on PostgreSQL:")
	newDatabase = projectionstest.Database
	set("test.skip", skip)
	set("rapid.checks", "20")
	return max(code, m.M.Run())
}

func set(name, value string) {
	if err := flag.Set(name, value); err != nil {
		panic(err)
	}
}

// status gives what Status says of a model on a ledger.
func (m *models) status(ledger string, model projections.Model) projections.Status {
	for _, s := range m.Status() {
		if s.Ledger == ledger && s.Model == model {
			return s
		}
	}
	return projections.Status{}
}

// within gives a context that ends soon.
func within(t testing.TB, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

// eventually waits for what nothing announces.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not in time: %s", what)
		}
	}
}

// TestPoison puts an event that two models cannot apply in the middle of a batch.
func TestPoison(t *testing.T) {
	source := newMemory()
	path := newDatabase(t)
	secret := rated("9", 66, "Very Private Person")
	source.put("acme", pushed("1", 1, ""), rated("1", 5, "low"), secret, rated("1", 80, "high"), recorded("1", "evt-1", "login"))
	end := source.put("rival", pushed("1", 1, ""), rated("1", 5, "low"))
	m := open(t, path, source)
	for _, model := range everyModel {
		stops := model == projections.Customers || model == projections.RiskViews
		err := m.Wait(within(t, 20*time.Second), "acme", 4, model)
		s := m.status("acme", model)
		switch {
		case !stops && (err != nil || s.Position != 4 || s.Stopped != ""):
			t.Errorf("%s: %+v, %v; want it to go on", model, s, err)
		case stops && (domain.CodeOf(err) != domain.Unavailable || s.Position != 1 || !strings.Contains(s.Stopped, "event 2 (risk.rated)") ||
			!strings.Contains(s.Stopped, "ledger acme") || strings.Contains(s.Stopped, "Private")):
			t.Errorf("%s: %+v, %v; want it to stop before event 2", model, s, err)
		}
		if err := m.Wait(within(t, 20*time.Second), "rival", end, model); err != nil {
			t.Errorf("%s on another ledger: %v", model, err)
		}
	}
	if c := must[projections.Customer](t)(m.Customer(t.Context(), "acme", "cus_1")); c.Risk.Score != 5 || c.Seq != 1 {
		t.Errorf("customer %+v, want it as of event 1", c)
	}
	m.Wake("acme")
	m.stop()

	source.ledgers["acme"][2].Event = rated("1", 66, "high")
	m = open(t, path, source)
	m.reach(t, "acme", 4)
	if s := m.status("acme", projections.Customers); s.Stopped != "" {
		t.Errorf("after a restart: %+v", s)
	}
	live := m.dump(t)
	if err := m.Rebuild(t.Context(), nil); err != nil || m.dump(t) != live {
		t.Errorf("rows after the restart differ from rebuilt ones: %v", err)
	}
}

// TestUnreadableEvent stops all models at an event whose payload does not decode. What the
// decoder quotes of the payload is told to nobody.
func TestUnreadableEvent(t *testing.T) {
	var private struct{}
	fault := fmt.Errorf("decode risk.rated v1: %w", json.Unmarshal([]byte(`{"Very Private Person":1}`), &private, json.RejectUnknownMembers(true)))
	if !strings.Contains(fault.Error(), "Private") {
		t.Fatalf("the decoder quotes nothing: %v", fault)
	}
	source := newMemory()
	source.faults["acme/1"] = fault
	source.put("acme", pushed("1", 1, ""), rated("1", 5, "low"))
	db, err := projections.Open(t.Context(), newDatabase(t))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var log bytes.Buffer
	runner := projections.NewRunner(db, source, slog.New(slog.NewTextHandler(&log, nil)))
	err = runner.Rebuild(t.Context(), nil)
	if err == nil || !strings.Contains(err.Error(), "stopped on ledger acme before event 1") || strings.Contains(err.Error()+log.String(), "Private") {
		t.Errorf("rebuild: %v\nlog: %s", err, log.String())
	}
	for _, s := range db.Status() {
		if s.Position != 0 || s.Stopped == "" {
			t.Errorf("%+v, want it stopped after event 0", s)
		}
	}
	if lines := strings.Count(log.String(), "level=ERROR"); lines != len(everyModel) {
		t.Errorf("%d lines of errors, want one per model:\n%s", lines, log.String())
	}
}

// TestStoreUnavailable shows that a store which cannot be read now is no poison.
func TestStoreUnavailable(t *testing.T) {
	source := newMemory()
	source.faults["acme/1"] = domain.Errorf(domain.Unavailable, "no leader")
	source.put("acme", pushed("1", 1, ""), rated("1", 5, "low"))
	m := openNew(t, source)
	if err := m.Wait(within(t, 50*time.Millisecond), "acme", 1, projections.Customers); domain.CodeOf(err) != domain.Unavailable {
		t.Errorf("error %v", err)
	}
	source.mu.Lock()
	clear(source.faults)
	source.mu.Unlock()
	m.reach(t, "acme", 1)
}

func TestWait(t *testing.T) {
	source := newMemory()
	source.add("acme", pushed("1", 1, ""), rated("1", 5, "low"))
	m := openNew(t, source)
	if at := m.Position("acme"); at != -1 {
		t.Errorf("position %d before the first event", at)
	}
	err := m.Wait(within(t, 10*time.Millisecond), "acme", 0, projections.Events)
	if domain.CodeOf(err) != domain.Unavailable {
		t.Errorf("error %v, want unavailable", err)
	}
	const waiters = 50
	results := make(chan error, waiters)
	for range waiters {
		go func() { results <- m.Wait(within(t, 20*time.Second), "acme", 1, projections.RiskViews) }()
	}
	m.reach(t, "acme", source.show("acme", 1))
	m.reach(t, "acme", source.show("acme", 1))
	for range waiters {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	if m.Position("acme") != 1 || m.Position("acme", projections.Rules, projections.Customers) != 1 || m.Position("rival") != -1 {
		t.Errorf("positions %v", m.Status())
	}
}

// TestFairness gives one tenant a long backlog: another's event does not wait for its end.
func TestFairness(t *testing.T) {
	source := newMemory()
	const backlog = 20_000
	source.add("acme", pushed("1", 1, ""))
	for i := range backlog {
		source.add("acme", recorded("1", fmt.Sprint("evt-", i), "login"))
	}
	m := openNew(t, source)
	source.show("acme", backlog+1)
	m.Wake("acme")
	eventually(t, "the backlog begins", func() bool { return m.Position("acme") > 0 })
	m.reach(t, "rival", source.put("rival", pushed("1", 1, "")))
	if at := m.Position("acme"); at >= backlog {
		t.Errorf("the backlog was at %d when the other tenant's event was there", at)
	}
	m.reach(t, "acme", backlog)
}

// TestRebuildOfOneModel keeps the others fresh and catches up with a ledger that grows meanwhile.
func TestRebuildOfOneModel(t *testing.T) {
	source := newMemory()
	source.add("acme", pushed("1", 1, ""))
	const events = 3000
	for i := range 2 * events {
		source.add("acme", recorded("1", fmt.Sprint("evt-", i), "login"))
	}
	m := openNew(t, source)
	m.reach(t, "acme", source.show("acme", events))
	var told []int64
	err := m.Rebuild(t.Context(), func(_ string, done, size int64) {
		told = append(told, done)
		source.show("acme", 10)
		if size < events || done > size {
			t.Errorf("%d of %d", done, size)
		}
		if at := m.Position("acme", projections.Customers); at < events-1 {
			t.Errorf("a model that is not rebuilt is at %d", at)
		}
	}, projections.Events)
	if err != nil || len(told) < 3 || told[0] >= events {
		t.Errorf("progress %v, %v", told, err)
	}
	m.reach(t, "acme", source.show("acme", 2*events))
	_, total, err := m.Events(t.Context(), "acme", projections.EventFilter{}, projections.Page{Limit: 1})
	if err != nil || total != 2*events {
		t.Errorf("%d events, %v", total, err)
	}
	if err := m.Rebuild(t.Context(), nil, "nonsense"); err == nil {
		t.Error("a model that does not exist was rebuilt")
	}
}

// TestOtherVersion opens a database whose rules were made by other code.
func TestOtherVersion(t *testing.T) {
	source := newMemory()
	end := source.put("acme", rule("1", 1), pushed("1", 1, ""))
	path := newDatabase(t)
	m := open(t, path, source)
	m.reach(t, "acme", end)
	want := m.dump(t)
	m.stop()
	exec(t, path, "UPDATE models SET version = 99 WHERE name = 'rules'", "DELETE FROM rules", "ALTER TABLE rules ADD COLUMN odd TEXT")
	m = open(t, path, source)
	m.reach(t, "acme", end)
	if got := m.dump(t); got != want {
		t.Errorf("after the rebuild\n%s\nwant\n%s", got, want)
	}
	m.stop()
	exec(t, path, "INSERT INTO schema_version (version) VALUES (2), (3)")
	if db, err := projections.Open(t.Context(), path); err == nil {
		t.Error("a database of a newer program was opened")
		db.Close()
	}
}

// exec changes a closed database behind the package's back.
func exec(t *testing.T, path string, statements ...string) {
	t.Helper()
	driver, _, isURL := strings.Cut(path, "://")
	if !isURL {
		driver = "sqlite"
	}
	db, err := sql.Open(driver, path)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestClosedDatabase shows that rows which cannot be written are no poison while the fault is the database's.
func TestClosedDatabase(t *testing.T) {
	source := newMemory()
	path := newDatabase(t)
	db, err := projections.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	source.put("acme", pushed("1", 1, ""))
	runner := projections.NewRunner(db, source, slog.New(slog.DiscardHandler))
	if err := errors.Join(runner.Rebuild(t.Context(), nil), db.Close()); err != nil {
		t.Fatal(err)
	}
	source.put("acme", rated("1", 5, "low"))
	if err := runner.Rebuild(t.Context(), nil); err == nil {
		t.Error("a closed database was written")
	}
	for _, s := range db.Status() {
		if s.Stopped != "" {
			t.Errorf("%+v", s)
		}
	}
}
