package http_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	hooks "whocomply/domain/webhook"
	web "whocomply/http"
)

// soon makes retries follow each other at once.
func soon(attempt int, _ float64, asked time.Duration) time.Duration {
	if attempt >= hooks.Attempts {
		return 0
	}
	return max(asked, 10*time.Millisecond)
}

// attemptsOf reads the log of a webhook, oldest first.
func (h *house) attemptsOf(id string) (log []attempt) {
	h.t.Helper()
	log = readAs[[]attempt](h, h.want(h.do("GET", acme+"/webhooks/"+id+"/attempts?limit=100", ""), http.StatusOK))
	slices.Reverse(log)
	return log
}

type attempt struct {
	Sequence, Replay int64
	Attempt          int
	Status           int `json:"http_status_code"`
	Outcome, Error   string
	Response         string
}

// raw listens and lets serve answer each connection as it likes.
func raw(t *testing.T, config *tls.Config, serve func(net.Conn)) net.Addr {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			if config != nil {
				conn = tls.Server(conn, config)
			}
			go func() {
				defer conn.Close()
				serve(conn)
			}()
		}
	}()
	return l.Addr()
}

// request reads a request to its end.
func request(conn net.Conn) bool {
	r, err := http.ReadRequest(bufio.NewReader(conn))
	if err == nil {
		_, err = bufio.NewReader(r.Body).WriteTo(discard{})
	}
	return err == nil
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// certificate makes one that is valid until a time, and signed by itself.
func certificate(t *testing.T, until time.Time) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "receiver"}, NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: until,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

