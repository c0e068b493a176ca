package app

import (
	"net/netip"
	"net/url"
	"os"
)

// Public is public_url; nil where there is none.
func (c *Config) Public() *url.URL {
	u, err := url.Parse(c.PublicURL)
	if err != nil || c.PublicURL == "" {
		return nil
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host}
}

// Secure reports whether clients come by TLS, to this process or to a proxy before it.
func (c *Config) Secure() bool {
	u := c.Public()
	return c.TLSCertFile != "" || u != nil && u.Scheme == "https"
}

// ClientsCountAsOne reports whether clients come through a proxy that is not listed: then they have
// one address between them, and any can use up what all may ask for.
func (c *Config) ClientsCountAsOne() bool {
	return c.Secure() && c.TLSCertFile == "" && len(c.TrustedProxies) == 0
}

// checkDoor looks at how the server is reached: nothing that other machines can reach may take
// passwords and keys in the clear.
func (c *Config) checkDoor(bad func(path, format string, a ...any)) {
	c.checkPublic(bad)
	u := c.Public()
	if err := checkLoopback(c.Listen); err != nil && (u == nil || u.Scheme != "https") {
		if _, port, badAddress := splitAddress(c.Listen); badAddress != nil {
			bad("listen", "%v", badAddress)
		} else {
			bad("listen", "%q can be reached from other machines: give public_url an https address, or use 127.0.0.1:%s", c.Listen, port)
		}
	} else if _, _, err := splitAddress(c.Listen); err != nil {
		bad("listen", "%v", err)
	}
	c.TrustedProxies.check("trusted_proxies", bad)
	switch {
	case c.TLSCertFile != "" && c.TLSKeyFile == "":
		bad("tls_cert_file", "give tls_key_file too")
	case c.TLSKeyFile != "" && c.TLSCertFile == "":
		bad("tls_key_file", "give tls_cert_file too")
	}
	for _, f := range []struct{ path, file string }{{"tls_cert_file", c.TLSCertFile}, {"tls_key_file", c.TLSKeyFile}, {"secret_file", c.SecretFile}} {
		if f.file == "" {
			continue
		}
		if info, err := os.Stat(f.file); err != nil {
			bad(f.path, "%v", err)
		} else if info.IsDir() {
			bad(f.path, "%s is a directory", f.file)
		}
	}
}

func (c *Config) checkPublic(bad func(path, format string, a ...any)) {
	if c.PublicURL == "" {
		return
	}
	const form = "%q is not an address like https://outcry.example.org, without a path"
	u, err := url.Parse(c.PublicURL)
	switch {
	case err != nil: // its text may hold a password
		bad("public_url", "it is not an address like https://outcry.example.org")
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "":
		bad("public_url", form, u.Redacted())
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		bad("public_url", "%q would send passwords in the clear: use https", c.PublicURL)
	}
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}
