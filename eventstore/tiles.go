package eventstore

import (
	"context"
	"sync"

	"whocomply/domain"
	"whocomply/domain/chain"
)

// nodes are the hashes above the leaves of a ledger's tree that its tiles are made of: at level L,
// from 1, the roots of the perfect subtrees over 256^L events each. They take an eighth of a byte
// per event. The leaves are read from the store: no tile is kept.
type nodes struct {
	mu     sync.RWMutex
	levels [][]chain.Hash // levels[0] is level 1; only ever added to
}

// add takes in the subtrees that the leaf, which is about to join the tree, completes.
func (n *nodes) add(tree *chain.Tree, leaf chain.Hash) {
	for level := 1; ; level++ {
		root, ok := tree.Completes(leaf, level*chain.TileHeight)
		if !ok {
			return
		}
		n.mu.Lock()
		if len(n.levels) < level {
			n.levels = append(n.levels, nil)
		}
		n.levels[level-1] = append(n.levels[level-1], root)
		n.mu.Unlock()
	}
}

// upTo gives what the nodes of the first size leaves are; those who still read n are not disturbed.
func (n *nodes) upTo(size int64) [][]chain.Hash {
	n.mu.RLock()
	defer n.mu.RUnlock()
	levels := make([][]chain.Hash, 0, len(n.levels))
	for i, level := range n.levels {
		if kept := size >> ((i + 1) * chain.TileHeight); kept > 0 {
			levels = append(levels, level[:kept:kept])
		}
	}
	return levels
}

// tile gives the hashes of a tile above the leaves, which the tree must have.
func (n *nodes) tile(t chain.Tile) []byte {
	n.mu.RLock()
	defer n.mu.RUnlock()
	from := t.N * chain.TileWidth
	data := make([]byte, 0, t.W*chain.HashSize)
	for _, h := range n.levels[t.L-1][from : from+int64(t.W)] {
		data = append(data, h[:]...)
	}
	return data
}

// Tile gives a hash tile or an entry bundle of a ledger's tree as C2SP tlog-tiles serves it. One
// that the durable end has not reached is domain.Unknown.
func (l *Ledgers) Tile(ctx context.Context, slug string, t chain.Tile) (data []byte, err error) {
	err = l.with(ctx, slug, func(w *writer) error {
		end := w.head.Load()
		switch {
		case end == nil:
			return errLost
		case !chain.HasTile(end.tree.Size(), t):
			return domain.Errorf(domain.Unknown, "the ledger has no such tile, or not yet")
		case t.L > 0:
			data = w.link.nodes.tile(t)
			return nil
		}
		data, err = l.lowest(ctx, slug, t)
		return err
	})
	return data, err
}

// lowest reads a tile of leaf hashes, or an entry bundle, from the store.
func (l *Ledgers) lowest(ctx context.Context, slug string, t chain.Tile) (data []byte, err error) {
	from := t.N * chain.TileWidth
	for stored, err := range l.store.Read(ctx, slug, from) {
		if err != nil {
			return nil, err
		}
		if stored.Seq == from+int64(t.W) {
			break
		}
		if text := stored.Text(); chain.IsEntries(t) {
			if data, err = chain.AppendEntry(data, text); err != nil {
				return nil, err
			}
		} else {
			leaf := chain.LeafHash(text)
			data = append(data, leaf[:]...)
		}
	}
	return data, nil
}

// Prove shows that an event is in a ledger, by a checkpoint of its durable end. The proof carries
// the event's signed note, so that it can be checked with the ledger's key alone.
func (l *Ledgers) Prove(ctx context.Context, slug string, seq int64) (p chain.Proof, err error) {
	if p.Checkpoint, err = l.Checkpoint(ctx, slug); err != nil {
		return p, err
	}
	c, err := chain.ParseCheckpoint(chain.Record{Note: p.Checkpoint}.Text())
	if err != nil {
		return p, err
	}
	records, err := l.Read(ctx, slug, seq, 1)
	if err != nil {
		return p, err
	}
	if seq >= c.Size || len(records) == 0 {
		return p, domain.Errorf(domain.Unknown, "the ledger has no event %d", seq)
	}
	p.Index, p.Extra = seq, records[0].Note
	p.Path, err = chain.ProveInclusion(c.Size, seq, c.Hashes(func(t chain.Tile) ([]byte, error) { return l.Tile(ctx, slug, t) }))
	return p, err
}
