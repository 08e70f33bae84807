package customer

import (
	"fmt"
	"slices"
	"strings"

	"whocomply/domain"
)

// Party is a person or a business linked to a customer: who owns it, runs it or acts for it. It is
// looked for on watchlists as the customer is.
type Party struct {
	PartyID            string          `json:"party_id"` // the caller's, unique within the profile
	Type               string          `json:"type"`     // individual or business
	Name               string          `json:"name"`
	Aliases            []string        `json:"aliases,omitempty"`
	Roles              []string        `json:"roles"`                       // see Roles
	Ownership          *domain.Decimal `json:"ownership_percent,omitempty"` // more than 0, at most 100
	CustomerID         string          `json:"customer_id,omitempty"`       // if it is a customer too; the caller's word for it
	DateOfBirth        string          `json:"date_of_birth,omitempty"`     // YYYY-MM-DD
	Nationality        string          `json:"nationality,omitempty"`       // ISO 3166-1 alpha-2
	CountryOfResidence string          `json:"country_of_residence,omitempty"`
	Identifiers        []Identifier    `json:"identifiers,omitempty"`
	PEPDeclared        bool            `json:"pep_declared,omitempty"`
}

// Document is what the institution states about a document it holds. The document itself stays
// with the institution.
type Document struct {
	DocumentID string `json:"document_id"` // the caller's, unique within the profile
	Type       string `json:"type"`        // passport, articles_of_association, utility_bill, …
	Country    string `json:"country,omitempty"`
	PartyID    string `json:"party_id,omitempty"`   // whose it is; the customer's own if empty
	IssuedOn   string `json:"issued_on,omitempty"`  // YYYY-MM-DD
	ExpiresOn  string `json:"expires_on,omitempty"` // YYYY-MM-DD
	MediaType  string `json:"media_type,omitempty"`
	Size       int64  `json:"size,omitempty"`   // bytes
	SHA256     string `json:"sha256,omitempty"` // of the content, lower-case hex
}

// Roles lists what a linked party can be to a customer.
func Roles() []string {
	return []string{
		"beneficial_owner", "shareholder", "director", "executive", "signatory", "trustee", "settlor", "protector", "beneficiary",
		"guardian", "representative",
	}
}

// Owns reports whether a party has a share in the customer, or the last word over it.
func (p *Party) Owns() bool {
	return slices.Contains(p.Roles, "beneficial_owner") || slices.Contains(p.Roles, "shareholder") || slices.Contains(p.Roles, "settlor")
}

func (p *Profile) checkParties() error {
	if len(p.Parties) > maxList {
		return domain.InvalidField("parties", "has more than %d members", maxList)
	}
	seen := map[string]bool{}
	for i := range p.Parties {
		party, field := &p.Parties[i], fmt.Sprintf("parties[%d].", i)
		if err := party.check(field); err != nil {
			return err
		}
		if seen[party.PartyID] {
			return domain.InvalidField(field+"party_id", "appears twice")
		}
		seen[party.PartyID] = true
	}
	return nil
}

func (p *Party) check(field string) error {
	for _, check := range []func() error{
		func() error { return domain.CheckID(field+"party_id", p.PartyID) },
		func() error { return domain.CheckOneOf(field+"type", p.Type, "individual", "business") },
		func() error { return domain.CheckText(field+"name", strings.TrimSpace(p.Name), maxText, true) },
		func() error { return checkList(field+"aliases", p.Aliases) },
		func() error { return p.checkRoles(field) },
		func() error { return domain.CheckText(field+"customer_id", p.CustomerID, 128, false) },
		func() error { return domain.CheckDate(field+"date_of_birth", p.DateOfBirth) },
		func() error { return domain.CheckCountry(field+"nationality", p.Nationality) },
		func() error { return domain.CheckCountry(field+"country_of_residence", p.CountryOfResidence) },
		func() error { return checkIdentifiers(field+"identifiers", p.Identifiers) },
	} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (p *Party) checkRoles(field string) error {
	if len(p.Roles) == 0 {
		return domain.InvalidField(field+"roles", "must name at least one role")
	}
	for i, role := range p.Roles {
		if err := domain.CheckOneOf(fmt.Sprintf("%sroles[%d]", field, i), role, Roles()...); err != nil {
			return err
		}
	}
	if o := p.Ownership; o != nil && (o.Sign() <= 0 || o.Cmp(domain.DecimalFromInt(100)) > 0) {
		return domain.InvalidField(field+"ownership_percent", "must be more than 0 and at most 100")
	}
	return nil
}

func (p *Profile) checkDocuments() error {
	if len(p.Documents) > maxList {
		return domain.InvalidField("documents", "has more than %d members", maxList)
	}
	seen := map[string]bool{}
	for i := range p.Documents {
		d, field := &p.Documents[i], fmt.Sprintf("documents[%d].", i)
		if err := d.check(field); err != nil {
			return err
		}
		if seen[d.DocumentID] {
			return domain.InvalidField(field+"document_id", "appears twice")
		}
		seen[d.DocumentID] = true
		if d.PartyID != "" && !slices.ContainsFunc(p.Parties, func(party Party) bool { return party.PartyID == d.PartyID }) {
			return domain.InvalidField(field+"party_id", "names no party of the customer")
		}
	}
	return nil
}

func (d *Document) check(field string) error {
	for _, check := range []func() error{
		func() error { return domain.CheckID(field+"document_id", d.DocumentID) },
		func() error { return domain.CheckText(field+"type", d.Type, 64, true) },
		func() error { return domain.CheckCountry(field+"country", d.Country) },
		func() error { return domain.CheckDate(field+"issued_on", d.IssuedOn) },
		func() error { return domain.CheckDate(field+"expires_on", d.ExpiresOn) },
		func() error { return domain.CheckText(field+"media_type", d.MediaType, 128, false) },
	} {
		if err := check(); err != nil {
			return err
		}
	}
	if d.Size < 0 {
		return domain.InvalidField(field+"size", "must not be negative")
	}
	if d.SHA256 != "" && (len(d.SHA256) != 64 || strings.Trim(d.SHA256, "0123456789abcdef") != "") {
		return domain.InvalidField(field+"sha256", "must be 64 lower-case hex digits")
	}
	return nil
}

// checkList says what is wrong with a list of texts that may not be empty.
func checkList(field string, texts []string) error {
	if len(texts) > maxList {
		return domain.InvalidField(field, "has more than %d members", maxList)
	}
	for i, text := range texts {
		if err := domain.CheckText(fmt.Sprintf("%s[%d]", field, i), text, maxText, true); err != nil {
			return err
		}
	}
	return nil
}

func checkIdentifiers(field string, identifiers []Identifier) error {
	if len(identifiers) > maxList {
		return domain.InvalidField(field, "has more than %d members", maxList)
	}
	for i, id := range identifiers {
		at := fmt.Sprintf("%s[%d].", field, i)
		if err := domain.CheckText(at+"type", id.Type, 64, true); err != nil {
			return err
		}
		if err := domain.CheckText(at+"value", id.Value, 128, true); err != nil {
			return err
		}
		if err := domain.CheckCountry(at+"country", id.Country); err != nil {
			return err
		}
	}
	return nil
}
