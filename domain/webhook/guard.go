package webhook

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"whocomply/domain"
)

// Guard says where deliveries may go: to public addresses over HTTPS, and nowhere else but where
// its operator explicitly allows it.
type Guard struct {
	Ports   []uint16  // beside 443
	Allowed []Allowed // for receivers on the same machine while developing
	Own     []uint16  // ports of this server: refused whatever the address, allowed or not
}

// Allowed is a network and a port that deliveries may go to although it is not public, over plain
// HTTP too.
type Allowed struct {
	Network netip.Prefix
	Port    uint16
}

// ParseAllowed reads 127.0.0.1/32:9000 or [::1/128]:9000.
func ParseAllowed(text string) (a Allowed, err error) {
	at := strings.LastIndexByte(text, ':')
	if at < 0 {
		return a, fmt.Errorf("%q must be a network and a port, such as 127.0.0.1/32:9000", text)
	}
	a.Network, err = netip.ParsePrefix(strings.Trim(text[:at], "[]"))
	if err != nil {
		return a, fmt.Errorf("%q must begin with a network, such as 127.0.0.1/32", text)
	}
	port, err := strconv.ParseUint(text[at+1:], 10, 16)
	if err != nil || port == 0 {
		return a, fmt.Errorf("%q must end with a port", text)
	}
	a.Network, a.Port = a.Network.Masked(), uint16(port)
	return a, nil
}

// metadata are addresses of machines' own identity services, which are never allowed.
var metadata = []netip.Addr{
	netip.MustParseAddr("169.254.169.254"), netip.MustParseAddr("168.63.129.16"), netip.MustParseAddr("100.100.100.200"),
	netip.MustParseAddr("169.254.170.2"), netip.MustParseAddr("fd00:ec2::254"),
}

// denied are the networks of IPv4 that are not public, and those of 2000::/3 that lead elsewhere.
var denied = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
	"192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24",
	"203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32",
	"2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
)

var public6 = netip.MustParsePrefix("2000::/3")

func prefixes(texts ...string) (list []netip.Prefix) {
	for _, text := range texts {
		list = append(list, netip.MustParsePrefix(text))
	}
	return list
}

// Reach reports whether a connection to an address may be made. It is asked about every address
// that a name resolves to, and again about the one that is connected to.
func (g *Guard) Reach(to netip.AddrPort) bool {
	addr := to.Addr().Unmap()
	switch {
	case addr.Zone() != "" || slices.Contains(metadata, addr) || slices.Contains(g.Own, to.Port()) && !public(addr):
		return false
	case g.allows(addr, to.Port()):
		return true
	}
	return public(addr) && (to.Port() == 443 || slices.Contains(g.Ports, to.Port()))
}

func public(addr netip.Addr) bool {
	if addr.Is6() && !public6.Contains(addr) {
		return false
	}
	return addr.IsValid() && !slices.ContainsFunc(denied, func(p netip.Prefix) bool { return p.Contains(addr) })
}

func (g *Guard) allows(addr netip.Addr, port uint16) bool {
	return slices.ContainsFunc(g.Allowed, func(a Allowed) bool { return a.Port == port && a.Network.Contains(addr) })
}

// Plain reports whether plain HTTP may be spoken with an address.
func (g *Guard) Plain(to netip.AddrPort) bool { return g.allows(to.Addr().Unmap(), to.Port()) }

// Target is where a URL leads.
type Target struct {
	Host string // a name, or an address
	Addr netip.Addr
	Port uint16
	TLS  bool
}

// ParseURL reads the URL of an endpoint and says what is wrong with it by itself: everything but
// where its name leads.
func (g *Guard) ParseURL(field, text string) (t Target, err error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Opaque != "" {
		return t, domain.InvalidField(field, "must be an absolute URL such as https://example.com/webhooks")
	}
	t.TLS = u.Scheme == "https"
	switch {
	case !t.TLS && (u.Scheme != "http" || len(g.Allowed) == 0):
		return t, domain.InvalidField(field, "must begin with https://")
	case u.User != nil:
		return t, domain.InvalidField(field, "must not hold a user name or password")
	case u.Fragment != "" || strings.Contains(text, "#"):
		return t, domain.InvalidField(field, "must not have a fragment")
	}
	if t.Port, err = portOf(u, t.TLS); err != nil {
		return t, domain.InvalidField(field, "has a malformed port")
	}
	t.Host = strings.ToLower(u.Hostname())
	return t, g.checkHost(field, &t)
}

func portOf(u *url.URL, tls bool) (uint16, error) {
	if u.Port() == "" {
		if tls {
			return 443, nil
		}
		return 80, nil
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	return uint16(port), err
}

// checkHost refuses hosts that are no public name, and addresses in any spelling but the usual one.
func (g *Guard) checkHost(field string, t *Target) error {
	refused := domain.InvalidField(field, "must lead to a public address")
	if addr, err := netip.ParseAddr(t.Host); err == nil {
		t.Addr = addr
		to := netip.AddrPortFrom(addr, t.Port)
		if !g.Reach(to) || !t.TLS && !g.Plain(to) {
			return refused
		}
		return nil
	}
	labels := strings.Split(strings.TrimSuffix(t.Host, "."), ".")
	last := labels[len(labels)-1]
	local := t.Host == "localhost" && len(g.Allowed) > 0
	if strings.Trim(t.Host, "abcdefghijklmnopqrstuvwxyz0123456789-.") != "" || len(t.Host) > 253 || slices.Contains(labels, "") {
		return domain.InvalidField(field, "has a malformed host; write a name beyond ASCII in its xn-- form")
	}
	if len(labels) < 2 && !local || strings.Trim(last, "0123456789") == "" || strings.HasPrefix(last, "0x") || slices.Contains(privateNames, last) && !local {
		return refused
	}
	if t.Port != 443 && !slices.Contains(g.Ports, t.Port) && !slices.ContainsFunc(g.Allowed, func(a Allowed) bool { return a.Port == t.Port }) {
		return domain.InvalidField(field, "must use port 443")
	}
	return nil
}

// privateNames are top labels that are never public.
var privateNames = []string{"localhost", "local", "internal", "localdomain", "home", "lan", "corp", "test", "invalid", "onion"}
