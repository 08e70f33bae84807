package eventstore

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"whocomply/domain"
	"whocomply/domain/access"
	"whocomply/domain/chain"
	"whocomply/domain/ledger"
)

// Bounds of a writer. A queue that is full answers "unavailable" at once: a caller that is told to
// come back is better served than one that waits without end.
const (
	queueLength = 4096
	batchLength = 512

	// signedTogether is from how many records on a batch that still grows is signed: one signature after
	// the other costs less than each by itself, whose tables other work has driven from the caches.
	signedTogether = 16

	// enough is how many requests a batch takes at least, if they wait, once the store waits for it; more if still
	// more wait. What comes after them is decided while they are written.
	enough = 24
)

// writer is the one writer of one ledger. Requests are decided one after the other; what was
// decided while the batch before was being made durable becomes the next batch.
//
//	queue ──► decide, chain (serial) ──► sign (all cores) ──► append ──► acknowledge
//	          └────────────── batch n+1 ──────────────┘       └─ batch n ─┘
//
// A crash at any point loses only what was not acknowledged: the store appends a batch whole or
// not at all. An append that fails leaves the state ahead of the store; the writer then ends at
// once. Where the store is shared its successor goes on from the durable state, see nodes.go; else
// the ledger is folded again before anything else is decided on it.
type writer struct {
	ledgers *Ledgers
	slug    string
	name    string        // full name of the ledger
	signer  *chain.Signer // of the next record; of the writer's goroutine alone
	ended   chan struct{}

	gate   sync.RWMutex // guards closed; a request enters the queue under the read lock
	closed bool
	queue  chan *request

	mu    sync.RWMutex // guards state against decide; held for one command at a time
	state *ledger.State
	link  link // of the writer's goroutine alone
	head  atomic.Pointer[head]
	tail  tail

	durable *durable // nil where nobody else writes the store
	damaged bool     // the durable state is not to be gone on from
	fate    error    // what those are told whom the end of the writer finds waiting; guarded by gate
	rivals  rivals   // of the writer's goroutine, and of the one that appends
	hurry   bool     // decide little at once; of the writer's goroutine alone
}

// head is the durable end of a ledger.
type head struct {
	tree   chain.Tree
	hash   chain.Hash
	time   time.Time
	signer *chain.Signer
}

// tip is the ledger's end as the writer knows it.
func (w *writer) tip() *head {
	return &head{tree: w.link.tree, hash: w.link.prev, time: w.state.Last(), signer: w.signer}
}

// request is a command on its way through the writer.
type request struct {
	cmd     ledger.Command // nil to be refreshed
	meta    domain.Meta
	outcome ledger.Outcome
	first   int64 // position of the event that said the same before, or leads there; -1 if none
	err     error
	done    chan struct{}
}

// batch is what was decided since the last append.
type batch struct {
	requests  []*request
	envelopes []domain.Envelope
	records   []chain.Record
	arena     *[]byte // what the records stand in
	signed    int     // how many of the records are
	size      int     // of the records, in bytes
	end       head
	began     time.Time     // when it was begun to be decided
	torn      bool          // a part of it is durable
	unfenced  bool          // an answer rests on the state and on no record of the batch
	refresh   []*request    // want to know what other nodes have written
	appended  chan struct{} // closed when the batch is durable or has failed
}

// successor is an empty batch with room for a little more than there is in b.
func (b *batch) successor() *batch {
	room := func(n int) int { return min(n+n/4, batchLength) }
	return &batch{
		requests: make([]*request, 0, room(len(b.requests))), envelopes: make([]domain.Envelope, 0, room(len(b.envelopes))),
		records: make([]chain.Record, 0, room(len(b.records))), arena: arenas.Get().(*[]byte),
		began: time.Now(), appended: make(chan struct{}),
	}
}

// isAppended reports whether the batch is durable or has failed.
func (b *batch) isAppended() bool {
	select {
	case <-b.appended:
		return true
	default:
		return false
	}
}

// run decides requests until the queue is closed or an append fails.
func (w *writer) run() {
	defer close(w.ended)
	before := &batch{appended: make(chan struct{})}
	close(before.appended)
	for first := range w.queue {
		b, err := &batch{requests: []*request{first}, appended: before.appended}, w.giveWay(before)
		if err == nil {
			b, err = w.decide(first, before)
		}
		<-before.appended
		if w.head.Load() == nil { // the append before failed: this batch followed what is not there
			b.abandon(w.end(errLost))
			break
		}
		if err != nil {
			b.abandon(w.stop(err))
			break
		}
		go w.append(b)
		before, w.hurry = b, false
		if err := w.refresh(b); err != nil {
			break
		}
	}
	<-before.appended
	w.handOver()
}

// end closes the queue and gives what those are told who wait in it: what was said first.
func (w *writer) end(fate error) error {
	w.close()
	w.gate.Lock()
	defer w.gate.Unlock()
	if w.fate == nil {
		w.fate = fate
	}
	return w.fate
}

