package customer

import (
	"strings"
	"time"

	"whocomply/domain"
)

// Bounds of a profile.
const (
	maxText     = 512
	maxList     = 64
	maxMetadata = 16 << 10
)

// Check says what is wrong with a profile, naming the first wrong field.
func (p *Profile) Check(now time.Time) error {
	for _, check := range []func() error{
		func() error { return domain.CheckID("external_id", p.ExternalID) },
		func() error { return domain.CheckOneOf("type", p.Type, "individual", "business") },
		func() error { return checkEmail(p.Email) },
		p.checkNames,
		func() error { return p.checkBirth(now) },
		func() error { return domain.CheckCountry("nationality", p.Nationality) },
		func() error { return domain.CheckCountry("country_of_residence", p.CountryOfResidence) },
		p.checkAddress,
		func() error { return checkIdentifiers("identifiers", p.Identifiers) },
		p.checkTexts,
		p.checkKYC,
		p.checkParties,
		p.checkDocuments,
		func() error { return domain.CheckObject("metadata", p.Metadata, maxMetadata) },
	} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func checkEmail(email string) error {
	if err := domain.CheckText("email", email, 254, true); err != nil {
		return err
	}
	local, host, found := strings.Cut(email, "@")
	if !found || local == "" || host == "" || strings.ContainsAny(email, " \t\r\n<>") || strings.Contains(host, "@") {
		return domain.InvalidField("email", "must be an address such as ann@example.com")
	}
	return nil
}

func (p *Profile) checkNames() error {
	if strings.TrimSpace(p.Name()) == "" {
		if p.Type == "business" {
			return domain.InvalidField("legal_name", "is required for a business")
		}
		return domain.InvalidField("full_name", "is required, or first_name and last_name")
	}
	if p.Type == "individual" && p.LegalName != "" {
		return domain.InvalidField("legal_name", "is for a business; an individual has full_name, or first_name and last_name")
	}
	return checkList("aliases", p.Aliases)
}

func (p *Profile) checkBirth(now time.Time) error {
	if err := domain.CheckDate("date_of_birth", p.DateOfBirth); err != nil {
		return err
	}
	if p.DateOfBirth > now.AddDate(0, 0, 1).Format(time.DateOnly) {
		return domain.InvalidField("date_of_birth", "is in the future")
	}
	return nil
}

func (p *Profile) checkAddress() error {
	a := p.Address
	if a == nil {
		return nil
	}
	for _, t := range []struct{ field, text string }{
		{"line1", a.Line1}, {"line2", a.Line2}, {"city", a.City}, {"region", a.Region}, {"postal_code", a.PostalCode},
	} {
		if err := domain.CheckText("address."+t.field, t.text, maxText, false); err != nil {
			return err
		}
	}
	return domain.CheckCountry("address.country", a.Country)
}

func (p *Profile) checkTexts() error {
	for _, t := range []struct{ field, text string }{
		{"first_name", p.FirstName},
		{"last_name", p.LastName},
		{"full_name", p.FullName},
		{"legal_name", p.LegalName},
		{"phone", p.Phone},
		{"occupation", p.Occupation},
		{"industry", p.Industry},
		{"source_of_funds", p.SourceOfFunds},
	} {
		if err := domain.CheckText(t.field, t.text, maxText, false); err != nil {
			return err
		}
	}
	return nil
}

func (p *Profile) checkKYC() error {
	k := p.KYC
	if k == nil {
		return nil
	}
	if err := domain.CheckOneOf("kyc.status", k.Status, "not_started", "pending", "verified", "rejected", "expired"); err != nil {
		return err
	}
	if err := domain.CheckText("kyc.level", k.Level, 64, false); err != nil {
		return err
	}
	if err := domain.CheckText("kyc.provider", k.Provider, 128, false); err != nil {
		return err
	}
	if err := domain.CheckTime("kyc.verified_at", k.VerifiedAt); err != nil {
		return err
	}
	return domain.CheckTime("kyc.expires_at", k.ExpiresAt)
}
