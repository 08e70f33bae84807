package lists

import (
	"cmp"
	"slices"
	"strings"
)

// identifierPrefix is how OFAC's remarks begin an identifier of a type.
type identifierPrefix struct{ text, kind string }

// identifierPrefixes holds the longer ones before their own beginnings.
var identifierPrefixes = func() (prefixes []identifierPrefix) {
	for kind, texts := range identifierTypes {
		for _, text := range texts {
			prefixes = append(prefixes, identifierPrefix{text, kind})
		}
	}
	slices.SortFunc(prefixes, func(a, b identifierPrefix) int {
		return cmp.Or(len(b.text)-len(a.text), strings.Compare(a.text, b.text))
	})
	return prefixes
}()

// identifierType gives the type of the identifier that item begins with and what follows, or "".
func identifierType(item string) (kind, rest string) {
	for _, prefix := range identifierPrefixes {
		rest, ok := strings.CutPrefix(item, prefix.text)
		if ok && rest != "" && strings.ContainsRune(" #:", rune(rest[0])) {
			return prefix.kind, rest
		}
	}
	return "", ""
}

// identifierTypes gives the beginnings by the type of identifier, as customers' profiles name them
// where both have it.
var identifierTypes = map[string][]string{
	"passport": {
		"Passport", "Passport Booklet", "Diplomatic Passport", "British National Overseas Passport",
		"Stateless Person Passport", "U.S.A. Passport",
	},
	"travel_document": {"Travel Document Number", "Refugee ID Card"},
	"national_id": {
		"National ID No.", "Cedula No.", "Cedula de Ciudadania", "Identification Number", "D.N.I.", "C.U.R.P.", "CURP",
		"Personal ID Card", "National Foreign ID Number", "Kenyan ID No.", "Bosnian Personal ID No.", "Moroccan Personal ID No.",
		"Turkish Identification Number", "Turkish Identificiation Number", "Tazkira National ID Card", "Citizen's Card Number",
		"Numero de Identidad", "Electoral Registry No.", "Credencial electoral", "I.F.E.", "C.U.I.P.", "LE Number", "SSN",
		"Residency Number", "Cartilla de Servicio Militar Nacional", "Birth Certificate Number",
	},
	"drivers_license": {"Driver's License No."},
	"tax_id": {
		"Tax ID No.", "NIT #", "RUC #", "RIF #", "RTN", "R.F.C.", "RFC", "C.U.I.", "C.U.I.T.", "C.I.F.", "V.A.T. Number", "Italian Fiscal Code",
		"US FEIN", "Numero Unico de Identificacao Tributaria (NUIT)", "Fiscal Code",
	},
	"registration": {
		"Registration ID", "Registration Number", "Company Number", "UK Company Number", "Commercial Registry Number",
		"Business Registration Number", "Business Registration Document", "Business Number", "Public Registration Number",
		"Chamber of Commerce Number", "Dubai Chamber of Commerce Membership No.", "Government Gazette Number", "C.R. No.",
		"Trade License No.", "Matricula Mercantil No", "Matricula Mercantil No.", "Folio Mercantil No.", "Legal Entity Number", "Enterprise Number",
		"Certificate of Incorporation Number", "Branch Unit Number", "File Number", "Registered Charity No.",
		"Unified Social Credit Code (USCC)", "United Social Credit Code Certificate (USCCC)",
	},
	"duns":             {"D-U-N-S Number"},
	"bic":              {"SWIFT/BIC"},
	"bik":              {"BIK (RU)"},
	"isin":             {"ISIN"},
	"imo":              {"Vessel Registration Identification IMO"},
	"imo_company":      {"Identification Number IMO", "Company Number IMO"},
	"mmsi":             {"MMSI"},
	"aircraft_tail":    {"Aircraft Tail Number"},
	"aircraft_serial":  {"Aircraft Manufacturer's Serial Number (MSN)", "Aircraft Construction Number (also called L/N or S/N or F/N)", "Aircraft Serial Identification"},
	"aircraft_mode_s":  {"Aircraft Mode S Transponder Code"},
	"digital_currency": {"Digital Currency Address -"},
	"email":            {"Email Address", "Email", "EMAIL"},
	"website":          {"Website"},
	"phone":            {"Phone Number", "Phone No.", "Telephone", "Telephone No.", "PHONE"},
}
