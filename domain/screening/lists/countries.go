package lists

import (
	"maps"
	"strings"

	"whocomply/domain"
)

// country gives the ISO 3166-1 alpha-2 code for a country as OFAC names it, or "". Places without
// a code of their own are those of the code's territory; regions claimed by two states have none.
func country(name string) string { return countries[name] }

// Country gives the ISO 3166-1 alpha-2 code for a country as any list names it: a code, a name, an
// adjective, or one of these with a remark in parentheses behind it. It is "" for what is
// none, "na" among it: a code is in upper case.
func Country(name string) string {
	name = plain(name)
	if domain.ValidCountry(name) {
		return name
	}
	if code := countries[name]; code != "" {
		return code
	}
	key := strings.ToLower(strings.Trim(name, " .;:,"))
	if code := countryWords[key]; code != "" {
		return code
	}
	if open := strings.IndexByte(key, '('); open > 0 {
		key = strings.TrimSpace(key[:open])
	}
	for _, word := range []string{"the ", "also "} {
		key = strings.TrimPrefix(key, word)
	}
	for _, word := range []string{" citizenship", " national", " citizen"} {
		key = strings.TrimSuffix(key, word)
	}
	return countryWords[key]
}

// countryWords holds names in lower case: those of countries, what other lists call them, adjectives,
// and the three-letter codes that are in use.
var countryWords = func() map[string]string {
	words := maps.Clone(otherNames)
	for name, code := range countries {
		words[strings.ToLower(name)] = code
	}
	return words
}()

var otherNames = map[string]string{
	"democratic republic of the congo": "CD", "drc": "CD", "congo": "CG", "congolese": "CD", "congo, democratic republic": "CD", "republic of the congo": "CG",
	"iran (islamic republic of)": "IR", "islamic republic of iran": "IR", "iranian": "IR", "irn": "IR", "russian federation": "RU", "russian": "RU", "rus": "RU",
	"syrian arab republic": "SY", "syrian": "SY", "syr": "SY", "united kingdom of great britain and northern ireland": "GB", "british": "GB", "gbr": "GB",
	"united states of america": "US", "american": "US", "usa": "US", "us": "US", "democratic people's republic of korea": "KP", "democratic people’s republic of korea": "KP",
	"dprk": "KP", "north korean": "KP", "prk": "KP", "republic of korea": "KR", "south korean": "KR", "kor": "KR", "state of palestine": "PS", "palestine": "PS", "palestinian": "PS",
	"occupied palestinian territory": "PS", "united republic of tanzania": "TZ", "tanzanian": "TZ", "türkiye": "TR", "turkish": "TR", "tur": "TR", "myanmar": "MM", "myanmar/burma": "MM",
	"myanmar/ burma": "MM", "burmese": "MM", "republic of moldova": "MD", "moldovan": "MD", "viet nam": "VN", "vietnamese": "VN", "lao people's democratic republic": "LA", "laotian": "LA",
	"bolivia (plurinational state of)": "BO", "venezuela (bolivarian republic of)": "VE", "venezuelan": "VE", "brunei darussalam": "BN", "côte d'ivoire": "CI", "côte d’ivoire": "CI", "ivory coast": "CI",
	"ivorian": "CI", "libyan arab jamahiriya": "LY", "libyan": "LY", "lby": "LY", "bahamas": "BS", "gambia": "GM", "gambian": "GM", "macao": "MO", "macedonia": "MK", "north macedonian": "MK",
	"afghan": "AF", "afgan": "AF", "afg": "AF", "albanian": "AL", "algerian": "DZ", "dza": "DZ", "angolan": "AO", "argentinian": "AR", "armenian": "AM", "australian": "AU", "austrian": "AT",
	"azerbaijani": "AZ", "bahraini": "BH", "bangladeshi": "BD", "belarusian": "BY", "belarussian": "BY", "blr": "BY", "belgian": "BE", "bosnian": "BA", "brazilian": "BR", "bulgarian": "BG",
	"burundian": "BI", "cambodian": "KH", "cameroonian": "CM", "canadian": "CA", "central african": "CF", "chadian": "TD", "chilean": "CL", "chinese": "CN", "chn": "CN", "people's republic of china": "CN",
	"colombian": "CO", "comorian": "KM", "croatian": "HR", "cuban": "CU", "cypriot": "CY", "czech": "CZ", "danish": "DK", "djiboutian": "DJ", "dominican": "DO", "dutch": "NL", "the netherlands": "NL",
	"ecuadorian": "EC", "egyptian": "EG", "egy": "EG", "emirati": "AE", "uae": "AE", "eritrean": "ER", "estonian": "EE", "ethiopian": "ET", "filipino": "PH", "philippine": "PH", "phl": "PH", "finnish": "FI",
	"french": "FR", "georgian": "GE", "german": "DE", "deu": "DE", "ghanaian": "GH", "greek": "GR", "guatemalan": "GT", "guinean": "GN", "guinea bissau": "GW", "haitian": "HT", "honduran": "HN",
	"hungarian": "HU", "indian": "IN", "indonesian": "ID", "idn": "ID", "iraqi": "IQ", "irq": "IQ", "irish": "IE", "israeli": "IL", "italian": "IT", "jamaican": "JM", "japanese": "JP", "jordanian": "JO",
	"jor": "JO", "kazakh": "KZ", "kazakhstani": "KZ", "kenyan": "KE", "kosovar": "XK", "kuwaiti": "KW", "kyrgyz": "KG", "latvian": "LV", "lebanese": "LB", "lbn": "LB", "liberian": "LR", "lithuanian": "LT",
	"malaysian": "MY", "maldivian": "MV", "malian": "ML", "maltese": "MT", "mauritanian": "MR", "mauritian": "MU", "mexican": "MX", "mongolian": "MN", "montenegrin": "ME", "moroccan": "MA", "mozambican": "MZ",
	"nepalese": "NP", "nicaraguan": "NI", "nigerien": "NE", "nigerian": "NG", "norwegian": "NO", "omani": "OM", "pakistani": "PK", "pak": "PK", "panamanian": "PA", "paraguayan": "PY", "peruvian": "PE",
	"polish": "PL", "portuguese": "PT", "qatari": "QA", "qatarian": "QA", "romanian": "RO", "rwandan": "RW", "rwandese": "RW", "saudi": "SA", "saudi arabian": "SA", "sau": "SA", "kingdom of saudi arabia": "SA",
	"senegalese": "SN", "serbian": "RS", "sierra leonean": "SL", "singaporean": "SG", "slovak": "SK", "slovenian": "SI", "somali": "SO", "som": "SO", "south african": "ZA", "south sudanese": "SS", "spanish": "ES",
	"sri lankan": "LK", "sudanese": "SD", "sdn": "SD", "swedish": "SE", "swiss": "CH", "taiwanese": "TW", "tajik": "TJ", "thai": "TH", "togolese": "TG", "tunisian": "TN", "tun": "TN", "turkmen": "TM",
	"ugandan": "UG", "ukrainian": "UA", "ukr": "UA", "uruguayan": "UY", "uzbek": "UZ", "yemeni": "YE", "yem": "YE", "zambian": "ZM", "zimbabwean": "ZW", "zwe": "ZW",
}

