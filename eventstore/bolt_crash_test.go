package eventstore_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"whocomply/domain/chain"
	"whocomply/eventstore"
	"whocomply/eventstore/eventstoretest"
)

// The tests of this file start their own binary again as a child that writes, break one system call of it, and look at
// what it has left. The child says on its standard output what it was told is durable.
const (
	crashDirEnv   = "EVENTSTORE_CRASH_DIR"   // data directory; set only in the child
	crashLimitEnv = "EVENTSTORE_CRASH_LIMIT" // bytes a file may have, once the files are open
)

var crashLedgers = []string{"acme", "other"}

// crashChild writes to both ledgers until it is done (0), an open fails (1), or a write fails (2).
func crashChild(dir string) int {
	signal.Ignore(syscall.SIGXFSZ) // so that the limit is an error of the write, as a full disk is
	s, err := eventstore.OpenBolt(dir)
	if err != nil {
		fmt.Println("open", err)
		return 1
	}
	x, err := eventstore.OpenIDs(dir)
	if err != nil {
		fmt.Println("open", err)
		return 1
	}
	if limit, err := strconv.ParseUint(os.Getenv(crashLimitEnv), 10, 63); err == nil {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: limit, Max: limit}); err != nil {
			panic(err)
		}
	}
	var wg sync.WaitGroup
	for _, ledger := range crashLedgers {
		wg.Go(func() { crashWrite(s, x, ledger) })
	}
	wg.Wait()
	if s.Err() == nil && x.Err() == nil {
		return 0
	}
	crashReport(s)
	return 2
}

// crashWrite appends and indexes as a writer does, and says so after each acknowledgement.
func crashWrite(s *eventstore.Bolt, x *eventstore.IDs, ledger string) {
	size, _ := s.Size(context.Background(), ledger)
	from, _ := x.Position(ledger)
	for seq := from; seq < size; seq++ {
		if x.Add(ledger, crashID(seq), eventstore.IDEntry{Seq: seq}) != nil {
			return
		}
	}
	for first, n := size, 1; first < size+600; n = n%7 + 1 {
		upto := first + int64(n)
		for seq := first; seq < upto; seq++ {
			if x.Add(ledger, crashID(seq), eventstore.IDEntry{Seq: seq}) != nil {
				return
			}
		}
		b := eventstoretest.BatchOf(ledger, first, n)
		b.Records[0].Payload = append(b.Records[0].Payload, bytes.Repeat([]byte{' '}, 8<<10)...)
		if s.Append(context.Background(), b) != nil {
			return
		}
		fmt.Println("ack", ledger, upto)
		x.Commit(ledger, upto, chain.Hash{})
		if n%3 == 0 && x.Flush() != nil {
			return
		}
		first = upto
	}
}

// crashReport says what a store still does after the first failure.
func crashReport(s *eventstore.Bolt) {
	for _, ledger := range crashLedgers {
		size, _ := s.Size(context.Background(), ledger)
		n := int64(0)
		for _, err := range s.Read(context.Background(), ledger, 0) {
			if err == nil {
				n++
			}
		}
		err := s.Append(context.Background(), eventstoretest.BatchOf(ledger, size, 1))
		final := s.Err() == nil || errors.Is(err, eventstore.ErrFailed)
		fmt.Println("left", ledger, size, n, final)
	}
}

func crashID(seq int64) string { return fmt.Sprintf("id-%d", seq) }

// crash runs the child on dir, with its files limited to so many bytes if limit is not 0, under the wrapper command if
// there is one, and returns its output and whether something went wrong in it.
func crash(t *testing.T, dir string, limit int, wrapper ...string) (output string, broken bool) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	argv := append(wrapper, self)
	cmd := exec.CommandContext(t.Context(), argv[0], argv[1:]...)
	cmd.Env = append(os.Environ(), crashDirEnv+"="+dir)
	if limit > 0 {
		cmd.Env = append(cmd.Env, fmt.Sprint(crashLimitEnv, "=", limit))
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) || strings.Contains(stderr.String(), "goroutine") {
		t.Fatalf("child: %v\n%s", err, &stderr)
	}
	return string(out), err != nil
}

