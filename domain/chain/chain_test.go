package chain_test

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"testing"
	"time"

	"whocomply/domain/chain"
)

const ledgerName = "ledger.example/acme"

// testKey is a fixed private key; n tells keys apart.
func testKey(n byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))
}

func testSigner(t testing.TB, n byte) *chain.Signer {
	t.Helper()
	s, err := chain.NewSigner(ledgerName, testKey(n))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// testLedger makes n linked, signed records, the genesis among them, as the writer of a ledger would.
func testLedger(t testing.TB, s *chain.Signer, n int) []chain.Record {
	t.Helper()
	records := make([]chain.Record, n)
	var prev chain.Hash
	for i := range records {
		records[i], prev = testRecord(t, s, int64(i), prev)
	}
	return records
}

func testRecord(t testing.TB, s *chain.Signer, seq int64, prev chain.Hash) (chain.Record, chain.Hash) {
	t.Helper()
	payload, kind := fmt.Appendf(nil, `{"email":"jane%d@example.com","note":"naïve \"quote\""}`, seq), "customer.pushed"
	if seq == 0 {
		payload, kind = fmt.Appendf(nil, `{"keys":[%q]}`, s.Verifier()), chain.TypeOpened
	}
	r := chain.Record{Salt: chain.LeafHash(fmt.Append(nil, seq)), Payload: payload}
	h := chain.Header{
		Actor: "key_1", Commit: chain.Commit(r.Salt, payload), Enc: chain.EncNone,
		ID: fmt.Sprintf("01J%023d", seq), Ledger: ledgerName, Len: int64(len(payload)), Prev: prev, Schema: 1, Seq: seq,
		Subject: fmt.Sprintf("cus_%d", seq%7), Time: time.Unix(1_700_000_000, seq*1000*int64(time.Microsecond)), Type: kind,
	}
	if err := h.Check(); err != nil {
		t.Fatal(err)
	}
	text := h.Text()
	note, err := s.Sign(text)
	if err != nil {
		t.Fatal(err)
	}
	r.Note = note
	return r, chain.LeafHash(text)
}
