package awsconfig

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// BackupSuffix is what the name of the copy ends with that Save leaves beside a file: the one before the last change.
const BackupSuffix = ".whichrole-backup"

// File is a config file that is being edited. Whoever edits it sees to it that no other process of ours does.
type File struct {
	*Draft
	Named string // the path by which it was opened

	file *paths.Replacement
}

// Edit opens the config file at that path, which may be a symlink, or not there yet. Errors are those of Load.
func Edit(path string) (*File, error) {
	if path == "" {
		return nil, problem.New(problem.Failure, "neither AWS_CONFIG_FILE nor a home directory is known").WithHint("export AWS_CONFIG_FILE=/path/to/config")
	}
	if path == os.DevNull {
		return nil, problem.New(problem.Failure, "AWS_CONFIG_FILE is %s: there is no file to change", path).WithHint("unset AWS_CONFIG_FILE")
	}
	file, err := paths.OpenReplacement(path, maxFile)
	if err != nil {
		return nil, problem.New(problem.Failure, "cannot read the AWS file %s: %s", path, reason(err)).Because(err)
	}
	d, err := NewDraft(path, string(file.Data))
	if err == nil {
		err = d.sameToAll()
	}
	return &File{d, path, file}, err
}

// Changed tells whether Save would write anything.
func (f *File) Changed() bool { return f.text() != string(f.file.Data) }

// Linked tells whether the file has another name, a hard link, which Save leaves as it is.
func (f *File) Linked() bool { return f.file.Linked() }

// Save puts the new text in the place of the old one, in one step. The file that it replaces is kept beside the path that was
// named, readable to its owner alone; backup is "" where there was none. Nothing is written where it fails, which is a
// *problem.Error whose cause tells why.
func (f *File) Save() (backup string, err error) {
	text, err := f.Text()
	if err != nil {
		return "", err
	}
	if len(text) > maxFile {
		return "", f.unwritten(paths.ErrTooLarge)
	}
	if err := f.file.Writable(); err != nil {
		return "", f.unwritten(err)
	}
	if f.file.Exists() {
		backup = f.Named + BackupSuffix
		if err := paths.WritePrivate(backup, f.file.Data); err != nil {
			return "", problem.New(problem.Failure, "no copy of %s can be kept in %s: %v", f.Named, filepath.Dir(backup), cause(err)).Because(err)
		}
	}
	if err := f.file.Put([]byte(text)); err != nil {
		return "", f.unwritten(err)
	}
	return backup, nil
}

// unwritten names the file behind the links: that is the one to mend.
func (f *File) unwritten(err error) error {
	p := problem.New(problem.Failure, "cannot change the AWS file %s: %s", f.file.Path, reason(cause(err))).Because(err)
	private, foreign := errors.AsType[*paths.NotPrivate](err)
	switch {
	case foreign:
		p.Message = "cannot change the AWS file " + f.file.Path + ": " + private.Error()
		return p.WithHint("run this as the user whose file it is, without sudo")
	case errors.Is(err, paths.ErrChanged):
		return p.WithHint("try again")
	case errors.Is(err, paths.ErrReadOnly) && f.file.Mine():
		return p.WithHint("chmod u+w %s", problem.Quote(f.file.Path))
	}
	return p
}

// cause is err without the operation and the paths.
func cause(err error) error {
	if link, ok := errors.AsType[*os.LinkError](err); ok {
		return link.Err
	}
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	return err
}
