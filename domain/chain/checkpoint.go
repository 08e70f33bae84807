package chain

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"

	"golang.org/x/mod/sumdb/note"
)

// Checkpoint states the root of a ledger's tree at a size, as C2SP tlog-checkpoint.
type Checkpoint struct {
	Origin string // The ledger's name.
	Size   int64
	Root   Hash
}

var errCheckpoint = errors.New("chain: not a checkpoint <ledger>, <size>, <root> on three lines")

// Format returns the text of the checkpoint: three lines.
func (c Checkpoint) Format() []byte {
	return fmt.Appendf(nil, "%s\n%d\n%s\n", c.Origin, c.Size, c.Root)
}

// ParseCheckpoint parses the text of a checkpoint. It accepts exactly what [Checkpoint.Format] writes: extension lines,
// which C2SP permits and advises against, are refused.
func ParseCheckpoint(text []byte) (Checkpoint, error) {
	lines := bytes.SplitN(text, []byte("\n"), 4)
	if len(lines) != 4 {
		return Checkpoint{}, errCheckpoint
	}
	size, err := strconv.ParseInt(string(lines[1]), 10, 64)
	if err != nil || size < 0 || size > maxInteger {
		return Checkpoint{}, errCheckpoint
	}
	root, err := parseHash(string(lines[2]))
	if err != nil {
		return Checkpoint{}, errCheckpoint
	}
	c := Checkpoint{Origin: string(lines[0]), Size: size, Root: root}
	if err := CheckLedgerName(c.Origin); err != nil {
		return Checkpoint{}, err
	}
	if !bytes.Equal(c.Format(), text) {
		return Checkpoint{}, errCheckpoint
	}
	return c, nil
}

// SignCheckpoint returns the signed checkpoint. It is for the caller to have it durable that no other root was ever
// signed at this size, nor any greater size that does not extend it.
func (s *Signer) SignCheckpoint(c Checkpoint) ([]byte, error) {
	if c.Origin != s.verifier.name {
		return nil, fmt.Errorf("chain: checkpoint of %q cannot be signed for %q", c.Origin, s.verifier.name)
	}
	return s.Sign(c.Format())
}

// OpenCheckpoint verifies and parses a signed checkpoint. At least one signature must be by a key that bears the
// checkpoint's origin as its name; every signature by a given key must be valid. Lines by other keys, such as those of
// witnesses, are passed over, as C2SP asks.
func OpenCheckpoint(signed []byte, keys ...*Verifier) (Checkpoint, error) {
	known := make([]note.Verifier, len(keys))
	for i, k := range keys {
		known[i] = k
	}
	n, err := note.Open(signed, note.VerifierList(known...))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("chain: checkpoint: %w", err)
	}
	c, err := ParseCheckpoint([]byte(n.Text))
	if err != nil {
		return Checkpoint{}, err
	}
	for _, sig := range n.Sigs {
		if sig.Name == c.Origin {
			return c, nil
		}
	}
	return Checkpoint{}, fmt.Errorf("chain: checkpoint: not signed by %s", c.Origin)
}
