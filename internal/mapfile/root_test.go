package mapfile

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"whichrole/internal/problem"
)

func TestMapBelongsToTheTopOfTheRepository(t *testing.T) {
	dir := tree(t, map[string]string{"home/repo/.git/HEAD": "", "home/repo/qa/main.tf": "", "home/plain/qa/main.tf": "", "home/sub/.git": "gitdir: x", "home/sub/x/y": "", "home/plain/.terragrunt-cache/x/y/main.tf": ""})
	home := filepath.Join(dir, "home")
	for from, want := range map[string]string{"repo/qa": "repo", "repo": "repo", "plain/qa": "plain/qa", "plain": "plain", "sub/x": "sub", ".": ".", "plain/.terragrunt-cache/x/y": "plain"} {
		root, top, err := Root(filepath.Join(home, from), home)
		if err != nil || root != filepath.Join(home, want) || (top != "") != (want == "repo" || want == "sub") {
			t.Errorf("%s: %s, %s, %v", from, root, top, err)
		}
	}
}

// Where whichrole would not look for a map, or not obey it, none is written.
func TestNoMapWhereNobodyLooksForOne(t *testing.T) {
	dir := tree(t, map[string]string{"above/home/x": "", "file": "", "open/x": ""})
	places := []string{"above", "file", "none", strings.Repeat("../", 20)}
	if runtime.GOOS != "windows" {
		check(t, os.Chmod(filepath.Join(dir, "open"), 0o777|os.ModeSticky)) // as /tmp
		places = append(places, "open")
	}
	for _, p := range places {
		if root, _, err := Root(filepath.Join(dir, p), filepath.Join(dir, "above", "home")); problem.CodeOf(err) != problem.Usage {
			t.Errorf("%s: %s %v", p, root, err)
		}
	}
}
