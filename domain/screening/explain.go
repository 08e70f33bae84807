package screening

import (
	"fmt"
	"strings"

	"whocomply/domain"
	"whocomply/domain/screening/match"
)

// explain says in a sentence why a name is a hit.
func explain(e *Entry, looked Name, listed string, alias, weak bool, r match.Result) string {
	what, end := "the listed name", ""
	if alias {
		what, end = "the alias", fmt.Sprintf(" of %q", e.Name)
	}
	if weak {
		what, end = "the weak alias", end+"; the list itself calls this alias unreliable"
	}
	how := "is like"
	switch {
	case r.Similarity >= 1:
		how = "is"
	case len(r.Missing)+len(r.Extra) == 0 && sameWords(r):
		how = "has the same words in another order or spelling as"
	}
	if how == "is like" {
		end += differences(r)
	}
	return fmt.Sprintf("%s %q %s %s %q%s.", looked.Field, looked.Text, how, what, listed, end)
}

// same is the least likeness of words that only differ in how they are written.
const same = 0.97

func sameWords(r match.Result) bool {
	for _, p := range r.Pairs {
		if p.Likeness < same {
			return false
		}
	}
	return true
}

func differences(r match.Result) string {
	var parts []string
	for _, p := range r.Pairs {
		if p.Likeness < same {
			parts = append(parts, fmt.Sprintf("%q for %q", p.Screened, p.Listed))
		}
	}
	if len(r.Missing) > 0 {
		parts = append(parts, fmt.Sprintf("%q more", strings.Join(r.Missing, " ")))
	}
	if len(r.Extra) > 0 {
		parts = append(parts, fmt.Sprintf("without %q", strings.Join(r.Extra, " ")))
	}
	if len(parts) == 0 {
		return ""
	}
	return ": " + strings.Join(parts, ", ")
}

// aligned lists the words that are not the same on both sides.
func aligned(r match.Result) (words []domain.Aligned) {
	for _, p := range r.Pairs {
		if !strings.EqualFold(p.Screened, p.Listed) {
			words = append(words, domain.Aligned{Screened: p.Screened, Listed: p.Listed, Likeness: rate(p.Likeness)})
		}
	}
	for _, w := range r.Missing {
		words = append(words, domain.Aligned{Screened: w})
	}
	for _, w := range r.Extra {
		words = append(words, domain.Aligned{Listed: w})
	}
	return words
}
