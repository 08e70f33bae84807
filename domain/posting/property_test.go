package posting_test

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"whocomply/domain"
	"whocomply/domain/posting"
)

// desk does what the writer does around the decisions, and keeps a second set of books by
// another method: whole minor units in a map.
type desk struct {
	state    *posting.State
	log      []domain.Event
	index    map[string]string // digest by idempotency key, for ever
	postings map[string]*posting.Posting
	books    map[string]cents
	stage    map[string]string // posted, pending or voided by posting_id
	parts    map[string][]posting.Entry
}

// cents is posted and pending, each debits and credits.
type cents [4]int64

var accounts = []posting.OpenAccount{
	{ID: "eur", Name: "a", Type: "asset", Currency: "EUR"},
	{ID: "eur-", Name: "b", Type: "liability", Currency: "EUR", Constraint: posting.NoDebitBalance},
	{ID: "eur+", Name: "c", Type: "asset", Currency: "EUR", Constraint: posting.NoCreditBalance},
	{ID: "jpy", Name: "d", Type: "asset", Currency: "JPY"},
	{ID: "jpy-", Name: "e", Type: "liability", Currency: "JPY", Constraint: posting.NoDebitBalance},
	{ID: "jpy+", Name: "f", Type: "asset", Currency: "JPY", Constraint: posting.NoCreditBalance},
}

// entries draws some transfers between two accounts of one currency each.
func entries(t *rapid.T) (all []posting.Entry) {
	for range rapid.IntRange(1, 3).Draw(t, "transfers") {
		first := 3 * rapid.IntRange(0, 1).Draw(t, "currency")
		n := rapid.Int64Range(1, 5000).Draw(t, "n")
		for _, direction := range []string{posting.Debit, posting.Credit} {
			account := accounts[first+rapid.IntRange(0, 2).Draw(t, direction)]
			text := strconv.FormatInt(n, 10)
			if account.Currency == "EUR" {
				text = strconv.FormatInt(n/100, 10) + "." + strconv.FormatInt(100+n%100, 10)[1:]
			}
			all = append(all, posting.Entry{Account: account.ID, Direction: direction, Amount: amount(text), Currency: account.Currency})
		}
	}
	return all
}

