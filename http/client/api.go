package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strconv"
)

// List says which part of a list is wanted. Filter holds the parameters of the operation, such as
// "status": {"open"}.
type List struct {
	Limit, Offset int // 20 and 0 if zero
	Filter        url.Values
}

func (l List) query() url.Values {
	q := url.Values{}
	maps.Copy(q, l.Filter)
	if l.Limit != 0 {
		q.Set("limit", strconv.Itoa(l.Limit))
	}
	if l.Offset != 0 {
		q.Set("offset", strconv.Itoa(l.Offset))
	}
	return q
}

func create(path string, body any) request {
	return request{method: http.MethodPost, path: path, body: body, write: true}
}

func keyed(path string, body any) request {
	return request{method: http.MethodPost, path: path, body: body, write: true, keyed: true}
}

func get[T any](ctx context.Context, c *Client, parts ...string) (T, error) {
	return call[T](ctx, c, request{method: http.MethodGet, path: c.tenant(parts...)})
}

func list[T any](ctx context.Context, c *Client, l List, parts ...string) (page Page[T], err error) {
	r := request{method: http.MethodGet, path: c.tenant(parts...), query: l.query()}
	answer, err := c.send(ctx, r)
	if err != nil {
		return page, err
	}
	page.Pagination = answer.Pagination
	return page, decode(answer.Data, &page.Items)
}

// PushCustomer states the whole profile of a customer, once or again.
func (c *Client) PushCustomer(ctx context.Context, p Profile) (Customer, error) {
	return call[Customer](ctx, c, create(c.tenant("customers"), p))
}

// PatchCustomer merges members into a profile (RFC 7396).
func (c *Client) PatchCustomer(ctx context.Context, id string, merge map[string]any) (Customer, error) {
	return call[Customer](ctx, c, request{
		method: http.MethodPatch, path: c.tenant("customers", id), body: merge, write: true, keyed: true,
	})
}

// Customer reads a customer by our id or your external_id.
func (c *Client) Customer(ctx context.Context, id string) (Customer, error) {
	return get[Customer](ctx, c, "customers", id)
}

// Customers lists customers.
func (c *Client) Customers(ctx context.Context, l List) (Page[Customer], error) {
	return list[Customer](ctx, c, l, "customers")
}

// RiskView reads a customer's risk, at the time of a decision.
func (c *Client) RiskView(ctx context.Context, id string) (RiskView, error) {
	return get[RiskView](ctx, c, "customers", id, "risk-view")
}

// PushEvent has an event decided and recorded, once. Without a TenantID it is the client's tenant.
func (c *Client) PushEvent(ctx context.Context, e Event) (Decision, error) {
	if e.TenantID == "" {
		e.TenantID = c.options.Tenant
	}
	return call[Decision](ctx, c, create("/api/v1/events/webhook", e))
}

// PushEvents has at most 500 events decided in their order and recorded, each once. An event that is
// refused is told in its result and is no error.
func (c *Client) PushEvents(ctx context.Context, events []Event) (Batch, error) {
	return call[Batch](ctx, c, create(c.tenant("events", "batch"), map[string]any{"events": events}))
}

// Event reads an event by your event_id.
func (c *Client) Event(ctx context.Context, id string) (RecordedEvent, error) {
	return get[RecordedEvent](ctx, c, "events", id)
}

// Events lists events, newest first.
func (c *Client) Events(ctx context.Context, l List) (Page[RecordedEvent], error) {
	return list[RecordedEvent](ctx, c, l, "events")
}

// OpenAccount opens an account, once.
func (c *Client) OpenAccount(ctx context.Context, a Account) (Account, error) {
	return call[Account](ctx, c, create(c.tenant("accounts"), a))
}

// Account reads an account.
func (c *Client) Account(ctx context.Context, id string) (Account, error) {
	return get[Account](ctx, c, "accounts", id)
}

// BalanceAsOf reads a balance as the ledger knew it at a position or at an RFC 3339 time.
func (c *Client) BalanceAsOf(ctx context.Context, id, asOf string) (Balance, error) {
	return at[Balance](ctx, c, asOf, "accounts", id, "balance")
}

// Balance reads the balance of an account.
func (c *Client) Balance(ctx context.Context, id string) (Balance, error) {
	return get[Balance](ctx, c, "accounts", id, "balance")
}

