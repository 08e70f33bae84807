package monitoring

import "slices"

// drop forgets the subjects of whom nothing happened after a time.
func (h *Histories) drop(until int64) {
	log := h.log.read()
	for _, r := range h.rolls {
		for id := uint32(1); id <= r.n; id++ {
			s := r.at(id)
			if newest, any := s.newest(log); any && newest <= until {
				s.each(h.release)
				s.history, s.row = nil, 0
			}
		}
	}
	h.compact()
}

// each gives the rows of a subject, in runs.
func (s *subject) each(visit func([]uint32)) {
	if s.row != 0 {
		visit([]uint32{s.row})
	}
	if s.history != nil {
		for i := range s.history.blocks() {
			visit(s.history.blocks()[i].rows)
		}
		visit(s.history.tail)
	}
}

// compact writes anew what is kept: rows that a history has, and the names in them. It takes time with
// all that there is, and so waits until half of it is idle. What was handed out stays as it is.
func (h *Histories) compact() {
	if h.idle == 0 {
		return
	}
	c := &compaction{old: h.log.read(), rolls: h.rolls, rows: make([]uint32, h.log.n+1), log: newRows()}
	for i := range h.rolls {
		h.rolls[i] = newRoll()
		c.names[i] = make([]uint32, c.rolls[i].n+1)
	}
	c.kinds = make([]uint32, len(c.old.kinds))
	uses := make([]uint8, 0, int(h.log.n)-h.idle)
	for row := uint32(1); row <= h.log.n; row++ {
		if used := h.uses[row-1]; used > 0 {
			c.move(row, &h.rolls)
			uses = append(uses, used)
		}
	}
	for i, r := range c.rolls {
		for id := uint32(1); id <= r.n; id++ {
			if s := r.at(id); s.row != 0 || s.history != nil {
				to := h.rolls[i].at(c.names[i][id])
				to.row, to.history = c.rows[s.row], c.history(s.history)
			}
		}
	}
	h.log, h.uses, h.idle = c.log, uses, 0
}

// compaction is a log on its way into another: what has which number there.
type compaction struct {
	old   reading
	rolls [subjects]*roll // as they were
	log   *rows
	rows  []uint32
	kinds []uint32 // 1 more
	names [subjects][]uint32
}

// move takes over a row, with the names in it.
func (c *compaction) move(row uint32, rolls *[subjects]*roll) {
	e := *c.old.at(row)
	if c.kinds[e.kind] == 0 {
		c.kinds[e.kind] = c.log.kind(c.old.kinds[e.kind]) + 1
	}
	e.kind = c.kinds[e.kind] - 1
	for i, id := range e.subjects {
		if id == 0 {
			continue
		}
		if c.names[i][id] == 0 {
			c.names[i][id] = rolls[i].take(string(c.rolls[i].name(id)))
		}
		e.subjects[i] = c.names[i][id]
	}
	c.rows[row] = c.log.add(e)
}

// history gives a history with the new numbers of its rows.
func (c *compaction) history(h *History) *History {
	if h == nil {
		return nil
	}
	next := &History{tail: c.run(h.tail)}
	if h.older == nil {
		return next
	}
	next.older = &older{size: h.older.size, since: h.older.since, blocks: slices.Clone(h.older.blocks)}
	for i := range next.older.blocks {
		b := &next.older.blocks[i]
		b.rows, b.kinds = c.run(b.rows), slices.Clone(b.kinds)
		for k := range b.kinds {
			b.kinds[k].kind = c.kinds[b.kinds[k].kind] - 1
		}
	}
	return next
}

func (c *compaction) run(old []uint32) []uint32 {
	next := make([]uint32, len(old))
	for i, row := range old {
		next[i] = c.rows[row]
	}
	return next
}
