package main

import (
	"encoding/json"
	"testing"

	"whocomply/projections/projectionstest"
)

// BenchmarkStores measures the product on an event store in a process of its own and on a PostgreSQL, on
// one machine, beside the embedded stores: whocomply bench does, on stores that are started for it.
func BenchmarkStores(b *testing.B) {
	for b.Loop() {
		p := newProgram(b)
		ran := runLine(b, p.bare("bench", "--seconds", "4", "--rounds", "3", "--eventstore", startStore(p), "--database", projectionstest.Start(b).Database(b), "--json"))
		var report benchReport
		if err := json.Unmarshal([]byte(ran.stdout), &report); err != nil || ran.code != 0 {
			b.Fatalf("exit code %d, %v: %s", ran.code, err, ran.stderr)
		}
		for _, s := range report.Scenarios {
			rate, p50, p99 := spanOf(s.Rounds, figures[0].of), spanOf(s.Rounds, figures[1].of), spanOf(s.Rounds, figures[2].of)
			if times := s.TimesBare["req/s"]; s.TimesBare != nil {
				b.Logf("%-16s %6.0f/s  p50 %5.1f ms  p99 %5.1f ms  %.2f [%.2f..%.2f] of %s", s.Name, rate.Median, p50.Median, p99.Median, times.Median, times.Min, times.Max, s.Bare)
				b.ReportMetric(times.Median, s.Name+"/"+s.Bare)
			}
		}
	}
}
