package lists_test

import (
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"whocomply/domain"
	"whocomply/domain/screening"
	"whocomply/domain/screening/lists"
)

const none = ",-0- ,-0- ,-0- ,-0- ,-0- ,-0- "

// read reads files given as text; an empty text is no file.
func read(sdn, alt, add, comments string) ([]screening.Entry, lists.OFACRows, error) {
	var f lists.OFAC
	for to, text := range map[*io.Reader]string{&f.SDN: sdn, &f.Alt: alt, &f.Add: add, &f.Comments: comments} {
		if text != "" {
			*to = strings.NewReader(text)
		}
	}
	return f.Entries()
}

func TestOFAC(t *testing.T) {
	sdn := `1,"DOE, John","individual","SDGT] [IFSR","Director of ACME",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"DOB 10 Dec 1948; alt. DOB circa 1950; alt. DOB Feb 1951; alt. DOB 1949 to 1952; ` +
		`POB Tunis, Tunisia; nationality Tunisia; citizen Burma; Passport K1234 (Tunisia) issued 01 Jan 2000 expires 01 Jan 2005; alt. Passport #77 (Atlantis); ` +
		`SSN 000-00-0000 (United States); Email Address doe@example.com; Director of ACME; Gender Male; a.k.a. ''ABU 'DOE'; Linked To: ACME S.A."` + "\r\n" +
		`2,"ACME CO., LTD.",-0- ,"CUBA"` + none + `,-0- ,"SWIFT/BIC ACMECUHH; Digital Currency Address - XBT 12QtD5BF; Website www.example.com; License 2377."` + "\r\n" +
		`3,"SEA DOE","vessel","IRAN",-0- ,"T2XY","Tanker","99,144","5000","Panama","Doe Shipping","Former Vessel Flag Malta; Vessel Registration Identification IMO 9187629; MMSI 572469210."` + "\r\n" +
		`4,"EP-DOE","aircraft","IRAN"` + none + `,-0- ,"Aircraft Tail Number EP-DOE; Aircraft Manufacturer's Serial Number (MSN) 1023409321."` + "\r\n\x1a"
	alt := `1,10,"aka","ROE, Richard",-0- ` + "\r\n" + `1,11,"fka","DOE, Jack","weak"` + "\r\n" + `2,12,"nka","ACME HOLDING",-0- ` + "\r\n\x1a"
	add := `1,20,"1 Main St","Tehran","Iran",-0- ` + "\r\n" + `2,21,-0- ,-0- ,"Region: Crimea",-0- ` + "\r\n\x1a"
	got, rows, err := read(sdn, alt, add, "")
	if err != nil {
		t.Fatal(err)
	}
	if rows != (lists.OFACRows{SDN: 4, Alt: 3, Add: 2}) {
		t.Errorf("rows %+v", rows)
	}
	for i, want := range []screening.Entry{{
		ID: "1", EntityType: "individual", Name: "DOE, John", Aliases: []string{"ROE, Richard"}, WeakAliases: []string{"DOE, Jack", "'ABU 'DOE"},
		DatesOfBirth: []string{"1948-12-10", "1950~", "1951-02", "1949/1952"}, Countries: []string{"IR", "MM", "TN"}, Programs: []string{"SDGT", "IFSR"},
		Identifiers: []screening.Identifier{
			{Type: "passport", Value: "K1234", Country: "TN"},
			{Type: "passport", Value: "77 (Atlantis)"},
			{Type: "national_id", Value: "000-00-0000", Country: "US"},
			{Type: "email", Value: "doe@example.com"},
		},
		Reason: "Title: Director of ACME; POB Tunis, Tunisia; Gender Male; Linked To: ACME S.A",
	}, {
		ID: "2", EntityType: "business", Name: "ACME CO., LTD.", Aliases: []string{"ACME HOLDING"}, Programs: []string{"CUBA"},
		Identifiers: []screening.Identifier{{Type: "bic", Value: "ACMECUHH"}, {Type: "digital_currency_xbt", Value: "12QtD5BF"}, {Type: "website", Value: "www.example.com"}},
		Reason:      "License 2377",
	}, {
		ID: "3", EntityType: "vessel", Name: "SEA DOE", Countries: []string{"PA"}, Programs: []string{"IRAN"},
		Identifiers: []screening.Identifier{{Type: "call_sign", Value: "T2XY"}, {Type: "imo", Value: "9187629"}, {Type: "mmsi", Value: "572469210"}},
		Reason:      "Vessel type: Tanker; Tonnage: 99,144; Gross registered tonnage: 5000; Flag: Panama; Vessel owner: Doe Shipping; Former Vessel Flag Malta",
	}, {
		ID: "4", EntityType: "aircraft", Name: "EP-DOE", Programs: []string{"IRAN"},
		Identifiers: []screening.Identifier{{Type: "aircraft_tail", Value: "EP-DOE"}, {Type: "aircraft_serial", Value: "1023409321"}},
	}} {
		if !same(got[i], want) {
			t.Errorf("entry %d\n%+v, want\n%+v", i, got[i], want)
		}
	}
}

