package webhook

import "time"

// pauses are the waits before each attempt: twelve attempts in 71 h 42 min 35 s.
var pauses = [...]time.Duration{
	0, 5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute,
	2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 20 * time.Hour,
}

// Attempts is how often a delivery is tried.
const Attempts = len(pauses)

// maxRetryAfter bounds what a receiver may ask for.
const maxRetryAfter = 24 * time.Hour

// Pause is how long to wait after an attempt that failed, the first being 1. chance is from 0 to
// 1 and spreads the wait by a fifth either way; what the receiver asked for is the least.
func Pause(attempt int, chance float64, retryAfter time.Duration) time.Duration {
	if attempt >= Attempts {
		return 0
	}
	spread := time.Duration(float64(pauses[attempt]) * (0.8 + 0.4*chance))
	return max(spread, min(retryAfter, maxRetryAfter))
}

// Limits say when an endpoint is spared, and when it is given up.
type Limits struct {
	Break    int           // attempts that fail in a row, after which there is one at a time
	Failures int           // attempts in a row
	Events   int           // of as many events at least
	For      time.Duration // since the last success, or the first failure after it
}

// DefaultLimits are those of a server that is not told others.
var DefaultLimits = Limits{Break: 5, Failures: 20, Events: 5, For: 24 * time.Hour}

// Breaker spares an endpoint that fails, and says when to give it up. The zero value is closed.
type Breaker struct {
	Failures int       // attempts that failed in a row
	Events   int       // of as many events
	Since    time.Time // the first of them
	Until    time.Time // nothing is sent before, and one attempt then
}

// The breaker opens first for a short while, then longer.
const (
	firstBreak   = 5 * time.Second
	longestBreak = 5 * time.Minute
)

// Open reports whether sending must wait.
func (b *Breaker) Open(now time.Time) bool { return now.Before(b.Until) }

// Probing reports whether only one attempt may be under way.
func (b *Breaker) Probing(l Limits) bool { return b.Failures >= l.Break }

// Succeeded closes the breaker.
func (b *Breaker) Succeeded() { *b = Breaker{} }

// Failed counts an attempt that failed; first says that it was its event's first.
func (b *Breaker) Failed(now time.Time, first bool, l Limits) {
	if b.Failures == 0 {
		b.Since = now
	}
	b.Failures++
	if first || b.Events == 0 {
		b.Events++
	}
	if b.Probing(l) {
		pause := longestBreak
		if n := b.Failures - l.Break; n < 6 {
			pause = min(firstBreak<<n, longestBreak)
		}
		b.hold(now.Add(pause))
	}
}

// Hold lets nothing be sent before a time: the endpoint asked for it.
func (b *Breaker) hold(until time.Time) {
	if until.After(b.Until) {
		b.Until = until
	}
}

// Rest pauses an endpoint that is overloaded, as long as it asks, at most five minutes.
func (b *Breaker) Rest(now time.Time, asked time.Duration) {
	b.hold(now.Add(min(max(asked, time.Second), longestBreak)))
}

// GiveUp reports whether the endpoint has failed long enough.
func (b *Breaker) GiveUp(now time.Time, l Limits) bool {
	return b.Failures >= l.Failures && b.Events >= l.Events && now.Sub(b.Since) >= l.For
}
