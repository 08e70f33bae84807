package lists

import (
	"bytes"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain/screening"
)

// ftmKinds are the schemas of FollowTheMoney that can be listed, as screening names them.
var ftmKinds = map[string]string{
	"Person": "individual", "Company": "business", "Organization": "business", "LegalEntity": "business", "PublicBody": "business",
	"Vessel": "vessel", "Airplane": "aircraft", "CryptoWallet": "unknown", "Security": "unknown", "Asset": "unknown",
}

// readOpenSanctions reads opensanctions-csv, the file targets.simple.csv of a dataset.
func readOpenSanctions(c *collector, f File) error {
	text, err := readText(f.Name, f.From)
	if err != nil {
		return err
	}
	s := &sheet{comma: ',', whole: true, needs: []string{"id", "schema", "name", "aliases", "birth_date", "countries", "identifiers", "dataset"}}
	return s.read(f.Name, text, func() string {
		c.rows++
		kind, known := ftmKinds[s.get("schema")]
		if !known {
			return "has an unknown schema"
		}
		e, fault := c.add(s.get("id"), kind)
		if fault != "" {
			return fault
		}
		alias(e, s.get("name"), false)
		aliases(e, s.get("aliases"), false)
		for date := range strings.SplitSeq(s.get("birth_date"), ";") {
			born(e, datesIn(date)...)
		}
		from(e, strings.Split(strings.ToUpper(s.get("countries")), ";")...)
		for id := range strings.SplitSeq(s.get("identifiers"), ";") {
			numbered(e, "other", id, "")
		}
		for p := range strings.SplitSeq(s.get("dataset"), ";") {
			programme(e, p)
		}
		said(e, "", s.get("sanctions"))
		return ""
	})
}

// ftmEntity is an entity of FollowTheMoney as OpenSanctions writes it. A property's values are texts,
// or whole entities where the file nests them.
type ftmEntity struct {
	ID         string                      `json:"id"`
	Caption    string                      `json:"caption"`
	Schema     string                      `json:"schema"`
	Target     *bool                       `json:"target"`
	Properties map[string][]jsontext.Value `json:"properties"`
	Rest       jsontext.Value              `json:",unknown"`
}

// texts gives the values of a property that are texts.
func (p *ftmEntity) texts(names ...string) (texts []string) {
	for _, name := range names {
		for _, value := range p.Properties[name] {
			var text string
			if json.Unmarshal(value, &text) == nil {
				texts = append(texts, text)
			}
		}
	}
	return texts
}

// readFtM reads opensanctions-ftm: entities.ftm.json or targets.nested.json of a dataset, an entity a
// line. Entries are those it calls targets: addresses, families and what else surrounds them is not
// listed itself.
func readFtM(c *collector, f File) error {
	return readLines(f, func(line []byte) (string, error) {
		var p ftmEntity
		if err := json.Unmarshal(line, &p); err != nil {
			return "", err
		}
		c.rows++
		if p.ID == "" || p.Schema == "" || p.Target == nil || p.Properties == nil {
			return "is no entity: it needs id, schema, properties and target", nil
		}
		kind, known := ftmKinds[p.Schema]
		if !*p.Target {
			return "", nil
		}
		if !known {
			return "has a target of an unknown schema", nil
		}
		e, fault := c.add(p.ID, kind)
		if fault == "" {
			p.fill(e)
		}
		return fault, nil
	})
}

