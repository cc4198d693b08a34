package scaffold

import (
	"context"
	"os"
	"path"
	"path/filepath"

	"whichrole/internal/awsconfig"
	"whichrole/internal/found"
	"whichrole/internal/modules"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// maxRead is the most that is read of one file, in bytes.
const maxRead = 1 << 20

// scan is one look at a repository and at the user's AWS files.
type scan struct {
	o          Options
	root       *os.Root
	found      *modules.Found
	repository found.Repository

	profiles   []profile // of the user's AWS files
	unreadable error     // why these could not be read
	caller     string    // the profile that calls whichrole
	own        []string  // the profiles that hold first credentials
	failed     error     // why nothing can be said at all
}

func newScan(ctx context.Context, o Options) (*scan, error) {
	root, err := os.OpenRoot(o.Root)
	if err != nil {
		return nil, problem.New(problem.Failure, "cannot read %s: %v", o.Root, paths.Cause(err)).Because(err)
	}
	s := &scan{o: o, root: root}
	s.found, err = modules.Find(ctx, modules.Search{Root: o.Root, Top: o.Top, Progress: o.Progress})
	if err != nil {
		root.Close()
		return nil, err
	}
	s.repository = found.Repository{Modules: s.found.Modules, Code: s.found.Code, Read: s.read}
	files, err := awsconfig.Load(o.Env, o.Home)
	if err != nil {
		s.unreadable = err
		return s, nil
	}
	s.profiles = profilesOf(files, o.Home)
	s.caller, s.own = files.Caller(), holdCredentials(files)
	return s, nil
}

func (s *scan) close() { s.root.Close() }

// read is found.Repository's. Which names there are decides the repository: none may lead out of it.
func (s *scan) read(name string) ([]byte, error) {
	f, err := s.root.OpenFile(filepath.FromSlash(name), paths.OpenFlags, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, _, err := paths.ReadOpened(f, maxRead)
	return data, err
}

// checkout is what Terrateam's answers depend on.
func (s *scan) checkout() checkout {
	return checkout{destBranch: s.destBranch, files: s.filesIn}
}

// destBranch asks the caller. An error is the user's own, in his file, and no word of the repository's.
func (s *scan) destBranch() (string, error) {
	if s.o.DestBranch == nil {
		return "", nil
	}
	branch, err := s.o.DestBranch()
	s.failed = err
	return branch, err
}

// filesIn are the names of the files in a directory.
func (s *scan) filesIn(dir string) ([]string, error) {
	f, err := s.root.Open(filepath.FromSlash(path.Clean(dir)))
	if err != nil {
		return nil, paths.Cause(err)
	}
	defer f.Close()
	return paths.Files(f)
}

// closed are the directories that get no role from one above: those of which something is not known, and all with code where the
// system runs in these, too.
func (s *scan) closed(chosen system) (dirs []string) {
	for _, n := range s.found.Notes {
		dir := n.File
		if ext := path.Ext(dir); ext == ".tf" || ext == ".tofu" || ext == ".hcl" || ext == ".json" {
			dir = path.Dir(dir)
		}
		if n.Kind() == modules.Unread && dir != "." && isDir(dir) {
			dirs = append(dirs, dir)
		}
	}
	if chosen.file {
		dirs = append(dirs, s.found.Code...)
	}
	return dirs
}