var countries = map[string]string{
	"Afghanistan": "AF", "Albania": "AL", "Algeria": "DZ", "Andorra": "AD", "Angola": "AO", "Antigua and Barbuda": "AG",
	"Argentina": "AR", "Armenia": "AM", "Aruba": "AW", "Australia": "AU", "Austria": "AT", "Azerbaijan": "AZ",
	"Bahamas, The": "BS", "Bahrain": "BH", "Bangladesh": "BD", "Barbados": "BB", "Belarus": "BY", "Belgium": "BE", "Belize": "BZ",
	"Benin": "BJ", "Bermuda": "BM", "Bhutan": "BT", "Bolivia": "BO", "Bosnia and Herzegovina": "BA", "Botswana": "BW", "Brazil": "BR",
	"Brunei": "BN", "Bulgaria": "BG", "Burkina Faso": "BF", "Burma": "MM", "Burundi": "BI",
	"Cabo Verde": "CV", "Cape Verde": "CV", "Cambodia": "KH", "Cameroon": "CM", "Canada": "CA", "Cayman Islands": "KY",
	"Central African Republic": "CF", "Chad": "TD", "Chile": "CL", "China": "CN", "Colombia": "CO", "Comoros": "KM",
	"Congo, Democratic Republic of the": "CD", "Congo, Republic of the": "CG", "Cook Islands": "CK", "Costa Rica": "CR",
	"Cote d Ivoire": "CI", "Cote d'Ivoire": "CI", "Croatia": "HR", "Cuba": "CU", "Curacao": "CW", "Cyprus": "CY", "Czech Republic": "CZ", "Czechia": "CZ",
	"Denmark": "DK", "Djibouti": "DJ", "Dominica": "DM", "Dominican Republic": "DO",
	"Ecuador": "EC", "Egypt": "EG", "El Salvador": "SV", "Equatorial Guinea": "GQ", "Eritrea": "ER", "Estonia": "EE", "Eswatini": "SZ", "Ethiopia": "ET",
	"Fiji": "FJ", "Finland": "FI", "France": "FR", "Gabon": "GA", "Gambia, The": "GM", "The Gambia": "GM", "Georgia": "GE", "Germany": "DE",
	"Ghana": "GH", "Gibraltar": "GI", "Greece": "GR", "Greenland": "GL", "Grenada": "GD", "Guam": "GU", "Guatemala": "GT", "Guernsey": "GG",
	"Guinea": "GN", "Guinea-Bissau": "GW", "Guyana": "GY", "Haiti": "HT", "Honduras": "HN", "Hong Kong": "HK", "Hungary": "HU",
	"Iceland": "IS", "India": "IN", "Indonesia": "ID", "Iran": "IR", "Iraq": "IQ", "Ireland": "IE", "Israel": "IL", "Italy": "IT",
	"Jamaica": "JM", "Japan": "JP", "Jersey": "JE", "Jordan": "JO", "Kazakhstan": "KZ", "Kenya": "KE", "Kiribati": "KI",
	"Korea, North": "KP", "Democratic People's Republic of Korea": "KP", "North Korea": "KP", "Korea, South": "KR", "South Korea": "KR",
	"Kosovo": "XK", "Kuwait": "KW", "Kyrgyzstan": "KG", "Laos": "LA", "Latvia": "LV", "Lebanon": "LB", "Lesotho": "LS", "Liberia": "LR",
	"Libya": "LY", "Liechtenstein": "LI", "Lithuania": "LT", "Luxembourg": "LU", "Macau": "MO",
	"Macedonia, The Former Yugoslav Republic of": "MK", "North Macedonia": "MK", "North Macedonia, The Republic of": "MK", "Madagascar": "MG",
	"Malawi": "MW", "Malaysia": "MY", "Maldives": "MV", "Mali": "ML", "Malta": "MT", "Man, Isle of": "IM", "Marshall Islands": "MH",
	"Mauritania": "MR", "Mauritius": "MU", "Mexico": "MX", "Micronesia": "FM", "Moldova": "MD", "Monaco": "MC", "Mongolia": "MN",
	"Montenegro": "ME", "Morocco": "MA", "Mozambique": "MZ", "Namibia": "NA", "NAMIBIA": "NA", "Nauru": "NR", "Nepal": "NP", "Netherlands": "NL",
	"New Caledonia": "NC", "New Zealand": "NZ", "Nicaragua": "NI", "Niger": "NE", "Nigeria": "NG", "Norway": "NO", "Oman": "OM",
	"Pakistan": "PK", "Palau": "PW", "Palestinian": "PS", "Palestinian Authority": "PS", "West Bank": "PS", "Region: Gaza": "PS",
	"Panama": "PA", "PANAMA": "PA", "Papua New Guinea": "PG", "Paraguay": "PY", "Peru": "PE", "Philippines": "PH", "Poland": "PL", "Portugal": "PT",
	"Puerto Rico": "PR", "Qatar": "QA", "Region: Northern Mali": "ML", "Romania": "RO", "Russia": "RU", "Rwanda": "RW",
	"Saint Kitts and Nevis": "KN", "St. Kitts & Nevis": "KN", "Saint Lucia": "LC", "Saint Vincent and the Grenadines": "VC",
	"St. Vincent and the Grenadines": "VC", "Samoa": "WS", "San Marino": "SM", "Sao Tome and Principe": "ST", "Saudi Arabia": "SA", "Senegal": "SN",
	"Serbia": "RS", "Seychelles": "SC", "Sierra Leone": "SL", "Singapore": "SG", "Sint Maarten": "SX", "Slovakia": "SK", "Slovenia": "SI",
	"Solomon Islands": "SB", "Somalia": "SO", "South Africa": "ZA", "South Sudan": "SS", "Spain": "ES", "Sri Lanka": "LK", "Sudan": "SD",
	"Suriname": "SR", "Swaziland": "SZ", "Sweden": "SE", "Switzerland": "CH", "Syria": "SY", "Taiwan": "TW", "Tajikistan": "TJ", "Tanzania": "TZ",
	"Thailand": "TH", "Timor-Leste": "TL", "Togo": "TG", "Tonga": "TO", "Trinidad and Tobago": "TT", "Tunisia": "TN", "Turkey": "TR", "Turkmenistan": "TM",
	"Turks and Caicos Islands": "TC", "Tuvalu": "TV", "Uganda": "UG", "Ukraine": "UA", "United Arab Emirates": "AE",
	"United Kingdom": "GB", "U.K.": "GB", "United States": "US", "Uruguay": "UY", "Uzbekistan": "UZ", "Vanuatu": "VU", "Vatican City State": "VA",
	"Venezuela": "VE", "Vietnam": "VN", "Virgin Islands, British": "VG", "Virgin Islands, U.S.": "VI", "Yemen": "YE", "Zambia": "ZM", "Zimbabwe": "ZW",
}
