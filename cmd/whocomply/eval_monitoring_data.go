package main

import (
	"bufio"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"whocomply/domain"
)

// transfer is a row of a labelled data set.
type transfer struct {
	at         time.Time
	from, to   string
	amount     domain.Decimal
	currency   domain.Currency
	method     string
	fromPlace  string // ISO 3166-1 alpha-2, if the data say
	toPlace    string
	laundering bool
	scheme     string // the attempt that it is part of, if the data say
	typology   string
}

// labelled is a data set: its transfers in order of time, and the accounts known to launder.
type labelled struct {
	name      string
	transfers []transfer
	guilty    map[string]map[string]bool // typologies by account
}

// tableFormat reads the rows of one form of CSV file, known by its header.
type tableFormat struct {
	columns []string
	read    func(row map[string]string, n int) (transfer, error)
}

// stepZero is day 0 of simulations that count days or hours.
var stepZero = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

var tableFormats = []tableFormat{
	{[]string{"orig_acct", "bene_acct", "base_amt", "tran_timestamp", "is_sar", "alert_id"}, readAMLSim},
	{[]string{"sourceNodeId", "targetNodeId", "value", "time"}, readAMLSimGraph},
	{[]string{"ALERT_ID", "ALERT_TYPE", "SENDER_ACCOUNT_ID", "RECEIVER_ACCOUNT_ID", "TX_AMOUNT", "TIMESTAMP"}, readAMLSimAlerts},
	{[]string{"Timestamp", "From Bank", "Account", "Account.1", "Amount Paid", "Payment Currency", "Is Laundering"}, readAMLworld},
	{[]string{"timestamp", "from_account_id", "to_account_id", "amount_paid", "payment_currency", "is_laundering"}, readAMLworldPlain},
	{[]string{"Sender_account", "Receiver_account", "Amount", "Is_laundering", "Laundering_type"}, readSAMLD},
	{[]string{"step", "nameOrig", "nameDest", "amount", "isFraud"}, readPaySim},
}

func readAMLSim(row map[string]string, _ int) (transfer, error) {
	t := transfer{from: row["orig_acct"], to: row["bene_acct"], currency: "USD", method: row["tx_type"], laundering: isTrue(row["is_sar"])}
	if t.laundering {
		t.scheme = row["alert_id"]
	}
	return t, errors.Join(t.setTime(time.RFC3339, row["tran_timestamp"]), t.setAmount(row["base_amt"]))
}

func readAMLSimGraph(row map[string]string, n int) (transfer, error) {
	t := transfer{from: row["sourceNodeId"], to: row["targetNodeId"], currency: "USD"}
	return t, errors.Join(t.setDay(row["time"], n, 24*time.Hour), t.setAmount(row["value"]))
}

func readAMLSimAlerts(row map[string]string, n int) (transfer, error) {
	t := transfer{
		from: row["SENDER_ACCOUNT_ID"], to: row["RECEIVER_ACCOUNT_ID"], currency: "USD", laundering: isTrue(row["IS_FRAUD"]),
		scheme: row["ALERT_ID"], typology: row["ALERT_TYPE"],
	}
	return t, errors.Join(t.setDay(row["TIMESTAMP"], n, 24*time.Hour), t.setAmount(row["TX_AMOUNT"]))
}

func readAMLworld(row map[string]string, _ int) (transfer, error) {
	t := transfer{from: row["Account"], to: row["Account.1"], currency: currencyOf(row["Payment Currency"]), method: row["Payment Format"], laundering: isTrue(row["Is Laundering"])}
	return t, errors.Join(t.setTime("2006/01/02 15:04", row["Timestamp"]), t.setAmount(row["Amount Paid"]))
}

func readAMLworldPlain(row map[string]string, _ int) (transfer, error) {
	t := transfer{from: row["from_account_id"], to: row["to_account_id"], currency: currencyOf(row["payment_currency"]), method: row["payment_format"], laundering: isTrue(row["is_laundering"])}
	return t, errors.Join(t.setTime("2006/01/02 15:04", row["timestamp"]), t.setAmount(row["amount_paid"]))
}

