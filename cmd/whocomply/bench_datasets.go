package main

import (
	"compress/gzip"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// Files below WHOCOMPLY_DATASETS.
const (
	datasetList         = "sanctions/us-ofac/sdn-list-2021-10/sdn.csv"      // OFAC's own columns
	datasetCustomers    = "kyc/synthetic_customers_global_10000.csv.gz"     // invented people
	datasetTransactions = "aml/amlsim/ibm-20K_cycle200/transactions.csv.gz" // AMLSim: source, target, value, day
	datasetSteps        = 100_000                                           // of the transactions
	datasetStart        = "2026-01-01T08:00:00Z"                            // day 0 of the simulation
)

// datasets are the requests that load the data sets.
type datasets struct {
	customers, events [][]byte
}

// readDatasets makes requests of the files in a folder. The accounts of the simulation are the customers in turn; the
// customer who pays is whom an event is about, the one who is paid is the counterparty.
func (p *benchProduct) readDatasets(dir string) (d datasets, err error) {
	var names []string
	for row, err := range readRows(filepath.Join(dir, datasetCustomers), 8) {
		if err != nil {
			return d, err
		}
		i := len(names)
		request, err := p.post("customers", map[string]any{
			"external_id": customerID(i), "type": "individual", "email": fmt.Sprintf("customer-%d@example.com", i),
			"full_name": row[0], "date_of_birth": row[5], "kyc": map[string]string{"status": "verified"},
			"metadata": map[string]string{"place_of_birth": row[6], "nationality": row[7]},
		})
		if err != nil {
			return d, err
		}
		d.customers, names = append(d.customers, request), append(names, row[0])
	}
	start, err := time.Parse(time.RFC3339, datasetStart)
	if err != nil {
		return d, err
	}
	for row, err := range readRows(filepath.Join(dir, datasetTransactions), 4) {
		if err != nil || len(d.events) == datasetSteps {
			return d, err
		}
		event, err := transactionEvent(len(d.events), row, names, start)
		if err != nil {
			return d, err
		}
		event.TenantID = p.tenant.ID
		request, err := jsonRequest(webhookPath, p.tenant.Key, event)
		if err != nil {
			return d, err
		}
		d.events = append(d.events, request)
	}
	return d, nil
}

// transactionEvent makes an event of a row of the simulation.
func transactionEvent(i int, row, names []string, start time.Time) (e benchEvent, err error) {
	source, err1 := strconv.Atoi(row[0])
	target, err2 := strconv.Atoi(row[1])
	day, err3 := strconv.Atoi(row[3])
	if err := errors.Join(err1, err2, err3); err != nil {
		return e, fmt.Errorf("%s: row %d: %w", datasetTransactions, i+1, err)
	}
	e = benchEvent{
		EventID: "amlsim-" + strconv.Itoa(i), EventType: payments[0], CustomerID: customerID(source % len(names)),
		OccurredAt: start.AddDate(0, 0, day).Add(time.Duration(i%3600) * time.Second),
	}
	e.Data.Transaction = benchTransaction{
		ID: "amlsim-" + strconv.Itoa(i), Amount: row[2], Currency: "USD", Direction: "out", Channel: "online", Method: "credit_transfer",
		Counterparty: benchCounterparty{Name: names[target%len(names)], Account: "AMLSIM-" + row[1], Bank: "AMLSim Bank", Country: "US"},
		Purpose:      "transfer", Account: "AMLSIM-" + row[0], Reference: "step " + row[3],
	}
	return e, nil
}

// readRows yields the rows of a compressed CSV file after its header, all of the given number of columns.
func readRows(path string, columns int) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		file, err := os.Open(path)
		if err != nil {
			yield(nil, err)
			return
		}
		defer func() { _ = file.Close() }() // read to the end or given up
		text, err := gzip.NewReader(file)
		if err != nil {
			yield(nil, fmt.Errorf("%s: %w", path, err))
			return
		}
		rows := csv.NewReader(text)
		rows.FieldsPerRecord = columns
		for header := true; ; header = false {
			row, err := rows.Read()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				err = fmt.Errorf("%s: %w", path, err)
			}
			if !header && !yield(row, err) || err != nil {
				return
			}
		}
	}
}

// runLoad loads the data sets into a fresh installation and prints how that went.
func (c *benchCmd) runLoad(ctx context.Context) error {
	folder := os.Getenv("WHOCOMPLY_DATASETS")
	if folder == "" {
		return errors.New("set WHOCOMPLY_DATASETS to the folder of the data sets")
	}
	dir, err := os.MkdirTemp("", "whocomply-load-")
	if err != nil {
		return err
	}
	report, err := c.loadDatasets(ctx, folder, filepath.Join(dir, "product"))
	if err := errors.Join(err, os.RemoveAll(dir)); err != nil {
		return err
	}
	return printResult(c.JSON, report, report.print)
}

// loadDatasets does it: the list as an operator, all else through the API.
func (c *benchCmd) loadDatasets(ctx context.Context, folder, data string) (*loadReport, error) {
	p, err := startProduct(ctx, data)
	if err != nil {
		return nil, err
	}
	defer p.close()
	d, err := p.readDatasets(folder)
	if err != nil {
		return nil, err
	}
	report := &loadReport{Machine: machine(), Clients: c.Clients}
	tell("importing %s", datasetList)
	started := time.Now()
	if err := p.importList(ctx, filepath.Join(folder, datasetList)); err != nil {
		return nil, err
	}
	report.ListSeconds = time.Since(started).Seconds()
	if err := p.prepareRules(ctx); err != nil {
		return nil, err
	}
	for _, phase := range []struct {
		name     string
		requests [][]byte
	}{{"customers", d.customers}, {"events", d.events}} {
		if report.Files, err = listFiles(data); err != nil {
			return nil, err
		}
		if err := report.load(ctx, p, c.Clients, phase.name, phase.requests); err != nil {
			return nil, fmt.Errorf("%s: %w", phase.name, err)
		}
	}
	return report, report.weigh(p, len(d.events))
}
