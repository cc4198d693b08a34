package launch

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// Pins are what each call of a session's helper asks for, wherever its process stands by then.
type Pins struct {
	Dir                 string            `json:"dir"`                            // absolute: what the directory decides, it has decided
	Map                 string            `json:"map,omitempty"`                  // absolute; "" where the user's own file names it
	Approved            bool              `json:"approved,omitempty"`             // by --map: named by hand
	Decided             string            `json:"decided,omitempty"`              // the environment that it was at first; another one is refused
	Captures            map[string]string `json:"captures,omitempty"`             // of that environment
	Environment         string            `json:"environment,omitempty"`          // by --env
	EnvironmentVariable string            `json:"environment_variable,omitempty"` // WHICHROLE_ENV, which never contradicts the directory
	Set                 map[string]string `json:"set,omitempty"`
	Operation           string            `json:"operation,omitempty"`
	Workspace           string            `json:"workspace,omitempty"`
	DestBranch          string            `json:"dest_branch,omitempty"`
}

const maxPins = 1 << 20 // bytes

func (p Pins) encode() ([]byte, error) {
	data, err := json.Marshal(p)
	if err == nil && len(data) > maxPins {
		err = paths.ErrTooLarge
	}
	return data, err
}

// ReadPins are the pins of the session of that id. Only what this user wrote, and nobody else can read, is believed. The
// errors are *problem.Error: of code Usage for what is no id, else Failure.
func ReadPins(dirs paths.Dirs, id string) (Pins, error) {
	if !isID(id) {
		return Pins{}, problem.New(problem.Usage, "--pinned %s is no session of whichrole exec", problem.Quote(problem.Cut(id, 64)))
	}
	err := error(fs.ErrNotExist)
	for _, run := range runs(dirs) {
		data, failed := readPins(run, id)
		if failed == nil {
			return decode(id, data)
		}
		if errors.Is(err, fs.ErrNotExist) {
			err = failed
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return Pins{}, problem.New(problem.Failure, "the session %s of whichrole exec has ended, and with it its credentials", id).
			WithHint("whichrole exec -- COMMAND").Because(err)
	}
	return Pins{}, problem.New(problem.Failure, "the session %s of whichrole exec cannot be read: %v", id, paths.Cause(err)).Because(err)
}

// runs are the directories in which OpenRun may have put a session.
func runs(dirs paths.Dirs) (list []string) {
	if dirs.Volatile() {
		list = append(list, dirs.Runtime)
	}
	if dirs.State != "" {
		list = append(list, filepath.Join(dirs.State, "run"))
	}
	return list
}

func readPins(run, id string) ([]byte, error) {
	dir, err := openSession(run, id)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	f, err := dir.OpenFile(requestName, paths.OpenFlags, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, info, err := paths.ReadOpened(f, maxPins)
	if err == nil && (!paths.OwnedByMe(info) || paths.OpenToOthers(info)) {
		err = &paths.NotPrivate{Path: requestName, Why: "it is not the current user's alone"}
	}
	return data, err
}

// openSession makes sure that both directories are the current user's alone.
func openSession(run, id string) (*os.Root, error) {
	above, err := paths.OpenPrivate(run, false)
	if err != nil {
		return nil, err
	}
	above.Close()
	return paths.OpenPrivate(filepath.Join(run, id), false)
}

// decode is strict: a pin that is passed over is another role.
func decode(id string, data []byte) (p Pins, err error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err = d.Decode(&p); err == nil {
		if _, more := d.Token(); more != io.EOF {
			err = errors.New("there is more behind its end")
		}
	}
	if err == nil && (!filepath.IsAbs(p.Dir) || p.Map != "" && !filepath.IsAbs(p.Map)) {
		err = errors.New("it names no directory, or no map")
	}
	if err != nil {
		return Pins{}, problem.New(problem.Failure, "the session %s of whichrole exec is damaged: %v", id, err).Because(err)
	}
	return p, nil
}
