package chain_test

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"
	"testing/fstest"
)

// An examiner with openssl and a shell comes to the same verdict as the auditor.
func TestVerifyByHand(t *testing.T) {
	s := testSigner(t, 1)
	records := testLedger(t, s, 300)
	two, err := testSigner(t, 1).Cosign(records[99].Note) // A line too many, but each is valid by itself.
	if err != nil {
		t.Fatal(err)
	}
	records[99].Note = two
	good := testBundle(t, s, records)
	swap := func(name, old, new string) func(fstest.MapFS) {
		return func(files fstest.MapFS) {
			spoiled := bytes.Replace(files[name].Data, []byte(old), []byte(new), 1)
			if bytes.Equal(spoiled, files[name].Data) {
				t.Errorf("%q is not in %s", old, name)
			}
			files[name].Data = spoiled
		}
	}
	for name, test := range map[string]struct {
		edit func(fstest.MapFS)
		want string
	}{
		"good":               {func(fstest.MapFS) {}, "100 events verified"},
		"text":               {swap("events/000", `"subject":"cus_1"`, `"subject":"cus_2"`), "event 1: the signature does not verify"},
		"payload":            {swap("payloads/000", "jane7@", "joan7@"), "event 7: the payload is not the one committed to"},
		"length":             {swap("payloads/000", "jane7@", "janet7@"), "event 7: len is wrong"},
		"seq":                {swap("events/000", `"seq":9,`, `"seq":8,`), "event 9: seq is wrong"},
		"prev":               {swap("events/000", `"prev":"AAAA`, `"prev":"BAAA`), "event 0: prev is not"},
		"no signature":       {swap("events/000", "— ", ""), "event 0: a signature line is malformed"},
		"key":                {swap("keys", "A", "B"), "keys: "},
		"payload missing":    {func(f fstest.MapFS) { f["payloads/000"].Data = nil }, "event 0: the payload is missing"},
		"last one's payload": {swap("payloads/000", "jane99@", "joan99@"), "event 99: the payload is not the one committed to"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := good.fs()
			test.edit(files)
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
