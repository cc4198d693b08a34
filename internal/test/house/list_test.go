package house

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

// systems are those that we build for: a _windows.go has its imports too.
var systems = []string{"linux", "darwin", "windows"}

// A room is one of our packages, with what it imports and what it links: path → the systems on which it does.
type room struct{ imports, deps map[string][]string }

func rooms(t *testing.T) map[string]*room {
	t.Helper()
	all, err := everywhere()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < len(mayImport)/2 {
		t.Fatalf("go list found only %d rooms", len(all))
	}
	return all
}

// everywhere lists the rooms by name, once for all tests. main is "".
var everywhere = sync.OnceValues(func() (map[string]*room, error) {
	all := map[string]*room{}
	for _, goos := range systems {
		if err := list(goos, all); err != nil {
			return nil, err
		}
	}
	return all, nil
})

func list(goos string, all map[string]*room) error {
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,Deps", "whichrole/...")
	cmd.Env = append(os.Environ(), "GOOS="+goos, "CGO_ENABLED=0")
	out, err := cmd.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return errors.New("go list for " + goos + ": " + string(exit.Stderr))
	} else if err != nil {
		return err
	}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			ImportPath    string
			Imports, Deps []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		name := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, "whichrole"), "/internal/")
		if strings.HasPrefix(name, "test/") {
			continue
		}
		if all[name] == nil {
			all[name] = &room{map[string][]string{}, map[string][]string{}}
		}
		for _, path := range p.Imports {
			all[name].imports[path] = append(all[name].imports[path], goos)
		}
		for _, path := range p.Deps {
			all[name].deps[path] = append(all[name].deps[path], goos)
		}
	}
}
