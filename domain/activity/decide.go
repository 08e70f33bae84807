package activity

import (
	"strings"
	"time"

	"whocomply/domain"
)

const (
	maxData   = 64 << 10
	maxText   = 512
	clockSkew = 5 * time.Minute
)

// LateAfter is how long after it occurred an event may come without being called late.
const LateAfter = 24 * time.Hour

// Record is an event of the institution's together with what the engines said about it.
type Record struct {
	Input
	CustomerID string
	Decision   Decision
	Idem       domain.Idempotency // of the input
	At         time.Time          // when it is recorded
	Overtaken  bool               // an event of the customer's that occurred later was recorded before

	Transaction *Transaction // as Check gave it
}

// DecideRecord gives Recorded. The input must have passed Check.
func DecideRecord(cmd Record) Recorded {
	return Recorded{
		Input: cmd.Input, CustomerID: cmd.CustomerID, Decision: cmd.Decision, Idem: cmd.Idem, transaction: cmd.Transaction,
		Late: cmd.At.Sub(cmd.OccurredAt) > LateAfter, OutOfOrder: cmd.Overtaken,
	}
}

// Idempotency is the key and content by which a repeated event is known, for ever. The input must have passed Check.
func (in *Input) Idempotency() domain.Idempotency {
	return domain.NewIdempotency("event/"+in.EventID, (*content)(in))
}

// Check says what is wrong with an event received at now, naming the first wrong field. It gives
// the transaction of a transaction event, or nil for all others. Data is then as events are stored.
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
	var err error
	if in.Data, err = domain.StoredObject("data", in.Data, maxData); err != nil {
		return nil, err
	}
	data := newReader(in.Data)
	if err := in.checkData(data); err != nil {
		return nil, err
	}
	return in.transactionOf(data)
}

// checkType wants a dotted name of lower-case words, such as transaction.created.
func checkType(name string) error {
	if err := domain.CheckText("event_type", name, 64, true); err != nil {
		return err
	}
	if name == PostingRecorded || name == PostingReversed {
		return domain.InvalidField("event_type", "must not be %s: postings make such events themselves", name)
	}
	for word := range strings.SplitSeq(name, ".") {
		if word == "" || strings.ContainsFunc(word, notOfWord) {
			return domain.InvalidField("event_type", "must be a dotted name such as transaction.created")
		}
	}
	return nil
}

// notOfWord reports whether a character stands in no word of a type.
func notOfWord(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_' }

// hasTransaction reports whether the data of an event of a type may hold one.
func hasTransaction(eventType string) bool {
	return strings.HasPrefix(eventType, "transaction.") || eventType == PostingRecorded
}

// transactionOf reads the transaction out of the data of a transaction event, which must be checked.
func (in *Input) transactionOf(s skimmer) (*Transaction, error) {
	if !hasTransaction(in.EventType) {
		return nil, nil
	}
	var t *Transaction
	s.object(func(name []byte) {
		if string(name) == "transaction" && s.first() != 'n' {
			made := new(struct {
				Transaction
				other Counterparty
			})
			t = &made.Transaction
			s.transaction(t, &made.other)
		}
	})
	switch {
	case s.broken:
		return nil, domain.InvalidField("data.transaction", "is not as the event type wants it")
	case t == nil:
		return nil, nil
	}
	return t, domain.CheckMoney("data.transaction", domain.Money{Amount: t.Amount, Currency: t.Currency})
}