// TestHostileReceivers sends an event to receivers that do what they should not, all at once, and
// wants of each that its attempt fails as it should, and of a good one beside them that it has heard of
// the event before any of them is given up.
func TestHostileReceivers(t *testing.T) {
	h := openHouse(t, true)
	var reached atomic.Int64 // what no delivery may reach
	secret := raw(t, nil, func(net.Conn) { reached.Add(1) })
	valid, expired := certificate(t, time.Now().Add(time.Hour)), certificate(t, time.Now().Add(-time.Hour))
	roots := x509.NewCertPool()
	roots.AddCert(valid.Leaf)
	roots.AddCert(expired.Leaf)
	answer := func(text string) func(net.Conn) {
		return func(conn net.Conn) {
			if request(conn) {
				fmt.Fprint(conn, text)
			}
		}
	}
	rows := []struct {
		name    string
		tls     *tls.Config
		serve   func(net.Conn)
		host    string // instead of 127.0.0.1
		scheme  string
		outcome string
		failed  string
		status  int
	}{
		{name: "good", serve: answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), outcome: "delivered", status: 200},
		{name: "good over TLS", tls: &tls.Config{Certificates: []tls.Certificate{valid}}, serve: answer("HTTP/1.1 204 No Content\r\n\r\n"), outcome: "delivered", status: 204},
		{name: "hangs", serve: func(c net.Conn) { request(c); time.Sleep(5 * time.Second) }, failed: "timeout"},
		{name: "drips its head", serve: func(c net.Conn) {
			request(c)
			for _, b := range []byte("HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 100)) {
				c.Write([]byte{b})
				time.Sleep(100 * time.Millisecond)
			}
		}, failed: "timeout"},
		{name: "drips its body", serve: func(c net.Conn) {
			request(c)
			fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
			for range 50 {
				c.Write([]byte{'x'})
				time.Sleep(100 * time.Millisecond)
			}
		}, failed: "timeout", status: 200},
		{name: "resets", serve: func(c net.Conn) { request(c); c.(*net.TCPConn).SetLinger(0) }, failed: "reset"},
		{name: "no HTTP", serve: answer("220 smtp ready\r\n"), failed: "reset"},
		{name: "1 GiB body", serve: func(c net.Conn) {
			request(c)
			fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", 1<<30)
			for n, block := 0, make([]byte, 1<<20); n < 1<<10; n++ {
				if _, err := c.Write(block); err != nil {
					return
				}
			}
		}, outcome: "delivered", status: 200},
		{name: "endless head", serve: func(c net.Conn) {
			request(c)
			fmt.Fprint(c, "HTTP/1.1 200 OK\r\n")
			for {
				if _, err := fmt.Fprintf(c, "X-%d: %s\r\n", time.Now().UnixNano(), strings.Repeat("x", 1000)); err != nil {
					return
				}
			}
		}, failed: "reset"},
		{name: "no trust", tls: &tls.Config{Certificates: []tls.Certificate{certificate(t, time.Now().Add(time.Hour))}}, serve: answer("HTTP/1.1 200 OK\r\n\r\n"), failed: "tls"},
		{name: "expired", tls: &tls.Config{Certificates: []tls.Certificate{expired}}, serve: answer("HTTP/1.1 200 OK\r\n\r\n"), failed: "tls"},
		{name: "old TLS", tls: &tls.Config{Certificates: []tls.Certificate{valid}, MaxVersion: tls.VersionTLS11}, serve: answer("HTTP/1.1 200 OK\r\n\r\n"), failed: "tls"},
		{name: "no TLS", scheme: "https", serve: func(c net.Conn) { fmt.Fprint(c, "HTTP/1.1 400 Bad Request\r\n\r\n") }, failed: "tls"},
		{name: "3xx to localhost", serve: answer("HTTP/1.1 302 Found\r\nLocation: http://" + secret.String() + "/\r\nContent-Length: 0\r\n\r\n"), failed: "redirect", status: 302},
		{name: "308 to localhost", serve: answer("HTTP/1.1 308 Permanent Redirect\r\nLocation: http://" + secret.String() + "/\r\nContent-Length: 0\r\n\r\n"), failed: "redirect", status: 308},
		{name: "410", serve: answer("HTTP/1.1 410 Gone\r\nContent-Length: 4\r\n\r\ngone"), failed: "status", status: 410},
		{name: "429", serve: answer("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n"), failed: "status", status: 429},
		{name: "500", serve: answer("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 5\r\n\r\na\x00b\xffc"), failed: "status", status: 500},
		{name: "slow DNS", host: "slow.hostile.example", failed: "timeout"},
		{name: "no DNS", host: "none.hostile.example", failed: "dns"},
		{name: "rebinding DNS", host: "rebinding.hostile.example", scheme: "https", failed: "blocked"},
		{name: "one of two addresses", host: "both.hostile.example", scheme: "https", failed: "blocked"},
	}
	var guard hooks.Guard
	ports := map[string]string{}
	for _, row := range rows {
		at := secret
		if row.serve != nil {
			at = raw(t, row.tls, row.serve)
			guard.Allowed = append(guard.Allowed, hooks.Allowed{Network: netip.MustParsePrefix("127.0.0.1/32"), Port: uint16(at.(*net.TCPAddr).Port)})
		}
		ports[row.name] = fmt.Sprint(at.(*net.TCPAddr).Port)
	}
	guard.Ports = append(guard.Ports, uint16(secret.(*net.TCPAddr).Port))
	var saved atomic.Bool // names are public when they are saved, and something else when they are connected to
	lookup := func(ctx context.Context, host string) ([]netip.Addr, error) {
		public, private := netip.MustParseAddr("8.8.8.8"), netip.MustParseAddr("127.0.0.1")
		switch host {
		case "slow.hostile.example":
			<-ctx.Done()
			return nil, ctx.Err()
		case "rebinding.hostile.example", "both.hostile.example":
			if !saved.Load() {
				return []netip.Addr{public}, nil
			}
			if strings.HasPrefix(host, "both") {
				return []netip.Addr{public, private}, nil
			}
			return []netip.Addr{private}, nil
		}
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	d := h.newDeliverer(web.DelivererOptions{Guard: guard, Roots: roots, Lookup: lookup})
	h.deliverer = d
	h.Server = web.New(h.options(h.ledgers, slog.LevelDebug))
	ids := map[string]string{}
	for _, row := range rows {
		scheme, host := "http", "127.0.0.1"
		if row.tls != nil || row.scheme != "" || row.host != "" {
			scheme = "https"
		}
		if row.host != "" {
			host = row.host
		}
		ids[row.name] = h.subscribe(fmt.Sprintf(`{"url":"%s://%s:%s/hook","events":["customer.created"],"timeout_ms":1000}`, scheme, host, ports[row.name])).ID
	}
	saved.Store(true)
	h.deliver(d)
	h.push("c-1")
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			h := h.in(t)
			h.eventually("an attempt", func() bool { return len(h.attemptsOf(ids[row.name])) > 0 })
			a := h.attemptsOf(ids[row.name])[0]
			if row.outcome == "" {
				row.outcome = "failed"
			}
			if a.Outcome != row.outcome || a.Error != row.failed || a.Status != row.status {
				t.Errorf("attempt %+v, want %s %s %d", a, row.outcome, row.failed, row.status)
			}
			if len(a.Response) > 1024 || row.name == "500" && a.Response != "abc" {
				t.Errorf("response %q", a.Response)
			}
		})
	}
	h.eventually("the one that is gone is disabled", func() bool { hk := h.hook(ids["410"]); return !hk.IsActive && hk.Reason == "gone" })
	if reached.Load() > 0 {
		t.Error("something private was reached")
	}
}

