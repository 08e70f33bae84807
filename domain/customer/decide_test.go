package customer_test

import (
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/oklog/ulid/v2"

	"whocomply/domain"
	"whocomply/domain/customer"
)

func meta() domain.Meta {
	return domain.Meta{At: at, Actor: "key_1", IDs: domain.NewIDs(ulid.MustParseStrict("01KG0000000000000000000000"))}
}

// push decides and folds a push, and gives its event; nil if there is none.
func push(t *testing.T, s *customer.State, m domain.Meta, p customer.Profile) *customer.Pushed {
	t.Helper()
	events, err := s.DecidePush(m, customer.Push{Profile: p})
	if err != nil || len(events) > 1 {
		t.Fatalf("%d events, error %v", len(events), err)
	}
	for _, event := range events {
		s.Evolve(&domain.Envelope{Seq: int64(s.Len()), Time: m.At, Event: event})
		pushed := event.(customer.Pushed)
		return &pushed
	}
	return nil
}

func TestPush(t *testing.T) {
	s, m := customer.New(), meta()
	first := push(t, s, m, individual())
	if first == nil || first.CustomerID != "cus_01KG0000000000000000000000" || first.Version != 1 {
		t.Fatalf("first %+v", first)
	}
	if again := push(t, s, m, individual()); again != nil {
		t.Errorf("the same profile gave %+v", again)
	}
	known := s.Find(first.CustomerID)
	moved := individual()
	moved.CountryOfResidence = "SE"
	m.At = at.Add(time.Hour)
	if second := push(t, s, m, moved); second == nil || second.CustomerID != first.CustomerID || second.Version != 2 {
		t.Fatalf("second %+v", second)
	}
	now := s.Find("c-1")
	if now.Profile.CountryOfResidence != "SE" || !now.CreatedAt.Equal(at) || !now.UpdatedAt.Equal(m.At) || now.Version != 2 || now.Seq != 1 {
		t.Errorf("customer %+v", now)
	}
	if known.Profile.CountryOfResidence != "" || known.Version != 1 {
		t.Error("a customer changed under its reader")
	}
	if third := push(t, s, m, individual()); third == nil || third.Version != 3 {
		t.Errorf("the profile of before gave %+v", third)
	}
	wrong := individual()
	wrong.Email = ""
	_, err := s.DecidePush(m, customer.Push{Profile: wrong})
	wantInvalid(t, err, "email", "email is required")
}

// TestSameProfile shows that the order of free-form members makes no other profile, and their
// content does.
func TestSameProfile(t *testing.T) {
	s, p := customer.New(), individual()
	for _, tc := range []struct {
		metadata string
		want     bool
	}{
		{`{"a":1,"b":{"c":2,"d":3}}`, true},
		{` { "b": {"d":3, "c":2}, "a": 1 } `, false},
		{`{"a":1.0,"b":{"c":2,"d":3}}`, true},
	} {
		p.Metadata = jsontext.Value(tc.metadata)
		if got := push(t, s, meta(), p) != nil; got != tc.want {
			t.Errorf("%s: event %v, want %v", tc.metadata, got, tc.want)
		}
	}
}

func TestFind(t *testing.T) {
	s, m := customer.New(), meta()
	first := push(t, s, m, individual())
	usurper := individual()
	usurper.ExternalID = first.CustomerID
	second := push(t, s, m, usurper)
	if second.CustomerID == first.CustomerID || s.Len() != 2 {
		t.Fatalf("an external_id like our id of another gave %+v", second)
	}
	if s.Find(first.CustomerID).ID != first.CustomerID || s.Find("c-1").ID != first.CustomerID {
		t.Error("our id does not win")
	}
	if s.ByExternalID(first.CustomerID).ID != second.CustomerID || s.ByExternalID("c-9") != nil || s.Find("c-9") != nil {
		t.Error("not found by external_id alone")
	}
	seen := map[string]bool{}
	for c := range s.All {
		seen[c.ID] = true
	}
	for range s.All {
		break
	}
	if len(seen) != 2 {
		t.Errorf("all are %v", seen)
	}
}

