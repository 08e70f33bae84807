// Package cmd_test keeps the house in order. The plan below is its import policy and the only place
// that states it (.golangci.yml mirrors it for editors): which rooms exist, and what each may import.
// Anything unlisted fails. Sources are parsed in process, so that the test cache sees every file read.
package cmd_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

const (
	module   = "whocomply"
	maxLines = 500
)

// Third-party modules by their short names; a module's packages come with it.
const (
	bboltDB    = "go.etcd.io/bbolt"
	cel        = "cel.dev/cel-go"
	decimal    = "github.com/govalues/decimal"
	echo       = "github.com/labstack/echo/v4"
	esdb       = "github.com/EventStore/EventStore-Client-Go/v4"
	goleak     = "go.uber.org/goleak"
	grpc       = "google.golang.org/grpc"
	json       = "github.com/go-json-experiment/json"
	jsonschema = "github.com/santhosh-tekuri/jsonschema/v6"
	kong       = "github.com/alecthomas/kong"
	openapi    = "github.com/getkin/kin-openapi"
	pq         = "github.com/lib/pq"
	progress   = "github.com/schollz/progressbar/v3"
	prometheus = "github.com/prometheus/client_golang"
	protobuf   = "google.golang.org/protobuf"
	rapid      = "pgregory.net/rapid"
	sqlite     = "modernc.org/sqlite"
	sqlx       = "github.com/jmoiron/sqlx"
	standard   = "github.com/standard-webhooks/standard-webhooks/libraries"
	ulid       = "github.com/oklog/ulid/v2"
	validator  = "github.com/go-playground/validator/v10"
	xmod       = "golang.org/x/mod"
	xsync      = "golang.org/x/sync"
	xterm      = "golang.org/x/term"
	xtext      = "golang.org/x/text"
	xtime      = "golang.org/x/time"
	yaml       = "go.yaml.in/yaml/v3"
)

// Folders at the root; .git and the folders .gitignore names with a leading and a closing slash may stand beside them.
var topLevel = []string{".ci", "cmd", "domain", "eventstore", "http", "projections", "testdata"}

// Modules any test may import, beside those of the plan.
var testModules = []string{rapid, goleak, jsonschema, openapi, standard}

// A room is one row of the plan: the files whose path starts with at (the longest row wins), the rooms and
// modules its code may import beside the standard library and itself, and why the rest stays out.
// Test files may import every room, every module of the plan and testModules.
type room struct {
	at    string
	ours  []string
	third []string
	why   string
}

var vocabulary = []string{ulid, json, decimal, xtext}

// Areas know the vocabulary and never each other.
var areas = []room{
	{at: "domain/access/", third: vocabulary},
	{at: "domain/activity/", third: vocabulary},
	{at: "domain/assurance/", third: vocabulary},
	{at: "domain/casework/", third: vocabulary},
	{at: "domain/customer/", third: vocabulary},
	{at: "domain/intake/", third: vocabulary},
	{at: "domain/monitoring/", third: with(vocabulary, cel)},
	{at: "domain/onboarding/", third: vocabulary},
	{at: "domain/posting/", third: vocabulary},
	{at: "domain/risk/", third: vocabulary},
	{at: "domain/screening/", ours: []string{"domain/screening/match/"}, third: vocabulary},
	{at: "domain/webhook/", third: with(vocabulary, cel)},
}

