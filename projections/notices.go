package projections

import (
	"strings"

	"github.com/go-json-experiment/json"

	"whocomply/domain"
	"whocomply/domain/access"
	"whocomply/domain/casework"
	"whocomply/domain/customer"
	"whocomply/domain/posting"
	"whocomply/domain/risk"
	"whocomply/domain/screening"
	"whocomply/domain/webhook"
)

// NoticeOf says what receivers of webhooks are told about an event of a ledger; told is false for
// the events that nobody is told about. Its Ledger is left to whoever knows the origin.
func NoticeOf(e *domain.Envelope) (n webhook.Notice, told bool, err error) {
	kind, object, data := noticed(e)
	if kind == "" {
		return n, false, nil
	}
	n = webhook.Notice{
		Type: kind, ID: webhook.EventID(e.ID), Time: e.Time, Object: object, ObjectID: e.Subject, Seq: e.Seq, Hash: e.Hash,
	}
	if strings.HasPrefix(e.Subject, customerPrefix) {
		n.Customer = e.Subject
	}
	if id, ok := data.(interface{ objectID() string }); ok {
		n.ObjectID = id.objectID()
	}
	n.Data, err = json.Marshal(data, json.Deterministic(true))
	return n, true, err
}

// noticed gives the type of event that receivers know, what it is about, and the data.
func noticed(e *domain.Envelope) (kind, object string, data any) {
	switch event := e.Event.(type) {
	case customer.Pushed:
		kind = "customer.updated"
		if event.Version == 1 {
			kind = "customer.created"
		}
		return kind, "customer", customerNotice(&event)
	case customer.Closed:
		return "customer.closed", "customer", customerEndNotice{event.CustomerID, "closed", event.Reason}
	case customer.Reopened:
		return "customer.reopened", "customer", customerEndNotice{event.CustomerID, "active", event.Reason}
	case risk.Rated:
		return "customer.risk_changed", "customer", riskNotice{
			event.CustomerID, event.Rating.Rating, event.Score, event.SanctionsFlag, event.PEPFlag, event.EDDRequired, event.EDDReasons, event.Model,
		}
	case screening.Completed:
		return "screening.completed", "customer", screeningNoticeOf(&event)
	case posting.Recorded:
		p := &event.Posting
		return "posting.recorded", "posting", postingNotice{
			ID: p.ID, Ref: p.Ref, Status: p.Status, EffectiveAt: p.EffectiveAt.UTC().Format("2006-01-02T15:04:05.999999999Z07:00"),
			Entries: p.Entries, Reverses: p.Reverses,
		}
	case posting.Settled:
		return "posting." + event.Status, "posting", postingNotice{ID: event.ID, Ref: event.Ref, Status: event.Status}
	case posting.Opened:
		a := &event.Account
		return "account.opened", "account", accountNotice{a.ID, a.Ref, a.Type, string(a.Currency), a.CustomerID}
	case screening.RunAdvanced:
		return "batch.progress", "screening_run", runNotice{RunID: event.RunID, Customers: event.Customers, Screened: event.Screened, Changed: event.Changed}
	case screening.RunEnded:
		return "batch.completed", "screening_run", runEndNotice{
			runNotice{event.RunID, event.Customers, event.Screened, event.Changed}, event.Outcome, event.WithHits, event.NoHit,
		}
	case screening.BatchAdvanced:
		return "batch.progress", "screening_batch", batchNotice{ID: event.BatchID, Rows: event.Of, Done: event.First + event.Rows, BatchTally: event.BatchTally}
	case screening.BatchEnded:
		return endedBatchNotice(&event)
	case screening.Adopted:
		p := &event.Publication
		return "watchlist.adopted", "watchlist", watchlistNotice{p.List, p.Version, p.Digest, p.Entries, p.Added, p.Altered, p.Removed}
	}
	if kind, data := alertNoticed(e); kind != "" {
		return kind, "alert", data
	}
	return operatorNoticed(e)
}

