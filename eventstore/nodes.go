package eventstore

import (
	"context"
	"fmt"
	"time"

	"whocomply/domain"
	"whocomply/domain/access"
)

// Several nodes may write the same ledgers. What keeps a ledger from forking is the store's fence
// alone: an append that does not follow the end is refused, and its batch is decided again on what
// the others wrote. Turns only spare nodes the lost races: a node that has a ledger's turn catches
// up, writes for at most turnLength while others wait for theirs, and passes it on. When turns
// cannot be had, the nodes race.

// turnLength bounds how long other nodes wait for a ledger's turn under load.
const turnLength = 50 * time.Millisecond

// turnPatience bounds how long a node waits for a turn before it writes without.
const turnPatience = 2 * time.Second

// Turn waits until this node has the turn of a ledger and gives what ends it.
type Turn func(ctx context.Context, slug string) (release func(), err error)

// takeTurn makes sure that the node has the ledger's turn, if there are turns, and that it knows
// all that others wrote before. Nothing may be on its way to the store.
func (w *writer) takeTurn() error {
	if w.ledgers.turn == nil || w.release != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), turnPatience)
	defer cancel()
	release, err := w.ledgers.turn(ctx, w.slug)
	if err != nil {
		w.ledgers.log.Warn("writing out of turn", "ledger", w.slug, "error", err)
		release = func() {}
	}
	w.release, w.turnEnds = release, time.Now().Add(turnLength)
	return w.catchUp(context.Background())
}

// passTurn ends the turn when there is nothing to do or others have waited enough. The batch is
// the last that was decided.
func (w *writer) passTurn(b *batch) {
	if w.release == nil || len(w.queue) > 0 && time.Now().Before(w.turnEnds) {
		return
	}
	<-b.appended
	w.release()
	w.release = nil
}

// catchUp evolves the state with what other nodes have written. Nothing of this node may be
// decided and not durable.
func (w *writer) catchUp(ctx context.Context) error {
	next := w.state.Next()
	for stored, err := range w.ledgers.store.Read(ctx, w.slug, next) {
		if err != nil {
			return err
		}
		if err := w.follow(stored); err != nil {
			return err
		}
	}
	if w.state.Next() == next {
		return nil
	}
	w.head.Store(&head{tree: w.link.tree, hash: w.link.prev, time: w.state.Last()})
	w.ledgers.ids.Commit(w.slug, w.state.Next(), w.link.prev)
	w.ledgers.appended(w.slug, w.tail.from(next))
	return nil
}

// follow takes in one record that is durable, checking that it follows the one before.
func (w *writer) follow(stored Stored) error {
	h, err := stored.Header()
	if err != nil || h.Prev != w.link.prev {
		return fmt.Errorf("%w: ledger %s seq %d does not follow the record before it; verify the ledger", ErrDamaged, w.slug, stored.Seq)
	}
	e, err := w.ledgers.codec.decode(w.slug, stored)
	if err != nil {
		return err
	}
	w.link.add(e.Hash)
	w.mu.Lock()
	w.state.Evolve(&e)
	w.mu.Unlock()
	w.tail.add([]domain.Envelope{e})
	return w.ledgers.index(&e)
}

// Refresh takes in what other nodes have written to a ledger: its state, if it is in memory, the
// callers' ids and the keys in any case. It returns once that is done.
func (l *Ledgers) Refresh(ctx context.Context, slug string) error {
	w, loaded, err := l.loadedWriter(ctx, slug)
	if err != nil {
		return err
	}
	if !loaded {
		return l.refreshIDs(ctx, slug)
	}
	if err := w.submit(ctx, &request{done: make(chan struct{})}); err != nil {
		return err
	}
	if slug != access.System {
		return nil
	}
	for _, tenant := range l.loaded() { // a list may have been published
		if err := l.with(ctx, tenant, func(w *writer) error { return l.adopt(ctx, w) }); err != nil {
			return err
		}
	}
	return nil
}

// loadedWriter gives the writer of a ledger that is in memory or about to be.
func (l *Ledgers) loadedWriter(ctx context.Context, slug string) (w *writer, loaded bool, err error) {
	l.mu.Lock()
	o, there := l.writers[slug]
	l.mu.Unlock()
	if !there {
		return nil, false, nil
	}
	select {
	case <-o.done:
		return o.writer, o.err == nil, nil
	case <-ctx.Done():
		return nil, false, ctx.Err()
	}
}

// refreshIDs brings the index of callers' ids up to the end of a ledger that nobody uses here.
// Whoever wants to use it meanwhile waits.
func (l *Ledgers) refreshIDs(ctx context.Context, slug string) error {
	l.mu.Lock()
	if _, there := l.writers[slug]; there || l.closed {
		l.mu.Unlock()
		return nil
	}
	o := &opening{done: make(chan struct{}), err: errLost}
	l.writers[slug] = o
	l.mu.Unlock()
	defer func() {
		l.mu.Lock()
		delete(l.writers, slug)
		l.mu.Unlock()
		close(o.done)
	}()
	return l.catchUpIDsOf(ctx, slug)
}

// listsMissing reports whether the tenant has adopted a list whose content this node has not got
// yet, because another node adopted it.
func (w *writer) listsMissing() bool {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.slug != access.System && w.state.Lists() == nil
}
