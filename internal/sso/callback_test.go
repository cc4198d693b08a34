package sso

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// knock sends a request to the listener as anybody could.
func knock(t *testing.T, b *callback, method, host, target string) (int, string) {
	t.Helper()
	r, err := http.NewRequest(method, "http://"+b.host+target, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host, r.Close = host, true
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if kind := resp.Header.Get("Content-Type"); kind != "text/plain; charset=utf-8" || resp.Header.Get("X-Content-Type-Options") != "nosniff" ||
		resp.Header.Get("Cache-Control") != "no-store" || resp.Header.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("%v", resp.Header)
	}
	page, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(page)
}

func newCallback(t *testing.T) *callback {
	t.Helper()
	b, err := listen()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.close)
	return b
}

// Every page that the person visits meanwhile can send the browser here.
func TestOnlyWhoKnowsTheStateIsHeard(t *testing.T) {
	b := newCallback(t)
	good := "/oauth/callback?code=right&state=" + b.state
	for name, tt := range map[string]struct {
		method, host, target string
		status               int
	}{
		"no state":            {"GET", b.host, "/oauth/callback?code=evil", 400},
		"an empty state":      {"GET", b.host, "/oauth/callback?code=evil&state=", 400},
		"another state":       {"GET", b.host, "/oauth/callback?code=evil&state=" + strings.Repeat("A", len(b.state)), 400},
		"a longer state":      {"GET", b.host, "/oauth/callback?code=evil&state=" + b.state + "x", 400},
		"a second state":      {"GET", b.host, "/oauth/callback?code=evil&state=x&state=" + b.state, 400},
		"an error":            {"GET", b.host, "/oauth/callback?error=access_denied&state=x", 400},
		"a name for loopback": {"GET", "rebound.example:" + b.host[strings.LastIndexByte(b.host, ':')+1:], good, 403},
		"localhost":           {"GET", "localhost" + b.host[strings.LastIndexByte(b.host, ':'):], good, 403},
		"no port":             {"GET", "127.0.0.1", good, 403},
		"a form":              {"POST", b.host, good, 405},
		"a look":              {"HEAD", b.host, good, 405},
		"another page":        {"GET", b.host, "/?code=right&state=" + b.state, 404},
		"a page below":        {"GET", b.host, "/oauth/callback/x?code=right&state=" + b.state, 404},
	} {
		status, page := knock(t, b, tt.method, tt.host, tt.target)
		if status != tt.status || strings.Contains(page, "evil") || strings.Contains(page, b.state) {
			t.Errorf("%s: %d %s", name, status, page)
		}
	}
	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if code, err := b.wait(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("%q %v", code, err)
	}
	if status, page := knock(t, b, "GET", b.host, good+"&x=%3Cscript%3Eevil%3C/script%3E"); status != 200 || !strings.Contains(page, "may be closed") || strings.ContainsAny(page, "<>") {
		t.Errorf("%d %s", status, page)
	}
	if status, _ := knock(t, b, "GET", b.host, strings.Replace(good, "right", "second", 1)); status != http.StatusGone {
		t.Errorf("a second answer: %d", status)
	}
	if code, err := b.wait(t.Context()); err != nil || code != "right" {
		t.Errorf("%q %v", code, err)
	}
	if status, _ := knock(t, b, "GET", b.host, good); status != http.StatusGone {
		t.Errorf("after it was taken: %d", status)
	}
}

func TestWhatIsNoCode(t *testing.T) {
	for _, answer := range []string{"", "code=", "code=a%0Ab", "code=" + strings.Repeat("x", 16<<10+1), "error=server_error&code=x", "error="} {
		b := newCallback(t)
		status, page := knock(t, b, "GET", b.host, "/oauth/callback?state="+b.state+"&"+answer)
		code, err := b.wait(t.Context())
		if status != 200 || !strings.Contains(page, "not confirmed") || code != "" && err == nil || err == nil {
			t.Errorf("%.20s: %d %q %v", answer, status, code, err)
		}
	}
	b := newCallback(t)
	knock(t, b, "GET", b.host, "/oauth/callback?error=access_denied&state="+b.state)
	if _, err := b.wait(t.Context()); !isRefusal(err, "AccessDeniedException") {
		t.Errorf("%v", err)
	}
}

func TestTheListenerIsOnLoopbackAloneAndEnds(t *testing.T) {
	b := newCallback(t)
	if host, _, err := net.SplitHostPort(b.host); err != nil || host != "127.0.0.1" {
		t.Error(b.host)
	}
	idle, err := net.Dial("tcp", b.host) // a browser opens connections that it may need
	if err != nil {
		t.Fatal(err)
	}
	defer idle.Close()
	start := time.Now()
	b.close()
	if time.Since(start) > 15*time.Second {
		t.Error("an idle connection holds it up")
	}
	if c, err := net.Dial("tcp", b.host); err == nil {
		c.Close()
		t.Error("it still listens")
	}
}
