// Package house holds the rooms to their plan: who may import whom, who may touch the outside, and how large they get.
package house

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// mayImport is the plan: six floors and no circle. problem, creds and paths may be imported by everyone.
// Each room and each edge in it is in use; so is all that the tables below allow.
var mayImport = map[string][]string{
	"":    {"cli"},               // main
	"man": {"cli", "completion"}, // the program of the man page
	"cli": {"broker", "output", "prompt", "rolemap", "trust", "credcache", "terraform", "bounded", "source", "process", "failures", "lint", "scaffold", "survey",
		"audit", "awsconfig", "completion", "doctor", "endpoint", "federation", "launch", "setup"},
	"broker": {"userfile", "mapfile", "gitrepo", "rolemap", "trust", "terraform", "credcache", "flight", "keystore", "source", "awsconfig", "assume", "partition",
		"process", "modules", "lint", "survey", "failures", "shadow", "terrateam", "audit", "transport"},
	"doctor": {"broker", "awsconfig", "keystore", "bounded", "child", "setup", "shadow"},
	"setup":  {"broker", "awsconfig", "userfile", "child", "partition"},
	"launch": {"awsconfig", "child"}, "endpoint": {"output"}, "federation": {"transport", "partition"}, "audit": {}, "completion": {},
	"mapfile":  {"gitrepo"},
	"userfile": {"strictyaml", "rolemap"},
	"rolemap":  {"pattern", "strictyaml", "partition"},
	"trust":    {"rolemap"},

	"terrateam": {"rolemap", "looseyaml", "tagquery", "luapattern"}, "looseyaml": {"strictyaml"}, "tagquery": {}, "luapattern": {},
	"scaffold": {"rolemap", "terrateam", "awsconfig", "found", "tfaction", "digger", "tfroles", "modules", "mapfile", "pattern", "output"},
	"found":    {"modules", "rolemap"}, "tfaction": {"found", "looseyaml"}, "digger": {"found", "looseyaml"}, "tfroles": {"found", "modules"},

	"credcache": {"flight", "keystore"},
	"source":    {"awsconfig", "oidc", "sso", "instance", "child", "transport", "partition"},
	"oidc":      {"child", "transport"}, "sso": {"transport", "partition"}, "instance": {"transport"}, "child": {},
	"terraform": {"process"}, "process": {}, "modules": {"rolemap"}, "lint": {"rolemap", "modules", "survey"}, "survey": {"rolemap", "modules", "pattern"}, "failures": {}, "shadow": {"awsconfig", "modules"},
	"assume": {"transport", "partition"}, "transport": {}, "flight": {"bounded", "peer"}, "keystore": {"bounded", "peer"}, "awsconfig": {"partition"}, "gitrepo": {}, "pattern": {}, "strictyaml": {},
	"output": {}, "prompt": {"child", "bounded", "output"}, "partition": {}, "bounded": {}, "peer": {}, "problem": {}, "creds": {}, "paths": {},
}

var everyone = []string{"problem", "creds", "paths"}

// onlyIn says which rooms may import what reaches outside, and which may import what others wrote: that has a row in any
// case. A path that ends with / stands for all below it.
var onlyIn = map[string][]string{
	"github.com/alecthomas/kong":     {"cli"},
	"github.com/aws/":                {"assume"},
	"github.com/zalando/go-keyring":  {"keystore"},
	"github.com/godbus/dbus/":        {"keystore"},
	"github.com/gofrs/flock":         {"audit", "flight", "sso"},
	"github.com/ncruces/zenity":      {"prompt"},
	"golang.org/x/sys/":              {"child", "launch", "prompt", "flight", "keystore", "peer", "process"},
	"golang.org/x/term":              {"prompt"},
	"github.com/hashicorp/hcl/":      {"modules"},
	"github.com/zclconf/":            {"modules"},
	"github.com/bmatcuk/doublestar/": {"modules", "found"},
	"go.yaml.in/":                    {"strictyaml", "looseyaml"},
	"net":                            {"transport", "sso", "instance", "flight", "keystore", "peer", "endpoint", "federation"},
	"net/http":                       {"assume", "transport", "sso", "instance", "endpoint", "federation"},
	"os/exec":                        {"child"},
	"os/signal":                      {"child", "launch", "prompt"},
	"log":                            {}, // stderr is the protocol's too
	"log/slog":                       {},
}

