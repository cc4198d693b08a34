package keystore_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	gokeyring "github.com/zalando/go-keyring"

	"whichrole/internal/keystore"
	"whichrole/internal/paths"
)

// memory is a /run/user and a /dev/shm of the test's own, and no keyring at all.
func memory(t *testing.T) (runUser, shm string) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus")
	runUser, shm = filepath.Join(t.TempDir(), uid()), sharedMemory(t)
	must(t, os.Mkdir(runUser, 0o700))
	keystore.UseUserMemory(t, filepath.Dir(runUser))
	return runUser, shm
}

// withXDG are options with that XDG_RUNTIME_DIR; "" is cron, su - and ssh.
func withXDG(dir string) keystore.Options {
	env := paths.Env{"HOME": "/home/x", "XDG_RUNTIME_DIR": dir, "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere/bus"}
	return keystore.Options{Env: env, Dirs: paths.Find(env, "linux")}
}

func auto(t *testing.T, o keystore.Options) keystore.Store {
	t.Helper()
	s, err := keystore.Open(keystore.Auto, o)
	must(t, err)
	return s
}

// removals are the two ways in which a value is removed.
var removals = map[string]func(keystore.Store) error{
	"Delete": func(s keystore.Store) error { return s.Delete(ctx, id) },
	"Clear":  func(s keystore.Store) error { _, err := s.Clear(ctx); return err },
}

// cache clear said "removed 1", and the session's next call was served what it had claimed to remove.
func TestClearInCronReachesTheSessionsFile(t *testing.T) {
	for name, remove := range removals {
		t.Run(name, func(t *testing.T) {
			runUser, shm := memory(t)
			session := withXDG(runUser)
			must(t, openFile(t, session).Set(ctx, id, []byte("value"), soon))
			must(t, remove(auto(t, withXDG(""))))
			if value, err := openFile(t, session).Get(ctx, id); !errors.Is(err, keystore.ErrNotFound) {
				t.Errorf("in the session: %q %v", value, err)
			}
			must(t, openFile(t, withXDG("")).Set(ctx, id, []byte("value"), soon))
			must(t, remove(auto(t, session)))
			if left, _ := filepath.Glob(shm + "/*/*"); len(left) != 0 {
				t.Errorf("the session leaves %v", left)
			}
		})
	}
}

// A runtime directory that is in no usual place is known from the metadata alone.
func TestClearReachesThePlacesItIsTold(t *testing.T) {
	for name, remove := range removals {
		t.Run(name, func(t *testing.T) {
			memory(t)
			dir := t.TempDir()
			must(t, os.Chmod(dir, 0o700))
			s := openFile(t, withXDG(dir))
			must(t, s.Set(ctx, id, []byte("value"), soon))
			places := keystore.Places(s)
			if want := filepath.Join(dir, "whichrole"); !slices.Equal(places, []string{want}) {
				t.Fatalf("places %v", places)
			}
			elsewhere := withXDG("")
			if keystore.Reaches(auto(t, elsewhere), places[0]) {
				t.Error("it claims to reach what it does not know of")
			}
			elsewhere.Places = places
			if !keystore.Reaches(auto(t, elsewhere), places[0]) {
				t.Error("it does not reach what it was told")
			}
			must(t, remove(auto(t, elsewhere)))
			if _, err := s.Get(ctx, id); !errors.Is(err, keystore.ErrNotFound) {
				t.Errorf("still there: %v", err)
			}
		})
	}
}

// Metadata that was tampered with must not make cache clear remove things from any directory.
func TestPlaceThatIsNotOursIsNotEmptied(t *testing.T) {
	memory(t)
	dir := filepath.Join(t.TempDir(), "documents")
	must(t, os.Mkdir(dir, 0o700))
	must(t, os.WriteFile(filepath.Join(dir, "credential-report"), nil, 0o600))
	o := withXDG("")
	o.Places = []string{dir, "whichrole", ".", ""}
	s := auto(t, o)
	_, err := s.Clear(ctx)
	must(t, err)
	if _, err := os.Stat(filepath.Join(dir, "credential-report")); err != nil {
		t.Error(err)
	}
	if keystore.Reaches(s, dir) {
		t.Error("it claims to reach it")
	}
}

