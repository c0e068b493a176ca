package netguard

import (
	"encoding/binary"
	"net/netip"
)

// kinds name what an address is to people. The first that holds it counts.
var kinds = []struct {
	network netip.Prefix
	name    string
}{
	{netip.MustParsePrefix("127.0.0.0/8"), "a loopback address"},
	{netip.MustParsePrefix("::1/128"), "a loopback address"},
	{netip.MustParsePrefix("10.0.0.0/8"), "a private address"},
	{netip.MustParsePrefix("172.16.0.0/12"), "a private address"},
	{netip.MustParsePrefix("192.168.0.0/16"), "a private address"},
	{netip.MustParsePrefix("fc00::/7"), "a private address"},
	{netip.MustParsePrefix("fec0::/10"), "a private address"},
	{netip.MustParsePrefix("169.254.0.0/16"), "a link-local address"},
	{netip.MustParsePrefix("fe80::/10"), "a link-local address"},
	{netip.MustParsePrefix("100.64.0.0/10"), "an address of a provider's inner network"},
	{netip.MustParsePrefix("224.0.0.0/4"), "a multicast address"},
	{netip.MustParsePrefix("ff00::/8"), "a multicast address"},
	{netip.MustParsePrefix("0.0.0.0/8"), "this machine, or none"},
	{netip.MustParsePrefix("::/128"), "this machine, or none"},
	{netip.MustParsePrefix("255.255.255.255/32"), "a broadcast address"},
}

func kindOf(a netip.Addr) string {
	for _, k := range kinds {
		if k.network.Contains(a) {
			return k.name
		}
	}
	return "an address of special purpose, not of the open internet"
}

// Prefixes whose addresses stand for IPv4 addresses.
var (
	nat64      = netip.MustParsePrefix("64:ff9b::/96")    // RFC 6052
	translated = netip.MustParsePrefix("::ffff:0:0:0/96") // RFC 2765: IPv4-translated
	compatible = netip.MustParsePrefix("::/96")           // RFC 4291: IPv4-compatible, long gone
	sixToFour  = netip.MustParsePrefix("2002::/16")       // RFC 3056
	teredo     = netip.MustParsePrefix("2001::/32")       // RFC 4380
	localNAT64 = netip.MustParsePrefix("64:ff9b:1::/48")  // RFC 8215
)

// embedded finds the IPv4 address that an IPv6 address stands for; form is "" where it stands for
// none. IPv4-mapped addresses are unmapped before.
func embedded(a netip.Addr) (in netip.Addr, form string) {
	if !a.Is6() {
		return in, ""
	}
	b := a.As16()
	last := netip.AddrFrom4([4]byte(b[12:]))
	switch {
	case a == netip.IPv6Unspecified() || a == netip.IPv6Loopback():
		return in, ""
	case nat64.Contains(a), localNAT64.Contains(a):
		return last, "the NAT64 form"
	case translated.Contains(a), compatible.Contains(a):
		return last, "an IPv6 form"
	case sixToFour.Contains(a):
		return netip.AddrFrom4([4]byte(b[2:6])), "the 6to4 form"
	case teredo.Contains(a):
		var v4 [4]byte
		binary.BigEndian.PutUint32(v4[:], ^binary.BigEndian.Uint32(b[12:]))
		return netip.AddrFrom4(v4), "the Teredo form"
	case b[8]&^0x02 == 0 && b[9] == 0 && b[10] == 0x5e && b[11] == 0xfe: // RFC 5214, in any network
		return last, "the ISATAP form"
	}
	return in, ""
}
