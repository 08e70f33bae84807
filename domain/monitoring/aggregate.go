package monitoring

import (
	"errors"
	"slices"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"
)

// entriesPerUnit is how many events of the past a condition may look at for one unit of cost.
const entriesPerUnit = 16

// ID is that of the node in the syntax tree.
func (a *aggregate) ID() int64 { return a.id }

// Eval is Exec for whoever has no frame.
func (a *aggregate) Eval(vars interpreter.Activation) ref.Val {
	return a.Exec(interpreter.AsFrame(vars))
}

// Exec sums up the window and notes the value for the record of the decision.
func (a *aggregate) Exec(frame *interpreter.ExecutionFrame) ref.Val {
	e := evaluationOf(frame)
	v, err := a.value(e, frame)
	if err != nil {
		return types.WrapErr(err)
	}
	if types.IsUnknownOrError(v) {
		return v
	}
	e.use(a.label, v)
	return v
}

func (a *aggregate) value(e *evaluation, frame *interpreter.ExecutionFrame) (ref.Val, error) {
	s, failure, err := e.scan(a.of, frame)
	if failure != nil || err != nil {
		return failure, err
	}
	if a.baseline != nil {
		base, failure, err := e.scan(a.baseline, frame)
		if failure != nil || err != nil {
			return failure, err
		}
		return s.ratioTo(base)
	}
	return s.result(a.result)
}

// scan opens a window on the event at hand.
func (e *evaluation) scan(w *window, frame *interpreter.ExecutionFrame) (*scan, ref.Val, error) {
	if w.shared {
		for _, known := range e.shared {
			if known.key == w.key {
				return known, nil, nil
			}
		}
	}
	now := e.now()
	if now.subjects[w.subject] == 0 {
		return nil, nil, errors.New("the event names no " + subjectNames[w.subject])
	}
	s := e.take()
	s.window, s.e, s.past = w, e, e.in.Past.of[w.subject].read()
	s.from, s.to = now.at-int64(w.from), now.at-int64(w.to)
	if s.from < s.past.since() {
		return nil, nil, errors.New("what happened before " + time.Unix(0, s.past.since()).UTC().Format(time.RFC3339) + " is no longer kept")
	}
	s.words, s.filters = w.words, w.filters
	if len(w.open) > 0 {
		if failure := s.settle(frame); failure != nil {
			return nil, failure, nil
		}
	}
	if w.shared {
		e.shared = append(e.shared, s)
	}
	return s, nil, nil
}

// scan is a window on one event. What it has summed up it keeps for the next result.
type scan struct {
	*window
	e        *evaluation
	past     History
	from, to int64 // after from, up to to
	words    []wordFilter
	filters  []filter
	verdicts [fewKinds]verdict // on the kinds of the lowest numbers
	summed   bool
	sums     total
	room     struct { // for the words and filters that only the event has
		words   []wordFilter
		filters []filter
	}
}

// take gives a scan that is not in use.
func (e *evaluation) take() *scan {
	if e.taken == len(e.scans) {
		e.scans = append(e.scans, new(scan))
	}
	e.taken++
	s := e.scans[e.taken-1]
	s.clear()
	return s
}

// clear leaves nothing in a scan but room.
func (s *scan) clear() {
	clear(s.room.words[:cap(s.room.words)])
	clear(s.room.filters[:cap(s.room.filters)])
	*s = scan{room: s.room}
}

// verdict is whether the words of a kind are admitted, once it was asked.
type verdict uint8

const (
	admitted verdict = 1 + iota
	refused
)

// fewKinds is how many kinds a scan asks once only.
const fewKinds = 64

