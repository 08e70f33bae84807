package webhook_test

import (
	"net/netip"
	"strings"
	"testing"

	"whocomply/domain"
	"whocomply/domain/webhook"
)

func TestURLs(t *testing.T) {
	strict := &webhook.Guard{}
	local := &webhook.Guard{Allowed: []webhook.Allowed{{Network: netip.MustParsePrefix("127.0.0.0/8"), Port: 9000}}, Own: []uint16{8080}}
	for _, row := range []struct {
		url   string
		guard *webhook.Guard
		ok    bool
	}{
		{"https://api.yourcompany.com/webhooks/screening", strict, true},
		{"https://your-endpoint.com/hook", strict, true},
		{"https://example.com:443/x?y=1", strict, true},
		{"https://8.8.8.8/", strict, true},
		{"https://[2606:4700:4700::1111]/", strict, true},
		{"https://xn--bcher-kva.example/", strict, true},
		{"http://example.com/", strict, false},
		{"https://example.com:8443/", strict, false},
		{"https://user:pw@example.com/", strict, false},
		{"https://example.com/#part", strict, false},
		{"https://example.com/#", strict, false},
		{"https://localhost/", strict, false},
		{"https://intranet/", strict, false},
		{"https://printer.local/", strict, false},
		{"https://db.internal/", strict, false},
		{"https://127.0.0.1/", strict, false},
		{"https://127.1/", strict, false},
		{"https://2130706433/", strict, false},
		{"https://0x7f000001/", strict, false},
		{"https://0x7f.1/", strict, false},
		{"https://0177.0.0.1/", strict, false},
		{"https://127.0.0.1./", strict, false},
		{"https://[::1]/", strict, false},
		{"https://[::ffff:a9fe:a9fe]/", strict, false},
		{"https://[::ffff:127.0.0.1]/", strict, false},
		{"https://[64:ff9b::7f00:1]/", strict, false},
		{"https://[fe80::1%25eth0]/", strict, false},
		{"https://169.254.169.254/latest/meta-data", strict, false},
		{"https://100.100.100.200/", strict, false},
		{"https://168.63.129.16/", strict, false},
		{"https://bücher.example/", strict, false},
		{"https://a..example/", strict, false},
		{"https:///x", strict, false},
		{"https:example.com", strict, false},
		{"ftp://example.com/", strict, false},
		{"//example.com/", strict, false},
		{"example.com", strict, false},
		{"", strict, false},
		{"http://127.0.0.1:9000/hook", local, true},
		{"http://localhost:9000/hook", local, true},
		{"http://127.0.0.1:9001/hook", local, false},
		{"http://127.0.0.1:8080/hook", local, false},
		{"http://10.0.0.1:9000/hook", local, false},
		{"https://169.254.169.254/", local, false},
	} {
		t.Run(row.url, func(t *testing.T) {
			_, err := row.guard.ParseURL("url", row.url)
			if (err == nil) != row.ok || err != nil && domain.CodeOf(err) != domain.Invalid {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestAddresses(t *testing.T) {
	strict := &webhook.Guard{Ports: []uint16{8443}, Own: []uint16{443}}
	for _, row := range []struct {
		at    string
		reach bool
	}{
		{"8.8.8.8:443", true},
		{"8.8.8.8:8443", true},
		{"8.8.8.8:80", false},
		{"[2606:4700::1]:443", true},
		{"[::ffff:8.8.8.8]:443", true},
		{"[::ffff:10.0.0.1]:443", false},
		{"0.0.0.0:443", false},
		{"10.1.2.3:443", false},
		{"100.64.0.1:443", false},
		{"127.0.0.1:443", false},
		{"169.254.1.1:443", false},
		{"172.31.255.255:443", false},
		{"172.32.0.1:443", true},
		{"192.0.2.1:443", false},
		{"192.88.99.1:443", false},
		{"192.168.0.1:443", false},
		{"198.18.0.1:443", false},
		{"203.0.113.9:443", false},
		{"224.0.0.1:443", false},
		{"255.255.255.255:443", false},
		{"168.63.129.16:443", false},
		{"[::]:443", false},
		{"[::1]:443", false},
		{"[64:ff9b::808:808]:443", false},
		{"[2002:7f00:1::]:443", false},
		{"[2001:0:4136:e378::]:443", false},
		{"[2001:db8::1]:443", false},
		{"[fc00::1]:443", false},
		{"[fec0::1]:443", false},
		{"[fe80::1%eth0]:443", false},
		{"[ff02::1]:443", false},
		{"[3fff::1]:443", false},
		{"[fd00:ec2::254]:443", false},
		{"[2620:4f:8000::1]:443", false},
	} {
		if got := strict.Reach(netip.MustParseAddrPort(row.at)); got != row.reach {
			t.Errorf("%s: %v", row.at, got)
		}
	}
	wide := &webhook.Guard{Allowed: []webhook.Allowed{{Network: netip.MustParsePrefix("0.0.0.0/0"), Port: 80}}}
	if wide.Reach(netip.MustParseAddrPort("169.254.169.254:80")) || !wide.Reach(netip.MustParseAddrPort("10.0.0.1:80")) {
		t.Error("an allowed network lets metadata through, or not what it allows")
	}
}

func TestParseAllowed(t *testing.T) {
	for text, ok := range map[string]bool{
		"127.0.0.1/32:9000": true, "[::1/128]:9000": true, "127.0.0.1:9000": false, "127.0.0.1/32": false, "127.0.0.1/32:0": false, "": false,
	} {
		if _, err := webhook.ParseAllowed(text); (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// FuzzParseURL wants of every URL that is taken that no host in it is a private address.
func FuzzParseURL(f *testing.F) {
	for _, seed := range []string{"https://example.com/", "https://127.1/", "https://[::ffff:7f00:1]/", "https://0x7f.0.0.1/", "https://a.b@c.d/"} {
		f.Add(seed)
	}
	g := &webhook.Guard{}
	f.Fuzz(func(t *testing.T, text string) {
		target, err := g.ParseURL("url", text)
		if err != nil {
			return
		}
		if !target.TLS || target.Port != 443 || strings.ContainsAny(target.Host, "@ \\%") {
			t.Errorf("%q leads to %+v", text, target)
		}
		if target.Addr.IsValid() && !g.Reach(netip.AddrPortFrom(target.Addr, target.Port)) {
			t.Errorf("%q leads to %s", text, target.Addr)
		}
		if last := target.Host[strings.LastIndexByte(strings.TrimSuffix(target.Host, "."), '.')+1:]; !target.Addr.IsValid() && strings.Trim(last, "0123456789.") == "" {
			t.Errorf("%q may be read as an address", text)
		}
	})
}
