package modules

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"

	"whichrole/internal/paths"
)

// reader opens what lies below top, and nothing else.
type reader struct {
	ctx    context.Context
	top    *os.Root
	within string // Root, from top, with slashes
	limits limits
	bytes  atomic.Int64 // that may still be read
	parsed atomic.Int64 // bytes that may still be parsed
	large  sync.Mutex   // held while much is parsed: tokens and trees take hundreds of times the size
	notes  notes
}

var (
	errEnough = errors.New("enough was read")
	errGit    = errors.New("leads into .git")
)

// open opens a directory by its path from Root.
func (r *reader) open(rel string) (*directory, error) {
	root, err := r.top.OpenRoot(filepath.FromSlash(path.Join(r.within, rel)))
	if err != nil {
		return nil, err
	}
	return &directory{r: r, rel: rel, root: root}, nil
}

// read reads a file by its path from top, through symlinks that stay below top.
func (r *reader) read(file string) ([]byte, error) {
	f, err := r.top.OpenFile(filepath.FromSlash(file), paths.OpenFlags, 0)
	if err != nil {
		return nil, err
	}
	return r.drain(f)
}

// follow is read for a symlink, but not into .git: what lies there is not the repository's. The link was opened before it is
// looked through, so it leads nowhere outside.
func (r *reader) follow(link string) ([]byte, error) {
	data, err := r.read(link)
	if err != nil {
		return nil, err
	}
	end, err := filepath.EvalSymlinks(filepath.Join(r.top.Name(), filepath.FromSlash(link)))
	if err != nil {
		return nil, err
	}
	end, err = filepath.Rel(r.top.Name(), end)
	if err != nil {
		return nil, err
	}
	for part := range strings.SplitSeq(filepath.ToSlash(end), "/") {
		if strings.EqualFold(part, ".git") {
			return nil, errGit
		}
	}
	return data, nil
}

// drain reads f and closes it.
func (r *reader) drain(f *os.File) ([]byte, error) {
	defer f.Close()
	data, _, err := paths.ReadOpened(f, maxFile)
	if err == nil && !spend(&r.bytes, int64(len(data))) {
		return nil, errEnough
	}
	return data, err
}

// fromRoot is a path from top as one from Root: what stands above Root begins with "..".
func (r *reader) fromRoot(file string) string {
	rel, err := filepath.Rel(filepath.FromSlash(r.within), filepath.FromSlash(file))
	if err != nil {
		return file
	}
	return filepath.ToSlash(rel)
}

// failed notes why file, which counts from Root, could not be read.
func (r *reader) failed(file string, err error) {
	_, fromSystem := errors.AsType[syscall.Errno](err)
	switch {
	case errors.Is(err, errEnough):
		r.notes.addOnce(Note{File: ".", Text: "there is too much to read: not all files were"})
		return
	case errors.Is(err, errGit):
		r.notes.add(Note{File: file, Text: "is a symlink that leads into .git: not read"})
	case errors.Is(err, paths.ErrNotRegular):
		r.notes.add(Note{File: file, Text: "is not a regular file"})
	case errors.Is(err, paths.ErrTooLarge):
		r.notes.add(Note{File: file, Text: "is larger than 1 MiB: not read"})
	case fromSystem:
		r.notes.add(Note{File: file, Text: "cannot be read: " + paths.Cause(err).Error()})
	default: // os.Root's own refusal, which has no name
		r.notes.add(Note{File: file, Text: "is a symlink that leads out of the repository: not read"})
	}
}

// directory is one that is open.
type directory struct {
	r     *reader
	rel   string // from Root, with slashes
	root  *os.Root
	names []fs.DirEntry // of configuration files
	files []*source     // of these, read: those of Terraform or OpenTofu that may say something
	units []*source     // and of Terragrunt
	size  int           // bytes of both
}

// list is at most most entries, in no order, and whether these are all.
func (d *directory) list(most int) (entries []fs.DirEntry, complete bool, err error) {
	f, err := d.root.Open(".")
	if err != nil {
		return nil, true, err
	}
	defer f.Close()
	for len(entries) < most {
		some, err := f.ReadDir(min(most-len(entries), 1024))
		entries = append(entries, some...)
		if errors.Is(err, io.EOF) {
			return entries, true, nil
		}
		if err != nil {
			return entries, true, err
		}
	}
	return entries, false, nil
}

// add keeps e if it is a configuration file's.
func (d *directory) add(e fs.DirEntry) {
	if !e.IsDir() && isConfig(e.Name()) {
		d.names = append(d.names, e)
	}
}

// isConfig tells the names of files that Terraform, OpenTofu or Terragrunt read, as Terraform's IsIgnoredFile has it.
func isConfig(name string) bool {
	if strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~") || strings.HasPrefix(name, "#") && strings.HasSuffix(name, "#") {
		return false
	}
	plain := strings.TrimSuffix(name, ".json")
	return strings.HasSuffix(plain, ".tf") || strings.HasSuffix(plain, ".tofu") || isTerragrunt(name)
}

// hasCode tells whether there are files of Terraform or OpenTofu.
func (d *directory) hasCode() bool {
	return slices.ContainsFunc(d.names, func(e fs.DirEntry) bool { return !isTerragrunt(e.Name()) })
}

func isTerragrunt(name string) bool { return name == "terragrunt.hcl" || name == "terragrunt.hcl.json" }

// read loads the files, and keeps those that may say something.
func (d *directory) read() {
	for _, e := range d.names {
		s := d.load(e)
		unit := isTerragrunt(e.Name())
		if s == nil || !unit && !s.mentions("provider", "backend", "cloud", "terraform_remote_state", "locals", "variable") {
			continue
		}
		if d.size += len(s.data); d.size > d.r.limits.directory {
			d.r.notes.add(Note{File: d.rel, Text: "has too much configuration: not all of it was read"})
			return
		}
		if unit {
			d.units = append(d.units, s)
		} else {
			d.files = append(d.files, s)
		}
	}
}

// load reads the file of an entry. Nil means that it cannot be read, which is noted, or need not be any more.
func (d *directory) load(e fs.DirEntry) *source {
	if d.r.ctx.Err() != nil {
		return nil
	}
	file := path.Join(d.rel, e.Name())
	var data []byte
	var err error
	switch {
	case e.Type()&fs.ModeSymlink != 0:
		data, err = d.r.follow(path.Join(d.r.within, file))
	case !e.Type().IsRegular():
		err = paths.ErrNotRegular
	default:
		var f *os.File
		if f, err = d.root.OpenFile(e.Name(), paths.OpenFlags, 0); err == nil {
			data, err = d.r.drain(f)
		}
	}
	if err != nil {
		d.r.failed(file, err)
		return nil
	}
	return &source{path: file, json: strings.HasSuffix(e.Name(), ".json"), data: data}
}
