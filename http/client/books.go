package client

import "time"

// Account is an account of the books.
type Account struct {
	ID         string   `json:"id"`
	Name       string   `json:"name"`
	Type       string   `json:"type"` // asset, liability, equity, income or expense
	Currency   string   `json:"currency"`
	CustomerID string   `json:"customer_id"`
	Constraint string   `json:"constraint"` // none, no_debit_balance or no_credit_balance
	Receipt    *Receipt `json:"receipt"`    // of a write
}

// Balance is the balance of an account.
type Balance struct {
	Account  string `json:"account"`
	Currency string `json:"currency"`
	Posted   Sums   `json:"posted"`
	Pending  Sums   `json:"pending"`
	Seq      int64  `json:"seq"`
}

// Sums are the two sides of an account, and debits less credits.
type Sums struct {
	Debits  string `json:"debits"`
	Credits string `json:"credits"`
	Net     string `json:"net"`
}

// TrialBalance is what stands on all accounts at one moment.
type TrialBalance struct {
	Totals   []TrialTotal `json:"totals"`
	Accounts []TrialLine  `json:"accounts"`
}

// TrialTotal is the sum of the accounts of a currency.
type TrialTotal struct {
	Currency string    `json:"currency"`
	Accounts int64     `json:"accounts"`
	Posted   TrialSums `json:"posted"`
	Pending  TrialSums `json:"pending"`
}

// TrialSums are the turnover of accounts, and their net balances on the side on which each is.
type TrialSums struct {
	Debits         string `json:"debits"`
	Credits        string `json:"credits"`
	DebitBalances  string `json:"debit_balances"`
	CreditBalances string `json:"credit_balances"`
}

// TrialLine is an account in a trial balance.
type TrialLine struct {
	Account    string `json:"account"`
	Name       string `json:"name"`
	Type       string `json:"type"`
	Currency   string `json:"currency"`
	CustomerID string `json:"customer_id"`
	Posted     Sums   `json:"posted"`
	Pending    Sums   `json:"pending"`
}

// Posting is a balanced set of entries.
type Posting struct {
	PostingID   string         `json:"posting_id"`
	EffectiveAt time.Time      `json:"effective_at"`
	Description string         `json:"description"`
	Status      string         `json:"status"` // posted, pending or voided
	Entries     []Entry        `json:"entries"`
	Reverses    string         `json:"reverses"`
	Metadata    map[string]any `json:"metadata"`
	Receipt     *Receipt       `json:"receipt"` // of a write

	PostedEntries []Entry `json:"posted_entries"` // what was posted, if that is not all of Entries

	Monitoring []Movement     `json:"monitoring"` // of a write: what was decided on customers' accounts
	Alerts     []AlertID      `json:"alerts"`     // raised by a write
	Risk       []CustomerRisk `json:"risk"`       // of those customers
}

// Movement is the decision on what a posting moves on an account of a customer's.
type Movement struct {
	EventID    string      `json:"event_id"`
	EventType  string      `json:"event_type"`
	CustomerID string      `json:"customer_id"`
	Account    string      `json:"account"`
	Direction  string      `json:"direction"` // in or out, from the customer's point of view
	Amount     string      `json:"amount"`
	Currency   string      `json:"currency"`
	RuleSet    string      `json:"rule_set"`
	Score      int         `json:"score"`
	RulesFired []RuleFired `json:"rules_fired"`
	Alerts     []AlertID   `json:"alerts"`
	Screening  Screened    `json:"screening"`
	Risk       RiskChange  `json:"risk"`
}

// CustomerRisk is the rating of a customer before and after a posting.
type CustomerRisk struct {
	CustomerID string `json:"customer_id"`
	Before     Risk   `json:"before"`
	After      Risk   `json:"after"`
}

// Entry is one side of a posting.
type Entry struct {
	Account   string `json:"account"`
	Direction string `json:"direction"` // debit or credit
	Amount    string `json:"amount"`
	Currency  string `json:"currency"`
}
