package customer_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
	"whocomply/domain/customer"
)

var at = time.Date(2026, 1, 31, 9, 0, 0, 0, time.UTC)

func individual() customer.Profile {
	return customer.Profile{ExternalID: "c-1", Type: "individual", Email: "ann@example.com", FirstName: "Ann", LastName: "Larsen"}
}

func business() customer.Profile {
	return customer.Profile{ExternalID: "c-2", Type: "business", Email: "office@example.com", LegalName: "Larsen Shipping A/S"}
}

// owned gives a business with a good party and a changed one.
func owned(change func(o *customer.Party)) customer.Profile {
	p := business()
	for _, id := range []string{"p-0", "p-1"} {
		p.Parties = append(p.Parties, customer.Party{PartyID: id, Type: "individual", Name: "Ann Larsen", Roles: []string{"beneficial_owner", "director"}, Ownership: percent("25.5")})
	}
	change(&p.Parties[1])
	return p
}

// documented gives a business with a party, a good document and a changed one.
func documented(change func(d *customer.Document)) customer.Profile {
	p := owned(func(*customer.Party) {})
	for _, id := range []string{"d-0", "d-1"} {
		p.Documents = append(p.Documents, customer.Document{DocumentID: id, Type: "passport", PartyID: "p-1", SHA256: strings.Repeat("ab", 32)})
	}
	change(&p.Documents[1])
	return p
}

func percent(s string) *domain.Decimal {
	d, err := domain.ParseDecimal(s)
	if err != nil {
		panic(err)
	}
	return &d
}

// wantInvalid checks field and message; an empty message means no error.
func wantInvalid(t *testing.T, err error, field, message string) {
	t.Helper()
	if message == "" {
		if err != nil {
			t.Fatalf("error %v, want none", err)
		}
		return
	}
	e, ok := errors.AsType[*domain.Error](err)
	if !ok || e.Code != domain.Invalid || e.Field != field || e.Message != message {
		t.Fatalf("error %#v,\nwant %s", err, message)
	}
}

