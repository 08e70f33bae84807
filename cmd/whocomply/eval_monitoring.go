package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"slices"
	"text/tabwriter"

	"whocomply/domain"
	"whocomply/domain/monitoring"
)

// evalMonitoringCmd measures the catalogue of typologies on labelled data.
type evalMonitoringCmd struct {
	Datasets string  `help:"Folder with labelled transactions, in any of the known forms." type:"existingdir" required:""`
	Budget   float64 `help:"Share of the accounts that may be alerted." default:"0.01"`
	JSON     bool    `help:"Print JSON, and the tables as messages."`
}

// evalRules are the typologies of the catalogue that need no more than what transfers tell. Where
// parameters are named, they look for what takes weeks, and for amounts that are nearly the same.
// All else has its defaults; amounts that are not named are scaled.
var evalRules = []struct {
	id, template string
	parameters   map[string]string
}{
	{"smurfing", "smurfing", nil},
	{"large-single", "large-single", nil},
	{"rapid-movement", "rapid-movement", nil},
	{"pass-through", "pass-through", nil},
	{"dormant-reactivation", "dormant-reactivation", nil},
	{"new-account", "new-account", nil},
	{"round-amounts", "round-amounts", nil},
	{"velocity-count", "velocity-count", nil},
	{"spike", "spike", nil},
	{"fan-in", "fan-in", nil},
	{"fan-in, a week", "fan-in", map[string]string{"window": "7d"}},
	{"fan-out", "fan-out", nil},
	{"fan-out, a week", "fan-out", map[string]string{"window": "7d"}},
	{"circular-flow", "circular-flow", map[string]string{"window": "30d", "least": "1"}},
	{"circular-flow, same amount", "circular-flow", map[string]string{"window": "30d", "least": "1", "share": "0.999"}},
	{"mirroring", "mirroring", map[string]string{"window": "10d", "least": "1"}},
	{"mirroring, same amount", "mirroring", map[string]string{"window": "30d", "least": "1", "tolerance": "0.001"}},
	{"similar-amounts", "similar-amounts", map[string]string{"window": "30d", "least": "1", "tolerance": "0.001", "times": "3"}},
	{"new-payee", "new-payee", nil},
	{"ramp-then-drain", "ramp-then-drain", nil},
}

// ordinaryPayment is the median payment that the catalogue's amounts are meant for.
const ordinaryPayment = 250

// evalResult is what the catalogue found in one data set.
type evalResult struct {
	Dataset    string         `json:"dataset"`
	Accounts   int            `json:"accounts"`
	Transfers  int            `json:"transfers"`
	Guilty     int            `json:"labelled_accounts"`
	Budget     int            `json:"alerted_accounts"`
	Caught     int            `json:"labelled_alerted"`
	Recall     float64        `json:"recall"`
	Ceiling    float64        `json:"recall_possible"` // with as many alerts, all of them true
	Precision  float64        `json:"precision"`
	Base       float64        `json:"labelled_share"` // the precision of chance
	Typologies []evalTypology `json:"typologies"`
	Rules      []evalRule     `json:"rules"`
}

type evalTypology struct {
	Typology  string  `json:"typology"`
	Accounts  int     `json:"accounts"`
	Caught    int     `json:"alerted"`
	Recall    float64 `json:"recall"`
	Precision float64 `json:"precision"` // share of the alerted accounts that are of the typology
	Schemes   int     `json:"schemes"`
	Found     int     `json:"schemes_found"` // with an account alerted
}

type evalRule struct {
	Rule     string `json:"rule"`
	Accounts int    `json:"accounts"`
	Guilty   int    `json:"labelled"`
}

// Run evaluates every data set below the folder.
func (c *evalMonitoringCmd) Run() error {
	sets, err := readLabelled(c.Datasets)
	if err == nil && len(sets) == 0 {
		err = errors.New("no labelled transactions in a known form below " + c.Datasets)
	}
	if err != nil {
		return err
	}
	var results []evalResult
	for i := range sets {
		tell("evaluating %s", sets[i].name)
		result, err := evaluate(&sets[i], c.Budget)
		if err != nil {
			return fmt.Errorf("%s: %w", sets[i].name, err)
		}
		results = append(results, result)
	}
	if c.JSON {
		printEvaluations(os.Stderr, results)
	}
	return printResult(c.JSON, results, func(w io.Writer) { printEvaluations(w, results) })
}

