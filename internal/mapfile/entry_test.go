package mapfile

import (
	"path/filepath"
	"strings"
	"testing"

	"whichrole/internal/problem"
)

func TestChosen(t *testing.T) {
	d := tree(t, map[string]string{
		"src/proj/.git/config": gitConfig("git@github.com:acme/infra.git"), "src/proj/.whichrole.yaml": someMap, "src/proj/live/qa/": "",
		"src/proj/.terragrunt-cache/x/y/": "", "src/proj/sub/.git/config": gitConfig("git@github.com:acme/sub.git"), "src/proj/sub/qa/": "",
		"tarball/qa/": "", "tarball/.whichrole.yaml": someMap, "maps/m.yaml": someMap, "link": "-> src/proj",
	})
	at := func(name string) string { return filepath.Join(d, filepath.FromSlash(name)) }
	dir := func(name, value string) Entry { return Entry{Dir: at(name), Value: value} }
	remote := Entry{Remote: "https://github.com/acme/infra", Value: "by-remote"}
	tests := []struct {
		name, from string
		entries    []Entry
		want       string
	}{
		{"none", "src/proj/live/qa", nil, ""},
		{"by directory", "src/proj/live/qa", []Entry{dir("src/proj", "a")}, "a"},
		{"the longest", "src/proj/live/qa", []Entry{dir("src", "a"), dir("src/proj/live", "b"), dir("src/proj", "c")}, "b"},
		{"by a symlink", "src/proj/live/qa", []Entry{dir("link", "a")}, "a"},
		{"elsewhere", "src/proj/live/qa", []Entry{dir("tarball", "a"), dir("gone", "b"), dir("src/proj/live/q", "c")}, ""},
		{"by remote", "src/proj/live/qa", []Entry{remote}, "by-remote"},
		{"a directory beats a remote", "src/proj/live/qa", []Entry{remote, dir("src", "a")}, "a"},
		{"a submodule has its own remote", "src/proj/sub/qa", []Entry{remote}, ""},
		{"terragrunt's copy belongs to the directory", "src/proj/.terragrunt-cache/x/y", []Entry{remote}, "by-remote"},
		{"without git", "tarball/qa", []Entry{remote, dir("tarball", "a")}, "a"},
		{"the same twice", "src/proj/live/qa", []Entry{dir("src/proj", "a"), dir("link", "a"), remote, remote}, "a"},
	}
	for _, tt := range tests {
		for _, named := range []string{"", at("maps/m.yaml")} { // a map kept elsewhere changes nothing
			s := Search{Dir: at(tt.from), Named: named}
			if tt.from == "src/proj/sub/qa" && named == "" {
				continue // it has no map
			}
			if got, err := mustFind(t, s).Chosen("dest_branch:", tt.entries); got != tt.want || err != nil {
				t.Errorf("%s: %q, %v", tt.name, got, err)
			}
		}
	}
	f := mustFind(t, Search{Dir: at("src/proj/live/qa")})
	for _, two := range [][]Entry{
		{dir("src/proj", "main"), dir("link", "release")},
		{remote, {Remote: "git@github.com:acme/infra", Value: "release"}},
	} {
		got, err := f.Chosen("dest_branch:", two)
		if problem.CodeOf(err) != problem.BadMap || !strings.Contains(err.Error(), "dest_branch: says two things of ") || !strings.Contains(err.Error(), "release") {
			t.Errorf("%q, %v", got, err)
		}
	}
}

func TestRemoteIsReadOnlyWhereAnEntryNamesOne(t *testing.T) {
	d := tree(t, map[string]string{"r/.git/config/": "", "r/.whichrole.yaml": someMap})
	f := mustFind(t, Search{Dir: filepath.Join(d, "r")})
	byDir := Entry{Dir: filepath.Join(d, "r"), Value: "main"}
	byRemote := Entry{Remote: "github.com/acme/infra", Value: "x"}
	for _, entries := range [][]Entry{{byDir}, {byRemote, byDir}} {
		if got, err := f.Chosen("dest_branch:", entries); got != "main" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
	}
	if _, err := f.Chosen("dest_branch:", []Entry{byRemote}); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Error(err)
	}
}
