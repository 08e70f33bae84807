// Package esdbtest is an EventStoreDB server for tests: it speaks the server's protocol over gRPC on loopback, keeps its
// streams in memory, and can be told to fail in the ways real ones do.
//
// It follows the server of 2025 (25.x) where a client can tell: appends are fenced by the expected revision and
// repeated ones known by the ids of their events, position by position; a soft delete hides what is there and lets
// numbering go on; a stream's metadata ($tb, $maxCount, $maxAge) hides its front; reads and subscriptions answer in the
// order and with the trailers of the real one. It enforces no access control, and a commit is durable as long as the
// process lives.
//
//	server.go     listening, stopping, breaking off
//	database.go   streams and the log of all of them
//	append.go     Append, Delete, Tombstone
//	read.go       Read of a stream and of $all
//	subscribe.go  Read as a subscription
//	cluster.go    gossip, leaders and followers, server features
//	faults.go     what can be made to go wrong
//	tls.go        a certificate
package esdbtest

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/gossip"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/serverfeatures"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
)

// Server is one node. All methods may be called at once, beside any number of clients.
type Server struct {
	streams.UnimplementedStreamsServer
	serverfeatures.UnimplementedServerFeaturesServer
	cluster *cluster
	db      *database
	faults  faults

	mu       sync.Mutex // guards what follows
	addr     string
	tls      *tls.Config  // nil for a server without TLS
	server   *grpc.Server // nil while stopped
	conns    map[net.Conn]struct{}
	finished chan error // gets what Serve returned
}

// Start starts a node that leads a cluster of its own, for the length of the test.
func Start(tb testing.TB) *Server {
	tb.Helper()
	s := newServer(&cluster{}, newDatabase())
	s.cluster.add(s)
	s.start(tb)
	return s
}

// StartTLS starts a node like Start that speaks TLS, and gives the file with the certificate to trust.
func StartTLS(tb testing.TB) (s *Server, caFile string) {
	tb.Helper()
	s = newServer(&cluster{}, newDatabase())
	s.cluster.add(s)
	var err error
	if s.tls, caFile, err = selfSigned(tb.TempDir()); err != nil {
		tb.Fatal(err)
	}
	s.start(tb)
	return s, caFile
}

// Follower starts another node of the cluster, for the length of the test. It has the leader's data at once.
func (s *Server) Follower(tb testing.TB) *Server {
	tb.Helper()
	f := newServer(s.cluster, s.db)
	s.cluster.add(f)
	f.start(tb)
	return f
}

// ListenAndServe serves an empty database of one node at addr ("127.0.0.1:0" picks a port) until the context ends;
// listening is called with the address once it does.
func ListenAndServe(ctx context.Context, addr string, listening func(addr string)) error {
	s := newServer(&cluster{}, newDatabase())
	s.cluster.add(s)
	s.addr = addr
	if err := s.listen(); err != nil {
		return err
	}
	defer s.Stop()
	listening(s.Addr())
	<-ctx.Done()
	return nil
}

func newServer(c *cluster, db *database) *Server {
	return &Server{cluster: c, db: db, addr: "127.0.0.1:0"}
}

func (s *Server) start(tb testing.TB) {
	tb.Helper()
	if err := s.listen(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(s.Stop)
}

// listen starts to serve at the node's address.
func (s *Server) listen() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.server != nil {
		return errors.New("esdbtest: already listening")
	}
	l, err := net.Listen("tcp", s.addr)
	if err != nil {
		return fmt.Errorf("esdbtest: %w", err)
	}
	s.addr = l.Addr().String()
	s.conns = make(map[net.Conn]struct{})
	s.finished = make(chan error, 1)
	options := []grpc.ServerOption{
		grpc.MaxRecvMsgSize(17 << 20),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: time.Second, PermitWithoutStream: true}),
	}
	if s.tls != nil {
		options = append(options, grpc.Creds(credentials.NewTLS(s.tls)))
	}
	s.server = grpc.NewServer(options...)
	streams.RegisterStreamsServer(s.server, s)
	serverfeatures.RegisterServerFeaturesServer(s.server, s)
	gossip.RegisterGossipServer(s.server, gossipServer{cluster: s.cluster})
	go func(server *grpc.Server, finished chan<- error) {
		finished <- server.Serve(&trackedListener{Listener: l, server: s})
	}(s.server, s.finished)
	return nil
}

// Addr is the address the node listens at, or did before it was stopped.
func (s *Server) Addr() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addr
}

// URL is the connection string of this node alone; "&defaultDeadline=500" may follow.
func (s *Server) URL() string { return "esdb://" + s.Addr() + "?tls=false" }

// Stop ends the node at once, breaking off whatever is under way. Data stay.
func (s *Server) Stop() {
	s.mu.Lock()
	server, finished := s.server, s.finished
	s.server = nil
	s.mu.Unlock()
	if server == nil {
		return
	}
	s.faults.release()
	server.Stop()
	<-finished
}

// Restart serves again at the same address after a Stop.
func (s *Server) Restart(tb testing.TB) {
	tb.Helper()
	if err := s.listen(); err != nil {
		tb.Fatal(err)
	}
}

// DropConnections breaks every connection, as a network does.
func (s *Server) DropConnections() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		_ = c.Close() // The peer is to see it, whatever it says here.
	}
}

// trackedListener remembers the connections that are open.
type trackedListener struct {
	net.Listener
	server *Server
}

// Accept implements [net.Listener].
func (l *trackedListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.server.mu.Lock()
	defer l.server.mu.Unlock()
	l.server.conns[c] = struct{}{}
	return &trackedConn{Conn: c, server: l.server}, nil
}

type trackedConn struct {
	net.Conn
	server *Server
}

// Close implements [net.Conn].
func (c *trackedConn) Close() error {
	c.server.mu.Lock()
	delete(c.server.conns, c.Conn)
	c.server.mu.Unlock()
	return c.Conn.Close()
}
