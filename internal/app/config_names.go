package app

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"outcry/internal/reaction"
)

// Names are names or addresses, written as a list or with commas between them.
type Names []string

func (n Names) String() string { return strings.Join(n, ",") }

// UnmarshalText reads names with commas between them.
func (n *Names) UnmarshalText(b []byte) error {
	out := Names{}
	for one := range strings.SplitSeq(string(b), ",") {
		if one = strings.TrimSpace(one); one != "" {
			out = append(out, one)
		}
	}
	*n = out
	return nil
}

// Dollars are US dollars.
type Dollars float64

// MarshalText writes the amount as it is read.
func (d Dollars) MarshalText() ([]byte, error) {
	return strconv.AppendFloat(nil, float64(d), 'f', -1, 64), nil
}

// UnmarshalText reads an amount like 25 or 12.50.
func (d *Dollars) UnmarshalText(b []byte) error {
	f, err := strconv.ParseFloat(strings.TrimPrefix(strings.TrimSpace(string(b)), "$"), 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return fmt.Errorf("%q is not an amount of US dollars, like 25 or 12.50", b)
	}
	*d = Dollars(f)
	return nil
}

// NamesAccept is from how many posts on a name is accepted by itself; 0 is off.
type NamesAccept int

// MarshalText writes the setting as it is read.
func (n NamesAccept) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

func (n NamesAccept) String() string {
	if n == 0 {
		return "off"
	}
	return strconv.Itoa(int(n)) + " posts"
}

// UnmarshalText reads "off", or a number of posts.
func (n *NamesAccept) UnmarshalText(b []byte) error {
	s := strings.TrimSpace(string(b))
	if s == "off" {
		*n = 0
		return nil
	}
	posts, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(s, "posts")))
	if err != nil || posts < reaction.NamePosts || posts > 1_000_000 {
		return fmt.Errorf("%q is neither off nor a number of posts from %d on, like 20 posts", s, reaction.NamePosts)
	}
	*n = NamesAccept(posts)
	return nil
}
