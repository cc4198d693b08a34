package transport

import (
	"crypto/tls"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// newTLSServer has a certificate for 127.0.0.1 and example.com that nobody knows; bundle is a file of it.
func newTLSServer(t *testing.T, config *tls.Config) (s *httptest.Server, bundle string, dials *atomic.Int32) {
	t.Helper()
	dials = new(atomic.Int32)
	s = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") }))
	s.TLS = config
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			dials.Add(1)
		}
	}
	s.StartTLS()
	t.Cleanup(s.Close)
	bundle = filepath.Join(t.TempDir(), "ca.pem")
	data := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	if err := os.WriteFile(bundle, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return s, bundle, dials
}

func TestNobodyIsBelievedWithoutACertificate(t *testing.T) {
	s, bundle, dials := newTLSServer(t, nil)
	host := s.Listener.Addr().String()
	_, err := do(t, open(t, Settings{}), Request{URL: s.URL})
	silent(t, err, "the certificate of "+host+" is signed by an unknown authority (x509)", "AWS_CA_BUNDLE")
	if dials.Load() != 1 {
		t.Errorf("asked %d times", dials.Load())
	}

	w := open(t, Settings{CABundle: bundle})
	if a, err := do(t, w, Request{URL: s.URL}); err != nil || string(a.Body) != "hello" {
		t.Errorf("%+v %v", a, err)
	}
	_, err = do(t, w, Request{URL: strings.Replace(s.URL, "127.0.0.1", "localhost", 1)})
	silent(t, err, "the certificate is for another host than localhost:", "captive portal")

	_, err = do(t, w, Request{URL: strings.Replace(s.URL, "https:", "http:", 1)})
	if err != nil { // Go's server answers 400 to that
		silent(t, err, host, "")
	}
}

func TestTLSThatIsNotAgreedOn(t *testing.T) {
	for name, config := range map[string]*tls.Config{
		"old":                  {MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10},
		"client's certificate": {ClientAuth: tls.RequireAnyClientCert, MaxVersion: tls.VersionTLS12},
	} {
		t.Run(name, func(t *testing.T) {
			s, bundle, dials := newTLSServer(t, config)
			_, err := do(t, open(t, Settings{CABundle: bundle}), Request{URL: s.URL})
			silent(t, err, s.Listener.Addr().String()+" and this machine do not agree on TLS", "captive portal")
			if dials.Load() != 1 {
				t.Errorf("asked %d times", dials.Load())
			}
		})
	}
}

func TestPlainServerBehindHTTPS(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	defer s.Close()
	_, err := do(t, open(t, Settings{}), Request{URL: strings.Replace(s.URL, "http:", "https:", 1)})
	silent(t, err, "does not speak TLS", "captive portal")
}

func TestBundleThatIsNone(t *testing.T) {
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty.pem")
	if err := os.WriteFile(empty, []byte("not a certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	for file, says := range map[string]string{empty: "holds no PEM certificate: " + empty, filepath.Join(dir, "none.pem"): "cannot be read", dir: "cannot be read"} {
		_, err := Open(Settings{CABundle: file})
		if err == nil || problem.CodeOf(err) != problem.Usage || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// newProxy counts what it is asked, and fails the test where that shows what is for the other end alone.
func newProxy(t *testing.T, answer http.HandlerFunc) (address string, calls *atomic.Int32) {
	t.Helper()
	calls = new(atomic.Int32)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		if r.Method != "CONNECT" || r.Host != "sts.example.test:443" || r.Header.Get("Authorization") != "" {
			t.Errorf("the proxy got %s %s %v", r.Method, r.Host, r.Header)
		}
		if r.Header.Get("Proxy-Authorization") != "Basic dXNlcjpodXNo" {
			t.Errorf("the proxy's own password did not arrive: %v", r.Header)
		}
		answer(w, r)
	}))
	t.Cleanup(s.Close)
	return strings.Replace(s.URL, "http://", "http://user:hush@", 1), calls
}

func TestProxyThatDoesNotLetUsThrough(t *testing.T) {
	says := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { http.Error(w, body, status) }
	}
	nobody, _ := listen(t, func(net.Conn) {})
	cut, _ := newProxy(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	for name, c := range map[string]struct {
		address, says string
	}{
		"wants a password": {"", "the proxy refused to connect (HTTP 407)"},
		"no URL":           {"http://user:hush@ho st:x", "the proxy in the environment is not an http, https or socks5 URL"},
		"no host":          {"http://user:hush@:80", "the proxy in the environment is not"},
		"another scheme":   {"ftp://user:hush@127.0.0.1:1", "the proxy in the environment is not"},
		"nobody there":     {"user:hush@127.0.0.1:1", "the proxy cannot be reached"},
		"no socks":         {"socks5://user:hush@" + nobody, "the proxy cannot be reached"},
		"no TLS":           {"https://user:hush@" + nobody, "the proxy cannot be reached"},
		"cuts":             {cut, "sts.example.test cut the connection"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.address == "" {
				address, calls := newProxy(t, says(407, "hush, and 100 KB of my own words"))
				defer func() {
					if calls.Load() != 1 {
						t.Errorf("asked %d times", calls.Load())
					}
				}()
				c.address = address
			}
			hint := "look at HTTPS_PROXY and NO_PROXY"
			if name == "cuts" {
				hint = ""
			}
			w := open(t, Settings{Env: paths.Env{"HTTPS_PROXY": c.address}})
			_, err := do(t, w, Request{URL: "https://sts.example.test", Header: map[string]string{"Authorization": bearer}})
			silent(t, err, c.says, hint)
		})
	}
}
