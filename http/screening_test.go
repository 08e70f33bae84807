package http_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"whocomply/domain"
	"whocomply/domain/ledger"
	"whocomply/domain/screening"
	"whocomply/http/client"
)

// petrov is a customer who has a listed name.
const petrov = `{"external_id":"c-1","type":"individual","email":"v@example.com","full_name":"Viktor Petrov","date_of_birth":"DOB"}`

func pushPetrov(h *house, born string) *answer {
	a := h.do("POST", acme+"/customers", strings.ReplaceAll(petrov, "DOB", born))
	if a.status != http.StatusOK && a.status != http.StatusCreated {
		h.t.Fatalf("push: %s", a.body)
	}
	return a
}

// TestDispositionOverHTTP follows a hit from its alert to a disposition, and that to its end.
func TestDispositionOverHTTP(t *testing.T) {
	h := openHouse(t, true)
	h.publish("sdn", time.Now(), 0, "Viktor Petrov")
	alert := pushPetrov(h, "1980-01-02").get("/alerts/0/id")
	at := acme + "/alerts/" + alert
	if a := h.want(h.do("POST", at+"/disposition", `{"outcome":"maybe","reason":"x"}`), http.StatusBadRequest); a.Field != "outcome" {
		t.Errorf("outcome: %s", a.body)
	}
	if a := h.want(h.do("POST", at+"/disposition", `{"outcome":"false_positive"}`), http.StatusBadRequest); a.Field != "reason" {
		t.Errorf("reason: %s", a.body)
	}
	h.want(h.do("POST", at+"/disposition", `{"outcome":"needs_information","reason":"passport asked for"}`), http.StatusOK)
	done := h.want(h.do("POST", at+"/disposition", `{"outcome":"false_positive","reason":"born later"}`), http.StatusOK)
	if done.get("/status") != "dismissed" || done.get("/outcome") != "false_positive" {
		t.Errorf("alert: %s", done.body)
	}
	shown := h.seen(done, "/screening/dispositions?customer_id=c-1")
	if shown.Page.Total != 2 || shown.get("/0/status") != "in_force" || shown.get("/0/outcome") != "false_positive" || shown.get("/1/status") != "superseded" || shown.get("/0/customer/names") == "" {
		t.Errorf("dispositions: %s", shown.body)
	}
	same := pushPetrov(h, "1980-01-02")
	if same.get("/screening/hits/0") != "" || !strings.Contains(same.get("/screening/cleared/0/grounds/0"), "false positive by disposition dsp_") || same.get("/alerts/0") != "" {
		t.Errorf("the same again: %s", same.body)
	}
	changed := pushPetrov(h, "1960-01-02")
	if changed.get("/screening/hits/0") == "" || changed.get("/alerts/0/id") == "" || changed.get("/alerts/0/id") == alert {
		t.Errorf("after a material change: %s", changed.body)
	}
	ended := h.seen(changed, "/screening/dispositions?status=void")
	if ended.Page.Total != 1 || ended.get("/0/void/cause") != "customer" || ended.get("/0/void/changed/0") != "date_of_birth" {
		t.Errorf("dispositions: %s", ended.body)
	}
	h.want(h.do("POST", acme+"/alerts/alr_x/disposition", `{"outcome":"false_positive","reason":"x"}`), http.StatusNotFound)
}

// TestGoodGuysOverHTTP shows the two keys that it takes.
func TestGoodGuysOverHTTP(t *testing.T) {
	h := openHouse(t, true)
	h.publish("sdn", time.Now(), 0, "Viktor Petrov")
	second := h.issue("acme", "bbbbbbbbbbbb", time.Time{}, "alerts:write")
	body := `{"name":"Viktor Petrov","list":"sdn","entry_id":"Viktor-Petrov","reason":"the baker"}`
	made := h.want(h.do("POST", acme+"/screening/good-guys", body, "Idempotency-Key", "k"), http.StatusCreated)
	at := acme + "/screening/good-guys/" + made.get("/id")
	again := h.want(h.do("POST", acme+"/screening/good-guys", body, "Idempotency-Key", "k"), http.StatusOK)
	if again.get("/id") != made.get("/id") || made.get("/status") != "proposed" {
		t.Errorf("proposed %s, again %s", made.body, again.body)
	}
	h.want(h.do("POST", at+"/approve", `{"reason":"seen"}`), http.StatusForbidden)
	if hit := pushPetrov(h, "1980-01-02"); hit.get("/screening/hits/0") == "" {
		t.Errorf("cleared before it was approved: %s", hit.body)
	}
	approved := h.want(h.do("POST", at+"/approve", `{"reason":"seen"}`, "Authorization", second), http.StatusOK)
	if approved.get("/status") != "approved" || approved.get("/decided_by") != "key:bbbbbbbbbbbb" {
		t.Errorf("approved: %s", approved.body)
	}
	if hit := pushPetrov(h, "1981-01-02"); hit.get("/screening/hits/0") != "" || !strings.HasPrefix(hit.get("/screening/cleared/0/grounds/0"), "good guy ggy_") {
		t.Errorf("not cleared: %s", hit.body)
	}
	if shown := h.seen(approved, "/screening/good-guys?status=approved"); shown.Page.Total != 1 || shown.get("/0/decided_reason") != "seen" {
		t.Errorf("good guys: %s", shown.body)
	}
	h.want(h.do("POST", at+"/reject", `{"reason":"seen"}`, "Authorization", second), http.StatusConflict)
	h.want(h.do("POST", at+"/withdraw", `{"reason":"moved away"}`), http.StatusOK)
	if hit := pushPetrov(h, "1982-01-02"); hit.get("/screening/hits/0") == "" {
		t.Errorf("cleared after it was withdrawn: %s", hit.body)
	}
	h.want(h.do("POST", acme+"/screening/good-guys/ggy_x/approve", `{"reason":"x"}`), http.StatusNotFound)
	if a := h.want(h.do("POST", acme+"/screening/good-guys", `{"name":"A","list":"sdn","entry_id":"x","reason":"r"}`), http.StatusBadRequest); a.Field != "entry_id" {
		t.Errorf("no entry: %s", a.body)
	}
}

