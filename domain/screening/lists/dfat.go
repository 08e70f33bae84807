package lists

import (
	"regexp"
	"strconv"
	"strings"
)

var (
	dfatKinds     = map[string]string{"Individual": "individual", "Entity": "business", "Vessel": "vessel"}
	dfatReference = regexp.MustCompile(`^(\d+)([a-z]*)$`)
	dfatColumns   = []string{"Reference", "Name of Individual or Entity", "Type", "Name Type", "Alias Strength", "Date of Birth", "Citizenship"}
)

// readDFATCSV reads au-dfat-csv, Australia's consolidated list as a table: a row for each name, with
// a reference whose number is the entry's.
func readDFATCSV(c *collector, f File) error {
	text, err := readText(f.Name, f.From)
	if err != nil {
		return err
	}
	s := &sheet{comma: ',', whole: true, needs: dfatColumns}
	if err := s.read(f.Name, text, func() string { return c.dfat(s) }); err != nil {
		return err
	}
	return c.dfatNamed(f.Name)
}

// readDFAT reads au-dfat-xlsx, the list as the department publishes it.
func readDFAT(c *collector, f File) error {
	s := &sheet{needs: dfatColumns}
	if err := s.readXLSX(f, func() string { return c.dfat(s) }); err != nil {
		return err
	}
	return c.dfatNamed(f.Name)
}

// dfatNamed is an error if an entry has aliases alone.
func (c *collector) dfatNamed(file string) error {
	for _, e := range c.entries {
		if e.Name == "" {
			return faulty(file, 1, "has no primary name for the entry %s: the file is cut", e.ID)
		}
	}
	return nil
}

func (c *collector) dfat(s *sheet) (fault string) {
	c.rows++
	m := dfatReference.FindStringSubmatch(s.get("Reference"))
	kind, known := dfatKinds[s.get("Type")]
	name := plain(s.get("Name of Individual or Entity"))
	switch {
	case m == nil:
		return "has a reference that is not a number and letters"
	case !known:
		return "has a type that is not Individual, Entity or Vessel"
	case name == "":
		return "has no name"
	}
	e := c.of(m[1], kind)
	switch s.get("Name Type") {
	case "Primary Name":
		if e.Name != "" {
			return "has a second primary name for the entry " + m[1]
		}
		e.Name = name
	case "Alias", "Original Script":
		if e.Name == "" {
			return "has an alias in front of its primary name"
		}
		alias(e, name, s.get("Alias Strength") == "Weak")
	default:
		return "has a type of name that is not Primary Name, Alias or Original Script"
	}
	if days, err := strconv.Atoi(s.get("Date of Birth")); err == nil && days > 9999 {
		born(e, spreadsheetDay(days))
	} else {
		born(e, datesIn(s.get("Date of Birth"))...)
	}
	from(e, strings.Split(s.get("Citizenship"), ";")...)
	numbered(e, "imo", s.get("IMO Number"), "")
	programme(e, s.get("Committees"))
	said(e, "", s.get("Additional Information"))
	return ""
}
