package eventstore

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/bits"
	"os"
	"slices"
)

// A run is a file of entries that is written once, in the order of their keys.
//
//	block  × b   crc32c (4) | entries (40 each, up to 102)     4096 bytes, zeros at the end
//	fence  × b   the first key of each block                   16 bytes
//	line   × l   filter, see runFilter                         64 bytes
//	footer       entries (8) | b (8) | l (8) | crc32c (4)      of fences, lines and the 24 bytes before it
//
// Numbers are big-endian. Fences and filter are kept in memory, 1.5 bytes an entry, so that finding an entry costs one
// read and finding that there is none costs, but for one time in 50, no read at all.
const (
	runBlockSize  = 4096
	runEntrySize  = 40 // key (16) | seq (8) | digest (16)
	runBlockRoom  = (runBlockSize - checksumSize) / runEntrySize
	runFooterSize = 28
	runSyncBytes  = 8 << 20 // a long run is synced in between, so that no other sync waits behind all of it
)

// idRun is an open run. It covers the flushes first to last.
type idRun struct {
	first, last uint64
	entries     int64
	file        *os.File
	fences      []idKey
	filter      runFilter
}

// runFilter is a Bloom filter of 10 bits an entry whose bits for one key lie in one line of 512. Keys are hashes: the
// first 8 bytes choose the line, the others 7 bits in it.
type runFilter [][8]uint64

func newRunFilter(entries int64) runFilter { return make(runFilter, entries*10/512+1) }

func (f runFilter) line(key idKey) *[8]uint64 {
	i, _ := bits.Mul64(binary.BigEndian.Uint64(key[:8]), uint64(len(f)))
	return &f[i]
}

func (f runFilter) add(key idKey) {
	line, h := f.line(key), binary.BigEndian.Uint64(key[8:])
	for range 7 {
		line[h>>6&7] |= 1 << (h & 63)
		h >>= 9
	}
}

func (f runFilter) mayHold(key idKey) bool {
	line, h := f.line(key), binary.BigEndian.Uint64(key[8:])
	for range 7 {
		if line[h>>6&7]&(1<<(h&63)) == 0 {
			return false
		}
		h >>= 9
	}
	return true
}

// runWriter writes a run. Entries are added in ascending order of their keys, each key once.
type runWriter struct {
	run      *idRun
	out      *bufio.Writer
	block    []byte
	unsynced int
}

// newRunWriter begins a run of at most so many entries.
func newRunWriter(path string, first, last uint64, most int64) (*runWriter, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	return &runWriter{
		run:   &idRun{first: first, last: last, file: f, filter: newRunFilter(most)},
		out:   bufio.NewWriterSize(f, 256<<10),
		block: make([]byte, checksumSize, runBlockSize),
	}, nil
}

func (w *runWriter) add(key idKey, e IDEntry) error {
	if len(w.block) == checksumSize {
		w.run.fences = append(w.run.fences, key)
	}
	w.block = append(w.block, key[:]...)
	w.block = binary.BigEndian.AppendUint64(w.block, uint64(e.Seq))
	w.block = append(w.block, e.Digest[:]...)
	w.run.filter.add(key)
	w.run.entries++
	if len(w.block)+runEntrySize > runBlockSize {
		return w.endBlock()
	}
	return nil
}

// endBlock writes the block and begins the next.
func (w *runWriter) endBlock() error {
	block := w.block[:runBlockSize]
	clear(block[len(w.block):])
	binary.BigEndian.PutUint32(block, crc32.Checksum(block[checksumSize:], castagnoli))
	w.block = w.block[:checksumSize]
	if w.unsynced += runBlockSize; w.unsynced >= runSyncBytes {
		w.unsynced = 0
		if err := errors.Join(w.out.Flush(), w.run.file.Sync()); err != nil {
			return err
		}
	}
	_, err := w.out.Write(block)
	return err
}

// finish makes the run durable but for its name in the directory. The writer is of no more use.
func (w *runWriter) finish() (*idRun, error) {
	if len(w.block) > checksumSize {
		if err := w.endBlock(); err != nil {
			return nil, err
		}
	}
	if _, err := w.out.Write(w.run.tail()); err != nil {
		return nil, err
	}
	if err := errors.Join(w.out.Flush(), w.run.file.Sync()); err != nil {
		return nil, err
	}
	return w.run, nil
}

// abandon closes what will not be a run.
func (w *runWriter) abandon() error { return w.run.file.Close() }

