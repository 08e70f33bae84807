package customer

import "strings"

// kept is a customer as the state keeps it: two pieces of memory instead of one for each text. The garbage
// collector looks at every piece there is, and an institution has millions of customers.
type kept struct {
	Customer
	address Address
	kyc     KYC
}

// keep gives a copy of a customer whose address, KYC and texts share nothing with the event they came in.
func keep(c *Customer) *Customer {
	k := &kept{Customer: *c}
	p := &k.Profile
	if p.Address != nil {
		k.address = *p.Address
		p.Address = &k.address
	}
	if p.KYC != nil {
		k.kyc = *p.KYC
		p.KYC = &k.kyc
	}
	texts := [...]*string{
		&p.ExternalID, &p.Type, &p.Email, &p.FirstName, &p.LastName, &p.FullName, &p.LegalName, &p.DateOfBirth, &p.Nationality,
		&p.CountryOfResidence, &p.Phone, &p.Occupation, &p.Industry, &p.SourceOfFunds,
		&k.address.Line1, &k.address.Line2, &k.address.City, &k.address.Region, &k.address.PostalCode, &k.address.Country,
		&k.kyc.Status, &k.kyc.Level, &k.kyc.VerifiedAt, &k.kyc.ExpiresAt, &k.kyc.Provider,
	}
	size := 0
	for _, text := range texts {
		size += len(*text)
	}
	var all strings.Builder
	all.Grow(size)
	for _, text := range texts {
		all.WriteString(*text)
	}
	rest := all.String()
	for _, text := range texts {
		*text, rest = rest[:len(*text)], rest[len(*text):]
	}
	return &k.Customer
}
