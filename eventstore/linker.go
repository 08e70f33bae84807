package eventstore

import (
	"runtime"
	"sync"

	"whocomply/domain"
	"whocomply/domain/chain"
)

// link is the end of a ledger's chain: what the next record must follow.
type link struct {
	prev  chain.Hash
	tree  chain.Tree
	nodes nodes
}

// add moves the link on by one record.
func (l *link) add(leaf chain.Hash) {
	l.nodes.add(&l.tree, leaf)
	l.tree.Append(leaf)
	l.prev = leaf
}

// chainAll adds envelopes to a batch as unsigned records that follow the link, moves the link on, and
// sets each envelope's Hash. Notes hold the bare text until sign.
func (w *writer) chainAll(b *batch, envelopes []domain.Envelope) error {
	room := w.signer.SignatureSize()
	for i := range envelopes {
		r, arena, err := w.ledgers.codec.encode(*b.arena, w.name, &envelopes[i], w.link.prev, room)
		*b.arena = arena
		if err != nil {
			return err
		}
		w.link.add(chain.LeafHash(r.Note))
		envelopes[i].Hash = w.link.prev
		b.records = append(b.records, r)
		b.size += RecordSize(r)
	}
	b.envelopes = append(b.envelopes, envelopes...)
	return nil
}

// sign turns the texts of the records into signed notes, on all cores. Signatures do not depend
// on each other: the chain is over the texts.
func sign(signer *chain.Signer, records []chain.Record) error {
	const worthwhile = 4 // signatures; starting a goroutine for fewer costs more than it saves
	workers := min(runtime.GOMAXPROCS(0), (len(records)+worthwhile-1)/worthwhile)
	if workers <= 1 {
		return signAll(signer, records)
	}
	errs := make([]error, workers)
	var group sync.WaitGroup
	for w := range workers {
		part := records[len(records)*w/workers : len(records)*(w+1)/workers]
		group.Go(func() { errs[w] = signAll(signer, part) })
	}
	group.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func signAll(signer *chain.Signer, records []chain.Record) error {
	for i := range records {
		note, err := signer.AppendSignature(records[i].Note)
		if err != nil {
			return err
		}
		records[i].Note = note
	}
	return nil
}
