package eventstore

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/gossip"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
)

// Answers about a stream that are no records.
var (
	errNoStream  = errors.New("no such stream")
	errTombstone = errors.New("the stream was deleted for good")
	errDenied    = fmt.Errorf("%w: the event store denies this user access", ErrUnavailable) // trying again is useless
)

// esdbNode is the leader as it was last seen, with the connection that reads use. Only the leader is ever asked: what
// it shows is what appends are fenced by, and it is never behind what was acknowledged.
type esdbNode struct {
	config   *esdb.Configuration
	deadline time.Duration // of one call
	dial     func(addr string) (*grpc.ClientConn, error)

	mu     sync.Mutex
	told   string // address of the leader as another node told it, tried before anything else
	addr   string // of conn
	conn   *grpc.ClientConn
	closed bool
}

// connect gives the connection to the leader, and finds the leader first if need be.
func (n *esdbNode) connect(ctx context.Context) (*grpc.ClientConn, string, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return nil, "", ErrClosed
	}
	if n.conn != nil {
		return n.conn, n.addr, nil
	}
	addr, err := n.discover(ctx)
	if err != nil {
		return nil, "", err
	}
	conn, err := n.dial(addr)
	if err != nil {
		return nil, "", fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	n.conn, n.addr, n.told = conn, addr, ""
	return conn, addr, nil
}

// discover finds the leader's address: as told, as given for a single node, or by asking the cluster.
func (n *esdbNode) discover(ctx context.Context) (string, error) {
	if n.told != "" {
		return n.told, nil
	}
	var seeds []string
	for _, seed := range n.config.GossipSeeds {
		seeds = append(seeds, seed.String())
	}
	if n.config.DnsDiscover {
		seeds = []string{n.config.Address}
	}
	if len(seeds) == 0 {
		return n.config.Address, nil
	}
	errs := []error{fmt.Errorf("%w: no node of the cluster knows a leader", ErrUnavailable)}
	for _, seed := range seeds {
		leader, err := n.ask(ctx, seed)
		if err == nil {
			return leader, nil
		}
		errs = append(errs, err)
	}
	return "", errors.Join(errs...)
}

// ask asks one node who leads.
func (n *esdbNode) ask(ctx context.Context, seed string) (leader string, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(n.config.GossipTimeout)*time.Second)
	defer cancel()
	conn, err := n.dial(seed)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	info, err := gossip.NewGossipClient(conn).Read(ctx, &shared.Empty{})
	if err != nil {
		return "", fmt.Errorf("ask %s: %w", seed, err)
	}
	for _, m := range info.GetMembers() {
		if at := m.GetHttpEndPoint(); m.GetIsAlive() && m.GetState() == gossip.MemberInfo_Leader {
			return net.JoinHostPort(at.GetAddress(), strconv.FormatUint(uint64(at.GetPort()), 10)), nil
		}
	}
	return "", fmt.Errorf("%s knows no leader", seed)
}

// forget makes the next call find the leader anew. Calls that use the connection fail and are tried again.
func (n *esdbNode) forget(conn *grpc.ClientConn, told string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.conn == nil || conn != nil && conn != n.conn {
		return
	}
	_ = n.conn.Close() // It says only that it was closed before.
	n.conn, n.told = nil, told
}

func (n *esdbNode) close() error {
	n.forget(nil, "")
	n.mu.Lock()
	defer n.mu.Unlock()
	n.closed = true
	return nil
}

// toLeader marks a call as one that only the leader may answer. The library means to, but marks what comes in.
func toLeader(ctx context.Context) context.Context {
	return metadata.AppendToOutgoingContext(ctx, "requires-leader", "true")
}

// read reads; visit gets the messages until it returns false or an error, or the read ends, which a subscription never
// does. The read is over when read returns.
func (n *esdbNode) read(ctx context.Context, options *streams.ReadReq_Options, visit func(*streams.ReadResp) (bool, error)) error {
	conn, _, err := n.connect(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(toLeader(ctx))
	defer cancel()
	if options.GetSubscription() == nil {
		ctx, cancel = context.WithTimeout(ctx, n.deadline)
		defer cancel()
	}
	options.UuidOption = &streams.ReadReq_Options_UUIDOption{Content: &streams.ReadReq_Options_UUIDOption_Structured{Structured: &shared.Empty{}}}
	call, err := streams.NewStreamsClient(conn).Read(ctx, &streams.ReadReq{Options: options})
	if err != nil {
		return n.fault(conn, err, nil)
	}
	for {
		resp, err := call.Recv()
		if err != nil {
			return n.fault(conn, err, call.Trailer())
		}
		if resp.GetStreamNotFound() != nil {
			return errNoStream
		}
		if more, err := visit(resp); err != nil || !more {
			return err
		}
	}
}

// fault says what the end of a read means: nil where it has simply come to its end.
func (n *esdbNode) fault(conn *grpc.ClientConn, err error, trailer metadata.MD) error {
	if errors.Is(err, errEnd) {
		return nil
	}
	switch first(trailer.Get("exception")) {
	case "not-leader":
		host, port := first(trailer.Get("leader-endpoint-host")), first(trailer.Get("leader-endpoint-port"))
		told := ""
		if host != "" && port != "" {
			told = net.JoinHostPort(host, port)
		}
		n.forget(conn, told)
		return fmt.Errorf("%w: the node does not lead its cluster", ErrUnavailable)
	case "stream-deleted":
		return errTombstone
	case "access-denied":
		return errDenied
	}
	switch status.Code(err) {
	case codes.PermissionDenied, codes.Unauthenticated:
		return errDenied
	case codes.Unavailable: // Who is slow under load is not helped by new connections; one that is gone fails its pings.
		n.forget(conn, "")
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}
