package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"sync/atomic"
	"text/tabwriter"
	"time"
)

// loadReport says how loading the data sets went.
type loadReport struct {
	Machine     string      `json:"machine"`
	Clients     int         `json:"clients"`
	ListSeconds float64     `json:"list_import_seconds"`
	Phases      []loadPhase `json:"phases"`
	PeakRSS     int64       `json:"peak_rss_bytes"`
	AnonRSS     int64       `json:"anonymous_rss_bytes"` // at the end, without what only caches files
	Files       []loadFile  `json:"files"`
}

// loadPhase is what was loaded in one go.
type loadPhase struct {
	Name     string  `json:"name"`
	Requests uint64  `json:"requests"`
	Rate     float64 `json:"requests_per_second"`
	P50      float64 `json:"p50_ms"`
	P99      float64 `json:"p99_ms"`
	CPU      float64 `json:"cpu_us_per_request"`
	Lag      int64   `json:"read_model_lag_events"` // when the last request was answered
	CatchUp  float64 `json:"read_model_catch_up_ms"`
}

// loadFile is what a store takes on disk: a file, a folder, or the files of a pattern.
type loadFile struct {
	Name     string  `json:"name"`
	Before   int64   `json:"bytes_before_events"`
	After    int64   `json:"bytes"`
	PerEvent float64 `json:"bytes_per_event"`
}

// load sends requests once each, as one phase.
func (r *loadReport) load(ctx context.Context, p *benchProduct, clients int, name string, requests [][]byte) error {
	before, err := p.cpu()
	if err != nil {
		return err
	}
	var done atomic.Int64
	shown := make(chan struct{})
	go func() {
		defer close(shown)
		showCount(ctx, name, &done, int64(len(requests)))
	}()
	result, err := fill(ctx, load{addr: p.addr, clients: clients, next: each(requests), sent: func() { done.Add(1) }})
	done.Store(int64(len(requests)))
	if err != nil {
		<-shown
		return err
	}
	behind, err := p.settle(ctx, result.lastSeq) // at once: drawing the count would give the read models time
	<-shown
	if err != nil {
		return err
	}
	after, err := p.cpu()
	if err != nil {
		return err
	}
	r.Phases = append(r.Phases, loadPhase{
		Name: name, Requests: result.requests, Rate: result.perSecond(),
		P50: milliseconds(result.latency.quantile(0.5)), P99: milliseconds(result.latency.quantile(0.99)),
		CPU: float64((after - before).Microseconds()) / float64(result.answers), Lag: behind.events, CatchUp: milliseconds(behind.took),
	})
	return nil
}

// showCount draws a count until it reaches the total.
func showCount(ctx context.Context, name string, done *atomic.Int64, total int64) {
	report, finish := showProgress(name)
	defer finish()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for n := done.Load(); n < total && ctx.Err() == nil; n = done.Load() {
		report(n, total)
		<-tick.C
	}
}

// listFiles gives the stores of a data directory with what they take on disk.
func listFiles(data string) (files []loadFile, err error) {
	for _, pattern := range []string{"ledger.db", "ids", "read.db*"} {
		size, err := diskUsage(filepath.Join(data, pattern))
		if err != nil {
			return nil, err
		}
		files = append(files, loadFile{Name: pattern, Before: size})
	}
	return files, nil
}

// weigh enters what the server and its files have come to.
func (r *loadReport) weigh(p *benchProduct, events int) (err error) {
	for i := range r.Files {
		f := &r.Files[i]
		if f.After, err = diskUsage(filepath.Join(p.data, f.Name)); err != nil {
			return err
		}
		f.PerEvent = float64(f.After-f.Before) / float64(events)
	}
	var err1, err2 error
	r.PeakRSS, err1 = p.memory("VmHWM")
	r.AnonRSS, err2 = p.memory("RssAnon")
	return errors.Join(err1, err2)
}

// print writes the report as tables.
func (r *loadReport) print(w io.Writer) {
	fmt.Fprintf(w, "%s; %d connections on the same machine\nlist import %.1f s; peak rss %d MiB, of it %d MiB not files' at the end\n\n",
		r.Machine, r.Clients, r.ListSeconds, r.PeakRSS>>20, r.AnonRSS>>20)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "loaded\trequests\treq/s\tp50 ms\tp99 ms\tcpu us/req\tlag events\tcatch up ms")
	for _, p := range r.Phases {
		fmt.Fprintf(table, "%s\t%d\t%.0f\t%.2f\t%.2f\t%.1f\t%d\t%.0f\n", p.Name, p.Requests, p.Rate, p.P50, p.P99, p.CPU, p.Lag, p.CatchUp)
	}
	fmt.Fprintln(table, "\nfile\tMiB\tbytes per event")
	for _, f := range r.Files {
		fmt.Fprintf(table, "%s\t%.1f\t%.0f\n", f.Name, float64(f.After)/(1<<20), f.PerEvent)
	}
	_ = table.Flush() // a terminal that went away hears nothing
}
