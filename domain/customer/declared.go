package customer

import (
	"bytes"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

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

// TakenOn gives which products a customer uses and how they were taken on, which metadata may state as
// products, a list of words, and delivery: face_to_face, remote or intermediary. What does not
// have the form is as if it were not stated.
func (p *Profile) TakenOn() (products []string, delivery string) {
	if !bytes.Contains(p.Metadata, []byte(`"products"`)) && !bytes.Contains(p.Metadata, []byte(`"delivery"`)) {
		return nil, ""
	}
	var stated struct {
		Products jsontext.Value `json:"products"`
		Delivery jsontext.Value `json:"delivery"`
	}
	if err := json.Unmarshal(p.Metadata, &stated); err != nil {
		return nil, ""
	}
	if json.Unmarshal(stated.Products, &products) != nil {
		products = nil
	}
	if json.Unmarshal(stated.Delivery, &delivery) != nil {
		delivery = ""
	}
	return products, delivery
}
