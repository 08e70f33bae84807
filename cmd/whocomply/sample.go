package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"time"

	api "whocomply/http/client"
)

// sample is the data of a demo.
type sample struct {
	rules     []api.Rule
	customers []api.Profile
	accounts  []api.Account
	postings  []api.Posting
	events    []api.Event
}

// sendings gives the sample as writes, in groups that may be sent side by side: rules before the
// events they are for, customers before what names them.
func (s *sample) sendings(caller *api.Client) [][]sending {
	return [][]sending{
		sendingsOf(s.rules, caller.CreateRule), sendingsOf(s.customers, caller.PushCustomer), sendingsOf(s.accounts, caller.OpenAccount),
		sendingsOf(s.postings, caller.RecordPosting), sendingsOf(s.events, caller.PushEvent),
	}
}

// sending is one write of the sample.
type sending func(context.Context) error

func sendingsOf[T, A any](things []T, send func(context.Context, T) (A, error)) []sending {
	all := make([]sending, len(things))
	for i, thing := range things {
		all[i] = func(ctx context.Context) error {
			_, err := send(ctx, thing)
			return err
		}
	}
	return all
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
	s.accounts = append(s.accounts, api.Account{ID: "cash", Name: "Settlement account", Type: "asset", Currency: "USD"})
	names := map[string]string{}
	for _, row := range customers {
		s.addCustomer(row)
		names[row["external_id"]] = row["full_name"]
	}
	for _, row := range transactions {
		if err := s.addTransaction(row, names); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *sample) addCustomer(row map[string]string) {
	profile := api.Profile{
		ExternalID: row["external_id"], Type: row["type"], Email: row["email"], FirstName: row["first_name"], LastName: row["last_name"],
		DateOfBirth: row["date_of_birth"], Nationality: row["nationality"], CountryOfResidence: row["country_of_residence"],
		KYC: &api.KYC{Status: "verified", Level: "standard"},
	}
	if row["type"] == "business" {
		profile.LegalName = row["full_name"]
	} else {
		profile.FullName = row["full_name"]
	}
	s.customers = append(s.customers, profile)
	if row["account"] != "" {
		s.accounts = append(s.accounts, api.Account{
			ID: row["account"], Name: "Deposit " + row["account"], Type: "liability", Currency: "USD", CustomerID: row["external_id"],
		})
	}
}

// addTransaction gives each customer's side of a transaction as an event, and a posting where both
// accounts are known.
func (s *sample) addTransaction(row, names map[string]string) error {
	at, err := time.Parse(time.RFC3339Nano, row["occurred_at"])
	if err != nil {
		return fmt.Errorf("transaction %s: %w", row["transaction_id"], err)
	}
	source, target := row["source_customer"], row["target_customer"]
	side := func(suffix, customer, account, direction, other, otherAccount string) {
		if customer == "" {
			return
		}
		s.events = append(s.events, api.Event{
			TenantID: "demo", EventID: row["transaction_id"] + suffix, EventType: "transaction.created", OccurredAt: at, CustomerID: customer,
			Data: object{"transaction": api.Transaction{
				ID: row["transaction_id"], Amount: row["amount"], Currency: row["currency"], Direction: direction,
				Channel: "transfer", Account: account, Counterparty: &api.Counterparty{Account: otherAccount, Name: names[other]},
			}},
		})
	}
	side("-out", source, row["source_account"], "out", target, row["target_account"])
	side("-in", target, row["target_account"], "in", source, row["source_account"])
	if source == "" || target == "" {
		return nil
	}
	entry := func(account, direction string) api.Entry {
		return api.Entry{Account: account, Direction: direction, Amount: row["amount"], Currency: row["currency"]}
	}
	s.postings = append(s.postings, api.Posting{
		PostingID: row["transaction_id"], EffectiveAt: at, Description: "transfer",
		Entries: []api.Entry{entry(row["source_account"], "debit"), entry(row["target_account"], "credit")},
	})
	return nil
}

// demoRules are monitoring rules to begin with.
func demoRules() []api.Rule {
	rule := func(name, condition string, score int, severity string) api.Rule {
		return api.Rule{
			Name: name, EventTypes: []string{"transaction.*"}, Condition: condition, Score: score, Severity: severity,
		}
	}
	return []api.Rule{
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
