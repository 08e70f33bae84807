package eventstore

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"whocomply/domain"
	"whocomply/domain/access"
	"whocomply/domain/chain"
	"whocomply/domain/ledger"
)

// writer gives the writer of a ledger, folding its state when it is first used. Whoever comes
// while another folds waits for that.
func (l *Ledgers) writer(ctx context.Context, slug string) (*writer, error) {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil, errNotDurable
	}
	o, there := l.writers[slug]
	if !there {
		o = &opening{done: make(chan struct{})}
		l.writers[slug] = o
	}
	l.mu.Unlock()
	if !there {
		l.open(context.WithoutCancel(ctx), slug, o)
	}
	select {
	case <-o.done:
		if errors.Is(o.err, errLost) { // only its ids were refreshed
			return l.writer(ctx, slug)
		}
		return o.writer, o.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// open folds a ledger for all who wait for it.
func (l *Ledgers) open(ctx context.Context, slug string, o *opening) {
	defer close(o.done)
	w, err := l.fold(ctx, slug)
	for range tries {
		if !errors.Is(err, errLost) {
			break
		}
		w, err = l.fold(ctx, slug)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if o.writer, o.err = w, err; err != nil {
		delete(l.writers, slug)
	}
}

// replace puts a writer's successor in its place and starts it, or, if there is none, makes the next
// use of the ledger fold it again. The ids that the writer has added go with it; one that nobody
// could use yet has added none.
func (l *Ledgers) replace(w, next *writer) (started bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if o := l.writers[w.slug]; o == nil || o.writer != w {
		return false
	}
	l.ids.Drop(w.slug)
	if next == nil || l.closed {
		delete(l.writers, w.slug)
		return false
	}
	o := &opening{done: make(chan struct{}), writer: next}
	close(o.done)
	l.writers[w.slug] = o
	go next.run()
	return true
}

// fold makes the state of a ledger that is there, and starts its writer. A store that has failed
// cannot take adoptions: the state then serves those who look, and nothing is decided on it.
func (l *Ledgers) fold(ctx context.Context, slug string) (*writer, error) {
	started := time.Now()
	w, err := l.read(ctx, slug)
	if err != nil {
		return nil, err
	}
	if w.state.Next() == 0 {
		return nil, domain.Errorf(domain.Unknown, "there is no such tenant")
	}
	go w.run()
	if slug != access.System && l.Err() == nil {
		if err := l.adopt(ctx, w); err != nil {
			w.close()
			return nil, err
		}
	}
	l.log.InfoContext(ctx, "ledger folded", "ledger", slug, "events", w.state.Next(), "took", time.Since(started))
	return w, nil
}

// read folds a ledger, checking that its records follow each other. The signature of the last one
// vouches for all before it.
func (l *Ledgers) read(ctx context.Context, slug string) (*writer, error) {
	w := l.newWriter(slug, ledger.New(slug))
	known, hash := l.ids.Position(slug)
	for stored, err := range l.store.Read(ctx, slug, 0) {
		if err != nil {
			return nil, err
		}
		if err := w.follow(stored); err != nil {
			return nil, err
		}
		if stored.Seq == known-1 && w.link.prev != hash {
			return nil, errOther(slug, stored.Seq)
		}
	}
	if w.state.Next() < known {
		return nil, errCut(slug, w.state.Next(), known)
	}
	if err := w.takeSigner(); err != nil {
		return nil, err
	}
	l.ids.Commit(slug, w.state.Next(), w.link.prev)
	w.head.Store(w.tip())
	if l.shared {
		w.durable = &durable{state: w.state.Clone(), prev: w.link.prev, tree: w.link.tree}
	}
	return w, nil
}

func (l *Ledgers) newWriter(slug string, state *ledger.State) *writer {
	return &writer{
		ledgers: l, slug: slug, name: l.codec.name(slug), queue: make(chan *request, queueLength), ended: make(chan struct{}),
		state: state,
	}
}

// create opens a new ledger; one that is there is left as it is.
func (l *Ledgers) create(ctx context.Context, cmd access.OpenLedger) error {
	size, err := l.store.Size(ctx, cmd.Slug)
	if err != nil || size > 0 {
		return err
	}
	w, err := l.read(ctx, cmd.Slug)
	if err != nil {
		return err
	}
	cmd.Keys = []string{w.signer.Verifier().String()}
	go w.run()
	_, err = w.execute(ctx, "system", ledger.OpenLedger(cmd))
	w.close()
	<-w.ended
	if err != nil && !errors.Is(err, errLost) { // lost to another who opens it too
		return err
	}
	_, err = l.writer(ctx, cmd.Slug)
	return err
}

// Envelopes yields a ledger's events from one position to the durable end.
func (l *Ledgers) Envelopes(ctx context.Context, slug string, from int64) iter.Seq2[domain.Envelope, error] {
	return func(yield func(domain.Envelope, error) bool) {
		for _, e := range l.recent(slug, from) {
			if !yield(e, nil) {
				return
			}
			from = e.Seq + 1 // where another node may have gone on
		}
		for stored, err := range l.store.Read(ctx, slug, from) {
			var e domain.Envelope
			if err == nil {
				e, err = l.codec.decode(slug, stored)
			}
			if !yield(e, told(err)) || err != nil {
				return
			}
		}
	}
}

// Records yields a ledger's stored records from one position to the durable end. Each is there until the next,
// as [Store.Read] says.
func (l *Ledgers) Records(ctx context.Context, slug string, from int64) iter.Seq2[Stored, error] {
	return l.store.Read(ctx, slug, from)
}

// recent gives a ledger's events from a position on out of memory, if they reach back to it.
func (l *Ledgers) recent(slug string, from int64) []domain.Envelope {
	if w := l.folded(slug); w != nil {
		return w.tail.from(from)
	}
	return nil
}

// folded gives the writer of a ledger whose state is in memory, or nil; it does not wait for who folds it.
func (l *Ledgers) folded(slug string) *writer {
	l.mu.Lock()
	o := l.writers[slug]
	l.mu.Unlock()
	if o == nil {
		return nil
	}
	select {
	case <-o.done:
	default:
		return nil
	}
	return o.writer // nil if folding it failed
}

// Read gives at most limit stored records in order, the first of them at a position.
func (l *Ledgers) Read(ctx context.Context, slug string, from int64, limit int) ([]chain.Record, error) {
	var records []chain.Record
	for stored, err := range l.store.Read(ctx, slug, from) {
		if err != nil {
			return nil, told(err)
		}
		if records = append(records, stored.Clone()); len(records) == limit {
			break
		}
	}
	return records, nil
}

// Name gives the full name of a ledger, "<origin>/<slug>".
func (l *Ledgers) Name(slug string) string { return l.codec.name(slug) }

// Size is the number of durable events of a ledger.
func (l *Ledgers) Size(ctx context.Context, slug string) (int64, error) {
	size, err := l.store.Size(ctx, slug)
	return size, told(err)
}

// Slugs lists the ledgers, sorted: those in the store, and those that were.
func (l *Ledgers) Slugs(ctx context.Context) ([]string, error) {
	there, err := l.store.Ledgers(ctx)
	slugs := append(there, l.ids.Ledgers()...)
	slices.Sort(slugs)
	return slices.Compact(slugs), told(err)
}

// Damage says what is wrong with a ledger as a whole, a *[DamageError]: the store does not show it, or
// it is not the one it was here. Nil if nothing is, as far as its ends tell.
func (l *Ledgers) Damage(ctx context.Context, slug string) error {
	if s, ok := l.store.(*ESDB); ok {
		if err := s.Inspect(ctx, slug); err != nil {
			return err
		}
	}
	known, hash := l.ids.Position(slug)
	size, err := l.store.Size(ctx, slug)
	switch {
	case err != nil:
		return err
	case size < known:
		return errCut(slug, size, known)
	case known == 0:
		return nil
	}
	for e, err := range l.Envelopes(ctx, slug, known-1) {
		if err == nil && e.Hash != hash {
			err = errOther(slug, e.Seq)
		}
		return err
	}
	return nil
}

// Survey reads every ledger to its end and says in the log which are damaged, and where. The store
// remembers: a damaged ledger gets no further record.
func (l *Ledgers) Survey(ctx context.Context) error {
	slugs, err := l.Slugs(ctx)
	if err != nil {
		return err
	}
	for _, slug := range slugs {
		err := l.Damage(ctx, slug)
		if err == nil {
			for _, err = range l.store.Read(ctx, slug, 0) {
				if err != nil {
					break
				}
			}
		}
		if errors.Is(err, ErrDamaged) {
			l.log.ErrorContext(ctx, "ledger is damaged", "ledger", slug, "error", err)
		} else if err != nil {
			return err
		}
	}
	return nil
}

// apiKey is the key under which the owner of an API key is found.
func apiKey(id string) string { return "api_key/" + id }

// index enters the caller's ids of an event.
func (l *Ledgers) index(e *domain.Envelope) error {
	if issued, ok := e.Event.(access.KeyIssued); ok {
		if err := l.ids.Add("", apiKey(issued.Key.ID), IDEntry{Seq: e.Seq, Value: e.Ledger}); err != nil {
			return err
		}
	}
	bound, ok := e.Event.(domain.Idempotent)
	if !ok || bound.Idempotency().Key == "" {
		return nil
	}
	idem := bound.Idempotency()
	entry := IDEntry{Seq: e.Seq}
	if n, err := hex.Decode(entry.Digest[:], []byte(idem.Digest)); err != nil || n != len(entry.Digest) {
		return fmt.Errorf("ledger %s seq %d: the digest of its idempotency key is not 32 hex digits", e.Ledger, e.Seq)
	}
	return l.ids.Add(e.Ledger, idem.Key, entry)
}

// catchUpIDs brings the index of callers' ids up to the durable ends of all ledgers.
func (l *Ledgers) catchUpIDs(ctx context.Context) error {
	slugs, err := l.Slugs(ctx)
	if err != nil {
		return err
	}
	for _, slug := range slugs {
		err := l.catchUpIDsOf(ctx, slug)
		if errors.Is(err, ErrDamaged) && slug != access.System { // the other tenants go on
			l.log.ErrorContext(ctx, "ledger is damaged", "ledger", slug, "error", err)
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (l *Ledgers) catchUpIDsOf(ctx context.Context, slug string) error {
	known, hash := l.ids.Position(slug)
	from := max(0, known-1)
	for e, err := range l.Envelopes(ctx, slug, from) {
		if err != nil {
			return err
		}
		if from++; e.Seq == known-1 {
			if e.Hash != hash {
				return errOther(slug, e.Seq)
			}
			continue
		}
		if err := l.index(&e); err != nil {
			return err
		}
		l.ids.Commit(slug, e.Seq+1, e.Hash)
	}
	if from >= known {
		return nil
	}
	size, err := l.store.Size(ctx, slug)
	if err != nil {
		return err
	}
	return errCut(slug, size, known)
}

// The index of callers' ids remembers how far each ledger had come and with which record. A ledger
// that has less, or another record there, was cut, rewritten or restored from an older copy behind our
// back: nothing is signed over it.
func errCut(slug string, size, known int64) error {
	return &DamageError{slug, size, fmt.Sprintf(
		"the ledger ends here but had %d events; it was cut, deleted, or restored from an older copy. %s", known, afterDamage)}
}

func errOther(slug string, seq int64) error {
	return &DamageError{slug, seq, "another record is here than there was; the ledger was rewritten, or is of another installation. " + afterDamage}
}

const afterDamage = "Verify it against a checkpoint kept elsewhere; to go on with it as it is, delete the directory ids"

// OriginOf gives the origin under which the ledgers of a store were written, or "" if there are none.
func OriginOf(ctx context.Context, s Store) (string, error) {
	for stored, err := range s.Read(ctx, access.System, 0) {
		if err != nil {
			return "", err
		}
		h, err := stored.Header()
		if err != nil {
			return "", fmt.Errorf("%w: the first record of the ledger %s: %w", ErrDamaged, access.System, err)
		}
		return strings.TrimSuffix(h.Ledger, "/"+access.System), nil
	}
	return "", nil
}
