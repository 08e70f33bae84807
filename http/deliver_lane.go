package http

import "whocomply/projections"

// item is one thing to deliver.
type item struct{ sequence, replay int64 }

// lane is a queue out of the outbox: what was read of it, and what of that is not finished.
type lane struct {
	next   int64 // read up to here
	buffer []projections.Due
	open   []place
}

// place is one that was read: all before the first that is not finished are.
type place struct {
	at       int64
	finished bool
}

// finish says that one is finished, and gives up to where all are.
func (l *lane) finish(at int64) (upTo int64) {
	for i := range l.open {
		if l.open[i].at == at {
			l.open[i].finished = true
		}
	}
	for len(l.open) > 0 && l.open[0].finished {
		l.open = l.open[1:]
	}
	return l.done()
}

// done gives up to where all are finished.
func (l *lane) done() int64 {
	if len(l.open) == 0 {
		return l.next
	}
	return l.open[0].at - 1
}

// fill takes in what was read: all that there is to do up to a place.
func (l *lane) fill(due []projections.Due, upTo int64) {
	l.buffer = append(l.buffer, due...)
	for _, item := range due {
		l.open = append(l.open, place{at: item.Place})
	}
	l.next = upTo
}
