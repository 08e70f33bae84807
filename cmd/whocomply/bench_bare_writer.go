package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/oklog/ulid/v2"

	"whocomply/domain/chain"
	"whocomply/eventstore"
)

const (
	bareLedger = "bench.localhost/bare"
	bareQueue  = 4096
	bareBatch  = 512 // requests; as many as the product takes
)

// bareWriter is a group commit in two stages: while one batch is being made durable, what waits is chained and signed as
// the next. (The product's writer adds to its next batch until the one before is durable.)
type bareWriter struct {
	store   *eventstore.Bolt
	signer  *chain.Signer
	queue   chan *bareRequest
	seq     int64      // of the next record; of run alone, like prev
	prev    chain.Hash // leaf hash of the record before
	ended   chan struct{}
	events  atomic.Int64
	batches atomic.Int64
}

// bareRequest is an event on its way through the writer.
type bareRequest struct {
	header chain.Header
	record chain.Record
	seq    int64
	hash   chain.Hash
	done   chan error
}

// newBareWriter starts a writer with a new key. The first record lists it, so that the ledger can be verified.
func newBareWriter(store *eventstore.Bolt) (*bareWriter, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	signer, err := chain.NewSigner(bareLedger, key)
	if err != nil {
		return nil, err
	}
	w := &bareWriter{store: store, signer: signer, queue: make(chan *bareRequest, bareQueue), ended: make(chan struct{})}
	go w.run()
	if _, err := w.record(chain.TypeOpened, "", fmt.Appendf(nil, `{"keys":[%q]}`, signer.Verifier().String())); err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

// close ends the writer. Nobody may be recording.
func (w *bareWriter) close() {
	close(w.queue)
	<-w.ended
}

// record returns when the event is durable. What does not depend on the record before is done here, by the caller's
// goroutine: salt, commitment and id.
func (w *bareWriter) record(kind, subject string, payload []byte) (*bareRequest, error) {
	r := &bareRequest{record: chain.Record{Payload: payload}, done: make(chan error, 1)}
	if _, err := rand.Read(r.record.Salt[:]); err != nil {
		return nil, err
	}
	now := time.Now()
	id, err := ulid.New(ulid.Timestamp(now), rand.Reader)
	if err != nil {
		return nil, err
	}
	r.header = chain.Header{
		Actor: "bench", Commit: chain.Commit(r.record.Salt, payload), Enc: chain.EncNone, ID: id.String(), Ledger: bareLedger,
		Len: int64(len(payload)), Schema: 1, Subject: subject, Type: kind,
	}
	w.queue <- r
	return r, <-r.done
}

// run is the writer.
func (w *bareWriter) run() {
	defer close(w.ended)
	var before sync.WaitGroup
	for first := range w.queue {
		batch := w.gather(first)
		err := w.sign(batch)
		start := w.seq - int64(len(batch))
		before.Wait()
		before.Go(func() {
			if err == nil {
				err = w.append(start, batch)
			}
			for _, r := range batch {
				r.done <- err
			}
		})
	}
	before.Wait()
}

// gather chains what waits in the queue, up to one batch.
func (w *bareWriter) gather(first *bareRequest) []*bareRequest {
	var batch []*bareRequest
	now := time.Now()
	for r, size := first, 0; r != nil; {
		r.header.Seq, r.header.Prev, r.header.Time = w.seq, w.prev, now
		r.record.Note = r.header.Text()
		w.prev = chain.LeafHash(r.record.Note)
		r.seq, r.hash = w.seq, w.prev
		w.seq++
		batch = append(batch, r)
		if size += eventstore.RecordSize(r.record); len(batch) >= bareBatch || size > eventstore.MaxBatchBytes/4 {
			break
		}
		select {
		case r = <-w.queue:
		default:
			r = nil
		}
	}
	return batch
}

// sign signs a batch on all cores.
func (w *bareWriter) sign(batch []*bareRequest) error {
	workers := min(runtime.GOMAXPROCS(0), (len(batch)+3)/4)
	errs := make(chan error, workers)
	var group sync.WaitGroup
	for i := range workers {
		part := batch[len(batch)*i/workers : len(batch)*(i+1)/workers]
		group.Go(func() {
			for _, r := range part {
				note, err := w.signer.Sign(r.record.Note)
				if err != nil {
					errs <- err
					return
				}
				r.record.Note = note
			}
		})
	}
	group.Wait()
	select {
	case err := <-errs:
		return err
	default:
		return nil
	}
}

// append makes a batch durable.
func (w *bareWriter) append(first int64, batch []*bareRequest) error {
	records := make([]chain.Record, len(batch))
	for i, r := range batch {
		records[i] = r.record
	}
	w.events.Add(int64(len(batch)))
	w.batches.Add(1)
	return w.store.Append(context.Background(), eventstore.Batch{Ledger: bareLedger, First: first, Records: records})
}
