package http_test

import (
	"encoding/csv"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestJournal exports thousands of random postings, and has hledger and beancount add them up: every
// account has the balance that the trial balance of the same moment states.
func TestJournal(t *testing.T) {
	c := newClerk(openHouse(t, true), 11)
	for range 1700 {
		c.step()
	}
	middle := c.size() / 2
	for range 1700 {
		c.step()
	}
	if n := len(c.made); n < 2000 {
		t.Fatalf("%d postings", n)
	}
	for _, query := range []url.Values{
		{},
		{"as_of": {fmt.Sprint(middle)}},
		{"as_of": {fmt.Sprint(middle)}, "effective_at": {time.Now().UTC().Format(time.RFC3339)}},
	} {
		_, lines := c.trial(query)
		for format, sums := range map[string]func(*testing.T, string) [2]map[string]string{"hledger": inHledger, "beancount": inBeancount} {
			t.Run(format+" "+query.Encode(), func(t *testing.T) {
				query := maps.Clone(query)
				query.Set("format", format)
				a := c.want(c.do("GET", acme+"/journal?"+query.Encode(), "", "Min-Ledger-Seq", fmt.Sprint(c.size()-1)), http.StatusOK)
				file := filepath.Join(t.TempDir(), "acme."+format)
				if err := os.WriteFile(file, []byte(a.body), 0o600); err != nil {
					t.Fatal(err)
				}
				compare(t, sums(t, file), lines)
			})
		}
	}
}

// compare holds balances by account, posted and pending, against the lines of a trial balance.
func compare(t *testing.T, got [2]map[string]string, lines []map[string]any) {
	t.Helper()
	for i, status := range []string{"posted", "pending"} {
		told := 0
		for _, line := range lines {
			id, want := line["account"].(string), line[status].(map[string]any)["net"].(string)
			have, there := got[i][id]
			if there {
				told++
			} else {
				have = "0"
			}
			if there && have != want && minor(have).Sign() != 0 || !there && minor(want).Sign() != 0 {
				t.Errorf("%s %s: %s, our trial balance says %s", status, id, have, want)
			}
		}
		if told != len(got[i]) || told == 0 {
			t.Errorf("%s: %d of %d accounts are ours", status, told, len(got[i]))
		}
	}
}

// inHledger has hledger check a journal and sum up what is cleared and what is pending.
func inHledger(t *testing.T, file string) (sums [2]map[string]string) {
	t.Helper()
	tool(t, "hledger", "check", "--strict", "-f", file)
	for i, status := range []string{"--cleared", "--pending"} {
		sums[i] = map[string]string{}
		out := tool(t, "hledger", "balance", status, "--flat", "--empty", "--no-total", "--layout=bare", "-O", "csv", "-f", file)
		for _, row := range rowsOf(t, out)[1:] {
			_, name, _ := strings.Cut(row[0], ":")
			id, err := url.PathUnescape(name)
			if err != nil {
				t.Fatal(err)
			}
			sums[i][id] = row[2]
		}
	}
	return sums
}

var hexByte = regexp.MustCompile(`-([0-9A-F]{2})`)

// inBeancount has beancount check a journal and sum up what is cleared and what is pending.
func inBeancount(t *testing.T, file string) (sums [2]map[string]string) {
	t.Helper()
	tool(t, "bean-check", "--no-cache", file)
	for i, flag := range []string{"*", "!"} {
		sums[i] = map[string]string{}
		out := tool(t, "bean-query", "-f", "csv", file, `SELECT account, sum(number) WHERE flag = '`+flag+`' GROUP BY account`)
		for _, row := range rowsOf(t, out)[1:] {
			_, name, _ := strings.Cut(strings.TrimSpace(row[0]), ":")
			id, err := url.PathUnescape(hexByte.ReplaceAllString(strings.TrimPrefix(name, "X-"), "%$1"))
			if err != nil {
				t.Fatal(err)
			}
			sums[i][id] = strings.TrimSpace(row[1])
		}
	}
	return sums
}

func tool(t *testing.T, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "BEANCOUNT_DISABLE_LOAD_CACHE=1")
	var failed strings.Builder
	cmd.Stderr = &failed
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s%.2000s", name, args, err, failed.String(), out)
	}
	return string(out)
}

func rowsOf(t *testing.T, text string) [][]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return rows
}

// TestJournalOf shows what a journal cannot be asked for, and that one of nothing is a journal.
func TestJournalOf(t *testing.T) {
	h := openHouse(t, true)
	for query, field := range map[string]string{"": "format", "format=ledger": "format", "format=hledger&as_of=x": "as_of", "format=hledger&effective_at=x": "effective_at", "format=hledger&limit=1": "limit"} {
		if a := h.want(h.do("GET", acme+"/journal?"+query, ""), http.StatusBadRequest); a.Field != field {
			t.Errorf("%s: %s", query, a.body)
		}
	}
	for _, format := range []string{"hledger", "beancount"} {
		a := h.want(h.do("GET", acme+"/journal?format="+format, ""), http.StatusOK)
		if !strings.HasPrefix(a.body, "; The books of acme") || strings.Count(a.body, "\n") != 2 {
			t.Errorf("of nothing: %q", a.body)
		}
	}
}
