package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"whocomply/domain/chain"
)

const ledger = "ledger.example/acme"

// exported is a bundle on disk, of the first events of one ledger.
type exported struct {
	dir        string
	checkpoint string // Path of its checkpoint.
}

func export(t *testing.T, events int) exported {
	t.Helper()
	dir := t.TempDir()
	s := signer(t, 1)
	w := chain.NewBundleWriter(func(name string) (io.WriteCloser, error) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return nil, err
		}
		return os.Create(path)
	})
	var tree chain.Tree
	var prev chain.Hash
	for seq := range events {
		kind, payload := "customer.pushed", []byte(`{"email":"jane@example.com"}`)
		if seq == 0 {
			kind, payload = chain.TypeOpened, fmt.Appendf(nil, `{"keys":[%q]}`, s.Verifier())
		}
		r := chain.Record{Salt: [32]byte{byte(seq)}, Payload: payload}
		h := chain.Header{
			Actor: "key_1", Commit: chain.Commit(r.Salt, payload), Enc: chain.EncNone, ID: fmt.Sprintf("%026d", seq),
			Ledger: ledger, Len: int64(len(payload)), Prev: prev, Schema: 1, Seq: int64(seq),
			Time: time.UnixMicro(int64(seq)), Type: kind,
		}
		prev = chain.LeafHash(h.Text())
		tree.Append(prev)
		var err error
		if r.Note, err = s.Sign(h.Text()); err == nil {
			err = w.Append(r)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	signed, err := s.SignCheckpoint(chain.Checkpoint{Origin: ledger, Size: tree.Size(), Root: tree.Root()})
	if err == nil {
		err = w.Close(signed)
	}
	if err != nil {
		t.Fatal(err)
	}
	return exported{dir, filepath.Join(dir, "checkpoint")}
}

func signer(t *testing.T, n byte) *chain.Signer {
	t.Helper()
	s, err := chain.NewSigner(ledger, ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize)))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestRun(t *testing.T) {
	old, now := export(t, 300), export(t, 400)
	tampered := export(t, 300)
	payloads := filepath.Join(tampered.dir, "payloads", "001")
	data, err := os.ReadFile(payloads)
	if err == nil {
		err = os.WriteFile(payloads, bytes.Replace(data, []byte("jane"), []byte("joan"), 1), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	key, otherKey := signer(t, 1).Verifier().String(), signer(t, 2).Verifier().String()
	notOne := filepath.Join(now.dir, "keys")

	for name, test := range map[string]struct {
		args []string
		code int
		want string // Part of the JSON report, or of what is said on standard error.
	}{
		"intact":             {[]string{now.dir}, 0, `"verdict":"intact"`},
		"flags behind":       {[]string{now.dir, "--checkpoint", old.checkpoint, "--key", key}, 0, `"size":400`},
		"flags before":       {[]string{"-key=" + key, "-checkpoint=" + old.checkpoint, now.dir}, 0, `"signatures_checked":400`},
		"no first bad":       {[]string{now.dir}, 0, `"first_bad_seq":null,"reason":""`},
		"tampered":           {[]string{tampered.dir}, 1, `"first_bad_seq":256,"reason":"payload_commitment"`},
		"other key":          {[]string{now.dir, "--key", otherKey}, 1, `"first_bad_seq":0,"reason":"pinned_key"`},
		"behind":             {[]string{old.dir, "--checkpoint", now.checkpoint}, 3, `"reason":"stale"`},
		"no such folder":     {[]string{filepath.Join(now.dir, "nowhere")}, 2, `"verdict":"unreadable"`},
		"no bundle":          {[]string{filepath.Join(now.dir, "tile")}, 2, `"verdict":"unreadable"`},
		"no such checkpoint": {[]string{now.dir, "--checkpoint", "nowhere"}, 2, `"verdict":"unreadable"`},
		"not a checkpoint":   {[]string{now.dir, "--checkpoint", notOne}, 2, `"verdict":"unreadable"`},
		"no arguments":       {nil, 2, "usage:"},
		"two bundles":        {[]string{now.dir, old.dir}, 2, "usage:"},
		"unknown flag":       {[]string{now.dir, "--what"}, 2, "usage:"},
		"key that is none":   {[]string{now.dir, "--key", "x"}, 2, "not a verifier key"},
	} {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			code := run(t.Context(), append(test.args, "--json"), &stdout, &stderr)
			if code != test.code || !strings.Contains(stdout.String()+stderr.String(), test.want) {
				t.Errorf("exit %d, want %d with %s\n%s%s", code, test.code, test.want, &stdout, &stderr)
			}
			var report map[string]any
			if stdout.Len() > 0 && json.Unmarshal(stdout.Bytes(), &report) != nil {
				t.Errorf("not one JSON value: %s", &stdout)
			}
		})
	}
}

