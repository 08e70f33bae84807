package http_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	hooks "whocomply/domain/webhook"
	web "whocomply/http"
	"whocomply/projections/projectionstest"
)

// post is where benchmarks deliver to: it reads and says yes.
type post struct {
	*httptest.Server
	count   atomic.Int64
	arrived sync.Map // time of the first arrival by path and event id
	timed   bool
}

func newPost(b *testing.B, timed bool) *post {
	p := &post{timed: timed}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/hang") {
			select {
			case <-r.Context().Done():
			case <-time.After(30 * time.Second):
			}
			return
		}
		_, _ = io.Copy(io.Discard, r.Body)
		if p.timed {
			p.arrived.LoadOrStore(r.URL.Path+" "+r.Header.Get("Webhook-Id"), time.Now())
		}
		p.count.Add(1)
		w.WriteHeader(http.StatusNoContent)
	}))
	b.Cleanup(p.CloseClientConnections)
	return p
}

// house opens a live house that may deliver to the post, and does not yet.
func (p *post) house(b *testing.B) *house {
	b.Helper()
	h := openHouse(b, true)
	port := p.Listener.Addr().(*net.TCPAddr).Port
	h.deliverer = h.newDeliverer(web.DelivererOptions{
		Guard: hooks.Guard{Allowed: []hooks.Allowed{{Network: netip.MustParsePrefix("127.0.0.1/32"), Port: uint16(port)}}},
	})
	h.Server = web.New(h.options(h.ledgers, slog.LevelWarn))
	return h
}

func (p *post) until(b *testing.B, n int64) {
	b.Helper()
	for end := time.Now().Add(5 * time.Minute); p.count.Load() < n; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			b.Fatalf("%d of %d have arrived", p.count.Load(), n)
		}
	}
}

// told opens an account, which one event tells of, and gives the event's id.
func (h *house) told(n int) string {
	h.t.Helper()
	a := h.want(h.do("POST", acme+"/accounts", account(fmt.Sprint("a-", n))), http.StatusCreated)
	seq, err := strconv.ParseInt(a.header.Get("Ledger-Seq"), 10, 64)
	h.must(err)
	e, err := h.ledgers.Events(h.t.Context(), "acme", []int64{seq})
	h.must(err)
	return hooks.EventID(e[0].ID)
}

// onBoth runs a benchmark on SQLite and on PostgreSQL.
func onBoth(b *testing.B, bench func(*testing.B)) {
	file := readModels
	defer func() { readModels = file }()
	b.Run("SQLite", bench)
	readModels = func(t testing.TB) string { return projectionstest.Start(t).Database(t) }
	b.Run("PostgreSQL", bench)
}

// BenchmarkDeliveries delivers what waits in the outbox to twenty endpoints, with the full log, until all is
// recorded and reported, and compares with a sender that signs and posts and does nothing else. The receiver is
// in the same process.
func BenchmarkDeliveries(b *testing.B) { onBoth(b, deliveries) }

func deliveries(b *testing.B) {
	const endpoints, events = 20, 2500
	var rate, bare float64
	for range b.N {
		p := newPost(b, false)
		h := p.house(b)
		for n := range endpoints {
			h.subscribe(fmt.Sprintf(`{"url":"%s/%d","events":["account.opened"]}`, p.URL, n))
		}
		for n := range events {
			h.told(n)
		}
		h.reached(h.size() - 1)
		start := time.Now()
		stop := h.deliver(h.deliverer)
		p.until(b, endpoints*events)
		stop() // which returns when all is recorded
		rate += endpoints * events / time.Since(start).Seconds()
		bare += bareSender(b, p, endpoints*events)
	}
	b.ReportMetric(rate/float64(b.N), "deliveries/s")
	b.ReportMetric(bare/float64(b.N), "bare/s")
	b.ReportMetric(rate/bare, "x-bare")
}

// bareSender signs and posts a body of the same size over as many connections.
func bareSender(b *testing.B, p *post, n int64) float64 {
	b.Helper()
	before := p.count.Load()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true}}
	defer client.CloseIdleConnections()
	body := bytes.Repeat([]byte("x"), 560)
	var next atomic.Int64
	var group sync.WaitGroup
	start := time.Now()
	for range 40 {
		group.Go(func() {
			for next.Add(1) <= n {
				mac := hmac.New(sha256.New, body[:32])
				mac.Write(body)
				req, err := http.NewRequestWithContext(b.Context(), "POST", p.URL+"/bare", bytes.NewReader(body))
				if err != nil {
					b.Error(err)
					return
				}
				req.Header.Set("Webhook-Signature", "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
				resp, err := client.Do(req)
				if err != nil {
					b.Error(err)
					return
				}
				resp.Body.Close()
			}
		})
	}
	group.Wait()
	p.until(b, before+n)
	return float64(n) / time.Since(start).Seconds()
}

// latencies drives a steady load of events and gives how long each took from its answer to its arrival.
func latencies(b *testing.B, h *house, p *post, paths []string, events int, pause time.Duration) (took []time.Duration) {
	b.Helper()
	committed := map[string]time.Time{}
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for n := range events {
		<-tick.C
		id := h.told(n)
		committed[id] = time.Now()
	}
	p.until(b, int64(events*len(paths)))
	for id, at := range committed {
		for _, path := range paths {
			arrived, there := p.arrived.Load(path + " " + id)
			if !there {
				b.Fatalf("%s has not heard of %s", path, id)
			}
			took = append(took, max(0, arrived.(time.Time).Sub(at)))
		}
	}
	slices.Sort(took)
	return took
}

func milliseconds(took []time.Duration, share float64) float64 {
	return float64(took[int(share*float64(len(took)-1))].Microseconds()) / 1000
}

// BenchmarkCommitToReceipt measures the way from a write's answer to the receiver at 200 events a second.
func BenchmarkCommitToReceipt(b *testing.B) { onBoth(b, commitToReceipt) }

func commitToReceipt(b *testing.B) {
	for range b.N {
		p := newPost(b, true)
		h := p.house(b)
		h.subscribe(fmt.Sprintf(`{"url":"%s/one","events":["account.opened"]}`, p.URL))
		h.deliver(h.deliverer)
		took := latencies(b, h, p, []string{"/one"}, 1000, 5*time.Millisecond)
		b.ReportMetric(milliseconds(took, .5), "p50-ms")
		b.ReportMetric(milliseconds(took, .95), "p95-ms")
		b.ReportMetric(milliseconds(took, .99), "p99-ms")
	}
}

// BenchmarkOneOfFiftyHangs measures the 49 healthy endpoints of 50 at 1,000 deliveries a second, while one
// never answers.
func BenchmarkOneOfFiftyHangs(b *testing.B) { onBoth(b, oneOfFiftyHangs) }

func oneOfFiftyHangs(b *testing.B) {
	for range b.N {
		p := newPost(b, true)
		h := p.house(b)
		h.subscribe(fmt.Sprintf(`{"url":"%s/hang","events":["account.opened"]}`, p.URL))
		var paths []string
		for n := range 49 {
			paths = append(paths, fmt.Sprint("/", n))
			h.subscribe(fmt.Sprintf(`{"url":"%s/%d","events":["account.opened"]}`, p.URL, n))
		}
		h.deliver(h.deliverer)
		took := latencies(b, h, p, paths, 100, 50*time.Millisecond)
		b.ReportMetric(milliseconds(took, .5), "p50-ms")
		b.ReportMetric(milliseconds(took, .99), "p99-ms")
	}
}
