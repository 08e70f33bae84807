package lists

// country gives the ISO 3166-1 alpha-2 code for a country as OFAC names it, or "". Places without
// a code of their own are those of the code's territory; regions claimed by two states have none.
func country(name string) string { return countries[name] }

// Country is country for other programs that read lists.
func Country(name string) string { return countries[name] }

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
