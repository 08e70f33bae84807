package http_test

import (
	"encoding/csv"
	"strings"
	"testing"

	"whocomply/domain"
	"whocomply/domain/screening"
	web "whocomply/http"
)

// FuzzNameSheet reads any file: it is refused with a reason, or each line is a row, looked for or refused
// by itself, and a batch of them is decided or refused with a reason.
func FuzzNameSheet(f *testing.F) {
	f.Add("name\nAnn\n")
	f.Add("\xef\xbb\xbfref,name,aliases,entity_type,date_of_birth,gender,countries\r\n1,\"Roe, Jane\",a;b,individual,1957~,female,DK;RU\r\n2,!\r\n")
	f.Add("name,ref\n\"a\nb\",c\n,\n")
	f.Add("name\n\"")
	f.Fuzz(func(t *testing.T, text string) {
		rows, err := web.ReadNameSheet([]byte(text))
		if err != nil {
			if domain.CodeOf(err) != domain.Invalid {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		lines := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\xef\xbb\xbf")))
		lines.FieldsPerRecord = -1
		if all, err := lines.ReadAll(); err != nil || len(rows) != len(all)-1 && len(rows) <= screening.MaxBatchRows {
			t.Fatalf("%q: %d rows of %d lines, %v", text, len(rows), len(all), err)
		}
		if _, err := screening.NewBatch(screening.StartBatch{Rows: rows}); err != nil && domain.CodeOf(err) != domain.Invalid {
			t.Fatalf("%q: %v", text, err)
		}
	})
}
