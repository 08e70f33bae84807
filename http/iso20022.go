package http

import (
	"net/http"

	"whocomply/domain"
	"whocomply/domain/activity/iso20022"
	"whocomply/domain/ledger"
)

func (s *Server) messageRoutes() []route {
	return []route{{"POST", tenants + "/events/iso20022", "events:write", s.postMessage}}
}

// postMessage records each credit transfer of a pacs.008 or pain.001 as an event. The customer is the
// debtor, or with direction=in the creditor: whoever the parameter customer_id names, or else the owner
// of that side's account.
func (s *Server) postMessage(c *call) error {
	var in struct {
		Direction  string `query:"direction" validate:"omitempty,oneof=in out"`
		CustomerID string `query:"customer_id"`
	}
	if _, err := c.query(&in); err != nil {
		return err
	}
	if in.Direction == "" {
		in.Direction = iso20022.Out
	}
	text, err := c.readXML()
	if err != nil {
		return err
	}
	message, err := iso20022.Parse(text)
	if err != nil {
		return err
	}
	answer := batchAnswer{Results: make([]batchResult, len(message.Transfers))}
	var cmds []ledger.Command
	var at []int
	for i := range message.Transfers {
		cmd, err := c.transfer(message, i, in.Direction, in.CustomerID)
		if err != nil {
			c.refuse(&answer, i, err)
			continue
		}
		cmds, at = append(cmds, cmd), append(at, i)
	}
	outcomes, errs := s.Ledgers.ExecuteAll(c.Context(), c.caller.slug, c.caller.actor, cmds)
	if len(errs) > 0 && len(errs) == len(message.Transfers) && allUnavailable(errs) {
		return errs[0]
	}
	if err := c.settleBatch(&answer, at, outcomes, errs); err != nil {
		return err
	}
	return c.ok(http.StatusOK, answer)
}

// transfer makes the command that records one transfer.
func (c *call) transfer(m *iso20022.Message, i int, direction, customer string) (*ledger.RecordEvent, error) {
	if err := c.view(func(s *ledger.State) error {
		account := s.Books.Account(m.Transfers[i].Customer(direction).Account)
		if named := s.Customers.Find(customer); named != nil {
			customer = named.ID // so that however the customer was named, a repetition is one
		} else if customer == "" && account != nil {
			customer = account.Account.CustomerID
		}
		return nil
	}); err != nil {
		return nil, err
	}
	if customer == "" {
		side := map[string]string{iso20022.Out: "DbtrAcct", iso20022.In: "CdtrAcct"}[direction]
		return nil, domain.InvalidField(side, "is no account of a customer's; open the account, or name the customer by customer_id")
	}
	input, err := m.Event(i, direction, customer)
	return &ledger.RecordEvent{Input: input}, err
}