// same compares entries; an empty member is as good as none.
func same(a, b screening.Entry) bool {
	if len(a.Countries) == 0 {
		a.Countries = nil
	}
	return reflect.DeepEqual(a, b)
}

func row(number, name string) string {
	return number + `,"` + name + `","individual","SDGT"` + none + ",-0- ,-0- "
}

func TestOFACRefuses(t *testing.T) {
	whole := row("1", "DOE, John") + "\r\n" + row("2", "ROE, Jane") + "\r\n"
	for _, tc := range []struct{ name, sdn, alt, add, want string }{
		{"no file", "", "", "", "sdn.csv is missing"},
		{"empty", "\x1a", "", "", "sdn.csv is empty"},
		{"cut at a line end", whole, "", "", "sdn.csv line 3 ends without the end-of-file mark"},
		{"cut in a text", whole[:len(whole)-60], "", "", "ends without the end-of-file mark"},
		{"cut in a row, bare LF", row("1", "A") + "\n" + `2,"ROE, J`, "", "", `sdn.csv line 2 is not CSV: extraneous or missing " in quoted-field`},
		{"cut between columns, bare LF", row("1", "A") + "\n" + `2,"ROE, Jane","individual"`, "", "", "sdn.csv line 2 has 3 columns, not 12"},
		{"mark in the middle", row("1", "A") + "\n\x1a" + row("2", "B") + "\n\x1a", "", "", "sdn.csv line 2 holds the control character 0x1A"},
		{"marked twice", whole + "\x1a\x1a", "", "", "sdn.csv line 3 holds the control character 0x1A"},
		{"Windows-1252", row("1", "JOS\xc9") + "\n", "", "", "sdn.csv line 1 is not UTF-8: byte 0xC9"},
		{"UTF-16", "1\x00,\x00", "", "", "sdn.csv line 1 holds the control character 0x00"},
		{"byte order mark", "\ufeff" + whole + "\x1a", "", "", "sdn.csv line 1 starts with a byte order mark"},
		{"header", "ent_num,SDN_Name,SDN_Type,Program,Title,Call_Sign,Vess_type,Tonnage,GRT,Vess_flag,Vess_owner,Remarks\n", "", "", "sdn.csv line 1 does not start with the number of an entry"},
		{"a column too many", row("1", "A") + ",x\n", "", "", "sdn.csv line 1 has 13 columns, not 12"},
		{"another file", `1,10,"aka","ROE",-0- ` + "\n", "", "", "sdn.csv line 1 has 5 columns, not 12"},
		{"a page of HTML", "<html><body>Access denied</body></html>\n", "", "", "sdn.csv line 1 has 1 columns, not 12"},
		{"stray quote", row("1", `A" B`) + "\n", "", "", "sdn.csv line 1 is not CSV"},
		{"text over two lines", "\n" + row("1", "A\nB") + "\n", "", "", "sdn.csv line 2 has a text that runs over the end of the line"},
		{"number twice", row("1", "A") + "\n" + row("1", "B") + "\n", "", "", "sdn.csv line 2 has the number 1 again"},
		{"no name", `1,-0- ,-0- ,"CUBA"` + none + ",-0- ,-0- \n", "", "", "sdn.csv line 1 has no name"},
		{"type", `1,"A","person","CUBA"` + none + ",-0- ,-0- \n", "", "", "sdn.csv line 1 has a type of entity"},
		{"alias of nobody", whole + "\x1a", `3,10,"aka","X",-0- ` + "\n", "", "alt.csv line 1 belongs to an entry that sdn.csv does not have"},
		{"kind of alias", whole + "\x1a", `2,10,"alias","X",-0- ` + "\n", "", "alt.csv line 1 has a kind of alias"},
		{"no alias", whole + "\x1a", `2,10,"aka",-0- ,-0- ` + "\n", "", "alt.csv line 1 has no alias"},
		{"address of nobody", whole + "\x1a", "", `1,20,-0- ,-0- ,-0- ,-0- ` + "\n" + `3,21,-0- ,-0- ,"Cuba",-0- ` + "\n", "add.csv line 2 belongs to an entry"},
		{"addresses cut", whole + "\x1a", "", `1,20,-0- ,-0- ,-0- ,-0- ` + "\r\n", "add.csv line 2 ends without the end-of-file mark"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			entries, rows, err := read(tc.sdn, tc.alt, tc.add, "")
			if err == nil || domain.CodeOf(err) != domain.Invalid || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want %q", err, tc.want)
			}
			if entries != nil || rows != (lists.OFACRows{}) {
				t.Errorf("entries %v, rows %v", entries, rows)
			}
		})
	}
}

