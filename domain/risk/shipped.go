package risk

import (
	"slices"
	"strings"
)

// The words of standard@1: the FATF lists of October 2025, and industries that FATF guidance names as
// exposed to cash or to anonymity.
const (
	highRisk  = "IR KP MM"
	monitored = "AO BG BO CD CI CM DZ HT KE LA LB MC NA NP SS SY VE VG VN YE"
	exposed   = "casino gambling gaming money_service crypto virtual_asset precious_metal jewel arms pawn real_estate art_dealer adult remittance"
)

// Shipped gives the models that come with the program, oldest first. They never change: ratings
// rest on them.
func Shipped() []*Model { return []*Model{&standard1, &standard2} }

var (
	standard1 = Model{
		Name: "standard", Version: 1, Description: "Geography, type, industry, identification, PEP, lists and open alerts.",
		Factors: standardFactors, Bands: Bands{30, 60}, Floors: standardFloors, EDDFrom: High, Industries: strings.Fields(exposed),
	}
	standard2 = Model{
		Name: "standard", Version: 2,
		Description: "As standard@1, with products, delivery, the age of identity checks, ownership, reviews, and the institution's own lists of jurisdictions.",
		Factors: append(slices.Clip(standardFactors),
			Weights{"product", 10, map[string]int{"exposed": 10}},
			Weights{"delivery", 10, map[string]int{"remote": 5, "intermediary": 10}},
			Weights{"kyc_age", 10, map[string]int{"old": 10}},
			Weights{"ownership", 30, map[string]int{"call_for_action": 30, "monitored": 15, "layered": 5}},
		),
		Bands: Bands{30, 60}, Floors: standardFloors, EDDFrom: High, Industries: strings.Fields(exposed),
		Products:   strings.Fields("private_banking correspondent_banking trade_finance crypto prepaid_card cash_management"),
		ReviewDays: map[string]int{Low: 1095, Medium: 730, High: 365, Prohibited: 90}, KYCMaxDays: 1825,
		Lists: Lists{"fatf_black", "fatf_grey"},
	}

	standardFactors = []Weights{
		{"geography", 30, map[string]int{"call_for_action": 30, "monitored": 15}},
		{"customer_type", 5, map[string]int{"business": 5}},
		{"industry", 15, map[string]int{"exposed": 15}},
		{"identification", 15, map[string]int{"rejected": 15, "expired": 10, "unverified": 5}},
		{"pep", 30, map[string]int{"declared": 30, "listed": 30}},
		{"sanctions", 60, map[string]int{"open": 60, "confirmed": 60}},
		{"adverse_media", 20, map[string]int{"open": 20, "confirmed": 20}},
		{"internal_list", 30, map[string]int{"open": 30, "confirmed": 30}},
		{"behaviour", 30, map[string]int{"low": 5, "medium": 10, "high": 15, "critical": 20}},
	}
	standardFloors = []Floor{{"sanctions", "open", High}, {"sanctions", "confirmed", Prohibited}}
)