func TestClearRemovesOursAndLeavesTheRest(t *testing.T) {
	runUser, _ := memory(t)
	s, where := openFile(t, withXDG(runUser)), filepath.Join(runUser, "whichrole")
	must(t, s.Set(ctx, id, []byte("value"), soon))
	for _, name := range []string{"credential-of-an-older-version", ".new-ABC", "exec.lock"} {
		must(t, os.WriteFile(filepath.Join(where, name), nil, 0o600))
	}
	n, err := s.Clear(ctx)
	if left, _ := os.ReadDir(where); n != 2 || err != nil || len(left) != 1 || left[0].Name() != "exec.lock" {
		t.Errorf("%d %v, left %v", n, err, left)
	}
}

// What stands in the place of our directory is an error after all the rest, and nothing is removed through a link.
func TestClearDoesNotFollowALinkAndDoesTheRest(t *testing.T) {
	runUser, shm := memory(t)
	inCron := openFile(t, withXDG(""))
	target := t.TempDir()
	must(t, os.WriteFile(filepath.Join(target, "credential-"+id), nil, 0o600))
	must(t, os.Symlink(target, filepath.Join(runUser, "whichrole")))
	for _, xdg := range []string{"", runUser} {
		for name, remove := range removals {
			must(t, inCron.Set(ctx, id, []byte("value"), soon))
			wantUnavailable(t, remove(auto(t, withXDG(xdg))), "file", keystore.Denied)
			if left, _ := filepath.Glob(shm + "/*/*"); len(left) != 0 {
				t.Errorf("%s with XDG_RUNTIME_DIR=%q left %v", name, xdg, left)
			}
		}
	}
	if _, err := os.Stat(filepath.Join(target, "credential-"+id)); err != nil {
		t.Error(err)
	}
}

// Another user makes /dev/shm/whichrole-<uid>: where files are written elsewhere, clear must not fail for ever.
func TestSomebodyElsesDirectoryIsNoReasonToFail(t *testing.T) {
	if os.Getuid() != 0 {
		return // only root can make somebody else's directory
	}
	runUser, shm := memory(t)
	theirs := filepath.Join(shm, shmName, "credential-"+id)
	must(t, os.Mkdir(filepath.Dir(theirs), 0o700))
	must(t, os.WriteFile(theirs, nil, 0o600))
	must(t, os.Chown(filepath.Dir(theirs), 54321, 54321))
	for name, remove := range removals {
		s := auto(t, withXDG(runUser))
		must(t, s.Set(ctx, id, []byte("value"), soon))
		if err := remove(s); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := os.Stat(theirs); err != nil {
		t.Errorf("theirs: %v", err)
	}
}

// A process killed between write and rename left a whole credential that nothing ever removed.
func TestWriterThatDiedLeavesNoCredential(t *testing.T) {
	runUser, _ := memory(t)
	s, where := openFile(t, withXDG(runUser)), filepath.Join(runUser, "whichrole")
	dead, living := filepath.Join(where, ".new-DEAD"), filepath.Join(where, ".new-LIVING")
	plant := func() {
		t.Helper()
		must(t, os.WriteFile(dead, []byte("SECRET"), 0o600))
		must(t, os.WriteFile(living, []byte("SECRET"), 0o600))
		then := time.Now().Add(-2 * time.Minute)
		must(t, os.Chtimes(dead, then, then))
	}
	must(t, s.Set(ctx, id, []byte("value"), soon))
	plant()
	must(t, s.Set(ctx, id, []byte("value"), soon))
	if _, err := os.Stat(dead); err == nil {
		t.Error("Set left what a dead writer left")
	}
	if _, err := os.Stat(living); err != nil {
		t.Errorf("Set took it from a living writer: %v", err)
	}
	plant()
	_, err := s.Clear(ctx)
	must(t, err)
	if left, _ := os.ReadDir(where); len(left) != 0 {
		t.Errorf("Clear left %v", left)
	}
}

// su keeps XDG_RUNTIME_DIR: root's counted as ours, and then there was no cache at all.
func TestRootsRuntimeDirectoryIsNotOurs(t *testing.T) {
	if os.Getuid() == 0 {
		if os.Getenv(childMark) != "" {
			t.Fatal("still root")
		}
		cmd := exec.Command("/proc/self/exe", "-test.run=^"+t.Name()+"$", "-test.v") // the path itself is root's alone
		cmd.Env = append(os.Environ(), childMark+"=1", "TMPDIR=/dev/shm", "GOCOVERDIR=")
		cmd.Dir = "/"
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 54321, Gid: 54321}}
		if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	shm := sharedMemory(t)
	must(t, openFile(t, withXDG("/usr")).Set(ctx, id, []byte("value"), soon)) // root's, and not writable by others
	if _, err := os.Stat(filepath.Join(shm, shmName, "credential-"+id)); err != nil {
		t.Error(err)
	}
}

