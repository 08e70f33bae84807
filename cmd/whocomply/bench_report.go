package main

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"text/tabwriter"
)

// measurement is what one scenario showed in one round.
type measurement struct {
	Rate    float64 `json:"requests_per_second"`
	P50     float64 `json:"p50_ms"`
	P99     float64 `json:"p99_ms"`
	CPU     float64 `json:"cpu_us_per_request"` // of the server, read models included
	Memory  int64   `json:"peak_rss_bytes"`     // of the server since it started
	Batch   float64 `json:"mean_batch,omitzero"`
	Lag     int64   `json:"read_model_lag_events,omitzero"` // at the end of the window
	CatchUp float64 `json:"read_model_catch_up_ms,omitzero"`
	Errors  uint64  `json:"errors"`

	firstError string
}

// benchReport is all that was measured.
type benchReport struct {
	Machine   string           `json:"machine"`
	Clients   int              `json:"clients"`
	Seconds   int              `json:"seconds"`
	Customers int              `json:"customers"`
	Scenarios []scenarioReport `json:"scenarios"`
}

// scenarioReport is one scenario in all rounds.
type scenarioReport struct {
	Name       string        `json:"name"`
	Bare       string        `json:"bare,omitzero"` // what it is compared with: a bare server, or the embedded stores
	Rounds     []measurement `json:"rounds"`
	FirstError string        `json:"first_error,omitzero"`
	// TimesBare says how many times the figures, by name, are those of the same round of Bare.
	TimesBare map[string]span `json:"times_bare,omitzero"`
}

// bareOf says what a scenario is compared with.
var bareOf = map[string]string{
	postEvents: barePost, postBooks: barePost, getRisk: bareGet,
	shared + postEvents: postEvents, shared + postBooks: postBooks, shared + getRisk: getRisk,
}

func newBenchReport(c *benchCmd, scenarios []scenario) *benchReport {
	r := &benchReport{
		Machine: machine(), Clients: c.Clients, Seconds: c.Seconds, Customers: c.Customers,
	}
	for _, s := range scenarios {
		r.Scenarios = append(r.Scenarios, scenarioReport{Name: s.name, Bare: bareOf[s.name]})
	}
	return r
}

// machine says on what was measured.
func machine() string {
	return fmt.Sprintf("%s/%s, %d cores, %s", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
}

// span is the middle and the extremes of a figure over the rounds.
type span struct {
	Min    float64 `json:"min"`
	Median float64 `json:"median"`
	Max    float64 `json:"max"`
}

func spanOf(rounds []measurement, figure func(measurement) float64) span {
	values := make([]float64, len(rounds))
	for i, m := range rounds {
		values[i] = figure(m)
	}
	return spanOfValues(values)
}

// spanOfValues wants at least one value; of an even number the median is the mean of the two in the middle.
func spanOfValues(values []float64) span {
	slices.Sort(values)
	n := len(values)
	return span{values[0], (values[(n-1)/2] + values[n/2]) / 2, values[n-1]}
}

// ratios compares a figure round by round.
func ratios(rounds, bare []measurement, figure func(measurement) float64) span {
	values := make([]float64, len(rounds))
	for i := range rounds {
		values[i] = figure(rounds[i]) / figure(bare[i])
	}
	return spanOfValues(values)
}

// figures are what is printed of a scenario and compared with its bare counterpart.
var figures = []struct {
	name   string
	format string
	of     func(measurement) float64
}{
	{"req/s", "%.0f", func(m measurement) float64 { return m.Rate }},
	{"p50 ms", "%.2f", func(m measurement) float64 { return m.P50 }},
	{"p99 ms", "%.2f", func(m measurement) float64 { return m.P99 }},
	{"cpu us/req", "%.1f", func(m measurement) float64 { return m.CPU }},
	{"peak rss MiB", "%.0f", func(m measurement) float64 { return float64(m.Memory) / (1 << 20) }},
	{"mean batch", "%.1f", func(m measurement) float64 { return m.Batch }},
	{"lag events", "%.0f", func(m measurement) float64 { return float64(m.Lag) }},
	{"catch up ms", "%.0f", func(m measurement) float64 { return m.CatchUp }},
	{"errors", "%.0f", func(m measurement) float64 { return float64(m.Errors) }},
}

// compared is how many of the figures are compared with the bare counterpart.
const compared = 4

// print writes the report as tables.
func (r *benchReport) print(w io.Writer) {
	fmt.Fprintf(w, "%s; %d connections on the same machine, %d s a round; median over %d rounds [min..max]\n\n",
		r.Machine, r.Clients, r.Seconds, len(r.Scenarios[0].Rounds))
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprint(table, "scenario")
	for _, f := range figures {
		fmt.Fprint(table, "\t", f.name)
	}
	for _, s := range r.Scenarios {
		fmt.Fprint(table, "\n", s.Name)
		for _, f := range figures {
			fmt.Fprint(table, "\t", spanOf(s.Rounds, f.of).text(f.format))
		}
	}
	fmt.Fprintln(table)
	_ = table.Flush() // a terminal that went away hears nothing
	if slices.ContainsFunc(r.Scenarios, func(s scenarioReport) bool { return s.TimesBare != nil }) {
		r.printRatios(w)
	}
}

// compare enters the ratios of the scenarios whose bare counterpart was measured too.
func (r *benchReport) compare() {
	for i := range r.Scenarios {
		s := &r.Scenarios[i]
		bare := slices.IndexFunc(r.Scenarios, func(o scenarioReport) bool { return o.Name == s.Bare })
		if bare < 0 {
			continue
		}
		s.TimesBare = map[string]span{}
		for _, f := range figures[:compared] {
			s.TimesBare[f.name] = ratios(s.Rounds, r.Scenarios[bare].Rounds, f.of)
		}
	}
}

// printRatios writes how many times each figure is that of the bare counterpart.
func (r *benchReport) printRatios(w io.Writer) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprint(table, "\ntimes bare")
	for _, f := range figures[:compared] {
		fmt.Fprint(table, "\t", f.name)
	}
	for _, s := range r.Scenarios {
		if s.TimesBare == nil {
			continue
		}
		fmt.Fprintf(table, "\n%s / %s", s.Name, s.Bare)
		for _, f := range figures[:compared] {
			fmt.Fprint(table, "\t", s.TimesBare[f.name].text("%.2f"))
		}
	}
	fmt.Fprintln(table)
	_ = table.Flush() // as above
}

// text is the median with the extremes, if they are apart.
func (s span) text(format string) string {
	if s.Max == 0 {
		return "-"
	}
	text := fmt.Sprintf(format, s.Median)
	if s.Min == s.Max {
		return text
	}
	return text + fmt.Sprintf(" ["+format+".."+format+"]", s.Min, s.Max)
}
