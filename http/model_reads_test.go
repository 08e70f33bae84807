package http_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"pgregory.net/rapid"
)

func tellCustomer(a *answer) string {
	var told struct {
		Version int                     `json:"version"`
		Status  string                  `json:"status"`
		Reason  string                  `json:"status_reason"`
		Phone   string                  `json:"phone"`
		KYC     struct{ Status string } `json:"kyc"`
		Alerts  []string                `json:"open_alerts"`
	}
	if err := json.Unmarshal(a.Data, &told, json.MatchCaseInsensitiveNames(true)); err != nil {
		return err.Error()
	}
	return fmt.Sprint(told.Version, " ", told.Status, " ", told.Reason, " ", told.Phone, " ", told.KYC.Status, " ", strings.Join(told.Alerts, ","))
}

func tellView(a *answer) string {
	return a.get("/status") + " " + a.get("/kyc_status") + " " + a.get("/open_alerts")
}

func tellAccount(a *answer) string {
	return strings.Join([]string{
		a.get("/balances/posted/debits"), a.get("/balances/posted/credits"), a.get("/balances/pending/debits"), a.get("/balances/pending/credits"),
	}, " ")
}

func (c *caller) readCustomer() {
	id := c.customerID("customer")
	if c.model.customers[id] == nil {
		c.read(http.StatusNotFound, "/customers/"+escape(id))
		return
	}
	c.equal("the customer", tellCustomer(c.read(http.StatusOK, "/customers/"+escape(id))), c.model.showCustomer(id))
}

func (c *caller) readAccount() {
	id := c.accountID("account")
	known := c.model.accounts[id]
	if known == nil {
		c.read(http.StatusNotFound, "/accounts/"+id)
		return
	}
	c.equal("the account", tellAccount(c.read(http.StatusOK, "/accounts/"+id)), known.shown())
}

func (c *caller) readThing() {
	switch c.pick("thing", "alert", "rule", "posting", "event") {
	case "alert":
		if id := c.alertID(); id == "alr_x" {
			c.read(http.StatusNotFound, "/alerts/"+id)
		} else {
			c.equal("the alert", c.read(http.StatusOK, "/alerts/"+id).get("/status"), c.model.alerts[id].status)
		}
	case "rule":
		if id := c.ruleID(); id == "rul_x" {
			c.read(http.StatusNotFound, "/monitoring-rules/"+id)
		} else {
			c.equal("the rule", c.read(http.StatusOK, "/monitoring-rules/"+id).get("/version"), fmt.Sprint(c.model.rules[id].version))
		}
	case "posting":
		if id := c.postingID("posting"); c.model.postings[id] == nil {
			c.read(http.StatusNotFound, "/postings/"+id)
		} else {
			c.equal("the posting", c.read(http.StatusOK, "/postings/"+id).get("/status"), c.model.postings[id].status)
		}
	case "event":
		id := fmt.Sprint("e-", rapid.IntRange(0, 30).Draw(c.T, "event"))
		if e, known := c.model.events[id]; !known {
			c.read(http.StatusNotFound, "/events/"+id)
		} else {
			c.equal("the event", c.read(http.StatusOK, "/events/"+id).get("/score"), fmt.Sprint(e.score))
		}
	}
}

func (c *caller) readTotals() {
	m := c.model
	totals := map[string]int{
		"/customers?limit=1":                  len(m.customers),
		"/customers?status=closed&limit=1":    count(m.customers, func(k *modelCustomer) bool { return k.status == "closed" }),
		"/customers?kyc_status=verified":      count(m.customers, func(k *modelCustomer) bool { return k.profile.kyc == "verified" }),
		"/alerts?status=open&limit=1":         count(m.alerts, func(a *modelAlert) bool { return a.status == "open" }),
		"/alerts?assignee=ann":                count(m.alerts, func(a *modelAlert) bool { return a.assignee == "ann" }),
		"/accounts":                           len(m.accounts),
		"/postings?status=pending":            count(m.postings, func(p *modelPosting) bool { return p.status == "pending" }),
		"/postings?limit=1":                   len(m.postings),
		"/events?limit=1":                     len(m.events),
		"/monitoring-rules":                   len(m.rules),
		"/watchlist-entries?list=own&limit=1": count(m.entries, func(name string) bool { return name != "" }),
	}
	path := c.pick("list", slices.Sorted(maps.Keys(totals))...)
	if a := c.read(http.StatusOK, path); a.Page.Total != int64(totals[path]) {
		c.Fatalf("GET %s: total %d, want %d", path, a.Page.Total, totals[path])
	}
}

// readPast reads what stood at an earlier position.
func (c *caller) readPast() {
	if len(c.model.past) == 0 {
		return
	}
	then := c.model.past[rapid.IntRange(0, len(c.model.past)-1).Draw(c.T, "then")]
	asOf := fmt.Sprint("?as_of=", then.seq)
	check := func(path, id string, shown map[string]string, tell func(*answer) string) {
		if want, known := shown[id]; known {
			c.equal("GET "+path+asOf, tell(c.read(http.StatusOK, path+asOf)), want)
		} else {
			c.read(http.StatusNotFound, path+asOf)
		}
	}
	switch c.pick("what", "customer", "risk-view", "account") {
	case "customer":
		id := c.customerID("customer")
		check("/customers/"+escape(id), id, then.customers, tellCustomer)
	case "risk-view":
		id := c.customerID("customer")
		check("/customers/"+escape(id)+"/risk-view", id, then.views, tellView)
	case "account":
		id := c.accountID("account")
		check("/accounts/"+id, id, then.accounts, tellAccount)
	}
}
