package posting_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"whocomply/domain"
	"whocomply/domain/posting"
)

// TestCasesOfOthers runs the tests that other ledgers test themselves with on our books, and wants
// the balances that they expect. What does not map to our model is listed with its reason in
// testdata/ledger/unmapped.tsv: the list must name all of it, and nothing that does map.
func TestCasesOfOthers(t *testing.T) {
	listed := unmapped(t)
	for file, run := range map[string]func(*testing.T, []byte) map[string]error{
		"numscript": runNumscript, "tigerbeetle": runTigerBeetle, "ledgercli": runLedgerCLI,
	} {
		text, err := os.ReadFile("../../testdata/ledger/" + file + ".jsonl")
		if err != nil {
			t.Fatal(err)
		}
		mapped, all := 0, 0
		for line := range bytes.Lines(text) {
			for name, err := range run(t, line) {
				name = file + " " + name
				reason, known := listed[name]
				switch {
				case err == nil && known:
					t.Errorf("%s maps, and is listed as not mapping: %s", name, reason)
				case err == nil:
					mapped++
				case !known:
					t.Errorf("%s does not map and is not listed: %v", name, err)
				}
				delete(listed, name)
				all++
			}
		}
		t.Logf("%s: %d of %d cases map", file, mapped, all)
	}
	for _, name := range slices.Sorted(maps.Keys(listed)) {
		t.Errorf("%s is listed and is no case", name)
	}
}

// unmapped reads the list of cases that do not map, each with its reason.
func unmapped(t *testing.T) map[string]string {
	file, err := os.Open("../../testdata/ledger/unmapped.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	listed := map[string]string{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		name, reason, ok := strings.Cut(lines.Text(), "\t")
		if !ok || reason == "" || listed[name] != "" {
			t.Fatalf("%q has no reason, or is there twice", lines.Text())
		}
		listed[name] = reason
	}
	return listed
}

var errUnmapped = errors.New("does not map")

func cannot(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{errUnmapped}, args...)...)
}

// book is books that a case is run on.
type book struct {
	*testing.T
	name  string
	state *posting.State
	n     int
}

func newBook(t *testing.T, name string) *book { return &book{T: t, name: name, state: posting.New()} }

// open opens an account that is not open yet.
func (b *book) open(id, kind string, currency domain.Currency, constraint string) {
	if b.state.Account(id) == nil {
		b.try(posting.OpenAccount{ID: id, Name: id, Type: kind, Currency: currency, Constraint: constraint}, true)
	}
}

// try carries out a command, which must be taken or refused as invalid, and gives its event.
func (b *book) try(cmd any, taken bool) domain.Event {
	b.Helper()
	events, err := decide(b.state, meta(), cmd)
	if (err == nil) != taken || err != nil && domain.CodeOf(err) != domain.Invalid {
		b.Errorf("%s: %+v: error %v, wanted to be taken: %v", b.name, cmd, err, taken)
	}
	if len(events) == 0 {
		return nil
	}
	b.state.Evolve(&domain.Envelope{Event: events[0]})
	return events[0]
}

// post records entries as one posting.
func (b *book) post(taken bool, entries ...posting.Entry) {
	b.Helper()
	b.n++
	b.try(posting.Record{ID: fmt.Sprint(b.n), EffectiveAt: at, Entries: entries}, taken)
}

// pays is a debit of one account and a credit of another.
func pays(from, to string, amount domain.Decimal, currency domain.Currency) []posting.Entry {
	return []posting.Entry{
		{Account: from, Direction: posting.Debit, Amount: amount, Currency: currency},
		{Account: to, Direction: posting.Credit, Amount: amount, Currency: currency},
	}
}

// net is what an account was posted, debits less credits.
func (b *book) net(id string) domain.Decimal {
	sides := b.state.Account(id).Balance.Posted
	net, err := sides.Debits.Add(sides.Credits.Neg())
	if err != nil {
		b.Fatal(err)
	}
	return net
}

func read(t *testing.T, line []byte, v any) {
	t.Helper()
	if err := json.Unmarshal(line, v); err != nil {
		t.Fatal(err)
	}
}
