package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"

	"whocomply/domain/ledger"
)

// client calls the public API with a tenant's key.
type client struct {
	t               testing.TB
	base, slug, key string
	http            *http.Client
}

func newHTTPClient(t testing.TB) *http.Client {
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: patience}
}

// on gives the client for another address of the server.
func (c *client) on(s *server) *client {
	moved := *c
	moved.base = s.address
	return &moved
}

// reply is what the API answered.
type reply struct {
	t      testing.TB
	status int
	header http.Header
	body   []byte
}

// call sends a request. The error says that there was no whole answer.
func (c *client) call(method, path string, body any, headers ...string) (*reply, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	if body == nil {
		text = nil
	}
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.base+path, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	if c.key != "" {
		req.Header.Set("Authorization", "Bearer "+c.key)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	return &reply{c.t, resp.StatusCode, resp.Header, got}, err
}

// want sends a request that has to be answered with a status.
func (c *client) want(status int, method, path string, body any, headers ...string) *reply {
	c.t.Helper()
	got, err := c.call(method, path, body, headers...)
	if err != nil {
		c.t.Fatal(err)
	}
	if got.status != status {
		c.t.Fatalf("%s %s: %d, want %d: %s", method, path, got.status, status, got.body)
	}
	return got
}

// read gives the data of an answer.
func (r *reply) read(data any) {
	r.t.Helper()
	if err := json.Unmarshal(r.body, &struct{ Data any }{data}); err != nil {
		r.t.Errorf("%v in %s", err, r.body)
	}
}

func (r *reply) receipt() ledger.Receipt {
	r.t.Helper()
	var data struct{ Receipt ledger.Receipt }
	r.read(&data)
	return data.Receipt
}

// tenantPath is the address of a resource of the client's tenant.
func (c *client) tenantPath(format string, args ...any) string {
	return "/api/v1/tenants/" + c.slug + fmt.Sprintf(format, args...)
}

// write is a request that changes something, with the id that makes it one of its kind.
type write struct {
	path, key string // key is the Idempotency-Key, if the body has no id
	body      object
}

func (c *client) write(w write) (*reply, error) {
	if w.key == "" {
		return c.call("POST", w.path, w.body)
	}
	return c.call("POST", w.path, w.body, "Idempotency-Key", w.key)
}

// made sends a write that has to be new.
func (c *client) made(w write) *reply {
	c.t.Helper()
	got, err := c.write(w)
	if err != nil {
		c.t.Fatal(err)
	}
	if got.status != http.StatusCreated {
		c.t.Fatalf("POST %s: %d: %s", w.path, got.status, got.body)
	}
	return got
}

func (c *client) customer(id, name string) write {
	return write{path: c.tenantPath("/customers"), key: "push " + id, body: object{
		"external_id": id, "type": "individual", "email": "someone@example.com", "full_name": name, "country_of_residence": "DE",
	}}
}

func (c *client) account(id string) write {
	return write{path: c.tenantPath("/accounts"), body: object{"id": id, "name": "Account", "type": "asset", "currency": "EUR"}}
}

func (c *client) event(id, customer string) write {
	return write{path: "/api/v1/events/webhook", body: object{
		"tenant_id": c.slug, "event_id": id, "event_type": "transaction.created", "occurred_at": "2026-01-31T09:00:00Z",
		"customer_id": customer,
		"data": object{"transaction": object{
			"id": id, "amount": "12.50", "currency": "EUR", "direction": "out", "counterparty": object{"name": "Olga Beta"},
		}},
	}}
}

func (c *client) posting(id, debit, credit string) write {
	entry := func(account, direction string) object {
		return object{"account": account, "direction": direction, "amount": "10.01", "currency": "EUR"}
	}
	return write{path: c.tenantPath("/postings"), body: object{
		"posting_id": id, "effective_at": "2026-01-31T09:00:00Z", "description": "rent",
		"entries": []object{entry(debit, "debit"), entry(credit, "credit")},
	}}
}
