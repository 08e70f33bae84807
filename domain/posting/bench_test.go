package posting_test

import (
	"testing"

	"whocomply/domain"
)

// BenchmarkRecord measures a two-entry posting: what runs ahead and in parallel (prepare), what
// the writer does one after the other (decide, evolve), and all of it.
func BenchmarkRecord(b *testing.B) {
	s := given(b, books()...)
	cmd := record("payment-2026-000001", debit("cash", "1250.00"), credit("deposit", "1250.00"))
	prepared, err := cmd.Prepare()
	if err != nil {
		b.Fatal(err)
	}
	m := meta()
	events, err := s.DecideRecord(m, prepared)
	if err != nil {
		b.Fatal(err)
	}
	envelope := &domain.Envelope{Event: events[0]}
	for _, part := range []struct {
		name string
		run  func() error
	}{
		{"prepare", func() error { _, err := cmd.Prepare(); return err }},
		{"decide", func() error { _, err := s.DecideRecord(m, prepared); return err }},
		{"evolve", func() error { s.Evolve(envelope); return nil }},
		{"all", func() error { _, err := s.DecideRecord(m, cmd); s.Evolve(envelope); return err }},
	} {
		b.Run(part.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := part.run(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
