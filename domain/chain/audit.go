package chain

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"sync"
	"time"
)

// Auditor checks a ledger from its first event on. The zero Auditor takes the keys from the first event on trust: it
// can tell that a ledger is consistent and signed, but not by whom.
type Auditor struct {
	Ledger   string           // The name the ledger must have, or empty for any.
	Keys     []*Verifier      // Keys that the first event or a rotation must list, known from elsewhere.
	Trusted  []byte           // A signed checkpoint that the ledger must extend, known from elsewhere.
	Leaf     func(leaf Hash)  // Called with the leaf hash of each intact event, in order, if not nil.
	Progress func(done int64) // Called now and then with the number of events checked, if not nil.
}

// Audit checks the records, which must come in order from seq 0 and must not be changed afterwards. It works on all
// cores, but what it reports is the first fault in order of seq. It calls the Auditor's functions from one goroutine at
// a time, ranges over records in another, and leaves none behind. An error means that the ledger could not be read.
func (a Auditor) Audit(ctx context.Context, records iter.Seq2[Record, error]) (Report, error) {
	report, _, err := a.audit(ctx, records)
	return report, err
}

// ledgerKeys are the keys of a ledger: those of its first event, and those in force at its end.
type ledgerKeys struct{ first, last []*Verifier }

// audit returns the ledger's keys too, if the first event gave any.
func (a Auditor) audit(ctx context.Context, records iter.Seq2[Record, error]) (Report, ledgerKeys, error) {
	ctx, cancel := context.WithCancel(ctx)
	var wait sync.WaitGroup
	defer wait.Wait()
	defer cancel()

	workers := runtime.GOMAXPROCS(0)
	p := &pipeline{jobs: make(chan *batch, 2*workers), order: make(chan *batch, 2*workers)}
	wait.Go(func() { p.read(ctx, records) })
	for range workers {
		wait.Go(func() {
			for b := range p.jobs {
				b.check()
			}
		})
	}
	link := &linker{auditor: a, pipeline: p}
	for b := range p.order {
		select {
		case <-b.checked:
		case <-ctx.Done():
			return Report{}, ledgerKeys{}, ctx.Err()
		}
		if f, err := link.batch(b); f != nil || err != nil {
			return link.report(f), link.ledgerKeys(), err
		}
	}
	if err := ctx.Err(); err != nil {
		return Report{}, ledgerKeys{}, err
	}
	return link.report(nil), link.ledgerKeys(), nil
}

// pipeline carries batches of records from the reader to the workers and, in order, to the linker. The reader sets keys
// and genesis before it sends the first batch.
type pipeline struct {
	keys    []*Verifier
	genesis *fault
	jobs    chan *batch
	order   chan *batch
}

const (
	batchLen  = 64
	batchSize = 4 << 20 // Bytes of payload after which a batch is full, so that memory stays bounded.
)

type batch struct {
	entries []entry
	size    int
	err     error         // Ended the sequence after the entries.
	checked chan struct{} // Closed once the entries are checked.
}

// entry is a record and what can be said of it without its neighbours.
type entry struct {
	record     Record
	ring       keyring
	header     Header
	leaf       Hash
	signatures int
	text       *fault // Of note, text or signature.
	payload    *fault
}

func newBatch() *batch {
	return &batch{entries: make([]entry, 0, batchLen), checked: make(chan struct{})}
}

func (p *pipeline) read(ctx context.Context, records iter.Seq2[Record, error]) {
	defer close(p.order)
	defer close(p.jobs)
	b, opened, keys := newBatch(), false, []*Verifier(nil)
	for r, err := range records {
		if b.err = err; err != nil {
			break
		}
		if !opened {
			p.keys, p.genesis = genesis(r)
			opened, keys = true, p.keys
		}
		ring := ringAt(r, keys)
		keys = ring.after()
		b.entries = append(b.entries, entry{record: r, ring: ring})
		if b.size += len(r.Payload); len(b.entries) == batchLen || b.size > batchSize {
			if !p.send(ctx, b) {
				return
			}
			b = newBatch()
		}
	}
	p.send(ctx, b)
}

