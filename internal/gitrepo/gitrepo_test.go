package gitrepo

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"whichrole/internal/problem"
)

// write makes files below dir; a name that ends in a slash is a directory.
func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if strings.HasSuffix(name, "/") {
			check(t, os.MkdirAll(path, 0o755))
			continue
		}
		check(t, os.MkdirAll(filepath.Dir(path), 0o755))
		check(t, os.WriteFile(path, []byte(text), 0o644))
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestIsTop(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"repo/.git/": "", "repo/qa/": "", "repo/sub/.git": "gitdir: ../.git/modules/sub\n"})
	for name, want := range map[string]bool{"repo": true, "repo/sub": true, "repo/qa": false, "none": false} {
		if got := IsTop(filepath.Join(dir, name)); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func opened(t *testing.T, top string) *Checkout {
	t.Helper()
	c, err := Open(top)
	check(t, err)
	return c
}

const config = `[core]
	bare = false
; [remote "origin"]
[remote "upstream"]
	url = https://github.com/other/infra
[remote "origin"]
	fetch = +refs/heads/*:refs/remotes/origin/*
	url = git@github.com:acme/infra.git
[branch "main"]
	remote = origin
`

func TestPlainCheckout(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{
		".git/HEAD": "ref: refs/heads/feature/x\n", ".git/config": config,
	})
	expect(t, dir, "feature/x", "git@github.com:acme/infra.git")
}

func expect(t *testing.T, top, branch, origin string) {
	t.Helper()
	c := opened(t, top)
	if got, err := c.Branch(); got != branch || err != nil {
		t.Errorf("branch %q, %v", got, err)
	}
	if got, err := c.Origin(); got != origin || err != nil {
		t.Errorf("origin %q, %v", got, err)
	}
}

func TestWorktreeHasItsOwnBranchAndTheCommonOrigin(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"main/.git/HEAD": "ref: refs/heads/main\n", "main/.git/config": config,
		"main/.git/worktrees/qa/HEAD":      "ref: refs/heads/qa\n",
		"main/.git/worktrees/qa/commondir": "../..\n",
		"qa/.git":                          "gitdir: " + filepath.Join(dir, "main/.git/worktrees/qa") + "\n",
	})
	expect(t, filepath.Join(dir, "qa"), "qa", "git@github.com:acme/infra.git")
}

func TestSubmodule(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"sub/.git":                "gitdir: ../.git/modules/sub\n",
		".git/modules/sub/HEAD":   "3b18e512dba79e4c8300dd08aeb37f8e728b8dad\n", // detached
		".git/modules/sub/config": "[remote \"origin\"]\n\turl = ../sub.git\n",
	})
	expect(t, filepath.Join(dir, "sub"), "", "../sub.git")
}

const remoteHead = ".git/refs/remotes/origin/HEAD"

