package ledger

import (
	"strings"

	"whocomply/domain"
	"whocomply/domain/activity"
	"whocomply/domain/screening"
)

// Where the names of a payment stand in an event.
const (
	atCounterparty = "data.transaction.counterparty.name"
	atUltimate     = "data.transaction.counterparty.on_behalf_of"
	atBank         = "data.transaction.counterparty.bank"
	atVessel       = "data.transaction.vessel.name"
)

// paymentQueries says who a transaction has to do with, apart from the customer: the counterparty,
// whom it acts for, its bank, and the vessel that carries what is paid for. Its country is evidence for and against.
func paymentQueries(t *activity.Transaction) (queries []screening.Query) {
	if t == nil {
		return nil
	}
	if c := t.Counterparty; c != nil {
		queries = make([]screening.Query, 0, 2) // a party and its bank
		if c.Name != "" {
			queries = append(queries, screening.Query{Names: []screening.Name{{Field: atCounterparty, Text: c.Name}}, Countries: countriesOf(c.Country)})
		}
		if c.OnBehalfOf != "" {
			queries = append(queries, screening.Query{Names: []screening.Name{{Field: atUltimate, Text: c.OnBehalfOf}}})
		}
		if c.Bank != "" {
			queries = append(queries, bankQuery(c.Bank))
		}
	}
	if v := t.Vessel; v != nil && v.Name+v.IMO != "" {
		q := screening.Query{EntityType: "vessel", Countries: countriesOf(v.Flag)}
		if v.Name != "" {
			q.Names = append(q.Names, screening.Name{Field: atVessel, Text: v.Name})
		}
		if v.IMO != "" {
			q.Identifiers = append(q.Identifiers, screening.Identifier{Type: "imo", Value: v.IMO})
		}
		if len(q.Names) == 0 { // what is looked for by its number alone still has a name to show
			q.Names = append(q.Names, screening.Name{Field: "data.transaction.vessel.imo", Text: "IMO " + v.IMO})
		}
		queries = append(queries, q)
	}
	return queries
}

// bankQuery looks for a bank by its BIC, if it is named by one, or else by its name.
func bankQuery(bank string) screening.Query {
	q := screening.Query{Names: []screening.Name{{Field: atBank, Text: bank}}, EntityType: "business"}
	if isBIC(bank) {
		q.Identifiers = []screening.Identifier{{Type: "bic", Value: bank[:8]}, {Type: "bic", Value: bank}}
		if country := bank[4:6]; domain.ValidCountry(country) {
			q.Countries = []string{country}
		}
	}
	return q
}

// isBIC reports whether a text has the form of ISO 9362: four letters, a country, and two or five
// letters or digits.
func isBIC(text string) bool {
	if len(text) != 8 && len(text) != 11 || !domain.ValidCountry(text[4:6]) {
		return false
	}
	return strings.Trim(text[:4], "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" && strings.Trim(text[6:], "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}
