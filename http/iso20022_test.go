package http_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

const message = `<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.09"><FIToFICstmrCdtTrf>
<GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-01-31T09:00:00Z</CreDtTm><NbOfTxs>2</NbOfTxs></GrpHdr>
<CdtTrfTxInf><PmtId><EndToEndId>E1</EndToEndId><TxId>T1</TxId></PmtId><IntrBkSttlmAmt Ccy="EUR">12.50</IntrBkSttlmAmt>
<Dbtr><Nm>Ann Example</Nm></Dbtr><DbtrAcct><Id><Othr><Id>acc-1</Id></Othr></Id></DbtrAcct>
<Cdtr><Nm>Viktor Petrov</Nm></Cdtr><CdtrAcct><Id><IBAN>BG80BNBG96611020345678</IBAN></Id></CdtrAcct></CdtTrfTxInf>
<CdtTrfTxInf><PmtId><EndToEndId>E2</EndToEndId><TxId>T2</TxId></PmtId><IntrBkSttlmAmt Ccy="EUR">1.00</IntrBkSttlmAmt>
<Dbtr><Nm>Somebody</Nm></Dbtr><DbtrAcct><Id><Othr><Id>acc-9</Id></Othr></Id></DbtrAcct><Cdtr><Nm>Ann Example</Nm></Cdtr><CdtrAcct><Id><Othr><Id>acc-1</Id></Othr></Id></CdtrAcct></CdtTrfTxInf>
</FIToFICstmrCdtTrf></Document>`

// TestPaymentMessages records the transfers of a message as events of whoever owns the account, once.
func TestPaymentMessages(t *testing.T) {
	h := openHouse(t)
	h.publish("sdn", time.Now(), 0, "Viktor Petrov")
	h.want(h.do("POST", acme+"/customers", customerBody("c-1")), http.StatusCreated)
	h.want(h.do("POST", acme+"/accounts", `{"id":"acc-1","name":"Current","type":"liability","currency":"EUR","customer_id":"c-1"}`), http.StatusCreated)
	post := func(query, text string, status int) *answer {
		return h.want(h.do("POST", acme+"/events/iso20022"+query, text, "Content-Type", "application/xml"), status)
	}
	first := post("", message, http.StatusOK)
	for pointer, want := range map[string]string{
		"/recorded": "1", "/refused": "1", "/repeated": "0", "/results/0/status": "201", "/results/0/event/event_id": "iso20022/M1/T1/out",
		"/results/0/event/screening/hits/0/field": "data.transaction.counterparty.name", "/results/1/status": "400", "/results/1/error/field": "DbtrAcct",
	} {
		if got := first.get(pointer); got != want {
			t.Errorf("%s is %s, want %s: %s", pointer, got, want, first.body)
		}
	}
	again := post("", message, http.StatusOK)
	if again.get("/recorded") != "0" || again.get("/repeated") != "1" || again.get("/results/0/event/receipt/seq") != first.get("/results/0/event/receipt/seq") {
		t.Errorf("again: %s", again.body)
	}
	if in := post("?direction=in", message, http.StatusOK); in.get("/recorded") != "1" || in.get("/results/1/event/event_id") != "iso20022/M1/T2/in" {
		t.Errorf("as creditor: %s", in.body)
	}
	if named := post("?customer_id=c-1", message, http.StatusOK); named.get("/recorded") != "1" || named.get("/repeated") != "1" {
		t.Errorf("customer named: %s", named.body)
	}
	other := post("", strings.Replace(message, "12.50", "13.50", 1), http.StatusOK)
	if other.get("/results/0/status") != "409" {
		t.Errorf("other content: %s", other.body)
	}
	post("?direction=up", message, http.StatusBadRequest)
	post("", message[:300], http.StatusBadRequest)
	post("", "", http.StatusBadRequest)
	h.want(h.do("POST", acme+"/events/iso20022", `{}`), http.StatusUnsupportedMediaType)
}
