package eventstore_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"whocomply/eventstore"
	"whocomply/eventstore/esdbtest"
	"whocomply/eventstore/eventstoretest"
)

// TestESDBSurvivesItsClient meets what ends, stops or misleads a program that uses the client library as it stands.
func TestESDBSurvivesItsClient(t *testing.T) {
	for _, tc := range []struct {
		name   string
		quirks esdbtest.Quirks
	}{
		{"events without a time of creation", esdbtest.Quirks{NoCreated: true}},
		{"first and last positions", esdbtest.Quirks{Positions: true}},
		{"slow answers", esdbtest.Quirks{Delay: 50 * time.Millisecond}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			server := esdbtest.Start(t)
			server.SetQuirks(tc.quirks)
			s := openESDB(t, within(server, 500))
			for first := range int64(3) {
				if err := s.Append(t.Context(), eventstoretest.BatchOf("acme", first, 1)); err != nil {
					t.Fatal(err)
				}
			}
			eventstoretest.CheckPrefix(t, s, "acme", 3)
		})
	}
}

func TestESDBRefusals(t *testing.T) {
	t.Parallel()
	server := esdbtest.Start(t)
	s := openESDB(t, within(server, 500))
	if err := s.Append(t.Context(), eventstoretest.BatchOf("acme", 0, 1)); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name   string
		quirks esdbtest.Quirks
		want   error
	}{
		{"no access", esdbtest.Quirks{Denied: true}, eventstore.ErrUnavailable},
		{"a server with a lower limit", esdbtest.Quirks{MaxAppend: 20}, eventstore.ErrInvalid},
	} {
		server.SetQuirks(tc.quirks)
		start := time.Now()
		err := s.Append(t.Context(), eventstoretest.BatchOf("acme", 1, 1))
		if !errors.Is(err, tc.want) || time.Since(start) > 400*time.Millisecond {
			t.Errorf("%s: %v after %v, want %v at once", tc.name, err, time.Since(start), tc.want)
		}
	}
	server.SetQuirks(esdbtest.Quirks{NamelessStone: true})
	administrator(t, server, tombstone)
	wantDamage(t, "tombstone without a name", s.Append(t.Context(), eventstoretest.BatchOf("acme", 1, 1)), "record 0: the stream was deleted for good")
}

// TestESDBServerComesBack uses one store while its server is away, and when it has come back.
func TestESDBServerComesBack(t *testing.T) {
	t.Parallel()
	server := esdbtest.Start(t)
	s := openESDB(t, within(server, 250))
	if err := s.Append(t.Context(), eventstoretest.BatchOf("acme", 0, 3)); err != nil {
		t.Fatal(err)
	}
	for round := range int64(3) {
		server.Stop()
		if round < 2 { // An append may find the server gone for good, or just come back.
			if err := s.Append(t.Context(), eventstoretest.BatchOf("acme", 3+round, 1)); !errors.Is(err, eventstore.ErrUnavailable) {
				t.Errorf("append without a server: %v", err)
			}
			if err := lastError(t.Context(), s); !errors.Is(err, eventstore.ErrUnavailable) {
				t.Errorf("read without a server: %v", err)
			}
			server.Restart(t)
		} else {
			time.AfterFunc(200*time.Millisecond, func() { server.Restart(t) })
		}
		if err := s.Append(t.Context(), eventstoretest.BatchOf("acme", 3+round, 1)); err != nil {
			t.Fatalf("append when the server is back: %v", err)
		}
	}
	eventstoretest.CheckPrefix(t, s, "acme", 6)
	if err := s.Err(); err != nil {
		t.Errorf("the store has failed for good: %v", err)
	}
}

// TestESDBFollowsTheLeader moves leadership between nodes, with a connection string of one of them and of all.
func TestESDBFollowsTheLeader(t *testing.T) {
	for _, tc := range []struct {
		name string
		url  func(leader, follower *esdbtest.Server) string
		stop bool // the old leader too
	}{
		{"told by a follower", func(_, follower *esdbtest.Server) string { return follower.URL() }, false},
		{"found among all", func(leader, _ *esdbtest.Server) string { return leader.ClusterURL() }, false},
		{"found when one has gone", func(leader, _ *esdbtest.Server) string { return leader.ClusterURL() }, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			leader := esdbtest.Start(t)
			follower := leader.Follower(t)
			s := openESDB(t, tc.url(leader, follower)+"&defaultDeadline=500")
			if err := s.Append(t.Context(), eventstoretest.BatchOf("acme", 0, 2)); err != nil {
				t.Fatal(err)
			}
			follower.Lead()
			if tc.stop {
				leader.Stop()
			}
			if err := s.Append(t.Context(), eventstoretest.BatchOf("acme", 2, 2)); err != nil {
				t.Fatal(err)
			}
			eventstoretest.CheckPrefix(t, s, "acme", 4)
			if n := leader.Forwards(); n != 0 {
				t.Errorf("%d calls did not require the leader", n)
			}
		})
	}
}