// TestRetriesUntilDelivered fails at first, and wants the same id and body each time.
func TestRetriesUntilDelivered(t *testing.T) {
	h, r := served(t, false, web.DelivererOptions{Pause: soon})
	r.answer = func(n int, w http.ResponseWriter, _ *http.Request) {
		if n <= 3 {
			http.Error(w, "not yet", http.StatusInternalServerError)
		}
	}
	hk := h.subscribe(fmt.Sprintf(`{"url":%q,"events":["customer.created"]}`, r.URL))
	h.push("c-1")
	got := r.all(t, 4)
	for _, d := range got {
		if d.ID != got[0].ID || d.body != got[0].body || d.header.Get("Webhook-Id") != got[0].ID {
			t.Errorf("another delivery: %+v", d)
		}
	}
	h.eventually("it is recorded", func() bool { return h.hook(hk.ID).Stats.Delivered == 1 })
	var outcomes []string
	for i, a := range h.attemptsOf(hk.ID) {
		outcomes = append(outcomes, a.Outcome)
		if a.Attempt != i+1 {
			t.Errorf("attempt %+v at %d", a, i)
		}
	}
	if want := []string{"failed", "failed", "failed", "delivered"}; !slices.Equal(outcomes, want) {
		t.Errorf("outcomes %v", outcomes)
	}
}

// TestGivenUp fails twelve times: the event is undelivered, and found, and replayed.
func TestGivenUp(t *testing.T) {
	h, r := served(t, false, web.DelivererOptions{Pause: soon, Limits: hooks.Limits{Break: 99, Failures: 99, Events: 99, For: time.Hour}, Report: 20 * time.Millisecond})
	var broken atomic.Bool
	broken.Store(true)
	r.answer = func(_ int, w http.ResponseWriter, _ *http.Request) {
		if broken.Load() {
			w.WriteHeader(http.StatusInternalServerError)
		}
	}
	hk := h.subscribe(fmt.Sprintf(`{"url":%q,"events":["customer.created"],"ordering":"none"}`, r.URL))
	h.push("c-1", "c-2")
	one := acme + "/webhooks/" + hk.ID
	h.eventually("both are given up", func() bool { return h.hook(hk.ID).Stats.Undelivered == 2 })
	if page := h.want(h.do("GET", one+"/deliveries?status=undelivered", ""), http.StatusOK).Page; page.Total != 2 {
		t.Errorf("%d are undelivered", page.Total)
	}
	broken.Store(false)
	replayed := readAs[struct{ Count int64 }](h, h.want(h.do("POST", one+"/replay", `{"status":"undelivered"}`, "Idempotency-Key", "r"), http.StatusCreated))
	h.want(h.do("POST", one+"/replay", `{"status":"undelivered"}`, "Idempotency-Key", "r"), http.StatusOK)
	h.eventually("the replay arrives", func() bool { return h.hook(hk.ID).Stats.Delivered == 2 })
	ids := map[string]int{}
	for _, d := range r.all(t, 26) {
		ids[d.ID]++
	}
	if len(ids) != 2 || replayed.Count != 2 {
		t.Errorf("replayed %+v, received %v", replayed, ids)
	}
	for id, n := range ids {
		if n != hooks.Attempts+1 {
			t.Errorf("%s came %d times", id, n)
		}
	}
	h.eventually("the ledger has the outcomes", func() bool { return h.outcomes()["undelivered"] == 2 && h.outcomes()["delivered"] == 2 })
	h.want(h.do("POST", one+"/deliveries/1/replay", ""), http.StatusCreated)
	r.all(t, 27)
}

