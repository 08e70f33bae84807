package monitoring

import (
	"slices"
	"strings"
	"time"
)

// The subjects that have a history, in the order of Past.
const (
	ofCustomer = iota
	ofAccount
	ofCounterparty
	ofDevice
	subjects
)

// subjectNames are the subjects as conditions write them.
var subjectNames = [subjects]string{"customer", "account", "counterparty", "device"}

// subjectFields are the fields that name a subject.
var subjectFields = [subjects][]string{
	ofCustomer: {"customer.id"}, ofAccount: {"transaction.account"}, ofDevice: {"session.device"},
	ofCounterparty: {"transaction.counterparty.account", "transaction.counterparty.name"},
}

// Histories is the past of all subjects of one ledger, folded from its events in their order. It
// is changed by Record alone; whoever owns it guards it. The Past it hands out never changes, unless
// sole says that nobody would see it.
//
// Each event is kept once, in short; a history has the numbers of its events.
type Histories struct {
	log   *rows
	rolls [subjects]*roll
	uses  []uint8       // of each row, how many histories have it
	idle  int           // rows that none has
	keep  time.Duration // behind the newest event of a subject
	words uint          // of the kinds that are told apart, a bit each
	sole  bool          // nobody looks at a Past any more once the next event is recorded

	entries int // kept, of all subjects
}

// Past is what was recorded of an event's subjects before it. Two that are equal say the same.
type Past struct {
	log   *rows
	names [subjects]uint32 // numbers of the event's subjects; 0 of those that are new or not looked at
	of    [subjects]view
}

// view is one subject's past. Nothing at all is the past of one that nothing was recorded of.
type view struct {
	history *History
	row     [1]uint32 // of one without a history; 0 for none
}

// NewHistories gives the past of an empty ledger.
func NewHistories() *Histories {
	h := &Histories{log: newRows(), keep: keptFor, words: 1<<words - 1}
	for i := range h.rolls {
		h.rolls[i] = newRoll()
	}
	return h
}

// Clone gives the past as it is, to go its own way from here.
func (h *Histories) Clone() *Histories {
	c := &Histories{log: h.log.clone(), uses: slices.Clone(h.uses), idle: h.idle, keep: h.keep, words: h.words, entries: h.entries}
	for i, r := range h.rolls {
		c.rolls[i] = r.clone()
	}
	return c
}

// Record takes in a recorded event. Of the customer it needs the id alone.
func (h *Histories) Record(in *Input) {
	var p present
	p.see(in, [subjects]uint32{})
	h.record(&p, 1<<subjects-1, 1<<subjects-1)
}

// record takes in the event at hand for those of its subjects that are asked for, and names others, a bit each.
func (h *Histories) record(p *present, needs, names uint) {
	e, k := p.entry, p.kind
	for i := range k.words {
		if h.words&(1<<i) == 0 {
			k.words[i] = ""
		}
	}
	e.kind = h.log.kind(&k)
	for i, name := range p.named {
		switch {
		case (needs|names)&(1<<i) == 0:
			e.subjects[i] = 0
		case e.subjects[i] == unseen:
			e.subjects[i] = h.rolls[i].take(name)
		}
	}
	row := h.log.add(e)
	h.uses = append(h.uses, 1) // until it is in the histories that take it
	for i, id := range e.subjects {
		if id != 0 && needs&(1<<i) != 0 {
			h.add(h.rolls[i].at(id), row)
		}
	}
	if h.uses[row-1]--; h.uses[row-1] == 0 {
		h.idle++
	}
	if h.idle > rowChunk && h.idle > int(h.log.n)/2 {
		h.compact()
	}
}

// add takes a row into a subject's past unless it happened before what is kept of it.
func (h *Histories) add(s *subject, row uint32) {
	log, old := h.log.read(), s.history
	switch {
	case old != nil && log.at(row).at <= old.since():
		return
	case old == nil && s.row == 0:
		s.row = row
	case old == nil:
		s.history, s.row = (&History{tail: []uint32{s.row}}).with(log, row), 0
	case h.sole:
		old.add(log, row)
	default:
		s.history = old.with(log, row)
	}
	h.uses[row-1]++
	h.entries++
	if s.history != nil {
		s.history = s.history.trim(log, h.keep, h.release)
	}
}

// release notes that a history has no longer some rows.
func (h *Histories) release(run []uint32) {
	h.entries -= len(run)
	for _, row := range run {
		if h.uses[row-1]--; h.uses[row-1] == 0 {
			h.idle++
		}
	}
}

// newest is when the last of a subject's events happened.
func (s *subject) newest(log reading) (at int64, any bool) {
	switch {
	case s.history != nil:
		return s.history.newest(log), true
	case s.row != 0:
		return log.at(s.row).at, true
	}
	return 0, false
}

// Of gives the past of an event's subjects as far as the rules in force ask for it on events of
// its type, so that a history that nobody looks at may go on without making a decision stale.
func (h *Histories) Of(rules *RuleSet, in *Input) (past Past) {
	needs, names := rules.needs(in.Event.Type)
	if needs == 0 {
		return past
	}
	past.log = h.log
	for i, name := range in.subjects() {
		if name == "" || (needs|names)&(1<<i) == 0 {
			continue
		}
		id := h.rolls[i].find(name)
		if past.names[i] = id; id != 0 && needs&(1<<i) != 0 {
			s := h.rolls[i].at(id)
			past.of[i] = view{s.history, [1]uint32{s.row}}
		}
	}
	return past
}

// read gives a subject's past as a history, which is valid as long as the view.
func (v *view) read() History {
	switch {
	case v.history != nil:
		return *v.history
	case v.row[0] != 0:
		return History{tail: v.row[:]}
	}
	return History{}
}

// Overtakes reports whether an event of the customer's that occurred after at was recorded.
func (h *Histories) Overtakes(customerID string, at time.Time) bool {
	id := h.rolls[ofCustomer].find(customerID)
	if id == 0 {
		return false
	}
	newest, any := h.rolls[ofCustomer].at(id).newest(h.log.read())
	return any && newest > instant(at)
}

// subjects names the event's subjects; those that it does not name are empty.
func (in *Input) subjects() [subjects]string {
	keys := [subjects]string{ofCustomer: in.Customer.ID, ofDevice: in.Session.Device}
	if t := in.Transaction; t != nil {
		keys[ofAccount], keys[ofCounterparty] = t.Account, t.Counterparty.key()
	}
	return keys
}

// key names a counterparty among all others: by account if it was stated, else by name, upper and
// lower case alike.
func (c *Counterparty) key() string {
	if c.Account != "" {
		return c.Account
	}
	if c.Name != "" {
		return "\x00" + strings.ToLower(c.Name)
	}
	return ""
}
