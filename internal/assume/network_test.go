package assume

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
	"whichrole/internal/test/fakests"
)

func TestNoAnswerOfSTS(t *testing.T) {
	const busy, portal = "try again in a moment", "AWS_ENDPOINT_URL_STS (or endpoint_url) must be the URL of STS"
	for name, c := range map[string]struct {
		fault fakests.Fault
		says  string
		hint  string
		calls int
	}{
		"cut":            {fakests.Fault{Kind: fakests.Cut}, "cut the connection", "", 3},
		"cut in between": {fakests.Fault{Kind: fakests.CutBody}, "the answer of 127.0.0.1:", "", 3},
		"broken numbers": {fakests.Fault{Kind: fakests.Scripted, Status: 200, Body: "<AssumeRoleResponse><AssumeRoleResult><Credentials><SecretAccessKey>" + aliceSecret +
			"</SecretAccessKey><Expiration>tomorrow</Expiration>"}, "(HTTP 200) is not an answer of STS", portal, 1},
		"a portal":   {fakests.Fault{Kind: fakests.Garbage}, "(HTTP 200) is not an answer of STS", portal, 1},
		"a firewall": {fakests.Fault{Kind: fakests.Scripted, Status: 403, Body: "<html>blocked, call +1 555"}, "(HTTP 403) is not an answer of STS", portal, 1},
		"an error without a code": {fakests.Fault{Kind: fakests.Scripted, Status: 400, Body: "<ErrorResponse></ErrorResponse>"},
			"(HTTP 400) is not an answer of STS", portal, 1},
		"a broken gateway": {fakests.Fault{Kind: fakests.Scripted, Status: 502, Body: "bad gateway"}, "(HTTP 502) is not an answer of STS", portal, 3},
		"ill":              {fakests.Fault{Kind: fakests.Internal}, "InternalFailure: An internal error", busy, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil)
			w.SetFaults(c.fault)
			_, err := w.chain(t, hub)
			w.fails(t, err, failure{problem.Unreachable, []string{"cannot assume " + hub + " (hop 1 of 1, signed by profile corp", c.says}, c.hint})
			if n := w.Count(""); n != c.calls {
				t.Errorf("%d calls, want %d", n, c.calls)
			}
		})
	}
}

func TestHangingSTSEndsAtTheDeadline(t *testing.T) {
	for _, kind := range []string{fakests.Hang, fakests.HangBody} {
		t.Run(kind, func(t *testing.T) { hangs(t, kind) })
	}
}

func hangs(t *testing.T, kind string) {
	w := newWorld(t, nil)
	w.SetFaults(fakests.Fault{Kind: kind, Role: spoke})
	start := time.Now()
	_, err := w.hops(t, 500*time.Millisecond, Hop{RoleARN: hub, SessionName: "test"}, Hop{RoleARN: spoke, SessionName: "test"})
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
	w.fails(t, err, failure{problem.Unreachable, []string{"cannot assume " + spoke + " (hop 2 of 2, signed by " + hub, "127.0.0.1:", "did not answer in time"}, "WHICHROLE_TIMEOUT"})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Error("the deadline is not the cause")
	}
}

func TestLargeTokenArrivesAtTheFirstTry(t *testing.T) {
	w := newWorld(t, func(c *fakests.Config) { c.TokenSize = 16 << 10 })
	for range 10 {
		m, err := w.chain(t, hub)
		if err != nil || len(m.Credentials.SessionToken.Reveal()) != 16<<10 {
			t.Fatal(err)
		}
	}
	if n := w.Count(""); n != 10 {
		t.Errorf("%d calls", n)
	}
}

func TestInterrupted(t *testing.T) {
	w := newWorld(t, nil)
	w.SetFaults(fakests.Fault{Kind: fakests.Hang})
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(100*time.Millisecond, cancel)
	_, err := w.client.Chain(ctx, w.start(), []Hop{{RoleARN: hub, SessionName: "test"}})
	w.fails(t, err, failure{problem.Failure, []string{"interrupted"}, ""})
	if !errors.Is(err, context.Canceled) {
		t.Error("the cancellation is not the cause")
	}
}

func TestThrottlingIsWaitedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.SetFaults(fakests.Fault{Kind: fakests.Throttle, Times: 1})
	if _, err := w.chain(t, hub); err != nil || w.Count("") != 2 {
		t.Errorf("%v after %d calls", err, w.Count(""))
	}
}

// A pause that would outlast the deadline ends at once, and with what STS said rather than with "deadline exceeded".
func TestThrottlingIsToldBeforeTheDeadline(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.SetFaults(fakests.Fault{Kind: fakests.Throttle})
	_, err := w.hops(t, 400*time.Millisecond, Hop{RoleARN: hub, SessionName: "test"}) // the pause takes 0.5 s at least
	w.fails(t, err, failure{problem.Unreachable, []string{"Throttling: Rate exceeded"}, "try again"})
}