// checkLeft opens what the child has left: everything acknowledged is there, without a gap, the ids are of events that
// are there, and writing goes on.
func checkLeft(t *testing.T, dir, output string) {
	t.Helper()
	acked := make(map[string]int64)
	for scan := bufio.NewScanner(strings.NewReader(output)); scan.Scan(); {
		var ledger string
		var upto, read int64
		var final bool
		if _, err := fmt.Sscanf(scan.Text(), "ack %s %d", &ledger, &upto); err == nil {
			acked[ledger] = upto
		} else if _, err := fmt.Sscanf(scan.Text(), "left %s %d %d %t", &ledger, &upto, &read, &final); err == nil {
			if upto != acked[ledger] || read != upto || !final {
				t.Errorf("after the failure: %q, %d were acknowledged", scan.Text(), acked[ledger])
			}
		}
	}
	s, x := openBolt(t, dir), openIDs(t, dir)
	if stray, _ := filepath.Glob(filepath.Join(dir, "*.new-*")); len(stray) > 0 {
		t.Errorf("left behind: %v", stray)
	}
	for _, ledger := range crashLedgers {
		size := checkCrashPrefix(t, s, ledger)
		if size < acked[ledger] {
			t.Errorf("%s: %d records, %d were acknowledged", ledger, size, acked[ledger])
		}
		position, _ := x.Position(ledger)
		if position > size {
			t.Errorf("%s: ids up to %d, only %d records", ledger, position, size)
		}
		for seq := range size + 20 {
			_, found, err := x.Lookup(ledger, crashID(seq))
			if err != nil || found && seq >= size || !found && seq < position {
				t.Errorf("%s: id of record %d of %d: %t, %v; position %d", ledger, seq, size, found, err, position)
			}
		}
		if err := s.Append(t.Context(), eventstoretest.BatchOf(ledger, size, 1)); err != nil {
			t.Error(err)
		}
	}
}

func checkCrashPrefix(t *testing.T, s eventstore.Store, ledger string) (next int64) {
	t.Helper()
	for got, err := range s.Read(t.Context(), ledger, 0) {
		want := eventstoretest.Record(ledger, next)
		if err != nil || got.Seq != next || !bytes.Equal(got.Note, want.Note) || !bytes.HasPrefix(got.Payload, want.Payload) {
			t.Fatalf("%s: record %d is %d %q, %v", ledger, next, got.Seq, got.Note, err)
		}
		next++
	}
	return next
}

// TestDiskFull lets the file system refuse to write a page, and to make a file longer.
func TestDiskFull(t *testing.T) {
	for _, limit := range []int{100 << 10, 1 << 20, 17 << 20} {
		t.Run(fmt.Sprint(limit>>10, " KiB"), func(t *testing.T) {
			dir := t.TempDir()
			out, broken := crash(t, dir, limit)
			for round := 0; !broken && round < 10; round++ { // until the file must grow
				out, broken = crash(t, dir, limit)
			}
			if !broken {
				t.Error("no write failed")
			}
			checkLeft(t, dir, out)
		})
	}
}

// TestFaults breaks system calls by number: the disk reports an error, or the process dies there. strace counts the
// calls of each thread, so which call it is differs from run to run; what must hold afterwards does not.
func TestFaults(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Fatal("strace is needed to break system calls; install it (apt-get install strace)")
	}
	for _, tc := range []struct {
		fault string
		when  []int
	}{
		{"fdatasync:error=EIO", []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 30}},
		{"fsync:error=EIO", []int{1, 2, 3, 4, 5, 6, 8, 12, 20}},
		{"pwrite64:error=EIO", []int{1, 3, 5, 8, 13, 20, 30, 60}},
		{"pwrite64:error=ENOSPC", []int{2, 12, 40}},
		{"ftruncate:error=ENOSPC", []int{1, 2}},
		{"pwrite64:signal=KILL", []int{1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 40, 60}},
		{"fdatasync:signal=KILL", []int{1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20}},
		{"fsync:signal=KILL", []int{1, 2, 3, 4, 5, 6, 8, 12, 20}},
		{"write:signal=KILL", []int{1, 2, 3, 5, 8, 13, 21, 34}},
		{"unlinkat:signal=KILL", []int{1, 2, 3}},
		{"linkat:signal=KILL", []int{1}},
	} {
		hits := 0
		for _, when := range tc.when {
			fault := fmt.Sprintf("%s:when=%d", tc.fault, when)
			t.Run(fault, func(t *testing.T) {
				dir := t.TempDir()
				call, _, _ := strings.Cut(fault, ":")
				out, broken := crash(t, dir, 0, strace, "-f", "-qq", "-o", os.DevNull, "-e", "trace="+call, "-e", "inject="+fault)
				checkLeft(t, dir, out)
				if broken {
					hits++
				}
			})
		}
		if hits < (len(tc.when)+1)/2 {
			t.Errorf("%s: only %d of %d runs were broken", tc.fault, hits, len(tc.when))
		}
	}
}
