package scaffold

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"whichrole/internal/mapfile"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// Name is what a role map is called.
const Name = mapfile.Name

// Root is mapfile's: the directory that a map for dir is written into, and git's top, or "".
func Root(dir, home string) (root, top string, err error) { return mapfile.Root(dir, home) }

// Existing are the role maps that lie in root already, as paths.
func Existing(root string) (list []string, err error) {
	for _, name := range []string{Name, mapfile.NameShort} {
		path := filepath.Join(root, name)
		if _, err := os.Lstat(path); err == nil {
			list = append(list, path)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, cannotWrite(path, err)
		}
	}
	return list, nil
}

// Save puts text into root as its role map, in one step: whoever reads it finds all of it or nothing. A map that is there already
// is an error, or with force is kept beside it under a name that nothing has. Nothing is lost where it fails.
func Save(root, text string, force bool) (path string, backups []string, err error) {
	path = filepath.Join(root, Name)
	dir, err := os.OpenRoot(root)
	if err != nil {
		return path, nil, cannotWrite(path, err)
	}
	defer dir.Close()
	s := &saver{dir: dir, root: root}
	old, err := Existing(root)
	if err != nil {
		return path, nil, err
	}
	if len(old) > 0 && !force {
		return path, nil, Exists(old[0])
	}
	temporary, err := s.temporary([]byte(text))
	if err != nil {
		return path, nil, cannotWrite(path, err)
	}
	defer dir.Remove(temporary) // gone where all went well
	if len(old) == 0 {
		return path, nil, s.place(temporary)
	}
	for _, o := range old {
		backup, err := s.keep(filepath.Base(o))
		if err != nil {
			return path, backups, err
		}
		backups = append(backups, backup)
	}
	if err := dir.Rename(temporary, Name); err != nil {
		return path, backups, cannotWrite(path, err)
	}
	if err := dir.Remove(mapfile.NameShort); err != nil && !errors.Is(err, fs.ErrNotExist) { // two maps would be a mistake
		return path, backups, cannotWrite(filepath.Join(root, mapfile.NameShort), err)
	}
	return path, backups, nil
}

// Exists is the error for a map that is there already. It wraps fs.ErrExist.
func Exists(path string) error {
	return problem.New(problem.Failure, "there is a role map already: %s; by --force it is kept as %s.bak", path, filepath.Base(path)).Because(fs.ErrExist)
}

func cannotWrite(path string, err error) error {
	if err == nil {
		return nil
	}
	if _, told := errors.AsType[*problem.Error](err); told {
		return err
	}
	return problem.New(problem.Failure, "cannot write %s: %v", path, cause(err)).Because(err)
}

// cause is err without the operation and the paths.
func cause(err error) error {
	if link, ok := errors.AsType[*os.LinkError](err); ok {
		return link.Err
	}
	return paths.Cause(err)
}

type saver struct {
	dir  *os.Root
	root string
}

// temporary is the name of a new file with that content, all of it on the disk.
func (s *saver) temporary(data []byte) (string, error) {
	name := Name + ".new-" + rand.Text()
	err := s.create(name, data, 0o644)
	return name, err
}

// create writes a file that is not there yet, or none.
func (s *saver) create(name string, data []byte, mode fs.FileMode) error {
	f, err := s.dir.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		s.dir.Remove(name)
	}
	return err
}

// place gives the file its name, unless somebody took it meanwhile.
func (s *saver) place(temporary string) error {
	err := s.dir.Link(temporary, Name)
	if err != nil { // it is there now, or this file system has no links
		old, listed := Existing(s.root)
		if len(old) > 0 {
			return Exists(old[0])
		}
		if err = listed; err == nil {
			err = s.dir.Rename(temporary, Name)
		}
	}
	return cannotWrite(filepath.Join(s.root, Name), err)
}

// maxBackups is how many names are tried for a copy.
const maxBackups = 1000

// keep copies the map that is there: NAME.bak, or .bak.1, .bak.2 … where that is taken. A symlink that leads out of root is not
// followed.
func (s *saver) keep(name string) (backup string, err error) {
	path := filepath.Join(s.root, name)
	f, err := s.dir.OpenFile(name, paths.OpenFlags, 0)
	if err != nil {
		return "", unkept(path, err)
	}
	defer f.Close()
	data, info, err := paths.ReadOpened(f, maxRead)
	if err != nil {
		return "", unkept(path, err)
	}
	for n := range maxBackups {
		backup = name + ".bak"
		if n > 0 {
			backup = fmt.Sprintf("%s.bak.%d", name, n)
		}
		if err = s.create(backup, data, info.Mode().Perm()); !errors.Is(err, fs.ErrExist) {
			break
		}
	}
	if err != nil {
		return "", cannotWrite(filepath.Join(s.root, backup), err)
	}
	return filepath.Join(s.root, backup), nil
}

func unkept(path string, err error) error {
	return problem.New(problem.Failure, "no copy of %s can be made: %v", path, cause(err)).WithHint("move it away yourself").Because(err)
}
