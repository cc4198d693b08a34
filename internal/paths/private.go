package paths

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// NotPrivate is the error for a directory that is there and not the current user's alone.
type NotPrivate struct{ Path, Why string }

func (n *NotPrivate) Error() string { return n.Path + ": " + n.Why }

// OpenPrivate opens the directory at an absolute path if it is a real one that only the current user can look into; with
// create it makes its last element (0700). It makes sure that it opened what it checked: whoever exchanges the directory
// afterwards exchanges nothing of what is done through the handle, and no link leads out of it. The errors are *NotPrivate
// and those of package os.
func OpenPrivate(path string, create bool) (*os.Root, error) {
	parent, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	defer parent.Close()
	name := filepath.Base(path)
	if create {
		if err := parent.Mkdir(name, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
	}
	named, err := parent.Lstat(name)
	if err != nil {
		return nil, err
	}
	// Before it is opened: what somebody else owns can become a FIFO meanwhile, and opening would never end.
	if why := notPrivate(named); why != "" {
		return nil, &NotPrivate{path, why}
	}
	dir, err := parent.OpenRoot(name)
	if err != nil {
		return nil, err
	}
	if opened, err := dir.Stat("."); err != nil || !os.SameFile(named, opened) {
		dir.Close()
		return nil, &NotPrivate{path, "it was exchanged while it was opened"}
	}
	return dir, nil
}

// MakeMine makes the directory at an absolute path, and those above it (0700), but not in somebody else's, also where a link leads
// there: a call under sudo would leave root's directories in a home, into which their owner cannot look. The errors are *NotPrivate
// and those of package os.
func MakeMine(path string) error {
	for at := path; ; {
		info, err := os.Stat(at)
		if err == nil && !OwnedByMe(info) {
			return &NotPrivate{Path: at, Why: "it belongs to somebody else"}
		}
		up := filepath.Dir(at)
		if err == nil || up == at {
			return os.MkdirAll(path, 0o700)
		}
		at = up
	}
}

func notPrivate(info fs.FileInfo) string {
	switch {
	case !info.IsDir():
		return "it is not a directory: somebody put a link or a file there"
	case !OwnedByMe(info):
		return "it belongs to somebody else"
	case OpenToOthers(info):
		return fmt.Sprintf("others may look into it (mode %04o): chmod 700 it", info.Mode().Perm())
	}
	return ""
}

// Volatile tells whether Runtime can be believed to lie in memory: it is below an XDG_RUNTIME_DIR that exists, is the
// current user's (su keeps the variable, and root's too) and not writable by others (/tmp). That it is no disk is the
// user's word.
func (d Dirs) Volatile() bool {
	if !d.RuntimeIsVolatile {
		return false
	}
	info, err := os.Stat(filepath.Dir(d.Runtime))
	return err == nil && info.IsDir() && OwnedByMe(info) && !WritableByOthers(info)
}

// OpenRun opens the directory for locks, markers and sockets, and makes it where it is missing: Runtime where it is
// Volatile, else State/run; the second where the first can't be used. path is its absolute path.
func (d Dirs) OpenRun() (dir *os.Root, path string, err error) {
	err = errors.New("there is neither an XDG_RUNTIME_DIR nor a state directory")
	if d.Volatile() {
		if dir, err = OpenPrivate(d.Runtime, true); err == nil {
			return dir, d.Runtime, nil
		}
	}
	if d.State == "" {
		return nil, "", err
	}
	if failure := os.MkdirAll(d.State, 0o700); failure != nil {
		return nil, "", failure
	}
	path = filepath.Join(d.State, "run")
	dir, err = OpenPrivate(path, true)
	return dir, path, err
}