// each calls visit for every event in the window that the filters admit, in order, and block
// instead for a block that the filters need not look into; block may be nil.
func (s *scan) each(visit func(*entry, *kind), whole func(*block)) {
	log, now, seen := s.e.log(), s.e.now(), 0
	part := func(run []uint32) {
		seen += len(run)
		for _, row := range run {
			if e := log.at(row); s.admitsKind(e.kind, log.kinds[e.kind]) && s.admits(e) {
				visit(e, log.kinds[e.kind])
			}
		}
	}
	inside := func(b *block) { part(b.rows) }
	if whole != nil && len(s.filters) == 0 {
		inside = func(b *block) {
			if b.kinds == nil {
				part(b.rows)
				return
			}
			seen += len(b.kinds)
			whole(b)
		}
	}
	s.past.between(log, s.from, s.to, inside, part)
	if s.window.to == 0 && !s.earlier && s.admitsWords(&now.kind) && s.admits(&now.entry) {
		visit(&now.entry, &now.kind)
	}
	s.e.charge(seen / entriesPerUnit)
}

// admits reports whether the filters admit an event, of a kind that is admitted.
func (s *scan) admits(e *entry) bool {
	for _, f := range s.filters {
		if !f.admits(e) {
			return false
		}
	}
	return true
}

// admitsKind reports whether a kind is admitted.
func (s *scan) admitsKind(id uint32, k *kind) bool {
	if id >= fewKinds {
		return s.admitsWords(k)
	}
	if s.verdicts[id] == 0 {
		s.verdicts[id] = refused
		if s.admitsWords(k) {
			s.verdicts[id] = admitted
		}
	}
	return s.verdicts[id] == admitted
}

func (s *scan) admitsWords(k *kind) bool {
	for i := range s.words {
		f := &s.words[i]
		if w := k.words[f.at]; w != f.value && !slices.Contains(f.others, w) {
			return false
		}
	}
	return k.transaction || s.types
}

// total sums up the window.
func (s *scan) total() *total {
	if s.summed {
		return &s.sums
	}
	t, log := &s.sums, s.e.log()
	add := func(e *entry, k *kind) {
		t.note(k)
		t.add(e)
	}
	s.each(add, func(b *block) {
		for i := range b.kinds {
			if k := &b.kinds[i]; s.admitsKind(k.kind, log.kinds[k.kind]) {
				t.note(log.kinds[k.kind])
				t.join(&k.tally)
			}
		}
	})
	s.summed = true
	return t
}

// distinct counts the different keys, those of nothing stated left out.
func distinct[K comparable](s *scan, key func(*entry, *kind) (K, bool)) ref.Val {
	few := make([]K, 0, 16) // most often there are
	var many map[K]struct{}
	s.each(func(e *entry, kind *kind) {
		k, stated := key(e, kind)
		switch {
		case !stated || many == nil && slices.Contains(few, k):
		case many == nil && len(few) < cap(few):
			few = append(few, k)
		default:
			if many == nil {
				many = make(map[K]struct{}, 2*len(few))
				for _, known := range few {
					many[known] = struct{}{}
				}
			}
			many[k] = struct{}{}
		}
	}, nil)
	return whole(max(len(few), len(many)))
}

// result gives a result by its name.
func (s *scan) result(name string) (ref.Val, error) {
	switch name {
	case "count":
		return whole(s.total().count), nil
	case "days":
		return distinct(s, func(e *entry, _ *kind) (int64, bool) { return floorDiv(e.at, int64(24*time.Hour)), true }), nil
	case "first_seen", "last_seen":
		return s.seen(name)
	case "stddev":
		return s.deviation()
	case "sum", "avg", "min", "max":
		return s.total().result(name)
	}
	if subject, ok := distinctSubjects[name]; ok {
		return distinct(s, func(e *entry, _ *kind) (uint32, bool) { return e.subjects[subject], e.subjects[subject] != 0 }), nil
	}
	at := distinctWords[name]
	return distinct(s, func(_ *entry, k *kind) (string, bool) { return k.words[at], k.words[at] != "" }), nil
}

func (s *scan) seen(name string) (ref.Val, error) {
	c := s.total()
	if c.count == 0 {
		return nil, errEmpty
	}
	at := c.last
	if name == "first_seen" {
		at = c.first
	}
	return types.Timestamp{Time: time.Unix(0, at).UTC()}, nil
}

func floorDiv(x, y int64) int64 {
	if x < 0 {
		return -((-x + y - 1) / y)
	}
	return x / y
}
