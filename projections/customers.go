package projections

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"whocomply/domain"
	"whocomply/domain/customer"
	"whocomply/domain/risk"
	"whocomply/domain/screening"
)

// Customer is a customer with what is known about it. In JSON the profile's members stand beside
// the others, as they do in a push.
type Customer struct {
	ID string `json:"id"`
	customer.Profile
	Version      int       `json:"version"`
	Status       string    `json:"status"`                  // active or closed
	StatusReason string    `json:"status_reason,omitempty"` // why it was closed or reopened last
	ClosedAt     time.Time `json:"closed_at,omitzero"`
	CreatedAt    time.Time `json:"created_at"`
	UpdatedAt    time.Time `json:"updated_at"` // of the profile or the status
	Risk         Risk      `json:"risk"`
	Screening    Screening `json:"screening"`
	OpenAlerts   []string  `json:"open_alerts"`  // ids, newest first, at most 100
	Seq          int64     `json:"seq,omitzero"` // of the last event that changed this, alerts aside
}

// Risk is a customer's rating in short.
type Risk struct {
	domain.RiskMark
	SanctionsFlag bool `json:"sanctions_flag"`
	PEPFlag       bool `json:"pep_flag"`
	EDDRequired   bool `json:"edd_required"`
}

// Screening is the last screening of a customer's profile.
type Screening struct {
	ScreenedAt time.Time   `json:"screened_at,omitzero"`
	Rescreened *Rescreened `json:"rescreened,omitempty"` // by a run since then, with the same result
	domain.Screened
}

// by says that a run has screened a customer since, and found the same.
func (s *Screening) by(run *ScreeningRun) {
	if run != nil && run.StartedAt.After(s.ScreenedAt) {
		s.Rescreened = &Rescreened{RunID: run.ID, At: run.EndedAt, Lists: run.Lists, Stale: run.Stale}
	}
}

// CustomerFilter narrows a list of customers. Empty fields do not.
type CustomerFilter struct {
	Rating       string
	KYCStatus    string
	Type         string
	Status       string
	UpdatedSince time.Time
	Prefix       string // of the external_id, or of the name whatever its case
	Sort         string // created_at, updated_at or composite_score, with a minus for falling order; created_at if empty
}

// noKYC is the KYC status of a customer whose profile says nothing about it.
const noKYC = "not_started"

// KYCStatus is the KYC status that read models show of a profile.
func KYCStatus(p *customer.Profile) string {
	if p.KYC == nil || p.KYC.Status == "" {
		return noKYC
	}
	return p.KYC.Status
}

// customers is the projection Customers.
type customers struct {
	changed map[entity]*customerChange
	order   []entity
	changes rows
	created rows
	updated rows
}

// entity names a thing of a ledger.
type entity struct{ ledger, id string }

func (e entity) compare(f entity) int {
	return cmp.Or(strings.Compare(e.ledger, f.ledger), strings.Compare(e.id, f.id))
}

// customerChange is what a batch says of one customer; what is nil stays as it is.
type customerChange struct {
	created   *domain.Envelope // of the first push
	pushed    *customer.Pushed
	standing  *customerStanding
	updated   time.Time
	risk      *risk.Rating
	screening *Screening
	seq       int64
}

// customerStanding is the status of a customer since it was closed or reopened.
type customerStanding struct {
	status, reason string
	closedAt       int64
}

func (*customers) model() Model { return Customers }
func (*customers) version() int { return 2 }

func (c *customers) forget() {
	c.changed, c.order = nil, c.order[:0]
	c.changes.forget()
	c.created.forget()
	c.updated.forget()
}

func (c *customers) change(e *domain.Envelope, id string) *customerChange {
	if c.changed == nil {
		c.changed = map[entity]*customerChange{}
	}
	k := entity{e.Ledger, id}
	change := c.changed[k]
	if change == nil {
		change = &customerChange{}
		c.changed[k] = change
		c.order = append(c.order, k)
	}
	change.seq = e.Seq
	return change
}

// update is a change of the profile to a version, or of the status.
func (c *customers) update(e *domain.Envelope, id string, version int) *customerChange {
	change := c.change(e, id)
	change.updated = e.Time
	c.changes.add(e.Ledger, id, e.Seq, version)
	return change
}

func (c *customers) apply(_ *writer, e *domain.Envelope) error {
	switch event := e.Event.(type) {
	case customer.Pushed:
		change := c.update(e, event.CustomerID, event.Version)
		if event.Version == 1 {
			change.created = e
		}
		change.pushed = &event
	case customer.Closed:
		c.update(e, event.CustomerID, 0).standing = &customerStanding{customer.StatusClosed, event.Reason, micros(e.Time)}
	case customer.Reopened:
		c.update(e, event.CustomerID, 0).standing = &customerStanding{customer.StatusActive, event.Reason, 0}
	case risk.Rated:
		c.change(e, event.CustomerID).risk = &event.Rating
	case screening.Completed:
		c.change(e, event.CustomerID).screening = &Screening{ScreenedAt: e.Time, Screened: event.Screened}
	}
	return nil
}

