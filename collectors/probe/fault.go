package probe

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"time"

	"outcry/internal/health"
	"outcry/internal/netguard"
)

// ours are what this machine answers when it is itself that cannot.
var ours = []struct {
	err  error
	text string
}{
	{syscall.ENETUNREACH, "this machine has no route to it"},
	{syscall.EHOSTUNREACH, "this machine has no route to it"},
	{syscall.ENETDOWN, "this machine's network is down"},
	{syscall.EADDRNOTAVAIL, "this machine has no free port"},
	{syscall.EMFILE, "this machine has too many files open"},
	{syscall.ENFILE, "this machine has too many files open"},
	{syscall.ENOBUFS, "this machine is out of memory for connections"},
	{syscall.ENOMEM, "this machine is out of memory"},
	{syscall.EACCES, "this machine may not connect to it"},
	{syscall.EPERM, "this machine may not connect to it"},
}

// fault says what a failed exchange means: Down for what the audience would meet too, Unknown for
// what is our own. The detail is made here, of fixed words: what servers and certificates say of
// themselves is never passed on.
func fault(err error, timeout time.Duration) (state health.State, detail string) {
	if r, ok := errors.AsType[*netguard.Refusal](err); ok {
		return health.Unknown, "not asked: " + r.Error()
	}
	if errors.Is(err, netguard.ErrRefused) {
		return health.Unknown, "not asked: the address is refused"
	}
	if errors.Is(err, context.Canceled) {
		return health.Unknown, "the measuring was stopped"
	}
	for _, o := range ours {
		if errors.Is(err, o.err) {
			return health.Unknown, o.text
		}
	}
	if d, ok := errors.AsType[*net.DNSError](err); ok {
		if d.IsNotFound {
			return health.Down, "its name is not known to DNS"
		}
		return health.Unknown, "this machine cannot look up its name: DNS does not answer"
	}
	if _, ok := errors.AsType[x509.SystemRootsError](err); ok {
		return health.Unknown, "this machine has no list of authorities to check certificates by"
	}
	if text := certificate(err); text != "" {
		return health.Down, text
	}
	var timed net.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timed) && timed.Timeout():
		return health.Down, fmt.Sprintf("no answer within %s", timeout)
	case errors.Is(err, syscall.ECONNREFUSED):
		return health.Down, "the connection was refused"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return health.Down, "the connection broke off"
	case strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return health.Down, "it answers without encryption where https is expected"
	}
	return health.Down, "its answer is no HTTP that can be read"
}

// certificate says what is wrong with a server's certificate or encryption, "" where it is not
// that which failed.
func certificate(err error) string {
	if c, ok := errors.AsType[x509.CertificateInvalidError](err); ok && c.Reason == x509.Expired {
		return "its certificate has expired, or is not valid yet"
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return "its certificate is for another name"
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return "its certificate is from an authority that this machine does not know"
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "its certificate is not valid"
	}
	_, alert := errors.AsType[tls.AlertError](err)
	_, record := errors.AsType[tls.RecordHeaderError](err)
	if alert || record || strings.Contains(err.Error(), "tls: ") {
		return "no encrypted connection can be agreed on with it"
	}
	return ""
}