func (p *pipeline) send(ctx context.Context, b *batch) bool {
	for _, queue := range []chan *batch{p.order, p.jobs} {
		select {
		case queue <- b:
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// genesis returns the ledger's keys, or the fault for which there are none. Faults of the record itself are left to
// the checks that all records undergo.
func genesis(r Record) ([]*Verifier, *fault) {
	h, err := r.Header()
	if err != nil || Commit(r.Salt, r.Payload) != h.Commit {
		return nil, nil
	}
	if h.Type != TypeOpened {
		return nil, &fault{0, CodeGenesis, fmt.Sprintf("the first event is of type %q, not %q", h.Type, TypeOpened)}
	}
	keys, err := GenesisKeys(h.Ledger, r.Payload)
	if err != nil {
		return nil, &fault{0, CodeGenesis, err.Error()}
	}
	return keys, nil
}

func (b *batch) check() {
	for i := range b.entries {
		b.entries[i].check()
	}
	close(b.checked)
}

// check sets faults without their seq, which only the linker knows.
func (e *entry) check() {
	text := e.record.Text()
	if text == nil {
		e.text = &fault{code: CodeNote, detail: errNote.Error()}
		return
	}
	var err error
	if e.header, err = ParseText(text); err != nil {
		e.text = &fault{code: CodeNotCanonical, detail: err.Error()}
		return
	}
	e.leaf = LeafHash(text)
	if int64(len(e.record.Payload)) != e.header.Len || bytes.IndexByte(e.record.Payload, '\n') >= 0 ||
		Commit(e.record.Salt, e.record.Payload) != e.header.Commit {
		e.payload = &fault{code: CodePayload, detail: "the payload is not the one that was signed for"}
	}
	if len(e.ring.keys) == 0 {
		return // The linker has the fault for which there are none.
	}
	if e.signatures, err = e.ring.verify(e.record.Note); err != nil {
		e.text = &fault{code: CodeRotation, detail: err.Error()}
		switch {
		case errors.Is(err, errNote):
			e.text.code = CodeNote
		case errors.Is(err, errSignatureKey):
			e.text.code = CodeSignatureKey
		case errors.Is(err, errSignature):
			e.text.code = CodeSignature
		}
	}
}

// linker checks each event against the one before it and grows the tree.
type linker struct {
	auditor    Auditor
	pipeline   *pipeline
	trusted    *Checkpoint // Parsed; verified once the tree has its size.
	keys       []*Verifier // In force after the events so far.
	listed     []*Verifier // All that were ever in force.
	ledger     string
	tree       Tree
	prev       Hash
	time       time.Time
	signatures int64
}

// batch returns the first fault of the batch, or the error that ended the records after it.
func (l *linker) batch(b *batch) (*fault, error) {
	for i := range b.entries {
		if f := l.entry(&b.entries[i]); f != nil {
			return f, nil
		}
	}
	if l.auditor.Progress != nil {
		l.auditor.Progress(l.tree.Size())
	}
	if f := (*fault)(nil); errors.As(b.err, &f) {
		return f, nil
	}
	return nil, b.err
}

func (l *linker) entry(e *entry) *fault {
	seq := l.tree.Size()
	if seq == 0 {
		l.ledger = e.header.Ledger
	}
	for _, f := range []*fault{e.text, l.genesisOf(seq), l.follows(e.header), e.payload} {
		if f != nil {
			return &fault{seq, f.code, f.detail}
		}
	}
	if f := l.open(seq); f != nil {
		return f
	}
	if seq == 0 || e.ring.next != nil {
		l.keys = e.ring.after()
		l.listed = append(l.listed, l.keys...)
	}
	l.tree.Append(e.leaf)
	l.prev, l.time = e.leaf, e.header.Time
	l.signatures += int64(e.signatures)
	if l.auditor.Leaf != nil {
		l.auditor.Leaf(e.leaf)
	}
	return l.forked()
}

func (l *linker) genesisOf(seq int64) *fault {
	if seq > 0 {
		return nil
	}
	return l.pipeline.genesis
}

// follows checks that the header is the one that comes next.
func (l *linker) follows(h Header) *fault {
	seq := l.tree.Size()
	switch {
	case h.Seq != seq:
		return &fault{code: CodeSeq, detail: fmt.Sprintf("event %d stands where event %d should", h.Seq, seq)}
	case h.Ledger != l.ledger || l.auditor.Ledger != "" && h.Ledger != l.auditor.Ledger:
		return &fault{code: CodeLedger, detail: fmt.Sprintf("the event is of ledger %q", h.Ledger)}
	case h.Prev != l.prev:
		return &fault{code: CodePrev, detail: "the event does not carry the hash of the one before it"}
	case h.Time.Before(l.time):
		return &fault{code: CodeTime, detail: "the event is older than the one before it"}
	}
	return nil
}

// open takes in the trusted checkpoint when the first event has given the keys.
func (l *linker) open(seq int64) *fault {
	if seq > 0 || l.auditor.Trusted == nil {
		return nil
	}
	c, err := ParseCheckpoint(Record{Note: l.auditor.Trusted}.Text())
	if err != nil || c.Origin != l.ledger {
		return errTrusted
	}
	l.trusted = &c
	if c.Size > 0 {
		return nil
	}
	l.keys = l.pipeline.keys
	return l.forked()
}

var errTrusted = &fault{noSeq, CodeTrusted, "the trusted checkpoint is not signed by the keys of this ledger"}

// forked verifies the trusted checkpoint and compares the tree with it when it has the same size. A checkpoint is
// signed by a key in force after the events it covers.
func (l *linker) forked() *fault {
	if l.trusted == nil || l.trusted.Size != l.tree.Size() {
		return nil
	}
	if _, err := OpenCheckpoint(l.auditor.Trusted, l.keys...); err != nil {
		return errTrusted
	}
	if l.trusted.Root == l.tree.Root() {
		return nil
	}
	return &fault{noSeq, CodeForked, fmt.Sprintf("the ledger's first %d events are not those of the trusted checkpoint", l.trusted.Size)}
}

func (l *linker) report(f *fault) Report {
	r := Report{Verdict: Intact, Ledger: l.ledger, Size: l.tree.Size(), Root: l.tree.Root(), Signatures: l.signatures}
	if f == nil && l.tree.Size() == 0 {
		f = &fault{0, CodeGenesis, "the ledger has no first event"}
	}
	if f == nil {
		f = l.pinned()
	}
	behind := l.trusted != nil && l.trusted.Size > l.tree.Size()
	if f == nil && behind {
		if _, err := OpenCheckpoint(l.auditor.Trusted, slices.Concat(l.keys, l.auditor.Keys)...); err != nil {
			f = errTrusted
		}
	}
	switch {
	case f != nil:
		r.judge(Tampered, f)
	case behind:
		r.judge(Behind, &fault{noSeq, CodeStale, fmt.Sprintf("the trusted checkpoint is of size %d", l.trusted.Size)})
	}
	return r
}

// pinned returns the fault of a key that the auditor trusts and that was never a key of this ledger. One that a rotation
// lists vouches for all before: the rotation is signed by it, and holds the hash of what came before.
func (l *linker) pinned() *fault {
	for _, key := range l.auditor.Keys {
		if !contains(l.listed, key) {
			return &fault{0, CodePinnedKey, fmt.Sprintf("neither the first event nor a rotation lists the trusted key %s", key)}
		}
	}
	return nil
}

func (l *linker) ledgerKeys() ledgerKeys { return ledgerKeys{l.pipeline.keys, l.keys} }
