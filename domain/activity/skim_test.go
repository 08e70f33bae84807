package activity_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
	"whocomply/domain/activity"
)

// sameSkimmed holds what Skim reads against what decoding reads.
func sameSkimmed(t *testing.T, raw []byte) {
	t.Helper()
	var whole activity.Recorded
	if err := json.Unmarshal(raw, &whole, json.RejectUnknownMembers(true)); err != nil {
		t.Fatal(err)
	}
	var skim activity.Skim
	skimmed, err := skim.Read(raw)
	if err != nil {
		t.Fatalf("%v: %s", err, raw)
	}
	if skimmed.EventID != whole.EventID || skimmed.EventType != whole.EventType || !skimmed.OccurredAt.Equal(whole.OccurredAt) ||
		string(skimmed.Data) != string(whole.Data) || skimmed.CustomerID != whole.CustomerID || skimmed.Session() != whole.Session() {
		t.Errorf("skimmed %+v\ndecoded %+v", skimmed, whole)
	}
	want, session := decodedData(&whole)
	for name, got := range map[string]*activity.Transaction{"skimmed": skimmed.Transaction(), "read": whole.Transaction()} {
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s %+v\ndecoded %+v", name, got, want)
		}
	}
	if skimmed.Session() != session {
		t.Errorf("skimmed %+v\ndecoded %+v", skimmed.Session(), session)
	}
	decision, err := skim.Decision()
	if err != nil {
		t.Fatalf("%v: %s", err, raw)
	}
	if again, err := skim.Decision(); err != nil || !reflect.DeepEqual(decision, again) {
		t.Errorf("at first %+v, then %+v, %v", decision, again, err)
	}
	brief := activity.Skim{Brief: true}
	short, err := brief.Read(raw)
	if err != nil {
		t.Fatalf("%v: %s", err, raw)
	}
	if want == nil != (short.Transaction() == nil) || want != nil && !reflect.DeepEqual(*short.Transaction(), briefly(*want)) || short.Session() != session {
		t.Errorf("in brief %+v\ndecoded %+v", short, whole)
	}
	for i, f := range whole.Decision.Monitoring.Fired {
		if g := decision.Monitoring.Fired[i]; g.RuleID != f.RuleID || g.Mode != f.Mode {
			t.Errorf("rule %+v, want %+v", g, f)
		}
	}
	for i, h := range whole.Decision.Screening.Hits {
		if decision.Screening.Hits[i].Category != h.Category {
			t.Errorf("hit %+v, want %+v", decision.Screening.Hits[i], h)
		}
	}
	if len(decision.Monitoring.Fired) != len(whole.Decision.Monitoring.Fired) || len(decision.Screening.Hits) != len(whole.Decision.Screening.Hits) {
		t.Errorf("skimmed %+v\ndecoded %+v", decision, whole.Decision)
	}
}

// briefly leaves out what is the transaction's own.
func briefly(t activity.Transaction) activity.Transaction {
	t.ID, t.Purpose, t.Account, t.Reference = "", "", "", ""
	if t.Counterparty != nil {
		t.Counterparty = &activity.Counterparty{Country: t.Counterparty.Country}
	}
	return t
}

// decodedData is what the library of JSON makes of an event's data, whose fields are checked.
func decodedData(e *activity.Recorded) (*activity.Transaction, activity.Session) {
	var data struct {
		Transaction *activity.Transaction `json:"transaction"`
	}
	if !strings.HasPrefix(e.EventType, "transaction.") || json.Unmarshal(e.Data, &data) != nil {
		data.Transaction = nil
	}
	var acted struct {
		Session struct {
			Device  jsontext.Value `json:"device_id"`
			IP      jsontext.Value `json:"ip"`
			Country jsontext.Value `json:"country"`
		} `json:"session"`
	}
	if json.Unmarshal(e.Data, &acted) != nil {
		return data.Transaction, activity.Session{}
	}
	text := func(v jsontext.Value) (s string) {
		if v.Kind() != '"' || len(v) > 512 || json.Unmarshal(v, &s) != nil {
			return ""
		}
		return s
	}
	s := activity.Session{Device: text(acted.Session.Device), IP: text(acted.Session.IP), Country: text(acted.Session.Country)}
	if domain.CheckCountry("", s.Country) != nil {
		s.Country = ""
	}
	return data.Transaction, s
}

