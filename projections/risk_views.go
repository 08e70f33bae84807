package projections

import (
	"context"
	"encoding/base64"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
	"whocomply/domain/casework"
	"whocomply/domain/customer"
	"whocomply/domain/risk"
)

// RiskView is what an operational system asks about a customer before it acts.
type RiskView struct {
	CustomerID string `json:"customer_id"`
	ExternalID string `json:"external_id"`
	risk.Rating
	Status     string `json:"status"` // active or closed
	KYCStatus  string `json:"kyc_status"`
	OpenAlerts int    `json:"open_alerts"`
	AsOf       AsOf   `json:"as_of"` // the customer's last event that changed the view
}

// AsOf names the event that a row was last changed by.
type AsOf struct {
	Seq        int64     `json:"seq"`
	Hash       string    `json:"hash"` // leaf hash of the record, standard base64
	RecordedAt time.Time `json:"recorded_at"`
}

// riskViews is the projection RiskViews.
type riskViews struct {
	changed map[entity]*viewChange
	order   []entity
	created rows
	updated rows
}

// viewChange is what a batch says of one view; what is empty stays as it is.
type viewChange struct {
	created *customer.Pushed
	rating  *risk.Rating
	kyc     string
	status  string
	opened  int64 // alerts, less those that were resolved or dismissed
	last    *domain.Envelope
}

func (*riskViews) model() Model { return RiskViews }
func (*riskViews) version() int { return 3 }

func (v *riskViews) forget() {
	v.changed, v.order = nil, v.order[:0]
	v.created.forget()
	v.updated.forget()
}

func (v *riskViews) change(e *domain.Envelope, id string) *viewChange {
	k := entity{e.Ledger, id}
	change := v.changed[k]
	if change == nil {
		if v.changed == nil {
			v.changed = map[entity]*viewChange{}
		}
		change = &viewChange{}
		v.changed[k] = change
		v.order = append(v.order, k)
	}
	change.last = e
	return change
}

func (v *riskViews) apply(w *writer, e *domain.Envelope) error {
	switch event := e.Event.(type) {
	case customer.Pushed:
		return v.applyPushed(w, e, &event)
	case customer.Closed:
		v.change(e, event.CustomerID).status = customer.StatusClosed
	case customer.Reopened:
		v.change(e, event.CustomerID).status = customer.StatusActive
	case risk.Rated:
		v.change(e, event.CustomerID).rating = &event.Rating
	case casework.Raised:
		v.change(e, event.Alert.CustomerID).opened++
	case casework.Reopened:
		v.change(e, event.CustomerID).opened++
	case casework.Resolved:
		v.change(e, event.CustomerID).opened--
	case casework.Dismissed:
		v.change(e, event.CustomerID).opened--
	}
	return nil
}

// applyPushed changes a view only if the KYC status differs, so that as_of does not depend
// on how events were cut into batches.
func (v *riskViews) applyPushed(w *writer, e *domain.Envelope, event *customer.Pushed) error {
	status := KYCStatus(&event.Profile)
	if event.Version == 1 {
		change := v.change(e, event.CustomerID)
		change.created, change.kyc, change.status = event, status, customer.StatusActive
		return nil
	}
	present := ""
	if change := v.changed[entity{e.Ledger, event.CustomerID}]; change != nil {
		present = change.kyc
	}
	if present == "" {
		if err := w.get("SELECT kyc_status FROM risk_views WHERE ledger = ? AND id = ?",
			[]any{e.Ledger, event.CustomerID}, &present); err != nil {
			return err
		}
	}
	if present != status {
		v.change(e, event.CustomerID).kyc = status
	}
	return nil
}

// LastViewChange gives the last of a customer's events, in their order from the first push on, that
// changed the customer's risk view; nil without a push.
func LastViewChange(events []domain.Envelope) (last *domain.Envelope) {
	kyc := ""
	for i := range events {
		switch event := events[i].Event.(type) {
		case customer.Pushed:
			if status := KYCStatus(&event.Profile); status != kyc {
				kyc, last = status, &events[i]
			}
		case customer.Closed, customer.Reopened, risk.Rated, casework.Raised, casework.Resolved, casework.Dismissed, casework.Reopened:
			last = &events[i]
		}
	}
	return last
}