// pure rooms do no I/O beyond a reader or writer handed in: of the standard library they may import only what is harmless.
var pure = []string{"rolemap", "output", "pattern", "strictyaml", "partition", "problem", "creds",
	"terrateam", "looseyaml", "tagquery", "luapattern", "completion"}

var harmless = []string{
	"bytes", "cmp", "crypto/sha256", "embed", "encoding/hex", "encoding/json", "errors", "fmt", "io", "iter", "maps", "math", "path",
	"reflect", "runtime", "slices", "sort", "strconv", "strings", "sync/atomic", "time", "unicode", "unicode/utf16", "unicode/utf8",
}

// unlinked is what no cached answer needs, and every AWS call of every SDK would pay for at start (CONTRACT.md: 2.1 against 2.5).
var unlinked = []string{"github.com/aws/aws-sdk-go-v2/config", "testing", "github.com/99designs/keyring", "log/slog"}

const ours = "whichrole/internal/"

func TestRoomsImportOnlyWhatThePlanAllows(t *testing.T) {
	for name, r := range rooms(t) {
		allowed, planned := mayImport[name]
		if !planned {
			t.Errorf("%s is in no plan: add it to HOUSE's table and to this one", name)
			continue
		}
		for path, on := range r.imports {
			other, inside := strings.CutPrefix(path, ours)
			switch {
			case !inside:
				checkOutside(t, name, path, on)
			case slices.Contains(everyone, name):
				t.Errorf("%s is for everyone, so it imports none of ours: %s (%s)", name, other, on)
			case !slices.Contains(allowed, other) && !slices.Contains(everyone, other):
				t.Errorf("%s must not import %s (%s)", name, other, on)
			}
		}
	}
}

func checkOutside(t *testing.T, room, path string, on []string) {
	t.Helper()
	row := rowOf(path)
	if row != "" && !slices.Contains(onlyIn[row], room) {
		t.Errorf("%s must not import %s: that is for %v (%s)", room, path, onlyIn[row], on)
	}
	host, _, _ := strings.Cut(path, "/")
	if row == "" && strings.Contains(host, ".") {
		t.Errorf("%s imports %s, which has no row in onlyIn (%s)", room, path, on)
	}
	if row == "" && slices.Contains(pure, room) && !slices.Contains(harmless, path) {
		t.Errorf("%s is pure and must not import %s (%s)", room, path, on)
	}
}

// rowOf is the row of onlyIn for a path, "" where it has none.
func rowOf(path string) string {
	for row := range onlyIn {
		if path == row || strings.HasSuffix(row, "/") && strings.HasPrefix(path, row) {
			return row
		}
	}
	return ""
}

// What nobody uses is forbidden again: otherwise the plan would allow what once was.
func TestThePlanHoldsNothingStale(t *testing.T) {
	all := rooms(t)
	for name, others := range mayImport {
		if all[name] == nil {
			t.Errorf("there is no room %q", name)
			continue
		}
		for _, other := range others {
			if all[name].imports[ours+other] == nil {
				t.Errorf("%s does not import %s on any system", name, other)
			}
		}
	}
	for row, names := range onlyIn {
		for _, name := range names {
			if r := all[name]; r == nil || !slices.ContainsFunc(slices.Collect(maps.Keys(r.imports)), func(p string) bool { return rowOf(p) == row }) {
				t.Errorf("%s does not import %s on any system", name, row)
			}
		}
	}
	for _, path := range harmless {
		if !slices.ContainsFunc(pure, func(name string) bool { return all[name] != nil && all[name].imports[path] != nil }) {
			t.Errorf("no pure room imports %s on any system", path)
		}
	}
}

func TestTheBinaryLinksNothingThatCostsAtStart(t *testing.T) {
	linked := rooms(t)[""].deps
	if linked["runtime"] == nil {
		t.Error("nothing is linked")
	}
	for _, path := range unlinked {
		if on := linked[path]; on != nil {
			t.Errorf("the binary links %s (%s)", path, on)
		}
	}
}
