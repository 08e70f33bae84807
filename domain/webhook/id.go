package webhook

import (
	"encoding/hex"

	"github.com/oklog/ulid/v2"
)

// EventID gives the id under which receivers know a ledger event: its ULID as a UUID of version 7,
// which has the same layout but for six fixed bits. It is the same for every endpoint, attempt,
// replay and rebuild, and rises with time.
func EventID(id string) string {
	parsed, err := ulid.ParseStrict(id)
	if err != nil {
		return id // no record has such an id
	}
	return UUID(parsed, 7)
}

// UUID writes 16 bytes as a UUID of a version.
func UUID(b [16]byte, version byte) string {
	b[6] = b[6]&0x0f | version<<4
	b[8] = b[8]&0x3f | 0x80
	var text [36]byte
	at := 0
	for i, part := range [...][]byte{b[:4], b[4:6], b[6:8], b[8:10], b[10:]} {
		if i > 0 {
			text[at] = '-'
			at++
		}
		at += hex.Encode(text[at:], part)
	}
	return string(text[:])
}