// stop ends the writer for a reason other than a failed append, and gives what the batch that met it
// is told. Who waits behind is decided by the next writer, unless the store is to blame.
func (w *writer) stop(err error) error {
	w.head.Store(nil)
	if errors.Is(err, errLost) {
		return w.end(errLost)
	}
	w.damaged = errors.Is(err, ErrDamaged)
	w.ledgers.log.Error("ledger cannot go on", "ledger", w.slug, "error", err)
	if w.damaged || errors.Is(err, ErrUnavailable) {
		return w.end(errNotDurable)
	}
	return errNotDurable
}

// close lets the requests in the queue be the last.
func (w *writer) close() {
	w.gate.Lock()
	defer w.gate.Unlock()
	if !w.closed {
		w.closed = true
		close(w.queue)
	}
}

// submit puts a request in the queue and waits until it is durable or refused.
func (w *writer) submit(ctx context.Context, r *request) error {
	if err := w.enqueue(r); err != nil {
		return err
	}
	return r.wait(ctx)
}

func (w *writer) enqueue(r *request) error {
	w.gate.RLock()
	defer w.gate.RUnlock()
	if w.closed {
		return errLost
	}
	select {
	case w.queue <- r:
		return nil
	default:
		return errBusy
	}
}

// wait returns once the request is durable or refused. A caller that stops waiting leaves the
// request to its fate.
func (r *request) wait(ctx context.Context) error {
	select {
	case <-r.done:
		return r.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

var (
	// errNotDurable is all a caller is told when the ledger cannot be made durable.
	errNotDurable = domain.Errorf(domain.Unavailable, "the ledger cannot be made durable right now; try again with the same id")
	errOutOfReach = domain.Errorf(domain.Unavailable, "the event store is out of reach right now; try again with the same id")
	errBusy       = domain.Errorf(domain.Unavailable, "too many requests are waiting for this ledger; try again")
	// errLost says that the request was not decided, or decided on what another node had changed.
	errLost = errors.New("eventstore: the writer has ended")
)

// decide makes a batch of what comes while the batch before is on its way to the store: that could not be
// appended sooner, and fewer and larger appends cost less. If the store waits, it takes of what is in the queue
// what is enough.
func (w *writer) decide(first *request, before *batch) (*batch, error) {
	b := before.successor()
	var err error
	for r := first; r != nil && err == nil; {
		if r.cmd == nil {
			b.refresh = append(b.refresh, r)
		} else if err = w.decideOne(b, r); err != nil || w.rotates(b) {
			break
		}
		r, err = w.next(b, before)
	}
	if err != nil {
		return b, err
	}
	if err := w.sign(b); err != nil {
		return b, err
	}
	if err := w.rotate(b); err != nil {
		return b, err
	}
	b.end = *w.tip()
	return b, nil
}

// sign signs what was decided since the last call.
func (w *writer) sign(b *batch) error {
	err := sign(w.signer, b.records[b.signed:])
	b.signed = len(b.records)
	return err
}

// refresh catches up with other nodes if that was asked for.
func (w *writer) refresh(b *batch) error {
	if len(b.refresh) == 0 {
		return nil
	}
	<-b.appended
	if w.head.Load() == nil {
		b.refreshed(errLost)
		return errLost
	}
	_, err := w.catchUp(context.Background())
	b.refreshed(err)
	if err != nil {
		_ = w.stop(err) // nobody else waits for this
	}
	return err
}

// refreshed answers those who wanted to be up to date.
func (b *batch) refreshed(err error) {
	for _, r := range b.refresh {
		r.finish(err)
	}
}

// next gives the next request if the batch has room for it, nil if there is none. It waits for one, and
// signs meanwhile, only while the batch before is on its way.
func (w *writer) next(b, before *batch) (*request, error) {
	switch n := len(b.requests); {
	case n >= w.batchLength(), b.size > MaxBatchBytes/4, n >= max(enough, len(w.queue)) && before.isAppended():
		return nil, nil
	}
	select {
	case r := <-w.queue:
		return r, nil // nil once the queue is closed
	default:
	}
	if len(b.records)-b.signed >= signedTogether {
		if err := w.sign(b); err != nil {
			return nil, err
		}
	}
	select {
	case r := <-w.queue:
		return r, nil
	case <-before.appended:
		return nil, nil
	}
}

// decideOne decides a request. The error is the writer's end; what is wrong with the request
// is the request's own.
func (w *writer) decideOne(b *batch, r *request) error {
	b.requests = append(b.requests, r)
	r.first = -1
	if idem := r.cmd.Idempotency(); idem.Key != "" {
		known, found, err := w.ledgers.ids.Lookup(w.slug, idem.Key)
		if err != nil {
			return err
		}
		if found {
			r.repeat(idem, known)
			r.outcome.Last = w.state.Next() - 1
			return nil
		}
	}
	w.mu.Lock()
	events, reply, err := ledger.Decide(w.state, r.meta, r.cmd)
	w.mu.Unlock()
	b.unfenced = b.unfenced || len(events) == 0
	if err != nil {
		r.err = err
		return nil
	}
	if err := w.chainAll(b, events); err != nil {
		if domain.CodeOf(err) == domain.Invalid {
			r.err = err // again it would end the next writer
		}
		return err
	}
	r.outcome = ledger.Outcome{Reply: reply, Changed: len(events) > 0, Last: w.state.Next() - 1, Receipt: w.receipt(events)}
	if placed, ok := reply.(ledger.Placed); ok && len(events) == 0 {
		r.first = placed.Position()
	}
	if len(events) > 0 {
		if _, idle := events[0].Event.(access.RequestBound); idle {
			r.first = events[0].Seq
		}
	}
	for i := range events {
		if err := w.ledgers.index(&events[i]); err != nil {
			return err
		}
	}
	return nil
}

// repeat answers a request whose idempotency key is bound.
func (r *request) repeat(idem domain.Idempotency, known IDEntry) {
	if hex.EncodeToString(known.Digest[:]) != idem.Digest {
		r.err = domain.Errorf(domain.Conflict, "this id was used before with other content")
		return
	}
	r.outcome.Repeat, r.first = true, known.Seq
}

// receipt is of the first event of a command, or of the ledger's last if the command had nothing
// to do.
func (w *writer) receipt(events []domain.Envelope) ledger.Receipt {
	seq, hash, at := w.state.Next()-1, w.link.prev, w.state.Last()
	if len(events) > 0 {
		seq, hash, at = events[0].Seq, events[0].Hash, events[0].Time
	}
	return w.receiptOf(seq, hash, at)
}

// append makes a batch durable and answers its requests. Every outcome waits for it, repetitions
// too: what they repeat may be in this very batch.
func (w *writer) append(b *batch) {
	defer close(b.appended)
	if err := w.write(b); err != nil {
		w.head.Store(nil)
		b.fail(w.end(w.failure(b, err)))
		return
	}
	w.head.Store(&b.end)
	release(b.arena)
	w.settle(b)
	if len(b.records) > 0 {
		w.tail.add(b.envelopes)
		w.ledgers.ids.Commit(w.slug, b.end.tree.Size(), b.end.hash)
		w.ledgers.appended(w.slug, b.envelopes)
	}
	for _, r := range b.requests {
		r.finish(r.err)
	}
}

// failure says what a failed append means to those who wait for it. A lost race was decided on
// a ledger that had grown, and can be decided again if nothing of it was written.
func (w *writer) failure(b *batch, err error) error {
	if _, lost := errors.AsType[*ConflictError](err); lost && !b.torn {
		return errLost
	}
	w.damaged = errors.Is(err, ErrDamaged)
	w.ledgers.log.Error("append failed", "ledger", w.slug, "error", err)
	return errNotDurable
}

// write appends a batch in pieces that every engine takes. The events of one command stay in one
// piece, unless they alone are larger: only publications of lists are, whose parts have no
// effect before the last.
func (w *writer) write(b *batch) error {
	if len(b.records) == 0 && b.unfenced {
		return w.unchanged(b)
	}
	first := b.end.tree.Size() - int64(len(b.records))
	for from := 0; from < len(b.records); {
		to := b.piece(from)
		err := w.ledgers.store.Append(context.Background(), Batch{Ledger: w.slug, First: first + int64(from), Records: b.records[from:to]})
		if err != nil {
			return err
		}
		from, b.torn = to, true
	}
	return nil
}

// piece gives the end of the longest run of records from one on that one append takes, at the
// border of a command if there is one.
func (b *batch) piece(from int) int {
	size, border := 0, from
	for i := from; i < len(b.records); i++ {
		if b.envelopes[i].Cause == "" {
			border = i
		}
		size += RecordSize(b.records[i])
		if size <= MaxBatchBytes {
			continue
		}
		if border > from {
			return border
		}
		return max(i, from+1)
	}
	return len(b.records)
}

// fail answers all requests of a batch that will not become durable.
func (b *batch) fail(err error) {
	for _, r := range b.requests {
		r.finish(err)
	}
}

// abandon answers all who wait for a batch that will not even be appended.
func (b *batch) abandon(err error) {
	b.fail(err)
	b.refreshed(err)
}

func (r *request) finish(err error) {
	if r.err == nil {
		r.err = err
	}
	close(r.done)
}

// receiptOf is the receipt of the event at a position.
func (w *writer) receiptOf(seq int64, hash chain.Hash, at time.Time) ledger.Receipt {
	return ledger.Receipt{Ledger: w.name, Seq: seq, Hash: base64.StdEncoding.EncodeToString(hash[:]), RecordedAt: at}
}