// RecordPosting records a posting, once.
func (c *Client) RecordPosting(ctx context.Context, p Posting) (Posting, error) {
	return call[Posting](ctx, c, create(c.tenant("postings"), p))
}

// PostPosting posts a pending posting: all of it, or the part that entries are.
func (c *Client) PostPosting(ctx context.Context, id string, entries ...Entry) (Posting, error) {
	if len(entries) == 0 {
		return call[Posting](ctx, c, create(c.tenant("postings", id, "post"), nil))
	}
	return call[Posting](ctx, c, create(c.tenant("postings", id, "post"), map[string][]Entry{"entries": entries}))
}

// Posting reads a posting by your posting_id.
func (c *Client) Posting(ctx context.Context, id string) (Posting, error) {
	return get[Posting](ctx, c, "postings", id)
}

// Postings lists postings.
func (c *Client) Postings(ctx context.Context, l List) (Page[Posting], error) {
	return list[Posting](ctx, c, l, "postings")
}

// TrialBalance reads the totals of all accounts and a part of the accounts. Filter may hold as_of,
// effective_at and currency.
func (c *Client) TrialBalance(ctx context.Context, l List) (TrialBalance, Pagination, error) {
	answer, err := c.send(ctx, request{method: http.MethodGet, path: c.tenant("trial-balance"), query: l.query()})
	if err != nil {
		return TrialBalance{}, Pagination{}, err
	}
	var t TrialBalance
	return t, answer.Pagination, decode(answer.Data, &t)
}

// Accounts lists accounts.
func (c *Client) Accounts(ctx context.Context, l List) (Page[Account], error) {
	return list[Account](ctx, c, l, "accounts")
}

// VoidPosting voids a pending posting.
func (c *Client) VoidPosting(ctx context.Context, id string) (Posting, error) {
	return call[Posting](ctx, c, create(c.tenant("postings", id, "void"), nil))
}

// ReversePosting records a posting that reverses another one; postingID is that of the reversal.
func (c *Client) ReversePosting(ctx context.Context, id, postingID, description string) (Posting, error) {
	return call[Posting](ctx, c, create(c.tenant("postings", id, "reverse"), Posting{PostingID: postingID, Description: description}))
}

// CreateRule puts a monitoring rule in force. Two calls make two rules.
func (c *Client) CreateRule(ctx context.Context, r Rule) (Rule, error) {
	return call[Rule](ctx, c, keyed(c.tenant("monitoring-rules"), r))
}

// Rule reads a monitoring rule.
func (c *Client) Rule(ctx context.Context, id string) (Rule, error) {
	return get[Rule](ctx, c, "monitoring-rules", id)
}

// Rules lists monitoring rules.
func (c *Client) Rules(ctx context.Context, l List) (Page[Rule], error) {
	return list[Rule](ctx, c, l, "monitoring-rules")
}

// PatchRule merges members into a rule (RFC 7396) and makes a new version of it.
func (c *Client) PatchRule(ctx context.Context, id string, merge map[string]any) (Rule, error) {
	return call[Rule](ctx, c, request{method: http.MethodPatch, path: c.tenant("monitoring-rules", id), body: merge, write: true})
}

// Shadow tells what a rule found in the shadow, beside what live rules did on the same days. The
// filter may hold since and until, dates.
func (c *Client) Shadow(ctx context.Context, id string, filter url.Values) (Shadow, error) {
	return call[Shadow](ctx, c, request{method: http.MethodGet, path: c.tenant("monitoring-rules", id, "shadow"), query: filter})
}

// RuleVersions lists what a rule has been, newest first.
func (c *Client) RuleVersions(ctx context.Context, id string, l List) (Page[RuleVersion], error) {
	return list[RuleVersion](ctx, c, l, "monitoring-rules", id, "versions")
}

// Typologies lists the catalogue of typologies.
func (c *Client) Typologies(ctx context.Context) (Page[Typology], error) {
	return list[Typology](ctx, c, List{}, "monitoring-rules", "catalogue")
}

// InstallTypology makes a rule of a typology. Two calls make two rules.
func (c *Client) InstallTypology(ctx context.Context, name string, i Installation) (Rule, error) {
	return call[Rule](ctx, c, keyed(c.tenant("monitoring-rules", "catalogue", name, "install"), i))
}

