// Package customer keeps the customers of an institution as their own systems state them.
//
// A push states the whole profile; a patch (RFC 7396) is merged before it gets here. The caller's
// external_id names the customer for ever: the same profile again is no event, another profile
// is a new version. Whether a customer is listed, risky or under review is not decided here.
//
// A relationship that ends is closed, with a reason; it can be reopened. A closed customer is still
// known: profiles and events that arrive late are taken in, screened and monitored as before.
package customer

import "github.com/go-json-experiment/json/jsontext"

// Profile is what an institution states about a customer.
type Profile struct {
	ExternalID         string         `json:"external_id"`
	Type               string         `json:"type"` // individual or business
	Email              string         `json:"email"`
	FirstName          string         `json:"first_name,omitempty"`
	LastName           string         `json:"last_name,omitempty"`
	FullName           string         `json:"full_name,omitempty"`
	LegalName          string         `json:"legal_name,omitempty"`
	Aliases            []string       `json:"aliases,omitempty"`
	DateOfBirth        string         `json:"date_of_birth,omitempty"`        // YYYY-MM-DD
	Nationality        string         `json:"nationality,omitempty"`          // ISO 3166-1 alpha-2
	CountryOfResidence string         `json:"country_of_residence,omitempty"` // ISO 3166-1 alpha-2
	Address            *Address       `json:"address,omitempty"`
	Phone              string         `json:"phone,omitempty"`
	Identifiers        []Identifier   `json:"identifiers,omitempty"`
	Occupation         string         `json:"occupation,omitempty"`
	Industry           string         `json:"industry,omitempty"`
	PEPDeclared        bool           `json:"pep_declared,omitempty"`
	SourceOfFunds      string         `json:"source_of_funds,omitempty"`
	KYC                *KYC           `json:"kyc,omitempty"`
	Parties            []Party        `json:"parties,omitempty"`
	Documents          []Document     `json:"documents,omitempty"`
	Metadata           jsontext.Value `json:"metadata,omitzero"` // a JSON object of the caller's
}

// Address is a postal address.
type Address struct {
	Line1      string `json:"line1,omitempty"`
	Line2      string `json:"line2,omitempty"`
	City       string `json:"city,omitempty"`
	Region     string `json:"region,omitempty"`
	PostalCode string `json:"postal_code,omitempty"`
	Country    string `json:"country,omitempty"` // ISO 3166-1 alpha-2
}

// Identifier is a document or registration number.
type Identifier struct {
	Type    string `json:"type"` // passport, national_id, tax_id, registration, lei, …
	Value   string `json:"value"`
	Country string `json:"country,omitempty"` // ISO 3166-1 alpha-2
}

// KYC is the state of the institution's identity checks.
type KYC struct {
	Status     string `json:"status"` // not_started, pending, verified, rejected or expired
	Level      string `json:"level,omitempty"`
	VerifiedAt string `json:"verified_at,omitempty"` // RFC 3339
	ExpiresAt  string `json:"expires_at,omitempty"`  // RFC 3339
	Provider   string `json:"provider,omitempty"`
}

// Name is the name the customer goes by, for people to read.
func (p *Profile) Name() string {
	switch {
	case p.LegalName != "":
		return p.LegalName
	case p.FullName != "":
		return p.FullName
	case p.FirstName == "":
		return p.LastName
	case p.LastName == "":
		return p.FirstName
	}
	return p.FirstName + " " + p.LastName
}
