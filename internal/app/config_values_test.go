package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

func TestSecretNeverPrints(t *testing.T) {
	c := Config{DatabaseURL: NewSecret("hunter2"), NATSURL: NewSecret("hunter2"), XToken: NewSecret("hunter2"), MastodonTokens: NewSecret("hunter2")}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%08b", "%t", "%U"} {
		fmt.Fprintf(&out, verb+" "+verb+" "+verb+"\n", c, &c, c.DatabaseURL)
	}
	fmt.Fprintln(&out, c, c.DatabaseURL, &c.DatabaseURL, map[string]any{"a": c.NATSURL}, fmt.Errorf("x %w %v", fmt.Errorf("%v", c), c.NATSURL))
	for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(h).Info("up", "config", c, "pointer", &c, "url", c.DatabaseURL, "url pointer", &c.DatabaseURL)
	}
	for _, marshal := range []func(any) ([]byte, error){json.Marshal, yaml.Marshal} {
		b, err := marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(b)
	}
	for _, shown := range []string{"hunter2", fmt.Sprintf("%x", "hunter2"), fmt.Sprintf("%X", "hunter2"), "104 117 110"} {
		if strings.Contains(out.String(), shown) {
			t.Errorf("%q shows in:\n%s", shown, out.String())
		}
	}
	if got := fmt.Sprint(c.DatabaseURL, Secret{}); got != "(set) (not set)" {
		t.Errorf("a secret prints %q", got)
	}
	if c.DatabaseURL.Reveal() != "hunter2" {
		t.Error("a secret is not revealed")
	}
}

func TestBytes(t *testing.T) {
	for text, want := range map[string]Bytes{
		"0": 0, "1": 1, "1073741824": GiB, "8GiB": 8 * GiB, "8gib": 8 * GiB, "1.5 GB": 1_500_000_000, " 64 MiB ": 64 * MiB,
		"2TiB": 2 * TiB, "1TB": 1e12, "3KiB": 3 * KiB, "7 B": 7, "1e3": 1000,
	} {
		var got Bytes
		if err := got.UnmarshalText([]byte(text)); err != nil || got != want {
			t.Errorf("%q: got %d, %v; want %d", text, got, err, want)
		}
		var again Bytes
		if err := again.UnmarshalText([]byte(got.String())); err != nil || again != got {
			t.Errorf("%q is written %s and read back as %d, %v", text, got, again, err)
		}
	}
	for _, text := range []string{"", "GiB", "-1", "8 gigs", "NaN", "Inf", "9e30", "8388608TiB", "9223372036854775808", "0x10"} {
		var got Bytes
		if err := got.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q was read as %d", text, got)
		}
	}
}
