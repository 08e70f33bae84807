package monitoring

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// Histories is the past of all subjects of one ledger, folded from its events in their order. It
// is changed by Record alone; whoever owns it guards it. The histories it hands out never change.
type Histories struct {
	of    [subjects]map[string]*History
	kinds map[kind]*kind // one of each
	keep  time.Duration  // behind the newest event of a subject

	entries int // kept, of all subjects
}

// NewHistories gives the past of an empty ledger.
func NewHistories() *Histories {
	h := &Histories{kinds: make(map[kind]*kind), keep: keptFor}
	for i := range h.of {
		h.of[i] = make(map[string]*History)
	}
	return h
}

// Clone gives the past as it is, to go its own way from here. What both append to must not be the
// same array.
func (h *Histories) Clone() *Histories {
	c := &Histories{kinds: maps.Clone(h.kinds), keep: h.keep, entries: h.entries}
	for i := range h.of {
		c.of[i] = make(map[string]*History, len(h.of[i]))
		for key, history := range h.of[i] {
			own := *history
			own.blocks, own.tail = slices.Clip(own.blocks), slices.Clip(own.tail)
			c.of[i][key] = &own
		}
	}
	return c
}

// Shorten does beforehand what windows and Record need of an event, which must not change after.
func (in *Input) Shorten() {
	short := newEntry(in)
	in.short = &short
}

// Record takes in a recorded event. Of the customer it needs the id alone.
func (h *Histories) Record(in *Input) {
	if in.short == nil {
		in.Shorten()
	}
	h.record(*in.short, 1<<subjects-1)
}

// record takes in an event for those of its subjects that are asked for, a bit each.
func (h *Histories) record(e entry, needs uint) {
	if known := h.kinds[*e.kind]; known != nil {
		e.kind = known
	} else {
		h.kinds[*e.kind] = e.kind
	}
	for i, subject := range e.subjects {
		if subject != none && needs&(1<<i) != 0 {
			before := h.of[i][subject.Value()]
			after := before.with(e, h.keep)
			h.entries += after.size
			if before != nil {
				h.entries -= before.size
			}
			h.of[i][subject.Value()] = after
		}
	}
}

// drop forgets the subjects of whom nothing happened after a time.
func (h *Histories) drop(until int64) {
	for i := range h.of {
		for name, past := range h.of[i] {
			if past.tail[len(past.tail)-1].at <= until {
				h.entries -= past.size
				delete(h.of[i], name)
			}
		}
	}
}

// Of gives the past of an event's subjects as far as the rules in force ask for it on events of
// its type, so that a history that nobody looks at may go on without making a decision stale.
func (h *Histories) Of(rules *RuleSet, in *Input) (past Past) {
	needs := rules.needs(in.Event.Type)
	if needs == 0 {
		return past
	}
	for i, key := range in.subjects() {
		if needs&(1<<i) != 0 && key != "" {
			past[i] = h.of[i][key]
		}
	}
	return past
}

// Overtakes reports whether an event of the customer's that occurred after at was recorded.
func (h *Histories) Overtakes(customerID string, at time.Time) bool {
	past := h.of[ofCustomer][customerID]
	return past != nil && past.tail[len(past.tail)-1].at > instant(at)
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
