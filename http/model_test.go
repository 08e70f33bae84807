package http_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// model is what the API promises of one tenant, in the simplest words there are. Amounts are whole
// units; the only customers are individuals, the only event with an amount is a transaction.
type model struct {
	customers map[string]*modelCustomer // by external_id
	events    map[string]modelEvent     // by event_id
	rules     map[string]*modelRule     // by our id
	entries   map[string]string         // name by our id; empty once removed
	alerts    map[string]*modelAlert    // by our id
	accounts  map[string]*modelAccount  // by id
	postings  map[string]*modelPosting  // by posting_id
	past      []moment
}

type modelCustomer struct {
	profile modelProfile
	version int
	status  string
	reason  string
}

type modelProfile struct{ phone, kyc string }

func (p modelProfile) body(id, email string) string {
	body := fmt.Sprintf(`{"external_id":%q,"type":"individual","email":%q,"full_name":"Ann Example"`, id, email)
	if p.phone != "" {
		body += fmt.Sprintf(`,"phone":%q`, p.phone)
	}
	if p.kyc != "" {
		body += fmt.Sprintf(`,"kyc":{"status":%q}`, p.kyc)
	}
	return body + "}"
}

// kycStatus is what reads say of the profile.
func (p modelProfile) kycStatus() string {
	if p.kyc == "" {
		return "not_started"
	}
	return p.kyc
}

type modelEvent struct {
	customer string
	amount   int // 0: no transaction
	score    int
}

type modelRule struct {
	version, threshold, score int
	mode, action              string
}

type modelAlert struct {
	nth                        int
	customer, status, assignee string
	said                       map[string]string // last words on each topic
}

func (a *modelAlert) open() bool { return a.status != "resolved" && a.status != "dismissed" }

type modelAccount struct {
	currency, constraint                         string
	debits, credits, pendingDebits, pendingCreds int
}

// holds reports whether the account keeps its constraint.
func (a *modelAccount) holds() bool {
	return a.constraint != "no_debit_balance" || a.debits+a.pendingDebits <= a.credits
}

func (a *modelAccount) shown() string {
	return fmt.Sprintf("%d.00 %d.00 %d.00 %d.00", a.debits, a.credits, a.pendingDebits, a.pendingCreds)
}

type modelPosting struct {
	debit, credit, currency string // accounts
	amount                  int
	born, status            string // posted, pending or voided
	reverses, reversedBy    string
}

// moment is what reads show once a position is reached.
type moment struct {
	seq       int64
	customers map[string]string
	views     map[string]string
	accounts  map[string]string
}

func newModel() *model {
	return &model{
		customers: map[string]*modelCustomer{}, events: map[string]modelEvent{}, rules: map[string]*modelRule{}, entries: map[string]string{},
		alerts: map[string]*modelAlert{}, accounts: map[string]*modelAccount{}, postings: map[string]*modelPosting{},
	}
}

// remember keeps what reads show at a position.
func (m *model) remember(seq int64) {
	now := moment{seq, map[string]string{}, map[string]string{}, map[string]string{}}
	for id, c := range m.customers {
		now.customers[id] = m.showCustomer(id)
		now.views[id] = fmt.Sprint(c.status, " ", c.profile.kycStatus(), " ", len(m.openAlerts(id)))
	}
	for id, a := range m.accounts {
		now.accounts[id] = a.shown()
	}
	m.past = append(m.past, now)
}

func (m *model) showCustomer(id string) string {
	c := m.customers[id]
	return fmt.Sprint(c.version, " ", c.status, " ", c.reason, " ", c.profile.phone, " ", c.profile.kycStatus(), " ", strings.Join(m.openAlerts(id), ","))
}

// openAlerts gives the ids of a customer's open alerts, newest first. Ids of one millisecond are in no order.
func (m *model) openAlerts(customer string) (ids []string) {
	for id, a := range m.alerts {
		if a.customer == customer && a.open() {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b string) int { return m.alerts[b].nth - m.alerts[a].nth })
	return ids
}

// fires gives the rules that fire on an amount, their score, and whether they raise an alert.
func (m *model) fires(amount int) (fired []string, score int, alert bool) {
	for id, r := range m.rules {
		if amount == 0 || amount < r.threshold || r.mode == "off" {
			continue
		}
		fired = append(fired, id)
		if r.mode == "live" {
			score += r.score
			alert = alert || r.action == "alert"
		}
	}
	slices.Sort(fired)
	return fired, score, alert
}

