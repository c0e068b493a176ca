package netguard

import (
	"fmt"
	"net/netip"
	"strings"
)

// ParseNetwork reads a network that an operator allows: a prefix like 10.1.0.0/16, or one address.
func ParseNetwork(s string) (netip.Prefix, error) {
	s = strings.TrimSpace(s)
	if a, err := netip.ParseAddr(s); err == nil {
		if a.Zone() != "" {
			return netip.Prefix{}, fmt.Errorf("%q names an interface (%%%s): leave it out", s, a.Zone())
		}
		return plain(netip.PrefixFrom(a, a.BitLen())), nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("%q is not a network like 10.1.0.0/16 or fd00:1::/32, or one address", clip(s))
	}
	if p.Addr().Is4In6() && p.Bits() < 96 {
		return netip.Prefix{}, fmt.Errorf("%q is wider than all IPv4 addresses: write 0.0.0.0/0 if they are meant", s)
	}
	if p.Masked() != p {
		return netip.Prefix{}, fmt.Errorf("%q has bits set behind its length: did you mean %s, or %s/%d?", s, p.Masked(), p.Addr(), p.Addr().BitLen())
	}
	return plain(p), nil
}

func clip(s string) string {
	if len(s) > 60 {
		return strings.ToValidUTF8(s[:60], "") + "…"
	}
	return s
}
