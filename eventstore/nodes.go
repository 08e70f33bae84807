package eventstore

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"whocomply/domain"
	"whocomply/domain/access"
	"whocomply/domain/chain"
	"whocomply/domain/ledger"
)

// Several nodes may write the same ledgers. What keeps a ledger from forking is the store's fence
// alone: an append that does not follow the end is refused. Its node has then decided what never
// became durable, so it goes back to the durable state, which it keeps beside the one it decides on,
// takes in what the others wrote, and decides again: losing costs as much as copying the state, and
// never as much as folding the ledger. The same way it goes on after the store was out of reach.
//
// Nodes that write the same ledger give way to each other, so that races are rare and nobody loses
// them all: who wrote last waits until another has written, but not for long. A node that knows of no
// other and writes without a break leaves one now and then, and looks. Who has lost more than once
// decides little at a time, to be quick. Nothing rests on all that but speed.

const (
	rivalry = 500 * time.Millisecond // how long after another node has written it is expected to write again
	patrol  = 200 * time.Millisecond // how long a node writes without a break

	hurriedBatch = 4 // requests, after several lost races
)

// Bounds of how long a node gives way once, which is some times as long as its last batch took, and
// of the time between two looks meanwhile.
const (
	waitRounds          = 4
	waitLeast, waitMost = 20 * time.Millisecond, 200 * time.Millisecond
	lookLeast, lookMost = time.Millisecond, 20 * time.Millisecond
)

// durable is what a ledger amounts to at its durable end. It is of the goroutine that appends, and
// of the writer's own while nothing is on its way to the store.
type durable struct {
	state *ledger.State
	prev  chain.Hash
	tree  chain.Tree
}

// rivals is what a writer knows of other nodes that write its ledger.
type rivals struct {
	seen  time.Time     // when they were last found to have written
	gap   time.Time     // when this node last left them time to write
	lost  int           // races since this node last won one
	mine  bool          // the last event is of this node
	wrote time.Time     // when this node last appended
	took  time.Duration // to decide and append that
}

// settle takes a batch that is durable into the durable state.
func (w *writer) settle(b *batch) {
	if w.durable == nil || len(b.records) == 0 {
		return
	}
	for i := range b.envelopes {
		w.durable.state.Evolve(&b.envelopes[i])
	}
	w.durable.prev, w.durable.tree = b.end.hash, b.end.tree
	w.rivals.lost, w.rivals.mine, w.rivals.wrote, w.rivals.took = 0, true, time.Now(), time.Since(b.began)
}

// unchanged fences a batch that adds nothing: whoever is refused, or told that there is nothing to do,
// is told so on all that other nodes wrote before.
func (w *writer) unchanged(b *batch) error {
	if w.durable == nil {
		return nil
	}
	size, err := w.ledgers.store.Size(context.Background(), w.slug)
	if err == nil && size > b.end.tree.Size() {
		err = &ConflictError{Ledger: w.slug, Expected: b.end.tree.Size(), Size: size}
	}
	return err
}

// successor gives a writer that goes on from the durable state, or nil if the ledger has to be
// folded: there is no such state, it is damaged, or the writer was simply closed.
func (w *writer) successor() *writer {
	if w.durable == nil || w.damaged || w.head.Load() != nil {
		return nil
	}
	w.mu.RLock()
	w.durable.state.Share(w.state)
	w.mu.RUnlock()
	next := w.ledgers.newWriter(w.slug, w.durable.state.Clone())
	if next.takeSigner() != nil { // which whoever folds it is told
		return nil
	}
	next.durable, next.rivals = w.durable, w.rivals
	next.link.prev, next.link.tree = w.durable.prev, w.durable.tree
	next.link.nodes.levels = w.link.nodes.upTo(w.durable.tree.Size())
	next.rivals.seen, next.rivals.mine = time.Now(), false
	next.rivals.lost++
	next.hurry = next.rivals.lost > 1
	next.tail.events = w.tail.all()
	w.ledgers.log.Debug("ledger gone back to its durable state", "ledger", w.slug, "events", next.state.Next(), "running", next.rivals.lost)
	next.head.Store(next.tip())
	return next
}