// tail encodes fences, filter and footer.
func (r *idRun) tail() []byte {
	tail := make([]byte, 0, len(r.fences)*16+len(r.filter)*64+runFooterSize)
	for _, fence := range r.fences {
		tail = append(tail, fence[:]...)
	}
	for _, line := range r.filter {
		for _, word := range line {
			tail = binary.BigEndian.AppendUint64(tail, word)
		}
	}
	tail = binary.BigEndian.AppendUint64(tail, uint64(r.entries))
	tail = binary.BigEndian.AppendUint64(tail, uint64(len(r.fences)))
	tail = binary.BigEndian.AppendUint64(tail, uint64(len(r.filter)))
	return binary.BigEndian.AppendUint32(tail, crc32.Checksum(tail, castagnoli))
}

// openRun opens a finished run. Whatever is wrong with the file is ErrDamaged.
func openRun(path string, first, last uint64) (*idRun, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	r := &idRun{first: first, last: last, file: f}
	if err := r.readTail(); err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %s: %w", ErrDamaged, path, err), f.Close())
	}
	return r, nil
}

var errRunTail = errors.New("the end of the run does not fit")

// readTail is the inverse of tail.
func (r *idRun) readTail() error {
	size, err := r.file.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	footer := make([]byte, runFooterSize)
	if _, err := r.file.ReadAt(footer, max(0, size-runFooterSize)); err != nil {
		return err
	}
	entries, blocks, lines := binary.BigEndian.Uint64(footer), binary.BigEndian.Uint64(footer[8:]), binary.BigEndian.Uint64(footer[16:])
	length, full := uint64(size), blocks*runBlockRoom
	if blocks > length/runBlockSize || lines == 0 || lines > length/64 || length != blocks*(runBlockSize+16)+lines*64+runFooterSize {
		return errRunTail
	}
	if entries > full || entries+runBlockRoom <= full { // the last block has at least one
		return errRunTail
	}
	tail := make([]byte, blocks*16+lines*64+runFooterSize)
	if _, err := r.file.ReadAt(tail, int64(blocks)*runBlockSize); err != nil {
		return err
	}
	sum := len(tail) - checksumSize
	if crc32.Checksum(tail[:sum], castagnoli) != binary.BigEndian.Uint32(tail[sum:]) {
		return errRunTail
	}
	r.entries, r.fences, r.filter = int64(entries), make([]idKey, blocks), make(runFilter, lines)
	for i := range r.fences {
		r.fences[i], tail = idKey(tail), tail[16:]
	}
	for i := range r.filter {
		for j := range r.filter[i] {
			r.filter[i][j], tail = binary.BigEndian.Uint64(tail), tail[8:]
		}
	}
	return nil
}

// find returns the entry of a key.
func (r *idRun) find(key idKey) (e IDEntry, found bool, err error) {
	if !r.filter.mayHold(key) {
		return e, false, nil
	}
	block, exact := slices.BinarySearchFunc(r.fences, key, compareKeys)
	if !exact {
		block--
	}
	if block < 0 {
		return e, false, nil
	}
	entries, err := r.readBlock(make([]byte, runBlockSize), block)
	if err != nil {
		return e, false, err
	}
	for ; len(entries) > 0; entries = entries[runEntrySize:] {
		if bytes.Equal(entries[:16], key[:]) {
			_, e = parseRunEntry(entries)
			return e, true, nil
		}
	}
	return e, false, nil
}

func compareKeys(a, b idKey) int { return bytes.Compare(a[:], b[:]) }

// readBlock reads the entries of a block into buf and checks them.
func (r *idRun) readBlock(buf []byte, block int) ([]byte, error) {
	if _, err := r.file.ReadAt(buf, int64(block)*runBlockSize); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if crc32.Checksum(buf[checksumSize:], castagnoli) != binary.BigEndian.Uint32(buf) {
		return nil, fmt.Errorf("%w: checksum of block %d in %s", ErrDamaged, block, r.file.Name())
	}
	n := min(runBlockRoom, r.entries-int64(block)*runBlockRoom)
	return buf[checksumSize : checksumSize+n*runEntrySize], nil
}

func parseRunEntry(b []byte) (key idKey, e IDEntry) {
	key = idKey(b)
	e.Seq = int64(binary.BigEndian.Uint64(b[16:]))
	e.Digest = [16]byte(b[24:])
	return key, e
}

// remove closes the run and takes its file away.
func (r *idRun) remove() error { return errors.Join(r.file.Close(), os.Remove(r.file.Name())) }
