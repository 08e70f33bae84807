package projections_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"whocomply/domain"
	"whocomply/projections"
	"whocomply/projections/projectionstest"
)

// longHistory is what a ledger has seen after a while.
func longHistory(events int) *memory {
	source := newMemory()
	h, dice := newHistory(), rand.New(rand.NewPCG(1, 2))
	for len(source.ledgers["acme"]) < events {
		source.add("acme", h.next(dice.IntN)...)
	}
	return source
}

// wantRebuilt compares what is in a database with what a fresh one has of the same events.
func wantRebuilt(t *testing.T, m *models, source *memory) {
	t.Helper()
	fresh := open(t, newFile(t), source)
	fresh.reach(t, "acme", source.shown["acme"]-1)
	if want, got := fresh.dump(t), m.dump(t); got != want {
		t.Errorf("rows\n%s\nwant\n%s", got, want)
	}
}

// nodes share a database, and hear of all events.
type nodes []*models

func (n nodes) reach(t *testing.T, seq int64) {
	t.Helper()
	for _, node := range n {
		node.Wake("acme")
	}
	for _, node := range n {
		node.reach(t, "acme", seq)
	}
}

// TestPostgresNodeTakesOver has two nodes read what one of them writes, until that one ends.
func TestPostgresNodeTakesOver(t *testing.T) {
	source := longHistory(300)
	database := projectionstest.Database(t)
	first, second := open(t, database, source), open(t, database, source)
	for range 10 {
		nodes{second, first}.reach(t, source.show("acme", 10))
	}
	first.stop()
	stopped := time.Now()
	second.reach(t, "acme", source.show("acme", 100))
	if took := time.Since(stopped); took > 10*time.Second {
		t.Errorf("the other node took over after %v", took)
	}
	third := open(t, database, source)
	second.stop()
	third.reach(t, "acme", source.show("acme", 300))
	wantRebuilt(t, third, source)
}

// TestPostgresViewsOnTwoNodes reads a view on both nodes, again and again, while it changes.
func TestPostgresViewsOnTwoNodes(t *testing.T) {
	source := newMemory()
	database := projectionstest.Database(t)
	both := nodes{open(t, database, source), open(t, database, source)}
	source.put("acme", pushed("1", 1, ""))
	for score := range 30 {
		end := source.put("acme", rated("1", score, "low"))
		both.reach(t, end)
		for i, node := range both {
			text, position, err := node.RiskView(t.Context(), "acme", "ext-1")
			var view projections.RiskView
			if err != nil || json.Unmarshal(text, &view) != nil || view.Score != score || position != end {
				t.Fatalf("node %d at %d: %s, %v; want score %d at %d", i, position, text, err, score, end)
			}
		}
	}
}

// TestPostgresEitherNodeRebuilds rebuilds on both nodes while events arrive.
func TestPostgresEitherNodeRebuilds(t *testing.T) {
	source := longHistory(400)
	database := projectionstest.Database(t)
	both := nodes{open(t, database, source), open(t, database, source)}
	for i := range 4 {
		both.reach(t, source.show("acme", 50))
		if err := both[i%2].Rebuild(t.Context(), func(string, int64, int64) { source.show("acme", 5) }); err != nil {
			t.Fatal(err)
		}
		both.reach(t, source.show("acme", 1))
	}
	wantRebuilt(t, both[0], source)
}

// TestPostgresLostSessions ends sessions of two nodes at random while events arrive.
func TestPostgresLostSessions(t *testing.T) {
	source := longHistory(3000)
	database := projectionstest.Database(t)
	both := nodes{open(t, database, source), open(t, database, source)}
	executioner, err := sql.Open("postgres", strings.Replace(database, "application_name=", "application_name=not_", 1))
	if err != nil {
		t.Fatal(err)
	}
	defer executioner.Close()
	for i := 0; source.shown["acme"] < 3000; i++ {
		source.show("acme", rand.IntN(100))
		both[rand.IntN(2)].Wake("acme")
		if i%20 == 0 {
			if _, err := executioner.Exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = current_schema() AND random() < 0.7"); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Duration(rand.IntN(10)) * time.Millisecond)
	}
	both.reach(t, 2999)
	wantRebuilt(t, both[0], source)
}

// TestPostgresKilled kills PostgreSQL at work. Reads say so until it is back, and nothing is lost or doubled.
func TestPostgresKilled(t *testing.T) {
	server := projectionstest.Start(t)
	source := longHistory(2000)
	m := open(t, server.Database(t), source)
	for i := range 3 {
		m.reach(t, "acme", source.show("acme", 200))
		source.show("acme", 300)
		m.Wake("acme")
		time.Sleep(time.Duration(rand.IntN(20)) * time.Millisecond)
		server.Kill(t)
		eventually(t, "reads fail", func() bool {
			_, err := m.Customer(t.Context(), "acme", "cus_0")
			return domain.CodeOf(err) == domain.Unavailable
		})
		if err := m.Wait(within(t, 20*time.Millisecond), "acme", 1999, projections.Events); domain.CodeOf(err) != domain.Unavailable {
			t.Errorf("round %d: wait: %v", i, err)
		}
		server.Restart(t)
		m.reach(t, "acme", source.shown["acme"]-1)
		if _, err := m.Customer(t.Context(), "acme", "cus_0"); err != nil {
			t.Errorf("round %d: %v", i, err)
		}
	}
	m.reach(t, "acme", source.show("acme", 2000))
	wantRebuilt(t, m, source)
}

// TestPostgresOtherVersion opens a database for a program of another version while this one is at work on it.
func TestPostgresOtherVersion(t *testing.T) {
	source := longHistory(200)
	database := projectionstest.Database(t)
	m := open(t, database, source)
	m.reach(t, "acme", source.show("acme", 100))
	exec(t, database, "UPDATE models SET version = 99 WHERE name = 'rules'")
	later := open(t, database, source) // drops the rules of the one
	nodes{later, m}.reach(t, 99)
	exec(t, database, "UPDATE models SET version = 99 WHERE name = 'rules'",
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = current_schema() AND pid <> pg_backend_pid()")
	end := source.show("acme", 100)
	m.Wake("acme")
	later.Wake("acme")
	if err := m.Wait(within(t, 2*time.Second), "acme", end, projections.Events); domain.CodeOf(err) != domain.Unavailable {
		t.Errorf("events were applied to tables of another version: %v", err)
	}
}

// TestPasswordsStaySecret fails to open databases in all ways there are.
func TestPasswordsStaySecret(t *testing.T) {
	for _, database := range []string{
		"postgres://ann:s3cret@127.0.0.1:1/x", "postgres://ann:s3cret@localhost:1/x?sslmode=disable", "postgres://ann:s3cret#1@host/x",
		"postgres://ann:s3cret/1@host:5432/x", "postgres://ann:%s3cret@host/x", "postgres://ann:s3cret@host:port/x", "postgres://ann:s3cret@host/x?sslmode=odd",
		"postgres://ann@host.invalid/x?password=s3cret", "postgres://:s3cret@", "mysql://ann:s3cret@host/x",
		"postgres://ann:s3cret@host/x?sslkey=s3cret&sslcert=s3cret", "postgres://ann:s3cret@host/x?connect_timeout=s3cret",
	} {
		db, err := projections.Open(t.Context(), database)
		if err == nil {
			db.Close()
		}
		if text := fmt.Sprintf("%v %+v", err, err); err == nil || strings.Contains(text, "3cret") {
			t.Errorf("%s: %s", database, text)
		}
	}
}
