package projections

import (
	"cmp"
	"context"
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
	Version    int       `json:"version"`
	Status     string    `json:"status"` // active
	CreatedAt  time.Time `json:"created_at"`
	UpdatedAt  time.Time `json:"updated_at"`
	Risk       Risk      `json:"risk"`
	Screening  Screening `json:"screening"`
	OpenAlerts []string  `json:"open_alerts"` // ids, newest first, at most 100
	Seq        int64     `json:"seq"`         // of the last event that changed this, alerts aside
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
	ScreenedAt time.Time `json:"screened_at,omitzero"`
	domain.Screened
}

// CustomerFilter narrows a list of customers. Empty fields do not.
type CustomerFilter struct {
	Rating    string
	KYCStatus string
}

// noKYC is the KYC status of a customer whose profile says nothing about it.
const noKYC = "not_started"

func kycStatus(p *customer.Profile) string {
	if p.KYC == nil || p.KYC.Status == "" {
		return noKYC
	}
	return p.KYC.Status
}

// customers is the projection Customers.
type customers struct {
	changed map[entity]*customerChange
	order   []entity
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
	pushedAt  int64
	risk      *risk.Rating
	screening *Screening
	seq       int64
}

func (*customers) model() Model { return Customers }
func (*customers) version() int { return 1 }

func (c *customers) forget() { c.changed, c.order = nil, c.order[:0] }

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

func (c *customers) apply(_ *writer, e *domain.Envelope) error {
	switch event := e.Event.(type) {
	case customer.Pushed:
		change := c.change(e, event.CustomerID)
		if event.Version == 1 {
			change.created = e
		}
		change.pushed, change.pushedAt = &event, micros(e.Time)
	case risk.Rated:
		c.change(e, event.CustomerID).risk = &event.Rating
	case screening.Completed:
		c.change(e, event.CustomerID).screening = &Screening{e.Time, event.Screened}
	}
	return nil
}

const insertCustomer = "INSERT INTO customers (ledger, id, external_id, created_seq, created_at, updated_at, version, " +
	"rating, kyc_status, profile, risk, screening, seq) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

const updateCustomer = "UPDATE customers SET updated_at = COALESCE(?, updated_at), version = COALESCE(?, version), " +
	"rating = COALESCE(?, rating), kyc_status = COALESCE(?, kyc_status), profile = COALESCE(?, profile), " +
	"risk = COALESCE(?, risk), screening = COALESCE(?, screening), seq = ? WHERE ledger = ? AND id = ?"

func (c *customers) write(w *writer) error {
	for _, k := range c.order {
		if err := c.changed[k].write(w, k); err != nil {
			return err
		}
	}
	return nil
}

func (c *customerChange) write(w *writer, k entity) error {
	if c.created != nil {
		c.risk = cmp.Or(c.risk, &risk.Rating{})
		c.screening = cmp.Or(c.screening, &Screening{})
	}
	var updated, version, rating, kyc, profile, assessed, screened any
	var err error
	if c.pushed != nil {
		updated, version, kyc = c.pushedAt, c.pushed.Version, kycStatus(&c.pushed.Profile)
		if profile, err = docOf(&c.pushed.Profile); err != nil {
			return err
		}
	}
	if c.risk != nil {
		rating = c.risk.RiskMark.Rating
		if assessed, err = docOf(Risk{c.risk.RiskMark, c.risk.SanctionsFlag, c.risk.PEPFlag, c.risk.EDDRequired}); err != nil {
			return err
		}
	}
	if c.screening != nil {
		if screened, err = docOf(c.screening); err != nil {
			return err
		}
	}
	if c.created != nil {
		return w.change(insertCustomer, k.ledger, k.id, c.pushed.Profile.ExternalID, c.created.Seq, micros(c.created.Time),
			updated, version, rating, kyc, profile, assessed, screened, c.seq)
	}
	return w.change(updateCustomer, updated, version, rating, kyc, profile, assessed, screened, c.seq, k.ledger, k.id)
}

const customerColumns = "id, created_at, updated_at, version, profile, risk, screening, seq"

func scanCustomer(row scanner) (c Customer, err error) {
	var created, updated int64
	var profile, assessed, screened []byte
	err = row.Scan(&c.ID, &created, &updated, &c.Version, &profile, &assessed, &screened, &c.Seq)
	if err != nil {
		return c, err
	}
	c.Status, c.CreatedAt, c.UpdatedAt = "active", timeOf(created), timeOf(updated)
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
	c.OpenAlerts, err = db.openAlerts(ctx, ledger, c.ID)
	return c, err
}

// Customers lists customers in the order they were created, and says how many there are.
func (db *DB) Customers(ctx context.Context, ledger string, f CustomerFilter, p Page) ([]Customer, int64, error) {
	q := listing{columns: customerColumns, from: "customers", where: "ledger = ?", order: "created_seq", args: []any{ledger}}
	q.narrow("rating", f.Rating)
	q.narrow("kyc_status", f.KYCStatus)
	found, total, err := list(ctx, db, q, p, scanCustomer)
	for i := range found {
		if err == nil {
			found[i].OpenAlerts, err = db.openAlerts(ctx, ledger, found[i].ID)
		}
	}
	return found, total, err
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
