package chain

import (
	"encoding/json"
	"errors"
	"fmt"
)

// TypeOpened is the type of every ledger's first event. Its payload has a member "keys", the array of the verifier
// keys that sign the ledger; other members are the institution's.
const TypeOpened = "ledger.opened"

const maxKeys = 16

// GenesisKeys returns the keys that the payload of a ledger's first event lists. All must bear the ledger's name.
func GenesisKeys(ledger string, payload []byte) ([]*Verifier, error) {
	var opened struct {
		Keys []string `json:"keys"`
	}
	if err := json.Unmarshal(payload, &opened); err != nil {
		return nil, errors.New("chain: genesis: payload is not JSON with an array of keys")
	}
	keys, err := parseKeys(ledger, opened.Keys)
	if err != nil {
		return nil, fmt.Errorf("chain: genesis: %w", err)
	}
	return keys, nil
}

// parseKeys parses the verifier keys of a ledger.
func parseKeys(ledger string, vkeys []string) ([]*Verifier, error) {
	if len(vkeys) == 0 || len(vkeys) > maxKeys {
		return nil, fmt.Errorf("%d keys, want 1 to %d", len(vkeys), maxKeys)
	}
	seen := map[string]bool{}
	keys := make([]*Verifier, len(vkeys))
	for i, vkey := range vkeys {
		v, err := ParseVerifier(vkey)
		if err != nil {
			return nil, fmt.Errorf("key %d: %w", i, err)
		}
		if v.Name() != ledger || seen[vkey] {
			return nil, fmt.Errorf("key %d is not of ledger %s, or is there twice", i, ledger)
		}
		keys[i], seen[vkey] = v, true
	}
	return keys, nil
}