// TestESDBWaitsNoLongerThanItSays holds calls to their bounds when a server takes connections and never answers.
func TestESDBWaitsNoLongerThanItSays(t *testing.T) {
	t.Parallel()
	server := esdbtest.Start(t)
	s := openESDB(t, within(server, 500))
	if err := s.Append(t.Context(), eventstoretest.BatchOf("acme", 0, 1)); err != nil {
		t.Fatal(err)
	}
	server.SetQuirks(esdbtest.Quirks{Delay: time.Hour})
	start := time.Now()
	if err := s.Append(t.Context(), eventstoretest.BatchOf("acme", 1, 1)); !errors.Is(err, eventstore.ErrUnavailable) {
		t.Errorf("append: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := s.Size(ctx, "acme"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("size: %v, want the caller's deadline", err)
	}
	if took := time.Since(start); took > 4*time.Second {
		t.Errorf("took %v", took)
	}
	reading := make(chan error)
	go func() { reading <- lastError(t.Context(), s) }()
	time.Sleep(20 * time.Millisecond)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := <-reading; !errors.Is(err, eventstore.ErrClosed) {
		t.Errorf("read beside Close: %v", err)
	}
}

// TestESDBLogsIn connects over TLS to a server that wants a user and password on every call.
func TestESDBLogsIn(t *testing.T) {
	t.Parallel()
	server, caFile := esdbtest.StartTLS(t)
	server.SetQuirks(esdbtest.Quirks{Login: "books:s3cr3t%"})
	url := func(login string) string {
		return "esdb://" + login + "@" + server.Addr() + "?tls=true&tlsCaFile=" + caFile
	}
	s := openESDB(t, url("books:s3cr3t%25"))
	if err := s.Append(t.Context(), eventstoretest.BatchOf("acme", 0, 2)); err != nil {
		t.Fatal(err)
	}
	eventstoretest.CheckPrefix(t, s, "acme", 2)
	want := `{"$acl":{"$d":"$admins","$mr":["$admins","books"],"$mw":"$admins","$r":["$admins","books"],"$w":["$admins","books"]}}`
	if got := server.Events("$$ledger-acme"); len(got) != 1 || string(got[0]) != want {
		t.Errorf("metadata %q, want %s", got, want)
	}
	start := time.Now()
	_, err := eventstore.OpenESDB(t.Context(), url("books:other"), discard)
	if !errors.Is(err, eventstore.ErrUnavailable) || !strings.Contains(err.Error(), "denies") || time.Since(start) > 5*time.Second {
		t.Errorf("wrong password: %v", err)
	}
}

// TestESDBKeepsSecrets looks for the password in every error and log line that a wrong connection string, a missing
// file or a server that is not there brings about.
func TestESDBKeepsSecrets(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") // A port where nothing will answer.
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	const secret = "s3cr3t"
	for _, url := range []string{
		"", "esdb://", "http://u:s3cr3t@host", "esdb://u:s3cr3t", "esdb://u:s3cr3t/x@host:2113", "esdb://u:%zzs3cr3t@host:2113",
		"esdb://u:s3cr3t,x/@h1:2113,h2:2113", "esdb://u:s3cr3t@h1:port,h2:2113", "esdb://u:s3cr3t@host/path", "esdb://u:s3cr3t@host?tls=s3cr3t",
		"esdb://u:s3cr3t@host?tlsCaFile=" + filepath.Join(t.TempDir(), "missing.pem"), "esdb://:s3cr3t@host", "\x00esdb://u:s3cr3t@host",
		"esdb://u:s3cr3t@" + listener.Addr().String() + "?tls=false&defaultDeadline=100",
		"esdb://u:s3cr3t@" + listener.Addr().String() + "?tls=true&defaultDeadline=100",
		"esdb://u:s3cr3t@host?userCertFile=a.pem",
	} {
		var lines strings.Builder
		log := slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: slog.LevelDebug}))
		_, err := eventstore.OpenESDB(t.Context(), url, log)
		if err == nil {
			t.Errorf("%q was opened", url)
			continue
		}
		if strings.Contains(err.Error()+lines.String(), secret) {
			t.Errorf("%q: %v\n%s", url, err, lines.String())
		}
	}
}