func TestDefaultBranch(t *testing.T) {
	for text, want := range map[string]string{
		"ref: refs/remotes/origin/main\n":            "main",
		"ref: refs/remotes/origin/release/1.2\r\n":   "release/1.2",
		"ref:refs/remotes/origin/main":               "main",
		"ref: refs/remotes/upstream/main\n":          "",
		"ref: refs/heads/main\n":                     "",
		"ref: refs/remotes/origin/\n":                "",
		"ref: refs/remotes/origin\n":                 "",
		"refs/remotes/origin/main\n":                 "",
		"\nref: refs/remotes/origin/main\n":          "",
		"3b18e512dba79e4c8300dd08aeb37f8e728b8dad\n": "",
		"": "",
		"root:x:0:0:root:/root:/bin/bash\nref: x:x\n": "",
	} {
		dir := t.TempDir()
		write(t, dir, map[string]string{".git/HEAD": "ref: refs/heads/feature\n", remoteHead: text})
		if got, err := opened(t, dir).DefaultBranch(); got != want || err != nil {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	dir := t.TempDir()
	write(t, dir, map[string]string{".git/HEAD": "ref: refs/heads/feature\n"})
	if got, err := opened(t, dir).DefaultBranch(); got != "" || err != nil {
		t.Errorf("never cloned: %q, %v", got, err)
	}
}

func TestWorktreeHasTheCommonDefaultBranch(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"main/.git/refs/remotes/origin/HEAD":              "ref: refs/remotes/origin/trunk\n",
		"main/.git/worktrees/qa/HEAD":                     "ref: refs/heads/qa\n",
		"main/.git/worktrees/qa/commondir":                "../..\n",
		"main/.git/worktrees/qa/refs/remotes/origin/HEAD": "ref: refs/remotes/origin/nobody-reads-this\n",
		"qa/.git": "gitdir: " + filepath.Join(dir, "main/.git/worktrees/qa") + "\n",
	})
	if got, err := opened(t, filepath.Join(dir, "qa")).DefaultBranch(); got != "trunk" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

// A link in the repository must not make a file of the user's speak: nothing of it but such a line is ever told.
func TestLinkInPlaceOfTheRemotesHead(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"secret": "token: hunter2\n", "repo/.git/HEAD": "x", "repo/.git/refs/remotes/origin/": ""})
	check(t, os.Symlink(filepath.Join(dir, "secret"), filepath.Join(dir, "repo", remoteHead)))
	if got, err := opened(t, filepath.Join(dir, "repo")).DefaultBranch(); got != "" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

func TestReftableHasNoBranchInHead(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{".git/HEAD": "ref: refs/heads/.invalid\n"})
	expect(t, dir, "", "")
}

