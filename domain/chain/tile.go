package chain

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	// TileHeight is the height of C2SP tiles.
	TileHeight = 8
	// TileWidth is the number of hashes in a full tile, of entries in a full entry bundle and of events in a file of
	// an export bundle.
	TileWidth = 1 << TileHeight

	entriesLevel = -1 // x/mod's level of tiles with the records themselves.
)

// Tile names a hash tile or an entry bundle.
type Tile = tlog.Tile

// IsEntries reports whether a tile is an entry bundle.
func IsEntries(t Tile) bool { return t.L == entriesLevel }

// HasTile reports whether the tree of the given size has a tile, be it only as the beginning of a wider one.
func HasTile(size int64, t Tile) bool { return t.W <= tileWidth(size, t.L, t.N) }

// HashTile returns the coordinates of the N'th hash tile of a level, with w hashes.
func HashTile(level int, n int64, w int) tlog.Tile {
	return tlog.Tile{H: TileHeight, L: level, N: n, W: w}
}

// EntryTile returns the coordinates of the N'th entry bundle, with w entries.
func EntryTile(n int64, w int) tlog.Tile { return HashTile(entriesLevel, n, w) }

// TilePath returns the C2SP tlog-tiles path of a tile: "tile/<level>/<N>[.p/<W>]", with "entries" for the level of an
// entry bundle. (The method Path of x/mod's tile is of another layout.)
func TilePath(t tlog.Tile) string {
	level := "entries"
	if t.L != entriesLevel {
		level = strconv.Itoa(t.L)
	}
	path := "tile/" + level + "/" + groupedPath(t.N)
	if t.W < TileWidth {
		path += ".p/" + strconv.Itoa(t.W)
	}
	return path
}

var errTilePath = errors.New("chain: not a path tile/<level>/<N>[.p/<W>]")

// ParseTilePath parses a C2SP tlog-tiles path and accepts only the spelling of [TilePath].
func ParseTilePath(path string) (tlog.Tile, error) {
	rest, ok := strings.CutPrefix(path, "tile/")
	level, rest, ok2 := strings.Cut(rest, "/")
	number, width, partial := strings.Cut(rest, ".p/")
	if !ok || !ok2 {
		return tlog.Tile{}, errTilePath
	}
	t := HashTile(entriesLevel, 0, TileWidth)
	var err1, err2, err3 error
	if level != "entries" {
		t.L, err1 = strconv.Atoi(level)
	}
	t.N, err2 = parseGroupedPath(number)
	if partial {
		t.W, err3 = strconv.Atoi(width)
	}
	if err := errors.Join(err1, err2, err3); err != nil || t.L < entriesLevel || t.L > 63/TileHeight || t.W < 1 ||
		partial == (t.W == TileWidth) || TilePath(t) != path {
		return tlog.Tile{}, errTilePath
	}
	return t, nil
}

// groupedPath writes n in groups of three digits, each but the last after an x: 1234067 is x001/x234/067.
func groupedPath(n int64) string {
	path := fmt.Sprintf("%03d", n%1000)
	for n /= 1000; n > 0; n /= 1000 {
		path = fmt.Sprintf("x%03d/%s", n%1000, path)
	}
	return path
}

// parseGroupedPath undoes groupedPath and accepts no other spelling.
func parseGroupedPath(path string) (int64, error) {
	n, err := strconv.ParseInt(strings.NewReplacer("x", "", "/", "").Replace(path), 10, 64)
	if err != nil || n < 0 || n > maxInteger || groupedPath(n) != path {
		return 0, fmt.Errorf("chain: %q is not a grouped number", path)
	}
	return n, nil
}

// tileWidth returns how many hashes tile n of a level has in a tree of the given size; 0 if there is no such tile.
func tileWidth(size int64, level int, n int64) int {
	return int(min(max(size>>(TileHeight*max(level, 0))-n*TileWidth, 0), TileWidth))
}

// TileBuilder cuts the tiles of a growing tree from its leaf hashes. It holds one partial tile per level.
type TileBuilder struct {
	emit   func(t tlog.Tile, hashes []byte) error
	levels []tileLevel
}

type tileLevel struct {
	n      int64  // Number of the tile being filled.
	hashes []byte // Its hashes so far.
}

// NewTileBuilder returns a builder for an empty tree. It calls emit once with each tile that becomes full; the hashes
// are only good during the call.
func NewTileBuilder(emit func(t tlog.Tile, hashes []byte) error) *TileBuilder {
	return &TileBuilder{emit: emit}
}

