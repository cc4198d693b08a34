//go:build !windows

package launch

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// What lies in a session can be somebody else's word only where directory or file were opened to them.
func TestPinsThatOthersCouldWriteAreRefused(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, s *Session){
		"the file is open to others":      func(t *testing.T, s *Session) { must(t, os.Chmod(s.path(requestName), 0o644)) },
		"the directory is open to others": func(t *testing.T, s *Session) { must(t, os.Chmod(s.path(""), 0o755)) },
		"the one above is, too":           func(t *testing.T, s *Session) { must(t, os.Chmod(s.run, 0o777)) },
		"a link out": func(t *testing.T, s *Session) {
			other := filepath.Join(t.TempDir(), "x")
			must(t, os.Rename(s.path(requestName), other))
			must(t, os.Symlink(other, s.path(requestName)))
		},
		"a FIFO": func(t *testing.T, s *Session) {
			must(t, os.Remove(s.path(requestName)))
			must(t, syscall.Mkfifo(s.path(requestName), 0o600))
		},
		"a link in the directory's place": func(t *testing.T, s *Session) {
			other := filepath.Join(t.TempDir(), "x")
			must(t, os.Rename(s.path(""), other))
			must(t, os.Symlink(other, s.path("")))
		},
	} {
		t.Run(name, func(t *testing.T) {
			dirs, files := place(t, "", "")
			s, err := Prepare(dirs, files, ourSelf, pins, "")
			must(t, err)
			defer func() { os.Chmod(s.run, 0o700); s.Close() }()
			spoil(t, s)
			_, err = ReadPins(dirs, s.ID)
			codeOf(t, err, problem.Failure, s.ID)
		})
	}
}

func TestSweepFollowsNoLinkAndWaitsForNothing(t *testing.T) {
	dirs, _ := place(t, "", "")
	run, other := filepath.Join(dirs.State, "run"), t.TempDir()
	must(t, os.MkdirAll(run, 0o700))
	must(t, os.WriteFile(filepath.Join(other, "precious"), nil, 0o600))
	must(t, os.Symlink(other, filepath.Join(run, "exec-link")))
	must(t, os.Mkdir(filepath.Join(run, "exec-inside"), 0o700))
	must(t, os.Symlink(other, filepath.Join(run, "exec-inside", "out")))
	must(t, os.Mkdir(filepath.Join(run, "exec-fifo"), 0o700))
	must(t, syscall.Mkfifo(filepath.Join(run, "exec-fifo", lockName), 0o600))
	done := make(chan int, 1)
	go func() { done <- Sweep(dirs, time.Now().Add(time.Hour)) }()
	select {
	case n := <-done:
		if n != 1 && n != 2 { // what holds a FIFO for a lock may go or stay
			t.Errorf("%d were swept", n)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("still waiting")
	}
	if _, err := os.Stat(filepath.Join(other, "precious")); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(filepath.Join(run, "exec-inside")); err == nil {
		t.Error("exec-inside is still there")
	}
	must(t, os.Chmod(run, 0o777))
	if n := Sweep(dirs, time.Now().Add(time.Hour)); n != 0 {
		t.Error("a directory that others write was swept")
	}
}

func TestDirectoryThatOthersSeeGetsNoConfig(t *testing.T) {
	dirs, files := place(t, "", "")
	run := filepath.Join(dirs.State, "run")
	must(t, os.MkdirAll(run, 0o700))
	must(t, os.Chmod(run, 0o755))
	_, err := Prepare(dirs, files, ourSelf, pins, "")
	codeOf(t, err, problem.Failure, "others may look into it")
	leftNothing(t, dirs)
}

func TestCommandThatDoesNotStart(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		must(t, os.WriteFile(path, []byte(text), mode))
		return path
	}
	file("plain", "x", 0o600)
	file("orphan", "#!/no/such/shell\n", 0o700)
	must(t, os.Mkdir(filepath.Join(dir, "folder"), 0o700))
	checkout := t.TempDir()
	must(t, os.WriteFile(filepath.Join(checkout, "terraform"), []byte("#!/bin/sh\nexit 1\n"), 0o700)) // it would replace this test
	for _, tt := range []struct {
		args []string
		path string
		code problem.Code
		word string
	}{
		{nil, dir, problem.Usage, "no command"},
		{[]string{""}, dir, problem.Usage, "no command"},
		{[]string{"nonesuch"}, dir, NotFound, "nonesuch: command not found"},
		{[]string{"nonesuch"}, "", NotFound, "not found"},
		{[]string{"folder"}, dir, NotFound, "not found"},
		{[]string{"plain"}, dir, NotExecutable, "not executable"},
		{[]string{dir + "/plain"}, dir, NotExecutable, "permission denied"},
		{[]string{dir + "/nonesuch"}, dir, NotFound, "no such file"},
		{[]string{dir + "/folder"}, dir, NotExecutable, "is a directory"},
		{[]string{dir + "/orphan"}, dir, NotExecutable, "interpreter"},
		// A checkout's own terraform is not what was meant, whatever PATH says.
		{[]string{"terraform"}, ".:" + dir, NotFound, "working directory alone"},
		{[]string{"terraform"}, ":" + dir, NotFound, "working directory alone"},
	} {
		t.Chdir(checkout)
		_, err := Run(Command{Args: tt.args, Env: paths.Env{"PATH": tt.path}})
		codeOf(t, err, tt.code, tt.word)
	}
	_, err := Run(Command{Args: []string{"true"}, Dir: filepath.Join(dir, "none"), Env: paths.Env{"PATH": "/bin"}})
	codeOf(t, err, problem.Failure, "cannot run in", "none")
}

// On Windows it is a short name instead.
func TestPlainPathOfOurOwn(t *testing.T) {
	dirs, files := place(t, "", "")
	dir := filepath.Join(t.TempDir(), "My Tools")
	must(t, os.Mkdir(dir, 0o700))
	odd := filepath.Join(dir, "whichrole")
	must(t, os.WriteFile(odd, []byte("#!/bin/sh\necho run\n"), 0o700))
	s, err := Prepare(dirs, files, odd, pins, "")
	must(t, err)
	defer s.Close()
	got, err := os.ReadFile(s.path(configName))
	must(t, err)
	if want := "credential_process = " + s.path(linkName) + " credential-process --pinned " + s.ID; !strings.Contains(string(got), want) {
		t.Errorf("%s, want %s", got, want)
	}
	if to, err := os.Readlink(s.path(linkName)); err != nil || to != odd {
		t.Errorf("%s %v", to, err)
	}
	dirs.State = filepath.Join(dir, "state") // nor is there a plain place for a link
	_, err = Prepare(dirs, files, odd, pins, "")
	codeOf(t, err, problem.Failure, "cannot run whichrole from", "My Tools")
	leftNothing(t, dirs)
}
