package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"whocomply/domain/chain"
)

// proofReport is what the check of one event's proof comes to.
type proofReport struct {
	Verdict chain.Verdict `json:"verdict"`
	Ledger  string        `json:"ledger"`
	Seq     int64         `json:"seq"`
	Type    string        `json:"type"`
	Time    time.Time     `json:"time"`
	Actor   string        `json:"actor"`
	Subject string        `json:"subject"`
	Size    int64         `json:"size"` // events that the proof's checkpoint covers
	Root    chain.Hash    `json:"root"`
	Detail  string        `json:"detail"` // a sentence on what is wrong
}

// runProof checks a proof and returns the exit code.
func runProof(opts options, stdout, stderr io.Writer) int {
	report := checkProof(opts.proof, opts.keys)
	var err error
	if opts.json {
		err = json.NewEncoder(stdout).Encode(report)
	} else {
		err = report.explain(stdout, opts.proof)
	}
	if err != nil {
		fmt.Fprintln(stderr, "ledger-verify:", err)
		return chain.Unreadable.ExitCode()
	}
	return report.Verdict.ExitCode()
}

// checkProof judges a file that holds a C2SP tlog-proof with an event's signed note as its extra data.
func checkProof(file string, keys []*chain.Verifier) proofReport {
	text, err := os.ReadFile(file)
	if err != nil {
		return proofReport{Verdict: chain.Unreadable, Detail: err.Error()}
	}
	proof, err := chain.ParseProof(text)
	if err == nil && len(proof.Extra) == 0 {
		err = errors.New("the proof carries no event: ask for one with the event's signed note as its extra data")
	}
	if err != nil {
		return proofReport{Verdict: chain.Unreadable, Detail: err.Error()}
	}
	h, c, err := proof.VerifyNote(keys...)
	r := proofReport{
		Verdict: chain.Intact, Ledger: h.Ledger, Seq: h.Seq, Type: h.Type, Time: h.Time, Actor: h.Actor, Subject: h.Subject,
		Size: c.Size, Root: c.Root,
	}
	if err != nil {
		r.Verdict, r.Detail = chain.Tampered, err.Error()
	}
	return r
}

// explain prints the report for a reader.
func (r proofReport) explain(w io.Writer, file string) error {
	var err error
	switch r.Verdict {
	case chain.Unreadable:
		_, err = fmt.Fprintf(w, "UNREADABLE  %s\n\n  %s\n\nNothing was judged. Give a file with a C2SP tlog-proof.\n", file, r.Detail)
	case chain.Intact:
		_, err = fmt.Fprintf(w, "INTACT  %s\n\n  event %d of %s, %s\n  recorded   %s\n  actor      %s\n  subject    %s\n  in a tree  of %d events with root %s\n",
			file, r.Seq, r.Ledger, r.Type, r.Time.Format(time.RFC3339Nano), r.Actor, r.Subject, r.Size, r.Root)
	default:
		_, err = fmt.Fprintf(w, "TAMPERED  %s\n\n  %s\n\nThis does not show, with the key given, that the event is in the ledger.\n", file, r.Detail)
	}
	return err
}
