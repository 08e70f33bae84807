package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"whocomply/domain"
	"whocomply/eventstore"
	"whocomply/projections"
)

// Instance is an open installation. One process at a time can have a data directory open.
//
//	             ┌────────────────── Ledgers (eventstore) ──────────────────┐
//	http, jobs ─►│ prepare ► decide ► chain ► sign ► Bolt (ledger.db) ► ack │
//	             │                │                                         │
//	             │                └► IDs (ids/)                             │
//	             └──────────────────────────────────────┬───────────────────┘
//	                                          Appended: │ wake
//	http ◄── DB (read.db) ◄── Runner (projections) ◄────┘ reads the ledgers
//
// The ledgers may be in an EventStoreDB and the read models in a PostgreSQL instead, both shared by
// several nodes. Each node decides and reads; one of them keeps the read models up to date for all.
type Instance struct {
	Store   eventstore.Store
	IDs     *eventstore.IDs
	Ledgers *eventstore.Ledgers
	DB      *projections.DB
	Runner  *projections.Runner

	workers atomic.Pointer[[]func(slug string, events []domain.Envelope)] // of a server: told what was appended

	flags  dataFlags
	log    *slog.Logger
	cancel context.CancelFunc
	ended  sync.WaitGroup
}

// openInstance opens an installation, making it on the first start. An error that is
// eventstore.ErrInUse means that another process has it.
func openInstance(ctx context.Context, flags dataFlags) (in *Instance, err error) {
	if err := flags.writable(); err != nil {
		return nil, fmt.Errorf("the data directory %s cannot be written: %w", flags.Data, err)
	}
	in = &Instance{flags: flags, log: flags.logger(), cancel: func() {}}
	defer func() {
		if err != nil {
			err = errors.Join(err, in.Close())
			in = nil
		}
	}()
	if err := in.openStore(ctx); err != nil {
		return in, err
	}
	if err := in.openLedgers(ctx); err != nil {
		return in, err
	}
	database, err := flags.database()
	if err != nil {
		return in, err
	}
	if in.DB, err = projections.Open(ctx, database); err != nil {
		return in, err
	}
	in.startRunner()
	return in, nil
}

// openStore opens the ledgers' store and, beside it, the index of callers' ids, which also keeps a
// second process off the data directory.
func (in *Instance) openStore(ctx context.Context) error {
	if in.flags.EventStore == "" {
		bolt, err := eventstore.OpenBolt(in.flags.Data)
		if err != nil {
			return err
		}
		in.Store = bolt
	} else {
		cluster, err := eventstore.OpenESDB(ctx, in.flags.EventStore, in.log)
		if err != nil {
			return err
		}
		in.Store = cluster
	}
	var err error
	in.IDs, err = eventstore.OpenIDs(in.flags.Data)
	return err
}

func (in *Instance) openLedgers(ctx context.Context) error {
	origin, err := eventstore.OriginOf(ctx, in.Store)
	if err != nil {
		return err
	}
	if origin == "" {
		origin = in.flags.Origin
	}
	key, err := in.flags.signingKey()
	if err != nil {
		return err
	}
	next, err := in.flags.nextKey()
	if err != nil {
		return err
	}
	if next != nil {
		in.log.WarnContext(ctx, "a rotation of the signing key is not finished; run whocomply key rotate-signing to go on")
	}
	in.Ledgers, err = eventstore.Open(ctx, eventstore.Options{
		Store: in.Store, Shared: in.flags.EventStore != "", IDs: in.IDs, Origin: origin, Key: key, NextKey: next, Log: in.log, Now: time.Now,
		Appended: func(slug string, events []domain.Envelope) {
			if workers := in.workers.Load(); workers != nil {
				for _, grown := range *workers {
					grown(slug, events)
				}
			}
			if in.Runner != nil {
				in.Runner.Wake(slug)
			}
		},
	})
	return err
}

// startRunner keeps the read models up to date until Close.
func (in *Instance) startRunner() {
	ctx, cancel := context.WithCancel(context.Background())
	in.cancel = cancel
	in.Runner = projections.NewRunner(in.DB, source{in.Ledgers}, in.log)
	in.ended.Go(func() {
		if err := in.Runner.Run(ctx); err != nil && !errors.Is(err, context.Canceled) {
			in.log.Error("read models have stopped", "error", err)
		}
	})
	in.startFollowing(ctx)
}

// startFollowing takes in what other nodes write to a store that is shared, until Close.
func (in *Instance) startFollowing(ctx context.Context) {
	cluster, shared := in.Store.(*eventstore.ESDB)
	if !shared {
		return
	}
	f := &follower{in: in}
	in.ended.Go(func() {
		if err := cluster.Watch(ctx, f.wake); err != nil && ctx.Err() == nil {
			in.log.ErrorContext(ctx, "other nodes are not followed any more", "error", err)
		}
	})
	in.ended.Go(func() { f.run(ctx) })
}

// Close makes what is under way durable and lets go of the data directory.
func (in *Instance) Close() error {
	if in.Ledgers != nil {
		in.Ledgers.Close()
	}
	in.cancel()
	in.ended.Wait()
	var errs []error
	if in.DB != nil {
		errs = append(errs, in.DB.Close())
	}
	if in.IDs != nil {
		errs = append(errs, in.IDs.Close())
	}
	if in.Store != nil {
		errs = append(errs, in.Store.Close())
	}
	return errors.Join(errs...)
}

// source is the ledgers as projections read them.
type source struct{ ledgers *eventstore.Ledgers }

// Ledgers lists the ledgers.
func (s source) Ledgers(ctx context.Context) ([]string, error) { return s.ledgers.Slugs(ctx) }

// Size is the number of durable events of a ledger.
func (s source) Size(ctx context.Context, slug string) (int64, error) {
	return s.ledgers.Size(ctx, slug)
}

// Read yields a ledger's events in order.
func (s source) Read(ctx context.Context, slug string, from int64) iter.Seq2[domain.Envelope, error] {
	return s.ledgers.Envelopes(ctx, slug, from)
}
