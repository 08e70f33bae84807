package chain

import (
	"crypto/sha256"
	"fmt"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"
)

// Tree is an append-only RFC 6962 Merkle tree, reduced to the roots of its largest perfect subtrees. The zero Tree is
// empty. A Tree is a value of fixed size: assigning it takes a snapshot.
type Tree struct {
	size  int64
	nodes [53]Hash // nodes[i] is the root of a subtree of 2^i leaves, if size has bit i.
}

// LoadTree returns the tree of the given size over stored hashes.
func LoadTree(size int64, r tlog.HashReader) (Tree, error) {
	t := Tree{size: size}
	if size < 0 || size > maxInteger {
		return Tree{}, fmt.Errorf("chain: tree: size %d is out of range", size)
	}
	if size == 0 {
		return t, nil // There is nothing to read, and x/mod's tile reader fails on nothing.
	}
	var levels []int
	var indexes []int64
	for rest := size; rest > 0; {
		level := bits.Len64(uint64(rest)) - 1
		rest -= 1 << level
		levels = append(levels, level)
		indexes = append(indexes, tlog.StoredHashIndex(level, (size-rest)>>level-1))
	}
	hashes, err := r.ReadHashes(indexes)
	if err != nil {
		return Tree{}, fmt.Errorf("chain: tree: %w", err)
	}
	for i, level := range levels {
		t.nodes[level] = hashes[i]
	}
	return t, nil
}

// Append adds a leaf.
func (t *Tree) Append(leaf Hash) {
	level := 0
	for ; t.size>>level&1 == 1; level++ {
		leaf = tlog.NodeHash(t.nodes[level], leaf)
	}
	t.nodes[level] = leaf
	t.size++
}

// Completes returns the root of the perfect subtree of 2^level leaves that appending leaf would complete, if it would.
func (t *Tree) Completes(leaf Hash, level int) (root Hash, ok bool) {
	if (t.size+1)&(1<<level-1) != 0 {
		return Hash{}, false
	}
	for i := range level {
		leaf = tlog.NodeHash(t.nodes[i], leaf)
	}
	return leaf, true
}

// Size returns the number of leaves.
func (t *Tree) Size() int64 { return t.size }

// Root returns the root hash; that of the empty tree is SHA-256 of nothing.
func (t *Tree) Root() Hash {
	if t.size == 0 {
		return sha256.Sum256(nil)
	}
	low := bits.TrailingZeros64(uint64(t.size))
	root := t.nodes[low]
	for level := low + 1; t.size>>level > 0; level++ {
		if t.size>>level&1 == 1 {
			root = tlog.NodeHash(t.nodes[level], root)
		}
	}
	return root
}
