package monitoring_test

import (
	"strings"
	"testing"

	"whocomply/domain"
	"whocomply/domain/monitoring"
)

// TestConditions evaluates conditions on the deposit of helpers_test.go.
func TestConditions(t *testing.T) {
	for condition, want := range map[string]bool{
		// texts
		`transaction.channel == "cash"`:                                          true,
		`transaction.channel == "Cash"`:                                          false,
		`lower("CASH") == transaction.channel`:                                   true,
		`transaction.reference.startsWith("Invoice")`:                            true,
		`transaction.reference.endsWith("43")`:                                   false,
		`transaction.counterparty.name.contains("Petrov")`:                       true,
		`transaction.counterparty.bank.matches("^Z.rcher")`:                      true,
		`size(transaction.counterparty.bank) == 12`:                              true,
		`transaction.counterparty.country in ["IR", "KY"]`:                       true,
		`!(transaction.counterparty.country in ["IR", "KY"])`:                    false,
		`transaction.counterparty.country != customer.country_of_residence`:      true,
		`transaction.currency + "/" + transaction.direction == "EUR/in"`:         true,
		`["cash", "atm"].exists(c, c == transaction.channel)`:                    true,
		`["cash", "atm"].exists_one(c, c == transaction.channel)`:                true,
		`["cash", "atm"].filter(c, c != transaction.channel) == ["atm"]`:         true,
		`["cash", "atm"].map(c, c + "!")[0] == "cash!"`:                          true,
		`size(["a", "b"]) == 2 && size({"a": 1}) == 1`:                           true,
		`transaction.purpose == ""`:                                              true,
		`(transaction.direction == "in" ? "cash" : "wire") == "cash"`:            true,
		`(customer.pep_declared ? customer.type : risk.rating) == "individual"`:  true,
		`(customer.pep_declared ? transaction.amount : risk.score) == 12000`:     true,
		`(customer.pep_declared ? event.data : {"fee": "2"}).fee == "1.50"`:      true,
		`transaction.counterparty.country in (true ? ["KY"] : ["IR"])`:           true,
		"transaction.channel == \"cash\" // counter\n && transaction.amount > 5": true,
		// presence
		`has(transaction.amount)`:               true,
		`has(transaction.purpose)`:              false,
		`has(transaction.counterparty)`:         true,
		`has(transaction.counterparty.account)`: false,
		`has(customer.pep_declared)`:            true,
		`has(event.data)`:                       true,
		`has(event.data.fee)`:                   true,
		`has(event.data.absent)`:                false,
		// customer and risk
		`customer.pep_declared && transaction.amount > 10000`: true,
		`risk.score >= 42 && risk.score < 42.5`:               true,
		`risk.rating in ["high", "prohibited"]`:               false,
		`risk.sanctions_flag || risk.pep_flag`:                true,
		`customer.kyc_status != "verified"`:                   false,
		// time
		`event.occurred_at.getHours() >= 22 || event.occurred_at.getHours() < 5`:                                    true,
		`event.occurred_at.getDayOfWeek() == 1 && event.occurred_at.getDate() == 2`:                                 true,
		`event.occurred_at.getMonth() == 2 && event.occurred_at.getFullYear() == 2026`:                              true,
		`event.occurred_at.getMinutes() == 30`:                                                                      true,
		`event.occurred_at < timestamp("2026-03-02T23:30:01Z")`:                                                     true,
		`event.occurred_at - timestamp("2026-03-01T23:30:00Z") == duration("24h")`:                                  true,
		`event.occurred_at + duration("1h") >= timestamp("2026-03-03T00:30:00Z")`:                                   true,
		`event.occurred_at - duration("1h") <= timestamp("2026-03-02T00:00:00Z")`:                                   false,
		`duration("90m") > duration("1h") && duration("1h") + duration("30m") - duration("90m") == duration("0s")`:  true,
		`event.type == "transaction.created" && event.id == "evt-1" && customer.id + customer.external_id != "abc"`: true,
		// event.data
		`event.data.count == 3`:                                             true,
		`3 == event.data.count && 3.0 == event.data.count`:                  true,
		`event.data.count in [1, 2, 3]`:                                     true,
		`event.data.count == "3"`:                                           false,
		`decimal(event.data.fee) > 1.49`:                                    true,
		`decimal(event.data.count) + 1 == 4`:                                true,
		`event.data.rate == 0.01`:                                           true,
		`event.data.flag == true`:                                           true,
		`event.data.none == null`:                                           true,
		`event.data["fee"] == "1.50"`:                                       true,
		`event.data.items[1].amount == 20`:                                  true,
		`event.data.items.exists(i, i.amount == 10.1)`:                      true,
		`event.data.items.all(i, i.amount > 10.1)`:                          false,
		`size(event.data.tags) == 2 && "b" in event.data.tags`:              true,
		`event.data.exists(k, k == "fee")`:                                  true,
		`event.data.map(k, k)[0] == "count"`:                                true, // keys are sorted
		`"fee" in event.data && !("absent" in event.data)`:                  true,
		`event.data.transaction.id == transaction.id && size(event.data)>7`: true,
		// an error that cannot change the answer is none
		`transaction.amount > 1 || event.data.absent > 1`: true,
		`event.data.absent > 1 || transaction.amount > 1`: true,
		`event.data.absent > 1 && transaction.amount < 1`: false,
	} {
		if fired, reason := evaluate(condition, deposit(t)); fired != want || reason != "" {
			t.Errorf("%s: %t %s, want %t", condition, fired, reason, want)
		}
	}
}

