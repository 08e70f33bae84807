package http

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"syscall"
	"time"

	"whocomply/domain"
	"whocomply/domain/webhook"
)

// Bounds of one attempt, beside the subscription's own timeout.
const (
	connectTimeout = 5 * time.Second
	maxAnswerBody  = 16 << 10 // read of an answer; what is more is left and the connection closed
	maxKeptAnswer  = 1 << 10  // kept of an answer that is no success
	maxAnswerHead  = 16 << 10
)

// What can go wrong with an attempt.
const (
	failedDNS      = "dns"      // the name does not resolve
	failedBlocked  = "blocked"  // the address is one that deliveries may not go to
	failedConnect  = "connect"  // no connection
	failedTLS      = "tls"      // no trust in the receiver's certificate, or no TLS
	failedTimeout  = "timeout"  // not answered to its end in time
	failedReset    = "reset"    // the connection broke, or the answer is no HTTP
	failedRedirect = "redirect" // 3xx, which is never followed
	failedStatus   = "status"   // another status than 2xx
	failedLedger   = "ledger"   // the event cannot be read, or not be put in the subscription's form
)

// Lookup resolves a name to addresses.
type Lookup func(ctx context.Context, host string) ([]netip.Addr, error)

// lookupSystem asks the resolver of the system.
func lookupSystem(ctx context.Context, host string) ([]netip.Addr, error) {
	return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
}

// sender makes attempts. It connects to what the guard lets through and to nothing else: a name is
// resolved once per connection, all of its addresses are checked, and the one that is connected to is
// checked again by the address that the kernel is given.
type sender struct {
	guard  *webhook.Guard
	lookup Lookup
	secure *http.Client
	plain  *http.Client // for addresses that are explicitly allowed
}

func newSender(guard *webhook.Guard, lookup Lookup, roots *x509.CertPool) *sender {
	s := &sender{guard: guard, lookup: lookup}
	s.secure, s.plain = s.client(guard.Reach, roots), s.client(guard.Plain, nil)
	return s
}

var errBlocked = errors.New("the address may not be connected to")

func (s *sender) client(may func(netip.AddrPort) bool, roots *x509.CertPool) *http.Client {
	dialer := &net.Dialer{Timeout: connectTimeout, ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
		if to, err := netip.ParseAddrPort(address); err != nil || !s.guard.Reach(to) || !may(to) {
			return errBlocked
		}
		return nil
	}}
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				return s.dial(ctx, dialer, network, address)
			},
			TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
			TLSHandshakeTimeout: connectTimeout, MaxResponseHeaderBytes: maxAnswerHead, DisableCompression: true,
			MaxIdleConns: 512, MaxIdleConnsPerHost: 64, IdleConnTimeout: 30 * time.Second,
		},
	}
}

// dial connects to one of the addresses of a name, if all of them may be connected to.
func (s *sender) dial(ctx context.Context, dialer *net.Dialer, network, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, err
	}
	addresses, err := s.resolve(ctx, host, uint16(number))
	if err != nil {
		return nil, err
	}
	for _, addr := range addresses {
		var conn net.Conn
		if conn, err = dialer.DialContext(ctx, network, netip.AddrPortFrom(addr, uint16(number)).String()); err == nil {
			return conn, nil
		}
	}
	return nil, err
}

// resolve gives the addresses of a host; none if any of them is blocked.
func (s *sender) resolve(ctx context.Context, host string, port uint16) ([]netip.Addr, error) {
	addresses := make([]netip.Addr, 1)
	var err error
	if addresses[0], err = netip.ParseAddr(host); err != nil {
		if addresses, err = s.lookup(ctx, host); err != nil {
			return nil, err
		}
	}
	for i, addr := range addresses {
		addresses[i] = addr.Unmap()
		if !s.guard.Reach(netip.AddrPortFrom(addresses[i], port)) {
			return nil, errBlocked
		}
	}
	return addresses, nil
}

// saveTimeout bounds how long the saving of a subscription waits for a name to resolve.
const saveTimeout = 2 * time.Second

// check says what is wrong with the URL of an endpoint. A name that does not resolve now may do so
// later, and is looked at again on every connection.
func (s *sender) check(ctx context.Context, field, text string) error {
	target, err := s.guard.ParseURL(field, text)
	if err != nil || target.Addr.IsValid() {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, saveTimeout)
	defer cancel()
	addresses, err := s.resolve(ctx, target.Host, target.Port)
	if errors.Is(err, errBlocked) {
		return domain.InvalidField(field, "must lead to a public address")
	}
	for _, addr := range addresses {
		if !target.TLS && !s.guard.Plain(netip.AddrPortFrom(addr, target.Port)) {
			return domain.InvalidField(field, "must begin with https://")
		}
	}
	return nil
}

// answered is what became of an attempt.
type answered struct {
	status   int
	failed   string // class of what went wrong; empty for a success
	response string
	after    time.Duration // that the receiver asked to wait
	took     time.Duration
}

// post makes one attempt, in the time given, the reading of the answer included.
func (s *sender) post(ctx context.Context, address string, headers []webhook.Header, body []byte, within time.Duration) (a answered) {
	started := time.Now()
	defer func() { a.took = time.Since(started) }()
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return answered{failed: failedConnect}
	}
	for _, h := range headers {
		req.Header[h.Name] = []string{h.Value}
	}
	req.Header["Content-Type"], req.Header["User-Agent"] = typeJSON, userAgent
	client := s.secure
	if req.URL.Scheme != "https" {
		client = s.plain
	}
	resp, err := client.Do(req)
	if err != nil {
		return answered{failed: classOf(err)}
	}
	defer resp.Body.Close()
	var kept bytes.Buffer
	_, err = kept.ReadFrom(io.LimitReader(resp.Body, maxAnswerBody))
	a = answered{status: resp.StatusCode}
	switch {
	case resp.StatusCode/100 == 2 && err == nil:
		return a
	case err != nil:
		a.failed = classOf(err)
		return a
	case resp.StatusCode/100 == 3:
		a.failed = failedRedirect
	default:
		a.failed = failedStatus
	}
	a.after = retryAfter(resp.Header.Get("Retry-After"), time.Now())
	a.response = strings.ToValidUTF8(strings.ReplaceAll(string(kept.Bytes()[:min(kept.Len(), maxKeptAnswer)]), "\x00", ""), "")
	return a
}

var userAgent = []string{"WhoComply-Webhooks/1"}

// classOf names what went wrong before there was an answer.
func classOf(err error) string {
	switch {
	case errors.Is(err, errBlocked):
		return failedBlocked
	case isA[*net.DNSError](err):
		return failedDNS
	case errors.Is(err, context.DeadlineExceeded), isTimeout(err):
		return failedTimeout
	case errors.Is(err, http.ErrSchemeMismatch), isA[*tls.CertificateVerificationError](err), isA[tls.RecordHeaderError](err), isA[x509.HostnameError](err), strings.Contains(err.Error(), "tls: "):
		return failedTLS
	case isA[*net.OpError](err) && strings.Contains(err.Error(), "dial "):
		return failedConnect
	}
	return failedReset
}

func isA[T error](err error) bool {
	_, is := errors.AsType[T](err)
	return is
}

func isTimeout(err error) bool {
	slow, is := errors.AsType[net.Error](err)
	return is && slow.Timeout()
}

// retryAfter reads the header: seconds, or a date.
func retryAfter(text string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}
