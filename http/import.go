package http

import (
	"github.com/go-json-experiment/json"

	"whocomply/domain"
	"whocomply/domain/activity"
	"whocomply/domain/ledger"
)

// ParseEvent reads one line of an import: an event as POST /events/webhook takes it. The tenant is
// known to whoever imports, so tenant_id may be left out and is not looked at.
func ParseEvent(line []byte) (*ledger.RecordEvent, error) {
	var in eventRequest
	if err := json.Unmarshal(line, &in, json.RejectUnknownMembers(true)); err != nil {
		return nil, domain.Malformed(err)
	}
	return in.command(), nil
}

// command is what the request asks for.
func (in *eventRequest) command() *ledger.RecordEvent {
	return &ledger.RecordEvent{Input: activity.Input{
		EventID: in.EventID, EventType: in.EventType, OccurredAt: in.OccurredAt, Customer: in.CustomerID, Data: in.Data,
	}}
}
