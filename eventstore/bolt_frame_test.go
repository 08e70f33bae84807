package eventstore

import (
	"bytes"
	"errors"
	"testing"

	"pgregory.net/rapid"

	"whocomply/domain/chain"
)

func TestFrame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		blob := rapid.SliceOfN(rapid.Byte(), 0, 300)
		want := chain.Record{Note: blob.Draw(t, "note"), Payload: blob.Draw(t, "payload")}
		copy(want.Salt[:], blob.Draw(t, "salt"))
		seq := rapid.Int64Min(0).Draw(t, "seq")
		frame := appendFrame(nil, seq, want)
		if len(frame) > frameSize(want) {
			t.Fatalf("frame of %d bytes, room for %d", len(frame), frameSize(want))
		}
		got, err := parseFrame(seq, frame)
		if err != nil || got.Salt != want.Salt || !bytes.Equal(got.Note, want.Note) || !bytes.Equal(got.Payload, want.Payload) {
			t.Fatalf("%+v came back as %+v, %v", want, got, err)
		}
		if _, err := parseFrame(seq^1, frame); !errors.Is(err, ErrDamaged) {
			t.Fatalf("a frame in another's place: %v", err)
		}
		frame[rapid.IntRange(0, len(frame)-1).Draw(t, "byte")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		if _, err := parseFrame(seq, frame); !errors.Is(err, ErrDamaged) {
			t.Fatalf("a frame with a flipped bit: %v", err)
		}
	})
}

func FuzzParseFrame(f *testing.F) {
	f.Add(int64(0), []byte{})
	f.Add(int64(7), appendFrame(nil, 7, chain.Record{Note: []byte("note"), Payload: []byte("{}")}))
	f.Fuzz(func(t *testing.T, seq int64, frame []byte) {
		if len(frame) >= checksumSize { // let the rest be parsed
			sum := frameSum(seq, frame[checksumSize:])
			frame = append([]byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)}, frame[checksumSize:]...)
		}
		r, err := parseFrame(seq, frame)
		if err != nil {
			return
		}
		again, err := parseFrame(seq, appendFrame(nil, seq, r))
		if err != nil || !bytes.Equal(again.Note, r.Note) || !bytes.Equal(again.Payload, r.Payload) || again.Salt != r.Salt {
			t.Errorf("%+v came back as %+v, %v", r, again, err)
		}
	})
}
