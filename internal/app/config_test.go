package app

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"outcry/internal/strictyaml"
)

// write makes a file of a test and returns its path.
func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestConfigDefaults(t *testing.T) {
	c, err := LoadConfig(ConfigSources{Environ: []string{"HOME=/home/someone"}})
	if err != nil {
		t.Fatal(err)
	}
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	want := &Config{
		Listen: "127.0.0.1:8080", MetricsListen: "off", Data: "/home/someone/.local/share/outcry",
		Roles: Roles{"collect", "tag", "detect", "api"}, Log: LogConfig{"info", "text"},
		LogLimit: 8 << 30, Grace: 30 * time.Second, Node: host,
		Sources: Names{"bluesky", "mastodon", "x"}, BlueskyExpect: time.Minute,
	}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("got  %+v\nwant %+v", c, want)
	}
}

func TestConfigDataFollowsXDG(t *testing.T) {
	for xdg, want := range map[string]string{"/srv/data": "/srv/data/outcry", "relative": "/h/.local/share/outcry", "": "/h/.local/share/outcry"} {
		c, err := LoadConfig(ConfigSources{Environ: []string{"HOME=/h", "XDG_DATA_HOME=" + xdg}})
		if err != nil || c.Data != want {
			t.Errorf("XDG_DATA_HOME=%s: got %+v, %v; want %s", xdg, c, err, want)
		}
	}
	_, err := LoadConfig(ConfigSources{})
	if err == nil || err.Error() != "configuration: data: give a directory: without HOME there is no default" {
		t.Errorf("got %v", err)
	}
}

func TestConfigTakesTheNearestValue(t *testing.T) {
	file := write(t, "outcry.yaml", `
listen: "[::1]:1"
grace: 1s
node: from-file
allow_networks: [10.1.0.0/16, "::1"]
roles: [api, tag]
log: {level: warn, format: json}
log_limit: 512MiB
data: here
`)
	c, err := LoadConfig(ConfigSources{
		File:    file,
		Environ: []string{"HOME=/h", "OUTCRY_GRACE=2s", "OUTCRY_NODE=from-env", "OUTCRY_LOG_LEVEL=debug", "OUTCRY_LISTEN=", "OUTCRY_KEY=x"},
		Flags:   map[string]string{"node": "from-flag", "roles": "collect"}, OtherEnv: []string{"OUTCRY_KEY"},
	})
	if err != nil {
		t.Fatal(err)
	}
	here, err := filepath.Abs("here")
	if err != nil {
		t.Fatal(err)
	}
	want := &Config{
		Listen: "[::1]:1", MetricsListen: "off", Data: here, Roles: Roles{"collect"}, Log: LogConfig{"debug", "json"},
		LogLimit: 512 * MiB, Grace: 2 * time.Second, Node: "from-flag",
		AllowNetworks: Networks{"10.1.0.0/16", "::1"},
		Sources:       Names{"bluesky", "mastodon", "x"}, BlueskyExpect: time.Minute,
	}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("got  %+v\nwant %+v", c, want)
	}
}

func TestConfigMistakesAreReportedTogether(t *testing.T) {
	file := write(t, "outcry.yaml", `listen: 0.0.0.0:8080
metrics_listen: "9464"
lissten: x
roles: [tag, cook]
database_url: mysql://admin:hunter2@host/db
nats_url: nats://u:hunter2@a,example.org
log: {level: loud, format: xml}
log_limit: 1MiB
grace: 2h
allow_networks: [127.0.0.1, 10.0.0.1/8, localhost]
`)
	_, err := LoadConfig(ConfigSources{
		File:    file,
		Environ: []string{"HOME=/h", "OUTCRY_NODE=a b", "OUTCRY_DATABSE_URL=x", "OUTCRY_LOG_LIMIT=much"},
		Flags:   map[string]string{"metrics_listen": ":9464", "postgres_bin": "/no/such/folder", "colour": "red"},
	})
	want := strings.ReplaceAll(`F:1: listen: "0.0.0.0:8080" can be reached from other machines: give public_url an https address, or use 127.0.0.1:8080
F:3: lissten: this key is not known: did you mean "listen"?
F:4: roles[1]: role "cook" is none of collect, tag, detect, api
F:5: database_url: this is not a URL like postgres://user:password@host/outcry
F:6: nats_url: this is not a URL like nats://host:4222, or several with commas between them
F:7: log.level: "loud" is none of debug, info, warn, error
F:7: log.format: "xml" is none of text, json
F:9: grace: 2h0m0s is not between 0s and 1h0m0s
F:10: allow_networks[1]: "10.0.0.1/8" has bits set behind its length: did you mean 10.0.0.0/8, or 10.0.0.1/32?
F:10: allow_networks[2]: "localhost" is not a network like 10.1.0.0/16 or fd00:1::/32, or one address
OUTCRY_LOG_LIMIT: log_limit: "much" is not an amount of storage, like 8GiB
OUTCRY_DATABSE_URL: no setting has this name: did you mean "OUTCRY_DATABASE_URL"?
colour: no setting has this name
--metrics-listen: metrics_listen: ":9464" can be reached from other machines: use 127.0.0.1:9464; "off" opens no port
--postgres-bin: postgres_bin: stat /no/such/folder: no such file or directory
OUTCRY_NODE: node: "a b" is not 1 to 64 letters, digits or inner '-', '_', '.'`, "F:", file+":")
	if err == nil || err.Error() != want {
		t.Errorf("got:\n%v\nwant:\n%s", err, want)
	}
	if _, ok := errors.AsType[*strictyaml.Errors](err); !ok {
		t.Errorf("an error of type %T", err)
	}
}

