// Package transport is the way to AWS, and to those who vouch for us there, over HTTP: proxies, certificates, bounds, and
// words for what goes wrong on it.
package transport

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"time"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

const (
	maxAnswer   = 256 << 10 // bytes of a response; a real one has about 2 KiB
	maxHeader   = 64 << 10
	maxBundle   = 8 << 20
	dialTimeout = 5 * time.Second // one address that does not answer must not use up the 15 s that a call has
)

// Settings are the user's word on how to get out of here.
type Settings struct {
	CABundle string    // a file of PEM certificates, trusted instead of the system's; "" for the system's
	Env      paths.Env // for HTTPS_PROXY, HTTP_PROXY and NO_PROXY, in capitals or not
}

// Way keeps its connections between calls and may be used from any goroutine.
type Way struct {
	// HTTP follows no redirect: a signed request and its session token go to AWS and to nobody that AWS may name.
	HTTP      *http.Client
	transport *http.Transport
}

// Open checks the settings: a bundle that can't be read is a *problem.Error of code Usage. It does not connect yet.
func Open(s Settings) (*Way, error) {
	roots, err := s.roots()
	if err != nil {
		return nil, err
	}
	t := &http.Transport{
		Proxy:                  proxyOf(s.Env),
		OnProxyConnectResponse: onProxyAnswer,
		DialContext:            (&net.Dialer{Timeout: dialTimeout}).DialContext,
		TLSHandshakeTimeout:    dialTimeout,
		TLSClientConfig:        &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		MaxResponseHeaderBytes: maxHeader,
		DisableCompression:     true, // a small body must not unfold into a large one
	}
	return &Way{transport: t, HTTP: &http.Client{
		Transport:     bounded{t},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// Close gives up the connections that nobody uses.
func (w *Way) Close() { w.transport.CloseIdleConnections() }

func (s Settings) roots() (*x509.CertPool, error) {
	if s.CABundle == "" {
		return nil, nil
	}
	data, _, err := paths.ReadRegular(s.CABundle, maxBundle)
	if err != nil {
		return nil, problem.New(problem.Usage, "the CA bundle cannot be read: %v", err).WithHint("look at AWS_CA_BUNDLE, and ca_bundle in the AWS config file").Because(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(data) {
		return nil, problem.New(problem.Usage, "the CA bundle holds no PEM certificate: %s", s.CABundle).WithHint("look at AWS_CA_BUNDLE, and ca_bundle in the AWS config file")
	}
	return pool, nil
}

// bounded ends a response that is larger than any real one.
type bounded struct{ http.RoundTripper }

// RoundTrip also sends a copy of the body. The SDK closes its own as soon as the answer begins; where that is before the
// transport has seen the body's end, the transport takes it for a broken request and cuts the answer off after 4 KiB.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	if r.Body != nil && r.Body != http.NoBody { // which says by itself how long it is
		body, err := io.ReadAll(r.Body)
		r.Body.Close()
		if err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	resp, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		resp.Body = http.MaxBytesReader(nil, resp.Body, maxAnswer)
	}
	return resp, err
}
