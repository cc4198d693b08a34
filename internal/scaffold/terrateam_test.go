package scaffold

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"whichrole/internal/found"
	"whichrole/internal/paths"
	"whichrole/internal/rolemap"
	"whichrole/internal/terrateam"
)

const step = `[{type: oidc, provider: aws, role_arn: "arn:aws:iam::111111111111:role/terraform"}]`

// reading is what Terrateam's configuration in these files says of the root modules a and b.
func reading(files map[string]string, branch string) (found.Said, string) {
	x := readTerrateam(found.Repository{Modules: mods("a", "b"), Read: func(name string) ([]byte, error) {
		if text, ok := files[name]; ok {
			return []byte(text), nil
		}
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}}, checkout{destBranch: func() (string, error) { return branch, nil }, files: func(string) ([]string, error) { return []string{"main.tf"}, nil }})
	return x.Said, x.as
}

func TestTerrateamIsReadLiterally(t *testing.T) {
	file := func(text string) map[string]string {
		return map[string]string{terrateamFile: "version: \"1\"\n" + text}
	}
	for what, tt := range map[string]struct {
		files  map[string]string
		places int
		unread string // what the first line that could not be read says; "" for none
	}{
		"none":                        {nil, 0, ""},
		"every directory":             {file("workflows: [{tag_query: '', plan: " + step + "}]"), 2, ""},
		"one directory":               {file("workflows: [{tag_query: 'dir:a', plan: " + step + "}]"), 1, ""},
		"the other name":              {map[string]string{terrateamOther: "version: '1'\nworkflows: [{tag_query: '', apply: " + step + "}]"}, 2, ""},
		"both names":                  {map[string]string{terrateamFile: "", terrateamOther: ""}, 0, "keep one of them"},
		"broken":                      {file("a: [\n"), 0, "did not find"},
		"rewritten before use":        {file("config_builder: {enabled: true}\nworkflows: [{tag_query: '', plan: " + step + "}]"), 0, "config_builder rewrites this file"},
		"by the branch that is here":  {file("tags: {branch: {x: x}}\nworkflows: [{tag_query: 'branch:x', plan: " + step + "}]"), 0, "a role map knows none"},
		"by a branch that is unknown": {file("tags: {dest_branch: {x: x}}\nworkflows: [{tag_query: 'dest_branch:x', plan: " + step + "}]"), 0, "say --dest-branch NAME"},
		"by a variable":               {file("workflows: [{tag_query: 'dir:a', plan: [{type: oidc, provider: aws, role_arn: $HOME}]}]"), 0, "$HOME"},
		"no plan, for it is computed": {file("workflows: [{tag_query: '', plan: [{type: oidc, provider: aws, role_arn: $HOME}], apply: " + step + "}]"), 0, "$HOME"},
		"no apply, likewise":          {file("workflows: [{tag_query: '', apply: [{type: oidc, provider: aws, role_arn: $HOME}], plan: " + step + "}]"), 2, "$HOME"},
		"no role":                     {file("workflows: [{tag_query: '', plan: [{type: init}]}]"), 0, ""},
	} {
		said, _ := reading(tt.files, "")
		first := ""
		if len(said.Unread) > 0 {
			first = said.Unread[0].Text
		}
		if what == "broken" && (len(said.Unread) != 1 || said.Unread[0].At.Line == 0) {
			t.Errorf("broken: %v", said.Unread)
		}
		if len(said.Places) != tt.places || (first == "") != (tt.unread == "") || !strings.Contains(first, tt.unread) || said.Existing != (tt.files != nil) {
			t.Errorf("%s: %d places, %q", what, len(said.Places), first)
		}
	}
}

func TestTerrateamsBranchIsToldOnlyWhereItCounts(t *testing.T) {
	tagged := map[string]string{terrateamFile: "version: '1'\ntags: {dest_branch: {x: ma}}\nworkflows: [{tag_query: 'dest_branch:x', plan: " + step + "}]"}
	if said, as := reading(tagged, "main"); len(said.Places) != 2 || as != terrateamFile+", as for pull requests to main" {
		t.Errorf("%v %s", said, as)
	}
	plain := map[string]string{terrateamFile: "version: '1'\nworkflows: [{tag_query: '', plan: " + step + "}]"}
	if _, as := reading(plain, "main"); as != terrateamFile {
		t.Error(as)
	}
}

func TestStepsBeforeTheRoleAreNoted(t *testing.T) {
	said, _ := reading(map[string]string{terrateamFile: "version: '1'\nworkflows:\n- tag_query: 'dir:a'\n  plan:\n  - {type: run, cmd: [x]}\n  - " + strings.Trim(step, "[]")}, "")
	if len(said.Places) != 1 || said.Places[0].Plan.Note != "a step of type run (.terrateam/config.yml:5) runs before: what it changes is not known here" {
		t.Errorf("%+v", said)
	}
}