// evaluate runs the catalogue over one data set, an account being a customer, and alerts the
// accounts that rules fired on that fire rarely, up to the budget. Labels are used to count, no more.
func evaluate(set *labelled, budget float64) (evalResult, error) {
	rules, err := calibrated(set)
	if err != nil {
		return evalResult{}, err
	}
	fired, accounts := runRules(rules, set)
	ranked := rank(fired)
	ranked = ranked[:min(len(ranked), max(1, int(math.Round(budget*float64(len(accounts))))))]
	r := evalResult{Dataset: set.name, Accounts: len(accounts), Transfers: len(set.transfers), Guilty: len(set.guilty), Budget: len(ranked)}
	alerted := map[string]bool{}
	for _, account := range ranked {
		alerted[account] = true
		if set.guilty[account] != nil {
			r.Caught++
		}
	}
	r.Recall, r.Precision = share(r.Caught, r.Guilty), share(r.Caught, r.Budget)
	r.Ceiling, r.Base = min(1, share(r.Budget, r.Guilty)), share(r.Guilty, r.Accounts)
	r.Typologies = byTypology(set, alerted)
	for _, rule := range rules {
		e := evalRule{Rule: rule.ID, Accounts: len(fired[rule.ID])}
		for account := range fired[rule.ID] {
			if set.guilty[account] != nil {
				e.Guilty++
			}
		}
		r.Rules = append(r.Rules, e)
	}
	return r, nil
}

// calibrated makes the rules with amounts scaled to what is ordinary in the data: the median of
// all transfers in the currency that most have. No label is looked at.
func calibrated(set *labelled) ([]monitoring.Rule, error) {
	byCurrency := map[domain.Currency][]domain.Decimal{}
	for i := range set.transfers {
		t := &set.transfers[i]
		byCurrency[t.currency] = append(byCurrency[t.currency], t.amount)
	}
	currencies := slices.SortedFunc(maps.Keys(byCurrency), func(a, b domain.Currency) int {
		return cmp.Or(len(byCurrency[b])-len(byCurrency[a]), cmp.Compare(a, b))
	})
	amounts := byCurrency[currencies[0]]
	slices.SortFunc(amounts, domain.Decimal.Cmp)
	scale, err := amounts[len(amounts)/2].Quo(domain.DecimalFromInt(ordinaryPayment))
	if err != nil {
		return nil, err
	}
	var rules []monitoring.Rule
	for _, chosen := range evalRules {
		template, _ := monitoring.FindTemplate(chosen.template)
		parameters := maps.Clone(chosen.parameters)
		if parameters == nil {
			parameters = map[string]string{}
		}
		for _, p := range template.Parameters {
			switch p.Kind {
			case "currency":
				parameters[p.Name] = string(currencies[0])
			case "amount":
				if parameters[p.Name] != "" {
					continue
				}
				if parameters[p.Name], err = scaled(p.Default, scale); err != nil {
					return nil, err
				}
			}
		}
		rule, err := template.Rule(parameters)
		if err != nil {
			return nil, err
		}
		rule.ID = chosen.id
		rules = append(rules, rule)
	}
	return rules, nil
}

// scaled gives an amount of the catalogue in whole units of the data's currency, at least 1.
func scaled(amount string, scale domain.Decimal) (string, error) {
	d, err := domain.ParseDecimal(amount)
	if err != nil {
		return "", err
	}
	whole, err := d.Mul(cutDecimals(scale))
	if err != nil {
		return "", err
	}
	return cutDecimals(whole).String(), nil
}

// cutDecimals drops all digits after the second.
func cutDecimals(d domain.Decimal) domain.Decimal {
	for scale := range 2 {
		if short, err := d.Rescale(scale); err == nil {
			return short
		}
	}
	text := d.String()
	cut, err := domain.ParseDecimal(text[:len(text)-max(0, d.Scale()-2)])
	if err != nil {
		return d
	}
	return cut
}

// runRules gives how often each rule fired on each account, and all accounts. A transfer is an
// event of either side.
func runRules(rules []monitoring.Rule, set *labelled) (fired map[string]map[string]int, accounts map[string]bool) {
	compiled, past := monitoring.NewRuleSet(rules...), monitoring.NewHistories()
	fired, accounts = map[string]map[string]int{}, map[string]bool{}
	for _, rule := range rules {
		fired[rule.ID] = map[string]int{}
	}
	for account := range set.guilty {
		accounts[account] = true
	}
	for i := range set.transfers {
		t := &set.transfers[i]
		for _, side := range []string{"out", "in"} {
			in := t.event(side)
			accounts[in.Customer.ID] = true
			in.Past = past.Of(compiled, &in)
			for _, rule := range compiled.Evaluate(in).Fired {
				fired[rule.RuleID][in.Customer.ID]++
			}
			past.Record(&in)
		}
	}
	return fired, accounts
}

