package endpoint

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"whichrole/internal/creds"
)

const token = "a-token-that-only-the-child-knows"

// world is a clock that stands still until it is moved, and a source that does as it is told.
type world struct {
	t *testing.T

	mu     sync.Mutex
	now    time.Time
	calls  int
	logged []string
	source func() (creds.Credentials, time.Time, error) // gives the next ones where it is nil
	life   time.Duration
}

func newWorld(t *testing.T) *world {
	return &world{t: t, now: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC), life: time.Hour}
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) forward(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func (w *world) gives(source func() (creds.Credentials, time.Time, error)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.source = source
}

func (w *world) renew(context.Context) (creds.Credentials, time.Time, error) {
	w.mu.Lock()
	w.calls++
	n, source := w.calls, w.source
	w.mu.Unlock()
	if source != nil {
		return source()
	}
	c := w.session(n)
	return c, c.Expires.Add(-time.Minute), nil
}

func (w *world) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.calls
}

func (w *world) log(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.logged = append(w.logged, fmt.Sprintf(format, args...))
}

func (w *world) said() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Join(w.logged, "\n")
}

// session is the nth one, minted now.
func (w *world) session(n int) creds.Credentials {
	return creds.Credentials{
		AccessKeyID: fmt.Sprintf("ASIAENDPOINTTEST%04d", n), SecretAccessKey: creds.NewSecret("secret/never+shown"),
		SessionToken: creds.NewSecret("token/never+shown=="), Expires: w.clock().Add(w.life), AccountID: "111111111111",
	}
}

// serve starts a server that holds session 0 and looks at the clock at every instant.
func (w *world) serve() *Server {
	w.t.Helper()
	c := w.session(0)
	s, err := listen(c, c.Expires.Add(-time.Minute), creds.NewSecret(token), w.renew, w.clock, w.log, time.Millisecond)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(s.Close)
	return s
}

type reply struct {
	status int
	header http.Header
	text   string
	fields map[string]string
}

// ask does what an SDK does.
func (w *world) ask(s *Server) reply {
	w.t.Helper()
	r, err := http.NewRequest("GET", s.URL(), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Authorization", token)
	return w.send(r)
}

func (w *world) send(r *http.Request) reply {
	w.t.Helper()
	resp, err := http.DefaultTransport.RoundTrip(r) // which follows no redirect
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	a := reply{resp.StatusCode, resp.Header, string(text), map[string]string{}}
	if r.Method != "HEAD" {
		if err := json.Unmarshal(text, &a.fields); err != nil {
			w.t.Errorf("%v: %s", err, text)
		}
	}
	return a
}

// eventually waits for what happens in the background.
func (w *world) eventually(what string, is func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatalf("never: %s\n%s", what, w.said())
		}
	}
}

// settles gives the background the time to do what it should not.
func (w *world) settles() { time.Sleep(30 * time.Millisecond) }
