package http

import (
	"context"
	"encoding/base64"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"whocomply/domain"
	"whocomply/domain/customer"
	"whocomply/domain/ledger"
	"whocomply/domain/posting"
	"whocomply/domain/risk"
	"whocomply/domain/screening"
	"whocomply/projections"
)

// asOfParam asks for what the ledger knew at a time or after a position.
const asOfParam = "as_of"

// asOf gives the position whose state is asked for, once a read model has come to it: the position
// in the parameter as_of, or that of the last event recorded up to the time in it. It is -1 if the
// request does not ask.
func (c *call) asOf(values url.Values, model projections.Model) (int64, error) {
	if !values.Has(asOfParam) {
		return -1, nil
	}
	seq, err := c.position(values.Get(asOfParam))
	if err != nil {
		return -1, err
	}
	if err := c.reach(model, seq); err != nil {
		return -1, err
	}
	c.at(seq)
	return seq, nil
}

func (c *call) position(text string) (int64, error) {
	size, err := c.server.Ledgers.Size(c.Context(), c.caller.slug)
	if err != nil {
		return 0, err
	}
	if text != "" && strings.Trim(text, "0123456789") == "" {
		seq, err := strconv.ParseInt(text, 10, 64)
		if err != nil || seq >= size {
			return 0, domain.InvalidField(asOfParam, "is beyond the end of the ledger, position %d", size-1)
		}
		return seq, nil
	}
	if domain.CheckTime(asOfParam, text) != nil || text == "" {
		return 0, domain.InvalidField(asOfParam, "must be a position of the ledger or an RFC 3339 time such as 2026-01-31T09:00:00Z")
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return 0, err
	}
	if at.After(c.server.Now()) {
		return 0, domain.InvalidField(asOfParam, "is in the future")
	}
	return c.lastUpTo(at, size)
}

// lastUpTo searches for the last of the first size events that was recorded up to a time: times
// never go back along a ledger.
func (c *call) lastUpTo(at time.Time, size int64) (int64, error) {
	var failure error
	after := sort.Search(int(size), func(seq int) bool {
		events, err := c.server.Ledgers.Events(c.Context(), c.caller.slug, []int64{int64(seq)})
		if err != nil {
			failure = err
			return true
		}
		return events[0].Time.After(at)
	})
	if failure == nil && after == 0 {
		failure = domain.InvalidField(asOfParam, "is before the ledger was opened")
	}
	return int64(after) - 1, failure
}

// known is a customer as the ledger knew it at a position.
type known struct {
	view   *ledger.CustomerView
	events []domain.Envelope // about the customer, save activity events, of which nothing here is told
}

// recall folds the events about a customer up to a position, as they stand in the ledger.
func (c *call) recall(ctx context.Context, name string, seq int64) (k known, err error) {
	id, err := c.server.Models.CustomerID(ctx, c.caller.slug, name)
	if err != nil {
		return k, err
	}
	seqs, err := c.server.Models.CustomerSeqs(ctx, c.caller.slug, id, seq)
	if err != nil {
		return k, err
	}
	if k.events, err = c.server.Ledgers.Events(ctx, c.caller.slug, seqs); err != nil {
		return k, err
	}
	k.events = slices.DeleteFunc(k.events, func(e domain.Envelope) bool { return e.Subject != id })
	state := ledger.New(c.caller.slug)
	for i := range k.events {
		state.Evolve(&k.events[i])
	}
	if k.view = state.ViewCustomer(id); k.view == nil {
		return k, domain.Errorf(domain.Unknown, "the customer was not known then")
	}
	return k, nil
}

// customerAsOf shows what a read of a customer showed at a position.
func (c *call) customerAsOf(ctx context.Context, name string, seq int64) (shown projections.Customer, err error) {
	k, err := c.recall(ctx, name, seq)
	if err != nil {
		return shown, err
	}
	shown = showCustomer(k.view)
	for _, e := range k.events {
		switch e.Event.(type) {
		case screening.Completed:
			shown.Screening.ScreenedAt, shown.Seq = e.Time, e.Seq
		case customer.Pushed, customer.Closed, customer.Reopened, risk.Rated:
			shown.Seq = e.Seq
		}
	}
	return shown, c.server.Models.RescreenedAsOf(ctx, c.caller.slug, seq, &shown.Screening)
}

// riskViewAsOf shows what a read of a customer's risk view showed at a position.
func (c *call) riskViewAsOf(ctx context.Context, name string, seq int64) (view projections.RiskView, err error) {
	k, err := c.recall(ctx, name, seq)
	if err != nil {
		return view, err
	}
	who, last := k.view.Customer, projections.LastViewChange(k.events)
	view = projections.RiskView{
		CustomerID: who.ID, ExternalID: who.Profile.ExternalID, Status: who.Status, KYCStatus: projections.KYCStatus(&who.Profile),
		OpenAlerts: len(k.view.Alerts),
		AsOf:       projections.AsOf{Seq: last.Seq, Hash: base64.StdEncoding.EncodeToString(last.Hash[:]), RecordedAt: last.Time},
	}
	if k.view.Rating != nil {
		view.Rating = *k.view.Rating
	}
	return view, nil
}

// accountAsOf gives an account with the balances that the ledger knew at a position: those that the
// last posting or settlement up to it left behind.
func (c *call) accountAsOf(ctx context.Context, id string, seq int64) (a projections.Account, err error) {
	slug := c.caller.slug
	if a, err = c.server.Models.Account(ctx, slug, id); err != nil {
		return a, err
	}
	if a.CreatedSeq > seq {
		return a, domain.Errorf(domain.Unknown, "the account was not open then")
	}
	a.Seq = a.CreatedSeq
	var after posting.Balance
	if after.Posted.Debits, err = (domain.Decimal{}).Rescale(a.Currency.Decimals()); err != nil {
		return a, err
	}
	after.Posted.Credits = after.Posted.Debits
	after.Pending = after.Posted
	last, err := c.server.Models.LastMove(ctx, slug, a.ID, seq)
	if err != nil {
		return a, err
	}
	if last >= 0 {
		events, err := c.server.Ledgers.Events(ctx, slug, []int64{last})
		if err != nil {
			return a, err
		}
		a.Seq, after = last, balanceAfter(events[0].Event, a.ID)
	}
	a.Balances, err = projections.SumUp(after.Posted, after.Pending)
	return a, err
}

// balanceAfter gives the balance of an account that an event which moved it states.
func balanceAfter(event domain.Event, account string) posting.Balance {
	var all []posting.Balance
	switch event := event.(type) {
	case posting.Recorded:
		all = event.After
	case posting.Settled:
		all = event.After
	}
	return all[slices.IndexFunc(all, func(b posting.Balance) bool { return b.Account == account })]
}

// oneAsOf answers with one row of a read model, or with what stood there at the position asked for,
// once the read model of index leads to what the ledger holds up to it. The position given to row
// is -1 if the request asks for what stands there now.
func oneAsOf[T any](c *call, model, index projections.Model, filter any, row func(ctx context.Context, id string, seq int64) (T, error)) error {
	values, err := c.query(filter, asOfParam)
	if err != nil {
		return err
	}
	id, err := c.param("id")
	if err != nil {
		return err
	}
	if err := c.await(values, model); err != nil {
		return err
	}
	seq, err := c.asOf(values, index)
	if err != nil {
		return err
	}
	data, err := row(c.Context(), id, seq)
	if err != nil {
		return err
	}
	return c.okTagged(data)
}
