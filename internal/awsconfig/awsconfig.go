// Package awsconfig reads the AWS config and credentials files, with the line of each setting.
//
// It reads the dialect of the AWS SDK for Go v2, and of botocore where that does not contradict it. Where both read past a
// slip that could put a key into the wrong profile (a header without its bracket), it fails with file and line.
// Draft and File change single profiles of the config file; nothing else is ever written.
package awsconfig

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// maxFile is the most that is read of one file, in bytes. A file of ten thousand profiles stays under it.
const maxFile = 1 << 20

// Files are the user's two files as they were when Load read them. A file that does not exist has no profiles.
type Files struct {
	ConfigPath      string // "" where neither AWS_CONFIG_FILE nor a home is known
	CredentialsPath string // "" where neither AWS_SHARED_CREDENTIALS_FILE nor a home is known

	config, credentials sections
}

// Load reads the files that AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE name, else home's .aws/config and
// .aws/credentials. A leading ~ is home, as botocore has it. A missing file is empty, and so is os.DevNull, by which people
// switch a file off; a file that cannot be read, a line that cannot be understood: *problem.Error of code Failure.
func Load(env paths.Env, home string) (*Files, error) {
	f := &Files{
		ConfigPath:      pathOf(env["AWS_CONFIG_FILE"], home, "config"),
		CredentialsPath: pathOf(env["AWS_SHARED_CREDENTIALS_FILE"], home, "credentials"),
	}
	var err error
	if f.config, err = load(f.ConfigPath, configFile); err != nil {
		return nil, err
	}
	if f.credentials, err = load(f.CredentialsPath, credentialsFile); err != nil {
		return nil, err
	}
	return f, nil
}

// Once is Load that runs when it is first called, and at most once.
func Once(env paths.Env, home string) func() (*Files, error) {
	return sync.OnceValues(func() (*Files, error) { return Load(env, home) })
}

// Profile is the merged view of one profile. In the config file [profile default] hides [default], as every SDK has it.
func (f *Files) Profile(name string) (*Profile, bool) {
	p := &Profile{Name: name, config: f.configProfile(name), credentials: f.credentials[sectionID{kindProfile, name}]}
	return p, p.config != nil || p.credentials != nil
}

// Names are the names of all profiles, sorted.
func (f *Files) Names() []string {
	var names []string
	for _, s := range []sections{f.config, f.credentials} {
		for id := range s {
			if id.kind == kindProfile || id.kind == kindBare {
				names = append(names, id.name)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Misplaced is file:line of a [name] in the config file, where no SDK reads it: it should be [profile name]. "" for none.
func (f *Files) Misplaced(name string) string {
	if s := f.config[sectionID{kindMisplaced, name}]; s != nil {
		return s.String()
	}
	return ""
}

// Section is the section of that kind (sso-session or services) and name. Only the config file has such sections.
func (f *Files) Section(kind, name string) (*Section, bool) {
	s, ok := f.config[sectionID{kind, name}]
	return s, ok
}

// Shared is the section of that name in the credentials file, which wins over the profile of that name.
func (f *Files) Shared(name string) (*Section, bool) {
	s, ok := f.credentials[sectionID{kindProfile, name}]
	return s, ok
}

// SectionNames are the names of all sections of that kind, sorted.
func (f *Files) SectionNames(kind string) []string {
	var names []string
	for id := range f.config {
		if id.kind == kind {
			names = append(names, id.name)
		}
	}
	slices.Sort(names)
	return names
}

func (f *Files) configProfile(name string) *Section {
	if s := f.config[sectionID{kindProfile, name}]; s != nil {
		return s
	}
	return f.config[sectionID{kindBare, name}]
}

func pathOf(variable, home, name string) string {
	rest, tilde := strings.CutPrefix(variable, "~")
	switch {
	case tilde && home != "" && (rest == "" || os.IsPathSeparator(rest[0])):
		return filepath.Join(home, rest)
	case variable != "":
		return variable
	case home == "":
		return ""
	}
	return filepath.Join(home, ".aws", name)
}

func load(path string, kind fileKind) (sections, error) {
	if path == "" || path == os.DevNull {
		return nil, nil
	}
	data, _, err := paths.ReadRegular(path, maxFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, problem.New(problem.Failure, "cannot read the AWS file %s: %s", path, reason(err)).Because(err)
	}
	return parse(path, string(data), kind)
}

// reason is err without the path, which the message names already.
func reason(err error) string {
	switch {
	case errors.Is(err, paths.ErrNotRegular):
		return paths.ErrNotRegular.Error()
	case errors.Is(err, paths.ErrTooLarge):
		return "over 1 MiB"
	}
	return paths.Cause(err).Error()
}
