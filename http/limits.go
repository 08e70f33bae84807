package http

import (
	"math"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"whocomply/domain"
)

// manyKeys is how many API keys are counted before those are forgotten that have been idle.
const manyKeys = 10_000

// limiters count the requests of each API key against a rate. They know only keys that were
// verified, and forget what an idle second has made as good as new, so that memory is bounded by
// the keys that are in use.
type limiters struct {
	perSecond float64
	policy    []string // header RateLimit-Policy
	byKey     sync.Map // *rate.Limiter by key id
	known     atomic.Int64
}

// limitName names the one policy there is in the RateLimit headers.
const limitName = `"key"`

func newLimiters(perSecond float64) *limiters {
	return &limiters{
		perSecond: perSecond,
		policy:    []string{limitName + ";q=" + strconv.Itoa(burstOf(perSecond)) + ";w=1"},
	}
}

// burstOf is how many requests a key may send at once: those of a second.
func burstOf(perSecond float64) int { return max(1, int(math.Ceil(perSecond))) }

// of gives the limiter of a key.
func (l *limiters) of(keyID string, now time.Time) *rate.Limiter {
	if known, ok := l.byKey.Load(keyID); ok {
		return known.(*rate.Limiter)
	}
	if l.known.Load() >= manyKeys {
		l.forget(now)
	}
	limiter, known := l.byKey.LoadOrStore(keyID, rate.NewLimiter(rate.Limit(l.perSecond), burstOf(l.perSecond)))
	if !known {
		l.known.Add(1)
	}
	return limiter.(*rate.Limiter)
}

// forget lets go of limiters that are full: a new one would be the same.
func (l *limiters) forget(now time.Time) {
	l.byKey.Range(func(keyID, known any) bool {
		if limiter := known.(*rate.Limiter); limiter.TokensAt(now) >= float64(limiter.Burst()) && l.byKey.CompareAndDelete(keyID, known) {
			l.known.Add(-1)
		}
		return true
	})
}

// count takes in a request of the caller's key, or refuses it. Once half of what the key may send
// is used up, the answer says how much is left (draft-ietf-httpapi-ratelimit-headers).
func (c *call) count(now time.Time) error {
	l := c.server.limits
	if l.perSecond <= 0 {
		return nil
	}
	limiter := l.of(c.caller.key.ID, now)
	allowed := limiter.AllowN(now, 1)
	left := limiter.TokensAt(now)
	if allowed && left > float64(limiter.Burst())/2 {
		return nil
	}
	h := c.echo.Response().Header()
	h["Ratelimit-Policy"] = l.policy
	h["Ratelimit"] = []string{limitName + ";r=" + strconv.Itoa(max(0, int(left))) + ";t=1"}
	if allowed {
		return nil
	}
	wait := max(1, int(math.Ceil((1-left)/l.perSecond)))
	h["Retry-After"] = []string{strconv.Itoa(wait)}
	return domain.Errorf(tooMany, "this API key sends more than %v requests per second", l.perSecond)
}
