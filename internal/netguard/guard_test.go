package netguard

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"strings"
	"testing"
)

func prefixes(t testing.TB, list ...string) []netip.Prefix {
	t.Helper()
	var out []netip.Prefix
	for _, s := range list {
		p, err := ParseNetwork(s)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
	return out
}

func TestInnerNetworksAreRefused(t *testing.T) {
	g := New()
	for addr, kind := range map[string]string{
		"127.0.0.1": "loopback", "127.255.255.254": "loopback", "::1": "loopback", "::ffff:127.0.0.1": "loopback",
		"0.0.0.0": "this machine", "0.1.2.3": "this machine", "::": "this machine",
		"10.0.0.1": "private", "172.16.0.1": "private", "172.31.255.255": "private", "192.168.1.1": "private",
		"::ffff:10.0.0.1": "private", "::ffff:c0a8:0101": "private", "fc00::1": "private", "fdff::1": "private", "fec0::1": "private",
		"169.254.1.1": "link-local", "fe80::1": "link-local", "fe80::1%eth0": "link-local", "::ffff:169.254.1.1": "link-local",
		"100.64.0.1": "inner network", "100.127.255.254": "inner network",
		"224.0.0.1": "multicast", "239.255.255.250": "multicast", "ff02::1": "multicast", "ff02::1%eth0": "multicast",
		"255.255.255.255": "broadcast", "240.0.0.1": "special", "192.0.0.1": "special", "192.0.2.1": "special",
		"198.18.0.1": "special", "198.51.100.1": "special", "203.0.113.1": "special", "192.88.99.1": "special",
		"2001:db8::1": "special", "3fff::1": "special", "100::1": "special", "5f00::1": "special", "4000::1": "special",
		// Where clouds tell secrets.
		"169.254.169.254": "secrets", "::ffff:169.254.169.254": "secrets", "::ffff:a9fe:a9fe": "secrets", "169.254.170.2": "secrets",
		"100.100.100.200": "secrets", "192.0.0.192": "secrets", "168.63.129.16": "secrets", "fd00:ec2::254": "secrets", "fd20:ce::254": "secrets",
		// IPv6 that stands for IPv4.
		"64:ff9b::7f00:1": "NAT64 form of 127.0.0.1", "64:ff9b::a9fe:a9fe": "NAT64 form of 169.254.169.254", "64:ff9b::808:808": "special",
		"64:ff9b:1::7f00:1": "NAT64", "64:ff9b:1::808:808": "special",
		"2002:7f00:1::1": "6to4 form of 127.0.0.1", "2002:a00:1::": "6to4 form of 10.0.0.1", "2002:808:808::1": "special",
		"2001:0:4136:e378:8000:63bf:80ff:fffe": "Teredo form of 127.0.0.1", "2001::1": "special",
		"::127.0.0.1": "IPv6 form of 127.0.0.1", "::a00:1": "IPv6 form of 10.0.0.1", "::ffff:0:127.0.0.1": "IPv6 form of 127.0.0.1",
		"2606:4700::5efe:10.0.0.1": "ISATAP form of 10.0.0.1", "2606:4700::200:5efe:127.0.0.1": "ISATAP form of 127.0.0.1",
		"2606:4700::1111%eth0": "special", // a zone has no place in an address of the open internet
	} {
		err := g.Check(netip.MustParseAddr(addr))
		if r, ok := errors.AsType[*Refusal](err); !ok || !errors.Is(err, ErrRefused) || !strings.Contains(r.Error(), kind) || !strings.Contains(r.Error(), "allow_networks") {
			t.Errorf("%s: %v, want it refused as %q", addr, err, kind)
		}
	}
	if err := g.Check(netip.Addr{}); !errors.Is(err, ErrRefused) {
		t.Errorf("no address: %v", err)
	}
}

func TestTheOpenInternetIsAllowed(t *testing.T) {
	g := New()
	for _, addr := range []string{"1.1.1.1", "8.8.8.8", "93.184.216.34", "::ffff:8.8.8.8", "172.15.255.255", "172.32.0.1", "192.169.0.1", "100.63.255.255",
		"100.128.0.1", "126.255.255.255", "128.0.0.1", "223.255.255.255", "168.63.129.17", "2606:4700:4700::1111", "2a00:1450:4001:800::200e", "2606:4700::5efe:8.8.8.8"} {
		if err := g.Check(netip.MustParseAddr(addr)); err != nil {
			t.Errorf("%s: %v", addr, err)
		}
	}
}

func TestAllowedNetworksAreAllowed(t *testing.T) {
	g := New(prefixes(t, "127.0.0.0/8", "10.1.0.0/16", "fd00:1::/32", "::ffff:192.168.7.0/120", "fe80::/10", "64:ff9b::/96", "100.64.0.0/10", "169.254.0.0/16", "fd00:ec2::23")...)
	for addr, want := range map[string]bool{
		"127.0.0.1": true, "::ffff:127.0.0.1": true, "::1": false, "10.1.2.3": true, "10.2.0.1": false, "fd00:1::7": true, "fd00:2::7": false,
		"192.168.7.9": true, "192.168.8.9": false, "fe80::1%eth0": true, "169.254.1.1": true, "100.64.0.1": true,
		// Allowing the gateway allows what may be reached without it.
		"64:ff9b::808:808": true, "64:ff9b::7f00:1": true, "64:ff9b::a02:1": false,
		// A network that holds a cloud's metadata does not allow it.
		"169.254.169.254": false, "100.100.100.200": false, "64:ff9b::a9fe:a9fe": false, "fd00:ec2::23": true, "fd00:ec2::254": false,
	} {
		if err := g.Check(netip.MustParseAddr(addr)); (err == nil) != want {
			t.Errorf("%s: %v", addr, err)
		}
	}
	everything := New(prefixes(t, "0.0.0.0/0", "::/0")...)
	for addr, want := range map[string]bool{"127.0.0.1": true, "::1": true, "10.0.0.1": true, "fe80::1%lo": true, "169.254.169.254": false, "168.63.129.16": false, "::ffff:169.254.169.254": false} {
		if err := everything.Check(netip.MustParseAddr(addr)); (err == nil) != want {
			t.Errorf("with everything allowed, %s: %v", addr, err)
		}
	}
	if err := New(prefixes(t, "169.254.169.254")...).Check(netip.MustParseAddr("169.254.169.254")); err != nil {
		t.Errorf("named alone: %v", err)
	}
}

func TestRefusalsAreCounted(t *testing.T) {
	g := New()
	var told []string
	g.Refused = func(r *Refusal) { told = append(told, r.Addr.String()) }
	g.Check(netip.MustParseAddr("64:ff9b::7f00:1"))
	g.Check(netip.MustParseAddr("8.8.8.8"))
	if len(told) != 1 || told[0] != "64:ff9b::7f00:1" {
		t.Errorf("told of %v", told)
	}
}

func TestControlTakesOnlyAddressesOverTCP(t *testing.T) {
	g := New()
	for _, c := range []struct {
		network, address string
		ok               bool
	}{
		{"tcp4", "8.8.8.8:443", true}, {"tcp6", "[2606:4700:4700::1111]:8443", true}, {"tcp4", "127.0.0.1:80", false}, {"tcp6", "[::1%lo]:80", false},
		{"tcp6", "[::ffff:127.0.0.1]:80", false}, {"udp4", "8.8.8.8:53", false}, {"unix", "/run/docker.sock", false}, {"tcp", "8.8.8.8:443", false},
		{"tcp4", "localhost:80", false}, {"tcp4", "8.8.8.8", false}, {"tcp4", "", false}, {"tcp4", "2130706433:80", false}, {"tcp4", "0177.0.0.1:80", false},
	} {
		err := g.Control(c.network, c.address, nil)
		if (err == nil) != c.ok || err != nil && !errors.Is(err, ErrRefused) {
			t.Errorf("%s %s: %v", c.network, c.address, err)
		}
	}
}

func TestNetworksAreReadStrictly(t *testing.T) {
	for text, want := range map[string]string{
		"10.0.0.0/8": "10.0.0.0/8", " 127.0.0.1 ": "127.0.0.1/32", "::1": "::1/128", "fd00::/8": "fd00::/8", "::ffff:10.0.0.0/104": "10.0.0.0/8",
		"::ffff:10.0.0.1": "10.0.0.1/32", "0.0.0.0/0": "0.0.0.0/0", "::/0": "::/0",
	} {
		if p, err := ParseNetwork(text); err != nil || p.String() != want {
			t.Errorf("%q: %v, %v", text, p, err)
		}
	}
	for text, want := range map[string]string{
		"10.0.0.1/8": "did you mean 10.0.0.0/8", "fe80::1%eth0": "leave it out", "": "not a network", "localhost": "not a network", "10.0.0.0/33": "not a network",
		"10.0.0/8": "not a network", "010.0.0.0/8": "not a network", "::ffff:0:0/90": "wider than all IPv4", "10.0.0.0/08": "not a network",
		strings.Repeat("1", 5000): "…",
	} {
		if p, err := ParseNetwork(text); err == nil || !strings.Contains(err.Error(), want) || len(err.Error()) > 200 {
			t.Errorf("%q: %v, %v; want %q", text, p, err, want)
		}
	}
}

// inner says by other means than the guard's that an IPv4 address is not of the open internet.
func inner(a netip.Addr) bool {
	return a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast() || a.IsMulticast() || a.IsUnspecified() || a.IsLinkLocalMulticast() ||
		a.IsInterfaceLocalMulticast() || !a.IsGlobalUnicast()
}

func FuzzNothingInnerPasses(f *testing.F) {
	for _, s := range []string{"127.0.0.1", "::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:4136:e378:8000:63bf:80ff:fffe", "8.8.8.8", "2606:4700::5efe:10.0.0.1"} {
		b, _ := netip.MustParseAddr(s).MarshalBinary()
		f.Add(b, "")
	}
	f.Add([]byte{127, 0, 0, 1}, "eth0")
	g := New()
	f.Fuzz(func(t *testing.T, b []byte, zone string) {
		a, ok := netip.AddrFromSlice(b)
		if !ok {
			return
		}
		a = a.WithZone(zone)
		if g.Check(a) != nil {
			return
		}
		u := a.Unmap()
		if inner(u) || u.Is6() && (!netip.MustParsePrefix("2000::/3").Contains(u) || u.Zone() != "") {
			t.Fatalf("%s passes", a)
		}
		if !u.Is6() {
			if v := binary.BigEndian.Uint32(u.AsSlice()); v>>22 == 100<<2|1 || v>>24 == 0 || v>>28 == 15 {
				t.Fatalf("%s passes", a)
			}
			return
		}
		s := u.As16()
		if s[0] == 0x20 && s[1] == 0x02 || binary.BigEndian.Uint32(s[:4]) == 0x20010000 {
			t.Fatalf("%s passes: a tunnel's address", a)
		}
	})
}

func FuzzControl(f *testing.F) {
	f.Add("tcp4", "127.0.0.1:80")
	f.Add("tcp6", "[fe80::1%25eth0]:80")
	g := New()
	f.Fuzz(func(t *testing.T, network, address string) {
		if err := g.Control(network, address, nil); err != nil {
			if !errors.Is(err, ErrRefused) {
				t.Fatalf("%v is no refusal", err)
			}
			return
		}
		if to, err := netip.ParseAddrPort(address); err != nil || inner(to.Addr().Unmap()) {
			t.Fatalf("%q passes", address)
		}
	})
}

func FuzzParseNetwork(f *testing.F) {
	for _, s := range []string{"10.0.0.0/8", "::ffff:10.0.0.0/104", "127.0.0.1", "::/0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParseNetwork(s)
		if err != nil {
			return
		}
		if again, err := ParseNetwork(p.String()); err != nil || again != p {
			t.Fatalf("%s comes back as %s, %v", p, again, err)
		}
	})
}