// ResumeTileBuilder returns a builder for a tree of the given size, with its partial tiles from read.
func ResumeTileBuilder(size int64, read TileReader, emit func(t tlog.Tile, hashes []byte) error) (*TileBuilder, error) {
	b := NewTileBuilder(emit)
	for ; size > 0; size >>= TileHeight {
		level := tileLevel{n: size / TileWidth}
		if w := int(size % TileWidth); w > 0 {
			hashes, err := read(HashTile(len(b.levels), level.n, w))
			if err != nil {
				return nil, fmt.Errorf("chain: resume tiles: %w", err)
			}
			if len(hashes) != w*HashSize {
				return nil, fmt.Errorf("chain: resume tiles: %d bytes for %d hashes", len(hashes), w)
			}
			level.hashes = append(level.hashes, hashes...)
		}
		b.levels = append(b.levels, level)
	}
	return b, nil
}

// Append adds a leaf hash. An error is emit's; the builder is of no use after one.
func (b *TileBuilder) Append(leaf Hash) error { return b.append(0, leaf) }

func (b *TileBuilder) append(level int, h Hash) error {
	if level == len(b.levels) {
		b.levels = append(b.levels, tileLevel{hashes: make([]byte, 0, TileWidth*HashSize)})
	}
	l := &b.levels[level]
	if l.hashes = append(l.hashes, h[:]...); len(l.hashes) < TileWidth*HashSize {
		return nil
	}
	if err := b.emit(HashTile(level, l.n, TileWidth), l.hashes); err != nil {
		return err
	}
	root := subtreeRoot(l.hashes)
	l.n, l.hashes = l.n+1, l.hashes[:0]
	return b.append(level+1, root)
}

// Flush emits the partial tiles of the tree as it stands. More leaves may follow.
func (b *TileBuilder) Flush() error {
	for level, l := range b.levels {
		if len(l.hashes) == 0 {
			continue
		}
		if err := b.emit(HashTile(level, l.n, len(l.hashes)/HashSize), l.hashes); err != nil {
			return err
		}
	}
	return nil
}

// subtreeRoot returns the root over 2^n hashes.
func subtreeRoot(hashes []byte) Hash {
	if len(hashes) == HashSize {
		return Hash(hashes)
	}
	half := len(hashes) / 2
	return tlog.NodeHash(subtreeRoot(hashes[:half]), subtreeRoot(hashes[half:]))
}

// TileReader reads the hashes of a tile, from a file or a server.
type TileReader func(t tlog.Tile) ([]byte, error)

// Hashes returns the stored hashes of the checkpoint's tree, read from its tiles. What is read is proved against the
// checkpoint's root first, so the tiles need not be trusted.
func (c Checkpoint) Hashes(read TileReader) tlog.HashReader {
	return tlog.TileHashReader(tlog.Tree{N: c.Size, Hash: c.Root}, tiles{read})
}

// tiles makes a TileReader fit for x/mod.
type tiles struct{ read TileReader }

func (tiles) Height() int                     { return TileHeight }
func (tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (s tiles) ReadTiles(list []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(list))
	for i, t := range list {
		hashes, err := s.read(t)
		if err != nil {
			return nil, err
		}
		data[i] = hashes
	}
	return data, nil
}

// AppendEntry appends an event text to a C2SP entry bundle: its length as 16 bits, big-endian, then the text.
func AppendEntry(bundle, text []byte) ([]byte, error) {
	if len(text) > MaxText {
		return nil, fmt.Errorf("chain: entry of %d bytes is longer than %d", len(text), MaxText)
	}
	return append(binary.BigEndian.AppendUint16(bundle, uint16(len(text))), text...), nil
}

// ParseEntries returns the texts of an entry bundle, sharing its memory.
func ParseEntries(bundle []byte) ([][]byte, error) {
	var texts [][]byte
	for len(bundle) > 0 {
		if len(bundle) < 2 || len(bundle)-2 < int(binary.BigEndian.Uint16(bundle)) {
			return nil, errors.New("chain: entry bundle ends within an entry")
		}
		end := 2 + int(binary.BigEndian.Uint16(bundle))
		texts, bundle = append(texts, bundle[2:end]), bundle[end:]
		if len(texts) > TileWidth {
			return nil, fmt.Errorf("chain: entry bundle of more than %d entries", TileWidth)
		}
	}
	return texts, nil
}