func minor(t *rapid.T, d domain.Decimal) int64 {
	n, err := strconv.ParseInt(strings.Replace(d.String(), ".", "", 1), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// plus gives books with one entry more in them.
func (d *desk) plus(t *rapid.T, books map[string]cents, e posting.Entry, posted, pending int64) map[string]cents {
	books = maps.Clone(books)
	row, side := books[e.Account], 0
	if e.Direction == posting.Credit {
		side = 1
	}
	row[side] += posted * minor(t, e.Amount)
	row[2+side] += pending * minor(t, e.Amount)
	books[e.Account] = row
	return books
}

// moved gives the second books after a posting, and whether every constraint holds in them.
func (d *desk) moved(t *rapid.T, all []posting.Entry, posted, pending int64) (map[string]cents, bool) {
	books := d.books
	for _, e := range all {
		books = d.plus(t, books, e, posted, pending)
	}
	for account, row := range books {
		if strings.HasSuffix(account, "-") && row[0]+row[2] > row[1] || strings.HasSuffix(account, "+") && row[1]+row[3] > row[0] {
			return d.books, false
		}
	}
	return books, true
}

// submit asks the index, decides, and commits. It reports how many events there were.
func (d *desk) submit(t *rapid.T, cmd any, idem domain.Idempotency) (int, error) {
	if digest, known := d.index[idem.Key]; known {
		if digest != idem.Digest {
			return 0, domain.Errorf(domain.Conflict, "used before")
		}
		return 0, nil
	}
	events, err := decide(d.state, meta(), cmd)
	for _, e := range events {
		d.state.Evolve(&domain.Envelope{Event: e})
		d.log = append(d.log, e)
		answered := e.(domain.Idempotent).Idempotency()
		if answered != idem {
			t.Fatalf("event answers %v, command was %v", answered, idem)
		}
		d.index[answered.Key] = answered.Digest
		if recorded, ok := e.(posting.Recorded); ok {
			d.postings[recorded.Posting.ID] = &recorded.Posting
		}
	}
	return len(events), err
}

// once submits twice and fails unless the first time gives want events, and the second none and
// the same error or none.
func (d *desk) once(t *rapid.T, cmd any, idem domain.Idempotency, want int) {
	n, err := d.submit(t, cmd, idem)
	again, errAgain := d.submit(t, cmd, idem)
	if n != want || again != 0 || domain.CodeOf(err) != domain.CodeOf(errAgain) {
		t.Fatalf("%+v: %d events, error %v, want %d; again %d, error %v", cmd, n, err, want, again, errAgain)
	}
}

func (d *desk) record(t *rapid.T) {
	cmd, err := posting.Record{
		ID: "p" + strconv.Itoa(rapid.IntRange(0, 40).Draw(t, "id")), EffectiveAt: at, Entries: entries(t),
		Status: rapid.SampledFrom([]string{posting.Posted, posting.Pending}).Draw(t, "status"),
	}.Prepare()
	if err != nil {
		t.Fatal(err)
	}
	posted, pending := int64(1), int64(0)
	if cmd.Status == posting.Pending {
		posted, pending = 0, 1
	}
	books, ok := d.moved(t, cmd.Entries, posted, pending)
	if d.stage[cmd.ID] != "" || !ok {
		d.once(t, cmd, cmd.Idempotency(), 0)
		return
	}
	d.books, d.stage[cmd.ID] = books, cmd.Status
	d.once(t, cmd, cmd.Idempotency(), 1)
	if cmd.Status == posting.Pending {
		d.nothingNew(t, cmd)
	}
}

// nothingNew shows that the state answers a repetition without the index.
func (d *desk) nothingNew(t *rapid.T, cmd any) {
	if events, err := decide(d.state, meta(), cmd); len(events) != 0 || err != nil {
		t.Fatalf("%+v again: %d events, error %v", cmd, len(events), err)
	}
}

// known draws the id of a posting that was recorded.
func (d *desk) known(t *rapid.T) string {
	ids := slices.Sorted(maps.Keys(d.stage))
	if len(ids) == 0 {
		return "p0"
	}
	return rapid.SampledFrom(ids).Draw(t, "known")
}

// post posts all of a posting, or one of its transfers.
func (d *desk) post(t *rapid.T) {
	id := d.known(t)
	cmd := posting.Post{ID: id, Original: d.postings[id]}
	posted := []posting.Entry(nil)
	if cmd.Original != nil {
		posted = cmd.Original.Entries
	}
	if len(posted) > 2 && rapid.Bool().Draw(t, "in part") {
		from := 2 * rapid.IntRange(0, len(posted)/2-1).Draw(t, "from")
		posted = posted[from : from+2]
		cmd.Entries = posted
	}
	cmd, err := cmd.Prepare()
	if err != nil {
		t.Fatal(err)
	}
	if cmd.Entries != nil && d.stage[id] == posting.Pending {
		d.parts[id] = cmd.Entries
	}
	d.settle(t, id, posting.Posted, posted, cmd, cmd.Idempotency())
}

func (d *desk) void(t *rapid.T) {
	id := d.known(t)
	cmd := posting.Void{ID: id, Original: d.postings[id]}
	d.settle(t, id, posting.Voided, nil, cmd, cmd.Idempotency())
}

func (d *desk) settle(t *rapid.T, id, status string, posted []posting.Entry, cmd any, idem domain.Idempotency) {
	if d.stage[id] != posting.Pending {
		d.once(t, cmd, idem, 0)
		return
	}
	for _, e := range d.postings[id].Entries {
		d.books = d.plus(t, d.books, e, 0, -1)
	}
	for _, e := range posted {
		d.books = d.plus(t, d.books, e, 1, 0)
	}
	d.stage[id] = status
	d.once(t, cmd, idem, 1)
	d.nothingNew(t, cmd)
}

func (d *desk) reverse(t *rapid.T) {
	of := d.known(t)
	cmd, err := posting.Reverse{ID: "r" + of, Reverses: of, Original: d.postings[of]}.Prepare()
	if err != nil {
		t.Fatal(err)
	}
	var back []posting.Entry
	if cmd.Original != nil {
		back = cmd.Original.Entries
	}
	if part := d.parts[of]; part != nil {
		back = part
	}
	books, ok := d.moved(t, back, 0, 0)
	if ok = ok && d.stage[of] == posting.Posted && d.stage[cmd.ID] == ""; ok {
		books, ok = d.moved(t, swap(back), 1, 0)
	}
	if !ok {
		d.once(t, cmd, cmd.Idempotency(), 0)
		return
	}
	d.books, d.stage[cmd.ID] = books, posting.Posted
	d.once(t, cmd, cmd.Idempotency(), 1)
	d.nothingNew(t, cmd)
}

func swap(all []posting.Entry) []posting.Entry {
	all = slices.Clone(all)
	for i, e := range all {
		all[i].Direction = map[string]string{posting.Debit: posting.Credit, posting.Credit: posting.Debit}[e.Direction]
	}
	return all
}

// check holds the state against the second books and sums each currency.
func (d *desk) check(t *rapid.T) {
	var sums [2]cents // EUR, JPY
	for i, a := range accounts {
		b := d.state.Account(a.ID).Balance
		got := cents{minor(t, b.Posted.Debits), minor(t, b.Posted.Credits), minor(t, b.Pending.Debits), minor(t, b.Pending.Credits)}
		if got != d.books[a.ID] || slices.Min(got[:]) < 0 {
			t.Fatalf("%s is %v, want %v", a.ID, got, d.books[a.ID])
		}
		for j, n := range got {
			sums[i/3][j] += n
		}
		if net := got[0] - got[1]; a.Constraint == posting.NoDebitBalance && net > 0 || a.Constraint == posting.NoCreditBalance && net < 0 {
			t.Fatalf("%s has the net %d", a.ID, net)
		}
	}
	for _, sum := range sums {
		if sum[0] != sum[1] || sum[2] != sum[3] {
			t.Fatalf("debits and credits differ: %v", sum)
		}
	}
}

// TestBooks runs random commands and holds the books against everything the package promises.
func TestBooks(t *testing.T) {
	catalog, err := domain.NewCatalog(posting.Events()...)
	if err != nil {
		t.Fatal(err)
	}
	commands, outcomes := 0, map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		d := &desk{posting.New(), nil, map[string]string{}, map[string]*posting.Posting{}, map[string]cents{}, map[string]string{}, map[string][]posting.Entry{}}
		for _, cmd := range accounts {
			cmd, err := cmd.Prepare()
			if err != nil {
				t.Fatal(err)
			}
			d.once(t, cmd, cmd.Idempotency(), 1)
			d.nothingNew(t, cmd)
		}
		actions := map[string]func(*rapid.T){"record": d.record, "post": d.post, "void": d.void, "reverse": d.reverse}
		for name, action := range actions {
			actions[name] = func(t *rapid.T) {
				for range 5 {
					commands++
					action(t)
					d.check(t)
				}
			}
		}
		t.Repeat(actions)

		again, stored := posting.New(), posting.New()
		for _, event := range d.log {
			outcomes[outcome(event)]++
			again.Evolve(&domain.Envelope{Event: event})
			stored.Evolve(&domain.Envelope{Event: throughStorage(t, catalog, event)})
		}
		if !reflect.DeepEqual(again, d.state) || !reflect.DeepEqual(stored, d.state) {
			t.Fatal("folding the same events gave another state")
		}
		if !reflect.DeepEqual(d.state.Clone(), d.state) {
			t.Fatal("a clone is another state")
		}
	})
	if t.Logf("%d commands gave %v", commands, outcomes); len(outcomes) != 7 {
		t.Error("the random commands do not reach every kind of event")
	}
}

func outcome(event domain.Event) string {
	switch e := event.(type) {
	case posting.Recorded:
		if e.Posting.Reverses != "" {
			return "reversal"
		}
		return "recorded " + e.Posting.Status
	case posting.Settled:
		if e.Entries != nil {
			return "settled in part"
		}
		return "settled " + e.Status
	}
	return "opened"
}

func throughStorage(t *rapid.T, catalog *domain.Catalog, event domain.Event) domain.Event {
	raw, err := catalog.Encode(nil, event)
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := catalog.Decode(event.Kind(), raw)
	if err != nil {
		t.Fatal(err)
	}
	return decoded
}
