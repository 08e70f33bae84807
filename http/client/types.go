package client

import (
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

func decode(data jsontext.Value, v any) error { return json.Unmarshal(data, v) }

// Pagination says which part of a list an answer is, and how long the list is.
type Pagination struct {
	Limit  int   `json:"limit"`
	Offset int64 `json:"offset"`
	Total  int64 `json:"total"`
}

// Page is a part of a list.
type Page[T any] struct {
	Items []T
	Pagination
}

// Receipt names the record that a write made, or made the first time.
type Receipt struct {
	Ledger     string    `json:"ledger"`
	Seq        int64     `json:"seq"`
	Hash       string    `json:"hash"` // leaf hash, padded base64
	RecordedAt time.Time `json:"recorded_at"`
}

// Profile is what an institution states about a customer.
type Profile struct {
	ExternalID         string         `json:"external_id"`
	Type               string         `json:"type"` // individual or business
	Email              string         `json:"email"`
	FirstName          string         `json:"first_name"`
	LastName           string         `json:"last_name"`
	FullName           string         `json:"full_name"`
	LegalName          string         `json:"legal_name"` // of a business
	Aliases            []string       `json:"aliases"`
	DateOfBirth        string         `json:"date_of_birth"`        // YYYY-MM-DD
	Nationality        string         `json:"nationality"`          // ISO 3166-1 alpha-2
	CountryOfResidence string         `json:"country_of_residence"` // ISO 3166-1 alpha-2
	Address            *Address       `json:"address"`
	Phone              string         `json:"phone"`
	Identifiers        []Identifier   `json:"identifiers"`
	Occupation         string         `json:"occupation"`
	Industry           string         `json:"industry"`
	PEPDeclared        bool           `json:"pep_declared"`
	SourceOfFunds      string         `json:"source_of_funds"`
	KYC                *KYC           `json:"kyc"`
	Metadata           map[string]any `json:"metadata"`
}

// Address is a postal address.
type Address struct {
	Line1      string `json:"line1"`
	Line2      string `json:"line2"`
	City       string `json:"city"`
	Region     string `json:"region"`
	PostalCode string `json:"postal_code"`
	Country    string `json:"country"` // ISO 3166-1 alpha-2
}

// Identifier is a document or registration number.
type Identifier struct {
	Type    string `json:"type"`
	Value   string `json:"value"`
	Country string `json:"country"` // ISO 3166-1 alpha-2
}

// KYC is the state of the institution's identity checks.
type KYC struct {
	Status     string `json:"status"` // not_started, pending, verified, rejected or expired
	Level      string `json:"level"`
	VerifiedAt string `json:"verified_at"` // RFC 3339
	ExpiresAt  string `json:"expires_at"`  // RFC 3339
	Provider   string `json:"provider"`
}

// Customer is a customer with its risk, its screening and its open alerts.
type Customer struct {
	ID string `json:"id"` // cus_…
	Profile
	Version    int       `json:"version"`
	Status     string    `json:"status"`
	CreatedAt  time.Time `json:"created_at"`
	UpdatedAt  time.Time `json:"updated_at"`
	Risk       Risk      `json:"risk"`
	Screening  Screened  `json:"screening"`
	OpenAlerts []string  `json:"open_alerts"` // ids, newest first
	Receipt    *Receipt  `json:"receipt"`     // of a write
}

// Risk is a rating in short.
type Risk struct {
	Score         int    `json:"composite_score"` // 0 to 100
	Rating        string `json:"rating"`          // low, medium, high or prohibited
	SanctionsFlag bool   `json:"sanctions_flag"`
	PEPFlag       bool   `json:"pep_flag"`
	EDDRequired   bool   `json:"edd_required"`
}

// RiskView is what to look at before a decision.
type RiskView struct {
	CustomerID string `json:"customer_id"`
	ExternalID string `json:"external_id"`
	Risk
	Model      string   `json:"model"`
	EDDReasons []string `json:"edd_reasons"`
	Factors    []Factor `json:"factors"`
	ReviewBy   string   `json:"review_by"`       // date of the next review; empty if the model states none
	Computed   string   `json:"computed_rating"` // without the override, if there is one
	KYCStatus  string   `json:"kyc_status"`
	OpenAlerts int      `json:"open_alerts"`
	AsOf       AsOf     `json:"as_of"`
}

// Factor is one weighted part of a rating.
type Factor struct {
	Factor string  `json:"factor"`
	Weight int     `json:"weight"`
	Score  int     `json:"score"`
	Reason string  `json:"reason"`
	Seq    int64   `json:"seq"`  // of the event it rests on, the last if there are several
	Seqs   []int64 `json:"seqs"` // of all, if there are several
}

// AsOf names the customer's last event that changed a view.
type AsOf struct {
	Seq        int64     `json:"seq"`
	Hash       string    `json:"hash"`
	RecordedAt time.Time `json:"recorded_at"`
}

// ListVersion names one publication of a watchlist.
type ListVersion struct {
	List    string `json:"list"`
	Version int    `json:"version"`
	Digest  string `json:"digest"`
}

// Hit is a name found on a watchlist.
type Hit struct {
	EntryID     string      `json:"entry_id"`
	List        ListVersion `json:"list"`
	Category    string      `json:"category"`
	Name        string      `json:"name"`     // as the list writes it
	Screened    string      `json:"screened"` // that was looked for
	Field       string      `json:"field"`
	Similarity  int         `json:"similarity"` // 0 to 100
	Explanation string      `json:"explanation"`
	Evidence    int         `json:"evidence"` // 1 to 100, what else speaks for the same one
	Grounds     []string    `json:"grounds"`
}

// Screened is what was found, and on which lists it was looked for.
type Screened struct {
	Lists []ListVersion `json:"lists"`
	Hits  []Hit         `json:"hits"`
}

// Event is something a customer did.
type Event struct {
	TenantID   string         `json:"tenant_id"`
	EventID    string         `json:"event_id"`
	EventType  string         `json:"event_type"` // dotted, such as transaction.created
	OccurredAt time.Time      `json:"occurred_at"`
	CustomerID string         `json:"customer_id"` // ours or your external_id
	Data       map[string]any `json:"data"`        // for transactions it holds a Transaction as "transaction"
}

// RecordedEvent is an event with what the ledger says about it.
type RecordedEvent struct {
	EventID    string         `json:"event_id"`
	EventType  string         `json:"event_type"`
	OccurredAt time.Time      `json:"occurred_at"`
	RecordedAt time.Time      `json:"recorded_at"`
	CustomerID string         `json:"customer_id"` // ours
	Late       bool           `json:"late"`
	OutOfOrder bool           `json:"out_of_order"`
	Score      int            `json:"score"`
	Data       map[string]any `json:"data"`
	Decision   map[string]any `json:"decision"`
	Seq        int64          `json:"seq"`
}

// Transaction is the transaction in an event's data.
type Transaction struct {
	ID           string        `json:"id"`
	Amount       string        `json:"amount"` // never negative
	Currency     string        `json:"currency"`
	Direction    string        `json:"direction"` // in or out
	Channel      string        `json:"channel,omitempty"`
	Method       string        `json:"method,omitempty"`
	Account      string        `json:"account,omitempty"`
	Purpose      string        `json:"purpose,omitempty"`
	Reference    string        `json:"reference,omitempty"`
	Counterparty *Counterparty `json:"counterparty,omitempty"`
}

// Counterparty is the other side of a transaction.
type Counterparty struct {
	Name    string `json:"name,omitempty"`
	Account string `json:"account,omitempty"`
	Bank    string `json:"bank,omitempty"`
	Country string `json:"country,omitempty"` // ISO 3166-1 alpha-2
}

// Decision is what was decided on an event.
type Decision struct {
	EventID    string      `json:"event_id"`
	CustomerID string      `json:"customer_id"`
	Score      int         `json:"score"`
	RulesFired []RuleFired `json:"rules_fired"`
	Alerts     []AlertID   `json:"alerts"`
	Screening  Screened    `json:"screening"`
	Risk       RiskChange  `json:"risk"`
	Late       bool        `json:"late"`         // recorded more than 24 hours after it occurred
	OutOfOrder bool        `json:"out_of_order"` // recorded behind an event of the customer's that occurred later
	Receipt    Receipt     `json:"receipt"`
}

// RiskChange is a rating before and after.
type RiskChange struct {
	Before Risk `json:"before"`
	After  Risk `json:"after"`
}

// Batch says what became of each event of a batch.
type Batch struct {
	Recorded int           `json:"recorded"` // new
	Repeated int           `json:"repeated"` // were there before
	Refused  int           `json:"refused"`
	Results  []BatchResult `json:"results"` // in the order of the events
}

// BatchResult is the decision on an event of a batch, or why there is none.
type BatchResult struct {
	Index  int       `json:"index"`
	Status int       `json:"status"` // 201 recorded, 200 there before, 503: send it again; else refused
	Event  *Decision `json:"event"`
	Error  *struct {
		Message string `json:"message"`
		Code    string `json:"code"`
		Field   string `json:"field"`
	} `json:"error"`
}

// AlertID names an alert that an event raised.
type AlertID struct {
	ID string `json:"id"`
}

// RuleFired is a rule whose condition held.
type RuleFired struct {
	RuleID      string `json:"rule_id"`
	Version     int    `json:"version"`
	Name        string `json:"name"`
	Score       int    `json:"score"`
	Severity    string `json:"severity"`
	Explanation string `json:"explanation"`
}

// Rule is a monitoring rule.
type Rule struct {
	ID          string   `json:"id"`
	Version     int      `json:"version"`
	Name        string   `json:"name"`
	Description string   `json:"description"`
	EventTypes  []string `json:"event_types"`
	Condition   string   `json:"condition"` // CEL
	Score       int      `json:"score"`     // 0 to 100
	Severity    string   `json:"severity"`
	Action      string   `json:"action"` // alert, score or both
	Mode        string   `json:"mode"`   // live, shadow or off

	EffectiveFrom time.Time `json:"effective_from"` // looks at events that occurred then or later
	DedupBy       string    `json:"dedup_by"`       // customer, account, counterparty or device, together with CoolDown
	CoolDown      string    `json:"cool_down"`      // for how long an alert stands for all others of the same, such as 24h
	Tags          []string  `json:"tags"`
	Template      string    `json:"template"` // in the catalogue, of an answer
	Author        string    `json:"author"`   // of an answer
	ChangeReason  string    `json:"change_reason"`
	Receipt       *Receipt  `json:"receipt"` // of a write
}

// RuleVersion is what a rule was from one event on.
type RuleVersion struct {
	Rule
	Deleted    bool      `json:"deleted"`
	RecordedAt time.Time `json:"recorded_at"`
	Actor      string    `json:"actor"`
	Seq        int64     `json:"seq"`
}

// Shadow is what a rule found in the shadow, beside what live rules did.
type Shadow struct {
	RuleID   string      `json:"rule_id"`
	Totals   ShadowDay   `json:"totals"`
	Days     []ShadowDay `json:"days"`
	Together []struct {
		RuleID string `json:"rule_id"` // a live rule that fired on the same events
		Events int64  `json:"events"`
	} `json:"together"`
}

// ShadowDay is one day, or all of them.
type ShadowDay struct {
	Date   string `json:"date"`
	Shadow Firing `json:"shadow"` // of the rule while it was in the shadow
	Live   Firing `json:"live"`   // of the rule while it was live
	Failed int64  `json:"failed"`
	Others Firing `json:"others"` // of the other live rules
}

// Firing counts events on which rules fired.
type Firing struct {
	Fired  int64 `json:"fired"`
	Alone  int64 `json:"alone"` // on which no other live rule fired
	Alerts int64 `json:"alerts"`
}

// Typology is a template of the catalogue.
type Typology struct {
	Name        string      `json:"name"` // by which it is installed
	Title       string      `json:"title"`
	Description string      `json:"description"`
	Tags        []string    `json:"tags"`
	Condition   string      `json:"condition"` // CEL, with {name} for each parameter
	Score       int         `json:"score"`
	Severity    string      `json:"severity"`
	Parameters  []Parameter `json:"parameters"`
}

// Parameter is a value of a typology that the institution may choose.
type Parameter struct {
	Name        string `json:"name"`
	Kind        string `json:"kind"`
	Default     string `json:"default"`
	Description string `json:"description"`
}

// Installation says how a typology becomes a rule. What is empty is as in the catalogue.
type Installation struct {
	Parameters   map[string]string `json:"parameters"`
	Name         string            `json:"name"`
	Mode         string            `json:"mode"`
	Action       string            `json:"action"`
	Severity     string            `json:"severity"`
	Score        *int              `json:"score"`
	ChangeReason string            `json:"change_reason"`
}

// ReferenceList is a named list that rules ask.
type ReferenceList struct {
	Name         string   `json:"name"`
	Version      int      `json:"version"` // of an answer; 0 of a list that is shipped
	Kind         string   `json:"kind"`    // countries or keywords
	Values       []string `json:"values"`
	Digest       string   `json:"digest"` // of an answer
	AsOf         string   `json:"as_of"`
	Description  string   `json:"description"`
	Source       string   `json:"source"`
	ChangeReason string   `json:"change_reason"`
	Receipt      *Receipt `json:"receipt"` // of a write
}

// ReferenceRates is what one unit of a currency is worth in others on a day.
type ReferenceRates struct {
	Base         string            `json:"base"`
	Date         string            `json:"date"`    // YYYY-MM-DD
	Version      int               `json:"version"` // of an answer
	Rates        map[string]string `json:"rates"`
	Digest       string            `json:"digest"` // of an answer
	Source       string            `json:"source"`
	ChangeReason string            `json:"change_reason"`
	Receipt      *Receipt          `json:"receipt"` // of a write
}

// WatchlistEntry is an entry of one of the tenant's own lists.
type WatchlistEntry struct {
	ID           string       `json:"id"` // wle_…
	List         string       `json:"list"`
	Category     string       `json:"category"`    // sanctions, pep, adverse_media or internal
	EntityType   string       `json:"entity_type"` // individual, business, vessel, aircraft or unknown
	Name         string       `json:"name"`
	Aliases      []string     `json:"aliases"`
	DatesOfBirth []string     `json:"dates_of_birth"`
	Countries    []string     `json:"countries"`
	Identifiers  []Identifier `json:"identifiers"`
	Reason       string       `json:"reason"`
	Receipt      *Receipt     `json:"receipt"`
}

// Alert is a finding that an officer must look at.
type Alert struct {
	ID         string    `json:"id"` // alr_…
	Kind       string    `json:"kind"`
	Severity   string    `json:"severity"`
	CustomerID string    `json:"customer_id"`
	Status     string    `json:"status"` // open, in_review, escalated, resolved or dismissed
	Assignee   string    `json:"assignee"`
	Outcome    string    `json:"outcome"`
	Reasons    []Reason  `json:"reasons"`
	Source     Source    `json:"source"`
	CreatedAt  time.Time `json:"created_at"`
	CreatedSeq int64     `json:"created_seq"`
	UpdatedAt  time.Time `json:"updated_at"`
	DueAt      time.Time `json:"due_at"` // when the work on it must have ended

	Event   *RecordedEvent `json:"event"`   // it was raised on, where one alert is read
	History []AlertStep    `json:"history"` // oldest first, where one alert is read
	Receipt *Receipt       `json:"receipt"` // of a write
}

// Source is what an alert was raised on.
type Source struct {
	Kind    string `json:"kind"`
	EventID string `json:"event_id"`
	Seq     int64  `json:"seq"`
}

// AlertStep is something that was done about an alert.
type AlertStep struct {
	Type     string    `json:"type"` // alert.assigned, …
	Time     time.Time `json:"time"`
	Actor    string    `json:"actor"`
	Status   string    `json:"status"` // from then on
	Reason   string    `json:"reason"`
	Assignee string    `json:"assignee"`
	Text     string    `json:"text"`
	Outcome  string    `json:"outcome"`
	Seq      int64     `json:"seq"`
}

// Reason is one ground for an alert.
type Reason struct {
	Text string     `json:"text"`
	Hit  *Hit       `json:"hit"`
	Rule *RuleFired `json:"rule"`
}

// Step is something done about an alert. The verb says which of the other fields count.
type Step struct {
	Verb     string `json:"-"`        // assign, note, resolve, dismiss, escalate, reopen or disposition
	Assignee string `json:"assignee"` // assign
	Text     string `json:"text"`     // note
	Outcome  string `json:"outcome"`  // resolve, dismiss and disposition
	Reason   string `json:"reason"`   // all but note
}
