package ledger_test

import (
	"strings"

	"pgregory.net/rapid"

	"whocomply/domain/ledger"
	"whocomply/domain/screening"
)

// run begins, goes on with or ends a run of screening, or screens a customer again.
func (r drawer) run() wish {
	run := r.d.state.Screening.Unfinished()
	if run == nil || rapid.IntRange(0, 3).Draw(r.T, "another") == 0 {
		cmd := screening.StartRun{Cause: pick(r, "cause", "requested", "scheduled", "change"), Scope: "full", Reason: "asked for"}
		return func() ledger.Command { return ledger.StartRun(cmd) }
	}
	id, outcome := "", pick(r, "outcome", "completed", "superseded")
	for c := range r.d.state.Customers.All {
		id = max(id, c.ID)
	}
	tally := screening.Tally{Customers: 3, Screened: 2, Changed: 1}
	return pick(r, "run",
		func() ledger.Command {
			return ledger.AdvanceRun(screening.RunAdvanced{RunID: run.ID, Tally: tally, Through: id})
		},
		func() ledger.Command {
			return ledger.EndRun(screening.RunEnded{RunID: run.ID, Outcome: outcome, Lists: run.Lists, Tally: tally, Population: strings.Repeat("0", 64)})
		},
		func() ledger.Command { return &ledger.RescreenCustomer{ID: id} },
		func() ledger.Command { return &ledger.RescreenCustomer{ID: id} },
	)
}
