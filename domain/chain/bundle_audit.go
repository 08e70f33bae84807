package chain

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// AuditBundle checks an export bundle: every file, every byte of an event, payload, tile, key and checkpoint.
// An error means that the bundle cannot be read, also for want of a checkpoint. The auditor's Leaf is still called.
func (a Auditor) AuditBundle(ctx context.Context, bundle fs.FS) (Report, error) {
	checkpoint, err := fs.ReadFile(bundle, checkpointFile)
	if err != nil {
		return Report{}, fmt.Errorf("chain: bundle: %w", err)
	}
	b, err := listBundle(ctx, bundle)
	if err != nil {
		return Report{}, err
	}
	b.auditTiles(&a)
	report, keys, err := a.audit(ctx, b.records.all())
	if err != nil {
		return Report{}, err
	}
	b.keys = keys
	if err := b.finishTiles(); err != nil {
		return Report{}, err
	}
	return b.judge(report, checkpoint)
}

// bundleAudit is what is known of a bundle beside its events.
type bundleAudit struct {
	files   fs.FS
	records bundleRecords
	tiles   []tlog.Tile    // Those that have a file, sorted by name.
	widths  map[tileID]int // Their widths.
	builder *TileBuilder
	keys    ledgerKeys // Once the events are read.
	unknown *fault     // The first file that is no part of a bundle.
	tile    *fault     // The tile fault with the lowest seq.
	missing *fault     // The lowest tile that is not there, of those the missing tail would have made full.
	err     error      // A tile could not be read.
}

type tileID struct {
	level int
	n     int64
}

// listBundle sorts the files of a bundle by what they are.
func listBundle(ctx context.Context, files fs.FS) (*bundleAudit, error) {
	b := &bundleAudit{files: files, records: bundleRecords{files: files}, widths: map[tileID]int{}}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return errors.Join(err, ctx.Err())
		}
		if !entry.Type().IsRegular() || !b.known(name) {
			b.unknown = first(b.unknown, &fault{noSeq, CodeUnknownFile, name + " is no part of this bundle"})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("chain: bundle: %w", err)
	}
	return b, nil
}

// known notes a file and reports whether its name has a place in a bundle.
func (b *bundleAudit) known(name string) bool {
	if folder, number, ok := strings.Cut(name, "/"); ok && folder != "tile" {
		n, err := parseGroupedPath(number)
		switch {
		case err != nil:
			return false
		case folder == "events":
			b.records.events = max(b.records.events, n+1)
		case folder == "payloads":
			b.records.payloads = append(b.records.payloads, n)
		default:
			return false
		}
		return true
	}
	if t, err := ParseTilePath(name); err == nil {
		id := tileID{t.L, t.N}
		_, double := b.widths[id]
		b.tiles, b.widths[id] = append(b.tiles, t), t.W
		return t.L != entriesLevel && !double
	}
	return name == checkpointFile || name == keysFile || name == readmeFile
}

// auditTiles has the auditor's leaves cut into tiles, each to be compared with its file.
func (b *bundleAudit) auditTiles(a *Auditor) {
	b.builder = NewTileBuilder(b.compareTile)
	leaf := a.Leaf
	a.Leaf = func(h Hash) {
		if err := b.builder.Append(h); err != nil && b.err == nil {
			b.err = err
		}
		if leaf != nil {
			leaf(h)
		}
	}
}

// finishTiles compares what the intact events say about the partial tiles.
func (b *bundleAudit) finishTiles() error { return errors.Join(b.err, b.builder.Flush()) }

// compareTile compares hashes of the intact events with the file of their tile, which may hold more.
func (b *bundleAudit) compareTile(t tlog.Tile, hashes []byte) error {
	covers := func(i int) int64 { return (t.N*TileWidth + int64(i)) << (TileHeight * t.L) }
	width, ok := b.widths[tileID{t.L, t.N}]
	if !ok {
		f := &fault{covers(0), CodeTile, TilePath(t) + " is not there"}
		if t.W == TileWidth {
			b.tile = first(b.tile, f)
		} else {
			b.missing = first(b.missing, f)
		}
		return nil
	}
	name := TilePath(HashTile(t.L, t.N, width))
	file, err := fs.ReadFile(b.files, name)
	if err != nil {
		return fmt.Errorf("chain: bundle: %w", err)
	}
	for i := range len(hashes) / HashSize {
		want := hashes[i*HashSize : (i+1)*HashSize]
		if end := (i + 1) * HashSize; end > len(file) || !bytes.Equal(file[end-HashSize:end], want) {
			b.tile = first(b.tile, &fault{covers(i), CodeTile, name + " does not agree with the events"})
			return nil
		}
	}
	if len(file) != width*HashSize {
		b.tile = first(b.tile, &fault{covers(0), CodeTile, name + " is not of the length its name tells"})
	}
	return nil
}

