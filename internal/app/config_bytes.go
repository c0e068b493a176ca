package app

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Bytes is an amount of storage, written with a unit: "8GiB".
type Bytes int64

// Units of storage.
const (
	KiB Bytes = 1 << 10
	MiB Bytes = 1 << 20
	GiB Bytes = 1 << 30
	TiB Bytes = 1 << 40
)

// byteUnits are what may follow a number; written ones come first.
var byteUnits = []struct {
	name string
	size Bytes
}{
	{"TiB", TiB}, {"GiB", GiB}, {"MiB", MiB}, {"KiB", KiB},
	{"TB", 1e12}, {"GB", 1e9}, {"MB", 1e6}, {"KB", 1e3}, {"B", 1},
}

// String writes b in the largest unit that divides it.
func (b Bytes) String() string {
	for _, u := range byteUnits[:4] {
		if b != 0 && b%u.size == 0 {
			return strconv.FormatInt(int64(b/u.size), 10) + u.name
		}
	}
	return strconv.FormatInt(int64(b), 10)
}

// MarshalText writes String.
func (b Bytes) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// UnmarshalText reads a whole or decimal number, with or without a unit, in any case: "8GiB",
// "1.5 gb", "1073741824".
func (b *Bytes) UnmarshalText(text []byte) error {
	number, size := strings.TrimSpace(string(text)), Bytes(1)
	for _, u := range byteUnits {
		if at := len(number) - len(u.name); at >= 0 && strings.EqualFold(number[at:], u.name) {
			number, size = strings.TrimSpace(number[:at]), u.size
			break
		}
	}
	bad := fmt.Errorf("%q is not an amount of storage, like 8GiB", text)
	if whole, err := strconv.ParseInt(number, 10, 64); err == nil {
		if whole < 0 || whole > math.MaxInt64/int64(size) {
			return bad
		}
		*b = Bytes(whole) * size
		return nil
	}
	part, err := strconv.ParseFloat(number, 64)
	if err != nil || !(part >= 0 && part*float64(size) < math.MaxInt64) {
		return bad
	}
	*b = Bytes(part * float64(size))
	return nil
}
