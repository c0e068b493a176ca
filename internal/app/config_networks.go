package app

import (
	"fmt"
	"net/netip"
	"strings"
)

// Networks are networks in CIDR form, written as a list or with commas between them.
type Networks []string

func (n Networks) String() string { return strings.Join(n, ",") }

// UnmarshalText reads networks with commas between them.
func (n *Networks) UnmarshalText(b []byte) error {
	var out Networks
	for one := range strings.SplitSeq(string(b), ",") {
		if one = strings.TrimSpace(one); one != "" {
			out = append(out, one)
		}
	}
	*n = out
	return nil
}

// check says what is wrong with each network, by its place in the list.
func (n Networks) check(path string, bad func(path, format string, a ...any)) {
	for i, one := range n {
		at := fmt.Sprintf("%s[%d]", path, i)
		p, err := netip.ParsePrefix(one)
		switch {
		case err != nil:
			bad(at, "%q is not a network like 10.0.0.0/8 or fd00::/8", one)
		case p != p.Masked():
			bad(at, "%q has bits beyond its length: write %s", one, p.Masked())
		}
	}
}
