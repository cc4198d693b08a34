package tfroles

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"whichrole/internal/found"
	"whichrole/internal/modules"
)

func iamRole(name string) string {
	return "iam_role = \"arn:aws:iam::111111111111:role/" + name + "\"\n"
}
func include(path string) string { return "include \"root\" {\n  path = " + path + "\n}\n" }
func remoteState(inner string) string {
	return "remote_state {\n  backend = \"s3\"\n  config = {\n    region = \"us-east-1\"\n" + inner + "  }\n}\n"
}
func generate(label, contents string) string {
	return "generate \"" + label + "\" {\n  path = \"x.tf\"\n  contents = <<EOF\n" + contents + "EOF\n}\n"
}

const (
	unit      = "terraform {\n  source = \"../../modules/x\"\n}\n"
	rootAbove = `find_in_parent_folders("root.hcl")`
	stateRole = "    role_arn = \"arn:aws:iam::111111111111:role/s\"\n"
)

// The shapes are those of Terragrunt's documentation, and of repositories that follow it.
func TestTerragrunt(t *testing.T) {
	for name, tt := range map[string]struct {
		files map[string]string
		want  string
	}{
		"of the unit":                    {map[string]string{"qa/terragrunt.hcl": unit + iamRole("a") + "iam_assume_role_duration = 1800\niam_assume_role_session_name = \"tg\"\n"}, "qa run a @qa/terragrunt.hcl:4 tg 30m0s"},
		"of a local":                     {map[string]string{"qa/terragrunt.hcl": unit + "locals {\n  account = \"111111111111\"\n}\niam_role = \"arn:aws:iam::${local.account}:role/a\"\n"}, "qa run a @qa/terragrunt.hcl:7"},
		"of root.hcl":                    {map[string]string{"root.hcl": "\n" + iamRole("a"), "live/qa/vpc/terragrunt.hcl": include(rootAbove), "live/prod/terragrunt.hcl": include(rootAbove)}, "live/prod run a @root.hcl:2\nlive/qa/vpc run a @root.hcl:2"},
		"of the nearest":                 {map[string]string{"root.hcl": iamRole("a"), "prod/root.hcl": iamRole("p"), "prod/x/terragrunt.hcl": include(rootAbove), "qa/x/terragrunt.hcl": include(rootAbove)}, "prod/x run p @prod/root.hcl:1\nqa/x run a @root.hcl:1"},
		"of the one above by default":    {map[string]string{"terragrunt.hcl": iamRole("a") + remoteState(""), "prod/terragrunt.hcl": include("find_in_parent_folders()"), "prod/x/terragrunt.hcl": "include {\n  path = find_in_parent_folders()\n}\n"}, "prod run a @terragrunt.hcl:1\n! prod/x/terragrunt.hcl:2 the file of this include has an include itself, which Terragrunt does not take"},
		"of one in JSON above":           {map[string]string{"terragrunt.hcl": iamRole("a"), "terragrunt.hcl.json": `{"iam_role": "arn:aws:iam::111111111111:role/j"}`, "qa/terragrunt.hcl": include("find_in_parent_folders()")}, "qa run j @terragrunt.hcl.json:1"},
		"of a file that is named":        {map[string]string{"env/qa.hcl": iamRole("a"), "live/qa/terragrunt.hcl": include(`"../../env/qa.hcl"`)}, "live/qa run a @env/qa.hcl:1"},
		"of a file beside the root":      {map[string]string{"live/root.hcl": "", "live/_env/x.hcl": iamRole("a"), "live/qa/x/terragrunt.hcl": include(rootAbove) + "include \"env\" {\n  path = \"${dirname(find_in_parent_folders(\"root.hcl\"))}/_env/x.hcl\"\n}\n"}, "live/qa/x run a @live/_env/x.hcl:1"},
		"of a file from the top":         {map[string]string{"root.hcl": iamRole("a"), "live/qa/terragrunt.hcl": include(`"${get_repo_root()}/root.hcl"`)}, "live/qa run a @root.hcl:1"},
		"of the other file":              {map[string]string{"other.hcl": iamRole("a"), "qa/terragrunt.hcl": include(`find_in_parent_folders("no.hcl", "../other.hcl")`)}, "qa run a @other.hcl:1"},
		"of a file in a directory above": {map[string]string{"cfg/root.hcl": iamRole("a"), "live/qa/terragrunt.hcl": include(`find_in_parent_folders("cfg/root.hcl")`)}, "live/qa run a @cfg/root.hcl:1"},
		"not of its own directory":       {map[string]string{"qa/root.hcl": iamRole("a"), "qa/terragrunt.hcl": include(rootAbove)}, "! qa/terragrunt.hcl:2 there is no file for this include in the directories above"},
		"not of one that is apart":       {map[string]string{"root.hcl": iamRole("a"), "qa/terragrunt.hcl": "include \"root\" {\n  path = find_in_parent_folders(\"root.hcl\")\n  merge_strategy = \"no_merge\"\n}\n"}, ""},

		"the unit before its parent": {map[string]string{"root.hcl": iamRole("a") + "iam_assume_role_duration = 900\n", "qa/terragrunt.hcl": include(rootAbove) + iamRole("q")}, "qa run q @qa/terragrunt.hcl:4 15m0s"},
		"a unit's duration alone":    {map[string]string{"root.hcl": iamRole("a") + "iam_assume_role_duration = 900\n", "qa/terragrunt.hcl": include(rootAbove) + "iam_assume_role_duration = 1800\n"}, "qa run a @root.hcl:1 30m0s"},
		"the later include":          {map[string]string{"a.hcl": iamRole("a"), "b.hcl": iamRole("b"), "qa/terragrunt.hcl": "include \"z\" {\n  path = \"../a.hcl\"\n}\ninclude \"b\" {\n  path = \"../b.hcl\"\n}\n"}, "qa run b @b.hcl:1"},
		"none by null":               {map[string]string{"root.hcl": iamRole("a"), "qa/terragrunt.hcl": include(rootAbove) + "iam_role = null\n"}, "qa run a @root.hcl:1"},
		"a token":                    {map[string]string{"root.hcl": "iam_web_identity_token = get_env(\"T\")\n", "qa/terragrunt.hcl": include(rootAbove) + iamRole("a")}, "qa run a @qa/terragrunt.hcl:4 (is assumed with a web identity token)"},

		"the unit is computed":      {map[string]string{"root.hcl": iamRole("a"), "qa/terragrunt.hcl": include(rootAbove) + "iam_role = \"arn:aws:iam::${get_aws_account_id()}:role/a\"\n"}, "! qa/terragrunt.hcl:4 iam_role is computed"},
		"the parent is":             {map[string]string{"root.hcl": "iam_role = get_env(\"X\")\n", "qa/terragrunt.hcl": include(rootAbove), "prod/terragrunt.hcl": include(rootAbove), "own/terragrunt.hcl": include(rootAbove) + iamRole("o")}, "own run o @own/terragrunt.hcl:4\n! root.hcl:1 iam_role is computed"},
		"the include is":            {map[string]string{"root.hcl": iamRole("a"), "qa/terragrunt.hcl": include(`"${get_env("X")}/root.hcl"`), "own/terragrunt.hcl": include(`get_env("X")`) + iamRole("o")}, "own run o @own/terragrunt.hcl:4\n! own/terragrunt.hcl:2 the path of this include is computed\n! qa/terragrunt.hcl:2 the path of this include is computed"},
		"a later include is":        {map[string]string{"root.hcl": iamRole("a"), "qa/terragrunt.hcl": include(rootAbove) + "include \"x\" {\n  path = get_env(\"X\")\n}\n"}, "! qa/terragrunt.hcl:5 the path of this include is computed"},
		"an earlier include is":     {map[string]string{"root.hcl": iamRole("a"), "qa/terragrunt.hcl": "include \"x\" {\n  path = get_env(\"X\")\n}\n" + include(rootAbove)}, "qa run a @root.hcl:1\n! qa/terragrunt.hcl:2 the path of this include is computed"},
		"the parent is broken":      {map[string]string{"root.hcl": iamRole("a") + "\n}\n", "qa/terragrunt.hcl": include(rootAbove)}, "! root.hcl:3 syntax error"},
		"the parent is a directory": {map[string]string{"root.hcl/x": "", "qa/terragrunt.hcl": include(rootAbove)}, "! root.hcl cannot be read"},
		"the parent is not there":   {map[string]string{"qa/terragrunt.hcl": include(`"../root.hcl"`)}, "! qa/terragrunt.hcl:2 there is no file for this include"},
		"it leads out":              {map[string]string{"qa/terragrunt.hcl": include(`"../../root.hcl"`), "up/terragrunt.hcl": include(`find_in_parent_folders("../../x.hcl")`), "top/terragrunt.hcl": include(`"${get_repo_root()}/../x.hcl"`), "to/terragrunt.hcl": include(`find_in_parent_folders("x.hcl", "../..")`), "abs/terragrunt.hcl": include(`find_in_parent_folders("x.hcl", "/etc/x.hcl")`)}, "! abs/terragrunt.hcl:2 there is no file for this include\n! qa/terragrunt.hcl:2 this include leads out of the repository\n! to/terragrunt.hcl:2 this include leads out of the repository\n! top/terragrunt.hcl:2 this include leads out of the repository\n! up/terragrunt.hcl:2 there is no file for this include in the directories above"},

		"the state's own role":         {map[string]string{"root.hcl": iamRole("a") + remoteState(stateRole+"    external_id = \"xy\"\n"), "qa/terragrunt.hcl": include(rootAbove)}, "qa run a @root.hcl:1 state a>s @root.hcl:6 xy"},
		"the state's role alone":       {map[string]string{"root.hcl": remoteState("    profile = \"corp\"\n" + stateRole), "qa/terragrunt.hcl": include(rootAbove), "prod/terragrunt.hcl": include(rootAbove)}, "prod state s @root.hcl:6\nqa state s @root.hcl:6\nfrom corp"},
		"the state's role is the same": {map[string]string{"qa/terragrunt.hcl": unit + iamRole("s") + remoteState(stateRole)}, "qa run s @qa/terragrunt.hcl:4"},
		"the unit's state":             {map[string]string{"root.hcl": remoteState(stateRole), "qa/terragrunt.hcl": include(rootAbove) + iamRole("a") + remoteState("")}, "qa run a @qa/terragrunt.hcl:4"},
		"the state's role is computed": {map[string]string{"root.hcl": iamRole("a") + remoteState("    role_arn = get_env(\"X\")\n"), "qa/terragrunt.hcl": include(rootAbove)}, "qa run a @root.hcl:1\n! root.hcl:6 role_arn is computed"},

		"a provider that it writes":         {map[string]string{"root.hcl": generate("provider", provider("  region = \"eu-west-1\"\n"+assume("p"))) + remoteState(""), "app/terragrunt.hcl": include(rootAbove)}, "app run p @root.hcl:7 eu-west-1 (the s3 backend assumes no role: this one must reach its bucket, or state needs another)"},
		"after iam_role":                    {map[string]string{"root.hcl": iamRole("a") + generate("provider", provider(assume("p"))) + remoteState(""), "app/terragrunt.hcl": include(rootAbove)}, "app run a>p @root.hcl:7 state a @root.hcl:1"},
		"after all three":                   {map[string]string{"root.hcl": iamRole("a") + generate("provider", provider(assume("p"))) + remoteState(stateRole), "app/terragrunt.hcl": include(rootAbove)}, "app run a>p @root.hcl:7 state a>s @root.hcl:17"},
		"a unit's before a parent's":        {map[string]string{"root.hcl": generate("provider", provider(assume("p"))) + generate("more", alias("x", assume("p"))), "app/terragrunt.hcl": include(rootAbove) + generate("provider", provider(assume("u")))}, "app run u @app/terragrunt.hcl:9\n! root.hcl:18 provider aws.x assumes another role than provider aws: one directory has one role"},
		"a provider that is computed":       {map[string]string{"root.hcl": iamRole("a") + generate("provider", provider(assume("${local.x}"))), "app/terragrunt.hcl": include(rootAbove), "b/terragrunt.hcl": include(rootAbove)}, "app run a @root.hcl:1\nb run a @root.hcl:1\n! root.hcl:2 a role in what generate writes is computed"},
		"a backend that it writes":          {map[string]string{"root.hcl": iamRole("a") + generate("b", s3(stateRole)), "app/terragrunt.hcl": include(rootAbove)}, "app run a @root.hcl:1 state a>s @root.hcl:7"},
		"a provider beside the unit":        {map[string]string{"app/terragrunt.hcl": unit + iamRole("a"), "app/main.tf": provider(assume("p")) + s3(stateRole)}, "app run a>p @app/main.tf:3 state a>s @app/main.tf:9"},
		"code without a source":             {map[string]string{"app/terragrunt.hcl": iamRole("a"), "app/main.tf": provider("")}, "app run a @app/terragrunt.hcl:1"},
		"iam_role is the provider's":        {map[string]string{"app/terragrunt.hcl": unit + iamRole("a"), "app/main.tf": provider(assume("a"))}, "app run a @app/main.tf:3"},
		"a provider after what is computed": {map[string]string{"app/terragrunt.hcl": unit + "iam_role = get_env(\"X\")\n" + remoteState(stateRole), "app/main.tf": provider(assume("a"))}, "! app/terragrunt.hcl:4 iam_role is computed"},

		"a state that is computed after a provider": {map[string]string{"app/terragrunt.hcl": unit + iamRole("a") + generate("provider", provider(assume("p"))) + remoteState("    role_arn = get_env(\"X\")\n")}, "app run a>p @app/terragrunt.hcl:10\n! app/terragrunt.hcl:20 role_arn is computed"},
		"a duration behind what is computed":        {map[string]string{"a.hcl": "iam_assume_role_duration = 900\n", "qa/terragrunt.hcl": "include \"a\" {\n  path = \"../a.hcl\"\n}\ninclude \"x\" {\n  path = get_env(\"X\")\n}\n" + iamRole("q")}, "qa run q @qa/terragrunt.hcl:7\n! qa/terragrunt.hcl:5 the path of this include is computed"},
		"a state behind what is computed":           {map[string]string{"a.hcl": remoteState(stateRole), "qa/terragrunt.hcl": "include \"a\" {\n  path = \"../a.hcl\"\n}\ninclude \"x\" {\n  path = get_env(\"X\")\n}\n" + iamRole("q")}, "qa run q @qa/terragrunt.hcl:7\n! qa/terragrunt.hcl:5 the path of this include is computed"},
		"a unit's token":                            {map[string]string{"root.hcl": "", "qa/terragrunt.hcl": include(rootAbove) + iamRole("q") + "iam_web_identity_token = \"/t\"\n"}, "qa run q @qa/terragrunt.hcl:4 (is assumed with a web identity token)"},
		"a session that is computed":                {map[string]string{"root.hcl": iamRole("a"), "qa/terragrunt.hcl": include(rootAbove) + "iam_assume_role_session_name = get_env(\"USER\")\n"}, "qa run a @root.hcl:1\n! qa/terragrunt.hcl:4 iam_assume_role_session_name is computed"},
		"a parent is no unit":                       {map[string]string{"terragrunt.hcl": iamRole("a") + remoteState(stateRole)}, ""},
		"a stack is none":                           {map[string]string{"terragrunt.stack.hcl": "unit \"x\" {\n  source = \"x\"\n}\n" + iamRole("a")}, ""},
		"nothing of roles":                          {map[string]string{"root.hcl": remoteState(""), "qa/terragrunt.hcl": include(rootAbove)}, ""},
	} {
		t.Run(name, func(t *testing.T) { check(t, Terragrunt, tt.files, tt.want) })
	}
}

