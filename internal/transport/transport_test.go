package transport

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"whichrole/internal/paths"
)

// The SDK closes its request's body when the answer begins, which may be before the transport has read the body's end. It
// then took the request for broken, and answers over 4 KiB were cut off: two AssumeRole for one.
func TestBodyOutlivesTheSDKsCloseOfIt(t *testing.T) {
	r, _ := http.NewRequest("POST", "http://sts.example.test", &closing{Reader: strings.NewReader("Action=AssumeRole")})
	var sent io.ReadCloser
	_, err := bounded{roundTrip(func(r *http.Request) (*http.Response, error) {
		sent = r.Body
		return &http.Response{Body: http.NoBody}, nil
	})}.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if body, err := io.ReadAll(sent); err != nil || string(body) != "Action=AssumeRole" {
		t.Errorf("%q %v", body, err)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// closing is a body that cannot be read once it is closed.
type closing struct {
	io.Reader
	closed bool
}

func (c *closing) Read(p []byte) (int, error) {
	if c.closed {
		return 0, errors.New("closed")
	}
	return c.Reader.Read(p)
}

func (c *closing) Close() error {
	c.closed = true
	return nil
}

func TestNoProxy(t *testing.T) {
	for _, c := range []struct {
		target, noProxy string
		direct          bool
	}{
		{"https://sts.eu-west-1.amazonaws.com", "", false},
		{"https://sts.eu-west-1.amazonaws.com", "*", true},
		{"https://sts.eu-west-1.amazonaws.com", "example.com, amazonaws.com", true},
		{"https://sts.eu-west-1.amazonaws.com", "example.com .AMAZONAWS.com", true},
		{"https://sts.eu-west-1.amazonaws.com", "*.amazonaws.com", true},
		{"https://sts.eu-west-1.amazonaws.com", "naws.com", false},
		{"https://sts.eu-west-1.amazonaws.com", "sts.eu-west-1.amazonaws.com:443", true},
		{"https://sts.eu-west-1.amazonaws.com", "sts.eu-west-1.amazonaws.com:8443", false},
		{"https://amazonaws.com", ".amazonaws.com", false},
		{"https://amazonaws.com", "amazonaws.com", true},
		{"https://10.1.2.3", "10.0.0.0/8", true},
		{"https://11.1.2.3", "10.0.0.0/8", false},
		{"https://10.1.2.3:8443", "10.1.2.3", true},
		{"https://10.1.2.3:8443", "10.1.2.3:443", false},
		{"https://[fd00::1]", "fd00::/8", true},
		{"https://sts.example.test", "10.0.0.0/8,.", false},
		{"http://localhost:4566", "", true},
		{"http://127.0.0.2:4566", "", true},
		{"http://[::1]:4566", "", true},
	} {
		u, _ := url.Parse(c.target)
		proxy, err := proxyOf(paths.Env{"https_proxy": "proxy.test:3128", "HTTP_PROXY": "proxy.test", "NO_PROXY": c.noProxy})(&http.Request{URL: u})
		if err != nil || (proxy == nil) != c.direct {
			t.Errorf("%s with NO_PROXY=%q: %v %v", c.target, c.noProxy, proxy, err)
		}
	}
}

// Failures of the network that a test cannot bring about on loopback.
func TestSilence(t *testing.T) {
	p := Place{Host: "sts.eu-north-9.amazonaws.com", Service: "STS", Nameless: "eu-north-9 must be a region"}
	for name, c := range map[string]struct {
		err        error
		what, hint string
	}{
		"no such name":          {&net.DNSError{Name: "sts.eu-north-9.amazonaws.com", IsNotFound: true}, "the name sts.eu-north-9.amazonaws.com cannot be resolved", "eu-north-9 must be a region"},
		"no route":              {&net.OpError{Op: "dial", Err: errors.New("no route to host")}, "cannot be reached", "HTTPS_PROXY"},
		"a dial too long":       {&net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}, "did not answer in time", "WHICHROLE_TIMEOUT"},
		"an old certificate":    {&tls.CertificateVerificationError{Err: x509.CertificateInvalidError{Reason: x509.Expired}}, "is not valid at this time", "clock"},
		"another's certificate": {&tls.CertificateVerificationError{Err: x509.HostnameError{Certificate: &x509.Certificate{}, Host: "x"}}, "is for another host", "captive portal"},
	} {
		err := &url.Error{Op: "Post", URL: "https://x", Err: c.err}
		if s := p.Silence(err, 0); !strings.Contains(s.What, c.what) || !strings.Contains(s.Hint, c.hint) {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

func TestHopeless(t *testing.T) {
	for _, c := range []struct {
		err  error
		want bool
	}{
		{&net.DNSError{Name: "sts.eu-north-9.amazonaws.com", IsNotFound: true}, true},
		{&net.DNSError{Name: "sts.eu-north-1.amazonaws.com", IsTemporary: true}, false},
		{&net.OpError{Op: "remote error", Err: errors.New("tls: handshake failure")}, true},
		{&net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}, false},
		{proxyError{"no"}, true},
		{io.ErrUnexpectedEOF, false},
		{nil, false},
	} {
		err := c.err
		if err != nil {
			err = &url.Error{Op: "Post", URL: "https://x/?tls: ", Err: err}
		}
		if got := Hopeless(err); got != c.want {
			t.Errorf("%v: %v", c.err, got)
		}
	}
}
