package chain_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"whocomply/domain/chain"
)

// rotated makes a ledger of n events whose key changes from one to the next at each of the events at.
func rotated(t testing.TB, n int64, at []int64, keys ...*chain.Signer) []chain.Record {
	t.Helper()
	var records []chain.Record
	var prev chain.Hash
	for seq := range n {
		r, _ := testRecord(t, keys[0], seq, prev)
		if slices.Contains(at, seq) {
			r = rotation(t, r, keys[1], keys[0], keys[1])
			keys = keys[1:]
		}
		records, prev = append(records, r), chain.LeafHash(r.Text())
	}
	return records
}

// rotation makes a record the rotation to a key, signed by others.
func rotation(t testing.TB, r chain.Record, to *chain.Signer, by ...*chain.Signer) chain.Record {
	t.Helper()
	r.Payload = fmt.Appendf(nil, `{"keys":[%q]}`, to.Verifier())
	return edited(t, r, func(h *chain.Header) { h.Type = chain.TypeRotated }, by...)
}

// edited makes a record again after an edit of its header, signed by these keys.
func edited(t testing.TB, r chain.Record, edit func(*chain.Header), by ...*chain.Signer) chain.Record {
	t.Helper()
	h, err := r.Header()
	if err != nil {
		t.Fatal(err)
	}
	h.Len, h.Commit = int64(len(r.Payload)), chain.Commit(r.Salt, r.Payload)
	edit(&h)
	if r.Note, err = by[0].Sign(h.Text()); err != nil {
		t.Fatal(err)
	}
	for _, s := range by[1:] {
		if r.Note, err = s.Cosign(r.Note); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

func TestAuditOfRotations(t *testing.T) {
	a, b, c, other := testSigner(t, 1), testSigner(t, 2), testSigner(t, 3), testSigner(t, 4)
	good := rotated(t, 300, []int64{70, 200}, a, b, c)
	vkeys := func(signers ...*chain.Signer) (keys []*chain.Verifier) {
		for _, s := range signers {
			keys = append(keys, s.Verifier())
		}
		return keys
	}
	// again makes event seq and all after it anew.
	again := func(records []chain.Record, seq int64, make func(chain.Record) chain.Record, signer func(int64) *chain.Signer) []chain.Record {
		records[seq] = make(records[seq])
		prev := chain.LeafHash(records[seq].Text())
		for i := seq + 1; i < int64(len(records)); i++ {
			by := []*chain.Signer{signer(i)}
			if i == 200 {
				by = []*chain.Signer{b, c}
			}
			records[i] = edited(t, records[i], func(h *chain.Header) { h.Prev = prev }, by...)
			prev = chain.LeafHash(records[i].Text())
		}
		return records
	}
	with := func(s *chain.Signer) func(int64) *chain.Signer { return func(int64) *chain.Signer { return s } }
	asBefore := func(seq int64) *chain.Signer {
		if seq > 200 {
			return c
		}
		return b
	}
	for name, test := range map[string]struct {
		auditor chain.Auditor
		edit    func([]chain.Record) []chain.Record
		verdict chain.Verdict
		bad     int64
		reason  chain.Code
	}{
		"intact":               {verdict: chain.Intact, bad: -1},
		"first key pinned":     {auditor: chain.Auditor{Keys: vkeys(a)}, verdict: chain.Intact, bad: -1},
		"later keys pinned":    {auditor: chain.Auditor{Keys: vkeys(b, c)}, verdict: chain.Intact, bad: -1},
		"another key pinned":   {auditor: chain.Auditor{Keys: vkeys(a, other)}, verdict: chain.Tampered, bad: 0, reason: chain.CodePinnedKey},
		"trusted before":       {auditor: chain.Auditor{Trusted: checkpointOf(t, a, good[:70])}, verdict: chain.Intact, bad: -1},
		"trusted right after":  {auditor: chain.Auditor{Trusted: checkpointOf(t, b, good[:71])}, verdict: chain.Intact, bad: -1},
		"trusted by who left":  {auditor: chain.Auditor{Trusted: checkpointOf(t, a, good[:71])}, verdict: chain.Tampered, bad: -1, reason: chain.CodeTrusted},
		"trusted by who comes": {auditor: chain.Auditor{Trusted: checkpointOf(t, b, good[:70])}, verdict: chain.Tampered, bad: -1, reason: chain.CodeTrusted},
		"trusted whole":        {auditor: chain.Auditor{Trusted: checkpointOf(t, c, good)}, verdict: chain.Intact, bad: -1},
		"behind, same key":     {chain.Auditor{Trusted: checkpointOf(t, b, good[:150])}, func(r []chain.Record) []chain.Record { return r[:100] }, chain.Behind, -1, chain.CodeStale},
		"behind, later key":    {chain.Auditor{Trusted: checkpointOf(t, c, good)}, func(r []chain.Record) []chain.Record { return r[:100] }, chain.Tampered, -1, chain.CodeTrusted},
		"not by the old key": {edit: func(r []chain.Record) []chain.Record {
			return again(r, 70, func(r chain.Record) chain.Record { return rotation(t, r, b, b) }, asBefore)
		}, verdict: chain.Tampered, bad: 70, reason: chain.CodeRotation},
		"not by the new key": {edit: func(r []chain.Record) []chain.Record {
			return again(r, 70, func(r chain.Record) chain.Record { return rotation(t, r, b, a) }, asBefore)
		}, verdict: chain.Tampered, bad: 70, reason: chain.CodeRotation},
		"by a third": {edit: func(r []chain.Record) []chain.Record {
			return again(r, 70, func(r chain.Record) chain.Record { return rotation(t, r, b, a, b, other) }, asBefore)
		}, verdict: chain.Tampered, bad: 70, reason: chain.CodeSignatureKey},
		"to somebody else": {edit: func(r []chain.Record) []chain.Record {
			return again(r, 70, func(r chain.Record) chain.Record { return rotation(t, r, other, a, b) }, asBefore)
		}, verdict: chain.Tampered, bad: 70, reason: chain.CodeSignatureKey},
		"without keys": {edit: func(r []chain.Record) []chain.Record {
			return again(r, 70, func(r chain.Record) chain.Record {
				r.Payload = []byte(`{"keys":[]}`)
				return edited(t, r, func(*chain.Header) {}, a, b)
			}, asBefore)
		}, verdict: chain.Tampered, bad: 70, reason: chain.CodeRotation},
		"old key goes on": {edit: func(r []chain.Record) []chain.Record {
			return again(r, 71, func(r chain.Record) chain.Record { return edited(t, r, func(*chain.Header) {}, a) }, with(a))
		}, verdict: chain.Tampered, bad: 71, reason: chain.CodeSignatureKey},
		"new key comes early": {edit: func(r []chain.Record) []chain.Record { r[69] = edited(t, r[69], func(*chain.Header) {}, b); return r }, verdict: chain.Tampered, bad: 69, reason: chain.CodeSignatureKey},
		"payload of a rotation": {edit: func(r []chain.Record) []chain.Record {
			r[70].Payload = bytes.Replace(r[70].Payload, []byte("ledger"), []byte("LEDGER"), 1)
			return r
		}, verdict: chain.Tampered, bad: 70, reason: chain.CodeSignatureKey},
	} {
		t.Run(name, func(t *testing.T) {
			records := clone(good)
			if test.edit != nil {
				records = test.edit(records)
			}
			report, err := test.auditor.Audit(t.Context(), sequence(records))
			bad := int64(-1)
			if report.FirstBadSeq != nil {
				bad = *report.FirstBadSeq
			}
			if err != nil || report.Verdict != test.verdict || bad != test.bad || report.Reason != test.reason {
				t.Errorf("%v %d %s (%s), %v; want %v %d %s", report.Verdict, bad, report.Reason, report.Detail, err, test.verdict, test.bad, test.reason)
			}
		})
	}
}

// A bundle lists the keys of the first event, and its checkpoint is by those of the end. A shell
// comes to the same verdict.
func TestBundleOfRotations(t *testing.T) {
	a, b, c := testSigner(t, 1), testSigner(t, 2), testSigner(t, 3)
	records := rotated(t, 90, []int64{30, 60}, a, b, c)
	bundle := testBundle(t, c, records)
	report, err := chain.Auditor{Keys: []*chain.Verifier{b.Verifier()}}.AuditBundle(t.Context(), bundle.fs())
	if err != nil || report.Verdict != chain.Intact || report.Signatures != 92 {
		t.Errorf("%+v, %v", report, err)
	}
	for name, signer := range map[string]*chain.Signer{"first": a, "second": b} {
		bundle := testBundle(t, c, records)
		bundle["checkpoint"] = checkpointOf(t, signer, records)
		if report, err := (chain.Auditor{}).AuditBundle(t.Context(), bundle.fs()); err != nil || report.Reason != chain.CodeCheckpoint {
			t.Errorf("checkpoint by the %s key: %+v, %v", name, report, err)
		}
	}
	for name, test := range map[string]struct {
		old, new string
		want     string
	}{
		"good":     {"", "", "90 events verified"},
		"rotation": {`key_rotated"}`, `key_rotatex"}`, "event 30: the signature does not verify"},
		"order":    {"seq\":45,", "seq\":46,", "event 45: seq is wrong"},
	} {
		t.Run(name, func(t *testing.T) {
			files := bundle.fs()
			files["events/000"].Data = bytes.Replace(files["events/000"].Data, []byte(test.old), []byte(test.new), 1)
			dir := t.TempDir()
			if err := os.CopyFS(dir, files); err != nil {
				t.Fatal(err)
			}
			out, err := exec.CommandContext(t.Context(), "sh", "../../testdata/chain/verify.sh", dir).CombinedOutput()
			if (err == nil) != (name == "good") || !strings.Contains(string(out), test.want) {
				t.Errorf("%v: %s; want %q", err, out, test.want)
			}
		})
	}
}