func TestNobodyListens(t *testing.T) {
	w := newWorld(t, nil)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w.client.Endpoint = "http://" + listener.Addr().String()
	listener.Close()
	_, err = w.chain(t, hub)
	w.fails(t, err, failure{problem.Unreachable, []string{listener.Addr().String() + " "}, "look at the network"})
}

func TestCABundle(t *testing.T) {
	w := newWorld(t, func(c *fakests.Config) { c.TLS = true })
	_, err := w.chain(t, hub)
	w.fails(t, err, failure{problem.Unreachable, []string{"the certificate of 127.0.0.1:", "unknown authority"}, "AWS_CA_BUNDLE"})

	dir := t.TempDir()
	w.client.CABundle = filepath.Join(dir, "ca.pem")
	_, err = w.chain(t, hub)
	w.fails(t, err, failure{problem.Usage, []string{"the CA bundle cannot be read"}, "AWS_CA_BUNDLE"})
	os.WriteFile(w.client.CABundle, []byte("not a certificate"), 0o600)
	_, err = w.chain(t, hub)
	w.fails(t, err, failure{problem.Usage, []string{"the CA bundle holds no PEM certificate"}, "AWS_CA_BUNDLE"})
	os.WriteFile(w.client.CABundle, w.CA(), 0o600)
	if _, err := w.chain(t, hub); err != nil {
		t.Error(err)
	}

	plain := newWorld(t, nil)
	plain.client.Endpoint = strings.Replace(plain.URL, "http:", "https:", 1)
	_, err = plain.chain(t, hub)
	plain.fails(t, err, failure{problem.Unreachable, []string{"does not speak TLS"}, "AWS_ENDPOINT_URL_STS"})
}

func TestSettings(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Client)
		says   string
	}{
		"no region":               {func(c *Client) { c.Region = "" }, `"" is not an AWS region`},
		"a region that is a host": {func(c *Client) { c.Region, c.Endpoint = "evil.example/", "" }, "is not an AWS region"},
		"not a URL":               {func(c *Client) { c.Endpoint = "http://u:hush%zz@x" }, "AWS_ENDPOINT_URL_STS (or endpoint_url) is not an http or https URL"},
		"no scheme":               {func(c *Client) { c.Endpoint = "sts.example.test" }, "AWS_ENDPOINT_URL_STS (or endpoint_url) is not an http or https URL"},
		"a file":                  {func(c *Client) { c.Endpoint = "file:///etc/passwd" }, "AWS_ENDPOINT_URL_STS (or endpoint_url) is not an http or https URL"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			c.change(w.client)
			_, err := w.chain(t, hub)
			if p, ok := errors.AsType[*problem.Error](err); !ok || p.Code != problem.Usage || !strings.Contains(p.Message, c.says) || strings.Contains(p.Message, "hush") {
				t.Errorf("%v", err)
			}
		})
	}
}

// proxied is a world that is reached by name through a proxy; the name exists nowhere else.
func proxied(t *testing.T, scheme string, handler http.HandlerFunc) *world {
	t.Helper()
	w := newWorld(t, nil)
	proxy := httptest.NewServer(handler)
	t.Cleanup(proxy.Close)
	w.secrets = append(w.secrets, "proxy-password-proxy-password")
	w.client.Endpoint = scheme + "://sts.example.test"
	address := strings.Replace(proxy.URL, "http://", "http://user:proxy-password-proxy-password@", 1)
	w.client.Env = paths.Env{"HTTPS_PROXY": address, "http_proxy": address}
	return w
}

func TestProxyIsUsed(t *testing.T) {
	var server *url.URL
	w := proxied(t, "http", func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Host != "sts.example.test" || r.Header.Get("Proxy-Authorization") == "" {
			t.Errorf("proxy got %v", r.URL)
		}
		(&httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) { p.SetURL(server); p.Out.Host = p.In.Host }}).ServeHTTP(rw, r)
	})
	server, _ = url.Parse(w.URL)
	if _, err := w.chain(t, hub, spoke); err != nil {
		t.Error(err)
	}
}

func TestProxyRefuses(t *testing.T) {
	calls := 0
	w := proxied(t, "https", func(rw http.ResponseWriter, r *http.Request) {
		calls++
		http.Error(rw, "go away", http.StatusProxyAuthRequired)
	})
	_, err := w.chain(t, hub)
	w.fails(t, err, failure{problem.Unreachable, []string{"the proxy refused to connect (HTTP 407)"}, "HTTPS_PROXY"})
	if calls != 1 {
		t.Errorf("asked %d times", calls)
	}
	w.client.Env["HTTPS_PROXY"] = "http://127.0.0.1:1"
	_, err = w.chain(t, hub)
	w.fails(t, err, failure{problem.Unreachable, []string{"the proxy cannot be reached"}, "HTTPS_PROXY"})
	w.client.Env["HTTPS_PROXY"] = "http://user:proxy-password-proxy-password@ho st:x"
	_, err = w.chain(t, hub)
	w.fails(t, err, failure{problem.Unreachable, []string{"the proxy in the environment is not an http, https or socks5 URL"}, "HTTPS_PROXY"})
}
