package sso

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"whichrole/internal/creds"
	"whichrole/internal/problem"
	"whichrole/internal/test/fakesso"
	"whichrole/internal/transport"
)

const account = "111111111111"

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// world is a fake Identity Center, a home, and a client between them.
type world struct {
	*fakesso.Server
	*Client
	dir string // the home

	mu     sync.Mutex
	now    time.Time
	said   []string
	logged []string
	pauses []time.Duration
	opened []string
}

func newWorld(t *testing.T, change func(*fakesso.Config)) *world {
	t.Helper()
	w := &world{dir: t.TempDir(), now: noon}
	c := fakesso.Config{Accounts: map[string][]string{account: {"Admin", "ReadOnly"}}, Now: w.clock}
	if change != nil {
		change(&c)
	}
	w.Server = fakesso.Start(c)
	t.Cleanup(w.Server.Close)
	way, err := transport.Open(transport.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(way.Close)
	locks := filepath.Join(w.dir, "run")
	if err := os.Mkdir(locks, 0o700); err != nil {
		t.Fatal(err)
	}
	w.Client = &Client{
		Session: Session{Name: "corp", StartURL: w.Server.StartURL(), Region: "eu-west-1", Where: "config:1", OIDCEndpoint: w.URL, PortalEndpoint: w.URL + "/"},
		Dir:     filepath.Join(w.dir, ".aws", "sso", "cache"), Locks: locks,
		Way: func() (*transport.Way, error) { return way, nil },
		Now: w.clock,
		Log: func(format string, args ...any) { w.record(&w.logged, fmt.Sprintf(format, args...)) },
	}
	w.pause = func(ctx context.Context, d time.Duration) error {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.pauses = append(w.pauses, d)
		return ctx.Err()
	}
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func (w *world) record(list *[]string, line string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	*list = append(*list, line)
}

// ui is a person whose browser works.
func (w *world) ui() UI {
	return UI{
		Browse: func(url string) error { w.record(&w.opened, url); return fakesso.Browse(url) },
		Say:    func(format string, args ...any) { w.record(&w.said, fmt.Sprintf(format, args...)) },
	}
}

func (w *world) login(t *testing.T) time.Time {
	t.Helper()
	until, err := w.Login(t.Context(), w.ui())
	if err != nil {
		t.Fatal(err)
	}
	return until
}

// tokens is the content of the session's file.
func (w *world) tokens(t *testing.T) map[string]any {
	t.Helper()
	data, err := os.ReadFile(w.tokenPath())
	if err != nil {
		t.Fatal(err)
	}
	var content map[string]any
	if err := json.Unmarshal(data, &content); err != nil {
		t.Fatal(err)
	}
	return content
}

// put writes the session's file, as another program would.
func (w *world) put(t *testing.T, content string) {
	t.Helper()
	if err := os.MkdirAll(w.Dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(w.tokenPath(), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// edit changes the session's file; a nil value removes a field.
func (w *world) edit(t *testing.T, fields map[string]any) {
	t.Helper()
	content := w.tokens(t)
	for k, v := range fields {
		content[k] = v
		if v == nil {
			delete(content, k)
		}
	}
	data, err := json.Marshal(content)
	if err != nil {
		t.Fatal(err)
	}
	w.put(t, string(data))
}

func (w *world) admin(t *testing.T) (creds.Credentials, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	return w.Credentials(ctx, account, "Admin")
}

// failure is what an error must be.
type failure struct {
	code  problem.Code
	words []string
	hint  string
}

// fails checks an error, and that no secret of the session is in it or in what was logged and said.
func (w *world) fails(t *testing.T, err error, want failure) {
	t.Helper()
	p, ok := errors.AsType[*problem.Error](err)
	if !ok {
		t.Fatalf("%T %v", err, err)
	}
	if p.Code != want.code || !strings.Contains(p.Hint, want.hint) || want.hint == "" && p.Hint != "" {
		t.Errorf("%d %s\nhint %q\nwant %d with %q", p.Code, p.Message, p.Hint, want.code, want.hint)
	}
	for _, words := range want.words {
		if !strings.Contains(p.Message, words) {
			t.Errorf("%q does not say %q", p.Message, words)
		}
	}
	w.keepsSecrets(t, p.Message+"\n"+p.Hint)
}

func (w *world) keepsSecrets(t *testing.T, text string) {
	t.Helper()
	w.mu.Lock()
	text += strings.Join(append(append([]string(nil), w.logged...), w.said...), "\n")
	w.mu.Unlock()
	for _, mark := range []string{"aoaAAAAA", "aorAAAAA", "eyJraWQi", "IQoJb3Jp"} { // how the fake's secrets begin
		if strings.Contains(text, mark) {
			t.Errorf("a secret is in what people see: %s", text)
		}
	}
}