// For a reader, each verdict stands first, with its place and what to do next.
func TestExplain(t *testing.T) {
	old, now := export(t, 3), export(t, 5)
	for name, test := range map[string]struct {
		args []string
		want []string
	}{
		"intact":     {[]string{now.dir}, []string{"INTACT", ledger, "5 events, 5 signatures", "--key", "--checkpoint"}},
		"behind":     {[]string{old.dir, "--checkpoint", now.checkpoint}, []string{"BEHIND", "stale", "Ask for a new export"}},
		"tampered":   {[]string{now.dir, "--key", signer(t, 2).Verifier().String()}, []string{"TAMPERED", "event 0", "pinned_key"}},
		"unreadable": {[]string{"nowhere"}, []string{"UNREADABLE", "Nothing was judged"}},
	} {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			run(t.Context(), test.args, &stdout, &stderr)
			for _, want := range test.want {
				if !strings.Contains(stdout.String(), want) {
					t.Errorf("%q is not in\n%s", want, &stdout)
				}
			}
		})
	}
}

// proofOf is the proof of an event of an exported ledger, as a file.
func proofOf(t *testing.T, e exported, seq int64, spoil func(*chain.Proof)) string {
	t.Helper()
	events, err := os.ReadFile(filepath.Join(e.dir, "events", "000"))
	if err != nil {
		t.Fatal(err)
	}
	checkpoint, err := os.ReadFile(e.checkpoint)
	if err != nil {
		t.Fatal(err)
	}
	notes := strings.SplitAfter(string(events), chain.Magic+"\n")
	note := chain.Magic + "\n" + strings.TrimSuffix(notes[seq+1], chain.Magic+"\n")
	read := func(tile chain.Tile) ([]byte, error) {
		return os.ReadFile(filepath.Join(e.dir, filepath.FromSlash(chain.TilePath(tile))))
	}
	stated, err := chain.ParseCheckpoint(chain.Record{Note: checkpoint}.Text())
	if err != nil {
		t.Fatal(err)
	}
	path, err := chain.ProveInclusion(stated.Size, seq, stated.Hashes(read))
	if err != nil {
		t.Fatal(err)
	}
	proof := chain.Proof{Extra: []byte(note), Index: seq, Path: path, Checkpoint: checkpoint}
	spoil(&proof)
	file := filepath.Join(t.TempDir(), "event.tlog-proof")
	if err := os.WriteFile(file, proof.Format(), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestProofs(t *testing.T) {
	e := export(t, 9)
	key, otherKey := signer(t, 1).Verifier().String(), signer(t, 2).Verifier().String()
	proof := func(spoil func(*chain.Proof)) string { return proofOf(t, e, 5, spoil) }
	sound := proof(func(*chain.Proof) {})
	for name, test := range map[string]struct {
		args []string
		code int
		want string
	}{
		"sound":           {[]string{"--proof", sound, "--key", key}, 0, `"verdict":"intact","ledger":"ledger.example/acme","seq":5,"type":"customer.pushed"`},
		"another key":     {[]string{"--proof", sound, "--key", otherKey}, 1, `"verdict":"tampered"`},
		"no key":          {[]string{"--proof", sound}, 2, "usage:"},
		"with a bundle":   {[]string{e.dir, "--proof", sound, "--key", key}, 2, "usage:"},
		"no such file":    {[]string{"--proof", "nowhere", "--key", key}, 2, `"verdict":"unreadable"`},
		"not a proof":     {[]string{"--proof", e.checkpoint, "--key", key}, 2, `"verdict":"unreadable"`},
		"another event":   {[]string{"--proof", proof(func(p *chain.Proof) { p.Extra = bytes.Replace(p.Extra, []byte("key_1"), []byte("key_2"), 1) }), "--key", key}, 1, "does not verify"},
		"another place":   {[]string{"--proof", proof(func(p *chain.Proof) { p.Index = 6 }), "--key", key}, 1, `"verdict":"tampered"`},
		"another path":    {[]string{"--proof", proof(func(p *chain.Proof) { p.Path[0][0] ^= 1 }), "--key", key}, 1, `"verdict":"tampered"`},
		"no event":        {[]string{"--proof", proof(func(p *chain.Proof) { p.Extra = nil }), "--key", key}, 2, "carries no event"},
		"checkpoint gone": {[]string{"--proof", proof(func(p *chain.Proof) { p.Checkpoint = p.Checkpoint[1:] }), "--key", key}, 1, `"verdict":"tampered"`},
	} {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			code := run(t.Context(), append(test.args, "--json"), &stdout, &stderr)
			if code != test.code || !strings.Contains(stdout.String()+stderr.String(), test.want) {
				t.Errorf("exit %d, want %d with %s\n%s%s", code, test.code, test.want, &stdout, &stderr)
			}
		})
	}
	var stdout, stderr bytes.Buffer
	run(t.Context(), []string{"--proof", sound, "--key", key}, &stdout, &stderr)
	for _, want := range []string{"INTACT", "event 5", "customer.pushed", "key_1"} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("%q is not in\n%s", want, &stdout)
		}
	}
}
