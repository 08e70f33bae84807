package projections

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"slices"
)

// keys are index entries that lead from a value to the positions of the rows that have it, for
// tables that only grow. An entry is two integers, so that four times as many
// fit on a page as would with ledger and value written out; pages touched are what an index costs.
type keys struct {
	entries []key
	args    rows
}

type key struct{ digest, seq int64 }

// keyOf is the first 8 bytes of SHA-256 over ledger, kind and value. Readers compare the rows they
// are led to with what they look for all the same.
func keyOf(ledger, kind, value string) int64 {
	var buffer [192]byte
	text := append(buffer[:0], ledger...)
	text = append(append(text, 0), kind...)
	text = append(append(text, 0), value...)
	sum := sha256.Sum256(text)
	return int64(binary.BigEndian.Uint64(sum[:8]))
}

func (k *keys) add(digest, seq int64) { k.entries = append(k.entries, key{digest, seq}) }

func (k *keys) forget() {
	k.entries = k.entries[:0]
	k.args.forget()
}

// write inserts the entries in their order, so that neighbours share a visit to their page.
func (k *keys) write(w *writer, t *table) error {
	slices.SortFunc(k.entries, func(a, b key) int {
		return cmp.Or(cmp.Compare(a.digest, b.digest), cmp.Compare(a.seq, b.seq))
	})
	for _, e := range k.entries {
		k.args.add(e.digest, e.seq)
	}
	return w.insert(t, &k.args)
}
