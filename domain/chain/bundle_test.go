package chain_test

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"whocomply/domain/chain"
)

// memory collects the files of a bundle.
type memory map[string][]byte

type memoryFile struct {
	bytes.Buffer
	name string
	into memory
}

func (m memory) create(name string) (io.WriteCloser, error) {
	if _, double := m[name]; double {
		return nil, fmt.Errorf("%s: %w", name, fs.ErrExist)
	}
	return &memoryFile{name: name, into: m}, nil
}

func (f *memoryFile) Close() error {
	f.into[f.name] = slices.Clone(f.Bytes())
	return nil
}

// fs returns a deep copy as a file system.
func (m memory) fs() fstest.MapFS {
	files := fstest.MapFS{}
	for name, data := range m {
		files[name] = &fstest.MapFile{Data: slices.Clone(data)}
	}
	return files
}

func testBundle(t testing.TB, s *chain.Signer, records []chain.Record) memory {
	t.Helper()
	files := memory{}
	w := chain.NewBundleWriter(files.create)
	for _, r := range records {
		if err := w.Append(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(checkpointOf(t, s, records)); err != nil {
		t.Fatal(err)
	}
	return files
}

// owner returns the seq that a byte of a bundle belongs to, or -1 for none: each byte of events and payloads, newlines
// too, belongs to the event in which it stands; a byte of a tile to the first event under its hash.
func owner(name string, data []byte, offset int) int64 {
	folder, number, _ := strings.Cut(name, "/")
	var file int64
	fmt.Sscanf(number, "%d", &file)
	switch folder {
	case "events":
		return file*256 + int64(bytes.Count(data[:offset+1], []byte(chain.Magic))) - 1 + startsNext(data, offset)
	case "payloads":
		return file*256 + int64(bytes.Count(data[:offset], []byte("\n")))
	case "tile":
		tile, err := chain.ParseTilePath(name)
		if err != nil {
			panic(err)
		}
		return (tile.N*256 + int64(offset/chain.HashSize)) << (8 * tile.L)
	}
	return -1
}

// startsNext is 1 within the first line of an event, whose magic the count of owner does not hold yet.
func startsNext(data []byte, offset int) int64 {
	start := bytes.LastIndexByte(data[:offset], '\n') + 1
	if bytes.HasPrefix(data[start:], []byte(chain.Magic)) && offset-start < len(chain.Magic)-1 {
		return 1
	}
	return 0
}

// Any single bit of a bundle, the README aside, is seen, and told to be where it is.
func TestBundleBitFlips(t *testing.T) {
	s := testSigner(t, 1)
	files := testBundle(t, s, testLedger(t, s, 1000))
	if r, err := (chain.Auditor{}).AuditBundle(t.Context(), files.fs()); err != nil || r.Verdict != chain.Intact || r.Size != 1000 {
		t.Fatalf("untouched: %+v, %v", r, err)
	}
	names := slices.Sorted(func(yield func(string) bool) {
		for name := range files {
			if name != "README.txt" && !yield(name) {
				return
			}
		}
	})
	random := rand.New(rand.NewPCG(1, 2))
	for i := range flips {
		name := names[random.IntN(len(names))]
		offset, bit := random.IntN(len(files[name])), random.IntN(8)
		if i < len(names) { // The edges of each file first.
			name = names[i]
			offset = (len(files[name]) - 1) * (i % 2)
		}
		spoiled := files.fs()
		spoiled[name].Data[offset] ^= 1 << bit
		got, err := chain.Auditor{}.AuditBundle(t.Context(), spoiled)
		if err != nil || got.Verdict != chain.Tampered {
			t.Errorf("%s: bit %d of byte %d: %+v, %v", name, bit, offset, got, err)
			continue
		}
		t.Run(fmt.Sprintf("%s/%d.%d", name, offset, bit), func(t *testing.T) {
			wantBad(t, got, owner(name, files[name], offset))
		})
	}
}

func TestBundle(t *testing.T) {
	const size = 1000
	s, other := testSigner(t, 1), testSigner(t, 2)
	records := testLedger(t, s, size)
	good := testBundle(t, s, records)
	whole, early := checkpointOf(t, s, records), checkpointOf(t, s, records[:500])

	// cut takes the events and payloads from seq n on out of the last files.
	cut := func(files fstest.MapFS, n int) {
		events, payloads := files["events/003"], files["payloads/003"]
		keep := n - 768
		at := len(events.Data)
		for range size - n {
			at = bytes.LastIndex(events.Data[:at], []byte(chain.Magic))
		}
		events.Data = events.Data[:at]
		payloads.Data = bytes.Join(bytes.SplitAfter(payloads.Data, []byte("\n"))[:keep], nil)
	}
	tests := map[string]struct {
		auditor chain.Auditor
		edit    func(fstest.MapFS)
		verdict chain.Verdict
		bad     int64
		reason  chain.Code
	}{
		"intact":             {verdict: chain.Intact, bad: -1},
		"trusted checkpoint": {auditor: chain.Auditor{Trusted: early}, verdict: chain.Intact, bad: -1},
		"tail cut, checkpoint given": {
			auditor: chain.Auditor{Trusted: whole}, edit: func(f fstest.MapFS) { cut(f, 990) },
			verdict: chain.Behind, bad: -1, reason: chain.CodeMissingTail,
		},
		"tail cut": {
			edit:    func(f fstest.MapFS) { cut(f, 990) },
			verdict: chain.Tampered, bad: 990, reason: chain.CodeMissingTail,
		},
		"tail cut, older checkpoint given": {
			auditor: chain.Auditor{Trusted: early}, edit: func(f fstest.MapFS) { cut(f, 990) },
			verdict: chain.Tampered, bad: 990, reason: chain.CodeMissingTail,
		},
		"last files gone, checkpoint given": {
			auditor: chain.Auditor{Trusted: whole},
			edit: func(f fstest.MapFS) {
				delete(f, "events/003")
				delete(f, "tile/0/003.p/232")
			},
			verdict: chain.Behind, bad: -1, reason: chain.CodeMissingTail,
		},
		"middle file gone": {
			edit:    func(f fstest.MapFS) { delete(f, "events/001") },
			verdict: chain.Tampered, bad: 256, reason: chain.CodeMissingFile,
		},
		"payloads gone": {
			edit:    func(f fstest.MapFS) { delete(f, "payloads/002") },
			verdict: chain.Tampered, bad: 512, reason: chain.CodePayload,
		},
		"payload without event": {
			edit:    func(f fstest.MapFS) { f["payloads/004"] = &fstest.MapFile{Data: []byte("x\n")} },
			verdict: chain.Tampered, bad: size, reason: chain.CodePayload,
		},
		"event moved to the file before": {
			edit: func(f fstest.MapFS) {
				next := f["events/001"].Data
				at := bytes.Index(next[1:], []byte(chain.Magic)) + 1
				f["events/000"].Data = append(f["events/000"].Data, next[:at]...)
				f["events/001"].Data = next[at:]
			},
			verdict: chain.Tampered, bad: 256, reason: chain.CodeLayout,
		},
		"event moved to the file behind": {
			edit: func(f fstest.MapFS) {
				at := bytes.LastIndex(f["events/000"].Data, []byte(chain.Magic))
				f["events/001"].Data = slices.Concat(f["events/000"].Data[at:], f["events/001"].Data)
				f["events/000"].Data = f["events/000"].Data[:at]
			},
			verdict: chain.Tampered, bad: 255, reason: chain.CodeSeq,
		},
		"event file inserted": {
			edit:    func(f fstest.MapFS) { f["events/004"] = f["events/000"] },
			verdict: chain.Tampered, bad: size, reason: chain.CodeSeq,
		},
		"event file beside": {
			edit:    func(f fstest.MapFS) { f["events/x001/002"] = f["events/000"] },
			verdict: chain.Tampered, bad: size, reason: chain.CodeSeq,
		},
		"unknown file": {
			edit:    func(f fstest.MapFS) { f["events/000.orig"] = f["events/000"] },
			verdict: chain.Tampered, bad: -1, reason: chain.CodeUnknownFile,
		},
		"tile beside": {
			edit:    func(f fstest.MapFS) { f["tile/0/003.p/231"] = &fstest.MapFile{Data: f["tile/0/003.p/232"].Data[32:]} },
			verdict: chain.Tampered, bad: -1, reason: chain.CodeUnknownFile,
		},
		"tile inserted": {
			edit:    func(f fstest.MapFS) { f["tile/2/000.p/1"] = &fstest.MapFile{Data: make([]byte, 32)} },
			verdict: chain.Tampered, bad: -1, reason: chain.CodeUnknownFile,
		},
		"tile gone": {
			edit:    func(f fstest.MapFS) { delete(f, "tile/0/002") },
			verdict: chain.Tampered, bad: 512, reason: chain.CodeTile,
		},
		"partial tile gone": {
			edit:    func(f fstest.MapFS) { delete(f, "tile/0/003.p/232") },
			verdict: chain.Tampered, bad: 768, reason: chain.CodeTile,
		},
		"tile cut": {
			edit:    func(f fstest.MapFS) { f["tile/0/002"].Data = f["tile/0/002"].Data[:100] },
			verdict: chain.Tampered, bad: 515, reason: chain.CodeTile,
		},
		"tile and an earlier event": {
			edit: func(f fstest.MapFS) {
				f["tile/0/002"].Data[0] ^= 1
				f["payloads/001"].Data[0] ^= 1
			},
			verdict: chain.Tampered, bad: 256, reason: chain.CodePayload,
		},
		"tile and a later event": {
			edit: func(f fstest.MapFS) {
				f["tile/0/003.p/232"].Data[0] ^= 1
				f["events/003"].Data[len(f["events/003"].Data)-9] ^= 1
			},
			verdict: chain.Tampered, bad: 768, reason: chain.CodeTile,
		},
		"keys gone": {
			edit:    func(f fstest.MapFS) { delete(f, "keys") },
			verdict: chain.Tampered, bad: -1, reason: chain.CodeKeys,
		},
		"key added": {
			edit: func(f fstest.MapFS) {
				f["keys"].Data = append(f["keys"].Data, other.Verifier().String()+"\n"...)
			},
			verdict: chain.Tampered, bad: -1, reason: chain.CodeKeys,
		},
		"checkpoint by another key": {
			edit:    func(f fstest.MapFS) { f["checkpoint"].Data = checkpointOf(t, other, records) },
			verdict: chain.Tampered, bad: -1, reason: chain.CodeCheckpoint,
		},
		"checkpoint of another history": {
			edit:    func(f fstest.MapFS) { f["checkpoint"].Data = checkpointOf(t, s, append(records[1:], records[0])) },
			verdict: chain.Tampered, bad: -1, reason: chain.CodeRoot,
		},
		"checkpoint of an earlier size": {
			edit:    func(f fstest.MapFS) { f["checkpoint"].Data = early },
			verdict: chain.Tampered, bad: 500, reason: chain.CodeBeyond,
		},
		"forked from the checkpoint given": {
			auditor: chain.Auditor{Trusted: checkpointOf(t, s, records[1:400])},
			verdict: chain.Tampered, bad: -1, reason: chain.CodeForked,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			files := good.fs()
			if test.edit != nil {
				test.edit(files)
			}
			got, err := test.auditor.AuditBundle(t.Context(), files)
			if err != nil {
				t.Fatal(err)
			}
			if got.Verdict != test.verdict || got.Reason != test.reason {
				t.Errorf("verdict %s, reason %q (%s); want %s, %q", got.Verdict, got.Reason, got.Detail, test.verdict, test.reason)
			}
			wantBad(t, got, test.bad)
		})
	}
}

// Bundles whose files end where events do are as sound as others.
func TestBundleSizes(t *testing.T) {
	s := testSigner(t, 1)
	records := testLedger(t, s, 513)
	for _, size := range []int64{1, 2, 255, 256, 257, 511, 512, 513} {
		files := testBundle(t, s, records[:size])
		got, err := chain.Auditor{}.AuditBundle(t.Context(), files.fs())
		if err != nil || got.Verdict != chain.Intact || got.Size != size {
			t.Errorf("%d events: %+v, %v", size, got, err)
		}
	}
}

// An older export is sound, but behind a later checkpoint.
func TestStaleBundle(t *testing.T) {
	s := testSigner(t, 1)
	records := testLedger(t, s, 600)
	files := testBundle(t, s, records[:500])
	got, err := chain.Auditor{Trusted: checkpointOf(t, s, records)}.AuditBundle(t.Context(), files.fs())
	if err != nil || got.Verdict != chain.Behind || got.Reason != chain.CodeStale || got.Size != 500 {
		t.Fatalf("%+v, %v", got, err)
	}
}

func TestBundleUnreadable(t *testing.T) {
	s := testSigner(t, 1)
	files := testBundle(t, s, testLedger(t, s, 3)).fs()
	delete(files, "checkpoint")
	if r, err := (chain.Auditor{}).AuditBundle(t.Context(), files); err == nil {
		t.Fatalf("judged a bundle without a checkpoint: %+v", r)
	}
}

// A writer refuses what would not verify.
func TestBundleWriterRefuses(t *testing.T) {
	s := testSigner(t, 1)
	records := testLedger(t, s, 3)
	w := chain.NewBundleWriter(memory{}.create)
	if err := w.Append(records[1]); err == nil {
		t.Error("took event 1 first")
	}
	newline := records[0]
	newline.Payload = []byte("{\n}")
	if err := w.Append(newline); err == nil {
		t.Error("took a payload of two lines")
	}
	w = chain.NewBundleWriter(memory{}.create)
	for _, r := range records {
		if err := w.Append(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(checkpointOf(t, s, records[:2])); err == nil {
		t.Error("took the checkpoint of another size")
	}
}

// Whatever the files of events and payloads hold, an audit ends, and only the true ones are intact.
func FuzzBundle(f *testing.F) {
	s := testSigner(f, 1)
	files := testBundle(f, s, testLedger(f, s, 3))
	events, payloads := files["events/000"], files["payloads/000"]
	f.Add(events, payloads)
	f.Add(events[:700], payloads)
	f.Add(bytes.ReplaceAll(events, []byte("— "), []byte("\n")), payloads)
	f.Fuzz(func(t *testing.T, e, p []byte) {
		spoiled := files.fs()
		spoiled["events/000"].Data, spoiled["payloads/000"].Data = e, p
		got, err := chain.Auditor{}.AuditBundle(t.Context(), spoiled)
		if err != nil {
			t.Fatal(err)
		}
		if same := bytes.Equal(e, events) && bytes.Equal(p, payloads); same != (got.Verdict == chain.Intact) {
			t.Fatalf("%+v", got)
		}
	})
}