func alertNoticed(e *domain.Envelope) (kind string, data any) {
	step := func(s casework.Step, assignee, outcome string) alertNotice {
		return alertNotice{ID: s.AlertID, CustomerID: s.CustomerID, Status: s.Status, Reason: s.Reason, Assignee: assignee, Outcome: outcome}
	}
	switch event := e.Event.(type) {
	case casework.Raised:
		return "alert.created", createdAlertOf(e, &event.Alert)
	case casework.Assigned:
		return "alert.assigned", step(event.Step, event.Assignee, "")
	case casework.Escalated:
		return "alert.escalated", step(event.Step, "", "")
	case casework.Resolved:
		return "alert.resolved", step(event.Step, "", event.Outcome)
	case casework.Dismissed:
		return "alert.dismissed", step(event.Step, "", event.Outcome)
	case casework.Reopened:
		return "alert.reopened", step(event.Step, "", "")
	}
	return "", nil
}

func operatorNoticed(e *domain.Envelope) (kind, object string, data any) {
	switch event := e.Event.(type) {
	case access.KeyIssued:
		return "api_key.issued", "api_key", keyNotice{event.Key.ID, event.Key.Name, event.Key.Scopes, ""}
	case access.KeyRevoked:
		return "api_key.revoked", "api_key", keyNotice{ID: event.KeyID, Reason: event.Reason}
	case webhook.Disabled:
		n := webhookNotice{ID: event.WebhookID, Reason: event.Reason, Failures: event.Failures}
		if !event.Since.IsZero() {
			n.Since = event.Since.UTC().Format("2006-01-02T15:04:05.999999999Z07:00")
		}
		return "webhook.disabled", "webhook", n
	}
	return "", "", nil
}

// createdAlert is the data of alert.created.
type createdAlert struct {
	ID         string          `json:"id"`
	Kind       string          `json:"kind"`
	Severity   domain.Severity `json:"severity"`
	Status     string          `json:"status"`
	CustomerID string          `json:"customer_id"`
	Source     casework.Source `json:"source"`
	Reasons    []alertReason   `json:"reasons"`
	CreatedSeq int64           `json:"created_seq"`
}

type alertReason struct {
	Text   string `json:"text"`
	RuleID string `json:"rule_id,omitempty"`
	Entry  string `json:"entry_id,omitempty"`
	List   string `json:"list,omitempty"`
}

func (a createdAlert) objectID() string { return a.ID }

func createdAlertOf(e *domain.Envelope, a *casework.Alert) createdAlert {
	told := createdAlert{a.ID, a.Kind, a.Severity, casework.StatusOpen, a.CustomerID, a.Source, []alertReason{}, e.Seq}
	for _, r := range a.Reasons {
		reason := alertReason{Text: r.Text}
		switch {
		case r.Rule != nil:
			reason.RuleID = r.Rule.RuleID
		case r.Failed != nil:
			reason.RuleID = r.Failed.RuleID
		case r.Hit != nil:
			reason.Entry, reason.List = r.Hit.EntryID, r.Hit.List.List
		}
		told.Reasons = append(told.Reasons, reason)
	}
	return told
}

// alertNotice is the data of what happens to an alert later.
type alertNotice struct {
	ID         string `json:"id"`
	CustomerID string `json:"customer_id"`
	Status     string `json:"status"`
	Reason     string `json:"reason,omitempty"`
	Assignee   string `json:"assignee,omitempty"`
	Outcome    string `json:"outcome,omitempty"`
}

func (a alertNotice) objectID() string { return a.ID }

// customerData is the data of customer.created and customer.updated: what changed is read by the API.
type customerData struct {
	ID         string `json:"id"`
	ExternalID string `json:"external_id"`
	Type       string `json:"type"`
	Version    int    `json:"version"`
	KYCStatus  string `json:"kyc_status"`
}

func customerNotice(e *customer.Pushed) customerData {
	d := customerData{e.CustomerID, e.Profile.ExternalID, e.Profile.Type, e.Version, "not_started"}
	if e.Profile.KYC != nil {
		d.KYCStatus = e.Profile.KYC.Status
	}
	return d
}

type customerEndNotice struct {
	ID     string `json:"id"`
	Status string `json:"status"`
	Reason string `json:"reason"`
}

