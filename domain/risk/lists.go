package risk

import (
	"slices"
	"strings"
)

// The FATF lists of October 2025: high-risk jurisdictions subject to a call for action, and
// jurisdictions under increased monitoring. They are part of the model's version.
const (
	highRisk  = "IR KP MM"
	monitored = "AO BG BO CD CI CM DZ HT KE LA LB MC NA NP SS SY VE VG VN YE"
)

// firstIn gives the first of the countries that the list names, or "".
func firstIn(countries []string, list string) string {
	at := slices.IndexFunc(countries, func(c string) bool { return len(c) == 2 && strings.Contains(list, c) })
	if at < 0 {
		return ""
	}
	return countries[at]
}

// industries that FATF guidance names as exposed to cash or to anonymity.
const exposed = "casino gambling gaming money_service crypto virtual_asset precious_metal jewel arms pawn real_estate art_dealer adult remittance"

// riskyIndustry gives the industry as stated if one of the exposed words is in it.
func riskyIndustry(industry string) (string, bool) {
	folded := strings.NewReplacer(" ", "_", "-", "_").Replace(strings.ToLower(industry))
	for word := range strings.FieldsSeq(exposed) {
		if strings.Contains(folded, word) {
			return industry, true
		}
	}
	return "", false
}
