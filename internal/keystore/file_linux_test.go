package keystore_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"whichrole/internal/keystore"
	"whichrole/internal/paths"
	"whichrole/internal/test/keyringtest"
)

var (
	ctx     = context.Background()
	shmName = "whichrole-" + strconv.Itoa(os.Getuid())
)

// runtimeDir is an XDG_RUNTIME_DIR, and the options that know it.
func runtimeDir(t *testing.T) (string, keystore.Options) {
	dir := t.TempDir()
	must(t, os.Chmod(dir, 0o700))
	keystore.UseSharedMemory(t, "/proc") // nothing falls through to the user's own
	return dir, keystore.Options{Dirs: paths.Find(paths.Env{"HOME": "/home/x", "XDG_RUNTIME_DIR": dir}, "linux")}
}

// sharedMemory is a directory of our own in the real /dev/shm.
func sharedMemory(t *testing.T) string {
	dir, err := os.MkdirTemp("/dev/shm", "whichrole-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	keystore.UseSharedMemory(t, dir)
	return dir
}

func openFile(t *testing.T, o keystore.Options) keystore.Store {
	t.Helper()
	s, err := keystore.Open(keystore.File, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestContractOnRuntimeFile(t *testing.T) {
	_, o := runtimeDir(t)
	keyringtest.Contract(t, openFile(t, o))
}

func TestContractOnSharedMemory(t *testing.T) {
	sharedMemory(t)
	keyringtest.Contract(t, openFile(t, keystore.Options{}))
}

func TestFileIsPrivateAndAlone(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0))
	dir, o := runtimeDir(t)
	must(t, openFile(t, o).Set(ctx, id, []byte("value"), soon))
	entries, _ := os.ReadDir(filepath.Join(dir, "whichrole"))
	if len(entries) != 1 || entries[0].Name() != "credential-"+id {
		t.Fatalf("%v lies there", entries)
	}
	info, _ := entries[0].Info()
	above, _ := os.Stat(filepath.Join(dir, "whichrole"))
	if info.Mode().Perm() != 0o600 || above.Mode().Perm() != 0o700 {
		t.Errorf("modes %v %v", info.Mode(), above.Mode())
	}
}

func TestOpeningCreatesNothing(t *testing.T) {
	dir, o := runtimeDir(t)
	if _, err := openFile(t, o).Get(ctx, id); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("%v", err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 0 {
		t.Errorf("%v lies there", entries)
	}
}

// What somebody may have put where our directory is to be. Nothing may be read from it or written into it.
func TestPreCreatedDirectoryIsNotUsed(t *testing.T) {
	elsewhere := t.TempDir()
	plant := map[string]func(t *testing.T, where string){
		"symlink to a directory": func(t *testing.T, where string) {
			must(t, os.Mkdir(filepath.Join(elsewhere, "target"), 0o700))
			must(t, os.Symlink(filepath.Join(elsewhere, "target"), where))
		},
		"dangling symlink":   func(t *testing.T, where string) { must(t, os.Symlink(filepath.Join(elsewhere, "no"), where)) },
		"file":               func(t *testing.T, where string) { must(t, os.WriteFile(where, nil, 0o600)) },
		"FIFO":               func(t *testing.T, where string) { must(t, syscall.Mkfifo(where, 0o600)) },
		"readable by others": func(t *testing.T, where string) { must(t, os.Mkdir(where, 0o755)) },
		"writable by group": func(t *testing.T, where string) {
			must(t, os.Mkdir(where, 0o700))
			must(t, os.Chmod(where, 0o770))
		},
	}
	if os.Getuid() == 0 { // only root can make somebody else's directory
		plant["somebody else's"] = func(t *testing.T, where string) {
			must(t, os.Mkdir(where, 0o700))
			must(t, os.Chown(where, 54321, 54321))
		}
	}
	for name, put := range plant {
		t.Run(name, func(t *testing.T) {
			where := filepath.Join(sharedMemory(t), shmName)
			s := openFile(t, keystore.Options{}) // opened before, so that each call is tested too
			put(t, where)
			_, err := keystore.Open(keystore.File, keystore.Options{})
			u := wantUnavailable(t, err, "file", keystore.Denied)
			if !strings.Contains(u.Detail, where) {
				t.Errorf("the directory is not named: %s", u.Detail)
			}
			_, err = s.Get(ctx, id)
			wantUnavailable(t, err, "file", keystore.Denied)
			wantUnavailable(t, s.Set(ctx, id, []byte("SECRET"), soon), "file", keystore.Denied)
			wantUnavailable(t, s.Delete(ctx, id), "file", keystore.Denied)
			if written, _ := filepath.Glob(filepath.Join(elsewhere, "target", "*")); len(written) != 0 {
				t.Errorf("written through the link: %v", written)
			}
		})
	}
}

func TestPlantedItemIsNotRead(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "outside")
	must(t, os.WriteFile(outside, []byte("planted"), 0o600))
	plant := map[string]func(where string) error{
		"symlink out":        func(where string) error { return os.Symlink(outside, where) },
		"FIFO":               func(where string) error { return syscall.Mkfifo(where, 0o600) },
		"directory":          func(where string) error { return os.Mkdir(where, 0o700) },
		"readable by others": func(where string) error { return os.WriteFile(where, []byte("planted"), 0o644) },
		"huge": func(where string) error {
			return errors.Join(os.WriteFile(where, nil, 0o600), os.Truncate(where, 1<<30))
		},
	}
	if os.Getuid() == 0 {
		plant["somebody else's"] = func(where string) error {
			return errors.Join(os.WriteFile(where, []byte("planted"), 0o600), os.Chown(where, 54321, 54321))
		}
	}
	for name, put := range plant {
		t.Run(name, func(t *testing.T) {
			dir, o := runtimeDir(t)
			must(t, os.Mkdir(filepath.Join(dir, "whichrole"), 0o700))
			must(t, put(filepath.Join(dir, "whichrole", "credential-"+id)))
			value, err := openFile(t, o).Get(ctx, id)
			wantUnavailable(t, err, "file", keystore.Denied)
			if value != nil {
				t.Errorf("read %.20q", value)
			}
		})
	}
	if kept, _ := os.ReadFile(outside); string(kept) != "planted" {
		t.Errorf("the file outside became %q", kept)
	}
}

// A planted link is replaced by a rename, never written through.
func TestSetReplacesAPlantedLink(t *testing.T) {
	dir, o := runtimeDir(t)
	outside := filepath.Join(t.TempDir(), "outside")
	must(t, os.WriteFile(outside, []byte("theirs"), 0o600))
	must(t, os.Mkdir(filepath.Join(dir, "whichrole"), 0o700))
	must(t, os.Symlink(outside, filepath.Join(dir, "whichrole", "credential-"+id)))
	s := openFile(t, o)
	must(t, s.Set(ctx, id, []byte("ours"), soon))
	value, err := s.Get(ctx, id)
	if kept, _ := os.ReadFile(outside); err != nil || string(value) != "ours" || string(kept) != "theirs" {
		t.Errorf("%q %v, outside %q", value, err, kept)
	}
}

func TestIDIsNotAPath(t *testing.T) {
	_, o := runtimeDir(t)
	s := openFile(t, o)
	for _, bad := range []string{"", "../../../../etc/passwd", strings.Repeat("/", 32), strings.ToUpper(id), id + "0"} {
		if err := s.Set(ctx, bad, []byte("x"), soon); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestPlaceOfTheFile(t *testing.T) {
	gone := filepath.Join(t.TempDir(), "gone")
	open := t.TempDir()
	must(t, os.Chmod(open, 0o1777))
	group := t.TempDir()
	must(t, os.Chmod(group, 0o770))
	for name, xdg := range map[string]string{"not set": "", "gone": gone, "open to everybody": open, "open to the group": group} {
		t.Run(name, func(t *testing.T) {
			shm := sharedMemory(t)
			s := openFile(t, keystore.Options{Dirs: paths.Find(paths.Env{"HOME": "/home/x", "XDG_RUNTIME_DIR": xdg}, "linux")})
			must(t, s.Set(ctx, id, []byte("value"), soon))
			if _, err := os.Stat(filepath.Join(shm, shmName, "credential-"+id)); err != nil {
				t.Error(err)
			}
		})
	}
}

// A container without a tmpfs on /dev/shm: never a file on disk.
func TestNoMemoryMeansNoFile(t *testing.T) {
	keystore.UseSharedMemory(t, "/proc")
	_, err := keystore.Open(keystore.File, keystore.Options{Dirs: paths.Dirs{Runtime: "/home/x/.local/state/whichrole/run"}})
	wantUnavailable(t, err, "file", keystore.Absent)
	keystore.UseSharedMemory(t, filepath.Join(t.TempDir(), "gone"))
	_, err = keystore.Open(keystore.File, keystore.Options{})
	wantUnavailable(t, err, "file", keystore.Absent)
}

func TestRuntimeDirectoryThatVanishes(t *testing.T) {
	dir, o := runtimeDir(t)
	s := openFile(t, o)
	must(t, os.Remove(dir))
	wantUnavailable(t, s.Set(ctx, id, []byte("x"), soon), "file", keystore.Absent)
}

func TestReaderNeverSeesHalfAFile(t *testing.T) {
	_, o := runtimeDir(t)
	s := openFile(t, o)
	values := []string{strings.Repeat("a", 8192), strings.Repeat("b", 100)}
	must(t, s.Set(ctx, id, []byte(values[0]), soon))
	stop := time.Now().Add(200 * time.Millisecond)
	go func() {
		for i := 0; time.Now().Before(stop.Add(50 * time.Millisecond)); i++ {
			s.Set(ctx, id, []byte(values[i%2]), soon)
		}
	}()
	for time.Now().Before(stop) {
		value, err := s.Get(ctx, id)
		if err != nil || string(value) != values[0] && string(value) != values[1] {
			t.Fatalf("%d bytes, %v", len(value), err)
		}
	}
	time.Sleep(100 * time.Millisecond) // the writer has ended before the directory goes
}
