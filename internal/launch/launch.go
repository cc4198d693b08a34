// Package launch runs a command in our place: what it sees of AWS is ours, and nothing of that is left behind.
//
// On unix the command replaces this process (execve), so that signals, terminal, job control, exit status and process number
// are those of a command that was run directly. A process in between would have to pass signals on, and Ctrl-C would reach
// Terraform twice, which ends it without its state being saved. What must be removed afterwards is left to a keeper: a process
// of our own that is no child of the command and belongs to no terminal.
package launch

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"whichrole/internal/awsconfig"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// Profile is the profile that a Session adds to its copy of the AWS config file.
const Profile = "whichrole-exec"

// The files of a session's directory, all 0600.
const (
	configName  = "config"
	requestName = "request.json"
	lockName    = "lock" // held while the session lasts; its content names the process it is for
	linkName    = "whichrole"
)

const prefix = "exec-"

// Session is the directory of one exec: a copy of the AWS config file, and what its helper's calls are pinned to.
type Session struct {
	ID string // exec-…, for --pinned

	run  string // the directory that it lies in
	lock *os.File
}

// Prepare makes a session: the user's AWS config file, byte by byte, with one profile more, whose credential_process is this
// program (self, an absolute path) with the pins. region is the map's, "" where it names none. The errors are *problem.Error.
func Prepare(dirs paths.Dirs, files *awsconfig.Files, self string, pins Pins, region string) (*Session, error) {
	run, path, err := dirs.OpenRun()
	if err != nil {
		return nil, problem.New(problem.Failure, "there is no directory for the command's AWS config: %v", err).Because(err)
	}
	defer run.Close()
	s := &Session{ID: prefix + strings.ToLower(rand.Text()), run: path}
	if err := s.fill(run, files, self, pins, region); err != nil {
		s.Close()
		if _, told := errors.AsType[*problem.Error](err); told {
			return nil, err
		}
		return nil, problem.New(problem.Failure, "the command's AWS config cannot be written below %s: %v", path, paths.Cause(err)).Because(err)
	}
	return s, nil
}

func (s *Session) fill(run *os.Root, files *awsconfig.Files, self string, pins Pins, region string) error {
	if err := run.Mkdir(s.ID, 0o700); err != nil {
		return err
	}
	dir, err := run.OpenRoot(s.ID)
	if err != nil {
		return err
	}
	defer dir.Close()
	if s.lock, err = hold(dir); err != nil {
		return err
	}
	helper, err := s.helper(dir, self)
	if err != nil {
		return err
	}
	config, err := configWith(files, helper+" credential-process --pinned "+s.ID, region)
	if err != nil {
		return err
	}
	request, err := pins.encode()
	if err != nil {
		return err
	}
	if err := write(dir, requestName, request); err != nil {
		return err
	}
	return write(dir, configName, []byte(config))
}

func (s *Session) path(name string) string { return filepath.Join(s.run, s.ID, name) }

// Variables are what points AWS SDKs at the session.
func (s *Session) Variables() paths.Env {
	// Go SDKs of the first generation read the config file only where they are asked to.
	return paths.Env{"AWS_CONFIG_FILE": s.path(configName), "AWS_PROFILE": Profile, "AWS_SDK_LOAD_CONFIG": "1"}
}

// Close ends a session whose command did not start or, on Windows, has ended, and removes it. A second Close does nothing.
func (s *Session) Close() {
	if s.lock != nil {
		s.lock.Close()
	}
	remove(s.run, s.ID)
}

// remove follows no link: the directory is looked up in one that is ours alone.
func remove(run, id string) error {
	dir, err := paths.OpenPrivate(run, false)
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.RemoveAll(id)
}

func write(dir *os.Root, name string, data []byte) error {
	f, err := dir.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}

// IsCopy tells whether AWS_CONFIG_FILE is the file of a session, whichever profile is chosen in there.
func IsCopy(env paths.Env, dirs paths.Dirs) bool {
	dir := filepath.Dir(env["AWS_CONFIG_FILE"])
	_, within := env[paths.BeforeExecPrefix+"AWS_CONFIG_FILE"]
	return isID(filepath.Base(dir)) && (within || filepath.Dir(dir) == dirs.Runtime)
}

// isID tells whether a name is one that Prepare gives: a path never is.
func isID(name string) bool {
	random, ok := strings.CutPrefix(name, prefix)
	return ok && random != "" && len(name) <= 64 && fs.ValidPath(name) && strings.Trim(random, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}