// outcomes counts what the ledger says of deliveries.
func (h *house) outcomes() map[string]int {
	h.t.Helper()
	told := map[string]int{}
	for r, err := range h.ledgers.Envelopes(h.t.Context(), "acme", 0) {
		h.must(err)
		reported, _ := r.Event.(hooks.DeliveriesReported)
		for _, report := range reported.Reports {
			for _, o := range report.Outcomes {
				told[o.Outcome] += int(o.Last - o.First + 1)
			}
		}
	}
	return told
}

// TestAutomaticDisabling wants an endpoint that fails and fails to be disabled, its events to be held,
// another endpoint to hear of it, and what was held to be delivered in order when it is enabled.
func TestAutomaticDisabling(t *testing.T) {
	h, r := served(t, false, web.DelivererOptions{Pause: soon, Limits: hooks.Limits{Break: 99, Failures: 3, Events: 1}})
	var broken atomic.Bool
	broken.Store(true)
	r.answer = func(_ int, w http.ResponseWriter, q *http.Request) {
		if broken.Load() && q.URL.Path == "/broken" {
			w.WriteHeader(http.StatusInternalServerError)
		}
	}
	hk := h.subscribe(fmt.Sprintf(`{"url":"%s/broken","events":["customer.created"],"ordering":"fifo"}`, r.URL))
	h.subscribe(fmt.Sprintf(`{"url":"%s/watch","events":["webhook.disabled"]}`, r.URL))
	h.push("c-1")
	h.eventually("it is disabled", func() bool { hk := h.hook(hk.ID); return !hk.IsActive && hk.Reason == "failing" })
	h.eventually("another endpoint hears of it", func() bool {
		return slices.ContainsFunc(r.all(t, 1), func(d received) bool { return d.Event == "webhook.disabled" })
	})
	h.push("c-2", "c-3")
	one := acme + "/webhooks/" + hk.ID
	h.eventually("two more are held", func() bool {
		return h.want(h.do("GET", one+"/deliveries?status=held", ""), http.StatusOK).Page.Total == 2
	})
	broken.Store(false)
	before := len(r.all(t, 1))
	h.want(h.do("POST", one+"/enable", `{"held":"deliver"}`), http.StatusOK)
	var order []int64
	for _, d := range r.all(t, before+3)[before:] {
		order = append(order, d.Subscription.Sequence)
	}
	if !slices.Equal(order, []int64{1, 2, 3}) {
		t.Errorf("delivered in the order %v", order)
	}
}

// TestSkippedWhenEnabled leaves alone what was held, and delivers what comes after.
func TestSkippedWhenEnabled(t *testing.T) {
	h, r := served(t, false, web.DelivererOptions{Pause: soon})
	hk := h.subscribe(fmt.Sprintf(`{"url":%q,"events":["customer.created"]}`, r.URL))
	one := acme + "/webhooks/" + hk.ID
	h.want(h.do("PATCH", one, `{"is_active":false}`), http.StatusOK)
	h.push("c-1", "c-2")
	h.want(h.do("POST", one+"/enable", `{"held":"skip"}`), http.StatusOK)
	h.push("c-3")
	if got := r.all(t, 1)[0]; got.Subscription.Sequence != 3 {
		t.Errorf("delivered %+v", got)
	}
	h.eventually("the others are skipped", func() bool {
		return h.want(h.do("GET", one+"/deliveries?status=skipped", ""), http.StatusOK).Page.Total == 2
	})
	h.want(h.do("POST", one+"/replay", `{"from_sequence":1,"to_sequence":2}`), http.StatusCreated)
	r.all(t, 3)
}

