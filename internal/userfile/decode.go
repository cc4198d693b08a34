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
	fields, _ := top.Fields("repositories", "trusted_paths", "source", "profiles", "cache", "prompt", "audit")
	for _, f := range fields {
		switch f.Key {
		case "repositories":
			d.repositories(f.Value)
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
	fields, _ := v.Fields()
	for _, f := range fields {
		r := Repository{Line: f.At.Line()}
		switch {
		case isPath(f.Key):
			r.Directory = d.path(f.At, f.Key)
			if earlier, ok := d.directory(r.Directory); ok {
				f.At.Mistake("", "%s is the directory of line %d", f.Key, earlier.Line)
			}
		case isRemote(f.Key):
			r.Remote = f.Key
		default:
			f.At.Mistake("a directory is absolute or begins with ~/", "%s is neither a directory nor a git remote", f.Key)
		}
		if file, ok := f.Value.Str(); ok {
			r.Map = d.path(f.Value, file)
		}
		d.config.Repositories = append(d.config.Repositories, r)
	}
}

func (d decoder) directory(dir string) (Repository, bool) {
	i := slices.IndexFunc(d.config.Repositories, func(r Repository) bool { return dir != "" && r.Directory == dir })
	if i < 0 {
		return Repository{}, false
	}
	return d.config.Repositories[i], true
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

// isPath tells whether a key of repositories means a directory; every other one is a git remote.
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