// handOver ends the writer. Its successor goes on with those who wait, unless they are to be refused;
// where there is none they look for another writer.
func (w *writer) handOver() {
	next, fate := w.successor(), w.end(errLost)
	if next != nil && errors.Is(fate, errLost) {
		for r := range w.queue {
			next.queue <- r
		}
	}
	if !w.ledgers.replace(w, next) && next != nil {
		next.refuse(fate)
	}
	w.refuse(fate)
}

// refuse answers all who wait in the queue, which takes nobody any more.
func (w *writer) refuse(err error) {
	w.close()
	for r := range w.queue {
		r.finish(err)
	}
}

// batchLength bounds the requests of a batch.
func (w *writer) batchLength() int {
	if w.hurry {
		return hurriedBatch
	}
	return batchLength
}

// giveWay makes sure, where other nodes write the ledger too, that all they have written is known,
// and that they had a chance to write if this node was the last.
func (w *writer) giveWay(before *batch) error {
	if w.durable == nil {
		return nil
	}
	rivals := time.Since(w.rivals.seen) < rivalry
	if !rivals && time.Since(w.rivals.gap) < patrol {
		return nil
	}
	<-before.appended
	if w.head.Load() == nil {
		return nil // which the writer will see
	}
	wait := min(max(waitRounds*w.rivals.took, waitLeast), waitMost)
	until := w.rivals.wrote.Add(wait)
	if w.rivals.gap = time.Now(); !rivals && w.rivals.gap.After(until) {
		return nil // nobody asked for more, and that was a break
	}
	look := min(max(w.rivals.took/2, lookLeast), lookMost)
	if w.rivals.lost > 1 { // several may have lost
		time.Sleep(rand.N(look * time.Duration(min(w.rivals.lost, 8))))
	}
	for {
		others, err := w.catchUp(context.Background())
		if w.rivals.gap = time.Now(); err != nil || others || !w.rivals.mine || w.rivals.gap.After(until) {
			return err
		}
		time.Sleep(look/2 + rand.N(look))
	}
}

// catchUp evolves the state with what other nodes have written, and reports whether they have.
// Nothing of this node may be decided and not durable. It says errLost when what was prepared needs
// a watchlist that others have put in force.
func (w *writer) catchUp(ctx context.Context) (others bool, err error) {
	next, missing := w.state.Next(), w.listsMissing()
	for stored, e := range w.ledgers.store.Read(ctx, w.slug, next) {
		if err = e; err == nil {
			err = w.follow(stored)
		}
		if err != nil {
			break
		}
	}
	if w.state.Next() == next {
		return false, err
	}
	w.head.Store(w.tip())
	w.ledgers.ids.Commit(w.slug, w.state.Next(), w.link.prev)
	w.ledgers.appended(w.slug, w.tail.from(next))
	w.rivals.seen, w.rivals.mine = time.Now(), false
	if err == nil && !missing && w.listsMissing() {
		err = errLost
	}
	return true, err
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
	if w.durable != nil {
		w.durable.state.Evolve(&e)
		w.durable.prev, w.durable.tree = w.link.prev, w.link.tree
	}
	w.tail.add([]domain.Envelope{e})
	if _, rotated := e.Event.(access.SigningKeyRotated); rotated && w.signer != nil {
		if err := w.takeSigner(); err != nil {
			return err
		}
	}
	return w.ledgers.index(&e)
}

// Refresh takes in what other nodes have written to a ledger: its state, if it is in memory, the
// callers' ids and the keys in any case. It returns once that is done.
func (l *Ledgers) Refresh(ctx context.Context, slug string) error {
	err := l.refresh(ctx, slug)
	for range tries {
		if !errors.Is(err, errLost) {
			break
		}
		err = l.refresh(ctx, slug)
	}
	if err != nil || slug != access.System {
		return err
	}
	for _, tenant := range l.loaded() { // a list may have been published
		if err := l.with(ctx, tenant, func(w *writer) error { return l.adopt(ctx, w) }); err != nil {
			return err
		}
	}
	return nil
}

func (l *Ledgers) refresh(ctx context.Context, slug string) error {
	w, loaded, err := l.loadedWriter(ctx, slug)
	if err != nil {
		return err
	}
	if !loaded {
		return l.refreshIDs(ctx, slug)
	}
	if err := w.submit(ctx, &request{done: make(chan struct{})}); !errors.Is(err, errLost) {
		return err
	}
	select {
	case <-w.ended:
		return errLost
	case <-ctx.Done():
		return ctx.Err()
	}
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
