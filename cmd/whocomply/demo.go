package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"whocomply/domain/access"
	"whocomply/domain/ledger"
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
		List: "ofac-sdn", Format: "ofac-csv", Category: "sanctions", File: filepath.Join(sdn, "sdn.csv"),
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
	api := apiClient{base: address + "/api/v1/", key: issued.APIKey, client: &http.Client{Timeout: time.Minute}}
	report, finish := showProgress("sample data")
	defer finish()
	if err := api.load(ctx, sample, report); err != nil {
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

// apiClient calls the public API as an institution's system does.
type apiClient struct {
	base, key string
	client    *http.Client
}

// load pushes the sample with a few requests in flight: what later steps name must be there first.
// Each body has a key of its own, so that a load that was interrupted can be done again.
func (a *apiClient) load(ctx context.Context, s *sample, report progress) error {
	total, done := int64(s.size()), int64(0)
	for _, step := range s.steps() {
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(16)
		for i, item := range step.bodies {
			group.Go(func() error { return a.post(ctx, step.path, fmt.Sprint("sample ", i), item) })
		}
		if err := group.Wait(); err != nil {
			return err
		}
		done += int64(len(step.bodies))
		report(done, total)
	}
	return nil
}

// post sends one body and wants success.
func (a *apiClient) post(ctx context.Context, path, key string, body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.base+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+a.key)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", key)
	resp, err := a.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode >= 300 {
		err = fmt.Errorf("POST %s: %s: %s", path, resp.Status, answer)
	}
	return err
}
