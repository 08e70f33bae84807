package ledger

import (
	"fmt"
	"slices"

	"whocomply/domain"
	"whocomply/domain/customer"
	"whocomply/domain/screening"
)

var errListsMissing = domain.Errorf(domain.Unavailable, "a watchlist in force is not loaded yet; try again")

// search looks for somebody, or for several, on the lists in force, which are nil while the content
// of one is missing: what was not looked for must never pass for what was not found.
func search(lists *screening.Lists, queries ...screening.Query) (domain.Screened, error) {
	if lists == nil {
		return domain.Screened{}, errListsMissing
	}
	screened := lists.Screen(queries[0])
	if len(queries) > 1 { // what Screen gives is shared
		screened.Hits, screened.Cleared = slices.Clip(screened.Hits), slices.Clip(screened.Cleared)
	}
	for _, query := range queries[1:] {
		more := lists.Screen(query)
		screened.Hits = append(screened.Hits, more.Hits...)
		screened.Cleared = append(screened.Cleared, more.Cleared...)
	}
	return screened, nil
}

// queriesOf says who a profile and its linked parties are to watchlists.
func queriesOf(p *customer.Profile) []screening.Query {
	queries := []screening.Query{queryOf(p)}
	for i := range p.Parties {
		party, at := &p.Parties[i], fmt.Sprintf("parties[%d].", i)
		q := screening.Query{EntityType: party.Type, DateOfBirth: party.DateOfBirth, Countries: countriesOf(party.Nationality, party.CountryOfResidence)}
		q.Names = append(q.Names, screening.Name{Field: at + "name", Text: party.Name})
		for n, alias := range party.Aliases {
			q.Names = append(q.Names, screening.Name{Field: fmt.Sprintf("%saliases[%d]", at, n), Text: alias})
		}
		for _, id := range party.Identifiers {
			q.Identifiers = append(q.Identifiers, screening.Identifier(id))
		}
		queries = append(queries, q)
	}
	return queries
}

// countriesOf gives the countries that are stated, each once.
func countriesOf(codes ...string) (countries []string) {
	for _, code := range codes {
		if code != "" && !slices.Contains(countries, code) {
			countries = append(countries, code)
		}
	}
	return countries
}

// queryOf says who a profile is to watchlists.
func queryOf(p *customer.Profile) screening.Query {
	q := screening.Query{Names: namesOf(p), EntityType: p.Type, DateOfBirth: p.DateOfBirth, Countries: countriesOf(p.Nationality, p.CountryOfResidence)}
	for _, id := range p.Identifiers {
		q.Identifiers = append(q.Identifiers, screening.Identifier(id))
	}
	return q
}

// namesOf lists the names of a profile that are looked for on watchlists.
func namesOf(p *customer.Profile) []screening.Name {
	var names []screening.Name
	add := func(field, text string) {
		if text != "" {
			names = append(names, screening.Name{Field: field, Text: text})
		}
	}
	add("legal_name", p.LegalName)
	add("full_name", p.FullName)
	if p.FirstName != "" && p.LastName != "" {
		add("first_name last_name", p.FirstName+" "+p.LastName)
	} else {
		add("first_name", p.FirstName)
		add("last_name", p.LastName)
	}
	for i, alias := range p.Aliases {
		add(fmt.Sprintf("aliases[%d]", i), alias)
	}
	return names
}
