package sso

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"whichrole/internal/problem"
	"whichrole/internal/test/fakesso"
	"whichrole/internal/transport"
)

func files(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestASymlinkedAWSDirectoryIsFollowed(t *testing.T) {
	w := newWorld(t, nil)
	elsewhere := filepath.Join(t.TempDir(), "dotfiles", "aws")
	if err := os.MkdirAll(elsewhere, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(elsewhere, filepath.Join(w.dir, ".aws")); err != nil {
		t.Fatal(err)
	}
	w.login(t)
	w.pass(2 * time.Hour)
	if _, err := w.admin(t); err != nil {
		t.Fatal(err)
	}
	if names := files(t, filepath.Join(elsewhere, "sso", "cache")); len(names) != 2 { // the token and the registration
		t.Errorf("%q", names)
	}
}

func TestATokenFileThatLeadsOutIsNotFollowed(t *testing.T) {
	w := newWorld(t, nil)
	w.login(t)
	outside := filepath.Join(t.TempDir(), "token.json")
	if err := os.Rename(w.tokenPath(), outside); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, w.tokenPath()); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(outside)
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.admin(t)
	w.fails(t, err, failure{problem.LoginNeeded, []string{"cannot be read", "path escapes from parent"}, "whichrole login"})
	w.login(t) // replaces the link
	if after, err := os.ReadFile(outside); err != nil || string(after) != string(before) {
		t.Errorf("what it led to was written: %v", err)
	}
	if info, err := os.Lstat(w.tokenPath()); err != nil || !info.Mode().IsRegular() {
		t.Errorf("%v %v", info, err)
	}
	if _, err := w.admin(t); err != nil {
		t.Error(err)
	}
}

func TestADirectoryInTheFilesPlace(t *testing.T) {
	w := newWorld(t, nil)
	if err := os.MkdirAll(filepath.Join(w.tokenPath(), "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := w.admin(t)
	w.fails(t, err, failure{problem.LoginNeeded, []string{"cannot be read"}, "whichrole login"})
	_, err = w.Login(t.Context(), w.ui())
	w.fails(t, err, failure{problem.Failure, []string{"cannot be kept in " + w.Dir}, ""})
	if names := files(t, w.Dir); slices.ContainsFunc(names, func(n string) bool { return strings.HasSuffix(n, ".tmp") }) {
		t.Errorf("left behind: %q", names)
	}
}

// The AWS CLI empties a file before it writes it.
func TestAFileThatIsBeingWrittenIsReadAgain(t *testing.T) {
	w := newWorld(t, nil)
	w.login(t)
	whole, err := os.ReadFile(w.tokenPath())
	if err != nil {
		t.Fatal(err)
	}
	for _, torn := range []string{"", string(whole[:50])} {
		w.put(t, torn)
		pause := w.pause
		w.pauses = nil
		w.pause = func(ctx context.Context, d time.Duration) error {
			if len(w.pauses) == 1 {
				w.put(t, string(whole))
			}
			return pause(ctx, d)
		}
		if _, err := w.admin(t); err != nil {
			t.Errorf("%q: %v", torn, err)
		}
		w.pause = pause
	}
}

func TestARefreshIsWrittenInOneStep(t *testing.T) {
	w := newWorld(t, nil)
	w.login(t)
	open, err := os.Open(w.tokenPath())
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	before, err := open.Stat()
	if err != nil {
		t.Fatal(err)
	}
	w.pass(2 * time.Hour)
	if _, err := w.admin(t); err != nil {
		t.Fatal(err)
	}
	after, err := os.Stat(w.tokenPath())
	if err != nil || os.SameFile(before, after) || after.Mode() != before.Mode() {
		t.Errorf("%v %v", after.Mode(), err)
	}
	if names := files(t, w.Dir); len(names) != 2 {
		t.Errorf("left behind: %q", names)
	}
}

// A token that can't be written is used all the same: throwing it away helps nobody.
func TestARefreshedTokenThatCannotBeWritten(t *testing.T) {
	w := newWorld(t, nil)
	w.login(t)
	w.pass(2 * time.Hour)
	way := w.Way
	asked := 0
	w.Way = func() (*transport.Way, error) {
		if asked++; asked == 1 { // after the file was read
			if err := os.RemoveAll(w.Dir); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(w.Dir, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return way()
	}
	if _, err := w.admin(t); err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(w.logged, func(l string) bool {
		return strings.Contains(l, "the refreshed token of sso-session corp cannot be written to")
	}) {
		t.Errorf("%q", w.logged)
	}
	w.keepsSecrets(t, "")
}

func TestLogout(t *testing.T) {
	w := newWorld(t, nil)
	if found, err := w.Logout(t.Context()); found || err != nil {
		t.Errorf("%v %v", found, err)
	}
	w.login(t)
	old := w.tokens(t)
	if found, err := w.Logout(t.Context()); !found || err != nil {
		t.Errorf("%v %v", found, err)
	}
	if _, err := os.Stat(w.tokenPath()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
	_, err := w.admin(t)
	w.fails(t, err, failure{problem.LoginNeeded, []string{"nobody is logged in"}, "whichrole login"})
	w.login(t)
	w.edit(t, old) // AWS has ended that one
	_, err = w.admin(t)
	w.fails(t, err, failure{problem.LoginNeeded, []string{"AWS does not accept"}, "whichrole login"})
	if found, err := w.Logout(t.Context()); !found || err != nil {
		t.Errorf("a session that has ended: %v %v", found, err)
	}
}

func TestLogoutForgetsTheTokenWhateverAWSSays(t *testing.T) {
	for kind, want := range map[string]failure{
		fakesso.Cut:      {problem.Unreachable, []string{"cannot tell AWS of the logout from sso-session corp, whose token is removed here", "cut the connection"}, ""},
		fakesso.Garbage:  {problem.Unreachable, []string{"whose token is removed here", "is not an answer of IAM Identity Center"}, "AWS_ENDPOINT_URL_SSO"},
		fakesso.Internal: {problem.Unreachable, []string{"InternalServerException"}, "try again"},
	} {
		w := newWorld(t, nil)
		w.login(t)
		w.SetFaults(fakesso.Fault{Kind: kind})
		found, err := w.Logout(t.Context())
		if !found {
			t.Errorf("%s: nothing found", kind)
		}
		w.fails(t, err, want)
		if _, err := os.Stat(w.tokenPath()); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

func TestLogoutTakesWhatIsDamagedAndLeavesWhatIsNotOurs(t *testing.T) {
	w := newWorld(t, nil)
	w.put(t, `{"accessToken":`)
	if found, err := w.Logout(t.Context()); !found || err != nil {
		t.Errorf("%v %v", found, err)
	}
	if _, err := os.Stat(w.tokenPath()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
	w.put(t, `{"accessToken":"a","expiresAt":"2026-11-22T13:00:00Z","startUrl":"https://other","region":"eu-west-1"}`)
	if found, err := w.Logout(t.Context()); found || err != nil {
		t.Errorf("%v %v", found, err)
	}
	if _, err := os.Stat(w.tokenPath()); err != nil || w.Count("") != 0 {
		t.Errorf("%v, %d calls", err, w.Count(""))
	}
}
