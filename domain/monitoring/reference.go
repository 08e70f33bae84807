package monitoring

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"whocomply/domain"
)

// The limits of a reference list.
const (
	maxListValues = 5000
	maxKeyword    = 100 // bytes
)

// Reference is what conditions may ask besides the event and the past: named lists and exchange
// rates. It never changes.
type Reference struct {
	lists map[string]*list
	rates []*rateTable // by date, newest first; of one date by base
}

// shipped are the lists that every institution has until it states its own under the same name.
// They never change: decisions rest on them.
var shipped = func() *Reference {
	r := &Reference{lists: map[string]*list{}}
	for _, l := range []ReferenceList{
		{
			Name: "fatf_black", Kind: "countries", Values: strings.Fields("IR KP MM"), AsOf: "2025-10-24",
			Description: "Jurisdictions subject to a call for action.", Source: "FATF, October 2025",
		},
		{
			Name: "fatf_grey", Kind: "countries", Values: strings.Fields("AO BG BO CD CI CM DZ HT KE LA LB MC NA NP SS SY VE VG VN YE"), AsOf: "2025-10-24",
			Description: "Jurisdictions under increased monitoring.", Source: "FATF, October 2025",
		},
	} {
		l.Digest = l.digest()
		r.lists[l.Name] = newList(l)
	}
	return r
}()

// List gives a list by name as it is now.
func (r *Reference) List(name string) (ReferenceList, bool) {
	l := r.lists[name]
	if l == nil {
		return ReferenceList{}, false
	}
	return l.ReferenceList, true
}

// Lists gives all lists as they are now, by name. Those of version 0 are shipped.
func (r *Reference) Lists() []ReferenceList {
	all := make([]ReferenceList, 0, len(r.lists))
	for _, name := range slices.Sorted(maps.Keys(r.lists)) {
		all = append(all, r.lists[name].ReferenceList)
	}
	return all
}

// withList gives the reference with a list in its new version.
func (r *Reference) withList(l ReferenceList) *Reference {
	next := &Reference{lists: maps.Clone(r.lists), rates: r.rates}
	next.lists[l.Name] = newList(l)
	return next
}

var listName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)

// checkedList gives the list with its values in order and each once, or says what is wrong with it.
func checkedList(l ReferenceList) (ReferenceList, error) {
	if !listName.MatchString(l.Name) {
		return l, domain.InvalidField("name", "must be lower-case letters, digits and _, such as tax_havens; conditions write it lists.tax_havens")
	}
	if err := domain.CheckOneOf("kind", l.Kind, "countries", "keywords"); err != nil {
		return l, err
	}
	if len(l.Values) > maxListValues {
		return l, domain.InvalidField("values", "must be at most %d", maxListValues)
	}
	l.Values = slices.Clone(l.Values)
	for i, v := range l.Values {
		at := fmt.Sprintf("values[%d]", i)
		if l.Kind == "countries" && !domain.ValidCountry(v) {
			return l, domain.InvalidField(at, "must be an ISO 3166-1 alpha-2 code such as DE")
		}
		if l.Kind == "keywords" {
			if l.Values[i] = strings.Join(wordsOf(v), " "); l.Values[i] == "" {
				return l, domain.InvalidField(at, "has no letter and no digit")
			}
		}
		if err := domain.CheckText(at, v, maxKeyword, true); err != nil {
			return l, err
		}
	}
	slices.Sort(l.Values)
	l.Values = slices.Compact(l.Values)
	if err := domain.CheckDate("as_of", l.AsOf); err != nil {
		return l, err
	}
	for field, text := range map[string]string{"description": l.Description, "source": l.Source, "change_reason": l.ChangeReason} {
		if err := domain.CheckText(field, text, maxDescription, false); err != nil {
			return l, err
		}
	}
	return l, nil
}

// digest is the lower-case hex SHA-256 of the line "whocomply/reference-list@v1", the kind, and the
// values, a line each.
func (l *ReferenceList) digest() string {
	sum := sha256.Sum256([]byte("whocomply/reference-list@v1\n" + l.Kind + "\n" + strings.Join(append(slices.Clone(l.Values), ""), "\n")))
	return hex.EncodeToString(sum[:])
}

// list is a reference list as a condition sees it: a list of texts that is asked in one step.
type list struct {
	ReferenceList
	traits.Lister
	has     map[string]struct{}
	phrases map[string][]string // the keywords by their first word
}

func newList(l ReferenceList) *list {
	known := &list{
		ReferenceList: l, Lister: types.NewStringList(types.DefaultTypeAdapter, l.Values),
		has: make(map[string]struct{}, len(l.Values)), phrases: map[string][]string{},
	}
	for _, v := range l.Values {
		known.has[v] = struct{}{}
		first, _, _ := strings.Cut(v, " ")
		known.phrases[first] = append(known.phrases[first], v)
	}
	return known
}

// Contains reports whether a text is on the list, as it is written.
func (l *list) Contains(v ref.Val) ref.Val {
	text, isText := v.(types.String)
	if !isText {
		return types.False
	}
	_, found := l.has[string(text)]
	return types.Bool(found)
}

// mentioned reports whether a text has one of the keywords in it, as whole words, upper and lower
// case alike.
func (l *list) mentioned(text string) bool {
	words := wordsOf(text)
	for i, word := range words {
		for _, phrase := range l.phrases[word] {
			if n := strings.Count(phrase, " ") + 1; i+n <= len(words) && strings.Join(words[i:i+n], " ") == phrase {
				return true
			}
		}
	}
	return false
}

// wordsOf cuts a text into words of letters and digits, in lower case.
func wordsOf(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) })
}