// push gives the status of a push of a profile.
func (m *model) push(id string, p modelProfile) int {
	switch known := m.customers[id]; {
	case known == nil:
		m.customers[id] = &modelCustomer{p, 1, "active", ""}
		return 201
	case known.profile != p:
		known.profile = p
		known.version++
	}
	return 200
}

// relate gives the status of a close or a reopening.
func (m *model) relate(id, reason, to string) int {
	c := m.customers[id]
	switch {
	case reason == "":
		return 400
	case c == nil:
		return 404
	case c.status == to && c.reason == reason:
		return 200
	case c.status == to:
		return 409
	}
	c.status, c.reason = to, reason
	return 200
}

// work gives the status of a step with an alert. more is the assignee, the text or the outcome.
func (m *model) work(id, verb, reason, more string) int {
	if verb == "assign" && more == "" || verb == "note" && more == "" || verb != "assign" && verb != "note" && reason == "" {
		return 400
	}
	a := m.alerts[id]
	if a == nil {
		return 404
	}
	if verb == "resolve" && more == "true_match" { // not of a name on a list
		return 400
	}
	topic := map[string]string{"assign": "assignee", "note": "notes"}[verb]
	words := verb + "/" + reason + "/" + more
	if a.said[topic] == words {
		return 200
	}
	switch {
	case verb == "note":
	case verb == "reopen" && a.open(), verb != "reopen" && !a.open(), verb == "escalate" && a.status == "escalated":
		return 409
	}
	a.said[topic] = words
	switch verb {
	case "assign":
		a.assignee = more
		if a.status == "open" {
			a.status = "in_review"
		}
	case "escalate":
		a.status = "escalated"
	case "resolve":
		a.status = "resolved"
	case "dismiss":
		a.status = "dismissed"
	case "reopen":
		a.status, a.assignee = "open", ""
		delete(a.said, "assignee")
	}
	return 200
}

// post gives the status of a new posting, of which it is known that it is no repetition.
func (m *model) post(id string, p *modelPosting) int {
	debit, credit := m.accounts[p.debit], m.accounts[p.credit]
	if debit == nil || credit == nil || debit.currency != p.currency || credit.currency != p.currency {
		return 400
	}
	before := [2]modelAccount{*debit, *credit}
	m.move(p, p.born == "posted", p.born == "pending", 1)
	if !debit.holds() || !credit.holds() {
		*debit, *credit = before[0], before[1]
		return 400
	}
	p.status = p.born
	m.postings[id] = p
	return 201
}

// move moves a posting's amount into the posted or the pending balances.
func (m *model) move(p *modelPosting, posted, pending bool, sign int) {
	debit, credit := m.accounts[p.debit], m.accounts[p.credit]
	if posted {
		debit.debits += sign * p.amount
		credit.credits += sign * p.amount
	}
	if pending {
		debit.pendingDebits += sign * p.amount
		credit.pendingCreds += sign * p.amount
	}
}

// settle gives the status of posting or voiding a pending posting.
func (m *model) settle(id, to string) int {
	p := m.postings[id]
	switch {
	case p == nil:
		return 404
	case p.status == to:
		return 200
	case p.status != "pending":
		return 409
	}
	m.move(p, false, true, -1)
	if to == "posted" {
		m.move(p, true, false, 1)
	}
	p.status = to
	return 200
}

// reverse gives the status of the reversal of a posting under a new id.
func (m *model) reverse(original, id string) int {
	p := m.postings[original]
	known := m.postings[id]
	switch {
	case p == nil:
		return 404
	case id == original:
		return 400
	case known != nil && known.reverses == original:
		return 200
	case known != nil, p.status != "posted", p.reversedBy != "":
		return 409
	}
	back := &modelPosting{debit: p.credit, credit: p.debit, currency: p.currency, amount: p.amount, born: "posted", reverses: original}
	status := m.post(id, back)
	if status == 201 {
		p.reversedBy = id
	}
	return status
}

// count is how many things there are for which keep holds.
func count[K comparable, V any](things map[K]V, keep func(V) bool) (n int) {
	for v := range maps.Values(things) {
		if keep(v) {
			n++
		}
	}
	return n
}
