package screening

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/go-json-experiment/json"

	"whocomply/domain/screening/match"
)

// Policy says which names that are alike become hits. A decision records the policy it was made by.
type Policy struct {
	Threshold  int            `json:"threshold"`            // least similarity of a hit
	Categories map[string]int `json:"categories,omitempty"` // other thresholds, by category
	Lists      map[string]int `json:"lists,omitempty"`      // and by list, which prevail
	Evidence   int            `json:"evidence"`             // least evidence of a hit; below it a name is cleared
}

// DefaultPolicy is what holds unless another is chosen.
func DefaultPolicy() Policy { return Policy{Threshold: 76, Evidence: 25} }

// threshold gives the least similarity of a hit on an entry.
func (p *Policy) threshold(list, category string) int {
	if t, set := p.Lists[list]; set {
		return t
	}
	if t, set := p.Categories[category]; set {
		return t
	}
	return p.Threshold
}

// least is the lowest threshold there is for a list.
func (p *Policy) least(list string) int {
	if t, set := p.Lists[list]; set {
		return t
	}
	least := p.Threshold
	for _, t := range p.Categories {
		least = min(least, t)
	}
	return least
}

// version names the matcher and, by 12 hex digits of a SHA-256, the policy.
func (p *Policy) version() string {
	raw, err := json.Marshal(p, json.Deterministic(true))
	if err != nil {
		panic("a policy is not JSON: " + err.Error())
	}
	sum := sha256.Sum256(raw)
	return match.Version + "/" + hex.EncodeToString(sum[:6])
}
