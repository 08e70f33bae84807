package monitoring

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
	old, rolls := h.log.read(), h.rolls
	moved := make([]uint32, h.log.n+1)
	uses := make([]uint8, 0, int(h.log.n)-h.idle)
	log := newRows()
	for i := range h.rolls {
		h.rolls[i] = newRoll()
	}
	for row := uint32(1); row <= h.log.n; row++ {
		if h.uses[row-1] == 0 {
			continue
		}
		e := *old.at(row)
		e.kind = log.kind(old.kinds[e.kind])
		for i, id := range e.subjects {
			if id != 0 {
				e.subjects[i] = h.rolls[i].take(string(rolls[i].name(id)))
			}
		}
		moved[row] = log.add(e)
		uses = append(uses, h.uses[row-1])
	}
	h.log, h.uses, h.idle = log, uses, 0
	for i, r := range rolls {
		for id := uint32(1); id <= r.n; id++ {
			if s := r.at(id); s.row != 0 || s.history != nil {
				to := h.rolls[i].at(h.rolls[i].take(string(r.name(id))))
				to.row, to.history = moved[s.row], s.history.moved(moved, log.read())
			}
		}
	}
}

// moved gives the history with the new numbers of its rows.
func (h *History) moved(to []uint32, log reading) *History {
	if h == nil {
		return nil
	}
	next := &History{tail: renumbered(h.tail, to)}
	if h.older != nil {
		next.older = &older{size: h.older.size, since: h.older.since, blocks: make([]block, len(h.older.blocks))}
		for i := range h.older.blocks {
			next.older.blocks[i] = newBlock(log, renumbered(h.older.blocks[i].rows, to))
		}
	}
	return next
}

func renumbered(run, to []uint32) []uint32 {
	next := make([]uint32, len(run))
	for i, row := range run {
		next[i] = to[row]
	}
	return next
}
