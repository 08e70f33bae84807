package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"whocomply/domain"
)

// benchCmd measures what the product costs beside a server that does the bare minimum, see [benchBareCmd]. The
// scenarios take turns in several rounds of one run, so that a machine that is slower for a while is slower for all:
// the rates are those of the machine, the ratios are the product's.
type benchCmd struct {
	Seconds   int `help:"How long each scenario is measured in a round." default:"3"`
	Rounds    int `help:"How often the scenarios take turns." default:"9"`
	Clients   int `help:"Connections; each sends its next request when the answer is there." default:"64"`
	Customers int `help:"Customers that are pushed before." default:"1000"`

	Typologies bool `help:"Decide events by the typologies of the catalogue instead of ten simple rules."`

	EventStore string `name:"eventstore" help:"An empty EventStoreDB, esdb://…: measure the product on it, too, and compare." placeholder:"URL"`
	Database   string `help:"An empty PostgreSQL, postgres://…, for the read models there." placeholder:"URL"`

	Only []string `help:"Scenarios to run: bare-post, events, postings, bare-get, risk-view; shared-events and so on." placeholder:"NAME"`
	Load bool     `help:"Instead, load the data sets in WHOCOMPLY_DATASETS and say how that went."`
	JSON bool     `help:"Print JSON." name:"json"`
}

// The scenarios, in the order they take turns.
const (
	barePost   = "bare-post"
	postEvents = "events"
	postBooks  = "postings"
	bareGet    = "bare-get"
	getRisk    = "risk-view"

	shared = "shared-" // begins the names of the product's scenarios on the stores that nodes share
)

var scenarioNames = []string{barePost, postEvents, shared + postEvents, postBooks, shared + postBooks, bareGet, getRisk, shared + getRisk}

// Run is the command.
func (c *benchCmd) Run(ctx context.Context) error {
	if c.Load {
		return c.runLoad(ctx)
	}
	if len(c.Only) == 0 {
		c.Only = scenarioNames
	}
	for _, name := range c.Only {
		if !slices.Contains(scenarioNames, name) {
			return domain.InvalidField("only", "must be of %s", strings.Join(scenarioNames, ", "))
		}
	}
	if c.Seconds < 1 || c.Rounds < 1 || c.Clients < 1 || c.Customers < 1 {
		return domain.Errorf(domain.Invalid, "seconds, rounds, clients and customers must each be 1 or more")
	}
	dir, err := os.MkdirTemp("", "whocomply-bench-")
	if err != nil {
		return err
	}
	report, err := c.measure(ctx, dir)
	if err := errors.Join(err, os.RemoveAll(dir)); err != nil {
		return err
	}
	return printResult(c.JSON, report, report.print)
}

// scenario is one kind of load on one server.
type scenario struct {
	name   string
	server *benchServer
	next   workload
	// batches says how many events were written in how many appends so far; nil if that is not known.
	batches func(context.Context) (bareStats, error)
	// settle waits until the read models show the position; nil if nothing follows the ledger.
	settle func(context.Context, int64) (settled, error)
}

// measure starts the servers, runs all rounds and stops the servers.
func (c *benchCmd) measure(ctx context.Context, dir string) (*benchReport, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var scenarios []scenario
	wants := func(names ...string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return slices.Contains(c.Only, n) })
	}
	if wants(barePost, bareGet) {
		server, err := startServer(ctx, filepath.Join(dir, "bare"), "bench-bare")
		if err != nil {
			return nil, err
		}
		defer server.close()
		bare, err := c.bareScenarios(server)
		if err != nil {
			return nil, err
		}
		scenarios = append(scenarios, bare...)
	}
	for prefix, flags := range c.installations() {
		if !wants(prefix+postEvents, prefix+postBooks, prefix+getRisk) {
			continue
		}
		tell("preparing the product: %d customers, %d accounts", c.Customers, benchAccounts)
		product, err := c.prepareProduct(ctx, filepath.Join(dir, prefix+"product"), flags)
		if err != nil {
			return nil, err
		}
		defer product.close()
		ours, err := c.productScenarios(product)
		if err != nil {
			return nil, err
		}
		for i := range ours {
			ours[i].name = prefix + ours[i].name
		}
		scenarios = append(scenarios, ours...)
	}
	scenarios = slices.DeleteFunc(scenarios, func(s scenario) bool { return !wants(s.name) })
	slices.SortFunc(scenarios, func(a, b scenario) int {
		return slices.Index(scenarioNames, a.name) - slices.Index(scenarioNames, b.name)
	})
	return c.rounds(ctx, scenarios)
}

// installations are the flags of those that are measured, by what begins the names of their scenarios.
func (c *benchCmd) installations() map[string][]string {
	all := map[string][]string{"": nil}
	var flags []string
	if c.EventStore != "" {
		flags = append(flags, "--eventstore", c.EventStore)
	}
	if c.Database != "" {
		flags = append(flags, "--database", c.Database)
	}
	if flags != nil {
		all[shared] = flags
	}
	return all
}