// TestFailures evaluates what cannot be: never a silent pass, never a panic.
func TestFailures(t *testing.T) {
	long := deposit(t)
	long.Transaction.Reference = strings.Repeat("x", 5000)
	broken := deposit(t)
	broken.Event.Data = []byte(`[1]`)
	for _, tt := range []struct {
		condition string
		in        monitoring.Input
		reason    string
	}{
		{`transaction.amount > 1`, login(t), "at 1:12: the event has no transaction"},
		{`transaction.counterparty.country == "IR"`, login(t), "at 1:25: the event has no transaction"},
		{`risk.score > 1 && transaction.amount > 1`, login(t), "at 1:30: the event has no transaction"},
		{`1 / (risk.score - 42) > 1`, deposit(t), "at 1:3: division by zero"},
		{`1 % (risk.score - 42) > 1`, deposit(t), "at 1:3: division by zero"},
		{`transaction.amount * 9999999999999999.0 > 1`, deposit(t), "at 1:20: the result needs more than 19 digits"},
		{`9223372036854775807 + 9223372036854775807 > transaction.amount`, deposit(t), "at 1:21: the result needs more than 19 digits"},
		{`decimal("9999999999999999999") + (risk.score - 42.0) > 1`, deposit(t), "at 1:32: the result needs more than 19 digits"},
		{`event.data.absent == 1`, deposit(t), "at 1:11: no such key: absent"},
		{`has(event.data.absent.x)`, deposit(t), "at 1:4: no such key: absent"},
		{`event.data.items[2].amount == 1`, deposit(t), "at 1:20: index out of bounds: 2"},
		{`event.data.fee > 1`, deposit(t), "at 1:16: values of different kinds cannot be compared or combined"},
		{`1 < event.data.fee`, deposit(t), "at 1:3: values of different kinds cannot be compared or combined"},
		{`event.data.fee + 1 == 2`, deposit(t), "at 1:16: values of different kinds cannot be compared or combined"},
		{`event.data.fee * 2 == 3`, deposit(t), "at 1:16: values of different kinds cannot be compared or combined"},
		{`decimal(event.data.tags) == 3`, deposit(t), "at 1:8: values of different kinds cannot be compared or combined"},
		{`decimal(transaction.channel) == 3`, deposit(t), `at 1:8: "cash" is not a decimal number such as "1200.50"`},
		{`event.data.huge > 1`, deposit(t), `at 1:11: a number in event.data does not fit: "123456789012345678901234567890" has more than 19 digits`},
		{`transaction.reference == "x"`, long, "at 1:12: a text of more than 4096 bytes"},
		// errors that CEL shares between programs have no place
		{`event.data.count.matches("a")`, deposit(t), "values of different kinds cannot be compared or combined"},
		{`timestamp(customer.pep_declared ? "0000-01-01T00:00:00Z" : "") < event.occurred_at`, deposit(t), "timestamp overflow"},
		{`event.data.x == 1`, broken, "at 1:6: event.data is not a JSON object"},
	} {
		if fired, reason := evaluate(tt.condition, tt.in); fired || reason != tt.reason {
			t.Errorf("%s: %t %q\nwant %q", tt.condition, fired, reason, tt.reason)
		}
	}
}

