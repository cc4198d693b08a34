//go:build !windows

package paths

import (
	"errors"
	"os"
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

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