// rounds lets the scenarios take turns.
func (c *benchCmd) rounds(ctx context.Context, scenarios []scenario) (*benchReport, error) {
	report := newBenchReport(c, scenarios)
	for round := range c.Rounds {
		for i, s := range scenarios {
			m, err := c.measureOne(ctx, s)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", s.name, err)
			}
			if m.Errors > 0 && report.Scenarios[i].FirstError == "" {
				report.Scenarios[i].FirstError = m.firstError
				tell("%s: refused with %s", s.name, m.firstError)
			}
			report.Scenarios[i].Rounds = append(report.Scenarios[i].Rounds, m)
			tell("round %d of %d  %-10s %9.0f/s  p50 %6.2f ms  p99 %6.2f ms", round+1, c.Rounds, s.name, m.Rate, m.P50, m.P99)
		}
	}
	report.compare()
	return report, nil
}

// tell says on standard error how far the bench is.
func tell(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }

// measureOne runs a scenario once, for a sixth of the time before it measures. Processor time counts from the first request until the read models have caught
// up, over all requests: work that a server puts off is work.
func (c *benchCmd) measureOne(ctx context.Context, s scenario) (m measurement, err error) {
	before, err := s.server.cpu()
	if err != nil {
		return m, err
	}
	var stats [2]bareStats
	if s.batches != nil {
		if stats[0], err = s.batches(ctx); err != nil {
			return m, err
		}
	}
	window := time.Duration(c.Seconds) * time.Second
	r, err := load{addr: s.server.addr, clients: c.Clients, warmup: window / 6, window: window, next: s.next}.run(ctx)
	if err != nil {
		return m, err
	}
	m = measurement{
		Rate: r.perSecond(), P50: milliseconds(r.latency.quantile(0.5)), P99: milliseconds(r.latency.quantile(0.99)),
		Errors: r.errors, firstError: r.firstError,
	}
	if s.batches != nil {
		if stats[1], err = s.batches(ctx); err != nil {
			return m, err
		}
		m.Batch = float64(stats[1].Events-stats[0].Events) / float64(stats[1].Batches-stats[0].Batches)
	}
	if s.settle != nil {
		settled, err := s.settle(ctx, r.lastSeq)
		if err != nil {
			return m, err
		}
		m.Lag, m.CatchUp = settled.events, milliseconds(settled.took)
	}
	after, err := s.server.cpu()
	if err != nil {
		return m, err
	}
	m.CPU = float64((after - before).Microseconds()) / float64(r.answers)
	m.Memory, err = s.server.memory("VmHWM")
	return m, err
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// bareScenarios are those of the bare server.
func (c *benchCmd) bareScenarios(server *benchServer) ([]scenario, error) {
	random, now := rand.New(rand.NewPCG(3, 3)), time.Now().UTC().Truncate(time.Second)
	events, err := templates(benchVariants, barePostPath, "", func() any {
		return inventEvent(random, "ten_01K00000000000000000000000", c.Customers, now)
	})
	batches := func(ctx context.Context) (stats bareStats, err error) {
		r, err := server.get(ctx, bareStatsPath, "")
		if err != nil {
			return stats, err
		}
		return stats, json.Unmarshal(r.body, &stats)
	}
	return []scenario{
		{name: barePost, server: server, next: endless(events), batches: batches},
		{name: bareGet, server: server, next: anyOf([][]byte{rawRequest("GET", bareGetPath, "", nil)})},
	}, err
}

// prepareProduct starts the product and fills it.
func (c *benchCmd) prepareProduct(ctx context.Context, dir string, flags []string) (*benchProduct, error) {
	list := dir + "-sdn.csv"
	if err := inventList(list); err != nil {
		return nil, err
	}
	product, err := startProduct(ctx, dir, flags...)
	if err != nil {
		return nil, err
	}
	err = product.importList(ctx, list)
	if err == nil {
		err = product.prepare(ctx, c.Clients, c.Customers, c.Typologies)
	}
	if err != nil {
		product.close()
		return nil, err
	}
	return product, nil
}

// productScenarios are those of the product.
func (c *benchCmd) productScenarios(p *benchProduct) ([]scenario, error) {
	random, now := rand.New(rand.NewPCG(3, 3)), time.Now().UTC().Truncate(time.Second)
	events, err := templates(benchVariants, webhookPath, p.tenant.Key, func() any {
		return inventEvent(random, p.tenant.ID, c.Customers, now)
	})
	if err != nil {
		return nil, err
	}
	postings, err := templates(benchVariants, tenantPath("postings"), p.tenant.Key, func() any { return inventPosting(random, now) })
	if err != nil {
		return nil, err
	}
	views := make([][]byte, c.Customers)
	for i := range views {
		views[i] = p.getRequest("customers/" + customerID(i) + "/risk-view")
	}
	return []scenario{
		{name: postEvents, server: p.benchServer, next: endless(events), settle: p.settle},
		{name: postBooks, server: p.benchServer, next: endless(postings), settle: p.settle},
		{name: getRisk, server: p.benchServer, next: anyOf(views)},
	}, nil
}
