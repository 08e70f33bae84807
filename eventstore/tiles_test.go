package eventstore

import (
	"bytes"
	"encoding/binary"
	"testing"

	"whocomply/domain/chain"
)

// TestNodesAreThoseOfTheTiles grows a tree beyond two levels and holds the nodes kept against the
// tiles that are cut from the leaves.
func TestNodesAreThoseOfTheTiles(t *testing.T) {
	const size = 3<<16 + 5<<8 + 7
	var l link
	want := map[chain.Tile][]byte{}
	tiles := chain.NewTileBuilder(func(t chain.Tile, hashes []byte) error {
		want[t] = bytes.Clone(hashes)
		return nil
	})
	for i := range uint64(size) {
		leaf := chain.LeafHash(binary.BigEndian.AppendUint64(nil, i))
		l.add(leaf)
		if err := tiles.Append(leaf); err != nil {
			t.Fatal(err)
		}
	}
	if err := tiles.Flush(); err != nil {
		t.Fatal(err)
	}
	levels := [3]int{}
	for tile, hashes := range want {
		levels[tile.L]++
		if tile.L > 0 && !bytes.Equal(l.nodes.tile(tile), hashes) {
			t.Errorf("%s has other hashes", chain.TilePath(tile))
		}
	}
	if levels[1] != 4 || levels[2] != 1 {
		t.Errorf("tiles by level: %v", levels)
	}
	back := l.nodes.upTo(1<<16 + 300)
	if len(back) != 2 || len(back[0]) != 257 || len(back[1]) != 1 || len(l.nodes.upTo(255)) != 0 {
		t.Errorf("going back leaves %d levels", len(back))
	}
	if after := append(back[0], chain.Hash{}); l.nodes.levels[0][257] == after[257] {
		t.Error("who went back writes over what others read")
	}
}
