// Package iso20022 reads the credit transfers of ISO 20022 messages: pacs.008 between institutions and
// pain.001 from customers, in any version. It gives what monitoring and screening need and leaves the
// rest; it does not hold a message against its schema.
//
// # What is refused
//
// More than 1 MiB or 500 transfers, elements more than 64 deep in each other, a document type
// definition, another encoding than UTF-8, what is not well formed to its end, messages of other kinds
// or several in one file, and a number of transfers that is not what the message states. Nothing
// outside the text is ever read, and entities other than those of XML itself are unknown.
package iso20022

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"whocomply/domain"
)

// Bounds of a message.
const (
	MaxBytes     = 1 << 20
	MaxTransfers = 500
	maxDepth     = 64
)

// Message is the credit transfers of one message.
type Message struct {
	Kind      string // pacs.008 or pain.001
	ID        string // MsgId
	Created   time.Time
	Transfers []Transfer
}

// Transfer is one credit transfer. A text that the message does not have is empty.
type Transfer struct {
	Batch         string // PmtInfId of a pain.001
	InstructionID string
	EndToEndID    string
	TransactionID string
	UETR          string
	Amount        string // as it is written
	Currency      string
	Accepted      time.Time // AccptncDtTm; zero if it is not stated
	Debtor        Party
	Creditor      Party
	Purpose       string // code or text
	Remittance    string // unstructured, or the creditor's reference
}

// Party is one side of a transfer.
type Party struct {
	Name     string
	Ultimate string // on whose behalf it pays or is paid
	Account  string // IBAN, or another identification
	Bank     string // BIC, or the name of the institution, or its member number
	Country  string // of the address, or else of the IBAN; upper case as written
}

// Parse reads a message. What it refuses is domain.Invalid, with the reason.
func Parse(text []byte) (*Message, error) {
	text = bytes.TrimPrefix(text, []byte("\uFEFF"))
	switch {
	case len(text) > MaxBytes:
		return nil, domain.Errorf(domain.Invalid, "the message is longer than %d bytes", MaxBytes)
	case len(bytes.TrimSpace(text)) == 0:
		return nil, domain.Errorf(domain.Invalid, "the message is empty")
	case !utf8.Valid(text):
		return nil, domain.Errorf(domain.Invalid, "the message is not UTF-8")
	}
	if err := checkForm(text); err != nil {
		return nil, err
	}
	decoder := xml.NewDecoder(bytes.NewReader(text))
	var found *Message
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, malformed(err)
		}
		start, is := token.(xml.StartElement)
		if !is || start.Name.Local != "FIToFICstmrCdtTrf" && start.Name.Local != "CstmrCdtTrfInitn" {
			continue
		}
		if found != nil {
			return nil, domain.Errorf(domain.Invalid, "there is more than one message in the text")
		}
		var body messageXML
		if err := decoder.DecodeElement(&body, &start); err != nil {
			return nil, malformed(err)
		}
		if found, err = body.message(start.Name.Local); err != nil {
			return nil, err
		}
	}
	if found == nil {
		return nil, domain.Errorf(domain.Invalid, "the text holds no pacs.008 (FIToFICstmrCdtTrf) and no pain.001 (CstmrCdtTrfInitn)")
	}
	return found, nil
}

// checkForm walks through the text before anything is made of it.
func checkForm(text []byte) error {
	decoder := xml.NewDecoder(bytes.NewReader(text))
	depth, roots := 0, 0
	for {
		token, err := decoder.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return malformed(err)
		}
		switch token.(type) {
		case xml.Directive:
			return domain.Errorf(domain.Invalid, "the message has a document type definition")
		case xml.StartElement:
			if depth++; depth == 1 {
				roots++
			}
			if depth > maxDepth {
				return domain.Errorf(domain.Invalid, "the message has elements more than %d deep in each other", maxDepth)
			}
		case xml.EndElement:
			depth--
		}
	}
	if depth != 0 || roots != 1 {
		return domain.Errorf(domain.Invalid, "the message is not one whole XML document")
	}
	return nil
}

func malformed(err error) error {
	if syntax, ok := errors.AsType[*xml.SyntaxError](err); ok {
		return domain.Errorf(domain.Invalid, "the message is not well formed in line %d: %s", syntax.Line, syntax.Msg)
	}
	return domain.Errorf(domain.Invalid, "the message cannot be read as XML in UTF-8")
}

type messageXML struct {
	Header struct {
		ID      string `xml:"MsgId"`
		Created string `xml:"CreDtTm"`
		Count   string `xml:"NbOfTxs"`
	} `xml:"GrpHdr"`
	Transfers []transferXML `xml:"CdtTrfTxInf"` // of pacs.008
	Batches   []struct {
		ID          string        `xml:"PmtInfId"`
		Debtor      partyXML      `xml:"Dbtr"`
		Ultimate    partyXML      `xml:"UltmtDbtr"`
		Account     accountXML    `xml:"DbtrAcct"`
		Institution institution   `xml:"DbtrAgt>FinInstnId"`
		Transfers   []transferXML `xml:"CdtTrfTxInf"`
	} `xml:"PmtInf"`
}

