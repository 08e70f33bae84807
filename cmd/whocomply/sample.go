package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
)

// sample is the data of a demo, as the bodies of requests in the order they must be sent.
type sample struct {
	rules, customers, accounts, postings, events []any
}

// step is a part of a sample whose bodies may be sent side by side.
type step struct {
	path   string
	bodies []any
}

// steps gives the sample in order: rules before the events they are for, customers before what
// names them.
func (s *sample) steps() []step {
	return []step{
		{"tenants/demo/monitoring-rules", s.rules},
		{"tenants/demo/customers", s.customers},
		{"tenants/demo/accounts", s.accounts},
		{"tenants/demo/postings", s.postings},
		{"events/webhook", s.events},
	}
}

func (s *sample) size() int {
	size := 0
	for _, step := range s.steps() {
		size += len(step.bodies)
	}
	return size
}

// object is a JSON object in the making.
type object = map[string]any

// readSample reads the sample's files; README.md beside them says where they come from.
func readSample(dir string) (*sample, error) {
	customers, err := readTable(filepath.Join(dir, "customers.csv"))
	if err != nil {
		return nil, err
	}
	transactions, err := readTable(filepath.Join(dir, "transactions.csv"))
	if err != nil {
		return nil, err
	}
	s := &sample{rules: demoRules()}
	s.accounts = append(s.accounts, object{"id": "cash", "name": "Settlement account", "type": "asset", "currency": "USD"})
	names := map[string]string{}
	for _, row := range customers {
		s.addCustomer(row)
		names[row["external_id"]] = row["full_name"]
	}
	for _, row := range transactions {
		s.addTransaction(row, names)
	}
	return s, nil
}

func (s *sample) addCustomer(row map[string]string) {
	profile := object{"kyc": object{"status": "verified", "level": "standard"}}
	for _, field := range []string{"external_id", "type", "email", "first_name", "last_name", "date_of_birth", "nationality", "country_of_residence"} {
		if row[field] != "" {
			profile[field] = row[field]
		}
	}
	if row["type"] == "business" {
		profile["legal_name"] = row["full_name"]
	} else {
		profile["full_name"] = row["full_name"]
	}
	s.customers = append(s.customers, profile)
	if row["account"] != "" {
		s.accounts = append(s.accounts, object{
			"id": row["account"], "name": "Deposit " + row["account"], "type": "liability", "currency": "USD", "customer_id": row["external_id"],
		})
	}
}

// addTransaction gives each customer's side of a transaction as an event, and a posting where both
// accounts are known.
func (s *sample) addTransaction(row, names map[string]string) {
	source, target := row["source_customer"], row["target_customer"]
	side := func(suffix, customer, account, direction, other, otherAccount string) {
		if customer == "" {
			return
		}
		counterparty := object{"account": otherAccount}
		if names[other] != "" {
			counterparty["name"] = names[other]
		}
		s.events = append(s.events, object{
			"tenant_id": "demo", "event_id": row["transaction_id"] + suffix, "event_type": "transaction.created",
			"occurred_at": row["occurred_at"], "customer_id": customer,
			"data": object{"transaction": object{
				"id": row["transaction_id"], "amount": row["amount"], "currency": row["currency"], "direction": direction,
				"channel": "transfer", "account": account, "counterparty": counterparty,
			}},
		})
	}
	side("-out", source, row["source_account"], "out", target, row["target_account"])
	side("-in", target, row["target_account"], "in", source, row["source_account"])
	if source == "" || target == "" {
		return
	}
	entry := func(account, direction string) object {
		return object{"account": account, "direction": direction, "amount": row["amount"], "currency": row["currency"]}
	}
	s.postings = append(s.postings, object{
		"posting_id": row["transaction_id"], "effective_at": row["occurred_at"], "description": "transfer",
		"entries": []object{entry(row["source_account"], "debit"), entry(row["target_account"], "credit")},
	})
}

// demoRules are monitoring rules to begin with.
func demoRules() []any {
	rule := func(name, condition string, score int, severity string) any {
		return object{
			"name": name, "event_types": []string{"transaction.*"}, "condition": condition, "score": score, "severity": severity,
		}
	}
	return []any{
		rule("Large transaction", `transaction.amount >= 10000`, 40, "high"),
		rule("Just below the reporting threshold", `transaction.amount >= 8500 && transaction.amount < 10000`, 30, "medium"),
		rule("Large for a retail customer", `customer.type == "individual" && transaction.amount >= 595`, 15, "low"),
		rule("Counterparty in a high-risk jurisdiction", `transaction.counterparty.country in ["IR", "KP", "MM"]`, 60, "critical"),
		rule("Politically exposed customer sends money", `transaction.direction == "out" && risk.pep_flag && transaction.amount > 1000`, 35, "high"),
		rule("Customer under a sanctions alert is active", `risk.sanctions_flag`, 80, "critical"),
	}
}

// readTable reads a CSV file with a header into rows by column.
func readTable(path string) ([]map[string]string, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	lines, err := csv.NewReader(bytes.NewReader(content)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(lines) == 0 {
		return nil, fmt.Errorf("%s is empty", path)
	}
	rows := make([]map[string]string, 0, len(lines)-1)
	for _, line := range lines[1:] {
		row := make(map[string]string, len(line))
		for i, column := range lines[0] {
			row[column] = line[i]
		}
		rows = append(rows, row)
	}
	return rows, nil
}