// customerParts are the columns that events change. What an event does not speak of is null in a change.
const customerParts = "updated_at, version, type, name_key, kyc_status, profile, rating, score, risk, screening, status, closed_at, reason"

var (
	customerTable    = inserting("customers (ledger, id, external_id, created_seq, created_at, seq, "+customerParts+")", "")
	customersChanged = updating("customers SET seq = v.seq , "+coalesced("customers", customerParts)+" WHERE customers.ledger = v.ledger AND customers.id = v.id ",
		append([]string{"ledger", "id", "seq"}, strings.Split(customerParts, ", ")...)...)
	customerChangeTable = inserting("customer_changes (ledger, id, seq, version)", "")
)

// coalesced sets columns to what is given, and leaves those as they are for which nothing is.
func coalesced(table, columns string) string {
	var sets []string
	for column := range strings.SplitSeq(columns, ", ") {
		sets = append(sets, column+" = COALESCE(v."+column+" , "+table+"."+column+")")
	}
	return strings.Join(sets, ", ")
}

func (c *customers) write(w *writer) error {
	for _, k := range c.order {
		if err := c.add(k, c.changed[k]); err != nil {
			return err
		}
	}
	if err := w.run(customerTable, &c.created); err != nil {
		return err
	}
	if err := w.run(customersChanged, &c.updated); err != nil {
		return err
	}
	return w.run(customerChangeTable, &c.changes)
}

// add makes a row of a change.
func (c *customers) add(k entity, change *customerChange) error {
	if change.created != nil {
		change.risk = cmp.Or(change.risk, &risk.Rating{})
		change.screening = cmp.Or(change.screening, &Screening{})
		change.standing = cmp.Or(change.standing, &customerStanding{status: customer.StatusActive})
	}
	parts, err := change.parts()
	if err != nil {
		return err
	}
	if created := change.created; created != nil {
		c.created.add(slices.Concat([]any{
			k.ledger, k.id, change.pushed.Profile.ExternalID, created.Seq, micros(created.Time), change.seq,
		}, parts)...)
		return nil
	}
	c.updated.add(append([]any{k.ledger, k.id, change.seq}, parts...)...)
	return nil
}

// parts gives the values of customerParts.
func (c *customerChange) parts() ([]any, error) {
	var updated, version, kind, name, kyc, profile, rating, score, assessed, screened, status, closed, reason any
	var err error
	if !c.updated.IsZero() {
		updated = micros(c.updated)
	}
	if c.pushed != nil {
		p := &c.pushed.Profile
		version, kind, name, kyc = c.pushed.Version, p.Type, strings.ToLower(p.Name()), KYCStatus(p)
		if profile, err = docOf(p); err != nil {
			return nil, err
		}
	}
	if c.risk != nil {
		rating, score = c.risk.Rating, c.risk.Score
		if assessed, err = docOf(Risk{c.risk.RiskMark, c.risk.SanctionsFlag, c.risk.PEPFlag, c.risk.EDDRequired}); err != nil {
			return nil, err
		}
	}
	if c.screening != nil {
		if screened, err = docOf(c.screening); err != nil {
			return nil, err
		}
	}
	if c.standing != nil {
		status, closed, reason = c.standing.status, c.standing.closedAt, c.standing.reason
	}
	return []any{updated, version, kind, name, kyc, profile, rating, score, assessed, screened, status, closed, reason}, nil
}

const customerColumns = "id, created_at, updated_at, version, profile, risk, screening, status, closed_at, reason, seq"

func scanCustomer(row scanner) (c Customer, err error) {
	var created, updated, closed int64
	var profile, assessed, screened []byte
	err = row.Scan(&c.ID, &created, &updated, &c.Version, &profile, &assessed, &screened, &c.Status, &closed, &c.StatusReason, &c.Seq)
	if err != nil {
		return c, err
	}
	c.CreatedAt, c.UpdatedAt = timeOf(created), timeOf(updated)
	if closed != 0 {
		c.ClosedAt = timeOf(closed)
	}
	for _, part := range []struct {
		doc []byte
		to  any
	}{{profile, &c.Profile}, {assessed, &c.Risk}, {screened, &c.Screening}} {
		if err := json.Unmarshal(part.doc, part.to); err != nil {
			return c, err
		}
	}
	if c.KYC == nil {
		c.KYC = &customer.KYC{Status: noKYC}
	}
	return c, nil
}

// Customer gives a customer by our id or by external_id, or domain.Unknown. Where one
// customer's external_id is another's id of ours, ours counts.
func (db *DB) Customer(ctx context.Context, ledger, id string) (Customer, error) {
	c, err := byName(id, func(column string) (Customer, error) {
		return one(ctx, db, "customer", scanCustomer,
			"SELECT "+customerColumns+" FROM customers WHERE ledger = ? AND "+column+" = ?", ledger, id)
	})
	if err != nil {
		return c, err
	}
	if c.OpenAlerts, err = db.openAlerts(ctx, ledger, c.ID); err != nil {
		return c, err
	}
	return c, db.RescreenedAsOf(ctx, ledger, math.MaxInt64, &c.Screening)
}

