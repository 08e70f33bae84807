package lists

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"whocomply/domain/screening"
)

// remarkLimit is the length of the remarks column, in characters; the rest is in the comments.
const remarkLimit = 1000

var (
	weakAlias = regexp.MustCompile(`^[afn]\.k\.a\. '(.+)'$`)
	document  = regexp.MustCompile(`^(.+?)(?: \(([^()]*)\))?(?: (?:issued|expires) .*)?$`)
)

// readRemarks puts the items of a remark where they belong and the rest into the reason.
// Items are separated by semicolons and the last one ends with a full stop. If the remark is cut
// because there are no comments, its last item is not trusted.
func readRemarks(e *screening.Entry, remark string) {
	cut := len(remark) == remarkLimit && !strings.HasSuffix(remark, ".")
	items := strings.Split(strings.TrimSuffix(value(remark), "."), ";")
	for i, item := range items {
		item = strings.TrimSpace(item)
		switch {
		case cut && i == len(items)-1:
			explain(e, item+"…")
		case !readRemark(e, strings.TrimPrefix(item, "alt. ")):
			explain(e, item)
		}
	}
}

// explain puts an item into the reason, unless it is there already, as titles often are.
func explain(e *screening.Entry, item string) {
	switch {
	case strings.Contains(e.Reason, item):
	case e.Reason == "":
		e.Reason = item
	default:
		e.Reason += "; " + item
	}
}

// readRemark reports whether it has found a place for an item.
func readRemark(e *screening.Entry, item string) bool {
	if m := weakAlias.FindStringSubmatch(item); m != nil {
		e.WeakAliases = append(e.WeakAliases, m[1])
		return true
	}
	word, text, _ := strings.Cut(item, " ")
	switch word {
	case "DOB":
		date, ok := birthDate(text)
		if ok && !slices.Contains(e.DatesOfBirth, date) {
			e.DatesOfBirth = append(e.DatesOfBirth, date)
		}
		return ok
	case "nationality", "citizen", "Nationality":
		code := country(strings.TrimPrefix(text, "of Registration "))
		if code != "" {
			e.Countries = append(e.Countries, code)
		}
		return code != ""
	}
	id, ok := identifier(item)
	if ok && !slices.Contains(e.Identifiers, id) {
		e.Identifiers = append(e.Identifiers, id)
	}
	return ok
}

// birthDate turns "10 Dec 1948", "Dec 1948", "1948", "circa 1948" and "1948 to 1949" into the form
// of ISO 8601-2.
func birthDate(text string) (date string, ok bool) {
	from, to, span := strings.Cut(text, " to ")
	if !span {
		return point(text)
	}
	first, ok1 := point(from)
	last, ok2 := point(to)
	return first + "/" + last, ok1 && ok2
}

func point(text string) (date string, ok bool) {
	text, about := strings.CutPrefix(text, "circa ")
	for _, form := range []struct{ from, to string }{{"02 Jan 2006", time.DateOnly}, {"Jan 2006", "2006-01"}, {"2006", "2006"}} {
		at, err := time.Parse(form.from, text)
		if err != nil {
			continue
		}
		if date = at.Format(form.to); about {
			date += "~"
		}
		return date, true
	}
	return "", false
}

// identifier reads items such as "Passport A123 (Iran) issued 10 Dec 2001". The country must be
// known; else it stays part of the value.
func identifier(item string) (id screening.Identifier, ok bool) {
	kind, text := identifierType(item)
	text = strings.TrimLeft(text, " #:")
	if kind == "" || !plausible(kind, text) {
		return id, false
	}
	m := document.FindStringSubmatch(text)
	id = screening.Identifier{Type: kind, Value: m[1], Country: country(m[2])}
	if m[2] != "" && id.Country == "" {
		id.Value += " (" + m[2] + ")"
	}
	if kind == "digital_currency" {
		ticker, address, _ := strings.Cut(id.Value, " ")
		id.Type, id.Value = kind+"_"+strings.ToLower(ticker), address
	}
	return id, id.Value != ""
}

// plausible tells a number from words that only begin like an identifier.
func plausible(kind, text string) bool {
	switch kind {
	case "bic", "aircraft_tail":
		return text != ""
	case "email":
		return strings.Contains(text, "@")
	case "website":
		return strings.Contains(text, ".")
	}
	return strings.ContainsAny(text, "0123456789")
}
