package chain

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	checkpointFile = "checkpoint"
	keysFile       = "keys"
	readmeFile     = "README.txt"
)

//go:embed bundle_readme.txt
var readme string

func eventsFile(n int64) string   { return "events/" + groupedPath(n) }
func payloadsFile(n int64) string { return "payloads/" + groupedPath(n) }

// formatKeys returns the contents of a bundle's file of keys.
func formatKeys(keys []*Verifier) []byte {
	var out strings.Builder
	for _, k := range keys {
		out.WriteString(k.String() + "\n")
	}
	return []byte(out.String())
}

// BundleWriter writes an export bundle as a stream: it holds two open files and the tree's partial tiles.
// After an error it is of no use.
type BundleWriter struct {
	create   func(name string) (io.WriteCloser, error)
	events   io.WriteCloser
	payloads io.WriteCloser
	tiles    *TileBuilder
	tree     Tree
	keys     ledgerKeys
	line     []byte
}

// NewBundleWriter returns a writer of a bundle whose files create makes. Names have slashes; create makes the folders,
// and buffers if that pays. Each file is written once, from start to end, and closed.
func NewBundleWriter(create func(name string) (io.WriteCloser, error)) *BundleWriter {
	w := &BundleWriter{create: create}
	w.tiles = NewTileBuilder(func(t tlog.Tile, hashes []byte) error { return w.file(TilePath(t), hashes) })
	return w
}

// Append writes the next record. It checks only that the record fits a bundle; [AuditBundle] judges it.
func (w *BundleWriter) Append(r Record) error {
	h, err := r.Header()
	if err != nil {
		return err
	}
	if h.Seq != w.tree.Size() {
		return fmt.Errorf("chain: bundle: event %d stands where %d should", h.Seq, w.tree.Size())
	}
	if err := CheckPayload(r.Payload); err != nil {
		return err
	}
	if h.Seq == 0 {
		if w.keys.first, err = GenesisKeys(h.Ledger, r.Payload); err != nil {
			return err
		}
		w.keys.last = w.keys.first
	}
	w.keys.last = ringAt(r, w.keys.last).after()
	if h.Seq%TileWidth == 0 {
		if err := w.nextFiles(h.Seq / TileWidth); err != nil {
			return err
		}
	}
	if _, err := w.events.Write(r.Note); err != nil {
		return fmt.Errorf("chain: bundle: event %d: %w", h.Seq, err)
	}
	w.line = append(base64.StdEncoding.AppendEncode(w.line[:0], r.Salt[:]), ' ')
	w.line = append(append(w.line, r.Payload...), '\n')
	if _, err := w.payloads.Write(w.line); err != nil {
		return fmt.Errorf("chain: bundle: payload %d: %w", h.Seq, err)
	}
	leaf := LeafHash(r.Text())
	w.tree.Append(leaf)
	return w.tiles.Append(leaf)
}

// Close writes the rest of the bundle. The signed checkpoint must be that of the records appended, with signatures of
// the ledger's keys alone.
func (w *BundleWriter) Close(checkpoint []byte) error {
	if err := w.closeFiles(); err != nil {
		return err
	}
	if err := w.tiles.Flush(); err != nil {
		return err
	}
	if _, err := verifyNote(checkpoint, w.keys.last); err != nil {
		return fmt.Errorf("chain: bundle: checkpoint: %w", err)
	}
	c, err := OpenCheckpoint(checkpoint, w.keys.last...)
	if err != nil {
		return err
	}
	if c.Size != w.tree.Size() || c.Root != w.tree.Root() {
		return fmt.Errorf("chain: bundle: checkpoint of size %d is not that of the %d events written", c.Size, w.tree.Size())
	}
	return errors.Join(
		w.file(keysFile, formatKeys(w.keys.first)),
		w.file(readmeFile, []byte(readme)),
		w.file(checkpointFile, checkpoint),
	)
}

func (w *BundleWriter) nextFiles(n int64) (err error) {
	if err := w.closeFiles(); err != nil {
		return err
	}
	if w.events, err = w.create(eventsFile(n)); err != nil {
		return fmt.Errorf("chain: bundle: %w", err)
	}
	if w.payloads, err = w.create(payloadsFile(n)); err != nil {
		return fmt.Errorf("chain: bundle: %w", err)
	}
	return nil
}

func (w *BundleWriter) closeFiles() error {
	if w.events == nil {
		return nil
	}
	if err := errors.Join(w.events.Close(), w.payloads.Close()); err != nil {
		return fmt.Errorf("chain: bundle: %w", err)
	}
	return nil
}

func (w *BundleWriter) file(name string, data []byte) error {
	f, err := w.create(name)
	if err != nil {
		return fmt.Errorf("chain: bundle: %w", err)
	}
	_, err = io.Copy(f, bytes.NewReader(data))
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("chain: bundle: %s: %w", name, err)
	}
	return nil
}