func (p *ftmEntity) fill(e *screening.Entry) {
	alias(e, p.Caption, false)
	for _, name := range p.texts("name", "alias", "previousName") {
		alias(e, name, false)
	}
	for _, name := range p.texts("weakAlias") {
		alias(e, name, true)
	}
	for _, date := range p.texts("birthDate") {
		born(e, datesIn(date)...)
	}
	if genders := p.texts("gender"); len(genders) == 1 {
		e.Gender = sex(genders[0])
	}
	for _, code := range p.texts("nationality", "citizenship", "country", "jurisdiction", "flag") {
		from(e, strings.ToUpper(code))
	}
	for _, id := range []struct{ property, kind string }{
		{"passportNumber", "passport"},
		{"idNumber", "national_id"},
		{"taxNumber", "tax_id"},
		{"innCode", "tax_id"},
		{"registrationNumber", "registration"},
		{"ogrnCode", "registration"},
		{"leiCode", "lei"},
		{"swiftBic", "bic"},
		{"imoNumber", "imo"},
		{"mmsi", "mmsi"},
		{"callSign", "call_sign"},
	} {
		for _, value := range p.texts(id.property) {
			numbered(e, id.kind, value, "")
		}
	}
	for _, topic := range p.texts("topics") {
		programme(e, topic)
	}
	said(e, "", strings.Join(p.texts("position", "reason"), "; "))
}

// readNames reads opensanctions-names, the file names.txt of a dataset: a name a line, and nothing
// about whom it names.
func readNames(c *collector, f File) error {
	text, err := readText(f.Name, f.From)
	if err != nil {
		return err
	}
	if !bytes.HasSuffix(text, []byte("\n")) {
		return faulty(f.Name, 1+bytes.Count(text, []byte("\n")), "has no line end: the file is cut")
	}
	number := 0
	for line := range bytes.Lines(text) {
		number++
		name := plain(string(line))
		switch {
		case name == "":
			continue
		case len(name) > 1000 || strings.ContainsAny(name, "<>{}"):
			return faulty(f.Name, number, "is no name")
		}
		c.rows++
		if screening.Normalise(name) != "" {
			c.unnamed("", "unknown", name).Name = name
		}
	}
	return nil
}

// senzing is a record of opensanctions-senzing.
type senzing struct {
	ID     string                   `json:"RECORD_ID"`
	Kind   string                   `json:"RECORD_TYPE"`
	Names  []senzingName            `json:"NAMES"`
	Dates  []map[string]string      `json:"DATES"`
	Nation []map[string]string      `json:"COUNTRIES"`
	Risks  []struct{ TOPIC string } `json:"RISKS"`
	Rest   jsontext.Value           `json:",unknown"`
}

type senzingName struct {
	Kind string `json:"NAME_TYPE"`
	Full string `json:"NAME_FULL"`
	Org  string `json:"NAME_ORG"`
}

var senzingKinds = map[string]string{"PERSON": "individual", "ORGANIZATION": "business", "VESSEL": "vessel"}

// readSenzing reads opensanctions-senzing, the file senzing.json of a dataset. Records of other
// types, such as offices, are not listed themselves; they are read and left out.
func readSenzing(c *collector, f File) error {
	return readLines(f, func(line []byte) (string, error) {
		var r senzing
		if err := json.Unmarshal(line, &r); err != nil {
			return "", err
		}
		c.rows++
		if r.ID == "" || len(r.Names) == 0 {
			return "is no record: it needs RECORD_ID and NAMES", nil
		}
		kind, known := senzingKinds[r.Kind]
		if !known {
			return "", nil
		}
		e, fault := c.add(r.ID, kind)
		if fault == "" {
			r.fill(e)
		}
		return fault, nil
	})
}

func (r *senzing) fill(e *screening.Entry) {
	for _, n := range r.Names {
		alias(e, n.Full+n.Org, false)
	}
	for _, d := range r.Dates {
		born(e, datesIn(d["DATE_OF_BIRTH"])...)
	}
	for _, n := range r.Nation {
		for _, code := range n {
			from(e, strings.ToUpper(code))
		}
	}
	for _, risk := range r.Risks {
		programme(e, risk.TOPIC)
	}
}

// readLines gives every line of a file of JSON to take, which says what is wrong with it, if anything.
func readLines(f File, take func(line []byte) (fault string, err error)) error {
	text, err := readText(f.Name, f.From)
	if err != nil {
		return err
	}
	number := 0
	for line := range bytes.Lines(text) {
		number++
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		fault, err := take(line)
		if err != nil {
			return faulty(f.Name, number, "is not JSON of this format: %v", err)
		}
		if fault != "" {
			return faulty(f.Name, number, "%s", fault)
		}
	}
	return nil
}
