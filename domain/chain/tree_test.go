package chain_test

import (
	"crypto/sha256"
	"slices"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"whocomply/domain/chain"
)

func leaves(n int) []chain.Hash {
	all := make([]chain.Hash, n)
	for i := range all {
		all[i] = chain.LeafHash([]byte{byte(i), byte(i >> 8), byte(i >> 16)})
	}
	return all
}

// naiveRoot is RFC 6962 §2.1, word for word.
func naiveRoot(leaves []chain.Hash) chain.Hash {
	switch len(leaves) {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return leaves[0]
	}
	k := 1
	for k*2 < len(leaves) {
		k *= 2
	}
	left, right := naiveRoot(leaves[:k]), naiveRoot(leaves[k:])
	return sha256.Sum256(slices.Concat([]byte{1}, left[:], right[:]))
}

// storedTiles builds the tiles of a tree and reads them back.
func storedTiles(t testing.TB, leaves []chain.Hash) (map[string][]byte, chain.TileReader) {
	t.Helper()
	files := map[string][]byte{}
	b := chain.NewTileBuilder(func(tile tlog.Tile, hashes []byte) error {
		files[chain.TilePath(tile)] = slices.Clone(hashes)
		return nil
	})
	for _, leaf := range leaves {
		if err := b.Append(leaf); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Flush(); err != nil {
		t.Fatal(err)
	}
	return files, func(tile tlog.Tile) ([]byte, error) { return files[chain.TilePath(tile)], nil }
}

func TestTreeIsRFC6962(t *testing.T) {
	all := leaves(300)
	var tree chain.Tree
	for n := range all {
		if tree.Size() != int64(n) || tree.Root() != naiveRoot(all[:n]) {
			t.Fatalf("size %d: got %d, %s; want %s", n, tree.Size(), tree.Root(), naiveRoot(all[:n]))
		}
		snapshot := tree
		tree.Append(all[n])
		if snapshot.Root() != naiveRoot(all[:n]) {
			t.Fatalf("size %d: the snapshot changed", n)
		}
	}
}

// A tree loaded from tiles, which are proved to be those of its root, grows on like the one it was.
func TestLoadTree(t *testing.T) {
	for _, size := range []int{0, 65_535, 65_536, 66_000} {
		checkLoadTree(t, size)
	}
	rapid.Check(t, func(rt *rapid.T) { checkLoadTree(t, rapid.IntRange(1, 2000).Draw(rt, "size")) })
}

func checkLoadTree(t *testing.T, size int) {
	t.Helper()
	all := leaves(size)
	var tree chain.Tree
	for _, leaf := range all {
		tree.Append(leaf)
	}
	_, read := storedTiles(t, all)
	c := chain.Checkpoint{Origin: ledgerName, Size: tree.Size(), Root: tree.Root()}
	loaded, err := chain.LoadTree(c.Size, c.Hashes(read))
	if err != nil {
		t.Fatalf("size %d: %v", size, err)
	}
	for _, leaf := range leaves(5) {
		tree.Append(leaf)
		loaded.Append(leaf)
	}
	if loaded.Size() != tree.Size() || loaded.Root() != tree.Root() {
		t.Fatalf("size %d: loaded tree has root %s, want %s", size, loaded.Root(), tree.Root())
	}
}

// Tiles resumed at any size end as those built in one go.
func TestResumeTiles(t *testing.T) {
	all := leaves(66_100)
	want, _ := storedTiles(t, all)
	for _, size := range []int{0, 1, 255, 256, 257, 700, 65_535, 65_536, 65_537, 66_000} {
		got, read := storedTiles(t, all[:size])
		b, err := chain.ResumeTileBuilder(int64(size), read, func(tile tlog.Tile, hashes []byte) error {
			got[chain.TilePath(tile)] = slices.Clone(hashes)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, leaf := range all[size:] {
			if err := b.Append(leaf); err != nil {
				t.Fatal(err)
			}
		}
		if err := b.Flush(); err != nil {
			t.Fatal(err)
		}
		for path, hashes := range want {
			if !slices.Equal(got[path], hashes) {
				t.Errorf("resumed at %d: %s differs", size, path)
			}
		}
	}
}

func TestTilePaths(t *testing.T) {
	for path, tile := range map[string]tlog.Tile{
		"tile/0/000":                      chain.HashTile(0, 0, 256),
		"tile/0/000.p/1":                  chain.HashTile(0, 0, 1),
		"tile/2/999.p/255":                chain.HashTile(2, 999, 255),
		"tile/1/x001/000":                 chain.HashTile(1, 1000, 256),
		"tile/4/x001/x234/067.p/8":        chain.HashTile(4, 1_234_067, 8),
		"tile/entries/x001/x234/067":      chain.EntryTile(1_234_067, 256),
		"tile/entries/x001/234.p/7":       chain.EntryTile(1234, 7),
		"tile/entries/x123/x456/x789/012": chain.EntryTile(123_456_789_012, 256),
	} {
		if got := chain.TilePath(tile); got != path {
			t.Errorf("path %s, want %s", got, path)
		}
		if got, err := chain.ParseTilePath(path); err != nil || got != tile {
			t.Errorf("%s: parsed %+v, %v; want %+v", path, got, err, tile)
		}
	}
	for _, path := range []string{
		"", "tile", "tile/0", "tile/0/0", "tile/0/00", "tile/0/0000", "tile/0/1000", "tile/0/x000/001", "tile/0/x001",
		"tile/0/001.p", "tile/0/001.p/0", "tile/0/001.p/256", "tile/0/001.p/01", "tile/0/001.p/-1", "tile/00/001",
		"tile/8/001", "tile/-1/001", "tile/data/001", "tile/8/0/001", "tile/0/001/", "tile/0/-01", "tile/0/x-01/000",
	} {
		if got, err := chain.ParseTilePath(path); err == nil {
			t.Errorf("accepted %q as %+v", path, got)
		}
	}
}
