package esdbtest

import (
	"context"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/gossip"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/serverfeatures"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
)

// cluster is the nodes that share a database. The first one added leads.
type cluster struct {
	mu       sync.Mutex
	nodes    []*Server
	leader   *Server
	forwards int // calls a follower carried out for want of the header
}

func (c *cluster) add(s *Server) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.nodes = append(c.nodes, s)
	if c.leader == nil {
		c.leader = s
	}
}

// Lead makes this node the leader of its cluster.
func (s *Server) Lead() {
	s.cluster.mu.Lock()
	defer s.cluster.mu.Unlock()
	s.cluster.leader = s
}

// Forwards is the number of calls that followers carried out because the client did not require the leader.
func (s *Server) Forwards() int {
	s.cluster.mu.Lock()
	defer s.cluster.mu.Unlock()
	return s.cluster.forwards
}

// ClusterURL is the connection string of the whole cluster, see URL.
func (s *Server) ClusterURL() string {
	s.cluster.mu.Lock()
	nodes := slices.Clone(s.cluster.nodes)
	s.cluster.mu.Unlock()
	var hosts []string
	for _, n := range nodes {
		hosts = append(hosts, n.Addr())
	}
	return "esdb://" + strings.Join(hosts, ",") + "?tls=false"
}

// leads lets a call pass at the leader, and at a follower if the client does not require the leader: a real one then
// forwards writes, and reads what it has.
func (c *cluster) leads(ctx context.Context, s *Server) error {
	c.mu.Lock()
	leader := c.leader
	required := slices.Contains(metadata.ValueFromIncomingContext(ctx, "requires-leader"), "true")
	if s != leader && !required {
		c.forwards++
	}
	c.mu.Unlock()
	if s == leader || !required {
		return nil
	}
	host, port, err := net.SplitHostPort(leader.Addr())
	if err != nil {
		return status.Error(codes.Internal, err.Error())
	}
	_ = grpc.SetTrailer(ctx, metadata.Pairs("leader-endpoint-host", host, "leader-endpoint-port", port))
	return fail(ctx, codes.NotFound, "not-leader", "")
}

// gossipServer tells who leads. It is a type of its own because two services have a method Read.
type gossipServer struct {
	gossip.UnimplementedGossipServer
	cluster *cluster
}

// Read implements the service.
func (g gossipServer) Read(context.Context, *shared.Empty) (*gossip.ClusterInfo, error) {
	g.cluster.mu.Lock()
	nodes, leader := slices.Clone(g.cluster.nodes), g.cluster.leader
	g.cluster.mu.Unlock()
	info := &gossip.ClusterInfo{}
	for _, n := range nodes {
		host, port, err := net.SplitHostPort(n.Addr())
		if err != nil {
			return nil, status.Error(codes.Internal, err.Error())
		}
		number, err := strconv.ParseUint(port, 10, 16)
		if err != nil {
			return nil, status.Error(codes.Internal, err.Error())
		}
		state := gossip.MemberInfo_Follower
		if n == leader {
			state = gossip.MemberInfo_Leader
		}
		info.Members = append(info.Members, &gossip.MemberInfo{
			State: state, IsAlive: n.running(), HttpEndPoint: &gossip.EndPoint{Address: host, Port: uint32(number)},
		})
	}
	return info, nil
}

func (s *Server) running() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.server != nil
}

// GetSupportedMethods implements the service. Like gossip it is open to anyone: clients ask without credentials.
func (s *Server) GetSupportedMethods(ctx context.Context, _ *shared.Empty) (*serverfeatures.SupportedMethods, error) {
	if _, err := s.faults.linger(ctx); err != nil {
		return nil, err
	}
	return &serverfeatures.SupportedMethods{EventStoreServerVersion: "25.0.1"}, nil
}
