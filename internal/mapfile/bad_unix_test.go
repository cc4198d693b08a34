//go:build !windows

package mapfile

import (
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"whichrole/internal/problem"
)

// inTime fails the test instead of waiting for a pipe's writer who never comes.
func inTime(t *testing.T, do func()) {
	t.Helper()
	done := make(chan bool)
	go func() { defer close(done); do() }()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Fatal("hangs")
	}
}

func TestFIFOAsMapDoesNotHang(t *testing.T) {
	d := tree(t, map[string]string{"r/.git/": "", "r/b/.whichrole.yaml": "-> ../a/.whichrole.yaml", "r/c/.git/": "", "r/c/.terrateam/": "", "r/a/": "", "m/": ""})
	for _, name := range []string{"r/a/.whichrole.yaml", "r/c/.terrateam/config.yml", "m/pipe"} {
		check(t, syscall.Mkfifo(filepath.Join(d, name), 0o644))
	}
	inTime(t, func() {
		for _, dir := range []string{"r/a", "r/b", "r/c"} {
			refused(t, Search{Dir: filepath.Join(d, dir)}, problem.BadMap, "is a named pipe, not a file")
		}
		refused(t, Search{Dir: filepath.Join(d, "r"), Named: filepath.Join(d, "m/pipe")}, problem.BadMap, "is a named pipe, not a file")
	})
}

func TestFIFOAsPolicyDoesNotHang(t *testing.T) {
	d := tree(t, map[string]string{"r/.git/": "", "r/.whichrole.yaml": someMap})
	check(t, syscall.Mkfifo(filepath.Join(d, "r/p.json"), 0o644))
	f := mustFind(t, Search{Dir: filepath.Join(d, "r")})
	inTime(t, func() {
		if _, err := f.ReadPolicy("p.json"); err == nil || !strings.Contains(err.Error(), "named pipe") {
			t.Error(err)
		}
	})
}

func TestFIFOBesideTheMapDoesNotHang(t *testing.T) {
	d := tree(t, map[string]string{"r/.git/": "", "r/.whichrole.yaml": someMap, "r/.terrateam/": "", "m/m.yaml": someMap, "m/.terrateam": "-> t", "m/t/": ""})
	for _, name := range []string{"r/.terrateam/config.yml", "m/t/config.yaml"} {
		check(t, syscall.Mkfifo(filepath.Join(d, name), 0o644))
	}
	inTime(t, func() {
		for _, named := range []string{"", filepath.Join(d, "m/m.yaml")} {
			f := mustFind(t, Search{Dir: filepath.Join(d, "r"), Named: named})
			if _, err := f.ReadBeside(); err == nil || !strings.Contains(err.Error(), "is a named pipe, not a file") {
				t.Error(err)
			}
		}
		named := filepath.Join(d, "r/.terrateam/config.yml")
		refused(t, Search{Dir: filepath.Join(d, "r"), Named: named}, problem.BadMap, "is a named pipe, not a file")
	})
}

func TestSocketAsMap(t *testing.T) {
	short, err := os.MkdirTemp("", "s") // the name of a socket may have about 100 bytes
	check(t, err)
	defer os.RemoveAll(short)
	l, err := net.Listen("unix", filepath.Join(short, ".whichrole.yaml"))
	check(t, err)
	defer l.Close()
	refused(t, Search{Dir: short}, problem.BadMap, ".whichrole.yaml")
}

func TestFIFOAsGitConfigDoesNotHang(t *testing.T) {
	d := tree(t, map[string]string{"r/.git/HEAD": "", "r/.whichrole.yaml": someMap, "m.yaml": someMap})
	check(t, syscall.Mkfifo(filepath.Join(d, "r/.git/config"), 0o644))
	s := Search{Dir: filepath.Join(d, "r")}
	inTime(t, func() {
		mustFind(t, s) // nobody asked for the origin
		s.Repositories = []Repository{{Remote: "github.com/acme/infra", Map: filepath.Join(d, "m.yaml")}}
		refused(t, s, problem.Failure, "not a regular file")
	})
}

func TestMapPlantedInTmpIsNotObeyed(t *testing.T) {
	d := tree(t, map[string]string{"tmp/.whichrole.yaml": "planted", "tmp/.terrateam/config.yml": "planted", "tmp/.git/": "", "tmp/build/qa/": "", "tmp/repo/.git/": ""})
	tmp := filepath.Join(d, "tmp")
	check(t, os.Chmod(tmp, 0o777|fs.ModeSticky))
	refused(t, Search{Dir: filepath.Join(tmp, "build/qa")}, problem.NoEnvironment, tmp+" is never searched: everybody may write there")
	refused(t, Search{Dir: filepath.Join(tmp, "repo")}, problem.NoEnvironment, "the repository's top")
	refused(t, Search{Dir: tmp}, problem.NoEnvironment, "never searched")
	// Nor is a .git there the top that a named map's patterns would count from.
	m := filepath.Join(tree(t, map[string]string{"m.yaml": someMap}), "m.yaml")
	if f := mustFind(t, Search{Dir: filepath.Join(tmp, "build"), Named: m}); f.Top != "" || f.Dir != "." {
		t.Errorf("top %s, dir %s", f.Top, f.Dir)
	}
}
