// Package netguard keeps probes and webhooks out of inner networks. People who may write an event
// or a webhook choose addresses that this machine connects to; without a guard they would reach
// what only this machine can: its own services, its neighbours, the metadata of its cloud.
//
// The address is checked where the connection is made, after DNS has answered, so that a name
// which leads somewhere else the second time gains nothing. What is not the open internet is
// refused unless the operator allows its network.
package netguard

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"syscall"

	"code.dny.dev/ssrf"
)

// ErrRefused is wrapped by every refusal. Compare with errors.Is.
var ErrRefused = errors.New("refused")

// Refusal is why an address was not connected to.
type Refusal struct {
	Addr netip.Addr
	Kind string // what the address is, as a phrase: "a loopback address"
	// Advice says how an operator allows it.
	Advice string
}

func (r *Refusal) Error() string {
	return fmt.Sprintf("%s is refused: it is %s; %s", r.Addr, r.Kind, r.Advice)
}

// Unwrap makes every Refusal an ErrRefused.
func (r *Refusal) Unwrap() error { return ErrRefused }

// Guard decides which addresses may be connected to. It is safe for concurrent use.
type Guard struct {
	allow []netip.Prefix
	rules *ssrf.Guardian
	// Refused, where it is set before the guard is used, is called for every refusal.
	Refused func(*Refusal)
}

// metadata are the addresses at which clouds tell a machine its secrets. Allowing a network that
// happens to hold one does not allow it: it has to be named alone.
var metadata = []netip.Addr{
	netip.MustParseAddr("169.254.169.254"), // AWS, Google Cloud, Azure, and most others
	netip.MustParseAddr("169.254.169.253"), // AWS: DNS
	netip.MustParseAddr("169.254.170.2"),   // AWS: credentials of containers
	netip.MustParseAddr("169.254.170.23"),  // AWS: credentials of pods
	netip.MustParseAddr("169.254.0.23"),    // Tencent Cloud
	netip.MustParseAddr("100.100.100.200"), // Alibaba Cloud
	netip.MustParseAddr("192.0.0.192"),     // Oracle Cloud
	netip.MustParseAddr("168.63.129.16"),   // Azure's wire server: a public address, reachable inside only
	netip.MustParseAddr("fd00:ec2::254"),   // AWS
	netip.MustParseAddr("fd00:ec2::23"),    // AWS: credentials of pods
	netip.MustParseAddr("fd20:ce::254"),    // Google Cloud
	netip.MustParseAddr("fd00:42::42"),     // Scaleway
}

// New makes a guard that allows the open internet and these networks.
func New(allow ...netip.Prefix) *Guard {
	g := &Guard{rules: ssrf.New(ssrf.WithAnyPort(), ssrf.WithAnyNetwork())}
	for _, p := range allow {
		g.allow = append(g.allow, plain(p))
	}
	return g
}

// plain writes a prefix of IPv4-mapped addresses as the IPv4 prefix that it means.
func plain(p netip.Prefix) netip.Prefix {
	if p.Addr().Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	return p.Masked()
}

// Check returns a *Refusal for an address that may not be connected to.
func (g *Guard) Check(a netip.Addr) error {
	if r := g.refusal(a); r != nil {
		if g.Refused != nil {
			g.Refused(r)
		}
		return r
	}
	return nil
}

func (g *Guard) refusal(a netip.Addr) *Refusal {
	told := a
	a = a.Unmap()
	bare := a.WithZone("")
	alone := netip.PrefixFrom(bare, bare.BitLen())
	if !a.IsValid() {
		return &Refusal{told, "no address", "give one"}
	}
	if slices.Contains(metadata, bare) {
		if slices.Contains(g.allow, alone) {
			return nil
		}
		return &Refusal{told, "where a cloud tells machines their secrets", "only allow_networks with " + alone.String() + " alone allows it"}
	}
	if in, form := embedded(bare); form != "" {
		// A gateway would carry it on to the IPv4 address within, so both have to be allowed.
		if r := g.refusal(in); r != nil {
			return &Refusal{told, fmt.Sprintf("%s of %s, %s", form, in, r.Kind), r.Advice}
		}
	}
	if slices.ContainsFunc(g.allow, func(p netip.Prefix) bool { return p.Contains(bare) }) {
		return nil
	}
	if g.rules.SafeAddr(a) != nil {
		return &Refusal{told, kindOf(bare), "allow_networks with " + alone.String() + ", or a network that holds it, allows it"}
	}
	return nil
}

// Control is for net.Dialer.Control: it sees the address that DNS gave, just before connecting.
func (g *Guard) Control(network, address string, _ syscall.RawConn) error {
	switch network {
	case "tcp4", "tcp6":
	default:
		return fmt.Errorf("a connection of kind %q is %w: only TCP is used", network, ErrRefused)
	}
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%q is %w: it is no address and port", address, ErrRefused)
	}
	return g.Check(to.Addr())
}
