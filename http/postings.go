package http

import (
	"context"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
	"whocomply/domain/ledger"
	"whocomply/domain/posting"
	"whocomply/projections"
)

func (s *Server) postingRoutes() []route {
	return []route{
		{"POST", tenants + "/postings", "postings:write", s.recordPosting},
		{"GET", tenants + "/postings", "postings:read", s.listPostings},
		{"GET", tenants + "/postings/:id", "postings:read", s.getPosting},
		{"POST", tenants + "/postings/:id/post", "postings:write", s.postPosting},
		{"POST", tenants + "/postings/:id/void", "postings:write", s.voidPosting},
		{"POST", tenants + "/postings/:id/reverse", "postings:write", s.reversePosting},
	}
}

// postingRequest asks for a posting.
type postingRequest struct {
	PostingID   string          `json:"posting_id"`
	EffectiveAt time.Time       `json:"effective_at"`
	Description string          `json:"description"`
	Entries     []posting.Entry `json:"entries"`
	Status      string          `json:"status"` // posted or pending
	Metadata    jsontext.Value  `json:"metadata"`
}

// reversalRequest asks for the reversal of the posting in the path.
type reversalRequest struct {
	PostingID   string         `json:"posting_id"`   // of the reversal
	EffectiveAt time.Time      `json:"effective_at"` // when it is recorded, if left out
	Description string         `json:"description"`
	Metadata    jsontext.Value `json:"metadata"`
}

// postingAnswer is a posting, and the balance of each of its accounts right after it. It follows
// from the recorded events alone, so that a repetition is answered with the same words.
type postingAnswer struct {
	posting.Posting
	PostedEntries []posting.Entry   `json:"posted_entries,omitempty"` // what was posted, if that is not all of Entries
	Balances      []posting.Balance `json:"balances"`
	Monitoring    []movementAnswer  `json:"monitoring,omitempty"`
	Alerts        []raised          `json:"alerts,omitzero"`
	Risk          []riskAnswer      `json:"risk,omitempty"`
	Receipt       ledger.Receipt    `json:"receipt"`
}

// WriteJSON writes the answer.
func (a *postingAnswer) WriteJSON(w *domain.Writer) {
	w.Open("")
	a.WriteMembers(w)
	if len(a.PostedEntries) > 0 {
		w.Value("posted_entries", a.PostedEntries)
	}
	posting.WriteBalances(w, "balances", a.Balances)
	if len(a.Monitoring) > 0 {
		w.Value("monitoring", a.Monitoring)
	}
	if a.Alerts != nil {
		w.Value("alerts", a.Alerts)
	}
	if len(a.Risk) > 0 {
		w.Value("risk", a.Risk)
	}
	a.Receipt.WriteMember(w, "receipt")
	w.Close()
}

func (s *Server) recordPosting(c *call) error {
	var in postingRequest
	if err := c.decode(&in); err != nil {
		return err
	}
	return c.record(in.PostingID, in.command())
}

// command is what the request asks for.
func (in *postingRequest) command() *ledger.RecordPosting {
	return &ledger.RecordPosting{Record: posting.Record{
		ID: in.PostingID, Status: in.Status, EffectiveAt: in.EffectiveAt, Description: in.Description,
		Entries: in.Entries, Metadata: in.Metadata,
	}}
}

func (s *Server) reversePosting(c *call) error {
	var in reversalRequest
	if err := c.decode(&in); err != nil {
		return err
	}
	original, err := c.original()
	if err != nil {
		return err
	}
	return c.record(in.PostingID, &ledger.ReversePosting{Reverse: posting.Reverse{
		ID: in.PostingID, Reverses: original.Posting.ID, Original: &original.Posting,
		EffectiveAt: in.EffectiveAt, Description: in.Description, Metadata: in.Metadata,
	}})
}

// record carries out a command that makes the posting with this posting_id.
func (c *call) record(id string, cmd ledger.Command) error {
	outcome, err := c.execute(cmd)
	if err != nil {
		return err
	}
	booked, made := outcome.Reply.(ledger.Booked)
	if !made {
		if booked, err = c.booked(id); err != nil {
			return err
		}
	}
	answer := postingAnswer{Posting: booked.Posting, Balances: booked.After, Receipt: outcome.Receipt}
	answer.judge(booked.Moved)
	return c.wrote(made, outcome, &answer)
}

// original gives the posting whose posting_id the path names, as it was recorded.
func (c *call) original() (recorded posting.Recorded, err error) {
	id, err := c.param("id")
	if err != nil {
		return recorded, err
	}
	first, err := c.find("posting/" + id)
	if err != nil {
		return recorded, err
	}
	return first.Event.(posting.Recorded), nil
}

// partRequest asks for a part of a pending posting to be posted.
type partRequest struct {
	Entries []posting.Entry `json:"entries"` // all of them, if left out
}

func (s *Server) postPosting(c *call) error {
	var in partRequest
	if c.ContentLength != 0 {
		if err := c.decode(&in); err != nil {
			return err
		}
	}
	original, err := c.original()
	if err != nil {
		return err
	}
	return c.settle(&original, &ledger.PostPosting{Post: posting.Post{ID: original.Posting.ID, Original: &original.Posting, Entries: in.Entries}})
}

func (s *Server) voidPosting(c *call) error {
	original, err := c.original()
	if err != nil {
		return err
	}
	return c.settle(&original, ledger.VoidPosting(posting.Void{ID: original.Posting.ID, Original: &original.Posting}))
}

// settle posts or voids a pending posting. One that was posted from the start stays as it was
// recorded.
func (c *call) settle(original *posting.Recorded, cmd ledger.Command) error {
	outcome, err := c.execute(cmd)
	if err != nil {
		return err
	}
	settled, fresh := outcome.Reply.(posting.Settled)
	if !fresh {
		switch first, err := c.find(cmd.Idempotency().Key); {
		case err == nil:
			settled = first.Event.(posting.Settled)
		case domain.CodeOf(err) == domain.Unknown:
			settled = posting.Settled{Status: original.Posting.Status, After: original.After}
		default:
			return err
		}
	}
	answer := postingAnswer{Posting: original.Posting, PostedEntries: settled.Entries, Balances: settled.After, Receipt: outcome.Receipt}
	answer.Status = settled.Status
	return c.wrote(false, outcome, &answer)
}

func (s *Server) listPostings(c *call) error {
	var filter struct {
		Account        string `query:"account"`
		CustomerID     string `query:"customer_id"`
		Status         string `query:"status" validate:"omitempty,oneof=posted pending voided"`
		RecordedSince  string `query:"recorded_since"`
		RecordedUntil  string `query:"recorded_until"`
		EffectiveSince string `query:"effective_since"`
		EffectiveUntil string `query:"effective_until"`
	}
	return list(c, projections.Accounts, &filter, func(ctx context.Context, p projections.Page) ([]projections.Posting, int64, error) {
		f := projections.PostingFilter{Account: filter.Account, CustomerID: filter.CustomerID, Status: filter.Status}
		var err error
		if f.RecordedSince, f.RecordedUntil, err = period("recorded", filter.RecordedSince, filter.RecordedUntil); err != nil {
			return nil, 0, err
		}
		if f.EffectiveSince, f.EffectiveUntil, err = period("effective", filter.EffectiveSince, filter.EffectiveUntil); err != nil {
			return nil, 0, err
		}
		return s.Models.Postings(ctx, c.caller.slug, f, p)
	})
}

func (s *Server) getPosting(c *call) error {
	return one(c, projections.Accounts, bound(s, "posting", s.Models.Posting))
}