func TestMergeInto(t *testing.T) {
	p := individual()
	p.Aliases, p.PEPDeclared = []string{"Annie"}, true
	p.Address = &customer.Address{City: "Aarhus", Country: "DK"}
	p.Metadata = jsontext.Value(`{"limit":12345678901234567890,"tags":["a"]}`)
	known := &customer.Customer{ID: "cus_1", Profile: p}
	before := domain.ContentDigest(p)
	for _, tc := range []struct {
		merge  string
		change func(p *customer.Profile)
	}{
		{`{}`, func(*customer.Profile) {}},
		{`{"first_name":"Anne"}`, func(p *customer.Profile) { p.FirstName = "Anne" }},
		{`{"aliases":["A","B"]}`, func(p *customer.Profile) { p.Aliases = []string{"A", "B"} }},
		{`{"aliases":null,"pep_declared":null}`, func(p *customer.Profile) { p.Aliases, p.PEPDeclared = nil, false }},
		{`{"address":{"city":null,"line1":"Kai 1"}}`, func(p *customer.Profile) { p.Address = &customer.Address{Line1: "Kai 1", Country: "DK"} }},
		{`{"address":null}`, func(p *customer.Profile) { p.Address = nil }},
		{`{"kyc":{"status":"verified"}}`, func(p *customer.Profile) { p.KYC = &customer.KYC{Status: "verified"} }},
		{`{"metadata":{"tags":null}}`, func(p *customer.Profile) { p.Metadata = jsontext.Value(`{"limit":12345678901234567890}`) }},
		{`{"external_id":"c-1"}`, func(*customer.Profile) {}},
		{`{"nick":null}`, func(*customer.Profile) {}},
	} {
		t.Run(tc.merge, func(t *testing.T) {
			want, idem := p, &domain.Idempotency{Key: "k"}
			tc.change(&want)
			push, err := customer.Patch{Customer: "c-1", Merge: jsontext.Value(tc.merge), Idem: idem}.MergeInto(known)
			if err != nil || push.Idem != idem || domain.ContentDigest(push.Profile) != domain.ContentDigest(want) {
				t.Errorf("merged %+v, error %v,\nwant   %+v", push.Profile, err, want)
			}
		})
	}
	if domain.ContentDigest(known.Profile) != before {
		t.Errorf("the known profile changed: %+v", known.Profile)
	}
}

func TestMergeIntoRefuses(t *testing.T) {
	known := &customer.Customer{ID: "cus_1", Profile: individual()}
	for _, tc := range []struct{ merge, field, message string }{
		{`{"external_id":"c-9"}`, "external_id", "external_id cannot be changed"},
		{`{"external_id":null}`, "external_id", "external_id cannot be changed"},
		{`{"nick":"A"}`, "nick", "nick is not a known field"},
		{`{"address":"Kai 1"}`, "address", "address must be an object"},
		{`{"aliases":[1]}`, "aliases[0]", "aliases[0] must be a string"},
		{`{"email":"a","email":"b"}`, "email", "email appears twice"},
		{`{"address":{"city":"A","city":"B"}}`, "address.city", "address.city appears twice"},
		{`{"email":`, "", "the body is not valid JSON at byte 9"},
		{`[]`, "", "the body must be a JSON object"},
		{`null`, "", "the body must be a JSON object"},
		{``, "", "the body must be a JSON object"},
	} {
		t.Run(tc.merge, func(t *testing.T) {
			_, err := customer.Patch{Customer: "c-1", Merge: jsontext.Value(tc.merge)}.MergeInto(known)
			wantInvalid(t, err, tc.field, tc.message)
		})
	}
	_, err := customer.Patch{Customer: "c-9", Merge: jsontext.Value(`{}`)}.MergeInto(nil)
	if domain.CodeOf(err) != domain.Unknown {
		t.Errorf("patch of nobody: error %v", err)
	}
}

