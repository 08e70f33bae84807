package projections

import (
	"errors"
	"slices"
	"testing"
)

// FuzzUnpack shows that damaged rows of keys are told as such, and that they never cost more than they are long.
func FuzzUnpack(f *testing.F) {
	f.Add(int64(7), int64(3), []byte{1, 2})
	f.Add(int64(7), int64(3), []byte{1})
	f.Add(int64(0), int64(1), []byte{})
	f.Add(int64(0), int64(2), []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	f.Add(int64(0), int64(1<<40), make([]byte, 16))
	f.Fuzz(func(t *testing.T, first, n int64, packed []byte) {
		seqs, err := unpackRun(nil, first, n, packed)
		if err == nil && (len(seqs) != int(max(n, 1)) || seqs[0] != first) || err != nil && !errors.Is(err, errKeys) {
			t.Errorf("%d positions from %d in %x: %v, %v", n, first, packed, seqs, err)
		}
		entries, err := unpack(nil, packed)
		if whole := len(packed)%16 == 0; whole != (err == nil) || whole && len(entries) != len(packed)/16 {
			t.Errorf("entries in %x: %v, %v", packed, entries, err)
		}
	})
}

// TestPartsOfDigests shows that parts follow each other without gaps, from the least digest to the greatest.
func TestPartsOfDigests(t *testing.T) {
	var parts []int64
	next := int64(-1 << 63)
	for range keysParts {
		first, last := partOf(next)
		if first != next || last <= first {
			t.Fatalf("part from %d to %d, after %d", first, last, next-1)
		}
		for _, digest := range []int64{first, first + 1, last - 1, last} {
			if a, b := partOf(digest); a != first || b != last {
				t.Errorf("%d is in the part from %d to %d, not %d to %d", digest, a, b, first, last)
			}
		}
		parts, next = append(parts, first), last+1
	}
	if next != -1<<63 || !slices.IsSorted(parts) {
		t.Errorf("after the last part comes %d; they begin at %d", next, parts)
	}
}
