package userfile

import (
	"path/filepath"
	"slices"
	"strings"

	"whichrole/internal/problem"
	"whichrole/internal/rolemap"
	"whichrole/internal/strictyaml"
)

var (
	caches  = []string{"auto", "keyring", "kernel", "file", "none"}
	prompts = []string{"never", "tty", "dialog"}
)

// decoder fills config; what is wrong it records in the document.
type decoder struct {
	home   string
	config *Config
}

func (d decoder) decode(top strictyaml.Value) {
	fields, _ := top.Fields("repositories", "dest_branch", "trusted_paths", "source", "profiles", "cache", "prompt", "audit")
	for _, f := range fields {
		switch f.Key {
		case "repositories":
			d.repositories(f.Value)
		case "dest_branch":
			d.destBranches(f.Value)
		case "trusted_paths":
			d.trustedPaths(f.Value)
		case "source":
			d.config.Sources = rolemap.DecodeSources(f.Value)
		case "profiles":
			d.profiles(f.Value)
		case "cache":
			d.config.Cache = oneOf(f.Value, caches)
		case "prompt":
			d.config.Prompt = oneOf(f.Value, prompts)
		case "audit":
			d.config.AuditOff = isOff(f.Value)
		}
	}
}

func (d decoder) repositories(v strictyaml.Value) {
	d.places(v, func(directory, remote string, line int, value strictyaml.Value) {
		r := Repository{Directory: directory, Remote: remote, Line: line}
		if file, ok := value.Str(); ok {
			r.Map = d.path(value, file)
		}
		d.config.Repositories = append(d.config.Repositories, r)
	})
}

func (d decoder) destBranches(v strictyaml.Value) {
	d.places(v, func(directory, remote string, line int, value strictyaml.Value) {
		name, ok := value.Str()
		if ok && !isBranch(name) {
			value.Mistake("it is the branch that a pull request goes to, such as main", "%s is not the name of a branch", name)
		}
		d.config.DestBranches = append(d.config.DestBranches, DestBranch{Directory: directory, Remote: remote, Branch: name, Line: line})
	})
}

// places reads a mapping whose keys are directories and git remotes. No directory is there twice, however it is written.
func (d decoder) places(v strictyaml.Value, add func(directory, remote string, line int, value strictyaml.Value)) {
	fields, _ := v.Fields()
	lines := make(map[string]int, len(fields))
	for _, f := range fields {
		var directory, remote string
		switch {
		case isPath(f.Key):
			directory = d.path(f.At, f.Key)
			if line, ok := lines[directory]; ok && directory != "" {
				f.At.Mistake("", "%s is the directory of line %d", f.Key, line)
			}
			lines[directory] = f.At.Line()
		case isRemote(f.Key):
			remote = f.Key
		default:
			f.At.Mistake("a directory is absolute or begins with ~/", "%s is neither a directory nor a git remote", f.Key)
		}
		add(directory, remote, f.At.Line(), f.Value)
	}
}

func (d decoder) trustedPaths(v strictyaml.Value) {
	items, _ := v.Items()
	for _, item := range items {
		s, ok := item.Str()
		if !ok {
			continue
		}
		p := d.path(item, s)
		if p != "" && filepath.Dir(p) == p {
			item.Mistake("", "%s would trust every map", s)
			continue
		}
		d.config.TrustedPaths = append(d.config.TrustedPaths, p)
	}
}

func (d decoder) profiles(v strictyaml.Value) {
	fields, _ := v.Fields()
	d.config.Profiles = make(map[string]string, len(fields))
	for _, f := range fields {
		if name, ok := f.Value.Str(); ok {
			d.config.Profiles[f.Key] = name
		}
	}
}

// path is s, cleaned and with ~/ replaced, or "" and a mistake at v when that is not absolute.
func (d decoder) path(v strictyaml.Value, s string) string {
	rest, tilde := strings.CutPrefix(filepath.ToSlash(s), "~/")
	switch {
	case filepath.IsAbs(s):
		return filepath.Clean(s)
	case !tilde && s != "~":
		v.Mistake("a path here is absolute or begins with ~/", "%s is not an absolute path", s)
	case !filepath.IsAbs(d.home):
		v.Mistake("set HOME, or write an absolute path", "%s: the home directory is not known", s)
	case s == "~":
		return filepath.Clean(d.home)
	default:
		return filepath.Join(d.home, filepath.FromSlash(rest))
	}
	return ""
}

// isBranch tells whether git would take s as the name of a branch, as far as that keeps out patterns and full names of refs
// (git-check-ref-format(1)).
func isBranch(s string) bool {
	odd := func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune(`~^:?*[\`, r) }
	return !strings.ContainsFunc(s, odd) && !strings.HasPrefix(s, "refs/") && !strings.HasPrefix(s, "-")
}

// isPath tells whether a key of repositories or dest_branch means a directory; every other one is a git remote.
func isPath(s string) bool {
	return filepath.IsAbs(s) || s == "~" || strings.HasPrefix(filepath.ToSlash(s), "~/")
}

// isRemote tells whether s looks like a git remote: a URL, host:path, or host/path with a dot in the host. Everything else is
// more likely a directory that was written relative.
func isRemote(s string) bool {
	host, path, found := strings.Cut(s, "/")
	if strings.Contains(s, "://") || strings.Contains(host, ":") {
		return true
	}
	return found && path != "" && strings.Contains(strings.Trim(host, "."), ".")
}

// oneOf is the value when it is one of words; else it is a mistake, and the first of them.
func oneOf(v strictyaml.Value, words []string) string {
	s, ok := v.Str()
	if ok && slices.Contains(words, s) {
		return s
	}
	if ok {
		hint := "it is one of " + strings.Join(words, ", ")
		if near := problem.Nearest(s, words); near != "" {
			hint = "did you mean " + near + "?"
		}
		v.Mistake(hint, "unknown value %s", s)
	}
	return words[0]
}

// isOff reads on and off, which YAML takes for words, and true and false.
func isOff(v strictyaml.Value) bool {
	s, ok := v.Raw()
	switch {
	case !ok, s == "on", s == "true":
		return false
	case s == "off", s == "false":
		return true
	}
	v.Mistake("it is on or off", "unknown value %s", s)
	return false
}
