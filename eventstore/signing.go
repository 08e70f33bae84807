package eventstore

import (
	"context"
	"crypto"
	"fmt"
	"slices"
	"strings"
	"sync"

	"whocomply/domain/access"
	"whocomply/domain/chain"
	"whocomply/domain/ledger"
)

// signingKeys are the keys that this installation can sign with. A ledger says itself which of them
// it wants: its opening names the first, a rotation the one that follows.
type signingKeys struct {
	mu   sync.Mutex
	keys []crypto.Signer // the last one signs new ledgers
}

// use adds a key, if it is one, and has it sign new ledgers.
func (s *signingKeys) use(key crypto.Signer) {
	if key == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys = append(s.keys, key)
}

// signerOf gives the signer of a ledger that wants one of these verifier keys, and the signer of a
// new ledger if there are none.
func (s *signingKeys) signerOf(name string, vkeys []string) (*chain.Signer, error) {
	s.mu.Lock()
	keys := slices.Clone(s.keys)
	s.mu.Unlock()
	for _, key := range slices.Backward(keys) {
		signer, err := chain.NewSigner(name, key)
		if err != nil {
			return nil, err
		}
		if len(vkeys) == 0 || slices.Contains(vkeys, signer.Verifier().String()) {
			return signer, nil
		}
	}
	return nil, fmt.Errorf("the ledger %s is signed by %s, and that key is not here; without it nothing can be added", name, strings.Join(vkeys, " or "))
}

// takeSigner has the writer sign with the key that the ledger's state wants.
func (w *writer) takeSigner() (err error) {
	w.signer, err = w.ledgers.keys.signerOf(w.name, w.state.Access.SigningKeys())
	return err
}

// rotates reports whether a batch ends with a rotation, whose record is the last that the key of
// before signs.
func (w *writer) rotates(b *batch) bool {
	if len(b.envelopes) == 0 {
		return false
	}
	_, rotation := b.envelopes[len(b.envelopes)-1].Event.(access.SigningKeyRotated)
	return rotation
}

// rotate has the new keys sign the rotation that a batch ends with, and signs with one of them from
// then on.
func (w *writer) rotate(b *batch) error {
	if !w.rotates(b) {
		return nil
	}
	name, last := w.name, &b.records[len(b.records)-1]
	for _, vkey := range w.state.Access.SigningKeys() {
		next, err := w.ledgers.keys.signerOf(name, []string{vkey})
		if err != nil {
			return err
		}
		if last.Note, err = next.Cosign(last.Note); err != nil {
			return err
		}
		w.signer = next
	}
	return nil
}

// Rotation is the change of a ledger's signing key.
type Rotation struct {
	Ledger string `json:"ledger"`
	Key    string `json:"key"` // verifier key from then on
	Seq    int64  `json:"seq"` // of the rotation; of the ledger's end if the key was in force already
}

// RotateKey has every ledger signed by another key from now on, new ones too. It returns once the
// rotations are durable. Done again with the same key it goes on with the ledgers that are left: the
// key must be kept from before the first call on, since a ledger that took it takes no other.
func (l *Ledgers) RotateKey(ctx context.Context, actor string, key crypto.Signer) ([]Rotation, error) {
	l.keys.use(key)
	slugs, err := l.Slugs(ctx)
	if err != nil {
		return nil, err
	}
	var rotations []Rotation
	for _, slug := range slugs {
		signer, err := chain.NewSigner(l.codec.name(slug), key)
		if err != nil {
			return nil, err
		}
		vkey := signer.Verifier().String()
		outcome, err := l.Execute(ctx, slug, actor, ledger.RotateSigningKey(access.RotateSigningKey{Keys: []string{vkey}}))
		if err != nil {
			return nil, fmt.Errorf("ledger %s keeps its key: %w", slug, err)
		}
		rotations = append(rotations, Rotation{Ledger: l.codec.name(slug), Key: vkey, Seq: outcome.Last})
	}
	return rotations, nil
}
