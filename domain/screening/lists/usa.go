package lists

import (
	"bytes"
	"strings"
)

// readBIS reads us-bis-dpl, the denied persons of the Bureau of Industry and Security, separated by
// tabs: a row for each order. Rows do not say what kind of person they deny.
func readBIS(c *collector, f File) error {
	text, err := readText(f.Name, f.From)
	if err != nil {
		return err
	}
	if !bytes.HasSuffix(bytes.TrimRight(text, "\r\n"), []byte(`"`)) {
		return faulty(f.Name, 1+bytes.Count(text, []byte("\n")), "ends without a quote: the file is cut")
	}
	s := &sheet{comma: '\t', needs: []string{"Name", "Country", "Effective_Date", "Expiration_Date", "Standard_Order", "FR_Citation"}}
	return s.read(f.Name, text, func() string {
		c.rows++
		name := plain(s.get("Name"))
		if name == "" {
			return "has no name"
		}
		e := c.unnamed("", "unknown", name, s.get("Street_Address"), s.get("Effective_Date"), s.get("FR_Citation"))
		e.Name = name
		from(e, s.get("Country"))
		said(e, "Denied from ", s.get("Effective_Date")+" to "+s.get("Expiration_Date"))
		said(e, "", s.get("FR_Citation"))
		return ""
	})
}

var cslKinds = map[string]string{"": "unknown", "Individual": "individual", "Entity": "business", "Vessel": "vessel", "Aircraft": "aircraft"}

// readCSL reads us-csl-csv, the consolidated screening list of trade.gov: a row for each entry of
// one of the lists it is made of. Its numbers are those of the lists, and only some have one.
func readCSL(c *collector, f File) error {
	text, err := readText(f.Name, f.From)
	if err != nil {
		return err
	}
	s := &sheet{comma: ',', whole: true, needs: []string{"source", "entity_number", "type", "programs", "name", "alt_names", "dates_of_birth", "ids"}}
	return s.read(f.Name, text, func() string {
		c.rows++
		kind, known := cslKinds[s.get("type")]
		switch {
		case !known:
			return "has a type that is not Individual, Entity, Vessel or Aircraft"
		case plain(s.get("name")) == "":
			return "has no name"
		}
		e := c.unnamed("", kind, s.get("source"), s.get("entity_number"), s.get("name"), s.get("federal_register_notice"), s.get("start_date"))
		e.Name = plain(s.get("name"))
		aliases(e, s.get("alt_names"), false)
		programme(e, s.get("source"))
		for p := range strings.SplitSeq(s.get("programs"), ";") {
			programme(e, p)
		}
		for date := range strings.SplitSeq(s.get("dates_of_birth"), ";") {
			born(e, datesIn(date)...)
		}
		from(e, strings.Split(s.get("nationalities")+";"+s.get("citizenships")+";"+s.get("vessel_flag"), ";")...)
		for id := range strings.SplitSeq(s.get("ids"), ";") {
			parts := strings.Split(id, ", ")
			if len(parts) == 3 {
				identified(e, plain(parts[2]), plain(parts[1]), plain(parts[0]))
			}
		}
		numbered(e, "call_sign", s.get("call_sign"), "")
		said(e, "", s.get("title"))
		said(e, "", s.get("remarks"))
		said(e, "", s.get("federal_register_notice"))
		return ""
	})
}
