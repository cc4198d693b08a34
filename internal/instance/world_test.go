package instance

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"whichrole/internal/creds"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
	"whichrole/internal/test/fakeinstance"
)

// Names of hosts in the tests lead nowhere, and no proxy of whoever runs them is used. The process's own proxy is one that
// nobody may ask: what asks it finds nobody there. It is set before the first request, since net/http reads it once.
func TestMain(m *testing.M) {
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"} {
		os.Setenv(name, deadProxy)
	}
	os.Unsetenv("NO_PROXY")
	os.Unsetenv("no_proxy")
	os.Exit(m.Run())
}

const deadProxy = "http://127.0.0.1:1"

// world is a fake machine and a visitor.
type world struct {
	*fakeinstance.Server
	World
	more []string // what no error may show besides the server's secrets
}

func machine(t *testing.T, c fakeinstance.Config) *world { return newWorld(t, c, Machine) }

func container(t *testing.T, c fakeinstance.Config) *world { return newWorld(t, c, Container) }

func newWorld(t *testing.T, c fakeinstance.Config, k Kind) *world {
	t.Helper()
	s := fakeinstance.Start(c)
	t.Cleanup(s.Close)
	w := &world{Server: s, World: World{Env: paths.Env(s.Machine()), Now: time.Now}}
	if k == Container {
		w.Env = paths.Env(s.Container())
	}
	return w
}

// dials leads all connections to the server, and remembers where they wanted to go.
func (w *world) dials() func() string {
	var mu sync.Mutex
	var list []string
	w.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		mu.Lock()
		list = append(list, address)
		mu.Unlock()
		return (&net.Dialer{}).DialContext(ctx, network, w.Address())
	}
	return func() string {
		mu.Lock()
		defer mu.Unlock()
		return strings.Join(list, " ")
	}
}

// get is Get with a deadline that is far beyond its own.
func (w *world) get(t *testing.T, k Kind) (creds.Credentials, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	start := time.Now()
	c, err := w.World.Get(ctx, k)
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("it took %v, and a second is what there is", took)
	}
	if err != nil && c != (creds.Credentials{}) {
		t.Error("an error, and credentials all the same")
	}
	return c, err
}

// gives checks that these are the server's credentials.
func (w *world) gives(t *testing.T, k Kind) creds.Credentials {
	t.Helper()
	c, err := w.get(t, k)
	if err != nil {
		t.Fatal(err)
	}
	if c.AccessKeyID != w.Config.AccessKeyID || c.SecretAccessKey.Reveal() != w.Config.SecretAccessKey || c.SessionToken.Reveal() != w.Config.SessionToken {
		t.Errorf("%+v", c)
	}
	return c
}

// failure says what a failed visit must look like.
type failure struct {
	code problem.Code
	says string // in the message
	hint string // in the hint
}

func (w *world) fails(t *testing.T, err error, want failure) {
	t.Helper()
	p, ok := errors.AsType[*problem.Error](err)
	if !ok {
		t.Fatalf("got %#v, not a *problem.Error", err)
	}
	if p.Code != want.code || !strings.Contains(p.Message, want.says) || !strings.Contains(p.Hint, want.hint) {
		t.Errorf("got  %d %q, hint %q\nwant %d %q, hint %q", p.Code, p.Message, p.Hint, want.code, want.says, want.hint)
	}
	w.sweep(t, err)
}

// sweep looks at every face of the error, and at those of its causes.
func (w *world) sweep(t *testing.T, err error) {
	t.Helper()
	for e := err; e != nil; e = errors.Unwrap(e) {
		text := fmt.Sprintf("%v %+v %#v", e, e, e)
		if p, ok := e.(*problem.Error); ok {
			text += p.Hint
		}
		if strings.ContainsAny(text, "\r\n\x1b") {
			t.Errorf("it breaks the line: %q", text)
		}
		for _, secret := range append(w.Secrets(), w.more...) {
			if strings.Contains(text, secret) {
				t.Errorf("%q shows %q", text, secret)
			}
		}
	}
}

// steps checks what was asked, and that nobody was in between.
func (w *world) steps(t *testing.T, want string) {
	t.Helper()
	if got := w.Steps(); got != want {
		t.Errorf("it asked for %q, want %q", got, want)
	}
	for _, c := range w.Calls() {
		if c.Forwarded {
			t.Errorf("a proxy was asked: %+v", c)
		}
	}
}
