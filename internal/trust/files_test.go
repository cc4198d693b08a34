package trust

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func (w *world) link(name, target string) {
	w.Helper()
	w.mkdir(filepath.Dir(name))
	if err := os.Symlink(filepath.FromSlash(target), w.path(name)); err != nil {
		w.Fatal(err)
	}
}

func (w *world) write(name string, mode os.FileMode) {
	w.Helper()
	w.mkdir(filepath.Dir(name))
	if err := os.WriteFile(w.path(name), []byte(""), 0o600); err != nil {
		w.Fatal(err)
	}
	w.chmod(name, mode)
}

func (w *world) chmod(name string, mode os.FileMode) {
	w.Helper()
	if err := os.Chmod(w.path(name), mode); err != nil {
		w.Fatal(err)
	}
}

// policy is a file that the map's meaning was read from.
func (w *world) policy(name string) File {
	w.Helper()
	info, err := os.Stat(w.path(name))
	if err != nil {
		w.Fatal(err)
	}
	return File{Path: w.path(name), Info: info}
}

// A trusted path must look at everything that the map says, and not only at the name that it goes by.
func TestTrustedMapThatSaysWhatOthersWrite(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // access lists rule there
	}
	tests := []struct {
		attack string
		make   func(w *world)
		says   string // "" is trusted
	}{
		{"all is the user's", func(*world) {}, ""},
		{"the map leads into a directory of everybody", func(w *world) { w.chmod("work/infra/sub", 0o777) }, "sub is writable by others"},
		{"the map leads to a file of everybody", func(w *world) { w.chmod("work/infra/sub/m.yaml", 0o666) }, "m.yaml is writable by others: chmod go-w"},
		{"the map leads into a nested repository", func(w *world) { w.mkdir("work/infra/sub/.git") }, "m.yaml lies in the repository"},
		{"the map leads through a directory of everybody", func(w *world) { w.chmod("work/infra/hop", 0o777) }, "hop is writable by others"},
		{"the map leads through a downloaded module", func(w *world) {
			w.link("work/infra/.terraform/m.yaml", "../sub/m.yaml")
			w.relink("../.terraform/m.yaml")
		}, "m.yaml lies below .terraform"},
		{"the map leads out of the trusted path", func(w *world) { w.write("elsewhere/m.yaml", 0o644); w.relink("../../../elsewhere/m.yaml") }, "elsewhere/m.yaml lies outside of it"},
		{"the map leads nowhere by now", func(w *world) { w.relink("gone") }, "cannot be checked"},
		{"a policy of everybody", func(w *world) { w.chmod("work/infra/live/policies/p.json", 0o666) }, "p.json is writable by others"},
		{"a policy in a directory of everybody", func(w *world) { w.chmod("work/infra/live/policies", 0o777) }, "policies is writable by others"},
		{"a policy in a nested repository", func(w *world) { w.mkdir("work/infra/live/policies/.git") }, "p.json lies in the repository"},
		{"a policy through a link into a directory of everybody", func(w *world) { w.chmod("work/infra/live/shared", 0o777) }, "shared is writable by others"},
	}
	for _, tt := range tests {
		t.Run(tt.attack, func(t *testing.T) {
			w := newWorld(t)
			w.write("work/infra/sub/m.yaml", 0o644)
			w.link("work/infra/hop/m.yaml", "../sub/m.yaml")
			w.link("work/infra/live/.whichrole.yaml", "../hop/m.yaml")
			w.write("work/infra/live/policies/p.json", 0o644)
			w.write("work/infra/live/shared/s.json", 0o644)
			w.link("work/infra/live/link", "shared")
			link := w.path("work/infra/live/.whichrole.yaml")
			tt.make(w)
			sub := Subject{Path: link, Meaning: meaning(), Info: w.policy("work/infra/sub/m.yaml").Info,
				Files: []File{w.policy("work/infra/live/policies/p.json"), w.policy("work/infra/live/link/s.json")}}
			w.store.TrustedPaths = []string{w.path("work")}
			if tt.says == "" {
				w.wantApproved(sub, "trusted path "+w.path("work"))
				return
			}
			w.wantRefused(sub, tt.says)
			w.approve(sub) // by hand it still counts: the bytes are a part of the meaning
			w.wantApproved(sub, "approved 2026-11-22")
		})
	}
}

// relink turns the map's own symlink.
func (w *world) relink(target string) {
	w.Helper()
	if err := os.Remove(w.path("work/infra/live/.whichrole.yaml")); err != nil {
		w.Fatal(err)
	}
	w.link("work/infra/live/.whichrole.yaml", target)
}

func TestMapOrPolicyReplacedAfterItWasRead(t *testing.T) {
	w := newWorld(t)
	w.write("work/infra/p.json", 0o644)
	w.store.TrustedPaths = []string{w.path("work")}
	sub := w.sub
	sub.Files = []File{w.policy("work/infra/p.json")}
	w.wantApproved(sub, "trusted path "+w.path("work"))
	for _, name := range []string{"work/infra/p.json", "work/infra/.whichrole.yaml"} {
		w.write("new", 0o644)
		if err := os.Rename(w.path("new"), w.path(name)); err != nil {
			t.Fatal(err)
		}
		w.wantRefused(sub, "was replaced while it was read")
		sub.Files = []File{w.policy("work/infra/p.json")}
	}
	sub.Files = []File{{Path: w.path("work/infra/p.json")}}
	sub.Info = w.policy("work/infra/.whichrole.yaml").Info
	w.wantRefused(sub, "p.json is owned by somebody else")
}

// Who keeps HOME in git (dotfiles) has put nothing into ~/work by that; a repository in a repository there is what it was.
func TestHomeThatIsARepository(t *testing.T) {
	tests := []struct {
		story, home, git, trusted, in string
		says                          string // the outer repository; "" is trusted
	}{
		{"a checkout below a trusted folder", "", ".git", "work", "work/infra", ""},
		{"the checkout itself", "", ".git", "work/infra", "work/infra/qa", ""},
		{"HOME lies in the repository", "users/me", ".git", "work", "work/infra", ""},
		{"a submodule of a checkout", "", ".git", "work", "work/infra/vendor/x", "work/infra"},
		{"a submodule of a trusted checkout", "", ".git", "work/infra", "work/infra/vendor/x", "work/infra"},
		{"a submodule of a folder of a checkout", "", ".git", "work/infra/vendor", "work/infra/vendor/x", "work/infra"},
		{"all of HOME is trusted", "", ".git", ".", "work/infra", "."},
		{"a repository below HOME", "", "work/.git", "work/all", "work/all/infra", "work"},
		{"a repository beside HOME", "users/me", "work/.git", "work/all", "work/all/infra", "work"},
		{"no HOME", "none", ".git", "work", "work/infra", "."},
	}
	for _, tt := range tests {
		t.Run(tt.story, func(t *testing.T) {
			w := newWorld(t)
			w.mkdir(tt.git)
			w.mkdir("work/infra/vendor/x/.git")
			w.mkdir("work/all/infra/.git")
			w.store.Home = w.path(tt.home)
			if tt.home == "none" {
				w.store.Home = ""
			}
			w.store.TrustedPaths = []string{w.path(tt.trusted)}
			sub := w.mapIn(tt.in)
			if tt.says == "" {
				w.wantApproved(sub, "trusted path "+w.path(tt.trusted))
				return
			}
			w.wantRefused(sub, "inside the repository "+w.path(tt.says))
		})
	}
}
