package eventstore

import (
	"cmp"
	"context"
	"crypto"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"

	"whocomply/domain"
	"whocomply/domain/access"
	"whocomply/domain/chain"
	"whocomply/domain/ledger"
	"whocomply/domain/screening"
)

// Options are what Ledgers rest on.
type Options struct {
	Store  Store
	IDs    *IDs
	Origin string        // first part of every ledger's name, such as "ledger.acme.example"
	Key    crypto.Signer // Ed25519; signs new ledgers, and those that no rotation has given another key
	// NextKey is the key of a rotation that was begun and not finished; nil if there is none.
	NextKey crypto.Signer
	Log     *slog.Logger
	Now     func() time.Time
	// Appended is called after each durable append, in order per ledger. It must not block.
	Appended func(slug string, events []domain.Envelope)
	// Shared says that other nodes write the store too, or that it can be out of reach for a while.
	// Each ledger's state is then kept twice, see nodes.go.
	Shared bool
}

// Ledgers are all ledgers of an installation: the operator's own, "system", and one per tenant.
// A tenant's state is folded when it is first used. All methods may be called at once.
type Ledgers struct {
	store    Store
	ids      *IDs
	codec    codec
	keys     signingKeys
	log      *slog.Logger
	now      func() time.Time
	appended func(string, []domain.Envelope)
	shared   bool
	owners   sync.Map // slug of the tenant by key id, of keys that were asked for; never changes

	mu      sync.Mutex // guards writers and closed
	writers map[string]*opening
	closed  bool
}

// opening is a writer that is there, or that somebody is folding.
type opening struct {
	done   chan struct{}
	writer *writer
	err    error
}

// Open gives the ledgers in a store. On the first start it opens the ledger "system".
func Open(ctx context.Context, o Options) (*Ledgers, error) {
	catalog, err := ledger.Catalog()
	if err != nil {
		return nil, err
	}
	l := &Ledgers{
		store: o.Store, ids: o.IDs, codec: codec{catalog: catalog, origin: o.Origin}, log: o.Log, now: o.Now,
		appended: o.Appended, shared: o.Shared, writers: map[string]*opening{},
	}
	l.keys.use(o.NextKey)
	l.keys.use(o.Key)
	if err := l.catchUpIDs(ctx); err != nil {
		return nil, err
	}
	return l, l.create(ctx, access.OpenLedger{Slug: access.System, Name: "Operator"})
}

// Close lets what is under way become durable and ends the writers. The store stays open.
func (l *Ledgers) Close() {
	l.mu.Lock()
	l.closed = true
	all := slices.Collect(maps.Values(l.writers))
	l.mu.Unlock()
	for _, o := range all {
		<-o.done
		if o.err == nil {
			o.writer.close()
			<-o.writer.ended
		}
	}
}

// Err says why no ledger can be written any more, or nil.
func (l *Ledgers) Err() error { return cmp.Or(l.store.Err(), l.ids.Err()) }

// Execute carries out a command and returns once it is durable. Errors are *domain.Error where
// the caller can do something about them.
func (l *Ledgers) Execute(ctx context.Context, slug, actor string, cmd ledger.Command) (outcome ledger.Outcome, err error) {
	err = l.with(ctx, slug, func(w *writer) error {
		if err := l.ready(ctx, w); err != nil {
			return err
		}
		outcome, err = w.execute(ctx, actor, cmd)
		return err
	})
	return outcome, err
}

// ready says why a writer cannot decide anything; it brings the lists that are still missing.
func (l *Ledgers) ready(ctx context.Context, w *writer) error {
	if l.Err() != nil {
		return errNotDurable
	}
	if w.listsMissing() {
		return l.adopt(ctx, w)
	}
	return nil
}

// Bounds of how often, and for how long, something is tried when another node writes the same ledger.
const (
	tries        = 8
	racePatience = 10 * time.Second
)

// told gives an error in the words of callers where it is the store that is out of reach: trying again helps.
func told(err error) error {
	if errors.Is(err, ErrUnavailable) {
		return fmt.Errorf("%w: %w", errOutOfReach, err)
	}
	return err
}