// customerOrders are the orders of a list of customers; what is alike stays in order of creation.
var customerOrders = map[string]string{
	"":                 "created_seq",
	"created_at":       "created_seq",
	"-created_at":      "created_seq DESC",
	"updated_at":       "updated_at, created_seq",
	"-updated_at":      "updated_at DESC, created_seq DESC",
	"composite_score":  "score, created_seq",
	"-composite_score": "score DESC, created_seq DESC",
}

// Customers lists customers, and says how many there are.
func (db *DB) Customers(ctx context.Context, ledger string, f CustomerFilter, p Page) ([]Customer, int64, error) {
	q := listing{columns: customerColumns, from: "customers", where: "ledger = ?", order: customerOrders[f.Sort], args: []any{ledger}}
	q.narrow("rating", f.Rating)
	q.narrow("kyc_status", f.KYCStatus)
	q.narrow("type", f.Type)
	q.narrow("status", f.Status)
	q.between("updated_at", f.UpdatedSince, time.Time{})
	if f.Prefix != "" {
		name := strings.ToLower(f.Prefix)
		q.where += " AND (external_id >= ? AND external_id < ? OR name_key >= ? AND name_key < ?)"
		q.args = append(q.args, f.Prefix, f.Prefix+lastRune, name, name+lastRune)
	}
	found, total, err := list(ctx, db, q, p, scanCustomer)
	if err != nil {
		return found, total, err
	}
	run, err := db.rescreenedBy(ctx, ledger, math.MaxInt64)
	for i := range found {
		if err == nil {
			found[i].OpenAlerts, err = db.openAlerts(ctx, ledger, found[i].ID)
		}
		found[i].Screening.by(run)
	}
	return found, total, err
}

// lastRune comes after every other, so that texts with a prefix lie between it and it with this.
const lastRune = "\U0010FFFF"

// CustomerChanges lists the positions of the events that made a customer's versions and changed its
// status, newest first, and says how many there are, or gives domain.Unknown. The customer is named
// by our id or by external_id. before is the position of the last push before those listed, or -1.
func (db *DB) CustomerChanges(ctx context.Context, ledger, customerID string, p Page) (seqs []int64, before, total int64, err error) {
	id, err := db.CustomerID(ctx, ledger, customerID)
	if err != nil {
		return nil, -1, 0, err
	}
	q := listing{columns: "seq", from: "customer_changes", where: "ledger = ? AND id = ?", order: "seq DESC", args: []any{ledger, id}}
	seqs, total, err = list(ctx, db, q, p, scanColumn[int64])
	if err != nil || len(seqs) == 0 {
		return seqs, -1, total, err
	}
	before, err = one(ctx, db, "push", scanColumn[int64], "SELECT COALESCE(MAX(seq), -1) FROM customer_changes "+
		"WHERE ledger = ? AND id = ? AND seq < ? AND version > 0", ledger, id, seqs[len(seqs)-1])
	return seqs, before, total, err
}

// CustomerID gives our id of a customer named by our id or by external_id, or domain.Unknown.
// Where one customer's external_id is another's id of ours, ours counts.
func (db *DB) CustomerID(ctx context.Context, ledger, id string) (string, error) {
	return byName(id, func(column string) (string, error) {
		return one(ctx, db, "customer", scanColumn[string], "SELECT id FROM customers WHERE ledger = ? AND "+column+" = ?", ledger, id)
	})
}

// byName looks for a customer by our id, if the name is like one, and then by external_id.
func byName[T any](name string, find func(column string) (T, error)) (T, error) {
	if strings.HasPrefix(name, customerPrefix) {
		if found, err := find("id"); domain.CodeOf(err) != domain.Unknown {
			return found, err
		}
	}
	return find("external_id")
}

// openAlerts lists the newest 100 open alerts of a customer.
func (db *DB) openAlerts(ctx context.Context, ledger, customerID string) ([]string, error) {
	return many(context.WithoutCancel(ctx), db, scanColumn[string], "SELECT id FROM alerts WHERE ledger = ? AND customer_id = ? AND is_open = 1 "+
		"ORDER BY created_seq DESC LIMIT 100", ledger, customerID)
}

// customerNamed resolves a filter by customer: known is false if it names none.
func (db *DB) customerNamed(ctx context.Context, ledger, id string) (ours string, known bool, err error) {
	if id == "" {
		return "", true, nil
	}
	ours, err = db.CustomerID(ctx, ledger, id)
	if domain.CodeOf(err) == domain.Unknown {
		return "", false, nil
	}
	return ours, err == nil, err
}
