package domain_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"whocomply/domain"
)

// moved is a made-up event at its third version: v1 had "to" alone, v2 gave it the name "place",
// v3 wants a reason.
type moved struct {
	Place  string `json:"place"`
	Reason string `json:"reason"`
}

func (moved) Kind() domain.Kind { return domain.Kind{Name: "thing.moved", Version: 3} }

type gone struct{}

func (gone) Kind() domain.Kind { return domain.Kind{Name: "thing.gone", Version: 1} }

type future struct{}

func (future) Kind() domain.Kind { return domain.Kind{Name: "thing.gone", Version: 2} }

type nameless struct{}

func (nameless) Kind() domain.Kind { return domain.Kind{Name: "thing.nameless"} }

func rename(raw []byte) ([]byte, error) {
	if !bytes.Contains(raw, []byte(`"to"`)) {
		return nil, errors.New(`"to" is missing`)
	}
	return bytes.Replace(raw, []byte(`"to"`), []byte(`"place"`), 1), nil
}

func giveReason(raw []byte) ([]byte, error) {
	return append(bytes.TrimSuffix(raw, []byte("}")), `,"reason":"unknown"}`...), nil
}

func things(t *testing.T) *domain.Catalog {
	t.Helper()
	c, err := domain.NewCatalog(domain.Describe[moved](rename, giveReason), domain.Describe[gone]())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestNewCatalog(t *testing.T) {
	for _, tc := range []struct {
		name  string
		specs []domain.Spec
		want  string
	}{
		{"twice", []domain.Spec{domain.Describe[gone](), domain.Describe[gone]()}, "event thing.gone is declared twice"},
		{"twice in two versions", []domain.Spec{domain.Describe[gone](), domain.Describe[future](giveReason)}, "event thing.gone is declared twice"},
		{"no upcaster", []domain.Spec{domain.Describe[moved]()}, "event thing.moved is at version 3 but has 0 upcasters"},
		{"an upcaster too few", []domain.Spec{domain.Describe[moved](rename)}, "event thing.moved is at version 3 but has 1 upcasters"},
		{"an upcaster too many", []domain.Spec{domain.Describe[gone](rename)}, "event thing.gone is at version 1 but has 1 upcasters"},
		{"no version", []domain.Spec{domain.Describe[nameless]()}, "event thing.nameless is at version 0 but has 0 upcasters"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if _, err := domain.NewCatalog(tc.specs...); err == nil || err.Error() != tc.want {
				t.Errorf("error %v, want %s", err, tc.want)
			}
		})
	}
	kinds := things(t).Kinds()
	slices.SortFunc(kinds, func(a, b domain.Kind) int { return strings.Compare(a.Name, b.Name) })
	if !slices.Equal(kinds, []domain.Kind{gone{}.Kind(), moved{}.Kind()}) {
		t.Errorf("kinds %v", kinds)
	}
}

// TestUpcasters reads each version there has ever been as the current one.
func TestUpcasters(t *testing.T) {
	catalog := things(t)
	for _, tc := range []struct {
		version int
		raw     string
		want    moved
	}{
		{1, `{"to":"Riga"}`, moved{"Riga", "unknown"}},
		{2, `{"place":"Riga"}`, moved{"Riga", "unknown"}},
		{3, `{"place":"Riga","reason":"rent"}`, moved{"Riga", "rent"}},
	} {
		event, err := catalog.Decode(domain.Kind{Name: "thing.moved", Version: tc.version}, []byte(tc.raw))
		if err != nil || event != tc.want {
			t.Errorf("v%d: %+v, error %v, want %+v", tc.version, event, err, tc.want)
		}
	}
	raw, err := catalog.Encode(nil, moved{"Riga", "rent"})
	if err != nil || string(raw) != `{"place":"Riga","reason":"rent"}` {
		t.Errorf("written as %s, error %v", raw, err)
	}
}

func TestCatalogErrors(t *testing.T) {
	catalog := things(t)
	for _, tc := range []struct {
		name    string
		kind    string
		version int
		raw     string
		want    string
	}{
		{"unknown name", "thing.lost", 1, `{}`, "event thing.lost v1 is not in the catalog"},
		{"later version", "thing.moved", 4, `{}`, "event thing.moved v4 is not in the catalog"},
		{"version 0", "thing.moved", 0, `{}`, "event thing.moved v0 is not in the catalog"},
		{"failed upcaster", "thing.moved", 1, `{"from":"Riga"}`, `upcast thing.moved from v1: "to" is missing`},
		{"unknown member", "thing.moved", 3, `{"place":"Riga","reason":"rent","x":1}`, "decode thing.moved v3: "},
		{"member twice", "thing.moved", 3, `{"place":"Riga","place":"Kyiv"}`, "decode thing.moved v3: "},
		{"not JSON", "thing.gone", 1, `gone`, "decode thing.gone v1: "},
	} {
		t.Run(tc.name, func(t *testing.T) {
			event, err := catalog.Decode(domain.Kind{Name: tc.kind, Version: tc.version}, []byte(tc.raw))
			if err == nil || event != nil || !strings.HasPrefix(err.Error(), tc.want) {
				t.Errorf("%v, error %v, want %s", event, err, tc.want)
			}
		})
	}
	for _, event := range []domain.Event{nameless{}, future{}} {
		if raw, err := catalog.Encode(nil, event); err == nil {
			t.Errorf("%v was written as %s", event.Kind(), raw)
		}
	}
}
