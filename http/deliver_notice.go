package http

import (
	"context"
	"sync"

	"whocomply/domain"
	"whocomply/domain/webhook"
	"whocomply/projections"
)

// noticeCache keeps the notices of the newest events, which many endpoints of a tenant share.
type noticeCache struct {
	mu   sync.Mutex
	all  map[noticeKey]*webhook.Notice
	ring []noticeKey
	at   int
}

type noticeKey struct {
	slug string
	seq  int64
}

const noticesKept = 8192

func (c *noticeCache) get(k noticeKey) *webhook.Notice {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.all[k]
}

func (c *noticeCache) put(k noticeKey, n *webhook.Notice) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all == nil {
		c.all, c.ring = map[noticeKey]*webhook.Notice{}, make([]noticeKey, noticesKept)
	}
	if c.all[k] != nil {
		return
	}
	delete(c.all, c.ring[c.at])
	c.ring[c.at], c.all[k] = k, n
	c.at = (c.at + 1) % noticesKept
}

// notice gives what receivers are told about an event of a ledger.
func (d *Deliverer) notice(ctx context.Context, slug string, seq int64) (*webhook.Notice, error) {
	if n := d.notices.get(noticeKey{slug, seq}); n != nil {
		return n, nil
	}
	if err := d.fetch(ctx, slug, []int64{seq}); err != nil {
		return nil, err
	}
	if n := d.notices.get(noticeKey{slug, seq}); n != nil {
		return n, nil
	}
	return nil, domain.Errorf(domain.Unknown, "nobody is told about event %d", seq)
}

// fetch reads the notices of events at positions, which must rise, into the cache.
func (d *Deliverer) fetch(ctx context.Context, slug string, seqs []int64) error {
	events, err := d.Ledgers.Events(ctx, slug, seqs)
	if err != nil {
		return err
	}
	for i := range events {
		n, told, err := projections.NoticeOf(&events[i])
		if err != nil {
			return err
		}
		if told {
			n.Ledger = d.Ledgers.Name(slug)
			d.notices.put(noticeKey{slug, n.Seq}, &n)
		}
	}
	return nil
}

// prefetch reads the notices of what is due in one go, as far as they come in order.
func (d *Deliverer) prefetch(ctx context.Context, slug string, due []projections.Due) {
	var seqs []int64
	for _, item := range due {
		if d.notices.get(noticeKey{slug, item.Seq}) == nil && (len(seqs) == 0 || item.Seq > seqs[len(seqs)-1]) {
			seqs = append(seqs, item.Seq)
		}
	}
	if len(seqs) > 0 {
		_ = d.fetch(ctx, slug, seqs) // each is read again alone, and fails there
	}
}

// keys opens what an endpoint's deliveries are signed with, and the secret that a body may show.
func (d *Deliverer) keys(slug string, e *webhook.Endpoint) (k webhook.Keys, shown string, err error) {
	if k.Secret, err = d.Vault.Open(slug, e.ID, e.Secret); err != nil {
		return k, "", err
	}
	if e.Previous != "" && d.Now().Before(e.Until) {
		if k.Previous, err = d.Vault.Open(slug, e.ID, e.Previous); err != nil {
			return k, "", err
		}
	}
	if e.Ed25519 {
		if k.Ed25519, err = d.Vault.Ed25519(slug, e.ID); err != nil {
			return k, "", err
		}
	}
	shown = k.Secret
	if e.Format == webhook.IComply {
		shown, err = d.Vault.BodySecret(slug, e.ID)
	}
	return k, shown, err
}

// compose gives the id and the body of a delivery.
func (d *Deliverer) compose(ctx context.Context, slug string, e *webhook.Endpoint, due projections.Due, shown string) (body []byte, err error) {
	n, err := d.notice(ctx, slug, due.Seq)
	if err != nil {
		return nil, err
	}
	return e.Render(n, webhook.Place{WebhookID: e.ID, Sequence: due.Sequence, Previous: due.Previous}, shown)
}
