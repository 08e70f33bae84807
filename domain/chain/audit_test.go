package chain_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"testing"

	"whocomply/domain/chain"
)

func sequence(records []chain.Record) iter.Seq2[chain.Record, error] {
	return func(yield func(chain.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// clone copies records deeply, so that a test may spoil them.
func clone(records []chain.Record) []chain.Record {
	out := slices.Clone(records)
	for i := range out {
		out[i].Note, out[i].Payload = slices.Clone(out[i].Note), slices.Clone(out[i].Payload)
	}
	return out
}

func checkpointOf(t testing.TB, s *chain.Signer, records []chain.Record) []byte {
	t.Helper()
	var tree chain.Tree
	for _, r := range records {
		tree.Append(chain.LeafHash(r.Text()))
	}
	signed, err := s.SignCheckpoint(chain.Checkpoint{Origin: ledgerName, Size: tree.Size(), Root: tree.Root()})
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// resign makes record i anew after an edit of its header, with its links and signature as they should be for it alone.
func resign(t testing.TB, s *chain.Signer, r chain.Record, edit func(*chain.Header)) chain.Record {
	t.Helper()
	h, err := r.Header()
	if err != nil {
		t.Fatal(err)
	}
	edit(&h)
	if r.Note, err = s.Sign(h.Text()); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAudit(t *testing.T) {
	const size = 300
	s, other := testSigner(t, 1), testSigner(t, 2)
	good := testLedger(t, s, size)
	noop := func(*chain.Header) {}
	tests := map[string]struct {
		auditor chain.Auditor
		edit    func([]chain.Record) []chain.Record
		verdict chain.Verdict
		bad     int64 // -1 for none.
		reason  chain.Code
	}{
		"intact":         {verdict: chain.Intact, bad: -1},
		"pinned":         {auditor: chain.Auditor{Ledger: ledgerName, Keys: []*chain.Verifier{s.Verifier()}}, verdict: chain.Intact, bad: -1},
		"other pinned":   {auditor: chain.Auditor{Keys: []*chain.Verifier{other.Verifier()}}, verdict: chain.Tampered, reason: chain.CodePinnedKey},
		"other ledger":   {auditor: chain.Auditor{Ledger: "ledger.example/bank"}, verdict: chain.Tampered, reason: chain.CodeLedger},
		"trusted":        {auditor: chain.Auditor{Trusted: checkpointOf(t, s, good[:200])}, verdict: chain.Intact, bad: -1},
		"trusted whole":  {auditor: chain.Auditor{Trusted: checkpointOf(t, s, good)}, verdict: chain.Intact, bad: -1},
		"trusted empty":  {auditor: chain.Auditor{Trusted: checkpointOf(t, s, nil)}, verdict: chain.Intact, bad: -1},
		"trusted other":  {auditor: chain.Auditor{Trusted: checkpointOf(t, other, good)}, verdict: chain.Tampered, bad: -1, reason: chain.CodeTrusted},
		"trusted forked": {auditor: chain.Auditor{Trusted: checkpointOf(t, s, good[1:200])}, verdict: chain.Tampered, bad: -1, reason: chain.CodeForked},
		"no events": {
			edit:    func([]chain.Record) []chain.Record { return nil },
			verdict: chain.Tampered, reason: chain.CodeGenesis,
		},
		"tail cut": {
			auditor: chain.Auditor{Trusted: checkpointOf(t, s, good)},
			edit:    func(r []chain.Record) []chain.Record { return r[:250] },
			verdict: chain.Behind, bad: -1, reason: chain.CodeStale,
		},
		"head cut": {
			edit:    func(r []chain.Record) []chain.Record { return r[1:] },
			verdict: chain.Tampered, reason: chain.CodeGenesis,
		},
		"removed": {
			edit:    func(r []chain.Record) []chain.Record { return slices.Delete(r, 77, 78) },
			verdict: chain.Tampered, bad: 77, reason: chain.CodeSeq,
		},
		"duplicated": {
			edit:    func(r []chain.Record) []chain.Record { return slices.Insert(r, 78, r[77]) },
			verdict: chain.Tampered, bad: 78, reason: chain.CodeSeq,
		},
		"reordered": {
			edit:    func(r []chain.Record) []chain.Record { r[77], r[78] = r[78], r[77]; return r },
			verdict: chain.Tampered, bad: 77, reason: chain.CodeSeq,
		},
		"payloads swapped": {
			edit: func(r []chain.Record) []chain.Record {
				r[77].Payload, r[99].Payload = r[99].Payload, r[77].Payload
				r[77].Salt, r[99].Salt = r[99].Salt, r[77].Salt
				return r
			},
			verdict: chain.Tampered, bad: 77, reason: chain.CodePayload,
		},
		"signed by another key": {
			edit:    func(r []chain.Record) []chain.Record { r[77] = resign(t, other, r[77], noop); return r },
			verdict: chain.Tampered, bad: 77, reason: chain.CodeSignatureKey,
		},
		"signed by another key too": {
			edit: func(r []chain.Record) []chain.Record {
				var err error
				if r[77].Note, err = other.Cosign(r[77].Note); err != nil {
					t.Fatal(err)
				}
				return r
			},
			verdict: chain.Tampered, bad: 77, reason: chain.CodeSignatureKey,
		},
		"signed twice": {
			edit: func(r []chain.Record) []chain.Record {
				var err error
				if r[77].Note, err = s.Cosign(r[77].Note); err != nil {
					t.Fatal(err)
				}
				return r
			},
			verdict: chain.Tampered, bad: 77, reason: chain.CodeSignatureKey,
		},
		"text edited": {
			edit: func(r []chain.Record) []chain.Record {
				i := slices.Index(r[77].Note, ':') // After "actor".
				r[77].Note[i+2] ^= 1
				return r
			},
			verdict: chain.Tampered, bad: 77, reason: chain.CodeSignature,
		},
		"rewritten with the key": {
			edit: func(r []chain.Record) []chain.Record {
				r[77] = resign(t, s, r[77], func(h *chain.Header) { h.Actor = "nobody" })
				return r
			},
			verdict: chain.Tampered, bad: 78, reason: chain.CodePrev,
		},
		"backdated with the key": {
			edit: func(r []chain.Record) []chain.Record {
				r[77] = resign(t, s, r[77], func(h *chain.Header) { h.Time = h.Time.AddDate(-1, 0, 0) })
				return r
			},
			verdict: chain.Tampered, bad: 77, reason: chain.CodeTime,
		},
		"of another ledger": {
			edit: func(r []chain.Record) []chain.Record {
				r[77] = resign(t, s, r[77], func(h *chain.Header) { h.Ledger = "ledger.example/bank" })
				return r
			},
			verdict: chain.Tampered, bad: 77, reason: chain.CodeLedger,
		},
		"two faults": {
			edit: func(r []chain.Record) []chain.Record {
				r[290].Payload[0] ^= 1
				r[130].Salt[0] ^= 1
				r[131].Note[0] ^= 1
				return r
			},
			verdict: chain.Tampered, bad: 130, reason: chain.CodePayload,
		},
		"genesis payload edited": {
			edit:    func(r []chain.Record) []chain.Record { r[0].Payload[12] ^= 1; return r },
			verdict: chain.Tampered, reason: chain.CodePayload,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			records := clone(good)
			if test.edit != nil {
				records = test.edit(records)
			}
			var leafs int64
			test.auditor.Leaf = func(chain.Hash) { leafs++ }
			got, err := test.auditor.Audit(t.Context(), sequence(records))
			if err != nil {
				t.Fatal(err)
			}
			if got.Verdict != test.verdict || got.Reason != test.reason {
				t.Errorf("verdict %s, reason %q (%s); want %s, %q", got.Verdict, got.Reason, got.Detail, test.verdict, test.reason)
			}
			wantBad(t, got, test.bad)
			if leafs != got.Size || got.Verdict == chain.Intact && (got.Size != size || got.Signatures != size) {
				t.Errorf("size %d, %d signatures, %d leaves", got.Size, got.Signatures, leafs)
			}
			if want := naiveRoot(leavesOf(good[:got.Size])); got.Reason != chain.CodePrev && got.Root != want {
				t.Errorf("root %s, want %s", got.Root, want)
			}
		})
	}
}

func leavesOf(records []chain.Record) []chain.Hash {
	var all []chain.Hash
	for _, r := range records {
		all = append(all, chain.LeafHash(r.Text()))
	}
	return all
}

func wantBad(t *testing.T, got chain.Report, bad int64) {
	t.Helper()
	if got.FirstBadSeq == nil && bad != -1 {
		t.Errorf("no bad seq, want %d (%s: %s)", bad, got.Reason, got.Detail)
	}
	if got.FirstBadSeq != nil && *got.FirstBadSeq != bad {
		t.Errorf("first bad seq %d, want %d (%s: %s)", *got.FirstBadSeq, bad, got.Reason, got.Detail)
	}
}

func TestAuditErrors(t *testing.T) {
	good := testLedger(t, testSigner(t, 1), 200)
	broken := errors.New("disk")
	failing := func(yield func(chain.Record, error) bool) {
		for _, r := range good {
			if !yield(r, nil) {
				return
			}
		}
		yield(chain.Record{}, broken)
	}
	if _, err := (chain.Auditor{}).Audit(t.Context(), failing); !errors.Is(err, broken) {
		t.Errorf("got %v, want the error of the records", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancelling := func(yield func(chain.Record, error) bool) {
		yield(good[0], nil)
		cancel()
	}
	if r, err := (chain.Auditor{}).Audit(ctx, cancelling); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled audit came to %+v, %v", r, err)
	}
}

func BenchmarkAudit(b *testing.B) {
	records := testLedger(b, testSigner(b, 1), 100_000)
	for b.Loop() {
		r, err := chain.Auditor{}.Audit(b.Context(), sequence(records))
		if err != nil || r.Verdict != chain.Intact {
			b.Fatalf("%+v, %v", r, err)
		}
	}
	b.ReportMetric(float64(len(records)*b.N)/b.Elapsed().Seconds(), "events/s")
}