func TestTerragruntIsThere(t *testing.T) {
	for name, tt := range map[string]struct {
		files map[string]string
		want  bool
	}{
		"nothing": {nil, false}, "a unit": {map[string]string{"a/terragrunt.hcl": include(`"x"`)}, true}, "Terraform alone": {map[string]string{"a/main.tf": provider("")}, false},
	} {
		if said := Terragrunt(repository(t, tt.files)); said.Existing != tt.want || said.OIDC || len(said.Places) > 0 {
			t.Errorf("%s: %+v", name, said)
		}
	}
}

// units are many of them, in one directory each, with what all of them say.
func units(n int, depth, text string) (list []modules.Module) {
	for i := range n {
		dir := fmt.Sprintf("%sd%05d", depth, i)
		u, note := modules.NewParser().Unit(dir+"/terragrunt.hcl", []byte(strings.ReplaceAll(text, "NN", fmt.Sprint(i))))
		if u == nil {
			panic(note.Text)
		}
		list = append(list, modules.Module{Dir: dir, Kind: "terragrunt", Unit: u})
	}
	return list
}

// A thousand units share a parent.
func TestAParentIsReadOnce(t *testing.T) {
	reads := map[string]int{}
	said := Terragrunt(found.Repository{Modules: units(1000, "live/qa/", include(rootAbove)), Read: func(name string) ([]byte, error) {
		reads[name]++
		if name == "root.hcl" {
			return []byte(iamRole("a")), nil
		}
		return nil, fs.ErrNotExist
	}})
	if len(said.Places) != 1000 || len(said.Unread) > 0 || reads["root.hcl"] != 1 || reads["live/root.hcl"] != 1 || len(reads) != 3 {
		t.Errorf("%d places, %v", len(said.Places), reads)
	}
}

