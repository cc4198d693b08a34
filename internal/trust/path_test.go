package trust

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"whichrole/internal/problem"
)

func TestTrustedPath(t *testing.T) {
	tests := []struct {
		story   string
		trusted string // below the world's root
		dirs    []string
		in      string // where the map lies
		says    string // "" is trusted, "never" that no trusted path comes near
	}{
		{"the repository itself", "work/infra", nil, "work/infra", ""},
		{"a folder of it", "work/infra", nil, "work/infra/teams/a", ""},
		{"a parent of checkouts", "work", nil, "work/infra", ""},
		{"a folder of a repository", "work/infra/teams", nil, "work/infra/teams/a", ""},
		{"no repository", "plain", nil, "plain/x", ""},
		{"sibling prefix", "work/infra", []string{"work/infra-evil/.git"}, "work/infra-evil", "never"},
		{"the other way round", "work/infra/teams", nil, "work/infra", "never"},
		{"not there", "gone", nil, "work/infra", "never"},
		{"a nested repository", "work/infra", []string{"work/infra/vendor/x/.git"}, "work/infra/vendor/x", "work/infra/vendor/x inside the repository "},
		{"a repository nested under a parent of checkouts", "work", []string{"work/infra/vendor/x/.git"}, "work/infra/vendor/x/y", "inside the repository"},
		{"a submodule of a trusted folder", "work/infra/vendor", []string{"work/infra/vendor/x/.git"}, "work/infra/vendor/x", "inside the repository"},
		{"the nested repository by name", "work/infra/vendor/x", []string{"work/infra/vendor/x/.git"}, "work/infra/vendor/x/y", ""},
		{"a downloaded module", "work", nil, "work/infra/.terraform/modules/vpc", "below .terraform"},
		{"a downloaded module where capitals don't count", "work", nil, "work/infra/.Terraform/modules/vpc", "below .Terraform"},
		{"terragrunt's copies", "work", nil, "work/infra/.terragrunt-cache/a/b", "below .terragrunt-cache"},
		{"an npm package", "work", nil, "work/infra/node_modules/left-pad", "below node_modules"},
		{"a trusted path inside one", "work/infra/node_modules/left-pad", nil, "work/infra/node_modules/left-pad", "below node_modules"},
	}
	for _, tt := range tests {
		t.Run(tt.story, func(t *testing.T) {
			w := newWorld(t)
			for _, d := range tt.dirs {
				w.mkdir(d)
			}
			sub := w.mapIn(tt.in)
			w.store.TrustedPaths = []string{w.path("elsewhere"), w.path(tt.trusted)}
			switch tt.says {
			case "":
				w.wantApproved(sub, "trusted path "+w.path(tt.trusted))
			case "never":
				if v := w.wantRefused(sub, "never approved"); strings.Contains(v.Reason, "trusted path") {
					t.Errorf("the reason is %q", v.Reason)
				}
			default:
				w.wantRefused(sub, filepath.FromSlash(tt.says))
				w.approve(sub) // an approval by hand still counts
				w.wantApproved(sub, "approved 2026-11-22")
			}
		})
	}
}

