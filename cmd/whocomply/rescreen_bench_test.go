package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// rescreenEnv says how many customers BenchmarkRescreen has; 2,000 if it is not set.
const rescreenEnv = "WHOCOMPLY_RESCREEN_CUSTOMERS"

// The list of BenchmarkRescreen.
const (
	rescreenListed  = 9_000
	rescreenAltered = 100
)

// BenchmarkRescreen imports invented customers, serves them, publishes a list of 9,000 names, and then a
// version of it in which 100 are others. It reports how long the run of that change took by its record,
// and what was resident at the most.
func BenchmarkRescreen(b *testing.B) {
	customers, err := strconv.Atoi(os.Getenv(rescreenEnv))
	if err != nil {
		customers = 2_000
	}
	for b.Loop() {
		b.StopTimer()
		p := newProgram(b)
		c := p.tenant()
		invented := filepath.Join(b.TempDir(), "invented")
		p.must("invent", "--out", invented, "--customers", strconv.Itoa(customers), "--events", "0")
		p.must("import", "--data", p.data, "--tenant", "acme", "--kind", "customers", "--file", filepath.Join(invented, "customers.ndjson"))
		s := p.serve()
		c = c.on(s)
		p.publish(1)
		full := c.lastRun(1)
		b.StartTimer()
		p.publish(2)
		run := c.lastRun(2)
		b.StopTimer()
		if run.Scope != "changes" || run.Customers != customers {
			b.Fatalf("%+v of %d customers", run, customers)
		}
		peak, err := (&benchServer{cmd: s.cmd}).memory("VmHWM")
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(run.took().Seconds(), "s/run")
		b.ReportMetric(float64(peak)/(1<<20), "MiB-resident")
		b.Logf("%d customers: all of them in %v, those in reach of %d entries in %v (%d screened, %d changed)", customers, full.took(), rescreenAltered,
			run.took(), run.Screened, run.Changed)
		s.stop()
		b.StartTimer()
	}
}

func (r shownRun) took() time.Duration { return r.EndedAt.Sub(r.StartedAt) }

// must runs a command of the program that has to succeed.
func (p *program) must(args ...string) {
	p.t.Helper()
	if got := runLine(p.t, p.bare(args...)); got.code != 0 {
		p.t.Fatalf("%s: exit code %d: %s", strings.Join(args, " "), got.code, got.stderr)
	}
}

// publish publishes a version of a list of invented names, some of which each version has for itself.
func (p *program) publish(version uint64) {
	p.t.Helper()
	same, own := rand.New(rand.NewPCG(2, 0)), rand.New(rand.NewPCG(3, version))
	var text strings.Builder
	text.WriteString("id,name,entity_type\n")
	for i := range rescreenListed {
		name := randomName(same)
		if i%(rescreenListed/rescreenAltered) == 0 {
			name = randomName(own)
		}
		fmt.Fprintf(&text, "%d,%s,individual\n", i, name)
	}
	file := filepath.Join(p.t.TempDir(), "list.csv")
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		p.t.Fatal(err)
	}
	p.must("list", "import", "--data", p.data, "--list", "house", "--format", "whocomply-csv", "--category", "internal", "--file", file)
}

// lastRun waits, for as long as it takes, until so many runs have ended, and gives the last.
func (c *client) lastRun(ended int) shownRun {
	c.t.Helper()
	for {
		var runs []shownRun
		c.want(200, "GET", c.tenantPath("/screening/runs?limit=10"), nil).read(&runs)
		if len(runs) == ended && runs[0].Status != "running" {
			return runs[0]
		}
		time.Sleep(100 * time.Millisecond)
	}
}