type transferXML struct {
	IDs struct {
		Instruction string `xml:"InstrId"`
		EndToEnd    string `xml:"EndToEndId"`
		Transaction string `xml:"TxId"`
		UETR        string `xml:"UETR"`
	} `xml:"PmtId"`
	Settled          amountXML   `xml:"IntrBkSttlmAmt"`
	Instructed       amountXML   `xml:"Amt>InstdAmt"`
	Equivalent       amountXML   `xml:"Amt>EqvtAmt>Amt"`
	Accepted         string      `xml:"AccptncDtTm"`
	Debtor           partyXML    `xml:"Dbtr"`
	UltimateDebtor   partyXML    `xml:"UltmtDbtr"`
	DebtorAccount    accountXML  `xml:"DbtrAcct"`
	DebtorBank       institution `xml:"DbtrAgt>FinInstnId"`
	Creditor         partyXML    `xml:"Cdtr"`
	UltimateCreditor partyXML    `xml:"UltmtCdtr"`
	CreditorAccount  accountXML  `xml:"CdtrAcct"`
	CreditorBank     institution `xml:"CdtrAgt>FinInstnId"`
	PurposeCode      string      `xml:"Purp>Cd"`
	PurposeText      string      `xml:"Purp>Prtry"`
	Remittance       []string    `xml:"RmtInf>Ustrd"`
	References       []string    `xml:"RmtInf>Strd>CdtrRefInf>Ref"`
}

type amountXML struct {
	Currency string `xml:"Ccy,attr"`
	Value    string `xml:",chardata"`
}

type partyXML struct {
	Name      string `xml:"Nm"`
	Country   string `xml:"PstlAdr>Ctry"`
	Residence string `xml:"CtryOfRes"`
}

type accountXML struct {
	IBAN  string `xml:"Id>IBAN"`
	Other string `xml:"Id>Othr>Id"`
}

type institution struct {
	BICFI  string `xml:"BICFI"`
	BIC    string `xml:"BIC"`
	Name   string `xml:"Nm"`
	Member string `xml:"ClrSysMmbId>MmbId"`
}

func (m *messageXML) message(root string) (*Message, error) {
	out := &Message{Kind: "pacs.008", ID: plain(m.Header.ID)}
	if root == "CstmrCdtTrfInitn" {
		out.Kind = "pain.001"
	}
	for i := range m.Transfers {
		out.Transfers = append(out.Transfers, m.Transfers[i].transfer())
	}
	for _, batch := range m.Batches {
		for i := range batch.Transfers {
			t := batch.Transfers[i].transfer()
			t.Batch = plain(batch.ID)
			t.Debtor = party(batch.Debtor, first(t.Debtor.Ultimate, batch.Ultimate.Name), batch.Account, batch.Institution)
			out.Transfers = append(out.Transfers, t)
		}
	}
	var ok bool
	switch count, err := strconv.Atoi(plain(m.Header.Count)); {
	case out.ID == "":
		return nil, domain.InvalidField("MsgId", "is required")
	case err != nil || count != len(out.Transfers):
		return nil, domain.InvalidField("NbOfTxs", "is %.20q where the message has %d transfers", plain(m.Header.Count), len(out.Transfers))
	case count == 0 || count > MaxTransfers:
		return nil, domain.InvalidField("NbOfTxs", "must be 1 to %d", MaxTransfers)
	}
	if out.Created, ok = timeOf(m.Header.Created); !ok {
		return nil, domain.InvalidField("CreDtTm", "must be a date and time")
	}
	return out, nil
}

func (t *transferXML) transfer() Transfer {
	amount := t.Settled
	for _, other := range []amountXML{t.Instructed, t.Equivalent} {
		if plain(amount.Value) == "" {
			amount = other
		}
	}
	accepted, _ := timeOf(t.Accepted)
	return Transfer{
		InstructionID: plain(t.IDs.Instruction), EndToEndID: plain(t.IDs.EndToEnd), TransactionID: plain(t.IDs.Transaction), UETR: plain(t.IDs.UETR),
		Amount: plain(amount.Value), Currency: plain(amount.Currency), Accepted: accepted,
		Debtor:   party(t.Debtor, t.UltimateDebtor.Name, t.DebtorAccount, t.DebtorBank),
		Creditor: party(t.Creditor, t.UltimateCreditor.Name, t.CreditorAccount, t.CreditorBank),
		Purpose:  first(t.PurposeCode, t.PurposeText), Remittance: first(strings.Join(t.Remittance, " "), strings.Join(t.References, " ")),
	}
}

func party(p partyXML, ultimate string, a accountXML, bank institution) Party {
	iban := strings.ReplaceAll(plain(a.IBAN), " ", "")
	country := first(p.Country, p.Residence)
	if country == "" && len(iban) > 2 {
		country = iban[:2]
	}
	return Party{
		Name: plain(p.Name), Ultimate: plain(ultimate), Account: first(iban, a.Other), Bank: first(bank.BICFI, bank.BIC, bank.Name, bank.Member), Country: country,
	}
}

// first gives the first text that says something, with one space between its words.
func first(texts ...string) string {
	for _, text := range texts {
		if text = plain(text); text != "" {
			return text
		}
	}
	return ""
}

func plain(text string) string { return strings.Join(strings.Fields(text), " ") }

// timeOf reads a date and time. One without a zone is in UTC.
func timeOf(text string) (time.Time, bool) {
	text = plain(text)
	for _, form := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999"} {
		if at, err := time.Parse(form, text); err == nil {
			return at.UTC(), true
		}
	}
	return time.Time{}, false
}
