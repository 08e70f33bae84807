package activity

// Type is a family of event types whose data is known: all those whose first word is Family. Other
// types are the institution's own: their data may be any JSON object, and rules read it alike.
type Type struct {
	Family  string // such as transaction, for transaction.created
	Says    string
	Names   []string // types that there usually are; others of the family are as welcome
	Data    []Field
	Example string // data
}

// Object is a JSON object whose members are known by name. It may hold others, which are kept.
type Object struct {
	Name   string // of its schema
	Says   string
	Fields []Field
}

// Field is a member of an object. One that is null is as if it were left out.
type Field struct {
	Name     string
	Form     Form
	Required bool
	Words    []string // of a Word
	Object   *Object  // of an Inner
	Says     string
}

// Form says what a field's value must be.
type Form int

// The forms.
const (
	Text     Form = iota // a string of at most 512 bytes
	ID                   // a string of 1 to 128 bytes, printable
	Word                 // one of the field's words
	Amount               // a decimal in a string, not negative
	Currency             // ISO 4217
	Country              // ISO 3166-1 alpha-2
	Time                 // RFC 3339
	Address              // of IP, version 4 or 6
	Flag                 // true or false
	Count                // a whole number from 0 on
	LastFour             // the last four digits of a card's number
	IMO                  // a ship's number, seven digits
	Inner                // the field's object
	Free                 // any JSON
	Never                // must not be sent at all
)

// Types lists the families, in the order in which they are told.
func Types() []Type { return types }

var types = []Type{
	{
		Family: "transaction", Says: "Money that comes or goes.",
		Names:   []string{"transaction.created", "transaction.pending", "transaction.settled", "transaction.declined", "transaction.reversed"},
		Data:    []Field{{Name: "transaction", Form: Inner, Object: transaction, Required: true}, session},
		Example: `{"transaction":{"id":"t-7001","amount":"12500.00","currency":"EUR","direction":"out","channel":"online","method":"sepa","account":"acc-ann","counterparty":{"name":"Example Trading FZE","country":"AE"},"purpose":"invoice 4711"},"session":{"device_id":"dev-9","ip":"203.0.113.7","country":"DE"}}`,
	},
	{
		Family: "onboarding", Says: "Steps by which somebody becomes a customer.",
		Names: []string{
			"onboarding.created", "onboarding.ddq_completed", "onboarding.verification_completed", "onboarding.completed",
			"onboarding.expired", "onboarding.revoked", "onboarding.link_regenerated",
		},
		Data:    []Field{{Name: "onboarding", Form: Inner, Object: onboarding}, session},
		Example: `{"onboarding":{"session_id":"onb-311","step":"identity","level":"standard","provider":"Example ID","outcome":"passed"},"session":{"ip":"203.0.113.7","country":"DE"}}`,
	},
	{
		Family: "login", Says: "Attempts of a customer to get in.",
		Names:   []string{"login.succeeded", "login.failed", "login.challenged", "login.locked"},
		Data:    []Field{{Name: "login", Form: Inner, Object: login}, session},
		Example: `{"login":{"method":"passkey","outcome":"failed","reason":"unknown device","attempts":3,"mfa":true},"session":{"device_id":"dev-9","ip":"2001:db8::7","country":"DE"}}`,
	},
	{
		Family: "account", Says: "The life of an account.",
		Names: []string{
			"account.opened", "account.frozen", "account.unfrozen", "account.dormant", "account.reactivated",
			"account.limit_changed", "account.closed",
		},
		Data:    []Field{{Name: "account", Form: Inner, Object: account}, session},
		Example: `{"account":{"id":"acc-ann","type":"current","currency":"EUR","status":"active","limit":"5000.00"}}`,
	},
	{
		Family: "card", Says: "The life of a card. Its full number, code and PIN must never be sent.",
		Names:   []string{"card.issued", "card.activated", "card.blocked", "card.unblocked", "card.lost", "card.stolen", "card.limit_changed", "card.expired"},
		Data:    []Field{{Name: "card", Form: Inner, Object: card}, session},
		Example: `{"card":{"id":"card-5","account":"acc-ann","last_four":"4242","network":"visa","type":"debit","status":"blocked","reason":"lost"}}`,
	},
}

