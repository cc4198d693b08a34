package modules

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// unitText is what a file of Terragrunt says, one line for each part.
func unitText(u *Unit) string {
	if u == nil {
		return ""
	}
	lines := []string{u.File}
	if text := hopText(u.Hop); text != fmt.Sprintf("%s:%d ", u.File, 0) {
		lines = append(lines, "iam "+text)
	}
	if u.State != nil {
		lines = append(lines, told([]Block{*u.State}))
	}
	for _, i := range u.Includes {
		line := fmt.Sprintf("include %d %q", i.Line, i.Path)
		if i.Top {
			line += " top"
		}
		if i.Above {
			line += fmt.Sprintf(" above %q %q", i.Name, i.Else)
		}
		if i.Apart {
			line += " apart"
		}
		lines = append(lines, strings.TrimSpace(line+" "+i.Why))
	}
	for _, g := range u.Writes {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("writes %d %s %s %s", g.Line, g.Label, g.Why, told(g.Blocks))))
	}
	return strings.Join(lines[1:], "\n")
}

const assumes = "provider \"aws\" {\n  region = \"eu-west-1\"\n  assume_role {\n    role_arn = \"arn:aws:iam::111111111111:role/a\"\n  }\n}\n"

// The examples are those of Terragrunt's documentation, in other words.
func TestWhatAUnitSays(t *testing.T) {
	include := func(path string) string { return "include \"root\" {\n  path = " + path + "\n}\n" }
	for name, tt := range map[string]struct{ text, want string }{
		"a role":              {"iam_role = \"arn:aws:iam::111111111111:role/a\"\niam_assume_role_duration = 14400\niam_assume_role_session_name = \"tg-x\"\n", "iam terragrunt.hcl:1 a tg-x 4h0m0s"},
		"of a local":          {"locals {\n  account = \"111111111111\"\n}\niam_role = \"arn:aws:iam::${local.account}:role/a\"\n", "iam terragrunt.hcl:4 a"},
		"with a token":        {"iam_role = \"arn:aws:iam::111111111111:role/a\"\niam_web_identity_token = get_env(\"TOKEN\")\n", "iam terragrunt.hcl:1 a web"},
		"of the account":      {"iam_role = \"arn:aws:iam::${get_aws_account_id()}:role/a\"\n", "iam terragrunt.hcl:1  (1: iam_role is computed)"},
		"of a file's local":   {"locals {\n  x = read_terragrunt_config(find_in_parent_folders(\"account.hcl\"))\n}\niam_role = local.x.locals.role\n", "iam terragrunt.hcl:4  (4: iam_role is computed)"},
		"of the environment":  {"\niam_role = get_env(\"ROLE\", \"arn:aws:iam::111111111111:role/a\")\n", "iam terragrunt.hcl:2  (2: iam_role is computed)"},
		"null":                {"iam_role = null\niam_web_identity_token = null\n", "iam terragrunt.hcl:1 "},
		"a duration alone":    {"iam_assume_role_duration = 900\n", "iam terragrunt.hcl:0  15m0s"},
		"a duration too long": {"iam_assume_role_duration = 90000\n", "iam terragrunt.hcl:0  (1: iam_assume_role_duration is not a duration that STS takes)"},
		"nested is none":      {"terraform {\n  source = \"x\"\n  extra_arguments \"x\" {\n    iam_role = \"arn:aws:iam::111111111111:role/a\"\n  }\n}\ninputs = {\n  iam_role = \"arn:aws:iam::111111111111:role/a\"\n}\n", ""},

		"a state":                         {"remote_state {\n  backend = \"s3\"\n  config = {\n    region = \"eu-west-1\"\n    role_arn = \"arn:aws:iam::111111111111:role/a\"\n    external_id = \"xy\"\n  }\n}\n", "s3 state @terragrunt.hcl:1 eu-west-1 → terragrunt.hcl:5 a xy"},
		"a state of today":                {"remote_state {\n  backend = \"s3\"\n  config = {\n    assume_role = {\n      role_arn = \"arn:aws:iam::111111111111:role/a\"\n      duration = \"1h\"\n    }\n  }\n}\n", "s3 state @terragrunt.hcl:1 → terragrunt.hcl:5 a 1h0m0s"},
		"a state with no role":            {"remote_state {\n  backend = \"s3\"\n  config = {}\n}\n", "s3 state @terragrunt.hcl:1"},
		"a state elsewhere":               {"remote_state {\n  backend = \"gcs\"\n  config = local.x\n}\n", "gcs state @terragrunt.hcl:1"},
		"a state's role that is computed": {"remote_state {\n  backend = \"s3\"\n  config = {\n    role_arn = get_env(\"X\")\n  }\n}\n", "s3 state @terragrunt.hcl:1 → terragrunt.hcl:4  (4: role_arn is computed)"},
		"a state that is":                 {"remote_state {\n  backend = \"s3\"\n  config = merge(local.x, {})\n}\n", "s3 state @terragrunt.hcl:1 → terragrunt.hcl:3  (3: config of remote_state is computed)"},

		"the nearest above":           {include("find_in_parent_folders()"), `include 2 "" above "" ""`},
		"by name":                     {include(`find_in_parent_folders("root.hcl")`), `include 2 "" above "root.hcl" ""`},
		"by a local's name":           {"locals {\n  n = \"root.hcl\"\n}\n" + include(`find_in_parent_folders(local.n)`), `include 5 "" above "root.hcl" ""`},
		"in a template":               {include(`"${find_in_parent_folders("root.hcl")}"`), `include 2 "" above "root.hcl" ""`},
		"with another":                {include(`find_in_parent_folders("root.hcl", "../x.hcl")`), `include 2 "" above "root.hcl" "../x.hcl"`},
		"without a name":              {"include {\n  path = \"../root.hcl\"\n}\n", `include 2 "../root.hcl"`},
		"beside the one above":        {include(`"${dirname(find_in_parent_folders("root.hcl"))}/_env/x.hcl"`), `include 2 "_env/x.hcl" above "root.hcl" ""`},
		"from the unit":               {include(`"${get_terragrunt_dir()}/../root.hcl"`), `include 2 "../root.hcl"`},
		"from the top":                {include(`"${get_repo_root()}/live/${"x"}.hcl"`), `include 2 "live/x.hcl" top`},
		"two, in order":               {include(`"b.hcl"`) + "include {\n  path = \"a.hcl\"\n}\n" + strings.Replace(include(`"c.hcl"`), "root", "c", 1), "include 2 \"b.hcl\"\ninclude 5 \"a.hcl\"\ninclude 8 \"c.hcl\""},
		"not merged":                  {"include \"x\" {\n  path = \"a.hcl\"\n  merge_strategy = \"no_merge\"\n}\n", `include 2 "a.hcl" apart`},
		"merged deeply":               {"include \"x\" {\n  path = \"a.hcl\"\n  merge_strategy = \"deep\"\n}\n", `include 2 "a.hcl"`},
		"merged who knows how":        {"include \"x\" {\n  path = \"a.hcl\"\n  merge_strategy = get_env(\"X\")\n}\n", `include 2 "" is computed`},
		"computed":                    {include(`get_env("X")`), `include 2 "" is computed`},
		"partly computed":             {include(`"${get_env("X")}/root.hcl"`), `include 2 "" is computed`},
		"computed behind what is not": {include(`"${dirname(find_in_parent_folders("root.hcl"))}/${local.x}.hcl"`), `include 2 "" is computed`},
		"named by what is computed":   {include(`find_in_parent_folders(get_env("X"))`), `include 2 "" is computed`},
		"by too many names":           {include(`find_in_parent_folders("a", "b", "c")`), `include 2 "" is computed`},
		"beside who knows which":      {include(`"${dirname(find_in_parent_folders("root.hcl", "x"))}/y.hcl"`), `include 2 "" is computed`},
		"from no slash":               {include(`"${get_repo_root()}x.hcl"`), `include 2 "" is computed`},
		"absolute":                    {include(`"/etc/root.hcl"`), `include 2 "" is absolute`},
		"empty":                       {include(`""`), `include 2 "" is empty`},
		"no path":                     {"include \"root\" {}\n", ""},

		"a provider":                     {"generate \"provider\" {\n  path = \"p.tf\"\n  if_exists = \"overwrite\"\n  contents = <<EOF\n" + assumes + "EOF\n}\n", "writes 1 provider  aws @terragrunt.hcl:5 eu-west-1 → terragrunt.hcl:8 a"},
		"a provider, indented":           {"generate \"provider\" {\n  contents = <<-EOF\n    " + strings.ReplaceAll(assumes, "\n", "\n    ") + "EOF\n}\n", "writes 1 provider  aws @terragrunt.hcl:3 eu-west-1 → terragrunt.hcl:6 a"},
		"a provider in a string":         {"generate \"provider\" {\n  contents = \"provider \\\"aws\\\" {\\n  assume_role { role_arn = \\\"arn:aws:iam::111111111111:role/a\\\" }\\n}\"\n}\n", "writes 1 provider  aws @terragrunt.hcl:2 → terragrunt.hcl:3 a"},
		"a provider of a local":          {"locals {\n  a = 111111111111\n}\ngenerate \"provider\" {\n  contents = <<EOF\n" + strings.Replace(assumes, "::111111111111:", "::${local.a}:", 1) + "EOF\n}\n", "writes 4 provider  aws @terragrunt.hcl:6 eu-west-1 → terragrunt.hcl:9 a"},
		"a provider of a module's local": {"locals {\n  a = \"arn:aws:iam::111111111111:role/a\"\n}\ngenerate \"provider\" {\n  contents = <<EOF\nprovider \"aws\" {\n  assume_role {\n    role_arn = local.a\n  }\n}\nEOF\n}\n", "writes 4 provider  aws @terragrunt.hcl:6 → terragrunt.hcl:8  (8: role_arn is computed)"},
		"a provider that is computed":    {"generate \"provider\" {\n  contents = <<EOF\n" + strings.Replace(assumes, "::111111111111:", "::${get_aws_account_id()}:", 1) + "EOF\n}\n", "writes 1 provider is computed"},
		"a backend":                      {"generate \"b\" {\n  contents = <<EOF\nterraform {\n  backend \"s3\" {\n    role_arn = \"arn:aws:iam::111111111111:role/a\"\n  }\n}\nEOF\n}\n", "writes 1 b  s3 state @terragrunt.hcl:4 → terragrunt.hcl:5 a"},
		"what is computed with no role":  {"generate \"x\" {\n  contents = get_env(\"X\")\n}\n# role_arn\n", "writes 1 x"},
		"nothing":                        {"generate \"x\" {\n  contents = \"\"\n}\ngenerate \"y\" {}\n# role_arn\n", "writes 1 x\nwrites 4 y"},
	} {
		t.Run(name, func(t *testing.T) {
			m, _, notes := look(t, map[string]string{"terragrunt.hcl": tt.text, "main.tf": `provider "google" {}`})
			if got := unitText(m.Unit); got != tt.want {
				t.Errorf("%s\nwant %s (%v)", got, tt.want, notes)
			}
			u, note := NewParser().Unit("terragrunt.hcl", []byte(tt.text))
			if got := unitText(u); got != tt.want || note.Text != "" {
				t.Errorf("as a parent: %s %v", got, note)
			}
		})
	}
}

