package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestEvalMonitoring alerts the account that many pay the same amount, among 400 who pay each
// other all sorts, and finds labels in every form of file.
func TestEvalMonitoring(t *testing.T) {
	dir := t.TempDir()
	var rows strings.Builder
	rows.WriteString("tran_id,orig_acct,bene_acct,tx_type,base_amt,tran_timestamp,is_sar,alert_id\n")
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 4000 {
		at = at.Add(20 * time.Minute)
		fmt.Fprintf(&rows, "%d,n%d,n%d,TRANSFER,%d.%02d,%s,False,-1\n", i, i*7%400, (i*7+i/400*31+1)%400, 100+i*37%900, i*61%100, at.Format(time.RFC3339))
		if i%400 == 0 {
			fmt.Fprintf(&rows, "s%d,s%d,hub,TRANSFER,171.67,%s,True,4\n", i, i, at.Format(time.RFC3339))
		}
	}
	for name, text := range map[string]string{
		"amlsim/tx.csv":                  rows.String(),
		"amlworld/HI-Small_Patterns.txt": "BEGIN LAUNDERING ATTEMPT - FAN-OUT:  Max 2\n2022/09/01 00:06,021174,A,012,B,2848.96,Euro,2848.96,Euro,ACH,1\n2022/09/01 00:07,021174,A,012,C,2848.96,Euro,2848.96,Euro,ACH,1\nEND LAUNDERING ATTEMPT - FAN-OUT\n",
		"paysim.csv":                     "step,type,amount,nameOrig,oldbalanceOrg,newbalanceOrig,nameDest,oldbalanceDest,newbalanceDest,isFraud,isFlaggedFraud\n1,TRANSFER,9.5,C1,0,0,C2,0,0,1,0\n",
		"notes.csv":                      "a,b\n1,2\n",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	sets, err := readLabelled(dir)
	if err != nil || len(sets) != 3 {
		t.Fatalf("%d sets: %v", len(sets), err)
	}
	result, err := evaluate(&sets[0], 0.0025)
	if err != nil {
		t.Fatal(err)
	}
	if result.Accounts != 411 || result.Guilty != 11 || result.Budget != 1 || result.Caught != 1 || result.Precision != 1 {
		t.Errorf("%+v", result)
	}
	if len(result.Typologies) != 1 || result.Typologies[0].Typology != "fan_in" || result.Typologies[0].Schemes != 1 || result.Typologies[0].Found != 1 {
		t.Errorf("%+v", result.Typologies)
	}
	if sets[1].transfers[0].typology != "fan_out" || len(sets[1].guilty) != 3 || sets[2].transfers[0].typology != "fraud" {
		t.Errorf("%+v %+v", sets[1], sets[2])
	}
}
