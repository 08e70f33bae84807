package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"

	"whocomply/domain/monitoring"
)

// benchProduct is the product's server with one tenant.
type benchProduct struct {
	*benchServer
	tenant struct {
		ID  string `json:"tenant_id"`
		Key string `json:"api_key"`
	}
}

// benchTenant is the slug of the tenant.
const (
	benchTenant   = "bench"
	benchAccounts = 200
	benchEntries  = 5000  // of the watchlist, when there is no real one
	benchVariants = 16384 // of the event: as many different counterparties
)

func tenantPath(resource string) string { return "/api/v1/tenants/" + benchTenant + "/" + resource }

const webhookPath = "/api/v1/events/webhook"

// startProduct makes a tenant and starts the server. The flags say where ledgers and read models are, if not in the
// data directory.
func startProduct(ctx context.Context, data string, flags ...string) (*benchProduct, error) {
	p := &benchProduct{}
	create := []string{"tenant", "create", "--data", data, "--slug", benchTenant, "--name", "Bench", "--log-level", "error", "--json"}
	cmd, err := ourselves(ctx, append(create, flags...)...)
	if err != nil {
		return nil, err
	}
	cmd.Stderr = os.Stderr
	created, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("tenant create: %w", err)
	}
	if err := json.Unmarshal(created, &p.tenant); err != nil {
		return nil, fmt.Errorf("tenant create: %w", err)
	}
	p.benchServer, err = startServer(ctx, data, append([]string{"serve", "--log-level", "warn"}, flags...)...)
	return p, err
}

// post is a POST of a value with the tenant's key.
func (p *benchProduct) post(resource string, value any) ([]byte, error) {
	return jsonRequest(tenantPath(resource), p.tenant.Key, value)
}

// getRequest is a GET with the tenant's key.
func (p *benchProduct) getRequest(resource string) []byte {
	return rawRequest("GET", tenantPath(resource), p.tenant.Key, nil)
}

// importList publishes a watchlist of OFAC's format, whose other files may be missing.
func (p *benchProduct) importList(ctx context.Context, sdn string) error {
	args := []string{"list", "import", "--data", p.data, "--list", "ofac-sdn", "--format", "ofac-csv", "--file", sdn, "--log-level", "error"}
	for _, name := range []string{"alt", "add"} {
		if path := filepath.Join(filepath.Dir(sdn), name+".csv"); exists(path) {
			args = append(args, "--"+name, path)
		}
	}
	cmd, err := ourselves(ctx, args...)
	if err != nil {
		return err
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("list import: %w\n%s", err, lastBytes(out, 2000))
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// inventList writes a watchlist of people who do not exist, in the columns of OFAC's sdn.csv.
func inventList(path string) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(1, 1))
	rows := make([][]string, benchEntries)
	for i := range rows {
		rows[i] = []string{strconv.Itoa(i + 1), randomName(random), "individual", "SDGT"}
		for len(rows[i]) < 12 {
			rows[i] = append(rows[i], "-0-")
		}
	}
	if err := csv.NewWriter(file).WriteAll(rows); err != nil {
		return err
	}
	return file.Close()
}

// fill sends requests once each, from a few clients, and fails if one is refused.
func (p *benchProduct) fill(ctx context.Context, clients int, requests [][]byte) (*loadResult, error) {
	return fill(ctx, load{addr: p.addr, clients: clients, next: each(requests)})
}

// prepareRules gives the tenant its rules.
func (p *benchProduct) prepareRules(ctx context.Context) error {
	rules := make([][]byte, len(benchRules))
	for i, r := range benchRules {
		var err error
		if rules[i], err = p.post("monitoring-rules", r); err != nil {
			return err
		}
	}
	if _, err := p.fill(ctx, 1, rules); err != nil {
		return fmt.Errorf("monitoring rules: %w", err)
	}
	return nil
}

// installTypologies gives the tenant every rule of the catalogue, as it comes.
func (p *benchProduct) installTypologies(ctx context.Context) error {
	var installs [][]byte
	for _, typology := range monitoring.Catalogue() {
		request, err := p.post("monitoring-rules/catalogue/"+typology.ID+"/install", struct{}{})
		if err != nil {
			return err
		}
		installs = append(installs, request)
	}
	if _, err := p.fill(ctx, 1, installs); err != nil {
		return fmt.Errorf("typologies: %w", err)
	}
	return nil
}

// prepare gives the tenant the rules, customers and accounts with which the scenarios work.
func (p *benchProduct) prepare(ctx context.Context, clients, customers int, typologies bool) error {
	prepareRules := p.prepareRules
	if typologies {
		prepareRules = p.installTypologies
	}
	if err := prepareRules(ctx); err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(2, 2))
	requests := make([][]byte, customers+benchAccounts)
	for i := range requests {
		var err error
		if i < customers {
			requests[i], err = p.post("customers", inventCustomer(random, i))
		} else {
			requests[i], err = p.post("accounts", inventAccount(i-customers))
		}
		if err != nil {
			return err
		}
	}
	filled, err := p.fill(ctx, clients, requests)
	if err != nil {
		return fmt.Errorf("customers and accounts: %w", err)
	}
	_, err = p.settle(ctx, filled.lastSeq)
	return err
}

// settled says how far the read models were behind the ledger and how long it took them to catch up.
type settled struct {
	events int64
	took   time.Duration
}

const settlePatience = 2 * time.Minute

// settle waits until reads of the customers' risk and of the postings show the position.
func (p *benchProduct) settle(ctx context.Context, seq int64) (settled, error) {
	var s settled
	started := time.Now()
	conn, err := dialRaw(ctx, p.addr)
	if err != nil {
		return s, err
	}
	defer conn.close()
	for _, resource := range []string{"customers?limit=1", "customers/" + customerID(0) + "/risk-view", "postings?limit=1"} {
		request := p.getRequest(resource)
		for {
			r, err := conn.roundTrip(request)
			if err != nil {
				return s, err
			}
			if r.status != 200 || r.seq < 0 {
				return s, fmt.Errorf("GET %s answers %d without a position: %.200s", resource, r.status, r.body)
			}
			s.events, s.took = max(s.events, seq-r.seq), time.Since(started)
			if r.seq >= seq {
				break
			}
			if s.took > settlePatience {
				return s, fmt.Errorf("read models are still %d events behind after %s", seq-r.seq, settlePatience)
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
	return s, nil
}