type riskNotice struct {
	CustomerID    string   `json:"customer_id"`
	Rating        string   `json:"rating"`
	Score         int      `json:"composite_score"`
	SanctionsFlag bool     `json:"sanctions_flag"`
	PEPFlag       bool     `json:"pep_flag"`
	EDDRequired   bool     `json:"edd_required"`
	EDDReasons    []string `json:"edd_reasons"`
	Model         string   `json:"model"`
}

type screeningNotice struct {
	CustomerID string         `json:"customer_id"`
	Version    int            `json:"profile_version"`
	Lists      []listNotice   `json:"lists"`
	Hits       []screeningHit `json:"hits"`
	Categories map[string]int `json:"hits_by_category"`
}

type listNotice struct {
	List    string `json:"list"`
	Version int    `json:"version"`
}

type screeningHit struct {
	EntryID    string `json:"entry_id"`
	List       string `json:"list"`
	Category   string `json:"category"`
	Similarity int    `json:"similarity"`
}

func screeningNoticeOf(e *screening.Completed) screeningNotice {
	n := screeningNotice{e.CustomerID, e.Profile, []listNotice{}, []screeningHit{}, map[string]int{}}
	for _, l := range e.Lists {
		n.Lists = append(n.Lists, listNotice{l.List, l.Version})
	}
	for _, h := range e.Hits {
		n.Hits = append(n.Hits, screeningHit{h.EntryID, h.List.List, h.Category, h.Similarity})
		n.Categories[h.Category]++
	}
	return n
}

type postingNotice struct {
	ID          string          `json:"posting_id"`
	Ref         string          `json:"ref"`
	Status      string          `json:"status"`
	EffectiveAt string          `json:"effective_at,omitempty"`
	Entries     []posting.Entry `json:"entries,omitempty"`
	Reverses    string          `json:"reverses,omitempty"`
}

type accountNotice struct {
	ID         string `json:"id"`
	Ref        string `json:"ref"`
	Type       string `json:"type"`
	Currency   string `json:"currency"`
	CustomerID string `json:"customer_id,omitempty"`
}

type watchlistNotice struct {
	List    string `json:"list"`
	Version int    `json:"version"`
	Digest  string `json:"digest"`
	Entries int    `json:"entries"`
	Added   int    `json:"added"`
	Altered int    `json:"altered"`
	Removed int    `json:"removed"`
}

// runNotice is how far a run that screens customers again has come.
type runNotice struct {
	RunID     string `json:"run_id"`
	Customers int    `json:"customers"`
	Screened  int    `json:"screened"`
	Changed   int    `json:"changed"`
}

type runEndNotice struct {
	runNotice
	Outcome  string `json:"outcome"`
	WithHits int    `json:"with_hits"`
	NoHit    int    `json:"no_hit"`
}

// batchNotice is how far a batch of names has come.
type batchNotice struct {
	ID   string `json:"batch_id"`
	Rows int    `json:"rows"`
	Done int    `json:"done"`
	screening.BatchTally
}

type batchEndNotice struct {
	batchNotice
	Refused int    `json:"refused"`
	Outcome string `json:"outcome"`
	Reason  string `json:"reason,omitempty"`
}

// endedBatchNotice tells of a batch that was stopped before its end as one that failed: nobody has
// looked for its other rows.
func endedBatchNotice(e *screening.BatchEnded) (kind, object string, data any) {
	n := batchEndNotice{batchNotice{e.BatchID, e.Rows, e.Done, e.BatchTally}, e.Refused, e.Outcome, e.Reason}
	if e.Outcome == screening.BatchDone {
		return "batch.completed", "screening_batch", n
	}
	return "batch.failed", "screening_batch", n
}

type keyNotice struct {
	ID     string   `json:"key_id"`
	Name   string   `json:"name,omitempty"`
	Scopes []string `json:"scopes,omitempty"`
	Reason string   `json:"reason,omitempty"`
}

type webhookNotice struct {
	ID       string `json:"webhook_id"`
	Reason   string `json:"reason"`
	Since    string `json:"failing_since,omitempty"`
	Failures int    `json:"failures,omitzero"`
}
