package screening

import (
	"cmp"
	"errors"
	"slices"

	"github.com/go-json-experiment/json"

	"whocomply/domain"
)

// checked gives the row if it can be looked for, and a refused one if not.
func (r BatchRow) checked() BatchRow {
	err := domain.CheckText("ref", r.Ref, 128, false)
	if err != nil {
		r.Ref = ""
	}
	if r.Refused != nil {
		return BatchRow{Ref: r.Ref, Refused: r.Refused}
	}
	if err == nil {
		err = r.check()
	}
	if err != nil {
		return BatchRow{Ref: r.Ref, Refused: Refusal(err)}
	}
	return r
}

// check holds a row against the rules for an entry, for it could be one.
func (r *BatchRow) check() error {
	e := Entry{Name: r.Name, Aliases: r.Aliases, Gender: r.Gender, Countries: r.Countries, Identifiers: r.Identifiers}
	for _, check := range []func(Entry) error{checkNames, checkDetails, checkIdentifiers} {
		if err := check(e); err != nil {
			return err
		}
	}
	if r.DateOfBirth != "" && !datePattern.MatchString(r.DateOfBirth) {
		return domain.InvalidField("date_of_birth", "must be a date such as 1957-03-10, 1957-03, 1957, 1957~ or 1957/1959")
	}
	if r.EntityType == "" {
		return nil
	}
	return domain.CheckOneOf("entity_type", r.EntityType, individualType, businessType, vesselType, aircraftType, unknownType)
}

// query says who the row is to watchlists.
func (r *BatchRow) query() Query {
	q := Query{DateOfBirth: r.DateOfBirth, Gender: r.Gender, Countries: r.Countries, Identifiers: r.Identifiers, Names: []Name{{"name", r.Name}}}
	if r.EntityType != unknownType {
		q.EntityType = r.EntityType
	}
	for i, alias := range r.Aliases {
		q.Names = append(q.Names, Name{member("aliases", i), alias})
	}
	return q
}

// ScreenRows looks for rows of a batch, the first of which has the index first, as far as what is
// found fits into one record: at least one row, and those that were refused pass unseen.
func (l *Lists) ScreenRows(id string, first int, rows []BatchRow, guys *GoodGuys) BatchAdvanced {
	out := BatchAdvanced{BatchID: id, First: first, Lists: l.Versions(), Matcher: l.matcher, Found: []RowFound{}}
	size := 0
	for i := range rows {
		if rows[i].Refused != nil {
			out.Rows++
			continue
		}
		found := l.screenRow(first+i, &rows[i], guys)
		text, _ := json.Marshal(found) // what was found has a JSON
		if size += len(text); size > maxAdvancedBytes && out.Screened > 0 {
			break
		}
		out.take(&found)
	}
	return out
}

func (l *Lists) screenRow(index int, row *BatchRow, guys *GoodGuys) RowFound {
	var nobody *Dispositions
	screened := nobody.Apply(l.Screen(row.query()), nil, "", guys, l)
	found := RowFound{Index: index, Hits: byEvidence(screened.Hits), Cleared: byEvidence(screened.Cleared)}
	if found.Omitted = max(0, len(found.Hits)-maxRowHits); found.Omitted > 0 {
		found.Hits = found.Hits[:maxRowHits]
	}
	return found
}

// byEvidence orders hits by what speaks for them; the slice it gives is the caller's.
func byEvidence(hits []domain.Hit) []domain.Hit {
	ordered := append(make([]domain.Hit, 0, len(hits)), hits...)
	slices.SortStableFunc(ordered, func(a, b domain.Hit) int { return cmp.Or(b.Evidence-a.Evidence, b.Similarity-a.Similarity) })
	return ordered
}

// take counts a row, and keeps what it met.
func (e *BatchAdvanced) take(found *RowFound) {
	e.Rows++
	e.Screened++
	if len(found.Hits) > 0 {
		e.WithHits++
	} else {
		e.NoHit++
	}
	if len(found.Hits)+len(found.Cleared) > 0 {
		e.Found = append(e.Found, *found)
	}
}

// Refusal says why a row is refused, in the words in which the API refuses it.
func Refusal(err error) *RowRefusal {
	if known, ok := errors.AsType[*domain.Error](err); ok {
		return &RowRefusal{Field: known.Field, Reason: known.Message}
	}
	return &RowRefusal{Reason: err.Error()}
}