var (
	viewTable    = inserting("risk_views (ledger, id, external_id, rating, kyc_status, status, open_alerts, seq, hash, recorded_at)", "")
	viewsChanged = updating("risk_views SET "+coalesced("risk_views", "rating, kyc_status, status")+", "+
		"open_alerts = risk_views.open_alerts + v.open_alerts , seq = v.seq , hash = v.hash , recorded_at = v.recorded_at "+
		"WHERE risk_views.ledger = v.ledger AND risk_views.id = v.id ",
		"ledger", "id", "rating", "kyc_status", "status", "open_alerts", "seq", "hash", "recorded_at")
)

func (v *riskViews) write(w *writer) error {
	for _, k := range v.order {
		if err := v.add(k, v.changed[k]); err != nil {
			return err
		}
		w.stale = append(w.stale, k)
	}
	if err := w.run(viewTable, &v.created); err != nil {
		return err
	}
	return w.run(viewsChanged, &v.updated)
}

// add makes a row of a change.
func (v *riskViews) add(k entity, c *viewChange) (err error) {
	if c.created != nil && c.rating == nil {
		c.rating = &risk.Rating{}
	}
	var rating, kyc, status any
	if c.rating != nil {
		if rating, err = docOf(c.rating); err != nil {
			return err
		}
	}
	if c.kyc != "" {
		kyc = c.kyc
	}
	if c.status != "" {
		status = c.status
	}
	hash, at := base64.StdEncoding.EncodeToString(c.last.Hash[:]), micros(c.last.Time)
	if c.created != nil {
		v.created.add(k.ledger, k.id, c.created.Profile.ExternalID, rating, kyc, status, c.opened, c.last.Seq, hash, at)
		return nil
	}
	v.updated.add(k.ledger, k.id, rating, kyc, status, c.opened, c.last.Seq, hash, at)
	return nil
}

// RiskView gives the JSON of a customer's RiskView, by our id or by external_id, and the
// position it is not older than, or domain.Unknown. The JSON must not be changed.
func (db *DB) RiskView(ctx context.Context, ledger, id string) (view []byte, position int64, err error) {
	db.mu.RLock()
	position = db.position(ledger, onlyRiskViews)
	view = db.views.get(entity{ledger, id})
	db.mu.RUnlock()
	if view != nil {
		return view, position, nil
	}
	row, err := byName(id, func(column string) (viewRow, error) {
		return one(ctx, db, "customer", scanView, "SELECT id, external_id, rating, kyc_status, status, open_alerts, "+
			"seq, hash, recorded_at FROM risk_views WHERE ledger = ? AND "+column+" = ?", ledger, id)
	})
	if err != nil {
		return nil, position, err
	}
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.position(ledger, onlyRiskViews) == position { // else the row may be stale by now
		db.views.put(entity{ledger, id}, entity{ledger, row.id}, row.json)
	}
	return row.json, position, nil
}

// onlyRiskViews saves the hot path an allocation.
var onlyRiskViews = []Model{RiskViews}

type viewRow struct {
	id   string
	json []byte
}

// scanView writes a RiskView as JSON without reading the rating, which is JSON already.
func scanView(row scanner) (v viewRow, err error) {
	var external, kyc, status, hash string
	var rating []byte
	var alerts, seq, at int64
	if err := row.Scan(&v.id, &external, &rating, &kyc, &status, &alerts, &seq, &hash, &at); err != nil {
		return v, err
	}
	b := make([]byte, 0, len(rating)+512)
	b = appendMember(b, `{"customer_id":`, v.id)
	b = appendMember(b, `,"external_id":`, external)
	b = append(append(b, ','), rating[1:len(rating)-1]...)
	b = appendMember(b, `,"status":`, status)
	b = appendMember(b, `,"kyc_status":`, kyc)
	b = strconv.AppendInt(append(b, `,"open_alerts":`...), alerts, 10)
	b = strconv.AppendInt(append(b, `,"as_of":{"seq":`...), seq, 10)
	b = appendMember(b, `,"hash":`, hash)
	b = appendMember(b, `,"recorded_at":`, timeOf(at).Format(time.RFC3339Nano))
	v.json = append(b, "}}"...)
	return v, nil
}

// appendMember appends a member of a JSON object whose value is text. Text that is not UTF-8,
// which no ledger holds, is repaired.
func appendMember(b []byte, name, text string) []byte {
	b, _ = jsontext.AppendQuote(append(b, name...), text)
	return b
}
