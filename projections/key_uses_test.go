package projections_test

import (
	"testing"
	"time"

	"whocomply/projections"
)

func TestKeyUses(t *testing.T) {
	m := openNew(t, newMemory())
	for _, use := range []projections.KeyUse{
		{Ledger: "acme", KeyID: "a", At: epoch},
		{Ledger: "acme", KeyID: "b", At: epoch},
		{Ledger: "rival", KeyID: "a", At: epoch},
		{Ledger: "acme", KeyID: "a", At: epoch.Add(time.Minute)},
		{Ledger: "acme", KeyID: "b", At: epoch.Add(-time.Minute)},
	} {
		if err := m.KeepKeyUses(t.Context(), []projections.KeyUse{use}); err != nil {
			t.Fatal(err)
		}
	}
	got := map[string]time.Time{}
	uses, err := m.KeyUses(t.Context(), "acme")
	for _, use := range uses {
		got[use.KeyID] = use.At
	}
	if err != nil || len(got) != 2 || !got["a"].Equal(epoch.Add(time.Minute)) || !got["b"].Equal(epoch) {
		t.Errorf("uses %v, %v", got, err)
	}
}
