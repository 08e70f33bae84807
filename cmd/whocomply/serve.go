package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"golang.org/x/sync/errgroup"

	"whocomply/domain"
	"whocomply/domain/webhook"
	"whocomply/http"
)

// serveFlags say where the server listens.
type serveFlags struct {
	dataFlags
	Listen        string        `help:"Address of the API." default:"127.0.0.1:8080" env:"WHOCOMPLY_LISTEN"`
	TLSCert       string        `help:"PEM file with the certificate chain." env:"WHOCOMPLY_TLS_CERT" type:"path"`
	TLSKey        string        `help:"PEM file with its key." env:"WHOCOMPLY_TLS_KEY" type:"path"`
	RateLimit     float64       `help:"Requests a second that one API key may send; 0 does not limit." default:"100000" env:"WHOCOMPLY_RATE_LIMIT"`
	RescreenEvery time.Duration `help:"How often all customers are screened again whatever the lists; 0 for never." default:"24h" env:"WHOCOMPLY_RESCREEN_EVERY"`
	RerateEvery   time.Duration `help:"How often customers are looked through for those whom time has given another rating; 0 for never." default:"1h" env:"WHOCOMPLY_RERATE_EVERY"`
	BehindProxy   bool          `help:"Speak plain HTTP beyond loopback: a proxy in front ends TLS." env:"WHOCOMPLY_BEHIND_PROXY"`

	Deliver      bool          `help:"Deliver webhooks, and screen and rate customers again. Of several nodes with a database each, let one." default:"true" negatable:"" env:"WHOCOMPLY_DELIVER"`
	WebhookPorts []uint16      `help:"Ports that webhooks may use beside 443." placeholder:"PORT" env:"WHOCOMPLY_WEBHOOK_PORTS"`
	KeepAttempts time.Duration `help:"How long the log of webhooks keeps the attempts of what was delivered; 0 for ever." default:"2160h" env:"WHOCOMPLY_KEEP_ATTEMPTS"`
	WebhookAllow []string      `help:"Private networks that webhooks may reach, over plain HTTP too, while developing: 127.0.0.1/32:9000." placeholder:"CIDR:PORT" env:"WHOCOMPLY_WEBHOOK_ALLOW"`
}

// serveCmd is the server.
type serveCmd struct {
	serveFlags
}

// cores is how many the process may use at once, as its container says.
var cores = runtime.GOMAXPROCS(0)

// tuneRuntime suits Go's runtime to a server that writes to disk. GOMAXPROCS, GOGC and GOMEMLIMIT in the
// environment have the last word.
//
// Two processors of Go's for a core: one that waits for the disk or applies a batch to the read models leaves
// another to answer requests, between which the kernel shares the core. On two cores that answers a tenth more
// requests, and the slowest of them sooner.
//
// The heap may grow to five times what is live before the garbage collector runs, where Go's default is twice:
// under load that saves a tenth of the processor time, and with many customers in memory the requests that meet
// a collection are the slowest there are.
func tuneRuntime() {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(2 * cores)
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
}

// Run is the command. It ends when it is told to, after the requests under way were answered.
func (c *serveCmd) Run(ctx context.Context) error {
	return c.serve(ctx, func(in *Instance, address string) error {
		in.log.InfoContext(ctx, "serving", "address", address, "data", c.Data)
		return nil
	})
}

// serve opens the installation, calls ready once it answers on its address, and serves until ctx
// ends or ready fails.
func (f *serveFlags) serve(ctx context.Context, ready func(in *Instance, address string) error) error {
	tuneRuntime()
	in, err := openInstance(ctx, f.dataFlags)
	if err != nil {
		return err
	}
	server, deliverer, err := in.server(*f)
	if err != nil {
		return firstError(err, in.Close())
	}
	listener, err := server.Listen(ctx)
	if err != nil {
		return firstError(err, in.Close())
	}
	again, names, ratings := newRescreener(in, f.RescreenEvery), &batcher{in: in}, newRerater(in, f.RerateEvery)
	in.workers.Store(&[]func(string, []domain.Envelope){again.grown, names.grown, ratings.grown})
	deliverer.Refuse(listener.Addr())
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { in.watch(ctx); return nil })
	group.Go(func() error { in.survey(ctx); return nil })
	group.Go(func() error { return serveOperator(ctx, in) })
	group.Go(func() error { return server.Serve(ctx, listener) })
	if f.Deliver {
		group.Go(func() error { again.run(ctx); return nil })
		group.Go(func() error { names.run(ctx); return nil })
		group.Go(func() error { ratings.run(ctx); return nil })
		group.Go(func() error { return deliverer.Run(ctx) })
	}
	group.Go(func() error { return ready(in, address(listener, f.TLSCert != "")) })
	return firstError(group.Wait(), in.Close())
}

// watch says in the log why nothing can be made durable any more, if it comes to that. What is
// there can still be read, so the process goes on until its operator has seen to the disk.
func (in *Instance) watch(ctx context.Context) {
	select {
	case <-in.Store.Failed():
	case <-in.IDs.Failed():
	case <-ctx.Done():
		return
	}
	in.log.ErrorContext(ctx, "nothing can be made durable any more; see to the disk, then start the process again", "error", in.Ledgers.Err())
}

// survey looks through a store that others administer, beside the serving. What it finds damaged is in
// the log and gets no further record.
func (in *Instance) survey(ctx context.Context) {
	if in.flags.EventStore == "" {
		return
	}
	if err := in.Ledgers.Survey(ctx); err != nil && ctx.Err() == nil {
		in.log.WarnContext(ctx, "not all ledgers could be looked through", "error", err)
	}
}

// server makes the API of an instance, and what delivers its webhooks.
func (in *Instance) server(f serveFlags) (*http.Server, *http.Deliverer, error) {
	vault, err := f.vault()
	if err != nil {
		return nil, nil, err
	}
	guard := webhook.Guard{Ports: f.WebhookPorts}
	for _, text := range f.WebhookAllow {
		allowed, err := webhook.ParseAllowed(text)
		if err != nil {
			return nil, nil, err
		}
		guard.Allowed = append(guard.Allowed, allowed)
	}
	metrics := prometheus.NewRegistry()
	metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	deliverer := http.NewDeliverer(http.DelivererOptions{
		Ledgers: in.Ledgers, Models: in.DB, Vault: vault, Guard: guard, Log: in.log, Metrics: metrics, Now: time.Now, Sole: in.flags.Database == "",
		KeepAttempts: f.KeepAttempts,
	})
	return http.New(http.Options{
		Listen: f.Listen, TLSCert: f.TLSCert, TLSKey: f.TLSKey, BehindProxy: f.BehindProxy,
		Ledgers: in.Ledgers, Models: in.DB, Log: in.log, Metrics: metrics, Now: time.Now, Rate: f.RateLimit, Jobs: cores / 2, Deliverer: deliverer,
	}), deliverer, nil
}

func address(l net.Listener, tls bool) string {
	if tls {
		return "https://" + l.Addr().String()
	}
	return "http://" + l.Addr().String()
}

// firstError gives the first error there is.
func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// say tells the person at the terminal.
func say(format string, args ...any) { fmt.Fprintf(os.Stdout, format+"\n", args...) }
