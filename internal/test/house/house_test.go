// Package house holds the rooms to their plan: who may import whom, and who may touch the outside.
package house

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// mayImport is the plan: six floors and no circle. problem, creds and paths may be imported by everyone.
var mayImport = map[string][]string{
	"":         {"cli"}, // main
	"cli":      {"broker", "output", "prompt", "rolemap", "trust", "credcache", "terraform"},
	"broker":   {"userfile", "mapfile", "gitrepo", "rolemap", "trust", "terraform", "credcache", "keystore", "source", "awsconfig", "assume"},
	"mapfile":  {"gitrepo"},
	"userfile": {"strictyaml", "rolemap", "mapfile"},
	"rolemap":  {"pattern", "strictyaml"},
	"trust":    {"rolemap", "gitrepo"},

	"credcache": {"keystore"},
	"source":    {"awsconfig"},
	"terraform": {}, "assume": {}, "keystore": {}, "awsconfig": {}, "gitrepo": {}, "pattern": {}, "strictyaml": {},
	"output": {}, "prompt": {}, "problem": {}, "creds": {}, "paths": {},
}

var everyone = []string{"problem", "creds", "paths"}

// onlyIn says which rooms may import what reaches outside. A prefix that ends with / stands for all below it.
var onlyIn = map[string][]string{
	"github.com/alecthomas/kong":    {"cli"},
	"github.com/aws/":               {"source", "assume"},
	"github.com/zalando/go-keyring": {"keystore"},
	"github.com/godbus/dbus/":       {"keystore"},
	"go.yaml.in/":                   {"strictyaml"},
	"net/http":                      {"assume", "source"},
	"net":                           {"assume", "source", "keystore"},
	"os/exec":                       {"source"},
}

// pure rooms do no I/O beyond a reader or writer handed in.
var pure = []string{"rolemap", "output", "pattern", "strictyaml", "problem", "creds"}

var outside = []string{"os", "net", "net/http", "os/exec", "syscall", "path/filepath", "io/ioutil"}

type room struct {
	Name    string
	Imports []string
	Deps    []string
}

func rooms(t *testing.T) []room {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,Deps", "whichrole/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []room
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			ImportPath    string
			Imports, Deps []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, "whichrole"), "/internal/")
		if !strings.HasPrefix(name, "test/") {
			all = append(all, room{Name: name, Imports: p.Imports, Deps: p.Deps})
		}
	}
	if len(all) < len(mayImport)/2 {
		t.Fatalf("go list found only %d rooms", len(all))
	}
	return all
}

func TestRoomsImportOnlyWhatThePlanAllows(t *testing.T) {
	for _, r := range rooms(t) {
		allowed, planned := mayImport[r.Name]
		if !planned {
			t.Errorf("%s is in no plan: add it to HOUSE's table and to this one", r.Name)
			continue
		}
		for _, path := range r.Imports {
			ours, ok := strings.CutPrefix(path, "whichrole/internal/")
			if ok && !slices.Contains(allowed, ours) && !slices.Contains(everyone, ours) {
				t.Errorf("%s must not import %s", r.Name, ours)
			}
			if ok && slices.Contains(everyone, r.Name) {
				t.Errorf("%s is for everyone, so it imports none of ours: %s", r.Name, ours)
			}
			if !ok {
				checkOutside(t, r.Name, path)
			}
		}
	}
}

func checkOutside(t *testing.T, room, path string) {
	t.Helper()
	for prefix, in := range onlyIn {
		if (path == prefix || strings.HasSuffix(prefix, "/") && strings.HasPrefix(path, prefix)) && !slices.Contains(in, room) {
			t.Errorf("%s must not import %s: that is for %v", room, path, in)
		}
	}
	if slices.Contains(pure, room) && slices.Contains(outside, path) {
		t.Errorf("%s is pure and must not import %s", room, path)
	}
}

// What is not needed for a cached answer costs every AWS call of every SDK at start (CONTRACT.md: 2.1 against 2.5).
func TestTheBinaryLinksNoDefaultConfigChain(t *testing.T) {
	for _, r := range rooms(t) {
		if r.Name != "" {
			continue
		}
		for _, path := range r.Deps {
			for _, unwanted := range []string{"github.com/aws/aws-sdk-go-v2/config", "testing", "github.com/99designs/keyring"} {
				if path == unwanted {
					t.Errorf("the binary links %s", path)
				}
			}
		}
	}
}
