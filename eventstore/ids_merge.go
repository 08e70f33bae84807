package eventstore

import (
	"errors"
	"slices"
)

// Every flush leaves a run. Merging keeps them few: a run is merged with the newer ones once it is not larger than
// twice all of those, so there are about log₂ of the flushes, and each entry is written as often.

// mergeLoop merges whenever a flush has left something to merge.
func (x *IDs) mergeLoop() {
	defer close(x.merged)
	for {
		select {
		case <-x.grown:
			for {
				if done, err := x.mergeOnce(); x.check(err) != nil || done {
					break
				}
			}
		case <-x.quit:
			return
		}
	}
}

// mergeOnce merges what is due and reports that nothing was.
func (x *IDs) mergeOnce() (done bool, err error) {
	x.runsMu.RLock()
	due := dueForMerge(x.runs)
	x.runsMu.RUnlock()
	if len(due) < 2 || x.over() {
		return true, nil
	}
	run, err := x.merge(due)
	if err != nil || run == nil {
		return run == nil, err
	}
	if err := x.replaceRuns(due, run); err != nil {
		return false, err
	}
	x.runsMu.Lock()
	from := slices.Index(x.runs, due[0])
	x.runs = slices.Concat(x.runs[:from], []*idRun{run}, x.runs[from+len(due):])
	x.runsMu.Unlock() // and no lookup is left in the old ones
	for _, r := range due {
		err = errors.Join(err, r.remove())
	}
	return false, err
}

// dueForMerge returns the newest runs that belong together, oldest first.
func dueForMerge(runs []*idRun) []*idRun {
	from, newer := len(runs), int64(0)
	for from > 0 && (from == len(runs) || runs[from-1].entries <= 2*newer) {
		from--
		newer += runs[from].entries
	}
	return slices.Clone(runs[from:])
}

// merge writes one run from several, or returns nil when the index is closed meanwhile.
func (x *IDs) merge(runs []*idRun) (run *idRun, err error) {
	cursors := make([]*runCursor, len(runs))
	most := int64(0)
	for i, r := range runs {
		cursors[i] = &runCursor{run: r, buf: make([]byte, runBlockSize)}
		if err := cursors[i].next(); err != nil {
			return nil, err
		}
		most += r.entries
	}
	first, last := runs[0].first, runs[len(runs)-1].last
	w, err := newRunWriter(x.runPath(first, last), first, last, most)
	if err != nil {
		return nil, err
	}
	for c := least(cursors); c != nil; c = least(cursors) {
		if w.run.entries%(1<<16) == 0 && x.over() {
			return nil, w.abandon() // The next open removes the file.
		}
		key := c.key
		if err := w.add(key, c.entry); err != nil {
			return nil, errors.Join(err, w.abandon())
		}
		for _, c := range cursors { // older entries of the key are left out
			if c.more && c.key == key {
				if err := c.next(); err != nil {
					return nil, errors.Join(err, w.abandon())
				}
			}
		}
	}
	return w.finish()
}

// least returns the cursor with the least key, of equal ones that of the newest run; nil when all have ended.
func least(cursors []*runCursor) (min *runCursor) {
	for _, c := range cursors {
		if c.more && (min == nil || compareKeys(c.key, min.key) <= 0) {
			min = c
		}
	}
	return min
}

// runCursor goes through the entries of a run.
type runCursor struct {
	run     *idRun
	buf     []byte
	block   int
	entries []byte // left of the block
	key     idKey
	entry   IDEntry
	more    bool // key and entry are there
}

func (c *runCursor) next() (err error) {
	if c.more = len(c.entries) > 0 || c.block < len(c.run.fences); !c.more {
		return nil
	}
	if len(c.entries) == 0 {
		if c.entries, err = c.run.readBlock(c.buf, c.block); err != nil {
			return err
		}
		c.block++
	}
	c.key, c.entry = parseRunEntry(c.entries)
	c.entries = c.entries[runEntrySize:]
	return nil
}
