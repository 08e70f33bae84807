package iso20022_test

import (
	"bytes"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"whocomply/domain"
	"whocomply/domain/activity/iso20022"
)

var update = flag.Bool("update", false, "rewrite golden files")

var samples = filepath.Join("..", "..", "..", "testdata", "iso20022")

func read(t testing.TB, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestSamples reads messages of others and wants the events of the golden files beside them, all of
// which are fit to be recorded.
func TestSamples(t *testing.T) {
	for _, name := range []string{"pacs.008.001.07.xml", "pain.001.001.03.xml"} {
		t.Run(name, func(t *testing.T) {
			m, err := iso20022.Parse(read(t, filepath.Join(samples, name)))
			if err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			for i := range m.Transfers {
				input, err := m.Event(i, iso20022.Out, "c-1")
				if err == nil {
					_, err = input.Check(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
				}
				if err != nil {
					t.Fatalf("transfer %d: %v", i, err)
				}
				line, err := json.Marshal(input)
				if err != nil {
					t.Fatal(err)
				}
				got.Write(append(line, '\n'))
			}
			golden := filepath.Join(samples, strings.TrimSuffix(name, ".xml")+".golden")
			if *update {
				if err := os.WriteFile(golden, got.Bytes(), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if want := read(t, golden); !bytes.Equal(got.Bytes(), want) {
				t.Errorf("got\n%s, want\n%s", got.Bytes(), want)
			}
		})
	}
}

const head = `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.09"><FIToFICstmrCdtTrf><GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-01-31T09:00:00</CreDtTm><NbOfTxs>2</NbOfTxs></GrpHdr>`

func transfer(ids, more string) string {
	return `<CdtTrfTxInf><PmtId>` + ids + `</PmtId><IntrBkSttlmAmt Ccy="EUR">12.50</IntrBkSttlmAmt>` + more + `</CdtTrfTxInf>`
}

const tail = `</FIToFICstmrCdtTrf></Document>`

// two is a whole message of two transfers.
var two = head + transfer("<EndToEndId>E1</EndToEndId><TxId>T1</TxId>", `<Cdtr><Nm> Ann
 Larsen </Nm></Cdtr><CdtrAcct><Id><IBAN>DK50 0040 0440 1162 43</IBAN></Id></CdtrAcct><CdtrAgt><FinInstnId><BICFI>DABADKKK</BICFI></FinInstnId></CdtrAgt>`) +
	transfer("<EndToEndId>NOTPROVIDED</EndToEndId><UETR>8a562c67-ca16-48ba-b074-65581be6f011</UETR>", "") + tail

// TestEventIDs shows which ids bind a transfer to its event, for ever.
func TestEventIDs(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"transaction id, UETR", two, "iso20022/M1/T1/out iso20022/8a562c67-ca16-48ba-b074-65581be6f011/out"},
		{
			"the same ids twice", head + transfer("<EndToEndId>NOTPROVIDED</EndToEndId>", "") + transfer("<EndToEndId>NOTPROVIDED</EndToEndId>", "") + tail,
			"iso20022/M1/NOTPROVIDED/out iso20022/M1/NOTPROVIDED'/out",
		},
	} {
		m, err := iso20022.Parse([]byte(tc.text))
		if err != nil {
			t.Fatal(err)
		}
		if got := m.EventID(0, "out") + " " + m.EventID(1, "out"); got != tc.want || m.EventID(0, "in") == m.EventID(0, "out") {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
	m, _ := iso20022.Parse([]byte(two))
	if c := m.Transfers[0].Creditor; c.Name != "Ann Larsen" || c.Account != "DK5000400440116243" || c.Country != "DK" || c.Bank != "DABADKKK" {
		t.Errorf("creditor %+v", c)
	}
}

func TestRefused(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"empty", " \n", "the message is empty"},
		{"cut", two[:len(two)-40], "the message is not"},
		{"not well formed", strings.Replace(two, "</PmtId>", "</PmtIds>", 1), "the message is not well formed in line 1"},
		{"Latin-1", strings.Replace(two, "Ann", "\xc5nn", 1), "the message is not UTF-8"},
		{"another encoding", `<?xml version="1.0" encoding="ISO-8859-1"?>` + two, "the message cannot be read as XML in UTF-8"},
		{"document type", `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>` + two, "the message has a document type definition"},
		{"unknown entity", strings.Replace(two, "Ann", "&x;", 1), "the message is not well formed"},
		{"deep", strings.Repeat("<a>", 70), "more than 64 deep"},
		{"two documents", two + two, "the message is not one whole XML document"},
		{"two messages", strings.Replace(two, "</Document>", two[strings.Index(two, "<FI"):], 1), "more than one message"},
		{"another kind", "<Document><FIToFIPmtStsRpt/></Document>", "the text holds no pacs.008"},
		{"count", strings.Replace(two, "<NbOfTxs>2", "<NbOfTxs>3", 1), `NbOfTxs is "3" where the message has 2 transfers`},
		{"nothing", strings.Replace(head, "<NbOfTxs>2", "<NbOfTxs>0", 1) + tail, "NbOfTxs must be 1 to 500"},
		{"no id", strings.Replace(two, "M1", " ", 1), "MsgId is required"},
		{"no time", strings.Replace(two, "2026-01-31T09:00:00", "today", 1), "CreDtTm must be a date and time"},
		{"long", two + strings.Repeat(" ", iso20022.MaxBytes), "the message is longer than"},
	} {
		m, err := iso20022.Parse([]byte(tc.text))
		if err == nil || domain.CodeOf(err) != domain.Invalid || !strings.Contains(err.Error(), tc.want) || m != nil {
			t.Errorf("%s: %v, want %q", tc.name, err, tc.want)
		}
	}
}

// contradicts are samples that are refused though they hold transfers, and why. The file of PostFinance
// states 7 transfers in its header and has 8; their sum is the stated one. A bank answers such a file
// with AM18, InvalidNumberOfTransactions: nobody but the sender knows which of the two is meant.
var contradicts = map[string]string{"musterfile_pain.001_Nov2020.xml": `NbOfTxs is "7" where the message has 8 transfers`}

// TestAllSamples reads every message in the folder that WHOCOMPLY_DATASETS names, if it does: those with
// credit transfers give as many as they hold, and the others are refused.
func TestAllSamples(t *testing.T) {
	data := os.Getenv("WHOCOMPLY_DATASETS")
	if data == "" {
		data = samples
	}
	transfers := 0
	if err := filepath.WalkDir(data, func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".xml" || !strings.Contains(path, "iso20022") {
			return err
		}
		text := read(t, path)
		m, err := iso20022.Parse(text)
		holds := bytes.Contains(text, []byte("<FIToFICstmrCdtTrf>")) || bytes.Contains(text, []byte("<CstmrCdtTrfInitn>"))
		if why, does := contradicts[filepath.Base(path)]; does {
			if holds = false; err == nil || err.Error() != why {
				t.Errorf("%s: %v, want %s", path, err, why)
			}
		}
		if holds != (err == nil) {
			t.Errorf("%s: %v", path, err)
		}
		if err == nil {
			transfers += len(m.Transfers)
			if want := bytes.Count(text, []byte("<CdtTrfTxInf>")); len(m.Transfers) != want {
				t.Errorf("%s: %d transfers, the text has %d", path, len(m.Transfers), want)
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if t.Logf("%d transfers", transfers); transfers == 0 {
		t.Error("no transfer was read")
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(two))
	f.Add(read(f, filepath.Join(samples, "pacs.008.001.07.xml")))
	f.Add(read(f, filepath.Join(samples, "pain.001.001.03.xml")))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := iso20022.Parse(text)
		if err != nil {
			if domain.CodeOf(err) != domain.Invalid {
				t.Errorf("error without a code: %v", err)
			}
			return
		}
		ids := map[string]bool{}
		for i := range m.Transfers {
			id := m.EventID(i, iso20022.In)
			if ids[id] {
				t.Errorf("the id %s twice", id)
			}
			ids[id] = true
			if _, err := m.Event(i, iso20022.In, "c"); err != nil && domain.CodeOf(err) != domain.Invalid {
				t.Error(err)
			}
		}
	})
}