// TestCheck gives each field its wrong forms; want is what follows the field's name.
func TestCheck(t *testing.T) {
	const (
		notAddress = "must be an address such as ann@example.com"
		notCountry = "must be an ISO 3166-1 alpha-2 code such as DE"
		notDate    = "must be a date such as 1980-01-31"
		notTime    = "must be an RFC 3339 time such as 2026-01-31T09:00:00Z"
		noName     = "is required, or first_name and last_name"
		tooLong    = "is longer than 512 bytes"
		kycWords   = "not_started, pending, verified, rejected or expired"
		roleWords  = "must be beneficial_owner, shareholder, director, executive, signatory, trustee, settlor, protector, beneficiary, guardian or representative"
	)
	long := strings.Repeat("x", 513)
	for _, tc := range []struct {
		name        string
		change      func(p *customer.Profile)
		field, want string
	}{
		{"as it is", func(*customer.Profile) {}, "", ""},
		{"as a business", func(p *customer.Profile) { *p = business() }, "", ""},
		{"no external_id", func(p *customer.Profile) { p.ExternalID = "" }, "external_id", "is required"},
		{"long external_id", func(p *customer.Profile) { p.ExternalID = strings.Repeat("x", 129) }, "external_id", "is longer than 128 bytes"},
		{"unprintable external_id", func(p *customer.Profile) { p.ExternalID = "a\tb" }, "external_id", "contains the unprintable character U+0009"},
		{"no type", func(p *customer.Profile) { p.Type = "" }, "type", "is required: individual or business"},
		{"other type", func(p *customer.Profile) { p.Type = "trust" }, "type", "must be individual or business"},
		{"no email", func(p *customer.Profile) { p.Email = "" }, "email", "is required"},
		{"email without at", func(p *customer.Profile) { p.Email = "ann.example.com" }, "email", notAddress},
		{"email without local part", func(p *customer.Profile) { p.Email = "@example.com" }, "email", notAddress},
		{"email without host", func(p *customer.Profile) { p.Email = "ann@" }, "email", notAddress},
		{"email with two ats", func(p *customer.Profile) { p.Email = "a@b@example.com" }, "email", notAddress},
		{"email with a name", func(p *customer.Profile) { p.Email = "Ann <ann@example.com>" }, "email", notAddress},
		{"email with a line break", func(p *customer.Profile) { p.Email = "ann@example.com\nx" }, "email", notAddress},
		{"long email", func(p *customer.Profile) { p.Email = strings.Repeat("x", 250) + "@a.io" }, "email", "is longer than 254 bytes"},
		{"no name", func(p *customer.Profile) { p.FirstName, p.LastName = "", "" }, "full_name", noName},
		{"blank name", func(p *customer.Profile) { p.FirstName, p.LastName = " ", "\t" }, "full_name", noName},
		{"individual with legal_name", func(p *customer.Profile) { p.LegalName = "Larsen A/S" }, "legal_name", "is for a business; an individual has full_name, or first_name and last_name"},
		{"business without a name", func(p *customer.Profile) { *p = business(); p.LegalName = "" }, "legal_name", "is required for a business"},
		{"business with full_name alone", func(p *customer.Profile) { *p = business(); p.LegalName, p.FullName = "", "Larsen" }, "", ""},
		{"many aliases", func(p *customer.Profile) { p.Aliases = make([]string, 65) }, "aliases", "has more than 64 members"},
		{"empty alias", func(p *customer.Profile) { p.Aliases = []string{"Annie", ""} }, "aliases[1]", "is required"},
		{"long alias", func(p *customer.Profile) { p.Aliases = []string{long} }, "aliases[0]", tooLong},
		{"date_of_birth", func(p *customer.Profile) { p.DateOfBirth = "1980-02-30" }, "date_of_birth", notDate},
		{"born today", func(p *customer.Profile) { p.DateOfBirth = "2026-01-31" }, "", ""},
		{"born tomorrow, where it is today", func(p *customer.Profile) { p.DateOfBirth = "2026-02-01" }, "", ""},
		{"born later", func(p *customer.Profile) { p.DateOfBirth = "2026-02-02" }, "date_of_birth", "is in the future"},
		{"nationality", func(p *customer.Profile) { p.Nationality = "dk" }, "nationality", notCountry},
		{"country_of_residence", func(p *customer.Profile) { p.CountryOfResidence = "Denmark" }, "country_of_residence", notCountry},
		{"address", func(p *customer.Profile) {
			p.Address = &customer.Address{Line1: "Kai 1", City: "Aarhus", Country: "DK"}
		}, "", ""},
		{"address.line1", func(p *customer.Profile) { p.Address = &customer.Address{Line1: long} }, "address.line1", tooLong},
		{"address.line2", func(p *customer.Profile) { p.Address = &customer.Address{Line2: "\x00"} }, "address.line2", "contains the control character U+0000"},
		{"address.city", func(p *customer.Profile) { p.Address = &customer.Address{City: "\xff"} }, "address.city", "is not valid UTF-8"},
		{"address.region", func(p *customer.Profile) { p.Address = &customer.Address{Region: long} }, "address.region", tooLong},
		{"address.postal_code", func(p *customer.Profile) { p.Address = &customer.Address{PostalCode: long} }, "address.postal_code", tooLong},
		{"address.country", func(p *customer.Profile) { p.Address = &customer.Address{Country: "XX"} }, "address.country", notCountry},
		{"many identifiers", func(p *customer.Profile) { p.Identifiers = make([]customer.Identifier, 65) }, "identifiers", "has more than 64 members"},
		{"identifier", func(p *customer.Profile) { p.Identifiers = passport("passport", "P1", "DK") }, "", ""},
		{"identifier without a type", func(p *customer.Profile) { p.Identifiers = passport("", "P1", "") }, "identifiers[1].type", "is required"},
		{"identifier without a value", func(p *customer.Profile) { p.Identifiers = passport("passport", "", "") }, "identifiers[1].value", "is required"},
		{"identifier's country", func(p *customer.Profile) { p.Identifiers = passport("passport", "P1", "DNK") }, "identifiers[1].country", notCountry},
		{"first_name", func(p *customer.Profile) { p.FirstName = long }, "first_name", tooLong},
		{"last_name", func(p *customer.Profile) { p.LastName = "\u0007" }, "last_name", "contains the control character U+0007"},
		{"full_name", func(p *customer.Profile) { p.FullName = long }, "full_name", tooLong},
		{"legal_name", func(p *customer.Profile) { *p = business(); p.LegalName = long }, "legal_name", tooLong},
		{"phone", func(p *customer.Profile) { p.Phone = long }, "phone", tooLong},
		{"occupation", func(p *customer.Profile) { p.Occupation = long }, "occupation", tooLong},
		{"industry", func(p *customer.Profile) { p.Industry = long }, "industry", tooLong},
		{"source_of_funds", func(p *customer.Profile) { p.SourceOfFunds = long }, "source_of_funds", tooLong},
		{"kyc", func(p *customer.Profile) {
			p.KYC = &customer.KYC{Status: "verified", ExpiresAt: "2027-01-31T00:00:00Z"}
		}, "", ""},
		{"kyc without a status", func(p *customer.Profile) { p.KYC = &customer.KYC{} }, "kyc.status", "is required: " + kycWords},
		{"kyc.status", func(p *customer.Profile) { p.KYC = &customer.KYC{Status: "done"} }, "kyc.status", "must be " + kycWords},
		{"kyc.level", func(p *customer.Profile) { p.KYC = &customer.KYC{Status: "pending", Level: long} }, "kyc.level", "is longer than 64 bytes"},
		{"kyc.provider", func(p *customer.Profile) { p.KYC = &customer.KYC{Status: "pending", Provider: long} }, "kyc.provider", "is longer than 128 bytes"},
		{"kyc.verified_at", func(p *customer.Profile) { p.KYC = &customer.KYC{Status: "verified", VerifiedAt: "2026-01-31"} }, "kyc.verified_at", notTime},
		{"kyc.expires_at", func(p *customer.Profile) { p.KYC = &customer.KYC{Status: "verified", ExpiresAt: "soon"} }, "kyc.expires_at", notTime},
		{"party", func(p *customer.Profile) { *p = owned(func(*customer.Party) {}) }, "", ""},
		{"party without an id", func(p *customer.Profile) { *p = owned(func(o *customer.Party) { o.PartyID = "" }) }, "parties[1].party_id", "is required"},
		{"party twice", func(p *customer.Profile) { *p = owned(func(o *customer.Party) { o.PartyID = "p-0" }) }, "parties[1].party_id", "appears twice"},
		{"party of no type", func(p *customer.Profile) { *p = owned(func(o *customer.Party) { o.Type = "trust" }) }, "parties[1].type", "must be individual or business"},
		{"party without a name", func(p *customer.Profile) { *p = owned(func(o *customer.Party) { o.Name = " " }) }, "parties[1].name", "is required"},
		{"party's alias", func(p *customer.Profile) { *p = owned(func(o *customer.Party) { o.Aliases = []string{"A", ""} }) }, "parties[1].aliases[1]", "is required"},
		{"party without a role", func(p *customer.Profile) { *p = owned(func(o *customer.Party) { o.Roles = nil }) }, "parties[1].roles", "must name at least one role"},
		{"party's role", func(p *customer.Profile) {
			*p = owned(func(o *customer.Party) { o.Roles = []string{"director", "boss"} })
		}, "parties[1].roles[1]", roleWords},
		{"all of it", func(p *customer.Profile) { *p = owned(func(o *customer.Party) { o.Ownership = percent("100.00") }) }, "", ""},
		{"none of it", func(p *customer.Profile) { *p = owned(func(o *customer.Party) { o.Ownership = percent("0") }) }, "parties[1].ownership_percent", "must be more than 0 and at most 100"},
		{"more than all of it", func(p *customer.Profile) { *p = owned(func(o *customer.Party) { o.Ownership = percent("100.01") }) }, "parties[1].ownership_percent", "must be more than 0 and at most 100"},
		{"party's birth", func(p *customer.Profile) { *p = owned(func(o *customer.Party) { o.DateOfBirth = "1980" }) }, "parties[1].date_of_birth", notDate},
		{"party's nationality", func(p *customer.Profile) { *p = owned(func(o *customer.Party) { o.Nationality = "X" }) }, "parties[1].nationality", notCountry},
		{"party's residence", func(p *customer.Profile) { *p = owned(func(o *customer.Party) { o.CountryOfResidence = "X" }) }, "parties[1].country_of_residence", notCountry},
		{"party's identifier", func(p *customer.Profile) {
			*p = owned(func(o *customer.Party) { o.Identifiers = passport("", "", "") })
		}, "parties[1].identifiers[1].type", "is required"},
		{"party as a customer", func(p *customer.Profile) { *p = owned(func(o *customer.Party) { o.CustomerID = "\x01" }) }, "parties[1].customer_id", "contains the control character U+0001"},
		{"many parties", func(p *customer.Profile) { p.Parties = make([]customer.Party, 65) }, "parties", "has more than 64 members"},
		{"document", func(p *customer.Profile) { *p = documented(func(*customer.Document) {}) }, "", ""},
		{"document without an id", func(p *customer.Profile) { *p = documented(func(d *customer.Document) { d.DocumentID = "" }) }, "documents[1].document_id", "is required"},
		{"document twice", func(p *customer.Profile) { *p = documented(func(d *customer.Document) { d.DocumentID = "d-0" }) }, "documents[1].document_id", "appears twice"},
		{"document of no type", func(p *customer.Profile) { *p = documented(func(d *customer.Document) { d.Type = "" }) }, "documents[1].type", "is required"},
		{"document of nobody", func(p *customer.Profile) { *p = documented(func(d *customer.Document) { d.PartyID = "p-9" }) }, "documents[1].party_id", "names no party of the customer"},
		{"document's country", func(p *customer.Profile) { *p = documented(func(d *customer.Document) { d.Country = "X" }) }, "documents[1].country", notCountry},
		{"document's issue", func(p *customer.Profile) { *p = documented(func(d *customer.Document) { d.IssuedOn = "X" }) }, "documents[1].issued_on", notDate},
		{"document's end", func(p *customer.Profile) { *p = documented(func(d *customer.Document) { d.ExpiresOn = "X" }) }, "documents[1].expires_on", notDate},
		{"document's size", func(p *customer.Profile) { *p = documented(func(d *customer.Document) { d.Size = -1 }) }, "documents[1].size", "must not be negative"},
		{"document's digest", func(p *customer.Profile) {
			*p = documented(func(d *customer.Document) { d.SHA256 = strings.Repeat("A", 64) })
		}, "documents[1].sha256", "must be 64 lower-case hex digits"},
		{"many documents", func(p *customer.Profile) { p.Documents = make([]customer.Document, 65) }, "documents", "has more than 64 members"},
		{"metadata", func(p *customer.Profile) { p.Metadata = jsontext.Value(`{"branch":7}`) }, "", ""},
		{"metadata array", func(p *customer.Profile) { p.Metadata = jsontext.Value(`[7]`) }, "metadata", "must be a JSON object"},
		{"long metadata", func(p *customer.Profile) { p.Metadata = jsontext.Value(`{"x":"` + strings.Repeat("x", 16<<10) + `"}`) }, "metadata", "is longer than 16384 bytes"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := individual()
			tc.change(&p)
			message := ""
			if tc.want != "" {
				message = tc.field + " " + tc.want
			}
			wantInvalid(t, p.Check(at), tc.field, message)
		})
	}
}

// passport gives a good identifier and then this one.
func passport(kind, value, country string) []customer.Identifier {
	return []customer.Identifier{{Type: "tax_id", Value: "T1"}, {Type: kind, Value: value, Country: country}}
}

func TestName(t *testing.T) {
	for _, tc := range []struct {
		want string
		p    customer.Profile
	}{
		{"Ann Larsen", customer.Profile{FirstName: "Ann", LastName: "Larsen"}},
		{"Ann", customer.Profile{FirstName: "Ann"}},
		{"Larsen", customer.Profile{LastName: "Larsen"}},
		{"Ann M. Larsen", customer.Profile{FirstName: "Ann", LastName: "Larsen", FullName: "Ann M. Larsen"}},
		{"Larsen A/S", customer.Profile{FullName: "Larsen", LegalName: "Larsen A/S"}},
		{"", customer.Profile{}},
	} {
		if got := tc.p.Name(); got != tc.want {
			t.Errorf("%+v goes by %q, want %q", tc.p, got, tc.want)
		}
	}
}