// TestMergePatchExamples runs the test cases of RFC 7396, appendix A, on a member of the metadata.
func TestMergePatchExamples(t *testing.T) {
	for _, tc := range []struct{ original, patch, result string }{
		{`{"a":"b"}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"b"}`, `{"b":"c"}`, `{"a":"b","b":"c"}`},
		{`{"a":"b"}`, `{"a":null}`, `{}`},
		{`{"a":"b","b":"c"}`, `{"a":null}`, `{"b":"c"}`},
		{`{"a":["b"]}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"c"}`, `{"a":["b"]}`, `{"a":["b"]}`},
		{`{"a":{"b":"c"}}`, `{"a":{"b":"d","c":null}}`, `{"a":{"b":"d"}}`},
		{`{"a":[{"b":"c"}]}`, `{"a":[1]}`, `{"a":[1]}`},
		{`["a","b"]`, `["c","d"]`, `["c","d"]`},
		{`{"a":"b"}`, `["c"]`, `["c"]`},
		{`{"a":"foo"}`, `null`, ``}, // as a member it goes
		{`{"a":"foo"}`, `"bar"`, `"bar"`},
		{`{"e":null}`, `{"a":1}`, `{"a":1,"e":null}`},
		{`[1,2]`, `{"a":"b","c":null}`, `{"a":"b"}`},
		{`{}`, `{"a":{"bb":{"ccc":null}}}`, `{"a":{"bb":{}}}`},
	} {
		t.Run(tc.original+" "+tc.patch, func(t *testing.T) {
			p := individual()
			p.Metadata = jsontext.Value(`{"x":` + tc.original + `}`)
			push, err := customer.Patch{Merge: jsontext.Value(`{"metadata":{"x":` + tc.patch + `}}`)}.MergeInto(&customer.Customer{Profile: p})
			want := `{"x":` + tc.result + `}`
			if tc.result == "" {
				want = `{}`
			}
			if got := string(push.Profile.Metadata); err != nil || got != want && (want != `{}` || got != "") {
				t.Errorf("metadata %s, error %v, want %s", got, err, want)
			}
		})
	}
}

// TestClose follows a relationship through its end and back.
func TestClose(t *testing.T) {
	s, m := customer.New(), meta()
	id := push(t, s, m, individual()).CustomerID
	step := func(reopen bool, named, reason string) ([]domain.Event, error) {
		events, err := s.DecideClose(customer.Close{Customer: named, Reason: reason})
		if reopen {
			events, err = s.DecideReopen(customer.Reopen{Customer: named, Reason: reason})
		}
		for _, event := range events {
			s.Evolve(&domain.Envelope{Time: at.Add(time.Hour), Event: event})
		}
		return events, err
	}
	for _, tc := range []struct {
		name, id string
		reopen   bool
		reason   string
		events   int
		code     domain.Code
		status   string
	}{
		{"reopen what is active", id, true, "x", 0, domain.Conflict, "active"},
		{"close", "c-1", false, "moved", 1, "", "closed"},
		{"close again", id, false, "moved", 0, "", "closed"},
		{"close otherwise", id, false, "died", 0, domain.Conflict, "closed"},
		{"reopen", id, true, "came back", 1, "", "active"},
		{"reopen again", id, true, "came back", 0, "", "active"},
		{"reopen otherwise", id, true, "moved", 0, domain.Conflict, "active"},
		{"close once more", id, false, "moved", 1, "", "closed"},
		{"no reason", id, true, "", 0, domain.Invalid, "closed"},
		{"nobody", "c-9", true, "x", 0, domain.Unknown, "closed"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			before := s.Find(id)
			status := before.Status
			events, err := step(tc.reopen, tc.id, tc.reason)
			now := s.Find("c-1")
			if len(events) != tc.events || domain.CodeOf(err) != tc.code || now.Status != tc.status || now.ClosedAt.IsZero() != (tc.status == "active") {
				t.Errorf("%d events, error %v, now %+v", len(events), err, now)
			}
			if before.Status != status || now != s.Find(id) || now.Version != 1 || now.Seq != 0 || !now.CreatedAt.Equal(at) {
				t.Errorf("before %+v, now %+v", before, now)
			}
		})
	}
	moved := individual()
	moved.Phone = "1"
	if push(t, s, m, moved); s.Find(id).Status != "closed" || s.Find(id).Version != 2 || s.Find(id).ClosedAt.IsZero() {
		t.Errorf("a push changed what is closed: %+v", s.Find(id))
	}
}