func readSAMLD(row map[string]string, _ int) (transfer, error) {
	t := transfer{
		from: row["Sender_account"], to: row["Receiver_account"], currency: currencyOf(row["Payment_currency"]), method: row["Payment_type"],
		laundering: isTrue(row["Is_laundering"]),
	}
	if t.laundering {
		t.typology = strings.ToLower(row["Laundering_type"])
	}
	return t, errors.Join(t.setTime("2006-01-02 15:04:05", row["Date"]+" "+row["Time"]), t.setAmount(row["Amount"]))
}

func readPaySim(row map[string]string, n int) (transfer, error) {
	t := transfer{from: row["nameOrig"], to: row["nameDest"], currency: "USD", method: row["type"], laundering: isTrue(row["isFraud"])}
	if t.laundering {
		t.typology = "fraud"
	}
	return t, errors.Join(t.setDay(row["step"], n, time.Hour), t.setAmount(row["amount"]))
}

func isTrue(s string) bool { return s == "1" || strings.EqualFold(s, "true") }

func (t *transfer) setTime(layout, text string) (err error) {
	t.at, err = time.Parse(layout, text)
	return err
}

// setDay makes a time of a simulation's step. Rows of one step follow each other by seconds.
func (t *transfer) setDay(step string, row int, unit time.Duration) error {
	n, err := strconv.Atoi(step)
	t.at = stepZero.Add(time.Duration(n)*unit + time.Duration(row%3600)*time.Second)
	return err
}

// setAmount reads an amount, which some files write with more digits than money has.
func (t *transfer) setAmount(text string) (err error) {
	if whole, fraction, found := strings.Cut(text, "."); found && len(fraction) > 2 {
		text = whole + "." + fraction[:2]
	}
	t.amount, err = domain.ParseDecimal(text)
	return err
}

// currencyOf gives the code of a currency that data sets name in words.
func currencyOf(name string) domain.Currency {
	known := map[string]domain.Currency{
		"US Dollar": "USD", "Euro": "EUR", "Yuan": "CNY", "Shekel": "ILS", "Canadian Dollar": "CAD", "UK Pound": "GBP", "UK pounds": "GBP",
		"Ruble": "RUB", "Australian Dollar": "AUD", "Swiss Franc": "CHF", "Yen": "JPY", "Mexican Peso": "MXN", "Rupee": "INR",
		"Brazil Real": "BRL", "Saudi Riyal": "SAR", "Swiss franc": "CHF", "Dirham": "AED", "Pakistani rupee": "PKR", "Turkish lira": "TRY",
		"Albanian lek": "ALL", "Indian rupee": "INR", "Naira": "NGN", "Moroccan dirham": "MAD", "Mexican peso": "MXN", "US dollar": "USD",
	}
	if code, found := known[name]; found {
		return code
	}
	return "XXX"
}

// readLabelled reads every labelled file below a folder. AMLworld's attempts and the plain
// transfers beside them are one data set; so are a graph of accounts and its transfers.
func readLabelled(dir string) ([]labelled, error) {
	sets := map[string]*labelled{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		if strings.Contains(name, "amlworld") || strings.HasSuffix(name, "nodes.csv.gz") || strings.HasSuffix(name, "nodes.csv") ||
			strings.HasSuffix(filepath.Dir(name), "cycle200") {
			name = filepath.Dir(name)
		}
		set := sets[name]
		if set == nil {
			set = &labelled{name: name, guilty: map[string]map[string]bool{}}
		}
		if err := set.readFile(path); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if len(set.transfers)+len(set.guilty) > 0 {
			sets[name] = set
		}
		return nil
	})
	var result []labelled
	for _, set := range sets {
		set.settle()
		if len(set.guilty) > 0 && len(set.transfers) > 0 {
			result = append(result, *set)
		}
	}
	slices.SortFunc(result, func(a, b labelled) int { return strings.Compare(a.name, b.name) })
	return result, err
}

