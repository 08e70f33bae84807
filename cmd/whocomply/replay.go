package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"whocomply/domain"
	"whocomply/domain/ledger"
)

// replayCmd is the examiner's replay: the ledger told again, event by event.
type replayCmd struct {
	dataFlags `json:"-"`
	Tenant    string    `help:"Slug of the tenant." required:""`
	Customer  string    `help:"Only what is about this customer (our id or external_id)."`
	Until     time.Time `help:"Stop after this time, RFC 3339." format:"2006-01-02T15:04:05Z07:00"`
	ToSeq     int64     `help:"Stop after this position." default:"-1"`
	Decision  string    `help:"Make the decision on this event (event_id) again, and compare." json:"-"`
	JSON      bool      `help:"Print JSON." json:"-"`
}

// replayed is an event and what the ledger amounted to after it.
type replayed struct {
	Seq     int64        `json:"seq"`
	Time    time.Time    `json:"time"`
	Type    string       `json:"type"`
	Actor   string       `json:"actor"`
	Subject string       `json:"subject,omitempty"`
	Hash    string       `json:"hash"`
	Event   domain.Event `json:"event"`
	After   stateAfter   `json:"after"`
}

// stateAfter is the state of the event's customer, if it has one, and of the ledger.
type stateAfter struct {
	Customers  int              `json:"customers"`
	Version    int              `json:"customer_version,omitempty"`
	Risk       *domain.RiskMark `json:"risk,omitempty"`
	OpenAlerts int              `json:"open_alerts,omitempty"`
}

// Run is the command.
func (c *replayCmd) Run(ctx context.Context) error {
	if c.Decision != "" {
		return c.again(ctx)
	}
	var events []map[string]any
	if err := operate(ctx, c.dataFlags, c, &events); err != nil {
		return err
	}
	return printResult(c.JSON, events, func(w io.Writer) {
		for _, e := range events {
			fmt.Fprintf(w, "%8.0f  %s  %-24s %-28v after: %v\n", e["seq"], e["time"], e["type"], e["subject"], e["after"])
		}
	})
}

func (c *replayCmd) name() string { return "replay" }

func (c *replayCmd) do(ctx context.Context, in *Instance, report progress) (any, error) {
	size, err := in.size(ctx, c.Tenant)
	if err != nil {
		return nil, err
	}
	told := []replayed{}
	state := ledger.New(c.Tenant)
	for e, err := range in.Ledgers.Envelopes(ctx, c.Tenant, 0) {
		if err != nil {
			return nil, err
		}
		if (c.ToSeq >= 0 && e.Seq > c.ToSeq) || (!c.Until.IsZero() && e.Time.After(c.Until)) {
			break
		}
		state.Evolve(&e)
		report(e.Seq+1, size)
		if c.Customer != "" && !about(state, &e, c.Customer) {
			continue
		}
		told = append(told, replayed{
			Seq: e.Seq, Time: e.Time, Type: e.Event.Kind().Name, Actor: e.Actor, Subject: e.Subject,
			Hash: fmt.Sprintf("%x", e.Hash), Event: e.Event, After: after(state, e.Subject),
		})
	}
	return told, nil
}

// about reports whether an event's subject is the customer.
func about(s *ledger.State, e *domain.Envelope, customer string) bool {
	c := s.Customers.Find(customer)
	return c != nil && e.Subject == c.ID
}

func after(s *ledger.State, subject string) stateAfter {
	told := stateAfter{Customers: s.Customers.Len()}
	if view := s.ViewCustomer(subject); view != nil {
		mark := view.Rating.Mark()
		told.Version, told.Risk, told.OpenAlerts = view.Customer.Version, &mark, len(view.Alerts)
	}
	return told
}
