package intake_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"pgregory.net/rapid"

	"whocomply/domain"
	"whocomply/domain/intake"
)

var digest = strings.Repeat("ab", 32)

// book is a state that takes in what is decided on it.
type book struct {
	*intake.State
	seq   int64
	kinds []string
}

func (b *book) take(t rapid.TB, events []domain.Event, err error) int {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		b.Evolve(&domain.Envelope{Seq: b.seq, Time: time.Unix(b.seq, 0), Event: e})
		b.seq++
		b.kinds = append(b.kinds, e.Kind().Name)
	}
	return len(events)
}

func (b *book) start(t rapid.TB) *intake.Import {
	t.Helper()
	events, err := b.DecideStart(domain.Meta{IDs: domain.NewIDs(ulid.ULID{15: byte(b.seq)})}, intake.Start{Kind: intake.OfEvents, Digest: digest, Bytes: 1})
	b.take(t, events, err)
	return b.Of(intake.OfEvents, digest)
}

func (b *book) advance(t rapid.TB, i *intake.Import, first, lines int64, rejected ...int64) int {
	t.Helper()
	cmd := intake.Advance{ImportID: i.ID, First: first, Lines: lines, Recorded: lines - int64(len(rejected))}
	for _, line := range rejected {
		cmd.Rejected = append(cmd.Rejected, intake.Rejected{Line: line, Reason: "is wrong"})
	}
	events, err := b.DecideAdvance(cmd)
	return b.take(t, events, err)
}

func (b *book) finish(t rapid.TB, i *intake.Import, lines int64) int {
	t.Helper()
	events, err := b.DecideFinish(intake.Finish{ImportID: i.ID, Lines: lines})
	return b.take(t, events, err)
}

// TestImport follows a file from its start to its end, twice as if two had it, and begins it again.
func TestImport(t *testing.T) {
	b := &book{State: intake.New()}
	first := b.start(t)
	if again := b.start(t); again.ID != first.ID || first.Status != intake.Running {
		t.Errorf("started as %+v and %+v", first, again)
	}
	for range 2 {
		b.advance(t, first, 1, 10, 3, 4)
		b.advance(t, first, 11, 5)
	}
	if _, err := b.DecideFinish(intake.Finish{ImportID: first.ID, Lines: 20}); domain.CodeOf(err) != domain.Conflict {
		t.Errorf("finished before its end: %v", err)
	}
	b.advance(t, first, 16, 5, 20)
	b.finish(t, first, 20)
	if b.finish(t, first, 20)+b.advance(t, first, 21, 1) != 0 {
		t.Error("a finished import goes on")
	}
	got := b.Import(first.ID)
	if got.Status != intake.Complete || got.Lines != 20 || got.Recorded != 17 || got.Rejected != 3 || got.FinishedAt.IsZero() || got.Position() != b.seq-1 {
		t.Errorf("finished as %+v", got)
	}
	for _, row := range []struct {
		offset, limit int64
		want          string
	}{{0, 9, "[1 3] 0"}, {1, 1, "[1] 1"}, {1, 2, "[1 3] 1"}, {2, 5, "[3] 0"}, {3, 5, "[] 0"}} {
		if seqs, early := got.RejectsAt(row.offset, row.limit); fmt.Sprint(seqs, early) != row.want {
			t.Errorf("rejects at %d: %v %d, want %s", row.offset, seqs, early, row.want)
		}
	}
	second := b.start(t)
	if second.ID == first.ID {
		t.Error("a file with rejected lines is not tried again")
	}
	b.advance(t, second, 1, 20)
	b.finish(t, second, 20)
	if b.start(t).ID != second.ID || b.Imports()[0].ID != second.ID || len(b.Imports()) != 2 {
		t.Error("a file that was taken whole is taken again")
	}
	const want = "import.started import.advanced import.advanced import.advanced import.finished import.started import.advanced import.finished"
	if got := strings.Join(b.kinds, " "); got != want {
		t.Errorf("recorded %s, want %s", got, want)
	}
}

// TestImportIsStopped rejects more lines than any file that was meant would have.
func TestImportIsStopped(t *testing.T) {
	b := &book{State: intake.New()}
	i := b.start(t)
	rejected := make([]int64, 5001)
	b.advance(t, i, 1, 5001, rejected...)
	if b.Import(i.ID).Status != intake.Running {
		t.Error("stopped too early")
	}
	b.advance(t, i, 5002, 5001, rejected...)
	if got := b.Import(i.ID); got.Status != intake.Stopped || got.Rejected != 10_002 {
		t.Errorf("%+v", got)
	}
	if b.start(t).ID == i.ID {
		t.Error("a stopped import goes on")
	}
}

func TestWhatIsWrong(t *testing.T) {
	b := &book{State: intake.New()}
	for field, cmd := range map[string]intake.Start{
		"kind": {Kind: "alerts", Digest: digest, Bytes: 1}, "digest": {Kind: intake.OfEvents, Digest: "AB", Bytes: 1}, "bytes": {Kind: intake.OfEvents, Digest: digest},
	} {
		if _, err := b.DecideStart(domain.Meta{}, cmd); err == nil || !strings.HasPrefix(err.Error(), field+" ") {
			t.Errorf("%s: %v", field, err)
		}
	}
	i := b.start(t)
	for _, cmd := range []intake.Advance{
		{ImportID: i.ID, First: 2, Lines: 1, Recorded: 1}, {ImportID: i.ID, First: 1, Lines: 2, Recorded: 1}, {ImportID: i.ID, First: 1},
	} {
		if _, err := b.DecideAdvance(cmd); domain.CodeOf(err) != domain.Conflict {
			t.Errorf("%+v: %v", cmd, err)
		}
	}
	_, err1 := b.DecideAdvance(intake.Advance{ImportID: "imp_none", First: 1, Lines: 1})
	_, err2 := b.DecideFinish(intake.Finish{ImportID: "imp_none"})
	if domain.CodeOf(err1) != domain.Unknown || domain.CodeOf(err2) != domain.Unknown {
		t.Errorf("no such import: %v, %v", err1, err2)
	}
	long := intake.Rejected{Line: 1, Field: strings.Repeat("é", 100), Reason: strings.Repeat("é", 200)}
	events, err := b.DecideAdvance(intake.Advance{ImportID: i.ID, First: 1, Lines: 1, Rejected: []intake.Rejected{long}})
	if err != nil {
		t.Fatal(err)
	}
	if r := events[0].(intake.Advanced).Rejected[0]; len(r.Field) != 128 || len(r.Reason) != 256 {
		t.Errorf("told in %d and %d bytes", len(r.Field), len(r.Reason))
	}
}

// TestAnyOrderOfRuns has two takers advance one import in any interleaving, some of them after a cut:
// each line is counted once.
func TestAnyOrderOfRuns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := &book{State: intake.New()}
		const lines = 50
		size := rapid.Int64Range(1, 20).Draw(t, "size")
		at := []int64{0, 0}
		i := b.start(t)
		for at[0] < lines || at[1] < lines {
			who := rapid.IntRange(0, 1).Draw(t, "who")
			if rapid.IntRange(0, 9).Draw(t, "cut") == 0 {
				at[who] = b.start(t).Lines
			}
			if n := min(size, lines-at[who]); n > 0 {
				b.advance(t, i, at[who]+1, n)
				at[who] += n
			}
		}
		b.finish(t, i, lines)
		if got := b.Import(i.ID); got.Lines != lines || got.Recorded != lines || got.Status != intake.Complete {
			t.Fatalf("%+v", got)
		}
	})
}
