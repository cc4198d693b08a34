package paths

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestEnvOf(t *testing.T) {
	env := EnvOf([]string{"A=1", "A=2", "B=x=y", "=C:=C:\\dir", "EMPTY=", "odd"})
	if env["A"] != "1" || env["B"] != "x=y" || env["EMPTY"] != "" || len(env) != 4 {
		t.Errorf("got %v", env)
	}
}

func TestFind(t *testing.T) {
	abs := func(p string) string { return filepath.FromSlash(p) }
	for _, tt := range []struct {
		name string
		env  Env
		want Dirs
	}{
		{"only HOME", Env{"HOME": "/h"}, Dirs{Home: "/h", Config: "/h/.config/whichrole", State: "/h/.local/state/whichrole", Runtime: "/h/.local/state/whichrole/run"}},
		{"XDG", Env{"HOME": "/h", "XDG_CONFIG_HOME": "/c", "XDG_STATE_HOME": "/s", "XDG_RUNTIME_DIR": "/r"},
			Dirs{Home: "/h", Config: "/c/whichrole", State: "/s/whichrole", Runtime: "/r/whichrole", RuntimeIsVolatile: true}},
		{"a repository cannot bring its own state: relative XDG is ignored", Env{"HOME": "/h", "XDG_CONFIG_HOME": ".cfg", "XDG_STATE_HOME": "./s", "XDG_RUNTIME_DIR": "r"},
			Dirs{Home: "/h", Config: "/h/.config/whichrole", State: "/h/.local/state/whichrole", Runtime: "/h/.local/state/whichrole/run"}},
	} {
		got := Find(tt.env, "linux")
		for _, p := range []*string{&tt.want.Home, &tt.want.Config, &tt.want.State, &tt.want.Runtime} {
			*p = abs(*p)
		}
		if got != tt.want {
			t.Errorf("%s:\n got %+v\nwant %+v", tt.name, got, tt.want)
		}
	}
}

func TestSiblingWithTheSamePrefixIsNotInside(t *testing.T) {
	for _, tt := range []struct {
		dir, path string
		want      bool
	}{
		{"/a/proj", "/a/proj", true}, {"/a/proj", "/a/proj/x", true}, {"/a/proj", "/a/proj-evil", false},
		{"/a/proj", "/a", false}, {"/", "/a", true}, {"/a/proj", "/a/..proj", false}, {"/a", "/a/..x", true},
	} {
		if got := Contains(filepath.FromSlash(tt.dir), filepath.FromSlash(tt.path)); got != tt.want {
			t.Errorf("Contains(%s, %s) = %v", tt.dir, tt.path, got)
		}
	}
}

func TestReadRegularRefusesWhatIsNoFile(t *testing.T) {
	dir := t.TempDir()
	socket := filepath.Join(dir, "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	big := filepath.Join(dir, "big")
	if err := os.WriteFile(big, []byte(strings.Repeat("x", 11)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := ReadRegular(dir, 10); !errors.Is(err, ErrNotRegular) {
		t.Errorf("a directory: %v", err)
	}
	if _, _, err := ReadRegular(os.DevNull, 10); !errors.Is(err, ErrNotRegular) {
		t.Errorf("a device: %v", err)
	}
	if _, _, err := ReadRegular(socket, 10); err == nil {
		t.Error("a socket was read")
	}
	if _, _, err := ReadRegular(big, 10); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a large file: %v", err)
	}
	if data, info, err := ReadRegular(big, 11); err != nil || len(data) != 11 || info.Size() != 11 {
		t.Errorf("%d bytes, %v", len(data), err)
	}
	if _, _, err := ReadRegular(filepath.Join(dir, "none"), 10); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}

// within fails the test where f waits: a FIFO without a writer blocks an ordinary open for ever.
func within(t *testing.T, d time.Duration, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); f() }()
	select {
	case <-done:
	case <-time.After(d):
		t.Fatal("still waiting")
	}
}

func TestWritePrivateReplacesInOneStep(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "b", "f")
	for _, content := range []string{"one", "two"} {
		if err := WritePrivate(path, []byte(content)); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(path)
		if err != nil || string(got) != content {
			t.Fatalf("%s %v", got, err)
		}
	}
	info, err := os.Stat(path)
	if err != nil || WritableByOthers(info) || OwnedByOther(info) {
		t.Errorf("%v %v", info.Mode(), err)
	}
	names, _ := os.ReadDir(filepath.Dir(path))
	if len(names) != 1 {
		t.Errorf("left behind: %v", names)
	}
}

func TestWritePrivateLeavesNothingWhereItFails(t *testing.T) {
	dir := t.TempDir()
	target := filepath.Join(dir, "taken")
	if err := os.MkdirAll(filepath.Join(target, "child"), 0o700); err != nil { // a directory is not replaced by a file
		t.Fatal(err)
	}
	if err := WritePrivate(target, []byte("x")); err == nil {
		t.Error("no error")
	}
	if names, _ := os.ReadDir(dir); len(names) != 1 {
		t.Errorf("left behind: %v", names)
	}
}