func TestConfigReadsTheDatabaseURLFromAFile(t *testing.T) {
	secret := write(t, "url", "postgres://u:hunter2@host/db\n")
	home := []string{"HOME=/h"}
	c, err := LoadConfig(ConfigSources{Environ: append(home, "OUTCRY_DATABASE_URL_FILE="+secret)})
	if err != nil || c.DatabaseURL.Reveal() != "postgres://u:hunter2@host/db" {
		t.Fatalf("got %v, %v", c, err)
	}
	empty, wrong := write(t, "empty", " \n"), write(t, "wrong", "hunter2")
	for _, tc := range []struct {
		flags map[string]string
		want  string
	}{
		{map[string]string{"database_url_file": secret, "database_url": "postgres://h/d"}, "--database-url-file: database_url_file: database_url is given too: leave one of them out"},
		{map[string]string{"database_url_file": "/no/such"}, "--database-url-file: database_url_file: open /no/such: no such file or directory"},
		{map[string]string{"database_url_file": empty}, "--database-url-file: database_url_file: " + empty + " does not hold a URL alone"},
		{map[string]string{"database_url_file": wrong}, wrong + ": database_url: this is not a URL like postgres://user:password@host/outcry"},
		{map[string]string{"nats_creds_file": secret}, "--nats-creds-file: nats_creds_file: there is no nats_url to sign in at"},
	} {
		if _, err := LoadConfig(ConfigSources{Environ: home, Flags: tc.flags}); err == nil || err.Error() != tc.want {
			t.Errorf("%v:\ngot  %v\nwant %s", tc.flags, err, tc.want)
		}
	}
}

func TestConfigFileThatCannotBeRead(t *testing.T) {
	for _, file := range []string{"/no/such.yaml", t.TempDir()} {
		if _, err := LoadConfig(ConfigSources{File: file, Environ: []string{"HOME=/h"}}); err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: got %v", file, err)
		}
	}
}

// What others can reach is reached by TLS, by a name that is known.
func TestConfigOfTheDoor(t *testing.T) {
	cert, key := write(t, "cert", "x"), write(t, "key", "x")
	for _, tc := range []struct {
		flags map[string]string
		want  string // "" for none
	}{
		{map[string]string{"listen": "0.0.0.0:443", "public_url": "https://outcry.example.org", "tls_cert_file": cert, "tls_key_file": key}, ""},
		{map[string]string{"listen": ":8080", "public_url": "https://outcry.example.org", "trusted_proxies": "10.0.0.0/8,fd00::/8"}, ""},
		{map[string]string{"public_url": "http://localhost:8080"}, ""},
		{map[string]string{"listen": ":80", "public_url": "http://outcry.example.org"}, "--public-url: public_url: \"http://outcry.example.org\" would send passwords in the clear: use https\n--listen: listen: \":80\" can be reached from other machines: give public_url an https address, or use 127.0.0.1:80"},
		{map[string]string{"public_url": "http://outcry.example.org"}, "--public-url: public_url: \"http://outcry.example.org\" would send passwords in the clear: use https"},
		{map[string]string{"public_url": "https://outcry.example.org/path"}, "--public-url: public_url: \"https://outcry.example.org/path\" is not an address like https://outcry.example.org, without a path"},
		{map[string]string{"public_url": "outcry.example.org"}, "--public-url: public_url: \"outcry.example.org\" is not an address like https://outcry.example.org, without a path"},
		{map[string]string{"public_url": "https://u:p@outcry.example.org"}, "--public-url: public_url: \"https://u:xxxxx@outcry.example.org\" is not an address like https://outcry.example.org, without a path"},
		{map[string]string{"tls_cert_file": cert}, "--tls-cert-file: tls_cert_file: give tls_key_file too"},
		{map[string]string{"tls_key_file": key}, "--tls-key-file: tls_key_file: give tls_cert_file too"},
		{map[string]string{"trusted_proxies": "10.0.0.1/8,x"}, "--trusted-proxies: trusted_proxies[0]: \"10.0.0.1/8\" has bits beyond its length: write 10.0.0.0/8\n--trusted-proxies: trusted_proxies[1]: \"x\" is not a network like 10.0.0.0/8 or fd00::/8"},
	} {
		_, err := LoadConfig(ConfigSources{Environ: []string{"HOME=/h"}, Flags: tc.flags})
		if got := fmt.Sprint(err); err != nil && got != tc.want || err == nil && tc.want != "" {
			t.Errorf("%v:\ngot  %v\nwant %s", tc.flags, err, tc.want)
		}
	}
}

func TestClientsBehindAProxyThatIsNotListedCountAsOne(t *testing.T) {
	for c, want := range map[*Config]bool{
		{}:                                   false,
		{PublicURL: "http://localhost:8080"}: false,
		{PublicURL: "https://outcry.example.org"}:                                          true,
		{PublicURL: "https://outcry.example.org", TLSCertFile: "cert"}:                     false,
		{PublicURL: "https://outcry.example.org", TrustedProxies: []string{"127.0.0.0/8"}}: false,
	} {
		if got := c.ClientsCountAsOne(); got != want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

func TestOnlyLoopbackIsListenedOn(t *testing.T) {
	for addr, ok := range map[string]bool{
		"127.0.0.1:8080": true, "127.9.9.9:0": true, "[::1]:65535": true, "localhost:80": true, "[::ffff:127.0.0.1]:80": true,
		"": false, ":8080": false, "0.0.0.0:80": false, "[::]:80": false, "10.0.0.1:80": false, "example.org:80": false,
		"127.0.0.1": false, "127.0.0.1:65536": false, "127.0.0.1:http": false, "127.0.0.1:-1": false, "127.0.0.1:": false,
	} {
		if err := checkLoopback(addr); (err == nil) != ok {
			t.Errorf("%q: got %v", addr, err)
		}
	}
}
