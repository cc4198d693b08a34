package assume

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"
)

// silence is a call that brought no answer of STS: the reason in our words, and what to do. Texts of the network
// libraries are not quoted, since they may hold a proxy's password or a piece of an answer.
func (s *step) silence(err error) (what, hint string) {
	host := s.line.host
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return host + " did not answer in time", "look at the network, HTTPS_PROXY and NO_PROXY; WHICHROLE_TIMEOUT waits longer"
	}
	if status := statusOf(err); status != 0 {
		return s.notSTS(err, status)
	}
	if what, hint, ok := s.proxyTrouble(err); ok {
		return what, hint
	}
	if what, hint, ok := s.tlsTrouble(err, host); ok {
		return what, hint
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		hint := s.line.region + " must be a region, and the network up"
		if s.line.endpoint != "" {
			hint = "AWS_ENDPOINT_URL_STS must name a host that exists, and the network be up"
		}
		return "the name " + s.quote(dns.Name) + " cannot be resolved", hint
	}
	if errors.Is(err, syscall.ECONNREFUSED) {
		return host + " refuses connections", "look at the network and AWS_ENDPOINT_URL_STS"
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
		return host + " cannot be reached", "look at the network, HTTPS_PROXY and NO_PROXY"
	}
	return host + " cut the connection", ""
}

// notSTS is an HTTP answer that STS would not give.
func (s *step) notSTS(err error, status int) (what, hint string) {
	if brokeOff(err) {
		return "the answer of " + s.line.host + " broke off", ""
	}
	hint = "a captive portal or a proxy may stand in between"
	if s.line.endpoint != "" {
		hint = "AWS_ENDPOINT_URL_STS must be the URL of an STS"
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return fmt.Sprintf("the answer of %s is larger than %d KiB", s.line.host, maxAnswer>>10), hint
	}
	return fmt.Sprintf("what %s answers (HTTP %d) is not an answer of STS", s.line.host, status), hint
}

func (s *step) proxyTrouble(err error) (what, hint string, ok bool) {
	hint = "look at HTTPS_PROXY and NO_PROXY"
	if proxy, ok := errors.AsType[proxyError](err); ok {
		return proxy.what, hint, true
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "proxyconnect" {
		return "the proxy cannot be reached", hint, true
	}
	return "", "", false
}

// brokeOff tells that the connection ended within an answer.
func brokeOff(err error) bool {
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET)
}

// notTLS tells that the other side answered the handshake with something else; plain HTTP has an error of its own.
func notTLS(err error) bool {
	_, garbled := errors.AsType[tls.RecordHeaderError](err)
	return garbled || errors.Is(err, http.ErrSchemeMismatch)
}

func (s *step) tlsTrouble(err error, host string) (what, hint string, ok bool) {
	if notTLS(err) {
		return host + " does not speak TLS", "AWS_ENDPOINT_URL_STS may want http://", true
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); !ok {
		return "", "", false
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.Expired {
		return "the certificate of " + host + " is not valid at this time", "look at the clock of this machine", true
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return "the certificate is for another host than " + host, "a captive portal or a proxy may stand in between", true
	}
	return "the certificate of " + host + " is signed by an unknown authority (x509)",
		"if a proxy inspects TLS here, point AWS_CA_BUNDLE to a file with its certificate", true
}
