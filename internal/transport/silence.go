package transport

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
)

// Place is whom a call was for, for words about it.
type Place struct {
	Host     string // and port where it is not the usual one
	Service  string // STS; "" where that is not known
	Variable string // that names the endpoint, as in AWS_ENDPOINT_URL_STS; "" where the user has named none
	Nameless string // what must be so that the host's name is known; "" where nothing better is known
}

// Silence is a call that brought no answer that can be used: the reason in our words, and what to do. Texts of the network
// libraries are not quoted, since they may hold a proxy's password or a piece of an answer.
type Silence struct{ What, Hint string }

func (s *Silence) Error() string { return s.What }

// Silence words an error of the network. status is that of the answer, 0 where there was none.
func (p Place) Silence(err error, status int) *Silence {
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return &Silence{p.Host + " did not answer in time", "look at the network, HTTPS_PROXY and NO_PROXY; WHICHROLE_TIMEOUT waits longer"}
	}
	if status != 0 {
		return p.Stranger(err, status)
	}
	for _, trouble := range []func(error) *Silence{proxyTrouble, p.tlsTrouble, p.nameTrouble} {
		if s := trouble(err); s != nil {
			return s
		}
	}
	if errors.Is(err, connectionRefused) {
		hint := "look at the network"
		if p.Variable != "" {
			hint += " and " + p.Variable
		}
		return &Silence{p.Host + " refuses connections", hint}
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
		return &Silence{p.Host + " cannot be reached", "look at the network, HTTPS_PROXY and NO_PROXY"}
	}
	if strings.Contains(err.Error(), "malformed HTTP") { // which has no type of its own
		return &Silence{p.Host + " does not speak HTTP", p.wrongHost()}
	}
	return &Silence{p.Host + " cut the connection", ""}
}

// wrongHost is the hint where somebody answers who should not.
func (p Place) wrongHost() string {
	if p.Variable != "" {
		return p.Variable + " must be the URL of " + p.Service
	}
	return "a captive portal or a proxy may stand in between"
}

// Stranger is for an HTTP answer that the service would not give.
func (p Place) Stranger(err error, status int) *Silence {
	if BrokeOff(err) {
		return &Silence{"the answer of " + p.Host + " broke off", ""}
	}
	what := fmt.Sprintf("what %s answers (HTTP %d) is not an answer of %s", p.Host, status, p.Service)
	if p.Service == "" {
		what = fmt.Sprintf("what %s answers (HTTP %d) cannot be read", p.Host, status)
	}
	if tooLarge(err) {
		what = fmt.Sprintf("the answer of %s is larger than %d KiB", p.Host, maxAnswer>>10)
	}
	return &Silence{what, p.wrongHost()}
}

func tooLarge(err error) bool {
	_, ok := errors.AsType[*http.MaxBytesError](err)
	return ok
}

func proxyTrouble(err error) *Silence {
	const hint = "look at HTTPS_PROXY and NO_PROXY"
	if proxy, ok := errors.AsType[proxyError](err); ok {
		return &Silence{proxy.what, hint}
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && (op.Op == "proxyconnect" || strings.HasPrefix(op.Op, "socks")) {
		return &Silence{"the proxy cannot be reached", hint}
	}
	return nil
}

func (p Place) nameTrouble(err error) *Silence {
	dns, ok := errors.AsType[*net.DNSError](err)
	if !ok {
		return nil
	}
	hint := "look at the network"
	switch {
	case p.Variable != "":
		hint = p.Variable + " must name a host that exists, and the network be up"
	case p.Nameless != "":
		hint = p.Nameless + ", and the network be up"
	}
	return &Silence{"the name " + Quote(dns.Name) + " cannot be resolved", hint}
}

// BrokeOff tells that the connection ended within an answer.
func BrokeOff(err error) bool {
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, connectionReset)
}

// Hopeless tells that the next try would only repeat this failure.
func Hopeless(err error) bool {
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](err)
	_, proxy := errors.AsType[proxyError](err)
	dns, unknown := errors.AsType[*net.DNSError](err)
	return untrusted || proxy || unknown && dns.IsNotFound || tooLarge(err) || notTLS(err) || disagreed(err)
}

// notTLS tells that the other side answered the handshake with something else; plain HTTP has an error of its own.
func notTLS(err error) bool {
	_, garbled := errors.AsType[tls.RecordHeaderError](err)
	return garbled || errors.Is(err, http.ErrSchemeMismatch)
}

// disagreed tells that a handshake failed for what one side wants and the other has not: a version, a client's certificate.
// Such errors have no type of their own.
func disagreed(err error) bool {
	for ; err != nil; err = errors.Unwrap(err) {
		if strings.HasPrefix(err.Error(), "tls: ") {
			return true
		}
	}
	return false
}

func (p Place) tlsTrouble(err error) *Silence {
	if notTLS(err) {
		if p.Variable != "" {
			return &Silence{p.Host + " does not speak TLS", p.Variable + " may want http://"}
		}
		return &Silence{p.Host + " does not speak TLS", p.wrongHost()}
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); !ok {
		if disagreed(err) {
			return &Silence{p.Host + " and this machine do not agree on TLS", p.wrongHost()}
		}
		return nil
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.Expired {
		return &Silence{"the certificate of " + p.Host + " is not valid at this time", "look at the clock of this machine"}
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return &Silence{"the certificate is for another host than " + p.Host, p.wrongHost()}
	}
	return &Silence{"the certificate of " + p.Host + " is signed by an unknown authority (x509)",
		"if a proxy inspects TLS here, point AWS_CA_BUNDLE to a file with its certificate"}
}
