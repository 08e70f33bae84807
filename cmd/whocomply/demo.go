package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sync/errgroup"

	"whocomply/domain/access"
	"whocomply/domain/ledger"
	api "whocomply/http/client"
)

// demoCmd is the server with an institution to try it on.
type demoCmd struct {
	serveFlags
	Testdata string `help:"Folder of the sample data." default:"./testdata" type:"existingdir"`
}

// demoKeyFile keeps the demo tenant's API key, so that a later start can show it again. Only a
// demo does that.
const demoKeyFile = "demo-api-key"

// Run is the command.
func (c *demoCmd) Run(ctx context.Context) error {
	return c.serve(ctx, func(in *Instance, address string) error {
		if err := c.ready(ctx, in, address); err != nil && !errors.Is(err, context.Canceled) {
			return fmt.Errorf("demo data: %w", err)
		}
		return nil
	})
}

// ready makes the demo tenant on the first start and tells what to try.
func (c *demoCmd) ready(ctx context.Context, in *Instance, address string) error {
	key, err := os.ReadFile(c.path(demoKeyFile))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if key, err = c.seed(ctx, in, address); err != nil {
			return err
		}
	case err != nil:
		return err
	}
	return c.explain(ctx, in, address, string(key))
}

// seed loads the sample data: lists as an operator, all else through the public API.
func (c *demoCmd) seed(ctx context.Context, in *Instance, address string) ([]byte, error) {
	if _, err := in.Ledgers.CreateTenant(ctx, operatorActor, access.CreateTenant{Slug: "demo", Name: "Demo Bank"}); err != nil {
		return nil, err
	}
	issued, err := in.issueKey(ctx, "demo", access.Key{Name: "demo", Scopes: access.Scopes()})
	if err != nil {
		return nil, err
	}
	sdn := filepath.Join(c.Testdata, "lists", "ofac-sdn")
	list := listImportCmd{
		List: "ofac-sdn", Format: "ofac-csv", Category: "sanctions", File: []string{filepath.Join(sdn, "sdn.csv")},
		Alt: filepath.Join(sdn, "alt.csv"), Add: filepath.Join(sdn, "add.csv"),
	}
	published, err := list.read()
	if err != nil {
		return nil, err
	}
	if _, err := in.Ledgers.PublishList(ctx, operatorActor, published); err != nil {
		return nil, err
	}
	sample, err := readSample(filepath.Join(c.Testdata, "datasets"))
	if err != nil {
		return nil, err
	}
	caller := api.New(api.Options{Address: address, Tenant: "demo", Key: issued.APIKey})
	report, finish := showProgress("sample data")
	defer finish()
	if err := pushSample(ctx, caller, sample, report); err != nil {
		return nil, err
	}
	return []byte(issued.APIKey), writeDurably(c.path(demoKeyFile), []byte(issued.APIKey))
}

// explain prints what a newcomer can paste. Pasted all at once, the reads follow the push within
// milliseconds, so they name the position from which on it shows.
func (c *demoCmd) explain(ctx context.Context, in *Instance, address, key string) error {
	from, err := in.Ledgers.Size(ctx, "demo")
	if err != nil {
		return err
	}
	if err := in.Ledgers.View(ctx, "demo", func(s *ledger.State) error {
		if s.Customers.Find("try-1") != nil { // pushed at an earlier start: there is nothing to wait for
			from = 0
		}
		return nil
	}); err != nil {
		return err
	}
	say(`
WhoComply serves on %[1]s. The tenant is "demo", and this API key has every scope:

  %[2]s

Push a customer whose name is on the OFAC list:

  curl -s %[1]s/api/v1/tenants/demo/customers -H 'Authorization: Bearer %[2]s' -H 'Content-Type: application/json' -d '%[3]s'

Read the customer's risk at transaction time; it says "sanctions_flag":true:

  curl -s '%[1]s/api/v1/tenants/demo/customers/try-1/risk-view?min_seq=%[4]d' -H 'Authorization: Bearer %[2]s'

Read the alert; it names the version and the digest of the list:

  curl -s '%[1]s/api/v1/tenants/demo/alerts?customer_id=try-1&min_seq=%[4]d' -H 'Authorization: Bearer %[2]s'
`, address, key, demoCustomer, from)
	return nil
}

// demoCustomer carries a name of the sample's list, as a bank would receive it.
const demoCustomer = `{"external_id":"try-1","type":"individual","email":"try-1@example.com","full_name":"Sergey Vitalievich Kurchenko","country_of_residence":"UA"}`

// pushSample pushes the sample with a few requests in flight: what later groups name must be there first.
// Each write has a key of its own, so that a load that was interrupted can be done again.
func pushSample(ctx context.Context, caller *api.Client, s *sample, report progress) error {
	groups := s.sendings(caller)
	total, done := int64(len(slices.Concat(groups...))), int64(0)
	for _, writes := range groups {
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(16)
		for i, send := range writes {
			group.Go(func() error { return send(api.WithIdempotencyKey(ctx, fmt.Sprint("sample ", i))) })
		}
		if err := group.Wait(); err != nil {
			return err
		}
		done += int64(len(writes))
		report(done, total)
	}
	return nil
}
