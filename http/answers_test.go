package http

import (
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
	"whocomply/domain/activity"
	"whocomply/domain/ledger"
	"whocomply/domain/posting"
)

// TestAnswersWriteThemselves shows that answers that write themselves give what package json gives.
func TestAnswersWriteThemselves(t *testing.T) {
	at := time.Date(2026, 1, 31, 9, 0, 0, 120_000_000, time.UTC)
	amount := domain.DecimalOf(125_000, 2)
	lists := []domain.ListVersion{{List: "sdn", Version: 3, Digest: "ab"}, {List: "eu", Version: 1, Digest: "cd"}}
	screened := domain.Screened{
		Lists: lists, Hits: []domain.Hit{{EntryID: "e", List: lists[0], Name: "Ann \"A\" Lärsen"}}, Cleared: []domain.Hit{{EntryID: "f"}}, Matcher: "m1", Stale: true,
	}
	change := activity.RiskChange{Before: domain.RiskMark{Score: 1, Rating: "low"}, After: domain.RiskMark{Score: 70, Rating: "high"}}
	receipt := ledger.Receipt{Ledger: "bank.example/acme", Seq: 7, Hash: "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", RecordedAt: at}
	fired := []domain.RuleFired{{RuleID: "r", Version: 1, Severity: domain.High, Windows: []domain.WindowValue{{Window: "w", Value: "1"}}}}
	failed := []domain.RuleFailed{{RuleID: "q", Version: 2, Reason: "divides by zero"}}
	entries := []posting.Entry{{Account: "a", Direction: posting.Debit, Amount: amount, Currency: "EUR"}, {Account: "b", Direction: posting.Credit, Amount: amount, Currency: "EUR"}}
	balances := []posting.Balance{{Account: "a", Posted: posting.Sides{Debits: amount}, Pending: posting.Sides{Credits: amount}}}
	for _, answer := range []domain.Written{
		&eventAnswer{},
		&eventAnswer{
			EventID: "e-1", CustomerID: "cus_1", Score: 40, RulesFired: fired, RulesFailed: failed, References: []domain.ReferenceVersion{{Kind: "list", Name: "fatf_grey"}},
			Alerts: []raised{{"alr_1"}}, Screening: screened, Risk: change, Late: true, OutOfOrder: true, Receipt: receipt,
		},
		&postingAnswer{},
		&postingAnswer{
			Posting:       posting.Posting{Ref: "pst_1", ID: "p-1", Status: posting.Posted, EffectiveAt: at, Description: "rent", Entries: entries, Reverses: "p-0", Metadata: jsontext.Value(`{"b":1,"a":2}`)},
			PostedEntries: entries, Balances: balances, Monitoring: []movementAnswer{{EventID: "e-1", Amount: amount}}, Alerts: []raised{},
			Risk: []riskAnswer{{"cus_1", change}}, Receipt: receipt,
		},
	} {
		want, err := json.Marshal(answer, json.Deterministic(true))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := domain.AppendJSON(nil, answer); err != nil || string(got) != string(want) {
			t.Errorf("wrote %s\nwant  %s\nerror %v", got, want, err)
		}
	}
}