// TestGuards holds that a rule can look at events with and without a transaction.
func TestGuards(t *testing.T) {
	for condition, want := range map[string]bool{
		`has(transaction.amount) && transaction.amount > 10000`:            false,
		`transaction.amount > 10000 && has(transaction.amount)`:            false,
		`has(transaction.amount) ? transaction.amount > 1 : risk.score>40`: true,
		`has(transaction.counterparty)`:                                    false,
		`!has(transaction.counterparty.country)`:                           true,
		`event.type == "transaction.created" && transaction.amount > 1`:    false,
		`size(event.data) == 0`:                                            true,
	} {
		if fired, reason := evaluate(condition, login(t)); fired != want || reason != "" {
			t.Errorf("%s: %t %s, want %t", condition, fired, reason, want)
		}
	}
}

// TestRefused holds what an author is told about a condition that cannot be.
func TestRefused(t *testing.T) {
	for condition, want := range map[string]string{
		`transaction.amont > 5`:                          "condition at 1:12: undefined field 'amont'",
		`transaction.counterparty.contry == "IR"`:        "condition at 1:25: undefined field 'contry'",
		"risk.score > 5 &&\n  acount.id == \"1\"":        "condition at 2:3: undeclared reference to 'acount'",
		`transaction.amount > "5"`:                       "condition at 1:20: '>' cannot be applied to (decimal, string)",
		`transaction.channel == 5`:                       "condition at 1:21: '==' cannot be applied to (string, decimal)",
		`transaction.amount in ["5"]`:                    "condition at 1:20: 'in' cannot be applied to (decimal, list(string))",
		`transaction.amount.x == 5`:                      "condition at 1:19: undefined field 'x'",
		`transaction.amount`:                             "condition at 1:1: must be true or false, but is decimal",
		`event.data.flag`:                                "condition at 1:1: must be true or false, but is dyn",
		`transaction != null`:                            "condition at 1:1: transaction has no value of its own: name one of its fields",
		`[customer.id].size() == 1`:                      "condition at 1:19: 'size' cannot be applied to list(string).()",
		`size([transaction.counterparty]) == 1`:          "condition at 1:7: transaction.counterparty has no value of its own: name one of its fields",
		`transaction{id: "1"}.id == "1"`:                 "condition at 1:12: objects cannot be made in a condition",
		`event.data.items.exists(risk, risk.amount > 5)`: "condition at 1:24: risk is taken: give the variable another name",
		`transaction.amount > 1e3`:                       "condition at 1:22: a number is written without an exponent",
		`transaction.amount > -1.5E-3`:                   "condition at 1:22: a number is written without an exponent",
		`transaction.amount > .5`:                        `condition at 1:22: ".5" is not a decimal number such as "1200.50"`,
		`transaction.amount > 1.00000000000000000000001`: `condition at 1:22: "1.00000000000000000000001" has more than 19 digits`,
		`transaction.amount > decimal("1,000.00")`:       `condition at 1:30: "1,000.00" is not a decimal number such as "1200.50"`,
		`transaction.amount >`:                           "condition at 1:21: Syntax error: mismatched input '<EOF>'",
		`transaction.amount = 5`:                         "condition at 1:20: Syntax error: token recognition error at: '= '",
		`transaction.reference.matches("(")`:             "condition at 1:31: invalid matches argument",
		`event.occurred_at > timestamp("yesterday")`:     "condition at 1:31: invalid timestamp argument",
		`double(transaction.amount) > 5`:                 "condition at 1:7: undeclared reference to 'double'",
		`event.data.a.all(x, event.data.b.all(y, event.data.c.all(z, x.v + y.v > z.v)))`: "condition could cost ",
		strings.Repeat("(", 100) + "true" + strings.Repeat(")", 100):                     "condition",
	} {
		_, err := monitoring.New().DecideCreate(meta(1), monitoring.CreateRule{Rule: rule(condition)})
		if domain.CodeOf(err) != domain.Invalid || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v\nwant %s", condition, err, want)
		}
	}
}