// Whoever turns Terrateam's file into a map must not get another role than before.
func TestMapOfTerrateamIsWhatItGivesByItself(t *testing.T) {
	o := fixture(t, "terrateam")
	d, err := Make(context.Background(), o)
	check(t, err)
	ours, err := rolemap.Parse("ours", []byte(d.Text), nil)
	check(t, err)
	data, err := os.ReadFile(filepath.Join(o.Root, filepath.FromSlash(terrateamFile)))
	check(t, err)
	config, err := terrateam.Parse("theirs", data)
	check(t, err)
	theirs := rolemap.Foreign("theirs", config.In(terrateam.World{DestBranch: func() (string, error) { return "main", nil }}))
	asked, looser := 0, false
	for _, dir := range []string{"production/vpc", "production/eks", "qa/vpc", "shared", "tools"} {
		for _, w := range []string{"default", "qa", "production"} {
			for _, op := range []rolemap.Operation{rolemap.Plan, rolemap.Apply, rolemap.State} {
				target := rolemap.Target{Dir: dir, Workspace: w, Operation: op, Lookup: anyone}
				want, _, wantErr := theirs.Resolve(target)
				got, _, gotErr := ours.Resolve(target)
				if wantErr != nil && gotErr == nil && w != "default" && dir != "shared" {
					looser = true // a workspace that Terrateam does not know may exist all the same
					continue
				}
				if (wantErr == nil) != (gotErr == nil) {
					t.Errorf("%s in %s, %s: %v, want %v", dir, w, op, gotErr, wantErr)
				}
				if wantErr != nil || gotErr != nil {
					continue
				}
				asked++
				if strings.Join(got.Chain(), " ") != strings.Join(want.Chain(), " ") || got.Region != want.Region {
					t.Errorf("%s in %s, %s: %v %s, want %v %s", dir, w, op, got.Chain(), got.Region, want.Chain(), want.Region)
				}
			}
		}
	}
	if told := slices.Contains(d.Remarks, "directories without workspaces: Terrateam runs them in the workspace default alone, and this map takes any"); !looser || !told {
		t.Errorf("looser %v, and that is told: %v", looser, d.Remarks)
	}
	if asked < 15 {
		t.Errorf("only %d answers", asked)
	}
}

func TestTerrateamsNotes(t *testing.T) {
	text := "version: '1'\ntags: {dest_branch: {x: main, y: release}}\nworkflows:\n- {tag_query: 'dest_branch:y', environment: later, plan: " + step + "}\n" +
		"- {tag_query: 'dir:a', plan: [{type: oidc, provider: aws, role_arn: \"arn:aws:iam::${DEV_ACCOUNT_ID}:role/x\"}]}\n" +
		"- {tag_query: '', plan: [{type: oidc, provider: aws, role_arn: \"" + roleA + "\", assume_role_arn: \"" + roleB + "\"}]}\n"
	dir := physical(t)
	write(t, dir, map[string]string{terrateamFile: text, "a/main.tf": "provider \"aws\" {}\n", "b/main.tf": "provider \"aws\" {}\n"})
	d, err := Make(context.Background(), Options{Root: dir, Env: paths.Env{"DEV_ACCOUNT_ID": "111111111111"}, DestBranch: branch("main", nil)})
	check(t, err)
	told := strings.Join(d.Remarks, "\n")
	for _, want := range []string{
		"not used\n  .terrateam/config.yml:4: no directory gets the roles of workflow later", // it is another branch's
		".terrateam/config.yml:5: role_arn depends on $DEV_ACCOUNT_ID\n",                     // set or not: another person has another one
	} {
		if !strings.Contains(told, want) {
			t.Errorf("%s is not in\n%s", want, told)
		}
	}
	if !strings.HasPrefix(told, "no map is needed: ") {
		t.Error(told)
	}
	if flat := strings.Join(strings.Fields(strings.ReplaceAll(d.Text, "#", "")), " "); !strings.Contains(flat, "goes through "+roleA+": where the last role trusts only that one, add via: ["+roleA+"]") {
		t.Error(d.Text)
	}
}

func TestTerrateamsEnvironmentsKeepTheirNames(t *testing.T) {
	dir := physical(t)
	write(t, dir, map[string]string{terrateamFile: "version: '1'\nworkflows: [{tag_query: '(dir:a)', plan: " + step + "}]", "a/main.tf": "provider \"aws\" {}\n"})
	config, err := terrateam.Parse("theirs", []byte("version: '1'\nworkflows: [{tag_query: '(dir:a)', plan: "+step+"}]"))
	check(t, err)
	d, err := Make(context.Background(), Options{Root: dir, Env: paths.Env{}})
	check(t, err)
	if name := config.In(terrateam.World{}).Entries()[0].Name; !strings.Contains(d.Text, "\n  "+name+":\n") {
		t.Errorf("%s is called otherwise:\n%s", name, d.Text)
	}
}
