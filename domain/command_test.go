package domain_test

import (
	"slices"
	"testing"

	"github.com/oklog/ulid/v2"

	"whocomply/domain"
)

// TestIDs shows that one seed gives the same ids each time, none twice, in rising order.
func TestIDs(t *testing.T) {
	seed := ulid.MustParseStrict("01KG0000000000000000000ZZZ")
	first, again := domain.NewIDs(seed), domain.NewIDs(seed)
	var ids []string
	for range 70_000 { // more than two bytes carry
		id := first.Next()
		if id != again.Next() {
			t.Fatal("the same seed gave another id")
		}
		if id.Time() != seed.Time() {
			t.Fatalf("%s has another time", id)
		}
		ids = append(ids, id.String())
	}
	if ids[0] != seed.String() || !slices.IsSorted(ids) || len(slices.Compact(ids)) != 70_000 {
		t.Error("ids are not distinct and rising from the seed")
	}
	if id := domain.NewIDs(seed).New("cus"); id != "cus_01KG0000000000000000000ZZZ" {
		t.Errorf("id %s", id)
	}
}

// TestIDsAtTheEnd shows that a seed of nothing but ones leaves the time alone.
func TestIDsAtTheEnd(t *testing.T) {
	ids := domain.NewIDs(ulid.MustParseStrict("01KG000000ZZZZZZZZZZZZZZZZ"))
	ids.Next()
	if id := ids.Next().String(); id != "01KG0000000000000000000000" {
		t.Errorf("id %s", id)
	}
}

func TestIdempotency(t *testing.T) {
	type content struct {
		Name  string         `json:"name"`
		Parts map[string]int `json:"parts"`
	}
	parts := map[string]int{"a": 1, "b": 2, "c": 3, "d": 4}
	first := domain.NewIdempotency("event/1", content{"x", parts})
	if want := (domain.Idempotency{Key: "event/1", Digest: "83b6a47e91ae19bf4f424d0a8793f4f3"}); first != want {
		t.Errorf("got %v, want %v", first, want) // sha256sum of {"name":"x","parts":{"a":1,"b":2,"c":3,"d":4}}
	}
	for range 100 {
		if again := domain.NewIdempotency("event/1", content{"x", parts}); again != first {
			t.Fatalf("the same content gave %v and %v", first, again)
		}
	}
	if other := domain.NewIdempotency("event/1", content{"y", parts}); other.Digest == first.Digest {
		t.Error("other content gave the same digest")
	}
	if domain.IdempotencyOf(nil) != (domain.Idempotency{}) || domain.IdempotencyOf(&first) != first {
		t.Error("an optional key is not what it points at")
	}
}

func TestSeverityRank(t *testing.T) {
	rising := []domain.Severity{"", domain.Low, domain.Medium, domain.High, domain.Critical}
	for rank, severity := range rising {
		if severity.Rank() != rank {
			t.Errorf("%q has the rank %d, want %d", severity, severity.Rank(), rank)
		}
	}
	if domain.Severity("worst").Rank() != 0 {
		t.Error("an unknown severity has a rank")
	}
}
