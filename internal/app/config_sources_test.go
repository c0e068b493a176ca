package app

import (
	"fmt"
	"testing"
	"time"

	"outcry/internal/reaction"
)

func TestConfigOfSources(t *testing.T) {
	token, tokens := write(t, "token", "hunter2\n"), write(t, "tokens", "# mine\nmastodon.social hunter3\n")
	home := []string{"HOME=/h"}
	c, err := LoadConfig(ConfigSources{Environ: append(home, "OUTCRY_SOURCES=x, mastodon", "OUTCRY_X_TOKEN_FILE="+token, "OUTCRY_X_MONTH_USD=12.50",
		"OUTCRY_MASTODON_SERVERS=mastodon.social,other.example", "OUTCRY_MASTODON_TOKENS_FILE="+tokens, "OUTCRY_BLUESKY_HOSTS=ws://127.0.0.1:1", "OUTCRY_BLUESKY_EXPECT=5m")})
	if err != nil {
		t.Fatal(err)
	}
	if c.XToken.Reveal() != "hunter2" || c.MastodonTokens.Reveal() != "# mine\nmastodon.social hunter3" || c.XMonthUSD != 12.5 ||
		len(c.MastodonServers) != 2 || c.BlueskyHosts[0] != "ws://127.0.0.1:1" || c.BlueskyExpect != 5*time.Minute {
		t.Errorf("%+v", c)
	}
	if c.Collects(reaction.Bluesky) || !c.Collects(reaction.X) {
		t.Errorf("it collects %v", c.Sources)
	}
	for _, tc := range []struct{ setting, value, want string }{
		{"sources", "twitter", `--sources: sources[0]: "twitter" is none of bluesky, mastodon, x`},
		{"sources", "none,x", `--sources: sources[0]: "none" stands alone`},
		{"sources", ",", `--sources: sources: give at least one of bluesky, mastodon, x, or "none"`},
		{"bluesky_expect", "1s", "--bluesky-expect: bluesky_expect: 1s is not between 5s and 24h0m0s"},
		{"x_url", "http://api.x.com", "--x-url: x_url: give an https address like https://api.x.com: a token is sent there"},
		{"x_month_usd", "lots", `--x-month-usd: x_month_usd: "lots" is not an amount of US dollars, like 25 or 12.50`},
		{"x_month_usd", "-1", "--x-month-usd: x_month_usd: -1 is not between 0 and 1e+06"},
		{"x_token_file", tokens, "--x-token-file: x_token_file: " + tokens + " does not hold a token alone"},
		{"mastodon_tokens_file", tokens, "--mastodon-tokens-file: mastodon_servers: there are tokens for Mastodon and no server to listen to"},
	} {
		_, err := LoadConfig(ConfigSources{Environ: home, Flags: map[string]string{tc.setting: tc.value}})
		if got := fmt.Sprint(err); got != tc.want && tc.setting != "mastodon_tokens_file" || err == nil {
			t.Errorf("%s %s:\ngot  %v\nwant %s", tc.setting, tc.value, err, tc.want)
		}
	}
	c, err = LoadConfig(ConfigSources{Environ: home, Flags: map[string]string{"sources": "none"}})
	if err != nil || c.Collects(reaction.Bluesky) {
		t.Errorf("none collects %v, %v", c.Sources, err)
	}
}