// judge completes the report on the events with what the rest of the bundle says. The fault with the lowest seq counts
// before those that concern no event.
func (b *bundleAudit) judge(report Report, signed []byte) (Report, error) {
	var found *fault
	if report.Verdict == Tampered {
		found = &fault{noSeq, report.Reason, report.Detail}
		if report.FirstBadSeq != nil {
			found.seq = *report.FirstBadSeq
		}
	}
	if found = first(found, b.tile); found != nil {
		report.judge(Tampered, found)
		return report, nil
	}
	c, f, err := b.whole(report, signed)
	if err != nil {
		return Report{}, err
	}
	switch {
	case f != nil:
		report.judge(Tampered, f)
	case c.Size == report.Size:
	case report.Verdict == Behind:
		report.Reason, report.Detail = CodeMissingTail, tailDetail(c, report.Size)
	default:
		report.judge(Tampered, &fault{report.Size, CodeMissingTail, tailDetail(c, report.Size)})
	}
	return report, nil
}

func tailDetail(c Checkpoint, size int64) string {
	return fmt.Sprintf("the checkpoint covers %d events; the bundle has the first %d of them", c.Size, size)
}

// whole returns the bundle's checkpoint, or the first fault that is not about a single event.
func (b *bundleAudit) whole(report Report, signed []byte) (Checkpoint, *fault, error) {
	if b.unknown != nil {
		return Checkpoint{}, b.unknown, nil
	}
	f, err := b.checkKeys()
	if f != nil || err != nil {
		return Checkpoint{}, f, err
	}
	c, err := openOwnCheckpoint(signed, b.keys.last)
	if err != nil {
		return Checkpoint{}, &fault{noSeq, CodeCheckpoint, err.Error()}, nil
	}
	switch {
	case c.Origin != report.Ledger:
		f = &fault{noSeq, CodeCheckpoint, "the checkpoint is of another ledger"}
	case c.Size < report.Size:
		f = &fault{c.Size, CodeBeyond, fmt.Sprintf("the checkpoint covers %d events; there are %d", c.Size, report.Size)}
	case c.Size == report.Size && c.Root != report.Root:
		f = &fault{noSeq, CodeRoot, "the checkpoint's root is not that of the events"}
	case c.Size == report.Size && b.missing != nil:
		f = b.missing
	case b.records.leftover > c.Size-report.Size:
		f = &fault{report.Size, CodePayload, "there are payloads without an event"}
	default:
		f = b.foreignTile(c.Size)
	}
	return c, f, nil
}

// checkKeys compares the file of keys with the first event.
func (b *bundleAudit) checkKeys() (*fault, error) {
	file, err := fs.ReadFile(b.files, keysFile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("chain: bundle: %w", err)
	}
	if err != nil || !bytes.Equal(file, formatKeys(b.keys.first)) {
		return &fault{noSeq, CodeKeys, "the file of keys does not list the keys of the first event"}, nil
	}
	return nil, nil
}

// openOwnCheckpoint opens the bundle's checkpoint, of which every byte must be accounted for.
func openOwnCheckpoint(signed []byte, keys []*Verifier) (Checkpoint, error) {
	if _, err := verifyNote(signed, keys); err != nil {
		return Checkpoint{}, err
	}
	return OpenCheckpoint(signed, keys...)
}

// foreignTile returns the fault of the first tile file that a tree of the given size does not have.
func (b *bundleAudit) foreignTile(size int64) *fault {
	for _, t := range b.tiles {
		if t.W != tileWidth(size, t.L, t.N) {
			return &fault{noSeq, CodeUnknownFile, TilePath(t) + " is no part of this bundle"}
		}
	}
	return nil
}
