package main

import (
	"fmt"
	"io"
	"strings"

	"whocomply/domain/chain"
)

// explain prints the report for a reader, with what to do next.
func explain(w io.Writer, r chain.Report, opts options) error {
	var out strings.Builder
	fmt.Fprintf(&out, "%s  %s\n\n", strings.ToUpper(string(r.Verdict)), opts.bundle)
	if r.Verdict == chain.Unreadable {
		fmt.Fprintf(&out, "  %s\n\nNothing was judged. Give the folder of an export bundle, the one with the file checkpoint in it.\n", r.Detail)
		_, err := io.WriteString(w, out.String())
		return err
	}
	row := func(name string, value any) { fmt.Fprintf(&out, "  %-12s%v\n", name, value) }
	row("ledger", r.Ledger)
	if r.FirstBadSeq != nil {
		row("first bad", fmt.Sprintf("event %d", *r.FirstBadSeq))
	}
	if r.Reason != "" {
		row("check", r.Reason)
		row("", r.Detail)
	}
	row("intact", fmt.Sprintf("%d events, %d signatures checked", r.Size, r.Signatures))
	row("root", r.Root)
	out.WriteString("\n" + advice(r, opts))
	_, err := io.WriteString(w, out.String())
	return err
}

// advice says what follows from a report.
func advice(r chain.Report, opts options) string {
	switch r.Verdict {
	case chain.Tampered:
		return "Keep this bundle as it is. Ask for a new export, and compare both with an earlier bundle or checkpoint.\n"
	case chain.Behind:
		return "What is here is sound, but newer events are missing. Ask for a new export that contains the checkpoint given.\n"
	}
	var out strings.Builder
	if len(opts.keys) == 0 {
		out.WriteString("The keys were taken from the bundle itself. Obtain the ledger's key by another way and give it as --key.\n")
	}
	if opts.checkpoint == "" {
		out.WriteString("No checkpoint was given: newer events could be missing, or another history shown to others.\n")
	}
	out.WriteString("Keep the file checkpoint of this bundle: give it as --checkpoint next time.\n")
	return out.String()
}