// DeleteRule takes a rule out of force. If an answer was lost, the rule may be unknown by then.
func (c *Client) DeleteRule(ctx context.Context, id string) error {
	_, err := c.send(ctx, request{method: http.MethodDelete, path: c.tenant("monitoring-rules", id), write: true})
	return err
}

// PutReferenceList states the whole of a reference list.
func (c *Client) PutReferenceList(ctx context.Context, l ReferenceList) (ReferenceList, error) {
	return call[ReferenceList](ctx, c, create(c.tenant("reference-lists"), l))
}

// ReferenceLists lists the reference lists, those that are shipped too.
func (c *Client) ReferenceLists(ctx context.Context, l List) (Page[ReferenceList], error) {
	return list[ReferenceList](ctx, c, l, "reference-lists")
}

// ReferenceList reads a reference list as it is.
func (c *Client) ReferenceList(ctx context.Context, name string) (ReferenceList, error) {
	return get[ReferenceList](ctx, c, "reference-lists", name)
}

// ReferenceListVersions lists what a reference list has been, newest first.
func (c *Client) ReferenceListVersions(ctx context.Context, name string, l List) (Page[ReferenceList], error) {
	return list[ReferenceList](ctx, c, l, "reference-lists", name, "versions")
}

// PutReferenceRates states the reference rates of a day.
func (c *Client) PutReferenceRates(ctx context.Context, r ReferenceRates) (ReferenceRates, error) {
	return call[ReferenceRates](ctx, c, create(c.tenant("reference-rates"), r))
}

// ReferenceRates lists reference rates, newest first.
func (c *Client) ReferenceRates(ctx context.Context, l List) (Page[ReferenceRates], error) {
	return list[ReferenceRates](ctx, c, l, "reference-rates")
}

// AddWatchlistEntry puts an entry on a list of your own.
func (c *Client) AddWatchlistEntry(ctx context.Context, e WatchlistEntry) (WatchlistEntry, error) {
	return call[WatchlistEntry](ctx, c, keyed(c.tenant("watchlist-entries"), e))
}

// Search looks for a name on the lists in force and records nothing.
func (c *Client) Search(ctx context.Context, name string) (Screened, error) {
	r := create(c.tenant("screening", "search"), map[string]string{"name": name})
	r.write = false
	return call[Screened](ctx, c, r)
}

// SearchAsTyped gives at most limit hits, 10 if it is zero, for a name that somebody is typing: first
// what has words that begin so.
func (c *Client) SearchAsTyped(ctx context.Context, typed string, limit int) (Screened, error) {
	body := map[string]any{"name": typed, "as_you_type": true}
	if limit != 0 {
		body["limit"] = limit
	}
	r := create(c.tenant("screening", "search"), body)
	r.write = false
	return call[Screened](ctx, c, r)
}

// Alert reads the facts of an alert.
func (c *Client) Alert(ctx context.Context, id string) (Alert, error) {
	return get[Alert](ctx, c, "alerts", id)
}

// Alerts lists alerts.
func (c *Client) Alerts(ctx context.Context, l List) (Page[Alert], error) {
	return list[Alert](ctx, c, l, "alerts")
}

// Work takes a step with an alert.
func (c *Client) Work(ctx context.Context, id string, s Step) (Alert, error) {
	return call[Alert](ctx, c, keyed(c.tenant("alerts", id, s.Verb), s))
}

// WriteJournal copies the books in the language of hledger or beancount to w. Filter may hold as_of
// and effective_at. It is not repeated: after an error, what was copied is a part of it.
func (c *Client) WriteJournal(ctx context.Context, w io.Writer, format string, filter url.Values) error {
	r := request{method: http.MethodGet, path: c.tenant("journal"), query: List{Filter: filter}.query()}
	r.query.Set("format", format)
	return c.copy(ctx, w, r)
}

// copy copies the answer to a request to w.
func (c *Client) copy(ctx context.Context, w io.Writer, r request) error {
	req, err := c.prepare(ctx, r, "", nil)
	if err != nil {
		return err
	}
	resp, err := c.options.HTTP.Do(req)
	if err != nil {
		return fmt.Errorf("%s %s: %w", r.method, r.path, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
		return errors.Join(failed(r, resp, text), err)
	}
	_, err = io.Copy(w, resp.Body)
	return err
}