// Long remarks go on in the comments. Without these, the piece at the end is not trusted.
func TestOFACComments(t *testing.T) {
	start := "DOB 1950; " + strings.Repeat("x", 1000-len("DOB 1950; ; Passport 123")) + "; Passport 123"
	sdn := `1,"DOE, John","individual","SDGT"` + none + `,-0- ,"` + start + `"` + "\n"
	for _, tc := range []struct {
		name, comments string
		want           []screening.Identifier
	}{
		{"with", `1,"45 (Cuba); SSN 1 (United States)."` + "\r\n", []screening.Identifier{{Type: "passport", Value: "12345", Country: "CU"}, {Type: "national_id", Value: "1", Country: "US"}}},
		{"without", "", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, _, err := read(sdn, "", "", tc.comments)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got[0].Identifiers, tc.want) || got[0].DatesOfBirth[0] != "1950" {
				t.Errorf("%+v", got[0])
			}
			if tc.want == nil && !strings.HasSuffix(got[0].Reason, "; Passport 123…") {
				t.Errorf("reason ends in %s", got[0].Reason[len(got[0].Reason)-20:])
			}
		})
	}
}

// A copy with bare LF may have lost the white space at its end, and the rest of an absent value with it.
func TestOFACLostEnd(t *testing.T) {
	whole := row("1", "A") + "\n" + row("2", "B")
	for cut := range len("-0- ") + 1 {
		if got, _, err := read(whole[:len(whole)-cut], "", "", ""); (err == nil) != (cut < 4) || err == nil && got[1].Reason != "" {
			t.Errorf("%d bytes cut: %v, error %v", cut, got, err)
		}
	}
}

// open opens the files of a folder; those that are not there are nil.
func open(t testing.TB, folder string) (f lists.OFAC) {
	t.Helper()
	for name, to := range map[string]*io.Reader{"sdn.csv": &f.SDN, "alt.csv": &f.Alt, "add.csv": &f.Add, "sdn_comments.csv": &f.Comments} {
		file, err := os.Open(filepath.Join(folder, name))
		if err != nil {
			continue
		}
		t.Cleanup(func() { file.Close() })
		*to = file
	}
	return f
}

// TestPublished reads lists as OFAC published them: extracts, or the whole lists if
// WHOCOMPLY_DATASETS names a folder that has them in sanctions/us-ofac.
func TestPublished(t *testing.T) {
	extracts := filepath.Join("..", "..", "..", "testdata", "lists")
	cases := map[string]lists.OFACRows{
		filepath.Join(extracts, "ofac-sdn"):         {SDN: 569, Alt: 813, Add: 843, Comments: 5},
		filepath.Join(extracts, "ofac-sdn-2018-12"): {SDN: 467, Alt: 700, Add: 720},
	}
	if folder := os.Getenv("WHOCOMPLY_DATASETS"); folder != "" {
		cases[filepath.Join(folder, "sanctions", "us-ofac", "sdn-list-2018-12")] = lists.OFACRows{SDN: 7379, Alt: 9682, Add: 11696}
		cases[filepath.Join(folder, "sanctions", "us-ofac", "sdn-list-2021-10")] = lists.OFACRows{SDN: 8976, Alt: 11910, Add: 13837, Comments: 5}
	}
	for folder, want := range cases {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			entries, rows, err := open(t, folder).Entries()
			if err != nil {
				t.Fatal(err)
			}
			if rows != want || len(entries) != want.SDN {
				t.Errorf("%d entries, rows %+v, want %+v", len(entries), rows, want)
			}
			for _, e := range entries {
				e.List, e.Category = "ofac-sdn", "sanctions"
				if err := screening.CheckEntry(e); err != nil {
					t.Errorf("entry %s: %v", e.ID, err)
				}
				if strings.Contains(e.Reason, ".k.a. '") || len(e.Programs) == 0 {
					t.Errorf("entry %s has programs %v and the reason %s", e.ID, e.Programs, e.Reason)
				}
			}
		})
	}
}

func FuzzOFAC(f *testing.F) {
	f.Add([]byte(row("1", "DOE, John")+"\r\n\x1a"), []byte(`1,10,"aka","ROE",-0- `), []byte(`1,20,-0- ,-0- ,"Iran",-0- `))
	f.Add([]byte(`2,"SEA","vessel","A] [B"`+none+`,-0- ,"DOB circa 1950; a.k.a. 'X'; Passport #1 (Iran)."`), []byte("\x1a"), []byte(""))
	f.Fuzz(func(t *testing.T, sdn, alt, add []byte) {
		entries, rows, err := read(string(sdn), string(alt), string(add), "")
		if err != nil {
			if domain.CodeOf(err) != domain.Invalid {
				t.Errorf("error without a code: %v", err)
			}
			return
		}
		if len(entries) != rows.SDN || rows.SDN == 0 {
			t.Errorf("%d entries of %d rows", len(entries), rows.SDN)
		}
		for _, e := range entries {
			if e.Name == "" || e.ID == "" || e.EntityType == "" {
				t.Errorf("entry %+v", e)
			}
		}
	})
}

// BenchmarkOFAC reads the extract.
func BenchmarkOFAC(b *testing.B) {
	for b.Loop() {
		if _, _, err := open(b, filepath.Join("..", "..", "..", "testdata", "lists", "ofac-sdn")).Entries(); err != nil {
			b.Fatal(err)
		}
	}
}
