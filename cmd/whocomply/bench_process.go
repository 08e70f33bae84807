package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// benchServer is a server in a process of its own, so that it shares no heap with the client, and what it costs can
// be told from what the client costs. The figures are those of Linux's /proc.
type benchServer struct {
	addr string
	data string
	cmd  *exec.Cmd
	stop context.CancelFunc
	done chan struct{} // closed when the process has ended
}

const (
	startPatience = 30 * time.Second
	stopPatience  = 20 * time.Second
)

// startServer runs this program with the arguments on a free port, with a data directory, and returns when the server
// answers. What the server writes goes to a file beside the directory.
func startServer(ctx context.Context, data string, args ...string) (*benchServer, error) {
	addr, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	s := &benchServer{addr: addr, data: data, stop: cancel, done: make(chan struct{})}
	if s.cmd, err = ourselves(ctx, append(args, "--data", data, "--listen", addr)...); err != nil {
		cancel()
		return nil, err
	}
	log, err := os.Create(data + ".log")
	if err != nil {
		cancel()
		return nil, err
	}
	s.cmd.Stdout, s.cmd.Stderr = log, log
	if err := errors.Join(s.cmd.Start(), log.Close()); err != nil {
		cancel()
		return nil, err
	}
	go func() {
		_ = s.cmd.Wait() // a server that ended by itself shows in what the client meets
		close(s.done)
	}()
	if err := s.awaitHealth(ctx); err != nil {
		text, _ := os.ReadFile(log.Name())
		s.close()
		return nil, fmt.Errorf("%s did not start: %w\n%s", strings.Join(args, " "), err, lastBytes(text, 2000))
	}
	return s, nil
}

// ourselves is this program with other arguments. It is asked to end when the context does.
func ourselves(ctx context.Context, args ...string) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = stopPatience
	return cmd, nil
}

func lastBytes(text []byte, n int) []byte { return text[max(0, len(text)-n):] }

func freeAddress(ctx context.Context) (string, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

func (s *benchServer) awaitHealth(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	for {
		if r, err := s.get(ctx, healthPath, ""); err == nil && r.status/100 == 2 {
			return nil
		}
		select {
		case <-s.done:
			return errors.New("it ended")
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// get sends one GET over a connection of its own.
func (s *benchServer) get(ctx context.Context, path, key string) (rawResponse, error) {
	conn, err := dialRaw(ctx, s.addr)
	if err != nil {
		return rawResponse{}, err
	}
	defer conn.close()
	return conn.roundTrip(rawRequest("GET", path, key, nil))
}

func (s *benchServer) close() {
	s.stop()
	<-s.done
}

// cpu is the processor time that the server has used. The kernel counts it in hundredths of a second.
func (s *benchServer) cpu() (time.Duration, error) {
	stat, err := os.ReadFile(s.proc("stat"))
	if err != nil {
		return 0, err
	}
	// The name in parentheses may hold anything; utime and stime are the 12th and 13th field after it.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) < 13 {
		return 0, fmt.Errorf("%s has %d fields", s.proc("stat"), len(fields))
	}
	user, err1 := strconv.ParseInt(fields[11], 10, 64)
	system, err2 := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * (time.Second / 100), errors.Join(err1, err2)
}

// memory gives a size of /proc/<pid>/status in bytes: VmHWM is the most that was ever resident, RssAnon what is
// resident now and not the cache of a file.
func (s *benchServer) memory(name string) (int64, error) {
	status, err := os.ReadFile(s.proc("status"))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			kib, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")), 10, 64)
			return kib << 10, err
		}
	}
	return 0, fmt.Errorf("%s has no %s", s.proc("status"), name)
}

func (s *benchServer) proc(name string) string {
	return filepath.Join("/proc", strconv.Itoa(s.cmd.Process.Pid), name)
}

// diskUsage is what the files and folders of a pattern take on disk: a file that has holes takes less than its length.
func diskUsage(pattern string) (total int64, err error) {
	paths, err := filepath.Glob(pattern)
	if err != nil {
		return 0, err
	}
	for _, path := range paths {
		err := filepath.WalkDir(path, func(path string, _ fs.DirEntry, err error) error {
			var stat syscall.Stat_t
			if err == nil {
				err = syscall.Stat(path, &stat)
			}
			if errors.Is(err, fs.ErrNotExist) {
				return nil // merged into another meanwhile
			}
			total += stat.Blocks * 512
			return err
		})
		if err != nil {
			return 0, err
		}
	}
	return total, nil
}
