package transport

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

// Place is whom a call was for, for words about it.
type Place struct {
	Host     string // and port where it is not the usual one
	Service  string // STS
	Region   string // that the host was made of, "" if it was not
	Variable string // that names the endpoint, as in AWS_ENDPOINT_URL_STS; "" where the user has named none
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
	if errors.Is(err, syscall.ECONNREFUSED) {
		hint := "look at the network"
		if p.Variable != "" {
			hint += " and " + p.Variable
		}
		return &Silence{p.Host + " refuses connections", hint}
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
		return &Silence{p.Host + " cannot be reached", "look at the network, HTTPS_PROXY and NO_PROXY"}
	}
	return &Silence{p.Host + " cut the connection", ""}
}

// Stranger is for an HTTP answer that the service would not give.
func (p Place) Stranger(err error, status int) *Silence {
	if BrokeOff(err) {
		return &Silence{"the answer of " + p.Host + " broke off", ""}
	}
	hint := "a captive portal or a proxy may stand in between"
	if p.Variable != "" {
		hint = p.Variable + " must be the URL of " + p.Service
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return &Silence{fmt.Sprintf("the answer of %s is larger than %d KiB", p.Host, maxAnswer>>10), hint}
	}
	return &Silence{fmt.Sprintf("what %s answers (HTTP %d) is not an answer of %s", p.Host, status, p.Service), hint}
}

func proxyTrouble(err error) *Silence {
	const hint = "look at HTTPS_PROXY and NO_PROXY"
	if proxy, ok := errors.AsType[proxyError](err); ok {
		return &Silence{proxy.what, hint}
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "proxyconnect" {
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
	case p.Region != "":
		hint = p.Region + " must be a region, and the network up"
	}
	return &Silence{"the name " + Quote(dns.Name) + " cannot be resolved", hint}
}

// BrokeOff tells that the connection ended within an answer.
func BrokeOff(err error) bool {
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET)
}

// Hopeless tells that the next try would only repeat this failure.
func Hopeless(err error) bool {
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](err)
	_, proxy := errors.AsType[proxyError](err)
	return untrusted || proxy || notTLS(err)
}

// notTLS tells that the other side answered the handshake with something else; plain HTTP has an error of its own.
func notTLS(err error) bool {
	_, garbled := errors.AsType[tls.RecordHeaderError](err)
	return garbled || errors.Is(err, http.ErrSchemeMismatch)
}

func (p Place) tlsTrouble(err error) *Silence {
	if notTLS(err) {
		hint := "a captive portal or a proxy may stand in between"
		if p.Variable != "" {
			hint = p.Variable + " may want http://"
		}
		return &Silence{p.Host + " does not speak TLS", hint}
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); !ok {
		return nil
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.Expired {
		return &Silence{"the certificate of " + p.Host + " is not valid at this time", "look at the clock of this machine"}
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return &Silence{"the certificate is for another host than " + p.Host, "a captive portal or a proxy may stand in between"}
	}
	return &Silence{"the certificate of " + p.Host + " is signed by an unknown authority (x509)",
		"if a proxy inspects TLS here, point AWS_CA_BUNDLE to a file with its certificate"}
}
