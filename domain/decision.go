package domain

// The words that areas share when one decides on what another knows. Everything a decision
// rested on is named here by id, version and digest, so that it can be made again.

// Severity says how urgent an alert or a rule is.
type Severity string

// The severities, in rising order.
const (
	Low      Severity = "low"
	Medium   Severity = "medium"
	High     Severity = "high"
	Critical Severity = "critical"
)

// Rank orders severities: 1 for low to 4 for critical, 0 for anything else.
func (s Severity) Rank() int {
	switch s {
	case Low:
		return 1
	case Medium:
		return 2
	case High:
		return 3
	case Critical:
		return 4
	}
	return 0
}

// ListVersion names one publication of a watchlist. The digest is the lower-case hex SHA-256
// that domain/screening defines over its entries.
type ListVersion struct {
	List    string `json:"list"`
	Version int    `json:"version"`
	Digest  string `json:"digest"`
}

// Hit is a name found on a watchlist.
type Hit struct {
	EntryID    string      `json:"entry_id"`
	List       ListVersion `json:"list"`
	Category   string      `json:"category"` // sanctions, pep, adverse_media or internal
	EntityType string      `json:"entity_type"`
	Name       string      `json:"name"`        // as the list writes it
	Screened   string      `json:"screened"`    // the name that was looked for
	Field      string      `json:"field"`       // where that name stood in the input
	Similarity int         `json:"similarity"`  // 0 to 100, how alike the names are
	Explained  string      `json:"explanation"` // a sentence for the officer
	Programs   []string    `json:"programs,omitempty"`
	Weak       bool        `json:"weak_alias,omitzero"` // the list itself calls the name unreliable
	Evidence   int         `json:"evidence,omitzero"`   // 1 to 100, what else speaks for the same one: 50 if nothing does
	Grounds    []string    `json:"grounds,omitempty"`   // what Evidence rests on
	Aligned    []Aligned   `json:"aligned,omitempty"`   // words that were taken for each other, the same ones left out
}

// Aligned is a word of the name that was looked for and what was taken for it in the listed name.
// One of them is empty where the other has no counterpart.
type Aligned struct {
	Screened string `json:"screened,omitempty"`
	Listed   string `json:"listed,omitempty"`
	Likeness int    `json:"likeness,omitzero"` // 1 to 100
}

// Screened is the result of looking for names on lists: absence of hits counts only
// together with the lists it was looked for on.
type Screened struct {
	Lists   []ListVersion `json:"lists"`
	Hits    []Hit         `json:"hits"`
	Cleared []Hit         `json:"cleared,omitempty"` // names that met, but the evidence speaks against them
	Matcher string        `json:"matcher,omitempty"` // version of the matcher and of its settings
	Stale   bool          `json:"stale,omitzero"`    // one of the lists was older than its limit
}

// RuleFired is a monitoring rule whose condition held.
type RuleFired struct {
	RuleID      string   `json:"rule_id"`
	Version     int      `json:"version"`
	Name        string   `json:"name"`
	Mode        string   `json:"mode"` // live or shadow; a shadow rule only reports
	Action      string   `json:"action"`
	Score       int      `json:"score"`
	Severity    Severity `json:"severity"`
	Explanation string   `json:"explanation"`

	Windows    []WindowValue `json:"windows,omitempty"`    // what it saw of the past
	Dedup      *Dedup        `json:"dedup,omitempty"`      // what one alert of the rule stands for
	Suppressed string        `json:"suppressed,omitempty"` // id of the alert that stands for this one too
}

// Dedup names a rule and a subject of which one alert is enough for some time.
type Dedup struct {
	Key     string `json:"key"`
	Seconds int64  `json:"seconds"` // since that alert was raised
}

// WindowValue is a value that a rule took from the past, or an amount that it converted; exact.
type WindowValue struct {
	Window string `json:"window"` // as conditions write it: customer.last("7d").direction("in").sum()
	Value  string `json:"value"`
}

// RuleFailed is a rule that could not be evaluated on an event. It is never a silent pass:
// it raises an alert of its own, unless one that is still open says the same of this version.
type RuleFailed struct {
	RuleID     string `json:"rule_id"`
	Version    int    `json:"version"`
	Reason     string `json:"reason"`
	Suppressed string `json:"suppressed,omitempty"` // id of the alert that stands for this one too
}

// ReferenceVersion names a list or a table of exchange rates that rules asked.
type ReferenceVersion struct {
	Kind    string `json:"kind"`    // list or rates
	Name    string `json:"name"`    // of a list, or base and date of rates, such as "EUR 2026-01-30"
	Version int    `json:"version"` // 0 of a list that is shipped
	Digest  string `json:"digest"`
}

// Monitored is the result of running a tenant's rules over one event.
type Monitored struct {
	RuleSet string       `json:"rule_set"` // digest of the rules in force, lower-case hex SHA-256
	Score   int          `json:"score"`    // sum of the live rules that fired
	Fired   []RuleFired  `json:"fired"`
	Failed  []RuleFailed `json:"failed,omitempty"`

	References []ReferenceVersion `json:"references,omitempty"` // lists and rates that the rules asked, fired or not
}

// RiskMark is a customer's rating at one moment.
type RiskMark struct {
	Score  int    `json:"composite_score"` // 0 to 100
	Rating string `json:"rating"`          // low, medium, high or prohibited
}

// WriteMember writes s as a member.
func (s *Screened) WriteMember(w *Writer, name string) {
	w.Open(name)
	w.OpenList("lists")
	for i := range s.Lists {
		l := &s.Lists[i]
		w.Open("")
		w.Text("list", l.List)
		w.Int("version", int64(l.Version))
		w.Text("digest", l.Digest)
		w.Close()
	}
	w.CloseList()
	WriteList(w, "hits", s.Hits)
	if len(s.Cleared) > 0 {
		w.Value("cleared", s.Cleared)
	}
	if s.Matcher != "" {
		w.Text("matcher", s.Matcher)
	}
	if s.Stale {
		w.Flag("stale", true)
	}
	w.Close()
}

// WriteMember writes m as a member.
func (m *Monitored) WriteMember(w *Writer, name string) {
	w.Open(name)
	w.Text("rule_set", m.RuleSet)
	w.Int("score", int64(m.Score))
	WriteList(w, "fired", m.Fired)
	if len(m.Failed) > 0 {
		w.Value("failed", m.Failed)
	}
	if len(m.References) > 0 {
		w.Value("references", m.References)
	}
	w.Close()
}

// WriteMember writes m as a member.
func (m RiskMark) WriteMember(w *Writer, name string) {
	w.Open(name)
	w.Int("composite_score", int64(m.Score))
	w.Text("rating", m.Rating)
	w.Close()
}