func TestHostileGitFiles(t *testing.T) {
	tests := []struct {
		name  string
		files map[string]string
		says  string
	}{
		{"a .git file that says nothing", map[string]string{".git": "hello\n"}, ".git does not say"},
		{"a .git file that leads nowhere", map[string]string{".git": "gitdir: /no/such/place\n"}, "/no/such/place"},
		{"a .git file of 2 MiB", map[string]string{".git": strings.Repeat("gitdir: ", 1<<18)}, "too large"},
		{"a config of 2 MiB", map[string]string{".git/HEAD": "x", ".git/config": strings.Repeat("[core]\n", 1<<19)}, "too large"},
		{"a config that is a directory", map[string]string{".git/HEAD": "x", ".git/config/": ""}, "not a regular file"},
		{"a HEAD of the remote of 2 MiB", map[string]string{".git/HEAD": "x", remoteHead: strings.Repeat("ref: ", 1<<19)}, "too large"},
		{"a HEAD of the remote that is a directory", map[string]string{".git/HEAD": "x", remoteHead + "/": ""}, "not a regular file"},
		{"a HEAD that is a directory", map[string]string{".git/HEAD/": ""}, "not a regular file"},
		{"a commondir that is a directory", map[string]string{".git/commondir/": ""}, "not a regular file"},
	}
	for _, tt := range tests {
		dir := t.TempDir()
		write(t, dir, tt.files)
		err := everything(dir)
		if err == nil || !strings.Contains(filepath.ToSlash(err.Error()), tt.says) || problem.CodeOf(err) != problem.Failure {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// everything is the first error of all questions.
func everything(top string) error {
	c, err := Open(top)
	if err != nil {
		return err
	}
	for _, ask := range []func() (string, error){c.Branch, c.Origin, c.DefaultBranch} {
		if _, err := ask(); err != nil {
			return err
		}
	}
	return nil
}

func TestOriginURL(t *testing.T) {
	tests := []struct{ name, config, want string }{
		{"none", "[core]\nurl = no\n", ""},
		{"on one line", `[remote "origin"] url = one`, "one"},
		{"the first of two", "[remote \"origin\"]\nurl = one\nurl = two\n", "one"},
		{"case of section and key", "[REMOTE \"origin\"]\nURL=one\n", "one"},
		{"case of the remote's name", "[remote \"Origin\"]\nurl = one\n", ""},
		{"the dotted form", "[remote.origin]\nurl = one\n", "one"},
		{"quotes", "[remote \"origin\"]\nurl = \"one # two\" ; three\n", "one # two"},
		{"a comment", "[remote \"origin\"]\nurl = one two  # three\n", "one two"},
		{"escapes", "[remote \"ori\\gin\"]\nurl = \"a\\\"b\\\\c\"\n", `a"b\c`},
		{"goes on in the next line", "[remote \"origin\"]\nurl = one\\\ntwo\n", "onetwo"},
		{"windows lines", "[remote \"origin\"]\r\n\turl = one\r\n", "one"},
		{"another section follows", "[remote \"origin\"]\n[remote \"x\"]\nurl = x\n", ""},
		{"an include is not followed", "[include]\npath = /etc/passwd\n", ""},
		{"unfinished header", "[remote \"origin", ""},
		{"unfinished escape", "[remote \"origin\"]\nurl = one\\", `one\`},
		{"pushurl is something else", "[remote \"origin\"]\npushurl = one\n", ""},
	}
	for _, tt := range tests {
		if got := originURL(tt.config); got != tt.want {
			t.Errorf("%s: %q", tt.name, got)
		}
	}
}

func FuzzOriginURL(f *testing.F) {
	f.Add(config)
	f.Add("[remote \"origin\"]\nurl = \"one\\\ntwo\" # x\n[")
	f.Fuzz(func(_ *testing.T, text string) {
		url := originURL(text)
		RepositoryName(url)
		SameRemote(url, text)
	})
}

func TestSameRemote(t *testing.T) {
	same := []string{
		"github.com/acme/infra", "github.com/acme/infra.git", "github.com/acme/infra/", "GitHub.com/acme/infra",
		"git@github.com:acme/infra.git", "github.com:acme/infra", "git@github.com:/acme/infra",
		"https://github.com/acme/infra", "https://user:p@ss@github.com/acme/infra.git/", "HTTPS://GITHUB.COM:443/acme/infra",
		"ssh://git@github.com/acme/infra.git", "ssh://git@github.com:22/acme/infra", "git+ssh://github.com/acme/infra",
	}
	others := []string{
		"", "github.com", "https://github.com/", "github.com/acme/Infra", "github.com/acme/infra2", "github.com/acme/infra/x",
		"github.com.evil.org/acme/infra", "https://evil.org/github.com/acme/infra", "https://github.com@evil.org/acme/infra",
		"git@evil.org:github.com/acme/infra", "/acme/infra", "file:///github.com/acme/infra", "./github.com/acme/infra",
		`C:\acme\infra`, "evil/github.com/acme/infra",
	}
	for _, a := range same {
		for _, b := range same {
			if !SameRemote(a, b) {
				t.Errorf("%s and %s are one", a, b)
			}
		}
		for _, b := range others {
			if SameRemote(a, b) || SameRemote(b, a) {
				t.Errorf("%s and %s are not one", a, b)
			}
		}
	}
	for _, pair := range [][2]string{{"/srv/git/infra.git", "file:///srv/git/infra"}, {"git@[::1]:infra", "ssh://git@[::1]:22/infra.git"}} {
		if !SameRemote(pair[0], pair[1]) {
			t.Errorf("%s and %s are one", pair[0], pair[1])
		}
	}
	if SameRemote("", "") {
		t.Error("nothing equals nothing")
	}
}

func TestRepositoryName(t *testing.T) {
	for url, want := range map[string]string{
		"git@github.com:acme/infra.git": "infra", "git@host:infra.git": "infra", "https://github.com/acme/infra/": "infra",
		"/srv/git/infra.git/": "infra", "../sub.git": "sub", `C:\repos\infra.git`: "infra", "": "", "https://github.com/": "",
		"..": "", "https://host/a/..": "", "https://host/in@fra": "in@fra",
	} {
		if got := RepositoryName(url); got != want {
			t.Errorf("%s: %q", url, got)
		}
	}
}