// No metadata, another's metadata, an old version's items: whatever lies under our name goes, and nothing else.
func TestClearEmptiesTheKeyringOfOursAlone(t *testing.T) {
	if !onKeyring(t) {
		return
	}
	s := open(t, keystore.Auto)
	must(t, s.Set(ctx, id, []byte("value"), soon))
	must(t, gokeyring.Set("whichrole", "an orphan", "value"))
	must(t, gokeyring.Set("another", id, "theirs"))
	_, err := s.Clear(ctx)
	must(t, err)
	if value, err := s.Get(ctx, id); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("%q %v", value, err)
	}
	if _, err := gokeyring.Get("whichrole", "an orphan"); !errors.Is(err, gokeyring.ErrNotFound) {
		t.Errorf("the orphan: %v", err)
	}
	if value, err := gokeyring.Get("another", id); err != nil || value != "theirs" {
		t.Errorf("theirs: %q %v", value, err)
	}
}

func TestClearWithALockedKeyringFailsAfterTheRest(t *testing.T) {
	if !onKeyring(t) {
		return
	}
	before := open(t, keystore.Auto)
	must(t, before.Set(ctx, id, []byte("in the keyring"), soon))
	lock(t)
	for name, s := range map[string]keystore.Store{"opened before": before, "opened after": open(t, keystore.Auto)} {
		must(t, open(t, keystore.File).Set(ctx, id, []byte("in the file"), soon))
		made := calls(t, func() {
			n, err := s.Clear(ctx)
			if u := wantUnavailable(t, err, "keyring", keystore.Locked); n != 1 || u == nil {
				t.Errorf("%s: removed %d", name, n)
			}
		})
		if slices.Contains(made, "Unlock") || slices.Contains(made, "Prompt") {
			t.Errorf("%s: it asked: %v", name, made)
		}
		if _, err := open(t, keystore.File).Get(ctx, id); !errors.Is(err, keystore.ErrNotFound) {
			t.Errorf("%s: the file stays: %v", name, err)
		}
	}
}

// Items vanish under a Clear while others renew and delete theirs.
func TestClearAmongOthersComesToAnEnd(t *testing.T) {
	if !onKeyring(t) {
		return
	}
	s := open(t, keystore.Keyring)
	stop, done := time.Now().Add(500*time.Millisecond), make(chan bool)
	go func() {
		defer close(done)
		for time.Now().Before(stop) {
			s.Set(ctx, id, []byte("value"), soon)
			s.Delete(ctx, id)
		}
	}()
	for time.Now().Before(stop) {
		if _, err := s.Clear(ctx); err != nil {
			t.Errorf("%v", err)
			break
		}
	}
	<-done
	_, err := s.Clear(ctx)
	must(t, err)
	if _, err := s.Get(ctx, id); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("%v", err)
	}
}
