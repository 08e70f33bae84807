package customer

import (
	"bytes"

	"github.com/go-json-experiment/json"

	"whocomply/domain"
)

// DeclaredMonthly gives what a customer expects to receive in a month, which metadata may state as
// declared_monthly, a decimal in a string; nil if they do not. Metadata are the institution's
// own: what does not have the form is as if it were not stated.
func (p *Profile) DeclaredMonthly() *domain.Decimal {
	if !bytes.Contains(p.Metadata, []byte(`"declared_monthly"`)) {
		return nil
	}
	var stated struct {
		Declared *domain.Decimal `json:"declared_monthly"`
	}
	if err := json.Unmarshal(p.Metadata, &stated); err != nil {
		return nil
	}
	return stated.Declared
}