func TestSubmoduleWithGitFileIsNested(t *testing.T) {
	w := newWorld(t)
	sub := w.mapIn("work/infra/vendor/x")
	if err := os.WriteFile(w.path("work/infra/vendor/x/.git"), []byte("gitdir: ../../.git/modules/x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.store.TrustedPaths = []string{w.path("work")}
	w.wantRefused(sub, "inside the repository")
}

func TestTrustedPathThroughSymlink(t *testing.T) {
	w := newWorld(t)
	for link, target := range map[string]string{"home": w.path("work"), "everything": "/"} {
		if err := os.Symlink(target, w.path(link)); err != nil {
			t.Fatal(err)
		}
	}
	w.store.TrustedPaths = []string{w.path("everything")}
	w.wantRefused(w.sub, "never approved")
	w.store.TrustedPaths = []string{w.path("home")}
	w.wantApproved(w.sub, "trusted path "+w.path("home"))
}

// Judge must not rely on ParseTrustedPaths having been called.
func TestTrustedPathThatTrustsEverything(t *testing.T) {
	w := newWorld(t)
	t.Chdir(w.root)
	for _, p := range []string{"", "/", "//", "/.", ".", "work", "/../"} {
		w.store.TrustedPaths = []string{p}
		w.wantRefused(w.sub, "never approved")
	}
}

func TestMapThatOthersMayWrite(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // access lists rule there
	}
	tests := []struct {
		story, name string
		mode        os.FileMode
		says        string
	}{
		{"by everybody", "work/infra/qa/.whichrole.yaml", 0o646, "it is writable by others: chmod go-w"},
		{"by the group", "work/infra/qa/.whichrole.yaml", 0o664, "it is writable by others: chmod go-w"},
		{"in a directory of everybody", "work/infra/qa", 0o777, "work/infra/qa is writable by others"},
		{"below a directory of everybody", "work/infra", 0o777, "work/infra is writable by others"},
		{"the trusted path is everybody's", "work", 0o777, "work is writable by others"},
		{"in a sticky directory", "work/infra/qa", 0o777 | os.ModeSticky, ""},
		{"above the trusted path", ".", 0o777, ""},
	}
	for _, tt := range tests {
		t.Run(tt.story, func(t *testing.T) {
			w := newWorld(t)
			sub := w.mapIn("work/infra/qa")
			if err := os.Chmod(w.path(tt.name), tt.mode); err != nil {
				t.Fatal(err)
			}
			sub = w.judged(sub.Path)
			w.store.TrustedPaths = []string{w.path("work")}
			if tt.says == "" {
				w.wantApproved(sub, "trusted path "+w.path("work"))
				return
			}
			w.wantRefused(sub, tt.says)
		})
	}
}

func TestMapOfUnknownOwner(t *testing.T) {
	w := newWorld(t)
	w.sub.Info = nil
	w.store.TrustedPaths = []string{w.path("work")}
	w.wantRefused(w.sub, "owned by somebody else")
}

func TestParseTrustedPaths(t *testing.T) {
	abs := t.TempDir()
	other := filepath.Join(abs, "other")
	separator := string(os.PathListSeparator)
	tests := []struct {
		list     []string
		variable string
		want     []string
		code     problem.Code
		says     string
	}{
		{nil, "", nil, 0, ""},
		{[]string{abs + "/x/.."}, "", []string{abs}, 0, ""},
		{[]string{abs}, other, []string{abs, other}, 0, ""},
		{nil, abs + separator + other, []string{abs, other}, 0, ""},
		{[]string{"work"}, "", nil, problem.BadMap, `/c/config.yaml: trusted_paths: "work" is not an absolute path`},
		{[]string{""}, "", nil, problem.BadMap, "/c/config.yaml"},
		{[]string{"/"}, "", nil, problem.BadMap, "would trust every map"},
		{nil, "work", nil, problem.Usage, `WHICHROLE_TRUSTED_PATHS: "work" is not an absolute path`},
		{nil, "~/work", nil, problem.Usage, "is not an absolute path"},
		{nil, abs + separator, nil, problem.Usage, "is empty"},
		{nil, abs + separator + "/..", nil, problem.Usage, "would trust every map"},
	}
	for _, tt := range tests {
		if runtime.GOOS == "windows" && strings.Contains(tt.says, "every map") {
			continue // the root is no absolute path there
		}
		got, err := ParseTrustedPaths("/c/config.yaml", tt.list, tt.variable)
		if strings.Join(got, "|") != strings.Join(tt.want, "|") || problem.CodeOf(err) != tt.code {
			t.Errorf("%q and %q: got %q, %v", tt.list, tt.variable, got, err)
		}
		if err != nil && !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%q and %q: %v, want %q", tt.list, tt.variable, err, tt.says)
		}
	}
}