// TestRunsOverHTTP asks for a run, and shows what of it reads tell while it goes on and when it has ended.
func TestRunsOverHTTP(t *testing.T) {
	h := openHouse(t, true)
	h.publish("sdn", time.Now(), 0, "Somebody Else")
	pushPetrov(h, "1980-01-02")
	if a := h.want(h.do("POST", acme+"/screening/runs", `{}`), http.StatusBadRequest); a.Field != "reason" {
		t.Errorf("no reason: %s", a.body)
	}
	made := h.want(h.do("POST", acme+"/screening/runs", `{"reason":"the examiner asked"}`, "Idempotency-Key", "k"), http.StatusCreated)
	if again := h.want(h.do("POST", acme+"/screening/runs", `{"reason":"once more"}`), http.StatusOK); again.get("/id") != made.get("/id") {
		t.Errorf("a second run: %s", again.body)
	}
	id := made.get("/id")
	if shown := h.seen(made, "/screening/runs/"+id); shown.get("/status") != "running" || shown.get("/scope") != "full" {
		t.Errorf("run: %s", shown.body)
	}
	var versions []domain.ListVersion
	h.must(h.ledgers.View(t.Context(), "acme", func(s *ledger.State) error { versions = s.Lists().Versions(); return nil }))
	for _, cmd := range []ledger.Command{
		ledger.AdvanceRun(screening.RunAdvanced{RunID: id, Tally: screening.Tally{Customers: 1, Screened: 1}, Through: "cus_9"}),
		ledger.EndRun(screening.RunEnded{
			RunID: id, Outcome: screening.RunDone, Lists: versions, Matcher: "m", Tally: screening.Tally{Customers: 1, Screened: 1}, Population: strings.Repeat("0", 64),
		}),
	} {
		_, err := h.ledgers.Execute(t.Context(), "acme", "operator", cmd)
		h.must(err)
	}
	done := h.want(h.do("POST", acme+"/screening/runs", `{"reason":"the examiner asked"}`, "Idempotency-Key", "k"), http.StatusOK)
	shown := h.seen(done, "/screening/runs")
	if shown.Page.Total != 1 || shown.get("/0/status") != "completed" || shown.get("/0/no_hit") != "1" || shown.get("/0/with_hits") != "0" {
		t.Errorf("runs: %s", shown.body)
	}
	who := h.seen(done, "/customers/c-1")
	if who.get("/screening/rescreened/run_id") != id || who.get("/screening/rescreened/lists/0/list") != "sdn" {
		t.Errorf("customer: %s", who.body)
	}
}

// TestClientScreens goes the same ways from a Go program.
func TestClientScreens(t *testing.T) {
	h := openHouse(t, true)
	h.publish("sdn", time.Now(), 0, "Viktor Petrov")
	c, ctx := h.dial(untouched), t.Context()
	pushed := pushPetrov(h, "1980-01-02")
	done, err := c.Work(ctx, pushed.get("/alerts/0/id"), client.Step{Verb: "disposition", Outcome: "false_positive", Reason: "born later"})
	h.must(err)
	run, err := c.Screen(ctx, "the examiner asked")
	h.must(err)
	read, err := c.ScreeningRun(ctx, run.ID)
	h.must(err)
	runs, err := c.ScreeningRuns(ctx, client.List{})
	h.must(err)
	sent, err := c.PushMessage(ctx, []byte(message), "out", "c-1")
	h.must(err)
	if done.Status != "dismissed" || read.Status != "running" || read.Reason != "the examiner asked" || len(runs.Items) != 1 || sent.Recorded != 2 {
		t.Errorf("%+v, %+v, %d runs, %+v", done, read, len(runs.Items), sent)
	}
}

// TestSearchAsYouType types a name, and asks for what is not to be had.
func TestSearchAsYouType(t *testing.T) {
	h := openHouse(t, true)
	h.publish("sdn", time.Now(), 0, "Viktor Petrov", "Viktoria Petrenko", "Olga Borisova")
	at := acme + "/screening/search"
	got := h.want(h.do("POST", at, `{"name":"petr vik","as_you_type":true}`), http.StatusOK)
	if got.get("/hits/0/name") != "Viktor Petrov" || got.get("/hits/1/name") != "Viktoria Petrenko" || got.get("/hits/2") != "" || got.get("/lists/0/list") != "sdn" {
		t.Errorf("typed: %s", got.body)
	}
	if one := h.want(h.do("POST", at, `{"name":"petr vik","as_you_type":true,"limit":1}`), http.StatusOK); one.get("/hits/0/name") != "Viktor Petrov" || one.get("/hits/1") != "" {
		t.Errorf("one: %s", one.body)
	}
	if whole := h.want(h.do("POST", at, `{"name":"petr vik"}`), http.StatusOK); whole.get("/hits") != "[]" {
		t.Errorf("as a whole: %s", whole.body)
	}
	for _, body := range []string{`{"name":"a","limit":3}`, `{"name":"a","as_you_type":true,"limit":51}`, `{"name":"a","as_you_type":true,"limit":-1}`} {
		if a := h.want(h.do("POST", at, body), http.StatusBadRequest); a.Field != "limit" {
			t.Errorf("%s: %s", body, a.body)
		}
	}
}
