package http

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
	"whocomply/domain/activity"
	"whocomply/domain/ledger"
)

// maxBatch is how many events one request may bring.
const maxBatch = 500

// batchRequest are events in the order in which they are to be decided. Each is read by itself, so
// that what is wrong with one does not hold up the others.
type batchRequest struct {
	Events []jsontext.Value `json:"events"`
}

// batchAnswer says what became of each event.
type batchAnswer struct {
	Recorded int           `json:"recorded"` // new
	Repeated int           `json:"repeated"` // were there before
	Refused  int           `json:"refused"`  // not recorded
	Results  []batchResult `json:"results"`  // in the order of the events
}

// batchResult is what POST /events/webhook would have answered: the decision, or why there is none.
type batchResult struct {
	Index  int           `json:"index"`
	Status int           `json:"status"`
	Event  *eventAnswer  `json:"event,omitempty"`
	Error  *batchFailure `json:"error,omitempty"`
}

type batchFailure struct {
	Message string      `json:"message"`
	Code    domain.Code `json:"code"`
	Field   string      `json:"field,omitempty"`
}

func (s *Server) postEvents(c *call) error {
	var in batchRequest
	if err := c.decode(&in); err != nil {
		return err
	}
	if len(in.Events) == 0 || len(in.Events) > maxBatch {
		return domain.InvalidField("events", "must hold 1 to %d events", maxBatch)
	}
	for i, raw := range in.Events {
		if raw.Kind() != '{' {
			return domain.InvalidField(fmt.Sprintf("events[%d]", i), "must be an object")
		}
	}
	answer := batchAnswer{Results: make([]batchResult, len(in.Events))}
	var cmds []ledger.Command
	var at []int // place of each command among the events
	for i, raw := range in.Events {
		cmd, err := c.eventOf(raw)
		if err != nil {
			c.refuse(&answer, i, err)
			continue
		}
		cmds, at = append(cmds, cmd), append(at, i)
	}
	outcomes, errs := s.Ledgers.ExecuteAll(c.Context(), c.caller.slug, c.caller.actor, cmds)
	if len(errs) > 0 && len(errs) == len(in.Events) && allUnavailable(errs) {
		return errs[0]
	}
	if err := c.settleBatch(&answer, at, outcomes, errs); err != nil {
		return err
	}
	return c.ok(http.StatusOK, answer)
}

// eventOf reads one event of a batch. The tenant is that of the path; one that names another is refused.
func (c *call) eventOf(raw jsontext.Value) (*ledger.RecordEvent, error) {
	var in eventRequest
	if err := json.Unmarshal(raw, &in, strict); err != nil {
		return nil, domain.Malformed(err)
	}
	if in.TenantID != "" && !c.caller.names(in.TenantID) {
		return nil, errOtherTenant
	}
	return in.command(), nil
}

func allUnavailable(errs []error) bool {
	return !slices.ContainsFunc(errs, func(err error) bool { return domain.CodeOf(err) != domain.Unavailable })
}

// settleBatch enters the outcomes, and says which position shows them all.
func (c *call) settleBatch(answer *batchAnswer, at []int, outcomes []ledger.Outcome, errs []error) error {
	last, err := c.lastSeq()
	if err != nil {
		return err
	}
	recorded := map[int64]*activity.Recorded{} // by position
	var repeated []int64
	for i := range outcomes {
		if outcomes[i].Repeat {
			repeated = append(repeated, outcomes[i].Receipt.Seq)
		} else if e, made := outcomes[i].Reply.(activity.Recorded); made {
			recorded[outcomes[i].Receipt.Seq] = &e
		}
	}
	slices.Sort(repeated)
	known, err := c.server.Ledgers.Events(c.Context(), c.caller.slug, slices.Compact(repeated))
	if err != nil {
		return err
	}
	for i := range known {
		e := known[i].Event.(activity.Recorded)
		recorded[known[i].Seq] = &e
	}
	for i, err := range errs {
		if err != nil {
			c.refuse(answer, at[i], err)
			continue
		}
		last = max(last, outcomes[i].Last)
		result := batchResult{Index: at[i], Status: http.StatusCreated, Event: answerEvent(recorded[outcomes[i].Receipt.Seq], outcomes[i].Receipt)}
		if outcomes[i].Repeat {
			result.Status = http.StatusOK
			answer.Repeated++
		} else {
			answer.Recorded++
		}
		answer.Results[at[i]] = result
	}
	c.at(last)
	return nil
}

// refuse enters an event that was not recorded. An error that the caller cannot act on is logged and hidden.
func (c *call) refuse(answer *batchAnswer, at int, err error) {
	e := c.tellable(err)
	answer.Refused++
	answer.Results[at] = batchResult{
		Index: at, Status: statusOf(e.Code),
		Error: &batchFailure{Message: e.Message, Code: e.Code, Field: e.Field},
	}
}