// TestBackfill gives a new endpoint what was there before it, with the ids that others got.
func TestBackfill(t *testing.T) {
	h, r := served(t, false, web.DelivererOptions{})
	h.subscribe(fmt.Sprintf(`{"url":"%s/old","events":["customer.created"]}`, r.URL))
	h.push("c-1", "c-2")
	old := r.all(t, 2)
	hk := h.subscribe(fmt.Sprintf(`{"url":"%s/new","events":["customer.*"],"filters":{"condition":"data.external_id != 'c-2'"}}`, r.URL))
	one := acme + "/webhooks/" + hk.ID
	filled := readAs[struct{ Count int }](h, h.want(h.do("POST", one+"/backfill", `{"from_seq":0}`), http.StatusCreated))
	h.want(h.do("POST", one+"/backfill", `{"from_seq":0}`), http.StatusOK)
	h.push("c-3")
	got := r.all(t, 5)[2:]
	ids := map[string]bool{}
	for _, d := range got {
		ids[d.ID] = true
	}
	first := old[0]
	if old[1].Subscription.Sequence == 1 {
		first = old[1]
	}
	if filled.Count < 1 || !ids[first.ID] {
		t.Errorf("backfilled %d, got %v, want %s among them", filled.Count, ids, first.ID)
	}
}

// TestPerCustomerOrder lets the events of one customer fail, and wants those of others not to wait,
// and each customer's own to stay in order.
func TestPerCustomerOrder(t *testing.T) {
	h, r := served(t, false, web.DelivererOptions{Pause: soon})
	var failures atomic.Int64
	first := ""
	r.answer = func(_ int, w http.ResponseWriter, _ *http.Request) {
		got := r.all(t, 1)
		last := got[len(got)-1]
		if strings.Contains(last.body, `"external_id":"c-1"`) && failures.Add(1) <= 2 {
			w.WriteHeader(http.StatusInternalServerError)
		}
	}
	h.subscribe(fmt.Sprintf(`{"url":%q,"events":["customer.created","customer.updated","customer.closed"],"ordering":"per_customer"}`, r.URL))
	h.push("c-1", "c-2")
	h.want(h.do("POST", acme+"/customers/c-1/close", `{"reason":"moved"}`), http.StatusOK)
	h.want(h.do("POST", acme+"/customers/c-2/close", `{"reason":"moved"}`), http.StatusOK)
	seen := map[string][]int64{}
	for _, d := range r.all(t, 6) {
		id := d.body[strings.Index(d.body, `"cus_`):][:31]
		if first == "" {
			first = id
		}
		seen[id] = append(seen[id], d.Subscription.Sequence)
	}
	for id, order := range seen {
		if !slices.IsSorted(order) {
			t.Errorf("the events of %s came as %v", id, order)
		}
	}
}

// TestRotation signs with both secrets until the overlap is over.
func TestRotation(t *testing.T) {
	h, r := served(t, false, web.DelivererOptions{})
	hk := h.subscribe(fmt.Sprintf(`{"url":%q,"events":["customer.created"]}`, r.URL))
	one := acme + "/webhooks/" + hk.ID
	h.want(h.do("POST", one+"/rotate-secret", `{"overlap":"1h"}`), http.StatusCreated)
	h.push("c-1")
	got := r.all(t, 1)[0]
	if n := strings.Count(got.header.Get("Webhook-Signature"), "v1,"); n != 2 || got.header.Get("Complycube-Signature-Previous") == "" {
		t.Errorf("%d signatures: %v", n, got.header)
	}
	h.want(h.do("POST", one+"/rotate-secret", `{"overlap":"0s"}`), http.StatusCreated)
	h.push("c-2")
	got = r.all(t, 2)[1]
	if n := strings.Count(got.header.Get("Webhook-Signature"), "v1,"); n != 1 {
		t.Errorf("%d signatures after the overlap", n)
	}
}
