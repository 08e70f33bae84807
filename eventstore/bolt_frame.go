package eventstore

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"whocomply/domain/chain"
)

// A record's value is one frame; its key is the seq, 8 bytes big-endian.
//
//	crc32c (4, big-endian) | uvarint n | note (n) | salt (32) | payload (the rest)
//
// The checksum covers the key and all that follows it, so that a flipped bit or a misplaced record is an error of the
// disk here and is not taken for tampering by a verifier.
const checksumSize = 4

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// frameSize is the greatest length of r's frame.
func frameSize(r chain.Record) int {
	return checksumSize + binary.MaxVarintLen32 + len(r.Note) + chain.SaltSize + len(r.Payload)
}

// appendFrame appends r's frame, as record seq, to dst.
func appendFrame(dst []byte, seq int64, r chain.Record) []byte {
	start := len(dst)
	dst = append(dst, 0, 0, 0, 0)
	dst = binary.AppendUvarint(dst, uint64(len(r.Note)))
	dst = append(dst, r.Note...)
	dst = append(dst, r.Salt[:]...)
	dst = append(dst, r.Payload...)
	binary.BigEndian.PutUint32(dst[start:], frameSum(seq, dst[start+checksumSize:]))
	return dst
}

// parseFrame is the inverse of appendFrame. The record shares the frame's memory.
func parseFrame(seq int64, frame []byte) (r chain.Record, err error) {
	if len(frame) < checksumSize || binary.BigEndian.Uint32(frame) != frameSum(seq, frame[checksumSize:]) {
		return r, fmt.Errorf("%w: checksum of record %d", ErrDamaged, seq)
	}
	body := frame[checksumSize:]
	n, used := binary.Uvarint(body)
	if used <= 0 || n > uint64(len(body)-used) || uint64(len(body)-used)-n < chain.SaltSize {
		return r, fmt.Errorf("%w: frame of record %d", ErrDamaged, seq)
	}
	note, rest := body[used:used+int(n)], body[used+int(n):]
	r.Note = note[:n:n]
	r.Salt = [chain.SaltSize]byte(rest)
	r.Payload = rest[chain.SaltSize:]
	return r, nil
}

// frameSum is the checksum of a frame's body under its key.
func frameSum(seq int64, body []byte) uint32 {
	key := seqKey(seq)
	return crc32.Update(crc32.Checksum(key[:], castagnoli), castagnoli, body)
}

// seqKey is the key of record seq: the order of keys is the order of records.
func seqKey(seq int64) (key [8]byte) {
	binary.BigEndian.PutUint64(key[:], uint64(seq))
	return key
}

// parseSeqKey is the inverse of seqKey.
func parseSeqKey(key []byte) (int64, error) {
	if len(key) != 8 || key[0] > 0x7f {
		return 0, fmt.Errorf("%w: key %x", ErrDamaged, key)
	}
	return int64(binary.BigEndian.Uint64(key)), nil
}
