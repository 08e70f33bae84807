package screening

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// digest is the SHA-256 over the canonical lines of entries, with the state of the hash after the
// last of them: entries that come behind all others, as a tenant's new ones do, need no second
// look at the rest.
type digest struct {
	hex  string
	hash hash.Cloner // never written to, only cloned
}

func digestOf(entries []*Entry) *digest {
	return (&digest{hash: sha256.New().(hash.Cloner)}).with(entries)
}

// with gives the digest after more entries.
func (d *digest) with(more []*Entry) *digest {
	sum, err := d.hash.Clone()
	if err != nil {
		panic("SHA-256 cannot be cloned: " + err.Error())
	}
	for _, entry := range more {
		sum.Write(checkedLine(*entry))
	}
	return &digest{hex: hex.EncodeToString(sum.Sum(nil)), hash: sum}
}

// CanonicalLine gives an entry as a digest sees it: JSON in the form of RFC 8785 and a line feed.
// It is an error if a text is not UTF-8.
func CanonicalLine(e Entry) ([]byte, error) {
	raw, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	if err := (*jsontext.Value)(&raw).Canonicalize(); err != nil {
		return nil, err
	}
	return append(raw, '\n'), nil
}

// checkedLine is CanonicalLine for an entry that has passed CheckEntry.
func checkedLine(e Entry) []byte {
	line, err := CanonicalLine(e)
	if err != nil {
		panic("entry " + e.ID + " of a ledger is not JSON: " + err.Error())
	}
	return line
}