func (l *labelled) readFile(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // read to the end or given up
	var text io.Reader = file
	switch name := strings.TrimSuffix(path, ".gz"); {
	case name != path:
		if text, err = gzip.NewReader(file); err != nil {
			return err
		}
		if !strings.HasSuffix(name, ".csv") {
			return nil
		}
	case strings.HasSuffix(path, "_Patterns.txt"):
		return l.readPatterns(file)
	case !strings.HasSuffix(path, ".csv"):
		return nil
	}
	return l.readTable(csv.NewReader(text))
}

// readTable reads a CSV file if its form is known. A column that comes twice is "name.1".
func (l *labelled) readTable(rows *csv.Reader) error {
	rows.FieldsPerRecord = -1
	header, err := rows.Read()
	if err != nil {
		return nil //nolint:nilerr // an empty file has no labels
	}
	for i, name := range header {
		if slices.Contains(header[:i], name) {
			header[i] = name + ".1"
		}
	}
	at := slices.IndexFunc(tableFormats, func(f tableFormat) bool {
		return !slices.ContainsFunc(f.columns, func(c string) bool { return !slices.Contains(header, c) })
	})
	nodes := slices.Contains(header, "nodeid") && slices.Contains(header, "isFraud")
	for n := 0; at >= 0 || nodes; n++ {
		cells, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		row := make(map[string]string, len(header))
		for i, name := range header[:min(len(header), len(cells))] {
			row[name] = cells[i]
		}
		if nodes {
			if isTrue(row["isFraud"]) {
				l.accuse(row["nodeid"], "cycle")
			}
			continue
		}
		t, err := tableFormats[at].read(row, n)
		if err != nil {
			return fmt.Errorf("row %d: %w", n+2, err)
		}
		l.transfers = append(l.transfers, t)
	}
	return nil
}

// readPatterns reads AMLworld's list of laundering attempts.
func (l *labelled) readPatterns(file io.Reader) error {
	lines := bufio.NewScanner(file)
	scheme, typology := 0, ""
	for lines.Scan() {
		line := lines.Text()
		if name, begins := strings.CutPrefix(line, "BEGIN LAUNDERING ATTEMPT - "); begins {
			name, _, _ = strings.Cut(name, ":")
			scheme, typology = scheme+1, strings.ReplaceAll(strings.ToLower(name), "-", "_")
			continue
		}
		cells := strings.Split(line, ",")
		if len(cells) < 11 {
			continue
		}
		t := transfer{
			from: cells[2], to: cells[4], currency: currencyOf(cells[8]), method: cells[9], laundering: true,
			scheme: strconv.Itoa(scheme), typology: typology,
		}
		if err := errors.Join(t.setTime("2006/01/02 15:04", cells[0]), t.setAmount(cells[7])); err != nil {
			return err
		}
		l.transfers = append(l.transfers, t)
	}
	return lines.Err()
}

func (l *labelled) accuse(account, typology string) {
	if l.guilty[account] == nil {
		l.guilty[account] = map[string]bool{}
	}
	l.guilty[account][typology] = true
}

// settle puts transfers in order and finds who launders. Where the data do not name a scheme's
// typology, its form does: many to one, one to many, or else a cycle.
func (l *labelled) settle() {
	schemes := map[string][]*transfer{}
	for i := range l.transfers {
		if t := &l.transfers[i]; t.laundering && t.scheme != "" && t.typology == "" {
			schemes[t.scheme] = append(schemes[t.scheme], t)
		}
	}
	for _, transfers := range schemes {
		from, to := map[string]bool{}, map[string]bool{}
		for _, t := range transfers {
			from[t.from], to[t.to] = true, true
		}
		typology := "cycle"
		switch {
		case len(to) == 1 && len(from) > 1:
			typology = "fan_in"
		case len(from) == 1 && len(to) > 1:
			typology = "fan_out"
		case len(transfers) < 3:
			typology = "part of a scheme"
		}
		for _, t := range transfers {
			t.typology = typology
		}
	}
	for i := range l.transfers {
		if t := &l.transfers[i]; t.laundering {
			if t.typology == "" {
				t.typology = "laundering"
			}
			l.accuse(t.from, t.typology)
			l.accuse(t.to, t.typology)
		}
	}
	slices.SortStableFunc(l.transfers, func(a, b transfer) int { return a.at.Compare(b.at) })
}
