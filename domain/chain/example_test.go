package chain_test

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"slices"
	"time"

	"whocomply/domain/chain"
)

// A ledger of two events, made, signed and audited.
func Example() {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)) // A real key is random.
	signer, err := chain.NewSigner("ledger.example/acme", key)
	if err != nil {
		panic(err)
	}
	var tree chain.Tree
	var records []chain.Record
	var prev chain.Hash
	for seq, event := range []struct{ kind, subject, payload string }{
		{chain.TypeOpened, "", fmt.Sprintf(`{"keys":["%s"],"name":"Acme Bank"}`, signer.Verifier())},
		{"customer.pushed", "cus_1", `{"email":"jane@example.com"}`},
	} {
		r := chain.Record{Salt: [chain.SaltSize]byte{byte(seq)}, Payload: []byte(event.payload)} // A real salt is random.
		h := chain.Header{
			Actor: "system", Commit: chain.Commit(r.Salt, r.Payload), Enc: chain.EncNone,
			ID: fmt.Sprintf("01JD4ZP4XQ5Y0V9C2M3N4K5R6%d", seq), Ledger: "ledger.example/acme",
			Len: int64(len(r.Payload)), Prev: prev, Schema: 1, Seq: int64(seq), Subject: event.subject,
			Time: time.Date(2026, 1, 2, 3, 4, 5+seq, 678_901_000, time.UTC), Type: event.kind,
		}
		text := h.Text()
		prev = chain.LeafHash(text)
		tree.Append(prev)
		if r.Note, err = signer.Sign(text); err != nil {
			panic(err)
		}
		records = append(records, r)
	}
	checkpoint, err := signer.SignCheckpoint(chain.Checkpoint{Origin: "ledger.example/acme", Size: tree.Size(), Root: tree.Root()})
	if err != nil {
		panic(err)
	}
	fmt.Printf("key: %s\n\n%s\n%s\n", signer.Verifier(), records[1].Note, checkpoint)

	report, err := chain.Auditor{Keys: []*chain.Verifier{signer.Verifier()}, Trusted: checkpoint}.Audit(context.Background(), sequence(records))
	fmt.Println(report.Verdict, report.Size, err)

	spoiled := slices.Clone(records)
	spoiled[1].Payload = []byte(`{"email":"joan@example.com"}`)
	report, err = chain.Auditor{}.Audit(context.Background(), sequence(spoiled))
	fmt.Println(report.Verdict, *report.FirstBadSeq, report.Reason, err)
	// Output:
	// key: ledger.example/acme+6700c601+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop
	//
	// whocomply/event@v1
	// {"actor":"system","cause":"","commit":"MTKFlnB95Ht+OaFzj8ZtnGyJjuMpDdhmtUw0WWbwGZ0=","enc":"none","id":"01JD4ZP4XQ5Y0V9C2M3N4K5R61","ledger":"ledger.example/acme","len":28,"prev":"GIsW0Vs8h5XGB/ng+t+E2VNFV3wnKOPNjVMk39l62hw=","schema":1,"seq":1,"subject":"cus_1","time":"2026-01-02T03:04:06.678901Z","type":"customer.pushed"}
	//
	// — ledger.example/acme ZwDGAXzmkLSYDNoh33+i9zBNV+jmAoUCjIUHND/gXWylIRy5Ho1yuYUvRn5HoUAqRdbHqNWagrfBuiUODHx4nW2y2wQ=
	//
	// ledger.example/acme
	// 2
	// sbVogSSyEPqTJde2Bskq6HVuEU8bJtwd84fczIuLWBw=
	//
	// — ledger.example/acme ZwDGAW6PSkIdIhWEo3aQuNZY2rMlVshK+WK6FhRcWFhEY4O0gXOFjh16tI/PGwTs9yKRBf1bh7YYz/Xt2l7F8BmfaAw=
	//
	// intact 2 <nil>
	// tampered 1 payload_commitment <nil>
}
