package keyringtest

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"whichrole/internal/keystore"
)

// Memory is a store in this process's memory. Err, if it is set, is what each call fails with.
type Memory struct {
	Err error

	mu     sync.Mutex
	values map[string][]byte
	gets   int
}

// Name is "memory".
func (m *Memory) Name() string { return "memory" }

// Get returns a copy of the value.
func (m *Memory) Get(_ context.Context, id string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.gets++
	value, ok := m.values[id]
	if m.Err != nil {
		return nil, m.Err
	}
	if !ok {
		return nil, keystore.ErrNotFound
	}
	return bytes.Clone(value), nil
}

// Set keeps a copy of the value.
func (m *Memory) Set(_ context.Context, id string, value []byte, _ time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.Err != nil {
		return m.Err
	}
	if m.values == nil {
		m.values = map[string][]byte{}
	}
	m.values[id] = bytes.Clone(value)
	return nil
}

// Delete forgets the value.
func (m *Memory) Delete(_ context.Context, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.Err != nil {
		return m.Err
	}
	if _, ok := m.values[id]; !ok {
		return keystore.ErrNotFound
	}
	delete(m.values, id)
	return nil
}

// Clear forgets all values.
func (m *Memory) Clear(context.Context) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.Err != nil {
		return 0, m.Err
	}
	n := len(m.values)
	m.values = nil
	return n, nil
}

// Gets is how often Get was called.
func (m *Memory) Gets() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.gets
}

// Len is the number of values.
func (m *Memory) Len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.values)
}

// Contract is what every store must do; s must be empty.
func Contract(t *testing.T, s keystore.Store) {
	ctx, in := context.Background(), time.Now().Add(time.Hour)
	const id, other = "00112233445566778899aabbccddeeff", "ffeeddccbbaa99887766554433221100"
	get := func(id string) string {
		t.Helper()
		value, err := s.Get(ctx, id)
		if err != nil {
			t.Fatalf("Get: %v", err)
		}
		return string(value)
	}
	set := func(id, value string) {
		t.Helper()
		if err := s.Set(ctx, id, []byte(value), in); err != nil {
			t.Fatalf("Set: %v", err)
		}
	}
	missing := func(what string, err error) {
		t.Helper()
		if !errors.Is(err, keystore.ErrNotFound) {
			t.Errorf("%s: %v, want ErrNotFound", what, err)
		}
	}
	_, err := s.Get(ctx, id)
	missing("Get of nothing", err)
	missing("Delete of nothing", s.Delete(ctx, id))

	set(id, "first")
	set(other, "another")
	set(id, "second, shorter or longer")
	if got := get(id); got != "second, shorter or longer" {
		t.Errorf("after overwriting: %q", got)
	}
	for what, value := range awkward {
		set(id, value)
		if got := get(id); got != value {
			t.Errorf("%s: %d bytes came back for %d: %.40q", what, len(got), len(value), got)
		}
	}
	for _, value := range []string{long, "short", reversed(long), long[:5000], reversed(long)} { // what of a long one is left is no part of the next
		set(id, value)
		if got := get(id); got != value {
			t.Errorf("%d bytes after a longer or shorter one: %d came back: %.40q", len(value), len(got), got)
		}
	}
	if err := s.Delete(ctx, id); err != nil {
		t.Errorf("Delete: %v", err)
	}
	_, err = s.Get(ctx, id)
	missing("Get of what was deleted", err)
	set(id, "again")
	if got := get(id); got != "again" {
		t.Errorf("after a long one was deleted: %q", got)
	}
	set(id, long)
	if err := s.Delete(ctx, id); err != nil {
		t.Errorf("Delete: %v", err)
	}
	_, err = s.Get(ctx, id)
	missing("Get of a long one that was deleted", err)
	if got := get(other); got != "another" {
		t.Errorf("the other value became %q", got)
	}
	if err := s.Delete(ctx, other); err != nil {
		t.Errorf("Delete: %v", err)
	}
	set(id, long)
	set(other, "another")
	if n, err := s.Clear(ctx); n != 0 && n != 2 || err != nil { // an OS keyring does not tell how many
		t.Errorf("Clear: %d %v", n, err)
	}
	for _, id := range []string{id, other} {
		_, err = s.Get(ctx, id)
		missing("Get after Clear", err)
	}
	if n, err := s.Clear(ctx); n != 0 || err != nil {
		t.Errorf("Clear of nothing: %d %v", n, err)
	}
}

var awkward = map[string]string{
	"JSON":                   `{"v":1,"role":"arn:aws:iam::111111111111:role/x"}`,
	"empty":                  "",
	"trailing newline":       "value\n",
	"spaces around":          "  value  ",
	"NUL":                    "a\x00b",
	"not UTF-8":              "\xff\xfe\x80",
	"every byte":             everyByte(),
	"looks encoded":          "base64:bm8=",
	"go-keyring's encoding":  "go-keyring-base64:bm8=",
	"quotes and expansions":  "'\"`$(id)\\",
	"looks like a split one": "split:0:2:" + strings.Repeat("0", 64),
	"8 KiB as tokens may be": long,
	"8 KiB of any bytes":     strings.Repeat(everyByte(), 32),
}

var long = strings.Repeat("0123456789abcdef", 512)

func reversed(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
}

func everyByte() string {
	b := make([]byte, 256)
	for i := range b {
		b[i] = byte(i)
	}
	return string(b)
}
