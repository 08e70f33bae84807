package activity

import (
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
)

const (
	maxData   = 64 << 10
	maxText   = 512
	clockSkew = 5 * time.Minute
)

// Record is an event of the institution's together with what the engines said about it.
type Record struct {
	Input
	CustomerID string
	Decision   Decision
	Idem       domain.Idempotency // of the input

	Transaction *Transaction // as Check gave it
}

// DecideRecord gives Recorded. The input must have passed Check.
func DecideRecord(cmd Record) Recorded {
	return Recorded{Input: cmd.Input, CustomerID: cmd.CustomerID, Decision: cmd.Decision, Idem: cmd.Idem, transaction: cmd.Transaction}
}

// Idempotency is the key and content by which a repeated event is known, for ever.
func (in *Input) Idempotency() domain.Idempotency {
	return domain.NewIdempotency("event/"+in.EventID, in)
}

// Check says what is wrong with an event received at now, naming the first wrong field. It gives
// the transaction of a transaction event, or nil for all others.
func (in *Input) Check(now time.Time) (*Transaction, error) {
	if err := domain.CheckID("event_id", in.EventID); err != nil {
		return nil, err
	}
	if err := checkType(in.EventType); err != nil {
		return nil, err
	}
	if in.OccurredAt.IsZero() {
		return nil, domain.InvalidField("occurred_at", "is required: an RFC 3339 time such as 2026-01-31T09:00:00Z")
	}
	if in.OccurredAt.After(now.Add(clockSkew)) {
		return nil, domain.InvalidField("occurred_at", "is more than %s in the future", clockSkew)
	}
	if err := domain.CheckID("customer_id", in.Customer); err != nil {
		return nil, err
	}
	if len(in.Data) == 0 {
		return nil, domain.InvalidField("data", "is required: a JSON object")
	}
	if err := domain.CheckObject("data", in.Data, maxData); err != nil {
		return nil, err
	}
	return in.transactionOf()
}

// checkType wants a dotted name of lower-case words, such as transaction.created.
func checkType(name string) error {
	if err := domain.CheckText("event_type", name, 64, true); err != nil {
		return err
	}
	for word := range strings.SplitSeq(name, ".") {
		if word == "" || strings.Trim(word, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
			return domain.InvalidField("event_type", "must be a dotted name such as transaction.created")
		}
	}
	return nil
}

// transactionOf reads the transaction out of the data of a transaction event.
func (in *Input) transactionOf() (*Transaction, error) {
	if !strings.HasPrefix(in.EventType, "transaction.") {
		return nil, nil
	}
	var data struct {
		Transaction *struct {
			Transaction
			Amount *domain.Decimal `json:"amount"` // takes the place of Transaction.Amount: 0 is not the same as none
		} `json:"transaction"`
		Rest jsontext.Value `json:",unknown"`
	}
	if err := json.Unmarshal(in.Data, &data); err != nil {
		e := domain.Malformed(err)
		return nil, &domain.Error{Code: e.Code, Field: "data." + e.Field, Message: "data." + e.Message}
	}
	if data.Transaction == nil {
		return nil, domain.InvalidField("data.transaction", "is required for the event type %s", in.EventType)
	}
	if data.Transaction.Amount == nil {
		return nil, domain.InvalidField("data.transaction.amount", "is required")
	}
	t := &data.Transaction.Transaction
	t.Amount = *data.Transaction.Amount
	return t, t.check()
}

func (t *Transaction) check() error {
	const at = "data.transaction."
	if err := domain.CheckID(at+"id", t.ID); err != nil {
		return err
	}
	if err := domain.CheckMoney("data.transaction", domain.Money{Amount: t.Amount, Currency: t.Currency}); err != nil {
		return err
	}
	if t.Amount.Sign() < 0 {
		return domain.InvalidField(at+"amount", "must not be negative; direction says which way it goes")
	}
	if err := domain.CheckOneOf(at+"direction", t.Direction, "in", "out"); err != nil {
		return err
	}
	for _, text := range []struct{ field, value string }{
		{"channel", t.Channel}, {"method", t.Method}, {"purpose", t.Purpose}, {"account", t.Account}, {"reference", t.Reference},
	} {
		if err := domain.CheckText(at+text.field, text.value, maxText, false); err != nil {
			return err
		}
	}
	return t.Counterparty.check(at + "counterparty.")
}

func (c *Counterparty) check(at string) error {
	if c == nil {
		return nil
	}
	for _, text := range []struct{ field, value string }{{"name", c.Name}, {"account", c.Account}, {"bank", c.Bank}} {
		if err := domain.CheckText(at+text.field, text.value, maxText, false); err != nil {
			return err
		}
	}
	return domain.CheckCountry(at+"country", c.Country)
}
