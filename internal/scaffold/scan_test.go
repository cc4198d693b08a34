package scaffold

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"whichrole/internal/found"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// physical is a new directory without symlinks in its path.
func physical(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	check(t, err)
	return dir
}

func TestNothingSaysARole(t *testing.T) {
	dir := physical(t)
	write(t, dir, map[string]string{".git/HEAD": "", "vpc/main.tf": "provider \"aws\" {\n  assume_role {\n    role_arn = var.x\n  }\n}\n"})
	for _, from := range append(Systems()[:len(Systems())-1], "") {
		_, err := Make(context.Background(), Options{Root: dir, Top: dir, From: from, Env: paths.Env{}})
		nothing, ok := errors.AsType[*Nothing](err)
		if problem.CodeOf(err) != problem.NoEnvironment || !ok || !strings.Contains(err.Error(), from) && !strings.Contains(err.Error(), "gets a role by assume_role") || !strings.Contains(err.Error(), dir) {
			t.Errorf("%s: %v", from, err)
			continue
		}
		told := strings.Join(nothing.Remarks, "\n")
		if (from == "" || from == "terraform") != strings.Contains(told, "vpc/main.tf:3: ") {
			t.Errorf("%s: %s", from, told)
		}
	}
}

func TestSystemFileThatIsASymlinkOutOfTheRepository(t *testing.T) {
	dir, outside := physical(t), physical(t)
	write(t, outside, map[string]string{"config.yml": "version: '1'\nworkflows: [{tag_query: '', plan: " + step + "}]"})
	write(t, dir, map[string]string{".git/HEAD": "", "qa/main.tf": "provider \"aws\" {}\n", ".terrateam/x": ""})
	symlink(t, filepath.Join(outside, "config.yml"), filepath.Join(dir, ".terrateam", "config.yml"))
	_, err := Make(context.Background(), Options{Root: dir, Top: dir, Env: paths.Env{}})
	nothing, ok := errors.AsType[*Nothing](err)
	if !ok || !strings.Contains(strings.Join(nothing.Remarks, "\n"), "  .terrateam/config.yml: cannot be read") {
		t.Errorf("%v %+v", err, nothing)
	}
}

// The AWS config file is the user's: a mistake in it is no reason to write nothing, but one to say so.
func TestBrokenAWSConfigIsTold(t *testing.T) {
	o := fixture(t, "tfaction")
	write(t, o.Home, map[string]string{".aws/config": "[profile x\nrole_arn = y\n"})
	d, err := Make(context.Background(), o)
	check(t, err)
	if !strings.Contains(strings.Join(d.Remarks, "\n"), "config:1") || !strings.Contains(d.Text, "terraform-apply") {
		t.Errorf("%v", d.Remarks)
	}
}

// Without --from the user's other profiles are nobody's business; with it they are environments for --env.
func TestProfilesWithoutADirectory(t *testing.T) {
	o := fixture(t, "aws-config")
	d, err := Make(context.Background(), o)
	check(t, err)
	if strings.Contains(d.Text, "audit") || d.Caller != "terraform" || d.Region != "eu-west-1" {
		t.Errorf("%+v", d)
	}
	o.From = "aws-config"
	d, err = Make(context.Background(), o)
	check(t, err)
	if !strings.Contains(d.Text, "  audit:\n    role_arn: arn:aws:iam::444444444444:role/audit") {
		t.Error(d.Text)
	}
}

func TestProfileNotes(t *testing.T) {
	dir := physical(t)
	write(t, dir, map[string]string{".aws/config": `[profile keys]
role_arn = arn:aws:iam::111111111111:role/a
source_profile = keys
[profile machine]
role_arn = arn:aws:iam::111111111111:role/b
credential_source = Ec2InstanceMetadata
[profile token]
role_arn = arn:aws:iam::111111111111:role/c
web_identity_token_file = /x
[profile named]
role_arn = arn:aws:iam::111111111111:role/d
source_profile = corp
role_session_name = you
external_id = secret-ish
[profile loop]
role_arn = arn:aws:iam::111111111111:role/e
credential_process = whichrole credential-process
`})
	s, err := newScan(context.Background(), Options{Root: dir, Home: dir, Env: paths.Env{}})
	check(t, err)
	defer s.close()
	var got []string
	for _, p := range s.profiles {
		got = append(got, p.name+"<"+p.source+": "+p.role.Note)
	}
	for i, want := range []string{"keys<: profile keys has keys of its own", "machine<: profile machine has its first credentials from the machine", "named<corp: session_name is left out, for it is that of your own profile: everybody's is called {user}-{env}; external_id is that of your own profile", "token<: profile token has its first credentials from a token"} {
		if i >= len(got) || !strings.HasPrefix(got[i], want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if len(got) != 4 || s.profiles[2].role.SessionName != "" {
		t.Errorf("%q", got)
	}
	if at := (found.Origin{File: "~/.aws/config", Line: 2}); s.profiles[0].role.From != at {
		t.Errorf("%v", s.profiles[0].role.From)
	}
}

func TestDirectoriesOfOthersAreToldAsSuch(t *testing.T) {
	o := fixture(t, "tfaction")
	write(t, o.Root, map[string]string{"own/.whichrole.yaml": "version: 1\n", "own/main.tf": "provider \"aws\" {}\n", "sub/.git": "gitdir: x"})
	d, err := Make(context.Background(), o)
	check(t, err)
	if told := strings.Join(d.Remarks, "\n"); !strings.Contains(told, "left out\n  own: has a role map of its own") || !strings.Contains(told, "  sub: is another git repository") || strings.Contains(told, couldNotRead) {
		t.Error(told)
	}
}

func TestBranchOfPullRequestsByFlag(t *testing.T) {
	o := fixture(t, "terrateam")
	o.DestBranch = branch("release", nil)
	d, err := Make(context.Background(), o)
	check(t, err)
	if !strings.Contains(d.Text, "as for pull requests to release;") || strings.Contains(d.Text, "role/tf-entry") {
		t.Error(d.Text)
	}
}

// A mistake in the user's own file is told as what it is: it says nothing of the repository.
func TestBranchThatTheUsersFileCannotTell(t *testing.T) {
	o := fixture(t, "terrateam")
	o.DestBranch = branch("", problem.New(problem.BadMap, "~/config.yaml:1: wrong"))
	if _, err := Make(context.Background(), o); problem.CodeOf(err) != problem.BadMap {
		t.Errorf("%v", err)
	}
}