// with lets do work with the writer of a ledger, and with its successor if the writer ends before
// do is done, which do says by errLost.
func (l *Ledgers) with(ctx context.Context, slug string, do func(*writer) error) error {
	began := time.Now()
	for n := 0; n < tries || time.Since(began) < racePatience; n++ {
		w, err := l.writer(ctx, slug)
		if err == nil {
			err = do(w)
		}
		if !errors.Is(err, errLost) || w == nil {
			return told(err)
		}
		select {
		case <-w.ended:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return errNotDurable
}

func (w *writer) execute(ctx context.Context, actor string, cmd ledger.Command) (ledger.Outcome, error) {
	r, err := w.prepare(ctx, actor, cmd)
	if err == nil {
		err = w.enqueue(r)
	}
	if err != nil {
		return ledger.Outcome{}, err
	}
	return w.outcome(ctx, r)
}

// prepare makes a request of a command, ready to be decided.
func (w *writer) prepare(ctx context.Context, actor string, cmd ledger.Command) (*request, error) {
	meta, err := w.ledgers.meta(actor)
	if err == nil {
		err = ledger.Prepare(w.mu.RLocker(), w.state, meta, cmd)
	}
	if err != nil && w.durable != nil { // perhaps for want of what another node wrote
		if err := w.submit(ctx, &request{done: make(chan struct{})}); err != nil {
			return nil, err
		}
		err = ledger.Prepare(w.mu.RLocker(), w.state, meta, cmd)
	}
	if err != nil {
		return nil, err
	}
	return &request{cmd: cmd, meta: meta, done: make(chan struct{})}, nil
}

// outcome waits for a request in the queue.
func (w *writer) outcome(ctx context.Context, r *request) (ledger.Outcome, error) {
	if err := r.wait(ctx); err != nil {
		return ledger.Outcome{}, err
	}
	if r.first >= 0 {
		first, err := w.ledgers.bound(ctx, w.slug, r.first)
		if err != nil {
			return ledger.Outcome{}, err
		}
		r.outcome.Receipt = w.receiptOf(first.Seq, first.Hash, first.Time)
	}
	return r.outcome, nil
}

// meta stamps a command with the time, its actor and a seed for ids.
func (l *Ledgers) meta(actor string) (domain.Meta, error) {
	now := l.now().UTC().Truncate(time.Microsecond)
	seed, err := ulid.New(ulid.Timestamp(now), rand.Reader)
	return domain.Meta{At: now, Actor: actor, IDs: domain.NewIDs(seed)}, err
}

// View lets look read a ledger's state. It holds up writing, so it must be short; what it takes
// out is immutable. What it sees may not be durable yet.
func (l *Ledgers) View(ctx context.Context, slug string, look func(*ledger.State) error) error {
	return l.with(ctx, slug, func(w *writer) error {
		w.mu.RLock()
		defer w.mu.RUnlock()
		return look(w.state)
	})
}

// Glance lets look read the states of the tenants that are in memory, in the order of their slugs, and passes
// over those that somebody is changing or waits to change. It folds no ledger and waits for nobody.
func (l *Ledgers) Glance(look func(*ledger.State)) {
	for _, slug := range l.loaded() {
		if w := l.folded(slug); w != nil {
			w.glance(look)
		}
	}
}

func (w *writer) glance(look func(*ledger.State)) {
	if w.mu.TryRLock() {
		defer w.mu.RUnlock()
		look(w.state)
	}
}

// Find gives the event that is bound to an idempotency key, once it is durable.
func (l *Ledgers) Find(ctx context.Context, slug, key string) (domain.Envelope, error) {
	known, found, err := l.lookup(slug, key)
	if err != nil {
		return domain.Envelope{}, err
	}
	if !found {
		return domain.Envelope{}, domain.Errorf(domain.Unknown, "there is nothing with this id")
	}
	return l.bound(ctx, slug, known.Seq)
}

// bound gives the event at a position that an idempotency key is bound to. Where a request found all
// as it wants it, that is the event that had made it so.
func (l *Ledgers) bound(ctx context.Context, slug string, seq int64) (domain.Envelope, error) {
	e, err := l.at(ctx, slug, seq)
	if request, idle := e.Event.(access.RequestBound); idle && err == nil {
		return l.at(ctx, slug, request.Seq)
	}
	return e, err
}

// SeqOf gives the position of the event that is bound to an idempotency key, such as
// "event/<event_id>" or "posting/<posting_id>". One that is not durable yet is not found.
func (l *Ledgers) SeqOf(_ context.Context, slug, key string) (seq int64, found bool, err error) {
	known, found, err := l.lookup(slug, key)
	if err != nil || !found {
		return 0, false, err
	}
	durable, _ := l.ids.Position(slug)
	return known.Seq, known.Seq < durable, nil
}

// lookup asks the index of callers' ids. An index that has failed is as final as a store that has.
func (l *Ledgers) lookup(slug, key string) (IDEntry, bool, error) {
	known, found, err := l.ids.Lookup(slug, key)
	if err != nil && l.Err() != nil {
		err = errNotDurable
	}
	return known, found, err
}

// at reads one event.
func (l *Ledgers) at(ctx context.Context, slug string, seq int64) (domain.Envelope, error) {
	for e, err := range l.Envelopes(ctx, slug, seq) {
		return e, err
	}
	return domain.Envelope{}, domain.Errorf(domain.Unknown, "the ledger has no event %d", seq)
}

// KeyOwner gives the slug of the tenant that issued an API key, whatever became of the key.
func (l *Ledgers) KeyOwner(_ context.Context, keyID string) (slug string, known bool, err error) {
	if owner, asked := l.owners.Load(keyID); asked {
		return owner.(string), true, nil
	}
	entry, known, err := l.lookup("", apiKey(keyID))
	if known {
		l.owners.Store(strings.Clone(keyID), entry.Value)
	}
	return entry.Value, known, err
}

// Tenant gives an institution by slug or id.
func (l *Ledgers) Tenant(ctx context.Context, slugOrID string) (tenant *access.Tenant, err error) {
	err = l.View(ctx, access.System, func(s *ledger.State) error {
		if tenant = s.Access.Tenant(slugOrID); tenant == nil {
			return domain.Errorf(domain.Unknown, "there is no such tenant")
		}
		return nil
	})
	return tenant, err
}

// CreateTenant enters an institution and opens its ledger. Done twice it gives the same tenant.
func (l *Ledgers) CreateTenant(ctx context.Context, actor string, cmd access.CreateTenant) (*access.Tenant, error) {
	if _, err := l.Execute(ctx, access.System, actor, ledger.CreateTenant(cmd)); err != nil {
		return nil, err
	}
	tenant, err := l.Tenant(ctx, cmd.Slug)
	if err != nil {
		return nil, err
	}
	return tenant, l.create(ctx, access.OpenLedger{Slug: tenant.Slug, TenantID: tenant.ID, Name: tenant.Name})
}

// PublishList puts a version of a shared list in force for all tenants. It returns once every
// tenant that is loaded rests its decisions on it; the others adopt it when they are.
func (l *Ledgers) PublishList(ctx context.Context, actor string, cmd screening.PublishList) (*screening.Publication, error) {
	outcome, err := l.Execute(ctx, access.System, actor, ledger.PublishList(cmd))
	if err != nil {
		return nil, err
	}
	for _, slug := range l.loaded() {
		if err := l.with(ctx, slug, func(w *writer) error { return l.adopt(ctx, w) }); err != nil {
			return nil, fmt.Errorf("tenant %s has not adopted %s yet: %w", slug, cmd.List, err)
		}
	}
	return outcome.Reply.(*screening.Publication), nil
}

// loaded gives the slugs of the tenants whose state is in memory.
func (l *Ledgers) loaded() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	slugs := slices.Sorted(maps.Keys(l.writers))
	return slices.DeleteFunc(slugs, func(slug string) bool { return slug == access.System })
}

// adopt makes a tenant rest its decisions on the shared lists in force. It asks for them by a
// command: what a look at the state shows may never become durable, and a tenant that had adopted
// it could not go on.
func (l *Ledgers) adopt(ctx context.Context, w *writer) error {
	outcome, err := l.Execute(ctx, access.System, "system", ledger.SharedLists())
	if err != nil {
		return err
	}
	shared := outcome.Reply.(ledger.Shared)
	for i, p := range shared.Published {
		adoption := ledger.AdoptList(screening.AdoptList{Publication: p}, shared.Contents[i])
		if _, err := w.execute(ctx, "system", adoption); err != nil {
			return err
		}
	}
	return nil
}

// Checkpoint signs the durable end of a ledger.
func (l *Ledgers) Checkpoint(ctx context.Context, slug string) (signed []byte, err error) {
	err = l.with(ctx, slug, func(w *writer) error {
		end := w.head.Load()
		if end == nil {
			return errLost
		}
		signed, err = end.signer.SignCheckpoint(chain.Checkpoint{Origin: l.codec.name(slug), Size: end.tree.Size(), Root: end.tree.Root()})
		return err
	})
	return signed, err
}
