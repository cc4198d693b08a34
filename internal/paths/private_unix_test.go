//go:build !windows

package paths

import (
	"errors"
	"os"
	"os/user"
	"path/filepath"
	"testing"
)

func TestRunDirectoryIsOursAloneOrAnother(t *testing.T) {
	for name, tt := range map[string]struct {
		spoil func(t *testing.T, runtime string)
		want  string // of runtime and state
	}{
		"as it should be":              {func(*testing.T, string) {}, "runtime"},
		"XDG_RUNTIME_DIR is missing":   {func(t *testing.T, r string) { must(t, os.Remove(r)) }, "state"},
		"XDG_RUNTIME_DIR is like /tmp": {func(t *testing.T, r string) { must(t, os.Chmod(r, 0o777)) }, "state"},
		"a file in its place":          {func(t *testing.T, r string) { must(t, os.WriteFile(r+"/whichrole", nil, 0o600)) }, "state"},
		"a link in its place":          {func(t *testing.T, r string) { must(t, os.Symlink(t.TempDir(), r+"/whichrole")) }, "state"},
		"others may look into it": {func(t *testing.T, r string) {
			must(t, os.Mkdir(r+"/whichrole", 0o700))
			must(t, os.Chmod(r+"/whichrole", 0o755))
		}, "state"},
	} {
		t.Run(name, func(t *testing.T) {
			base := t.TempDir()
			runtime, state := filepath.Join(base, "runtime"), filepath.Join(base, "new", "state")
			must(t, os.Mkdir(runtime, 0o700))
			tt.spoil(t, runtime)
			want := map[string]string{"runtime": filepath.Join(runtime, "whichrole"), "state": filepath.Join(state, "run")}[tt.want]
			dir, path, err := Dirs{State: state, Runtime: filepath.Join(runtime, "whichrole"), RuntimeIsVolatile: true}.OpenRun()
			if err != nil || path != want {
				t.Fatalf("%s %v, want %s", path, err, want)
			}
			defer dir.Close()
			if info, err := os.Stat(want); err != nil || info.Mode().Perm() != 0o700 {
				t.Errorf("%v %v", info, err)
			}
		})
	}
}

func TestRunDirectoryThatOthersSeeIsRefused(t *testing.T) {
	state := t.TempDir()
	must(t, os.Mkdir(state+"/run", 0o700))
	must(t, os.Chmod(state+"/run", 0o770))
	_, _, err := Dirs{State: state}.OpenRun()
	if _, ok := errors.AsType[*NotPrivate](err); !ok {
		t.Errorf("%v", err)
	}
	if _, _, err := (Dirs{}).OpenRun(); err == nil {
		t.Error("a relative directory was taken")
	}
}

// theirs is a directory of somebody else's: root's for a normal user, and one that root gave away.
func theirs(t *testing.T) string {
	t.Helper()
	if os.Getuid() != 0 {
		return "/"
	}
	dir := filepath.Join(t.TempDir(), "home")
	must(t, os.Mkdir(dir, 0o755))
	must(t, os.Chown(dir, 12345, 12346))
	return dir
}

func TestNothingIsMadeWhereALinkLeadsToSomebodyElse(t *testing.T) {
	home := theirs(t)
	link := filepath.Join(t.TempDir(), "link")
	must(t, os.Symlink(home, link))
	for _, dir := range []string{home, link} {
		for _, missing := range []string{"whichrole-test", "whichrole-test/deep"} {
			err := MakeMine(filepath.Join(dir, missing))
			if private, ok := errors.AsType[*NotPrivate](err); !ok || private.Path != dir {
				t.Errorf("%s: %v", dir, err)
			}
		}
	}
	if _, err := os.Lstat(filepath.Join(home, "whichrole-test")); err == nil {
		t.Error("a directory is left behind")
	}
}

// sudo keeps HOME on some systems, and root's directories would lock the user out of ~/.local/state; in the container of a CI job
// HOME may be the host's, and exec needs a directory. Who is not root has no home to go to but the one he names, such as /tmp.
func TestRootKeepsItsStateInItsOwnHome(t *testing.T) {
	home := theirs(t)
	want := home
	if me, err := user.Current(); err != nil {
		t.Fatal(err)
	} else if os.Getuid() == 0 {
		want = me.HomeDir
	}
	d := Find(Env{"HOME": home}, "linux")
	if d.Home != home || d.Config != filepath.Join(home, ".config", "whichrole") || d.State != filepath.Join(want, ".local", "state", "whichrole") {
		t.Errorf("%+v", d)
	}
	own, named := t.TempDir(), filepath.Join(home, "state")
	if d = Find(Env{"HOME": own}, "linux"); d.State != filepath.Join(own, ".local", "state", "whichrole") {
		t.Errorf("a home of one's own: %+v", d)
	}
	if d = Find(Env{"HOME": home, "XDG_STATE_HOME": named}, "linux"); d.State != filepath.Join(named, "whichrole") {
		t.Errorf("a directory that is named: %+v", d)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
