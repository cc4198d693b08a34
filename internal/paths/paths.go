// Package paths knows which directories are ours, and opens and writes files without being fooled by what lies there.
package paths

import (
	"os"
	"os/user"
	"path/filepath"
)

// Env is the process environment as a map. A variable that is set to nothing counts as not set.
type Env map[string]string

// EnvOf turns the form of os.Environ into a map. The first of two equal names wins, as getenv has it.
func EnvOf(environ []string) Env {
	env := make(Env, len(environ))
	for _, kv := range environ {
		for i := 1; i < len(kv); i++ { // from 1: Windows has names such as "=C:"
			if kv[i] == '=' {
				if _, ok := env[kv[:i]]; !ok {
					env[kv[:i]] = kv[i+1:]
				}
				break
			}
		}
	}
	return env
}

// Dirs are the places of SPEC "Files". Each is absolute, or empty where there is none.
type Dirs struct {
	Home    string // the user's home
	Config  string // config.yaml
	State   string // trust records, metadata
	Runtime string // locks, markers, short-lived files: XDG_RUNTIME_DIR/whichrole, else State/run
	// RuntimeIsVolatile tells that Runtime is below XDG_RUNTIME_DIR, which is memory and not a disk.
	RuntimeIsVolatile bool
}

// Find works out the directories from the environment. Relative XDG_* values are ignored, as the XDG Base Directory
// specification asks. Where HOME is not set the user database is asked, and where HOME is somebody else's for root's state.
func Find(env Env, goos string) Dirs {
	if goos == "windows" {
		d := Dirs{Home: absolute(env["USERPROFILE"])}
		d.Config = below(absolute(env["AppData"], env["APPDATA"]), "whichrole")
		d.State = below(absolute(env["LocalAppData"], env["LOCALAPPDATA"]), "whichrole")
		d.Runtime = below(d.State, "run")
		return d
	}
	d := Dirs{Home: absolute(env["HOME"])}
	if d.Home == "" {
		if u, err := user.Current(); err == nil {
			d.Home = absolute(u.HomeDir)
		}
	}
	d.Config = below(absolute(env["XDG_CONFIG_HOME"], below(d.Home, ".config")), "whichrole")
	d.State = below(absolute(env["XDG_STATE_HOME"], below(ownHome(d.Home), ".local", "state")), "whichrole")
	if runtime := absolute(env["XDG_RUNTIME_DIR"]); runtime != "" {
		d.Runtime, d.RuntimeIsVolatile = below(runtime, "whichrole"), true
	} else {
		d.Runtime = below(d.State, "run")
	}
	return d
}

// ownHome is the home in which our state lies: root's own, where HOME is that of another user, as sudo leaves it on some systems
// and the containers of CI jobs have it. Who is not root can make nothing there, and has none but HOME where that is /tmp.
func ownHome(home string) string {
	if os.Getuid() != 0 {
		return home
	}
	if info, err := os.Stat(home); err != nil || OwnedByMe(info) {
		return home
	}
	u, err := user.Current()
	if err != nil {
		return home
	}
	if info, err := os.Stat(u.HomeDir); err != nil || !OwnedByMe(info) {
		return home
	}
	return absolute(u.HomeDir, home)
}

// absolute is the first of the candidates that is an absolute path, cleaned, or "".
func absolute(candidates ...string) string {
	for _, c := range candidates {
		if filepath.IsAbs(c) {
			return filepath.Clean(c)
		}
	}
	return ""
}

func below(dir string, names ...string) string {
	if dir == "" {
		return ""
	}
	return filepath.Join(append([]string{dir}, names...)...)
}

// Contains tells whether path is dir or lies below it, by whole segments: /a/proj does not contain /a/proj-evil.
// Both must be absolute and clean; no file is looked at.
func Contains(dir, path string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(rel)
}