// stored writes an event with such data as it is stored.
func stored(t *testing.T, eventType, data string) ([]byte, bool) {
	in := input()
	in.EventType, in.Data = eventType, jsontext.Value(data)
	tx, err := in.Check(at)
	if err != nil {
		return nil, false
	}
	in.Data = domain.StoredJSON(in.Data)
	d := activity.Decision{
		Monitoring: domain.Monitored{Fired: []domain.RuleFired{{RuleID: "rul_1", Mode: "live", Name: `a "rule" \`, Explanation: `{"x":[`}, {RuleID: "rul_2", Mode: "shadow"}}},
		Screening:  domain.Screened{Hits: []domain.Hit{{EntryID: "1", Category: "pep"}}},
	}
	raw, err := json.Marshal(activity.DecideRecord(activity.Record{Input: in, CustomerID: "cus_1", Idem: in.Idempotency(), Transaction: tx, Decision: d}), json.Deterministic(true))
	if err != nil {
		t.Fatal(err)
	}
	return raw, true
}

func FuzzSkim(f *testing.F) {
	f.Add("transaction.created", payment)
	f.Add("transaction.created", `{"transaction":{"id":"t-1","amount":"9500.00","currency":"EUR","direction":"out","reference":"\u00e9\"\\","counterparty":null,"batch":{"a":[1,2,{"b":"]}"}]}},"session":{"device_id":"d","ip":"192.0.2.1","country":"DE"}}`)
	f.Add("session.opened", `{"session":{"device_id":"d\"","ip":"192.0.2.1","country":"DE","more":[true,null,-1.5e3]}}`)
	f.Add("own.kind", `{"session":7,"transaction":"x", "nested":{"session":{}}}`)
	f.Add("own.kind", `{"session":{"device_id":7,"country":"XX"}}`)
	f.Add("transaction.created", `{}`)
	f.Fuzz(func(t *testing.T, eventType, data string) {
		if raw, ok := stored(t, eventType, data); ok {
			sameSkimmed(t, raw)
		}
	})
}

// TestSkimRefuses gives what was cut off or is something else.
func TestSkimRefuses(t *testing.T) {
	raw, ok := stored(t, "transaction.created", payment)
	if !ok {
		t.Fatal("not stored")
	}
	read := func(raw []byte) error {
		var skim activity.Skim
		_, err := skim.Read(raw)
		if _, undecided := skim.Decision(); err == nil {
			err = undecided
		}
		return err
	}
	for _, end := range []int{0, 1, 10, 50, len(raw) / 2, bytes.Index(raw, []byte(`"decision"`)) + 10, bytes.Index(raw, []byte(`"alerts"`)) - 3} {
		if read(raw[:end]) == nil {
			t.Errorf("read %q", raw[:end])
		}
	}
	for _, text := range []string{
		"null", "[]", "{}", `{"event_id":"x"}`, strings.Replace(string(raw), "9500.00", "x", 1), strings.Replace(string(raw), at.Format("2006"), "year", 1),
		strings.Replace(string(raw), `"category":"pep"`, `"category":pep`, 1), strings.Replace(string(raw), `"customer_id"`, `"customer"`, 1),
		strings.Replace(string(raw), `"decision"`, `"decided"`, 1),
	} {
		if read([]byte(text)) == nil {
			t.Errorf("read %q", text)
		}
	}
}

// TestSkimTimes holds times against what package time reads.
func TestSkimTimes(t *testing.T) {
	raw, ok := stored(t, "transaction.created", payment)
	if !ok {
		t.Fatal("not stored")
	}
	for _, text := range []string{
		"2026-01-31T09:00:00Z", "2024-02-29T23:59:59.999999999Z", "2026-12-01T00:00:00.5Z", "0001-01-01T00:00:01Z", "9999-12-31T23:59:59.120Z", "1970-01-01T00:00:00.000000001Z",
		"2026-01-31T09:00:00+02:00", "2026-01-31T09:00:00.25-11:30", "2026-02-29T09:00:00Z", "2026-04-31T09:00:00Z", "2026-04-30T09:00:00Z", "2026-13-01T09:00:00Z", "2026-00-01T09:00:00Z",
		"2026-01-00T09:00:00Z", "2026-01-32T09:00:00Z", "2026-01-31T24:00:00Z", "2026-01-31T09:60:00Z", "2026-01-31T09:00:60Z", "2026-01-31T09:00:00.Z", "2026-01-31T09:00:00.0000000001Z",
		"2026-01-31T09:00:00,5Z", "2026-01-31T09:00:00.5", "2026-01-31t09:00:00z", "2026-01-31 09:00:00Z", "2026-1-31T09:00:00Z", "2026-01-31T09:00:00.-1Z", "+026-01-31T09:00:00Z", "2026-01-31T-1:00:00Z", "",
	} {
		var want time.Time
		wrong := want.UnmarshalText([]byte(text)) != nil
		e, err := new(activity.Skim).Read(bytes.Replace(raw, []byte(at.Format(time.RFC3339)), []byte(text), 1))
		if wrong != (err != nil) {
			t.Errorf("%q: %v, want an error: %v", text, err, wrong)
		} else if err == nil && (!e.OccurredAt.Equal(want) || e.OccurredAt.Location() != time.UTC && e.OccurredAt.Format(time.RFC3339Nano) != text) {
			t.Errorf("%q read as %v", text, e.OccurredAt)
		}
	}
}

func BenchmarkSkim(b *testing.B) {
	in := input()
	tx, err := in.Check(at)
	if err != nil {
		b.Fatal(err)
	}
	raw, err := json.Marshal(activity.DecideRecord(activity.Record{Input: in, CustomerID: "cus_1", Idem: in.Idempotency(), Transaction: tx}))
	if err != nil {
		b.Fatal(err)
	}
	var skim activity.Skim
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := skim.Read(raw); err != nil {
			b.Fatal(err)
		}
	}
}
