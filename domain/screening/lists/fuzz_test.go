package lists_test

import (
	"testing"

	"whocomply/domain"
	"whocomply/domain/screening/lists"
)

// fuzz reads whatever it is given as a file of a format: it is refused as invalid, or gives entries
// that have ids of their own, a name and a kind.
func fuzz(f *testing.F, format string) {
	f.Add(sample(f, format))
	for _, c := range corruptions {
		f.Add(c.corrupt(format, sample(f, format)))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		content, err := readFormat(format, text)
		if err != nil {
			if domain.CodeOf(err) != domain.Invalid {
				t.Errorf("error without a code: %v", err)
			}
			return
		}
		seen := map[string]bool{}
		for _, e := range content.Entries {
			if e.ID == "" || e.Name == "" || e.EntityType == "" || seen[e.ID] {
				t.Errorf("entry %+v", e)
			}
			seen[e.ID] = true
		}
		if len(content.Entries) == 0 || len(content.Entries) > content.Rows {
			t.Errorf("%d entries of %d rows", len(content.Entries), content.Rows)
		}
	})
}

func FuzzOFACXML(f *testing.F)              { fuzz(f, lists.FormatOFACXML) }
func FuzzOFACAdvanced(f *testing.F)         { fuzz(f, lists.FormatOFACAdvanced) }
func FuzzUN(f *testing.F)                   { fuzz(f, lists.FormatUN) }
func FuzzEU(f *testing.F)                   { fuzz(f, lists.FormatEU) }
func FuzzEUXML(f *testing.F)                { fuzz(f, lists.FormatEUXML) }
func FuzzEUJournal(f *testing.F)            { fuzz(f, lists.FormatEUJournal) }
func FuzzUKConList(f *testing.F)            { fuzz(f, lists.FormatUKConList) }
func FuzzUKConListXML(f *testing.F)         { fuzz(f, lists.FormatUKConListXML) }
func FuzzUK(f *testing.F)                   { fuzz(f, lists.FormatUK) }
func FuzzDFAT(f *testing.F)                 { fuzz(f, lists.FormatDFAT) }
func FuzzDFATCSV(f *testing.F)              { fuzz(f, lists.FormatDFATCSV) }
func FuzzCanada(f *testing.F)               { fuzz(f, lists.FormatCanada) }
func FuzzSwitzerland(f *testing.F)          { fuzz(f, lists.FormatSwitzerland) }
func FuzzBIS(f *testing.F)                  { fuzz(f, lists.FormatBIS) }
func FuzzCSL(f *testing.F)                  { fuzz(f, lists.FormatCSL) }
func FuzzOpenSanctions(f *testing.F)        { fuzz(f, lists.FormatOpenSanctions) }
func FuzzOpenSanctionsFtM(f *testing.F)     { fuzz(f, lists.FormatOpenSanctionsFtM) }
func FuzzOpenSanctionsNames(f *testing.F)   { fuzz(f, lists.FormatOpenSanctionsNames) }
func FuzzOpenSanctionsSenzing(f *testing.F) { fuzz(f, lists.FormatOpenSanctionsSenzing) }
func FuzzOwnCSV(f *testing.F)               { fuzz(f, lists.FormatCSV) }
