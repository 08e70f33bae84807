package ledger_test

import (
	"fmt"
	"testing"
	"time"

	"whocomply/domain"
	"whocomply/domain/activity"
	"whocomply/domain/ledger"
	"whocomply/domain/screening"
)

// TestStaleLists shows that results say when one of their lists was too old, and that retrieving the same
// content again makes it young.
func TestStaleLists(t *testing.T) {
	d, system := newDesk(t, "acme"), newDesk(t, "system")
	list := publicationOf("sdn", "Viktor Petrov")
	list.MaxAge = time.Hour
	publish := func() {
		system.now = d.now
		_, reply := system.must(t, ledger.PublishList(list))
		d.must(t, d.adopt(system, *reply.(*screening.Publication)))
	}
	publish()
	for i, step := range []struct {
		name      string
		later     time.Duration
		retrieved bool
		want      string
	}{
		{"fresh", 0, false, "false false"},
		{"at its limit", time.Hour, false, "true true"},
		{"retrieved again", time.Minute, true, "false false"},
		{"too old again", time.Hour, false, "true true"},
	} {
		d.now = d.now.Add(step.later)
		if step.retrieved {
			list.RetrievedAt = d.now
			publish()
		}
		_, pushed := d.must(t, push(person("c-1", "Ann Larsen")))
		_, paid := d.must(t, payment(fmt.Sprint("e-", i), "5", "Shop"))
		got := fmt.Sprint(pushed.(*ledger.CustomerView).Screening.Stale, " ", paid.(activity.Recorded).Decision.Screening.Stale)
		if got != step.want {
			t.Errorf("%s: stale %s, want %s", step.name, got, step.want)
		}
	}
}

// TestSubscription shows which lists a tenant is screened on: all that are published, less those it
// does not want. The others stay at hand.
func TestSubscription(t *testing.T) {
	d, system := newDesk(t, "acme"), newDesk(t, "system")
	adopt := func(list string, names ...string) {
		_, reply := system.must(t, publication(list, names...))
		d.must(t, d.adopt(system, *reply.(*screening.Publication)))
	}
	adopt("sdn", "Viktor Petrov")
	adopt("eu", "Viktor Petrov")
	wanted := func() (names []string) {
		for _, list := range d.state.Lists().Versions() {
			names = append(names, fmt.Sprint(list.List, list.Version))
		}
		return names
	}
	for _, step := range []struct {
		name string
		do   func()
		want string
	}{
		{"all", func() {}, "[eu1 sdn1]"},
		{"without one", func() { d.must(t, ledger.UnsubscribeList(screening.Unsubscribe{List: "eu", Reason: "none there"})) }, "[sdn1]"},
		{"a new version does not bring it back", func() { adopt("eu", "Viktor Petrov", "Ann Larsen") }, "[sdn1]"},
		{"back, at once in its last version", func() { d.must(t, ledger.SubscribeList(screening.Subscribe{List: "eu"})) }, "[eu2 sdn1]"},
	} {
		if step.do(); fmt.Sprint(wanted()) != step.want {
			t.Errorf("%s: screened on %v, want %s", step.name, wanted(), step.want)
		}
	}
	for _, refused := range []struct {
		cmd  ledger.Command
		code domain.Code
	}{
		{ledger.UnsubscribeList(screening.Unsubscribe{List: "un", Reason: "x"}), domain.Unknown},
		{ledger.SubscribeList(screening.Subscribe{List: "un"}), domain.Unknown},
		{ledger.UnsubscribeList(screening.Unsubscribe{List: "eu"}), domain.Invalid},
	} {
		if events, _, err := d.carry(t, d.meta(), refused.cmd); domain.CodeOf(err) != refused.code || len(events) > 0 {
			t.Errorf("%d events, error %v, want %s", len(events), err, refused.code)
		}
	}
}
