package chain

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// TypeRotated is the type of the events by which a ledger changes its keys. Its payload has a member "keys", the array
// of the verifier keys that sign the ledger from the next event on. The event itself is signed by a key of before and
// by every one of these: the old key says who comes after it, and the new ones that they are there.
const TypeRotated = "ledger.key_rotated"

// rotatedEnd is how the text of such an event ends: type is the last member of a header.
var rotatedEnd = []byte(`,"type":"` + TypeRotated + `"}` + "\n")

// RotatedKeys returns the keys that the payload of a rotation lists. All must bear the ledger's name.
func RotatedKeys(ledger string, payload []byte) ([]*Verifier, error) {
	var rotated struct {
		Keys []string `json:"keys"`
	}
	if err := json.Unmarshal(payload, &rotated); err != nil {
		return nil, errors.New("chain: rotation: payload is not JSON with an array of keys")
	}
	keys, err := parseKeys(ledger, rotated.Keys)
	if err != nil {
		return nil, fmt.Errorf("chain: rotation: %w", err)
	}
	return keys, nil
}

// keyring is the keys of a ledger at one of its events.
type keyring struct {
	keys []*Verifier // in force before the event
	next []*Verifier // from the next event on, if the event is a rotation
	err  error       // why a rotation gives no keys
}

// ringAt returns the keys at a record, where keys are in force before it. Faults of the record itself are left to the
// checks that all records undergo.
func ringAt(r Record, keys []*Verifier) keyring {
	if !bytes.HasSuffix(r.Text(), rotatedEnd) {
		return keyring{keys: keys}
	}
	h, err := r.Header()
	if err != nil || Commit(r.Salt, r.Payload) != h.Commit {
		return keyring{keys: keys}
	}
	next, err := RotatedKeys(h.Ledger, r.Payload)
	return keyring{keys: keys, next: next, err: err}
}

// after returns the keys in force after the event.
func (k keyring) after() []*Verifier {
	if k.next != nil {
		return k.next
	}
	return k.keys
}

// verify checks the signatures of the event's note, of which every byte must be accounted for.
func (k keyring) verify(note []byte) (signatures int, err error) {
	if k.err != nil {
		return 0, k.err
	}
	if k.next == nil {
		return verifyNote(note, k.keys)
	}
	all := slices.Clone(k.keys)
	for _, v := range k.next {
		if !contains(all, v) {
			all = append(all, v)
		}
	}
	if signatures, err = verifyNote(note, all); err != nil {
		return signatures, err
	}
	if !signedBy(note, k.keys) {
		return signatures, errors.New("chain: rotation: it is not signed by a key of before")
	}
	for _, v := range k.next {
		if !signedBy(note, []*Verifier{v}) {
			return signatures, fmt.Errorf("chain: rotation: it is not signed by the new key %s", v)
		}
	}
	return signatures, nil
}

func contains(keys []*Verifier, key *Verifier) bool {
	return slices.ContainsFunc(keys, func(k *Verifier) bool { return k.String() == key.String() })
}

// signedBy reports whether a note, whose lines have been verified, has one by any of the keys.
func signedBy(note []byte, keys []*Verifier) bool {
	_, lines, _ := cutNote(note)
	for line := range bytes.Lines(lines) {
		if i, _ := findSigner(line, keys); i >= 0 {
			return true
		}
	}
	return false
}
