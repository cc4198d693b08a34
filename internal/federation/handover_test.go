package federation

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"whichrole/internal/creds"
)

const target = "https://signin.aws.amazon.com/federation?Action=login&SigninToken=hush"

func newHandover(t *testing.T, user int) (*Handover, func() string) {
	t.Helper()
	var mu sync.Mutex
	var said strings.Builder
	h, err := handOver(creds.NewSecret(target), user, func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintf(&said, format+"\n", args...)
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	return h, func() string { mu.Lock(); defer mu.Unlock(); return said.String() }
}

// knock sends a request as any program of this machine could, and gives where it is led.
func knock(t *testing.T, h *Handover, method, host, path string) (int, string) {
	t.Helper()
	r, err := http.NewRequest(method, "http://"+h.host+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = host
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.Header.Get("Cache-Control") != "no-store" || resp.Header.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("%v", resp.Header)
	}
	return resp.StatusCode, resp.Header.Get("Location")
}

func given(h *Handover) bool {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	return h.Wait(ctx) == nil
}

// Pages in the browser and programs of other users reach the port while it is there.
func TestAddressIsGivenOnceToWhoKnowsTheWay(t *testing.T) {
	h, _ := newHandover(t, ourUser())
	port := h.host[strings.LastIndexByte(h.host, ':'):]
	for name, c := range map[string]struct {
		method, host, path string
		status             int
	}{
		"a name that points to loopback": {"GET", "rebound.example" + port, h.path, 403},
		"localhost":                      {"GET", "localhost" + port, h.path, 403},
		"the root":                       {"GET", h.host, "/", 404},
		"a browser's picture":            {"GET", h.host, "/favicon.ico", 404},
		"a shorter path":                 {"GET", h.host, h.path[:len(h.path)-1], 404},
		"a longer path":                  {"GET", h.host, h.path + "/", 404},
		"a look ahead":                   {"HEAD", h.host, h.path, 405},
		"a form":                         {"POST", h.host, h.path, 405},
	} {
		if status, location := knock(t, h, c.method, c.host, c.path); status != c.status || location != "" {
			t.Errorf("%s: %d %s", name, status, location)
		}
	}
	if given(h) {
		t.Fatal("nobody has it yet")
	}
	if status, location := knock(t, h, "GET", h.host, h.path); status != 302 || location != target || !given(h) {
		t.Fatalf("%d %s", status, location)
	}
	if status, location := knock(t, h, "GET", h.host, h.path); status != http.StatusGone || location != "" {
		t.Errorf("a second time: %d %s", status, location)
	}
	if strings.Contains(h.URL(), "hush") || len(h.path) < 27 { // 26 letters of base32 are 130 bits
		t.Error(h.URL())
	}
}

func TestOnlyOneOfManyGetsIt(t *testing.T) {
	h, _ := newHandover(t, ourUser())
	var all sync.WaitGroup
	var led atomic.Int32
	for range 20 {
		all.Go(func() {
			if status, location := knock(t, h, "GET", h.host, h.path); status == 302 && location == target {
				led.Add(1)
			}
		})
	}
	all.Wait()
	if led.Load() != 1 {
		t.Errorf("%d got it", led.Load())
	}
}

func TestListenerIsOnLoopbackAloneAndEnds(t *testing.T) {
	h, _ := newHandover(t, ourUser())
	if host, _, err := net.SplitHostPort(h.host); err != nil || host != "127.0.0.1" {
		t.Error(h.host)
	}
	idle, err := net.Dial("tcp", h.host)
	if err != nil {
		t.Fatal(err)
	}
	defer idle.Close()
	start := time.Now()
	h.Close()
	if time.Since(start) > 15*time.Second {
		t.Error("an idle connection holds it up")
	}
	if c, err := net.Dial("tcp", h.host); err == nil {
		c.Close()
		t.Error("it still listens")
	}
}
