package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// benchRule is the body of POST …/monitoring-rules.
type benchRule struct {
	Name       string   `json:"name"`
	EventTypes []string `json:"event_types"`
	Condition  string   `json:"condition"`
	Score      int      `json:"score"`
	Severity   string   `json:"severity"`
	Action     string   `json:"action"`
}

// benchRules are of the kinds that institutions run. Those of suspicious events fire, the others look and do not.
var benchRules = []benchRule{
	{"Large payment", payments, `transaction.amount >= 9999.99`, 40, "medium", "alert"},
	{"Just below the reporting threshold, in cash", payments, `transaction.method == "cash" && transaction.amount >= 9000 && transaction.amount < 9999.99`, 50, "high", "alert"},
	{"Sanctioned or uncooperative country", payments, `transaction.counterparty.country in ["IR", "KP", "SY", "MM", "CU"]`, 60, "high", "alert"},
	{"Outgoing crypto payment of some size", payments, `transaction.direction == "out" && transaction.channel == "crypto" && transaction.amount > 5000`, 35, "medium", "alert"},
	{"Customer of high risk moves money abroad", payments, `risk.rating == "high" && transaction.counterparty.country != customer.country_of_residence`, 30, "medium", "score"},
	{"Customer not verified", payments, `customer.kyc_status != "verified" && transaction.amount > 1000`, 30, "medium", "alert"},
	{"Politically exposed customer", payments, `(customer.pep_declared || risk.pep_flag) && transaction.amount > 2500`, 25, "medium", "alert"},
	{"Purpose that hides one", payments, `lower(transaction.purpose).contains("consultancy") && transaction.amount > 7500`, 20, "low", "score"},
	{"Payment at night", payments, `event.occurred_at.getHours() < 5 && transaction.channel == "online" && transaction.amount > 3000`, 15, "low", "score"},
	{"Bank known for shell companies", payments, `transaction.counterparty.bank.startsWith("Sham Bank") || transaction.reference.matches("^(?i)loan[ -]?back")`, 45, "high", "alert"},
}

var payments = []string{"transaction.created"}

// suspicion turns an everyday payment into one that a rule fires on, in as many ways as there are.
var suspicion = []func(*benchTransaction){
	func(t *benchTransaction) { t.Amount = "14500.00" },
	func(t *benchTransaction) { t.Amount, t.Method = "9450.00", "cash" },
	func(t *benchTransaction) { t.Counterparty.Country = "IR" },
	func(t *benchTransaction) { t.Amount, t.Channel, t.Direction = "6200.00", "crypto", "out" },
	func(t *benchTransaction) { t.Counterparty.Bank = "Sham Bank AG" },
}

// suspicionRate is the share of suspicious events.
const suspicionRate = 0.015

func pick(r *rand.Rand, words ...string) string { return words[r.IntN(len(words))] }

// inventEvent makes an event whose ids hold the serial mark, about one of the customers.
func inventEvent(r *rand.Rand, tenant string, customers int, at time.Time) benchEvent {
	e := benchEvent{
		TenantID: tenant, EventID: "bench-event-" + serialMark, EventType: payments[0], OccurredAt: at,
		CustomerID: customerID(r.IntN(customers)),
	}
	iban := func() string { return fmt.Sprintf("NL%02dBNCH%010d", r.IntN(100), r.Int64N(1e10)) }
	e.Data.Transaction = benchTransaction{
		ID: "bench-transaction-" + serialMark, Amount: randomAmount(r), Currency: "EUR", Direction: pick(r, "in", "out"),
		Channel: pick(r, "online", "mobile", "branch"), Method: pick(r, "credit_transfer", "card", "direct_debit"),
		Counterparty: benchCounterparty{Name: randomName(r), Account: iban(), Bank: "Bench Bank NV", Country: pick(r, "NL", "BE", "DE", "FR")},
		Purpose:      pick(r, "rent", "salary", "groceries", "invoice 2026-0117"), Account: iban(), Reference: "bench-" + serialMark,
	}
	if r.Float64() < suspicionRate {
		suspicion[r.IntN(len(suspicion))](&e.Data.Transaction)
	}
	return e
}

// inventCustomer makes a profile as a bank's onboarding would push it.
func inventCustomer(r *rand.Rand, i int) map[string]any {
	first, last, _ := strings.Cut(randomName(r), " ")
	return map[string]any{
		"external_id": customerID(i), "type": "individual", "email": fmt.Sprintf("customer-%d@example.com", i),
		"first_name": first, "last_name": last, "date_of_birth": fmt.Sprintf("%d-%02d-%02d", 1940+r.IntN(65), 1+r.IntN(12), 1+r.IntN(28)),
		"nationality": pick(r, "NL", "BE", "DE", "FR"), "country_of_residence": "NL",
		"address":    map[string]string{"line1": "Street 1", "city": "Utrecht", "postal_code": "3511 AA", "country": "NL"},
		"occupation": pick(r, "teacher", "engineer", "nurse", "retired"), "source_of_funds": "salary",
		"kyc": map[string]string{"status": "verified", "level": "standard", "verified_at": "2025-06-01T09:00:00Z", "provider": "bench"},
	}
}

// inventAccount makes an account of the books.
func inventAccount(i int) map[string]string {
	return map[string]string{"id": accountID(i), "name": fmt.Sprintf("Account %d", i), "type": "liability", "currency": "EUR"}
}

// inventPosting makes a posting between two accounts whose id holds the serial mark.
func inventPosting(r *rand.Rand, at time.Time) map[string]any {
	debit := r.IntN(benchAccounts)
	credit := (debit + 1 + r.IntN(benchAccounts-1)) % benchAccounts
	amount := randomAmount(r)
	entry := func(account int, direction string) map[string]string {
		return map[string]string{"account": accountID(account), "direction": direction, "amount": amount, "currency": "EUR"}
	}
	return map[string]any{
		"posting_id": "bench-posting-" + serialMark, "effective_at": at, "description": "transfer",
		"entries": []map[string]string{entry(debit, "debit"), entry(credit, "credit")},
	}
}

// templates makes n requests of values whose ids hold the serial mark.
func templates(n int, path, key string, invent func() any) ([]template, error) {
	made := make([]template, n)
	for i := range made {
		text, err := jsonRequest(path, key, invent())
		if err != nil {
			return nil, err
		}
		made[i] = newTemplate(text)
	}
	return made, nil
}
