package http

import (
	"slices"
	"strconv"

	"whocomply/domain"
	"whocomply/domain/activity"
	"whocomply/domain/ledger"
	"whocomply/domain/posting"
)

// movementAnswer is the decision on what a posting moves on an account of a customer's. It stands in
// the ledger as an event of the customer's, which can be read by its event_id.
type movementAnswer struct {
	EventID     string              `json:"event_id"`
	EventType   string              `json:"event_type"`
	CustomerID  string              `json:"customer_id"` // ours
	Account     string              `json:"account"`
	Direction   string              `json:"direction"` // in or out
	Amount      domain.Decimal      `json:"amount"`
	Currency    domain.Currency     `json:"currency"`
	RuleSet     string              `json:"rule_set"`
	Score       int                 `json:"score"`
	RulesFired  []domain.RuleFired  `json:"rules_fired"`
	RulesFailed []domain.RuleFailed `json:"rules_failed,omitempty"`
	Alerts      []raised            `json:"alerts"`
	Screening   domain.Screened     `json:"screening"`
	Risk        activity.RiskChange `json:"risk"`
}

// riskAnswer is a customer's rating before and after a posting.
type riskAnswer struct {
	CustomerID string `json:"customer_id"` // ours
	activity.RiskChange
}

// judge tells the decisions on a posting's movements. Where there are none, no rule looks at postings
// or no customer's account was moved, and nothing is told.
func (a *postingAnswer) judge(moved []activity.Recorded) {
	if len(moved) == 0 {
		return
	}
	a.Alerts = []raised{}
	for i := range moved {
		e := answerEvent(&moved[i], ledger.Receipt{})
		m := moved[i].Moved()
		a.Monitoring = append(a.Monitoring, movementAnswer{
			EventID: e.EventID, EventType: moved[i].EventType, CustomerID: e.CustomerID,
			Account: m.Account, Direction: m.Direction, Amount: m.Amount, Currency: m.Currency,
			RuleSet: moved[i].Decision.Monitoring.RuleSet, Score: e.Score, RulesFired: e.RulesFired, RulesFailed: e.RulesFailed,
			Alerts: e.Alerts, Screening: e.Screening, Risk: e.Risk,
		})
		a.Alerts = append(a.Alerts, e.Alerts...)
		at := slices.IndexFunc(a.Risk, func(r riskAnswer) bool { return r.CustomerID == e.CustomerID })
		if at < 0 {
			a.Risk = append(a.Risk, riskAnswer{e.CustomerID, e.Risk})
		} else {
			a.Risk[at].After = e.Risk.After
		}
	}
}

// booked gives a posting as it was recorded, and the decisions that were recorded with it.
func (c *call) booked(id string) (b ledger.Booked, err error) {
	first, err := c.find("posting/" + id)
	if err != nil {
		return b, err
	}
	b.Recorded = first.Event.(posting.Recorded)
	for n := 0; ; n++ {
		moved, err := c.find("event/" + b.Posting.Ref + "." + strconv.Itoa(n))
		if domain.CodeOf(err) == domain.Unknown {
			return b, nil
		}
		if err != nil {
			return b, err
		}
		b.Moved = append(b.Moved, moved.Event.(activity.Recorded))
	}
}
