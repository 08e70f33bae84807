package http

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"whocomply/domain/access"
	"whocomply/projections"
)

// keepUses is how often the last uses of API keys are stored.
const keepUses = time.Minute

// keyUses knows when API keys were last used. It is kept in memory, for a key may be used thousands
// of times a second, and stored now and then: a crash loses the last minute of it, and no ledger
// holds it.
type keyUses struct {
	models *projections.DB
	latest sync.Map // *keyUse by *access.KeyState
}

type keyUse struct {
	slug, id string
	at       atomic.Int64 // microseconds since 1970
}

// note takes in that a key was used.
func (u *keyUses) note(slug string, key *access.KeyState, at time.Time) {
	use, known := u.latest.Load(key)
	if !known {
		use, _ = u.latest.LoadOrStore(key, &keyUse{slug: slug, id: key.ID})
	}
	use.(*keyUse).at.Store(at.UnixMicro())
}

// of gives when a tenant's keys were last used, by id.
func (u *keyUses) of(ctx context.Context, slug string) (map[string]time.Time, error) {
	stored, err := u.models.KeyUses(ctx, slug)
	if err != nil {
		return nil, err
	}
	used := make(map[string]time.Time, len(stored))
	for _, use := range stored {
		used[use.KeyID] = use.At
	}
	for use := range u.all {
		if use.Ledger == slug && use.At.After(used[use.KeyID]) {
			used[use.KeyID] = use.At
		}
	}
	return used, nil
}

// all yields what is in memory.
func (u *keyUses) all(yield func(projections.KeyUse) bool) {
	u.latest.Range(func(_, latest any) bool {
		use := latest.(*keyUse)
		return yield(projections.KeyUse{Ledger: use.slug, KeyID: use.id, At: time.UnixMicro(use.at.Load()).UTC()})
	})
}

// keep stores what is in memory and forgets it, save what was used meanwhile.
func (u *keyUses) keep(ctx context.Context) error {
	uses := slices.Collect(u.all)
	if err := u.models.KeepKeyUses(ctx, uses); err != nil {
		return err
	}
	u.latest.Range(func(key, latest any) bool {
		use := latest.(*keyUse)
		if at := use.at.Load(); slices.ContainsFunc(uses, func(k projections.KeyUse) bool { return k.KeyID == use.id && k.At.UnixMicro() == at }) {
			u.latest.CompareAndDelete(key, latest)
		}
		return true
	})
	return nil
}

// keepKeyUses stores the last uses of API keys until ctx ends, and once more then.
func (s *Server) keepKeyUses(ctx context.Context) {
	tick := time.NewTicker(keepUses)
	defer tick.Stop()
	for ended := false; !ended; {
		select {
		case <-tick.C:
		case <-ctx.Done():
			ended = true
		}
		if err := s.uses.keep(context.WithoutCancel(ctx)); err != nil {
			s.Log.LogAttrs(ctx, slog.LevelWarn, "last uses of API keys were not stored", slog.Any("error", err))
		}
	}
}