var plan = slices.Concat(areaRows(), []room{
	{"domain/", nil, vocabulary, "the vocabulary rests on nothing; everything rests on it"},
	{"domain/screening/match/", nil, []string{xtext}, "the matcher is names and tables: it may not know what a hit leads to"},
	{"domain/activity/iso20022/", []string{"domain/", "domain/activity/"}, []string{json}, "a reader of messages writes them as events and decides nothing"},
	{"domain/posting/journal/", []string{"domain/", "domain/posting/"}, nil, "a journal tells the books in other words and decides nothing"},
	{"domain/chain/", nil, []string{xmod}, "an auditor reads the chain alone"},
	{"domain/ledger/", with(areaPaths(), "domain/"), nil, "the ledger composes the areas; stores and wire formats are strangers to it"},
	{"eventstore/", []string{"domain/", "domain/chain/", "domain/ledger/", "domain/access/", "domain/screening/"}, []string{bboltDB, ulid}, "a store keeps records and runs deciders; of the areas it knows those that tie ledgers together: who owns one, and the lists they share"},
	{"eventstore/esdb", []string{"domain/", "domain/chain/", "domain/ledger/"}, []string{esdb, grpc, ulid}, "the client of the cluster stays in its own files"},
	{"eventstore/esdbtest/", []string{"eventstore/", "domain/chain/"}, []string{esdb, grpc, protobuf}, "a protocol server for tests knows the protocol and the records"},
	{"eventstore/eventstoretest/", []string{"eventstore/", "domain/chain/"}, []string{rapid, goleak}, "the contract suite knows the contract and no engine"},
	{"projections/", with(areaPaths(), "domain/posting/journal/", "domain/"), []string{sqlx, pq, sqlite, json}, "read models arrange decided facts; they know neither the store nor the web"},
	{"projections/projectionstest/", nil, []string{pq}, "a database for tests knows how to start one, and no read model"},
	{"http/", with(areaPaths(), "domain/activity/iso20022/", "domain/posting/journal/", "domain/", "domain/chain/", "domain/ledger/", "projections/", "http/docs/"), []string{echo, validator, json, prometheus, xtime}, "the web shows results; the event store reaches it through narrow interfaces"},
	{"http/client/", nil, []string{json}, "an integrator's program knows the API alone"},
	{"http/docs/", nil, []string{yaml}, "the page knows the document and nothing of what it describes"},
	{"cmd/ledger-verify/", []string{"domain/chain/"}, nil, "the auditor's binary is the chain and the standard library"},
	{"cmd/whocomply/", with(areaPaths(), "domain/posting/journal/", "domain/screening/match/", "domain/", "domain/chain/", "domain/ledger/", "eventstore/", "projections/", "http/", "http/client/"), []string{kong, progress, prometheus, xterm, xsync, json, ulid, xmod, echo}, "wiring sees every room; new modules are a decision, not a convenience"},
})

func areaRows() []room {
	rows := slices.Clone(areas)
	for i := range rows {
		rows[i].ours = append([]string{"domain/"}, rows[i].ours...)
		rows[i].why = "areas never meet; they answer each other's events in domain/ledger"
	}
	return rows
}

func areaPaths() (paths []string) {
	for _, r := range areas {
		paths = append(paths, r.at)
	}
	return paths
}

func with(list []string, more ...string) []string { return slices.Concat(list, more) }

// Folders whose sub-folders need a row of their own.
var closed = []string{"domain/", "eventstore/"}

// A ban keeps a package, or only the named parts of it, out of domain/.
type ban struct {
	pkg   string
	names []string
	why   string
}

const (
	noIO     = "domain does no I/O; callers hand it values"
	noClock  = "domain has no clock; the time arrives in the command, or a replay gives another answer"
	noChance = "domain has no randomness; ids and nonces arrive in the command, or a replay gives another answer"
)