// event is a transfer as one side's institution sees it.
func (t *transfer) event(side string) monitoring.Input {
	whose, other, place := t.from, t.to, t.toPlace
	if side == "in" {
		whose, other, place = t.to, t.from, t.fromPlace
	}
	return monitoring.Input{
		Event:    monitoring.Event{Type: "transaction.created", OccurredAt: t.at},
		Customer: monitoring.Customer{ID: whose, Type: "individual"},
		Transaction: &monitoring.Transaction{
			Amount: t.amount, Currency: t.currency, Direction: side, Method: t.method, Account: whose,
			Counterparty: monitoring.Counterparty{Account: other, Country: place},
		},
	}
}

// rank orders the accounts on which rules fired, the most telling first. Each rule has one vote,
// which it divides among the accounts that it fired on, so that a rule tells as much as it is
// rare; that it fired again on an account adds a little. No label is looked at.
func rank(fired map[string]map[string]int) []string {
	scores := map[string]float64{}
	for _, id := range slices.Sorted(maps.Keys(fired)) {
		for account, times := range fired[id] {
			scores[account] += (1 + math.Log2(float64(times))/4) / float64(len(fired[id]))
		}
	}
	return slices.SortedFunc(maps.Keys(scores), func(a, b string) int {
		return cmp.Or(cmp.Compare(scores[b], scores[a]), cmp.Compare(a, b))
	})
}

func byTypology(set *labelled, alerted map[string]bool) []evalTypology {
	found := map[string]*evalTypology{}
	for account, typologies := range set.guilty {
		for typology := range typologies {
			if found[typology] == nil {
				found[typology] = &evalTypology{Typology: typology}
			}
			found[typology].Accounts++
			if alerted[account] {
				found[typology].Caught++
			}
		}
	}
	schemes := map[[2]string]bool{} // by typology and name, whether an account of it is alerted
	for i := range set.transfers {
		if t := &set.transfers[i]; t.scheme != "" && t.laundering {
			key := [2]string{t.typology, t.scheme}
			schemes[key] = schemes[key] || alerted[t.from] || alerted[t.to]
		}
	}
	var result []evalTypology
	for _, name := range slices.Sorted(maps.Keys(found)) {
		e := found[name]
		for key, hit := range schemes {
			if key[0] != name {
				continue
			}
			e.Schemes++
			if hit {
				e.Found++
			}
		}
		e.Recall, e.Precision = share(e.Caught, e.Accounts), share(e.Caught, len(alerted))
		result = append(result, *e)
	}
	return result
}

func share(part, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(part) / float64(of)
}

func printEvaluations(w io.Writer, results []evalResult) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "data set\taccounts\ttransfers\tlabelled\talerted\ttrue\trecall\tpossible\tprecision\tby chance")
	for _, r := range results {
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%d\t%d\t%.3f\t%.3f\t%.3f\t%.3f\n",
			r.Dataset, r.Accounts, r.Transfers, r.Guilty, r.Budget, r.Caught, r.Recall, r.Ceiling, r.Precision, r.Base)
	}
	fmt.Fprintln(table, "\ndata set\ttypology\taccounts\talerted\trecall\tprecision\tschemes\tfound")
	for _, r := range results {
		for _, t := range r.Typologies {
			fmt.Fprintf(table, "%s\t%s\t%d\t%d\t%.3f\t%.3f\t%d\t%d\n", r.Dataset, t.Typology, t.Accounts, t.Caught, t.Recall, t.Precision, t.Schemes, t.Found)
		}
	}
	fmt.Fprintln(table, "\ndata set\trule\taccounts\tlabelled")
	for _, r := range results {
		for _, e := range r.Rules {
			if e.Accounts > 0 {
				fmt.Fprintf(table, "%s\t%s\t%d\t%d\n", r.Dataset, e.Rule, e.Accounts, e.Guilty)
			}
		}
	}
	_ = table.Flush() // a terminal that went away hears nothing
}