// Each unit may ask for a hundred files of its own names in each of a hundred directories above it.
func TestParentsWithoutEndAreNotAllLookedFor(t *testing.T) {
	reads := 0
	one := newTree(func(string) ([]byte, error) { reads++; return nil, fs.ErrNotExist })
	one.tries = 1000
	for i := range 50 {
		var list []modules.Include
		for j := range 100 {
			list = append(list, modules.Include{Above: true, Name: fmt.Sprintf("%d-%d.hcl", i, j)})
		}
		layers := one.layers(strings.Repeat("x/", 100)+"y", &modules.Unit{Includes: list})
		if last := layers[100].unread; last == nil || i > 0 && last.Text != "there is too much to read: not every include was" {
			t.Fatalf("%d %+v", i, last)
		}
	}
	if reads != 1000 {
		t.Errorf("%d reads", reads)
	}
}

// Files of a MiB each, by other names or links to one, are read as long as that takes seconds.
func TestLargeParentsAreNotAllRead(t *testing.T) {
	large, read := []byte(strings.Repeat("#", 1<<20)), 0 // no JSON, which is soon told
	said := Terragrunt(found.Repository{Modules: units(500, "live/", include(`"NN.json"`)), Read: func(string) ([]byte, error) { read += len(large); return large, nil }})
	if read > maxBytes+2<<20 || len(said.Places) > 0 || len(said.Unread) < 10 || said.Unread[0].Text != "there is too much to read: not every include was" {
		t.Errorf("%d MiB, %v", read>>20, said.Unread[:min(3, len(said.Unread))])
	}
}

// What a Read refuses, such as a link out of the repository, is there all the same: no farther file takes its place.
func TestAParentThatIsRefusedHidesTheOnesAboveIt(t *testing.T) {
	said := Terragrunt(found.Repository{Modules: units(1, "live/qa/", include(rootAbove)), Read: func(name string) ([]byte, error) {
		if name == "live/root.hcl" {
			return nil, errors.New("is a symlink that leads out of the repository")
		}
		return []byte(iamRole("a")), map[bool]error{true: fs.ErrNotExist}[name == "live/qa/root.hcl"]
	}})
	if got, want := text(said), "! live/root.hcl cannot be read"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func BenchmarkTerragrunt(b *testing.B) {
	list := units(20_000, "live/qa/", include(rootAbove))
	r := found.Repository{Modules: list, Read: func(name string) ([]byte, error) {
		if name == "root.hcl" {
			return []byte(iamRole("a") + remoteState(stateRole)), nil
		}
		return nil, fs.ErrNotExist
	}}
	for b.Loop() {
		if said := Terragrunt(r); len(said.Places) != len(list) {
			b.Fatal(len(said.Places))
		}
	}
}
