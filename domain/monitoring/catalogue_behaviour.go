package monitoring

import "whocomply/domain"

// behaviourTypologies look at how a customer acts against what is usual, and at the flow of money.
func behaviourTypologies() []Template {
	return []Template{
		{
			ID: "spike", Name: "Spike against baseline", Severity: domain.Medium, Score: 25,
			Description: "A week's sum is a multiple of what the weeks before had.",
			Tags:        []string{"behaviour", "FATF R.20"}, EventTypes: []string{"transaction.*"}, DedupBy: "customer", CoolDown: "7d",
			Condition: `transaction.currency == {currency} &&
				customer.between("97d", "7d").direction(transaction.direction).currency({currency}).count() >= {least} &&
				customer.last("7d").direction(transaction.direction).currency({currency}).sum() >= {total} &&
				customer.last("7d").direction(transaction.direction).currency({currency}).ratio_to(customer.between("97d", "7d").direction(transaction.direction).currency({currency})) > {factor}`,
			Parameters: []Parameter{
				{"currency", "currency", "EUR", "the currency that the amounts are in"},
				{"factor", "number", "5", "times the baseline of 90 days"},
				{"total", "amount", "5000", "in 7 days"},
				{"least", "number", "5", "transactions in the baseline"},
			},
		},
		{
			ID: "peer-deviation", Name: "Deviation from peers", Severity: domain.Medium, Score: 20,
			Description: "A month's sum is far above that of the customer's peers.",
			Tags:        []string{"behaviour", "FATF R.10"}, EventTypes: []string{"transaction.*"}, DedupBy: "customer", CoolDown: "30d",
			Condition: `transaction.currency == {currency} &&
				customer.type in {types} &&
				customer.last({window}).direction(transaction.direction).currency({currency}).sum() > {mean} + {sigmas} * {deviation}`,
			Parameters: []Parameter{
				{"currency", "currency", "EUR", "the currency that the amounts are in"},
				{"types", "words", "individual", "the customers that are peers"},
				{"mean", "amount", "4000", "of the peers' sums"},
				{"deviation", "amount", "6000", "standard deviation of the peers' sums"},
				{"sigmas", "number", "3", "how far above"},
				{"window", "span", "30d", "within"},
			},
		},
		{
			ID: "declared-income", Name: "More than declared", Severity: domain.Medium, Score: 25,
			Description: "A month's income is a multiple of what the customer declared.",
			Tags:        []string{"behaviour", "FATF R.10"}, EventTypes: []string{"transaction.*"}, DedupBy: "customer", CoolDown: "30d",
			Condition: `transaction.currency == {currency} &&
				transaction.direction == "in" &&
				has(customer.declared_monthly) &&
				customer.last("30d").direction("in").currency({currency}).sum() > {factor} * customer.declared_monthly`,
			Parameters: []Parameter{
				{"currency", "currency", "EUR", "the currency that the amounts are in"},
				{"factor", "number", "2", "times what was declared a month"},
			},
		},
		{
			ID: "fan-in", Name: "Fan-in", Severity: domain.High, Score: 30,
			Description: "Many payers pay one customer within a short time.",
			Tags:        []string{"fan-in", "mule", "FATF R.20"}, EventTypes: []string{"transaction.*"}, DedupBy: "customer", CoolDown: "24h",
			Condition: `transaction.direction == "in" &&
				customer.last({window}).direction("in").counterparties() >= {sources}`,
			Parameters: []Parameter{
				{"sources", "number", "5", "different payers"},
				{"window", "span", "24h", "within"},
			},
		},
		{
			ID: "fan-out", Name: "Fan-out", Severity: domain.High, Score: 30,
			Description: "One customer pays many payees within a short time.",
			Tags:        []string{"fan-out", "layering", "FATF R.20"}, EventTypes: []string{"transaction.*"}, DedupBy: "customer", CoolDown: "24h",
			Condition: `transaction.direction == "out" &&
				customer.last({window}).direction("out").counterparties() >= {payees}`,
			Parameters: []Parameter{
				{"payees", "number", "5", "different payees"},
				{"window", "span", "8h", "within"},
			},
		},
		{
			ID: "circular-flow", Name: "Circular flow", Severity: domain.High, Score: 35,
			Description: "An amount that the customer paid comes back, less a part, from another side.",
			Tags:        []string{"circular", "layering", "FATF R.20"}, EventTypes: []string{"transaction.*"}, DedupBy: "customer", CoolDown: "24h",
			Condition: `transaction.direction == "in" &&
				transaction.amount >= {least} &&
				customer.last({window}).earlier().direction("out").currency(transaction.currency).at_least(transaction.amount).at_most(transaction.amount / {share}).count() > 0 &&
				customer.last({window}).earlier().direction("in").same_counterparty().count() == 0`,
			Parameters: []Parameter{
				{"least", "amount", "1000", "from, in any currency"},
				{"share", "number", "0.8", "of it that comes back at least"},
				{"window", "span", "10d", "within"},
			},
		},
		{
			ID: "mirroring", Name: "Mirrored transfers", Severity: domain.Medium, Score: 25,
			Description: "An amount that came in leaves again within a day.",
			Tags:        []string{"mirroring", "layering", "FATF R.20"}, EventTypes: []string{"transaction.*"}, DedupBy: "customer", CoolDown: "24h",
			Condition: `transaction.direction == "out" &&
				transaction.amount >= {least} &&
				customer.last({window}).earlier().direction("in").currency(transaction.currency).at_least(transaction.amount / (1 + {tolerance})).at_most(transaction.amount / (1 - {tolerance})).count() > 0`,
			Parameters: []Parameter{
				{"least", "amount", "1000", "from, in any currency"},
				{"tolerance", "number", "0.1", "of the amount"},
				{"window", "span", "24h", "within"},
			},
		},
		{
			ID: "similar-amounts", Name: "Similar amounts", Severity: domain.Low, Score: 15,
			Description: "Repeated transactions of nearly the same amount with different counterparties.",
			Tags:        []string{"similar amounts", "FATF R.20"}, EventTypes: []string{"transaction.*"}, DedupBy: "customer", CoolDown: "24h",
			Condition: `transaction.amount >= {least} &&
				customer.last({window}).direction(transaction.direction).currency(transaction.currency).at_least(transaction.amount * (1 - {tolerance})).at_most(transaction.amount * (1 + {tolerance})).counterparties() >= {times}`,
			Parameters: []Parameter{
				{"least", "amount", "500", "from, in any currency"},
				{"tolerance", "number", "0.1", "of the amount"},
				{"times", "number", "4", "different counterparties"},
				{"window", "span", "7d", "within"},
			},
		},
		{
			ID: "new-payee", Name: "New payee", Severity: domain.Low, Score: 10,
			Description: "The first payment to a payee is large.",
			Tags:        []string{"new payee", "fraud"}, EventTypes: []string{"transaction.*"}, DedupBy: "counterparty", CoolDown: "24h",
			Condition: `transaction.currency == {currency} &&
				transaction.direction == "out" &&
				transaction.amount >= {threshold} &&
				customer.between({known}, "1d").count() > 0 &&
				customer.last({known}).earlier().direction("out").same_counterparty().count() == 0`,
			Parameters: []Parameter{
				{"currency", "currency", "EUR", "the currency that the amounts are in"},
				{"threshold", "amount", "1000", "from"},
				{"known", "span", "400d", "not paid within"},
			},
		},
		{
			ID: "ramp-then-drain", Name: "Ramp, then drain", Severity: domain.High, Score: 35,
			Description: "A quiet account suddenly pays out a large sum.",
			Tags:        []string{"mule", "fraud", "FATF R.20"}, EventTypes: []string{"transaction.*"}, DedupBy: "customer", CoolDown: "24h",
			Condition: `transaction.currency == {currency} &&
				transaction.direction == "out" &&
				customer.between("400d", {quiet}).count() > 0 &&
				customer.between({quiet}, {window}).currency({currency}).sum() < {little} &&
				customer.last({window}).direction("out").currency({currency}).sum() >= {total}`,
			Parameters: []Parameter{
				{"currency", "currency", "EUR", "the currency that the amounts are in"},
				{"total", "amount", "20000", "that leaves"},
				{"little", "amount", "500", "that moved before, in sum"},
				{"quiet", "span", "60d", "quiet since"},
				{"window", "span", "72h", "within"},
			},
		},
		{
			ID: "impossible-travel", Name: "Impossible travel", Severity: domain.High, Score: 30,
			Description: "The customer acts from more than one country within a short time.",
			Tags:        []string{"session", "fraud"}, EventTypes: []string{"*"}, DedupBy: "customer", CoolDown: "24h",
			Condition: `has(session.country) &&
				customer.last({window}).type([event.type, "transaction.created", "session.opened"]).places() >= 2`,
			Parameters: []Parameter{
				{"window", "span", "2h", "within"},
			},
		},
		{
			ID: "shared-device", Name: "Shared identifiers", Severity: domain.High, Score: 30,
			Description: "Several customers act from one device.",
			Tags:        []string{"shared identifiers", "mule", "fraud"}, EventTypes: []string{"*"}, DedupBy: "device", CoolDown: "7d",
			Condition: `has(session.device) &&
				device.last({window}).type([event.type, "transaction.created", "session.opened"]).customers() >= {customers}`,
			Parameters: []Parameter{
				{"customers", "number", "3", "different customers"},
				{"window", "span", "30d", "within"},
			},
		},
	}
}
