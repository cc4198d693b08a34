package trust

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"whichrole/internal/problem"
)

func TestRepositoryBringsItsOwnRecord(t *testing.T) {
	tests := []struct {
		attack string
		state  func(w *world) string // XDG_STATE_HOME, as the repository's .envrc sets it
	}{
		{"in the repository", func(w *world) string { return w.path("work/infra/.state") }},
		{"the repository itself", func(w *world) string { return w.path("work/infra") }},
		{"through a symlink", func(w *world) string {
			w.mkdir("work/infra/.state")
			if err := os.Symlink(w.path("work/infra/.state"), w.path("innocent")); err != nil {
				w.Fatal(err)
			}
			return w.path("innocent/not/made/yet")
		}},
	}
	for _, tt := range tests {
		t.Run(tt.attack, func(t *testing.T) {
			w := newWorld(t)
			w.mkdir("work/infra/qa")
			w.sub = w.mapIn("work/infra/qa")
			w.approve(w.sub)
			record, err := os.ReadFile(w.store.file(w.sub.Path, ""))
			if err != nil {
				t.Fatal(err)
			}
			w.store.Dir = tt.state(w)
			if err := os.MkdirAll(w.store.Dir, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(w.store.file(w.sub.Path, ""), record, 0o600); err != nil {
				t.Fatal(err)
			}
			v := w.wantRefused(w.sub, "lies inside the repository "+w.path("work/infra"))
			if p, _ := errors.AsType[*problem.Error](v.Allows(nil, "")); !strings.Contains(p.Hint, "XDG_STATE_HOME") {
				t.Errorf("the hint %q does not help", p.Hint)
			}
			if err := w.store.Approve(w.sub, noon); problem.CodeOf(err) != problem.NotTrusted {
				t.Errorf("an approval that will not count: %v", err)
			}
		})
	}
}

func TestCheckoutBringsItsOwnRecord(t *testing.T) {
	w := newWorld(t)
	sub := w.mapIn("maps")
	sub.Checkout = w.path("work/infra")
	w.store.Dir = w.path("work/infra/.state")
	w.wantRefused(sub, "lies inside the repository "+sub.Checkout)
}

func TestRepositoryBesideTheStateDirectory(t *testing.T) {
	w := newWorld(t)
	w.store.Dir = w.path("work/infra-state") // a prefix, but not a parent
	w.approve(w.sub)
	w.wantApproved(w.sub, "approved 2026-11-22")
}

func TestNoStateDirectory(t *testing.T) {
	w := newWorld(t)
	for _, dir := range []string{"", "state"} {
		w.store.Dir = dir
		w.wantRefused(w.sub, "no state directory")
		if w.store.Approve(w.sub, noon) == nil {
			t.Errorf("approved in %q", dir)
		}
	}
	w.store.Dir = ""
	if had, err := w.store.Revoke(w.sub.Path, ""); had || err != nil {
		t.Errorf("revoked: %v, %v", had, err)
	}
}

func TestRecordOfAnotherMapCopiedOver(t *testing.T) {
	w := newWorld(t)
	other := w.mapIn("work/other")
	w.approve(other)
	if err := os.Rename(w.store.file(other.Path, ""), w.store.file(w.sub.Path, "")); err != nil {
		t.Fatal(err)
	}
	w.wantRefused(w.sub, "is for another map: "+other.Path)
}

func TestRecordOfAMapIsNotOneOfACheckout(t *testing.T) {
	w := newWorld(t)
	w.approve(w.sub)
	sub := w.sub
	sub.Checkout = w.path("work/other")
	if err := os.Rename(w.store.file(sub.Path, ""), w.store.file(sub.Path, sub.Checkout)); err != nil {
		t.Fatal(err)
	}
	w.wantRefused(sub, "is for another map")
}

func TestDamagedRecord(t *testing.T) {
	tests := map[string]struct {
		damage func(record []byte) []byte
		says   string
	}{
		"empty":            {func([]byte) []byte { return nil }, "is damaged"},
		"cut":              {func(r []byte) []byte { return r[:len(r)/2] }, "is damaged"},
		"not JSON":         {func([]byte) []byte { return []byte("yes") }, "is damaged"},
		"null":             {func([]byte) []byte { return []byte("null") }, "of version 0"},
		"a list":           {func([]byte) []byte { return []byte("[]") }, "is damaged"},
		"two records":      {func(r []byte) []byte { return append(r, r...) }, "is damaged"},
		"an unknown key":   {func(r []byte) []byte { return bytes.Replace(r, []byte(`{"v`), []byte(`{"all":true,"v`), 1) }, "is damaged"},
		"another version":  {func(r []byte) []byte { return bytes.Replace(r, []byte(`"version":1`), []byte(`"version":2`), 1) }, "of version 2"},
		"a whole disk":     {func([]byte) []byte { return make([]byte, maxRecord+1) }, "too large"},
		"no subject":       {func([]byte) []byte { return []byte(`{"version":1}`) }, "is for another map"},
		"a record of zero": {func([]byte) []byte { return make([]byte, 500) }, "is damaged"},
	}
	for story, tt := range tests {
		t.Run(story, func(t *testing.T) {
			w := newWorld(t)
			w.approve(w.sub)
			file := w.store.file(w.sub.Path, "")
			record, err := os.ReadFile(file)
			if err == nil {
				err = os.WriteFile(file, tt.damage(record), 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			if v := w.wantRefused(w.sub, tt.says); v.Never {
				t.Error("there is a record, and Never is true")
			}
			w.approve(w.sub)
			w.wantApproved(w.sub, "approved 2026-11-22")
		})
	}
}

func TestDirectoryInPlaceOfRecord(t *testing.T) {
	w := newWorld(t)
	if err := os.MkdirAll(filepath.Join(w.store.file(w.sub.Path, ""), "full"), 0o700); err != nil {
		t.Fatal(err)
	}
	w.wantRefused(w.sub, "cannot be read")
	if err := w.store.Approve(w.sub, noon); problem.CodeOf(err) != problem.Failure {
		t.Errorf("approved: %v", err)
	}
	if _, err := w.store.Revoke(w.sub.Path, ""); problem.CodeOf(err) != problem.Failure {
		t.Errorf("revoked: %v", err)
	}
}

func TestRecordThatOthersMayWrite(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // access lists rule there
	}
	w := newWorld(t)
	w.approve(w.sub)
	if err := os.Chmod(w.store.file(w.sub.Path, ""), 0o666); err != nil {
		t.Fatal(err)
	}
	w.wantRefused(w.sub, "written by somebody else")
}

// Who may put a link into the trust directory needs no record of his own: the repository brings it.
func TestRecordThatIsASymlinkIntoTheRepository(t *testing.T) {
	w := newWorld(t)
	w.approve(w.sub)
	file, brought := w.store.file(w.sub.Path, ""), w.path("work/infra/record.json")
	if err := os.Rename(file, brought); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(brought, file); err != nil {
		t.Fatal(err)
	}
	if v := w.wantRefused(w.sub, "is a symlink"); v.Never {
		t.Error("there is something, and Never is true")
	}
	w.approve(w.sub) // replaces the link, not what it leads to
	w.wantApproved(w.sub, "approved 2026-11-22")
	if info, err := os.Lstat(file); err != nil || !info.Mode().IsRegular() {
		t.Errorf("%v, %v", info, err)
	}
}

func TestTrustDirectoryThatOthersMayWrite(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // access lists rule there
	}
	w := newWorld(t)
	w.approve(w.sub)
	for _, dir := range []string{"state/whichrole/trust", "state/whichrole"} {
		for _, mode := range []os.FileMode{0o777, 0o770, 0o707, 0o777 | os.ModeSticky} {
			w.chmod(dir, mode)
			v := w.wantRefused(w.sub, w.path(dir)+" do not count, since it is writable by others")
			if p, _ := errors.AsType[*problem.Error](v.Allows(nil, "")); p.Hint != "chmod go-w "+problem.Quote(w.path(dir)) {
				t.Errorf("the hint %q does not help", p.Hint)
			}
			if err := w.store.Approve(w.sub, noon); problem.CodeOf(err) != problem.NotTrusted {
				t.Errorf("an approval that will not count: %v", err)
			}
		}
		w.chmod(dir, 0o755)
		w.wantApproved(w.sub, "approved 2026-11-22")
	}
	w.chmod("state", 0o775) // as umask 002 makes it
	w.wantApproved(w.sub, "approved 2026-11-22")
}

func TestMeaningTooLargeToReadBack(t *testing.T) {
	w := newWorld(t)
	w.sub.Meaning.Rest = strings.Repeat("x", maxRecord)
	if err := w.store.Approve(w.sub, noon); problem.CodeOf(err) != problem.Failure {
		t.Errorf("approved: %v", err)
	}
}
