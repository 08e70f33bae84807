package http_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"whocomply/domain/access"
	"whocomply/domain/chain"
	"whocomply/domain/ledger"
)

// grow adds customers until acme's ledger has at least so many events.
func (h *house) grow(size int64) {
	h.t.Helper()
	for i := h.size(); i < size; i++ {
		key := access.Key{ID: fmt.Sprintf("%012x", i), Name: "grown", SecretHash: strings.Repeat("0", 64), Scopes: []string{"ledger:read"}}
		_, err := h.ledgers.Execute(h.t.Context(), "acme", "test", ledger.IssueKey(access.IssueKey{Key: key}))
		h.must(err)
	}
}

// verifier is acme's key as golang.org/x/mod knows it, from the ledger's first event.
func (h *house) verifier() (vkey string, v note.Verifier) {
	h.t.Helper()
	first := h.want(h.do("GET", acme+"/ledger/events/0", ""), http.StatusOK)
	var record struct {
		Seq                       int64
		Hash, Note, Salt, Payload string
	}
	h.must(json.Unmarshal(first.Data, &record, json.MatchCaseInsensitiveNames(true)))
	var opened struct {
		Keys []string `json:"keys"`
	}
	h.must(json.Unmarshal([]byte(record.Payload), &opened))
	v, err := note.NewVerifier(opened.Keys[0])
	h.must(err)
	return opened.Keys[0], v
}

// overHTTP reads tiles as a stranger does, by the tools of golang.org/x/mod alone.
type overHTTP struct{ *house }

func (overHTTP) Height() int                     { return 8 }
func (overHTTP) SaveTiles([]tlog.Tile, [][]byte) {}

func (o overHTTP) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(tiles))
	for i, t := range tiles {
		_, number, _ := strings.Cut(strings.TrimPrefix(t.Path(), "tile/8/"), "/")
		data[i] = []byte(o.tile(fmt.Sprintf("%d/%s", t.L, number)))
	}
	return data, nil
}

// tile fetches a tile by its C2SP path.
func (h *house) tile(path string) string {
	h.t.Helper()
	return h.want(h.do("GET", acme+"/ledger/tile/"+path, ""), http.StatusOK).body
}

// TestStrangersFollowTheLedger has golang.org/x/mod/sumdb verify the checkpoint, the tiles, events of
// full tiles and of partial ones, and that the tree has only grown.
func TestStrangersFollowTheLedger(t *testing.T) {
	h := openHouse(t)
	vkey, key := h.verifier()
	h.grow(300)
	older := h.checkpoint(key)
	h.grow(700)
	now := h.checkpoint(key)
	hashes := tlog.TileHashReader(now, overHTTP{h})
	for _, seq := range []int64{0, 255, 256, 299, 511, 512, now.N - 1} {
		record := h.want(h.do("GET", fmt.Sprint(acme, "/ledger/events/", seq), ""), http.StatusOK)
		leaf, err := tlog.ParseHash(record.get("/hash"))
		h.must(err)
		path, err := tlog.ProveRecord(now.N, seq, hashes)
		h.must(err)
		h.must(tlog.CheckRecord(path, now.N, now.Hash, seq, leaf))
		h.provedBy(key, vkey, seq, leaf)
	}
	proof, err := tlog.ProveTree(now.N, older.N, hashes)
	h.must(err)
	h.must(tlog.CheckTree(proof, now.N, now.Hash, older.N, older.Hash))
}

// checkpoint opens acme's checkpoint as golang.org/x/mod does.
func (h *house) checkpoint(key note.Verifier) tlog.Tree {
	h.t.Helper()
	a := h.want(h.do("GET", acme+"/ledger/checkpoint", ""), http.StatusOK)
	return h.opened(a.body, key)
}

func (h *house) opened(signed string, key note.Verifier) tlog.Tree {
	h.t.Helper()
	n, err := note.Open([]byte(signed), note.VerifierList(key))
	h.must(err)
	c, err := chain.ParseCheckpoint([]byte(n.Text))
	h.must(err)
	return tlog.Tree{N: c.Size, Hash: c.Root}
}

// provedBy checks the proof that the server itself gives of an event, in pieces and as one text.
func (h *house) provedBy(key note.Verifier, vkey string, seq int64, leaf tlog.Hash) {
	h.t.Helper()
	address := fmt.Sprint(acme, "/ledger/events/", seq, "/proof")
	a := h.want(h.do("GET", address, ""), http.StatusOK)
	var pieces struct {
		Path       []string `json:"path"`
		Checkpoint string   `json:"checkpoint"`
		Note       string   `json:"note"`
		Proof      string   `json:"proof"`
	}
	h.must(json.Unmarshal(a.Data, &pieces))
	path := make(tlog.RecordProof, len(pieces.Path))
	for i, text := range pieces.Path {
		raw, err := base64.StdEncoding.DecodeString(text)
		h.must(err)
		path[i] = tlog.Hash(raw)
	}
	tree := h.opened(pieces.Checkpoint, key)
	h.must(tlog.CheckRecord(path, tree.N, tree.Hash, seq, leaf))
	_, err := note.Open([]byte(pieces.Note), note.VerifierList(key))
	h.must(err)
	text := h.want(h.do("GET", address, "", "Accept", "text/plain"), http.StatusOK)
	proof, err := chain.ParseProof([]byte(text.body))
	h.must(err)
	verifier, err := chain.ParseVerifier(vkey)
	h.must(err)
	header, _, err := proof.VerifyNote(verifier)
	h.must(err)
	if header.Seq != seq || text.body != pieces.Proof {
		h.t.Errorf("the proof of %d is of %d:\n%s\nin pieces:\n%s", seq, header.Seq, text.body, pieces.Proof)
	}
}

// TestEntryBundlesHoldTheTexts reads the entries that the leaf hashes are of.
func TestEntryBundlesHoldTheTexts(t *testing.T) {
	h := openHouse(t)
	h.grow(260)
	full, err := chain.ParseEntries([]byte(h.tile("entries/000")))
	h.must(err)
	partial, err := chain.ParseEntries([]byte(h.tile("entries/001.p/3")))
	h.must(err)
	if len(full) != 256 || len(partial) != 3 {
		t.Fatalf("%d and %d entries, want 256 and 3", len(full), len(partial))
	}
	leaves := h.tile("0/000") + h.tile("0/001.p/3")
	for i, text := range append(full, partial...) {
		if leaf := chain.LeafHash(text); string(leaf[:]) != leaves[i*32:(i+1)*32] {
			t.Errorf("leaf %d is not the hash of its entry", i)
		}
	}
	if first := h.tile("0/000.p/7"); first != leaves[:7*32] {
		t.Error("a tile as it was when it had seven hashes is not the beginning of it")
	}
}

func TestTilesThatAreNotThere(t *testing.T) {
	h := openHouse(t)
	h.grow(260)
	for _, path := range []string{
		"0/002.p/1", "0/001", "0/001.p/5", "1/000", "1/000.p/2", "2/000.p/1", "7/000.p/1", "8/000", "0/0", "0/000.p/256", "0/000.p/0",
		"-1/000", "entries/001.p/5", "entries/x001/000", "0/../0/000", "0", "x/000", "0/000.p", "0/000.p/1/2", "data/000", "0%2F000",
	} {
		h.want(h.do("GET", acme+"/ledger/tile/"+path, ""), http.StatusNotFound)
	}
	for _, seq := range []string{"260", "x", "-1", "00", "9007199254740992", "99999999999999999999"} {
		h.want(h.do("GET", acme+"/ledger/events/"+seq+"/proof", ""), http.StatusNotFound)
	}
}