// Packages below a banned one are banned with it, save the pure ones named in pureNet.
var bans = []ban{
	{"os", nil, noIO},
	{"net", nil, noIO},
	{"syscall", nil, noIO},
	{"database/sql", nil, noIO},
	{"log", nil, "domain returns errors; it never logs them"},
	{"math/rand", nil, noChance},
	{"crypto/rand", nil, noChance},
	{"time", []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"}, noClock},
	{"time", []string{"Local", "LoadLocation"}, "zones differ between machines; domain keeps UTC"},
	{ulid, []string{"Make", "MustNewDefault", "DefaultEntropy"}, noChance},
	{ulid, []string{"Now"}, noClock},
}

var pureNet = []string{"net/mail", "net/netip", "net/url"}

// TestLayout holds the repository against the plan.
func TestLayout(t *testing.T) {
	faults, err := inspect(os.DirFS(".."))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range faults {
		t.Error(f)
	}
}

// TestInspect shows that each rule can fail: one small tree per rule, and one that keeps them all.
func TestInspect(t *testing.T) {
	const doc = "// Package p is documented.\npackage p\n"
	for _, tc := range []struct{ name, file, src, want string }{
		{"kept", "domain/ledger/a.go", doc + `import _ "whocomply/domain/risk"`, ""},
		{"kept by the longest row", "eventstore/esdb_read.go", doc + `import _ "google.golang.org/grpc/codes"`, ""},
		{"kept by a test", "domain/risk/a_test.go", `package p; import ("os"; "pgregory.net/rapid"; "whocomply/eventstore")`, ""},
		{"pure part of net", "domain/webhook/a.go", doc + `import _ "net/netip"`, ""},
		{"unlisted folder", "internal/notes.md", "", "internal/: not a room"},
		{"unlisted package", "domain/util/a.go", doc, "package in no room"},
		{"unlisted command", "cmd/other/a.go", doc, "package in no room"},
		{"unlisted module", "http/a.go", doc + `import _ "github.com/gin-gonic/gin"`, "imports github.com/gin-gonic/gin"},
		{"module of another file", "eventstore/bolt.go", doc + `import _ "google.golang.org/grpc"`, "imports google.golang.org/grpc"},
		{"module by prefix only", "domain/a.go", doc + `import _ "golang.org/x/textual"`, "imports golang.org/x/textual"},
		{"area meets area", "domain/risk/a.go", doc + `import _ "whocomply/domain/customer"`, "areas never meet"},
		{"upward import", "domain/a.go", doc + `import _ "whocomply/http"`, "imports whocomply/http"},
		{"verifier beyond the chain", "cmd/ledger-verify/a.go", doc + `import _ "whocomply/domain"`, "imports whocomply/domain"},
		{"internal", "http/a.go", doc + `import _ "whocomply/internal/x"`, "no such room"},
		{"assertion library", "http/a_test.go", `package p; import _ "github.com/stretchr/testify/assert"`, "no assertion library"},
		{"cgo", "http/a.go", doc + `import "C"`, "imports C"},
		{"domain reads files", "domain/a.go", doc + `import _ "os"`, "no I/O"},
		{"domain dials", "domain/risk/a.go", doc + `import _ "net/http"`, "no I/O"},
		{"domain draws lots", "domain/chain/a.go", doc + `import _ "math/rand/v2"`, "no randomness"},
		{"domain reads the clock", "domain/a.go", doc + `import clock "time"; var t = clock.Now`, "no clock"},
		{"domain makes ids", "domain/a.go", doc + `import "github.com/oklog/ulid/v2"; var id = ulid.Make()`, "no randomness"},
		{"init", "http/a.go", doc + `func init() {}`, "func init"},
		{"skipped test", "http/a_test.go", `package p; import "testing"; func TestX(t *testing.T) { t.Skip() }`, "a skipped test"},
		{"no package comment", "http/a.go", `package p`, "http: no package comment"},
		{"bare function", "http/a.go", doc + `func F() {}`, "F has no comment"},
		{"bare method", "http/a.go", doc + "// T is.\ntype T[V any] struct{}\nfunc (t *T[V]) M() {}", "M has no comment"},
		{"bare type", "http/a.go", doc + `type T int`, "T has no comment"},
		{"bare constant", "http/a.go", doc + `const C = 1`, "C has no comment"},
		{"long file", "http/a_test.go", "package p\n" + strings.Repeat("\n", maxLines), "501 lines"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			faults, err := inspect(fstest.MapFS{tc.file: {Data: []byte(tc.src)}})
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join(faults, "\n")
			if tc.want == "" && got != "" || tc.want != "" && len(faults) != 1 || !strings.Contains(got, tc.want) {
				t.Errorf("faults %q, want one with %q", faults, tc.want)
			}
		})
	}
}