var session = Field{Name: "session", Form: Inner, Object: &Object{
	Name: "EventSession", Says: "From where the customer acted. Windows over a device look at device_id.",
	Fields: []Field{
		{Name: "device_id", Form: Text, Says: "The device, as the institution knows it."},
		{Name: "ip", Form: Address},
		{Name: "country", Form: Country, Says: "Where the address is."},
		{Name: "user_agent", Form: Text},
	},
}}

var transaction = &Object{
	Name: "Transaction", Says: "Rules read it as transaction.",
	Fields: []Field{
		{Name: "id", Form: ID, Required: true},
		{Name: "amount", Form: Amount, Required: true, Says: "Never negative: direction says which way it goes. No more decimals than the currency has."},
		{Name: "currency", Form: Currency, Required: true},
		{Name: "direction", Form: Word, Required: true, Words: []string{"in", "out"}},
		{Name: "channel", Form: Text, Says: "Such as online, branch, atm or cash."},
		{Name: "method", Form: Text, Says: "Such as sepa or card."},
		{Name: "purpose", Form: Text},
		{Name: "account", Form: Text, Says: "Of the customer."},
		{Name: "reference", Form: Text},
		{Name: "counterparty", Form: Inner, Object: counterparty},
		{Name: "vessel", Form: Inner, Object: vessel},
		{Name: "metadata", Form: Free, Says: "The institution's own."},
	},
}

var counterparty = &Object{
	Name: "Counterparty", Says: "The other side of a transaction. Its name is screened, and so are whom it acts for and its bank, by name or BIC.",
	Fields: []Field{
		{Name: "name", Form: Text},
		{Name: "on_behalf_of", Form: Text, Says: "For whom it pays or is paid."},
		{Name: "account", Form: Text},
		{Name: "bank", Form: Text},
		{Name: "country", Form: Country},
	},
}

var vessel = &Object{
	Name: "Vessel", Says: "The ship that carries what a transaction pays for. It is screened by name and number.",
	Fields: []Field{
		{Name: "name", Form: Text},
		{Name: "imo", Form: IMO},
		{Name: "flag", Form: Country},
	},
}

var onboarding = &Object{
	Name: "Onboarding", Says: "A step of an onboarding.",
	Fields: []Field{
		{Name: "session_id", Form: ID, Says: "Of the whole onboarding."},
		{Name: "step", Form: Text, Says: "Such as identity, ddq or address."},
		{Name: "level", Form: Text, Says: "Of due diligence."},
		{Name: "provider", Form: Text, Says: "Who checked."},
		{Name: "outcome", Form: Word, Words: []string{"passed", "failed", "review"}},
		{Name: "reason", Form: Text},
		{Name: "expires_at", Form: Time},
	},
}

var login = &Object{
	Name: "Login", Says: "An attempt to get in.",
	Fields: []Field{
		{Name: "method", Form: Text, Says: "Such as password, passkey or sso."},
		{Name: "outcome", Form: Word, Words: []string{"succeeded", "failed", "challenged", "blocked"}},
		{Name: "reason", Form: Text},
		{Name: "attempts", Form: Count, Says: "In a row, this one too."},
		{Name: "mfa", Form: Flag, Says: "Whether a second factor was asked for."},
		{Name: "password", Form: Never},
	},
}

var account = &Object{
	Name: "EventAccount", Says: "The account that an event is about.",
	Fields: []Field{
		{Name: "id", Form: ID, Required: true},
		{Name: "type", Form: Text},
		{Name: "currency", Form: Currency},
		{Name: "status", Form: Word, Words: []string{"active", "frozen", "dormant", "closed"}},
		{Name: "limit", Form: Amount},
		{Name: "reason", Form: Text},
	},
}

var card = &Object{
	Name: "Card", Says: "The card that an event is about.",
	Fields: []Field{
		{Name: "id", Form: ID, Required: true, Says: "The institution's own, never the card's number."},
		{Name: "account", Form: Text, Says: "That it draws on."},
		{Name: "last_four", Form: LastFour},
		{Name: "network", Form: Text},
		{Name: "type", Form: Word, Words: []string{"debit", "credit", "prepaid"}},
		{Name: "status", Form: Word, Words: []string{"issued", "active", "blocked", "expired", "cancelled"}},
		{Name: "limit", Form: Amount},
		{Name: "reason", Form: Text},
		{Name: "number", Form: Never},
		{Name: "cvv", Form: Never},
		{Name: "pin", Form: Never},
	},
}