func TestAUnitInJSON(t *testing.T) {
	const text = `{"iam_role": "arn:aws:iam::${local.a}:role/a", "locals": {"a": "111111111111"}, "iam_assume_role_duration": 3600,
"include": {"root": {"path": "${find_in_parent_folders(\"root.hcl\")}"},
"env": [{"path": "../${local.a}.hcl", "merge_strategy": "no_merge"}]},
"remote_state": {"backend": "s3", "config": {"assume_role": {"role_arn": "arn:aws:iam::111111111111:role/b"}}},
"generate": {"p": {"contents": "provider \"aws\" {\n  assume_role {\n    role_arn = \"arn:aws:iam::111111111111:role/c\"\n  }\n}\n"}}}`
	want := strings.Join([]string{"iam terragrunt.hcl.json:1 a 1h0m0s", "s3 state @terragrunt.hcl.json:4 → terragrunt.hcl.json:4 b", `include 2 "" above "root.hcl" ""`, `include 3 "../111111111111.hcl" apart`,
		"writes 5 p  aws @terragrunt.hcl.json:5 → terragrunt.hcl.json:7 c"}, "\n")
	m, _, notes := look(t, map[string]string{"terragrunt.hcl.json": text, "terragrunt.hcl": "include {\n  path = \"x\"\n}\n"})
	if got := unitText(m.Unit); got != want {
		t.Errorf("%s\nwant %s (%v)", got, want, notes)
	}
	m, _, _ = look(t, map[string]string{"terragrunt.hcl.json": `{"include": {"path": "a.hcl", "expose": true}}`})
	if got, want := unitText(m.Unit), `include 1 "a.hcl"`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// The tree of what stands in a string is not the file's: its text may be long, deep, wrong or secret all the same.
func TestWhatIsWrittenIsNoWayAroundTheLimits(t *testing.T) {
	for name, contents := range map[string]string{
		"deep":    "provider \"aws\" {\n  assume_role {\n    role_arn = " + strings.Repeat("(", 1000) + "\n",
		"long":    assumes + strings.Repeat("# x\n", 1000),
		"a fault": assumes + "}}}\n",
	} {
		within(t, time.Minute, name, func() {
			u, note := NewParser().Unit("root.hcl", []byte("generate \"p\" {\n  contents = <<EOF\n"+contents+"EOF\n}\n"))
			switch {
			case u == nil || note.Text != "" || len(u.Writes) != 1:
				t.Errorf("%s: %+v %v", name, u, note)
			case len(u.Writes[0].Blocks) > 0 || u.Writes[0].Why == "":
				t.Errorf("%s: %+v", name, u.Writes[0])
			}
		})
	}
}

func TestParentsThatCannotBeRead(t *testing.T) {
	p := NewParser()
	for _, tt := range []struct{ name, text, want string }{
		{"a/root.hcl", "\niam_role = \"x\n", "{a/root.hcl 2 syntax error}"},
		{"root.hcl.json", "{\n", "{root.hcl.json 2 is not valid JSON}"},
		{"root.hcl", "a = " + strings.Repeat("[", 1000), "{root.hcl 1 is too deeply nested or too long a text: not read}"},
		{"root.hcl", strings.Repeat("#", maxFile+1), "{root.hcl 0 there is too much to read}"},
	} {
		if u, note := p.Unit(tt.name, []byte(tt.text)); u != nil || fmt.Sprint(note) != tt.want {
			t.Errorf("%+v %v, want %s", u, note, tt.want)
		}
	}
	if left := p.r.parsed.Load(); left > maxParents || left < maxParents-maxFile {
		t.Errorf("%d bytes are left", left)
	}
	p.r.parsed.Store(100_000) // the parser takes a second for a MiB
	full := strings.Repeat("#", 10_000)
	for i := range 10 {
		if u, note := p.Unit("root.hcl", []byte(full)); u == nil {
			t.Fatal(i, note)
		}
	}
	if u, note := p.Unit("root.hcl", []byte("iam_role = \"x\"\n")); u != nil || note.Text != "there is too much to read" {
		t.Errorf("%+v %v", u, note)
	}
}

// A hostile unit has as many includes as it likes; each is looked for in all directories above it.
func TestIncludesWithoutEnd(t *testing.T) {
	var text strings.Builder
	for i := range 5_000 {
		fmt.Fprintf(&text, "include \"i%d\" {\n  path = find_in_parent_folders(\"r%d.hcl\")\n}\n", i, i)
	}
	u, note := NewParser().Unit("terragrunt.hcl", []byte(text.String()))
	if u == nil || len(u.Includes) != maxBlocks+1 || u.Includes[0].Why != "" || u.Includes[maxBlocks].Why != isTooMany {
		t.Errorf("%d includes, %v", len(u.Includes), note)
	}
}

// A few bytes of references to a long local are a long text to parse, as often as they stand there.
func TestWhatIsWrittenCountsAsRead(t *testing.T) {
	p := NewParser()
	p.r.parsed.Store(maxValue * 20)
	var text strings.Builder
	text.WriteString("locals {\n  a = \"" + strings.Repeat("#", maxValue-100) + "\"\n}\n")
	for i := range 2 * maxBlocks {
		fmt.Fprintf(&text, "generate \"g%d\" {\n  contents = \"${local.a}role_arn\"\n}\n", i)
	}
	u, note := p.Unit("root.hcl", []byte(text.String()))
	if u == nil || len(u.Writes) != maxBlocks+1 || u.Writes[maxBlocks].Why != isTooMany {
		t.Fatalf("%+v %v", u, note)
	}
	if first, last := u.Writes[0].Why, u.Writes[maxBlocks-1].Why; first != "" || last != isUnread {
		t.Errorf("%q %q", first, last)
	}
}
