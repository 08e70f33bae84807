package monitoring

import "whocomply/domain"

// Catalogue gives the standard typologies as templates, each with the defaults that its sources
// name. Fixtures in testdata/monitoring say when each fires and when it does not.
func Catalogue() []Template { return append(amountTypologies(), behaviourTypologies()...) }

// amountTypologies look at amounts, thresholds and who is on the other side.
func amountTypologies() []Template {
	return []Template{
		{
			ID: "structuring", Name: "Structuring", Severity: domain.High, Score: 40,
			Description: "Repeated cash amounts just below a reporting threshold.",
			Tags:        []string{"structuring", "FATF R.20", "FFIEC Appendix F"}, EventTypes: []string{"transaction.*"}, DedupBy: "customer", CoolDown: "24h",
			Condition: `transaction.currency == {currency} &&
				transaction.amount >= {from} &&
				transaction.amount < {threshold} &&
				transaction.channel in {channels} &&
				customer.last({window}).direction(transaction.direction).currency({currency}).channel({channels}).at_least({from}).below({threshold}).count() >= {times} &&
				customer.last({window}).direction(transaction.direction).currency({currency}).channel({channels}).at_least({from}).below({threshold}).sum() >= {total}`,
			Parameters: []Parameter{
				{"currency", "currency", "EUR", "the currency that the amounts are in"},
				{"threshold", "amount", "10000", "the reporting threshold"},
				{"from", "amount", "8500", "what is near to it"},
				{"times", "number", "3", "how often"},
				{"total", "amount", "25000", "in sum"},
				{"window", "span", "30d", "within"},
				{"channels", "words", "cash atm counter", "channels by which cash moves"},
			},
		},
		{
			ID: "smurfing", Name: "Smurfing", Severity: domain.High, Score: 35,
			Description: "Amounts below a threshold from several sources that together exceed it.",
			Tags:        []string{"smurfing", "FATF R.20"}, EventTypes: []string{"transaction.*"}, DedupBy: "customer", CoolDown: "24h",
			Condition: `transaction.currency == {currency} &&
				transaction.direction == "in" &&
				transaction.amount < {threshold} &&
				customer.last({window}).direction("in").currency({currency}).below({threshold}).counterparties() >= {sources} &&
				customer.last({window}).direction("in").currency({currency}).below({threshold}).sum() >= {threshold}`,
			Parameters: []Parameter{
				{"currency", "currency", "EUR", "the currency that the amounts are in"},
				{"threshold", "amount", "10000", "the reporting threshold"},
				{"sources", "number", "3", "different payers"},
				{"window", "span", "7d", "within"},
			},
		},
		{
			ID: "cash-aggregate", Name: "Cash aggregate", Severity: domain.Medium, Score: 25,
			Description: "Cash of a day that together reaches the reporting threshold.",
			Tags:        []string{"cash", "FATF R.20", "31 CFR 1010.311"}, EventTypes: []string{"transaction.*"}, DedupBy: "customer", CoolDown: "24h",
			Condition: `transaction.currency == {currency} &&
				transaction.channel in {channels} &&
				customer.last({window}).direction(transaction.direction).currency({currency}).channel({channels}).sum() >= {threshold}`,
			Parameters: []Parameter{
				{"currency", "currency", "EUR", "the currency that the amounts are in"},
				{"threshold", "amount", "10000", "the reporting threshold"},
				{"window", "span", "24h", "within"},
				{"channels", "words", "cash atm counter", "channels by which cash moves"},
			},
		},
		{
			ID: "large-single", Name: "Large single transaction", Severity: domain.Medium, Score: 20,
			Description: "One transaction of a large amount.",
			Tags:        []string{"large amount", "FATF R.10"}, EventTypes: []string{"transaction.*"}, DedupBy: "customer", CoolDown: "24h",
			Condition: `transaction.currency == {currency} &&
				transaction.amount >= {threshold}`,
			Parameters: []Parameter{
				{"currency", "currency", "EUR", "the currency that the amounts are in"},
				{"threshold", "amount", "10000", "a large amount"},
			},
		},
		{
			ID: "rapid-movement", Name: "Rapid movement of funds", Severity: domain.High, Score: 35,
			Description: "Large sums come in and leave again within days.",
			Tags:        []string{"layering", "FATF R.20"}, EventTypes: []string{"transaction.*"}, DedupBy: "customer", CoolDown: "24h",
			Condition: `transaction.currency == {currency} &&
				transaction.direction == "out" &&
				customer.last({window}).currency({currency}).count() >= {times} &&
				customer.last({window}).direction("in").currency({currency}).sum() >= {total} &&
				customer.last({window}).direction("out").currency({currency}).sum() >= {total}`,
			Parameters: []Parameter{
				{"currency", "currency", "EUR", "the currency that the amounts are in"},
				{"total", "amount", "50000", "each way"},
				{"times", "number", "4", "transactions"},
				{"window", "span", "7d", "within"},
			},
		},
		{
			ID: "pass-through", Name: "Pass-through account", Severity: domain.High, Score: 40,
			Description: "What comes in goes out again the same day, and nearly nothing stays.",
			Tags:        []string{"layering", "mule", "FATF R.20"}, EventTypes: []string{"transaction.*"}, DedupBy: "customer", CoolDown: "24h",
			Condition: `transaction.currency == {currency} &&
				transaction.direction == "out" &&
				customer.last({window}).direction("in").currency({currency}).sum() >= {total} &&
				customer.last({window}).direction("out").currency({currency}).sum() >= {share} * customer.last({window}).direction("in").currency({currency}).sum()`,
			Parameters: []Parameter{
				{"currency", "currency", "EUR", "the currency that the amounts are in"},
				{"total", "amount", "50000", "that came in"},
				{"share", "number", "0.95", "of it that leaves"},
				{"window", "span", "24h", "within"},
			},
		},
		{
			ID: "dormant-reactivation", Name: "Dormant account reactivated", Severity: domain.Medium, Score: 30,
			Description: "An account that was still for long moves a large sum.",
			Tags:        []string{"dormant", "FFIEC Appendix F"}, EventTypes: []string{"transaction.*"}, DedupBy: "customer", CoolDown: "24h",
			Condition: `transaction.currency == {currency} &&
				customer.between("400d", {dormant}).count() > 0 &&
				customer.between({dormant}, {window}).count() == 0 &&
				customer.last({window}).currency({currency}).sum() >= {total}`,
			Parameters: []Parameter{
				{"currency", "currency", "EUR", "the currency that the amounts are in"},
				{"total", "amount", "10000", "that moves"},
				{"dormant", "span", "180d", "still since"},
				{"window", "span", "7d", "within"},
			},
		},
		{
			ID: "new-account", Name: "High value through a new account", Severity: domain.Medium, Score: 25,
			Description: "A customer whose first transaction is recent moves a large sum.",
			Tags:        []string{"new account", "FATF R.10"}, EventTypes: []string{"transaction.*"}, DedupBy: "customer", CoolDown: "24h",
			Condition: `transaction.currency == {currency} &&
				customer.between("400d", {age}).count() == 0 &&
				customer.last({age}).currency({currency}).sum() >= {total}`,
			Parameters: []Parameter{
				{"currency", "currency", "EUR", "the currency that the amounts are in"},
				{"total", "amount", "15000", "that moves"},
				{"age", "span", "30d", "since the first transaction at most"},
			},
		},
		{
			ID: "high-risk-country", Name: "Transfer with a listed jurisdiction", Severity: domain.High, Score: 35,
			Description: "A transfer with a jurisdiction on a list of the FATF.",
			Tags:        []string{"geography", "FATF R.19"}, EventTypes: []string{"transaction.*"}, DedupBy: "counterparty", CoolDown: "24h",
			Condition: `transaction.currency == {currency} &&
				transaction.amount >= {threshold} &&
				(transaction.counterparty.country in lists.{call_for_action} || transaction.counterparty.country in lists.{monitored})`,
			Parameters: []Parameter{
				{"currency", "currency", "EUR", "the currency that the amounts are in"},
				{"threshold", "amount", "3000", "from"},
				{"call_for_action", "list", "fatf_black", "reference list of jurisdictions subject to a call for action"},
				{"monitored", "list", "fatf_grey", "reference list of jurisdictions under increased monitoring"},
			},
		},
		{
			ID: "listed-counterparty", Name: "Listed counterparty", Severity: domain.Critical, Score: 60,
			Description: "The counterparty's name is on a watchlist.",
			Tags:        []string{"screening", "FATF R.6", "FATF R.12"}, EventTypes: []string{"transaction.*"}, DedupBy: "counterparty", CoolDown: "24h",
			Condition: `has(transaction.counterparty.listed) &&
				transaction.amount >= {threshold}`,
			Parameters: []Parameter{
				{"threshold", "amount", "0", "from, in any currency"},
			},
		},
		{
			ID: "round-amounts", Name: "Round amounts", Severity: domain.Low, Score: 10,
			Description: "Repeated large round amounts.",
			Tags:        []string{"round amounts", "FFIEC Appendix F"}, EventTypes: []string{"transaction.*"}, DedupBy: "customer", CoolDown: "24h",
			Condition: `transaction.currency == {currency} &&
				transaction.amount >= {multiple} &&
				transaction.amount % {multiple} == 0 &&
				customer.last({window}).direction(transaction.direction).currency({currency}).multiple_of({multiple}).count() >= {times}`,
			Parameters: []Parameter{
				{"currency", "currency", "EUR", "the currency that the amounts are in"},
				{"multiple", "amount", "1000", "multiples of"},
				{"times", "number", "3", "how often"},
				{"window", "span", "7d", "within"},
			},
		},
		{
			ID: "velocity-count", Name: "Burst of transactions", Severity: domain.Medium, Score: 20,
			Description: "Many more transactions in a day than on the days before.",
			Tags:        []string{"velocity", "FATF R.20"}, EventTypes: []string{"transaction.*"}, DedupBy: "customer", CoolDown: "24h",
			Condition: `customer.last("24h").count() >= {least} &&
				customer.last("24h").count() * 30 >= {factor} * customer.between("31d", "24h").count() &&
				customer.between("31d", "24h").count() > 0`,
			Parameters: []Parameter{
				{"least", "number", "6", "transactions in 24 hours"},
				{"factor", "number", "3", "times the daily mean of 30 days"},
			},
		},
		{
			ID: "velocity-sum", Name: "Velocity of amounts", Severity: domain.Low, Score: 10,
			Description: "Sums within a week above a limit, lower for customers of high risk.",
			Tags:        []string{"velocity", "FATF R.10"}, EventTypes: []string{"transaction.*"}, DedupBy: "customer", CoolDown: "7d",
			Condition: `transaction.currency == {currency} &&
				customer.last({window}).direction(transaction.direction).currency({currency}).sum() >= (risk.rating in ["high", "prohibited"] ? {high_risk} : {limit})`,
			Parameters: []Parameter{
				{"currency", "currency", "EUR", "the currency that the amounts are in"},
				{"limit", "amount", "3000", "for all"},
				{"high_risk", "amount", "1000", "for customers of high risk"},
				{"window", "span", "7d", "within"},
			},
		},
	}
}
