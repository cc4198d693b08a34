package rolemap

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"whichrole/internal/problem"
	"whichrole/internal/strictyaml"
)

// Whatever a repository puts into the file: exit 4, one line, and a position.
func TestBadInput(t *testing.T) {
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c < 'k'; c++ {
		p := string(c - 1)
		bomb += string(c) + ": &" + string(c) + " [" + strings.Repeat("*"+p+",", 8) + "*" + p + "]\n"
	}
	for name, c := range map[string]struct {
		text string
		says string
	}{
		"empty":                    {"", "empty"},
		"blank":                    {"\n\n", "empty"},
		"comments":                 {"# nothing\n", "empty"},
		"null":                     {"~\n", "empty"},
		"a list":                   {"- a\n", "keys are expected"},
		"a word":                   {"production\n", "keys are expected"},
		"tabs":                     {"version: 1\nenvironments:\n\tqa:\n", "tab"},
		"NUL":                      {"version: 1\x00\n", "not a text file"},
		"UTF-16":                   {"\xff\xfev\x00", "not a text file"},
		"Latin-1":                  {"version: 1 # J\xfcrgen\n", "not a text file"},
		"two documents":            {"version: 1\n---\nversion: 1\n", "second document"},
		"unclosed":                 {"version: [1\n", "not valid YAML"},
		"bomb":                     {"version: 1\nno_role: *a\nenvironments:\n  " + strings.ReplaceAll(bomb, "\n", "\n  "), "YAML"},
		"bomb in lists":            {"version: 1\nenvironments:\n  qa:\n    " + strings.ReplaceAll(bomb, "\n", "\n    ") + "\n    dirs: *j\n", ""},
		"cycle":                    {"version: 1\nenvironments: &e\n  qa: *e\n", ""},
		"merge key":                {"version: 1\nx: &x {dirs: [qa]}\nenvironments: {qa: {<<: *x}}\n", "x"},
		"duplicate key":            {"version: 1\nversion: 1\n", "twice"},
		"duplicate environment":    {head + "environments:\n  qa: {" + qaRole + "}\n  qa: {" + qaRole + "}\n", "twice"},
		"escape in a key":          {"version: 1\n\"\\e[2J\": 1\n", "control character"},
		"escape in a value":        {one("role_arn: \"arn:aws:iam::111111111111:role/\\e[2J\""), "control character"},
		"escape in a tag":          {one(qaRole, "session_tags: {\"a\\eb\": c}"), "control character"},
		"bell in a session name":   {one(qaRole, "session_name: \"\\a\""), "control character"},
		"bidi environment":         {head + "environments:\n  \"qa\\u202egro\": {" + qaRole + "}\n", "U+202E"},
		"bidi account":             {one(qaRole) + "accounts: {\"pay\\u2066x\": \"333333333333\"}\n", "U+2066"},
		"C1 control":               {one(qaRole, "external_id: \"a\\u009bb\""), "U+009B"},
		"line break in a dir":      {head + "environments:\n  qa:\n    dirs: [\"a\\nb\"]\n    " + qaRole, "line break"},
		"tab in a key":             {one(qaRole, "\"via\\t\": []"), "tab"},
		"homoglyph":                {head + "environments:\n  pr\u043ed: {" + qaRole + "}\n", "cannot be the name"},
		"very long name":           {head + "environments:\n  " + strings.Repeat("a", 65) + ": {" + qaRole + "}\n", "1 to 64"},
		"bidi in a pattern":        {one(qaRole) + "no_role: [\"a\\u202eb\"]\n", "U+202E"},
		"binary tag":               {one("role_arn: !!binary YXJu"), "a string is expected"},
		"number for an ARN":        {one("role_arn: 12"), "a string is expected"},
		"deep nesting":             {"version: 1\nenvironments: " + strings.Repeat("[", 200) + strings.Repeat("]", 200) + "\n", "keys expected"},
		"very deep nesting":        {"version: 1\nenvironments: " + strings.Repeat("{a: ", 20000), "YAML"},
		"environments are a list":  {"version: 1\nenvironments: [qa]\n", "keys expected"},
		"environment is a string":  {"version: 1\nenvironments: {qa: arn}\n", "keys expected"},
		"sources in another shape": {"version: 1\nsource: corp\nenvironments: {qa: {" + qaRole + "}}\n", "a list expected"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse(".whichrole.yaml", []byte(c.text), nil)
			fails(t, err, problem.BadMap, c.says, ".whichrole.yaml:")
			if msg := err.Error(); strings.ContainsAny(msg, "\n\x1b\x00") || len(msg) > 1000 {
				t.Errorf("%q", msg)
			}
		})
	}
}

// A policy file's name is asked from the reader only below the map's directory, and each file once.
func TestPolicyFilesAreAskedForOnlyBelowTheMap(t *testing.T) {
	for _, name := range []string{"../x", "a/../../x", "/etc/passwd", "~/x", "a\\\\..\\\\x", "C:/x", "//host/x", "a/..", ".."} {
		_, err := Parse("m", []byte(one(qaRole, "policy: \""+name+"\"")), func(rel string) ([]byte, error) {
			t.Errorf("%s: asked for %s", name, rel)
			return []byte("{}"), nil
		})
		if err == nil {
			t.Errorf("%s passes", name)
		}
	}
	asked := 0
	text := "version: 1\ndefaults: {policy: ./p/x.json}\nenvironments:\n  a: {" + qaRole + "}\n  b: {policy: ./p/x.json, " + qaRole + "}\n"
	_, err := Parse("m", []byte(text), func(rel string) ([]byte, error) {
		asked++
		if rel != "p/x.json" {
			t.Errorf("asked for %s", rel)
		}
		return []byte("{}"), nil
	})
	if err != nil || asked != 1 {
		t.Errorf("asked %d times, %v", asked, err)
	}
	_, err = Parse("m", []byte(one(qaRole, "policy: x.json")), nil)
	fails(t, err, problem.BadMap, "cannot be read here")
}

func TestPolicyFileOfExactlyTwentyKilobytes(t *testing.T) {
	parse(t, one(qaRole, "policy: policies/padded"))
}

// Values that only a lookup gives are hostile too: branch and repository names.
func TestHostileNamesBecomeHarmlessSessionNames(t *testing.T) {
	m := parse(t, one(qaRole, `session_name: "{repo}-{branch}"`))
	g := resolve(t, m, Target{Dir: "qa", Lookup: func(v string) (string, error) {
		return map[string]string{"repo": "$(id)\x1b]0;x\a", "branch": "a\u202eb\nc"}[v], nil
	}})
	if g.SessionName != FitSessionName(g.SessionName) || strings.ContainsAny(g.SessionName, "$()\x1b\n") {
		t.Errorf("%q", g.SessionName)
	}
}

// A hint is there to be pasted. What a map, a directory or a workspace brought into it must arrive in the shell as one word.
func TestPastedHintRunsNothingThatTheMapSays(t *testing.T) {
	const evil, quoted = "prod$(touch PWNED)", "'prod$(touch PWNED)'"
	workspaces := "version: 1\nenvironments:\n  qa: {workspaces: ['" + evil + "'], " + qaRole + "}\n"
	const other = "  b: {workspaces: ['y*'], role_arn: arn:aws:iam::222222222222:role/b}\n" // another state role: then there is none to grant
	dirs := "version: 1\nenvironments:\n  qa: {dirs: ['" + evil + "/vpc'], " + qaRole + "}\n"
	for name, c := range map[string]struct {
		text   string
		target Target
		want   string
	}{
		"select":      {workspaces, Target{Workspace: "prod$(touch PWNED"}, "did you mean " + quoted + "? run: export TF_WORKSPACE=" + quoted},
		"init":        {workspaces + other, Target{Doing: Doing{SelectsWorkspace: true}}, "TF_WORKSPACE=" + quoted + " terraform init && export TF_WORKSPACE=" + quoted},
		"dir":         {dirs, Target{Dir: "prod$(touch PWNE)/vpc"}, "did you mean 'prod$(touch PWNED)/vpc'? run: whichrole explain"},
		"deeper":      {strings.Replace(dirs, "/vpc", "/*", 1), Target{Dir: evil}, "the pattern 'prod$(touch PWNED)/*' wants a deeper directory"},
		"an option":   {strings.Replace(workspaces, evil, "-chdir=x", 1), Target{Workspace: "chdir=x"}, "choose one: export TF_WORKSPACE=NAME"},
		"option init": {strings.Replace(workspaces, evil, "-chdir=x", 1) + other, Target{Doing: Doing{SelectsWorkspace: true}}, "TF_WORKSPACE=NAME terraform init && export TF_WORKSPACE=NAME"},
	} {
		t.Run(name, func(t *testing.T) {
			p, _ := errors.AsType[*problem.Error](refused(t, parse(t, c.text), c.target))
			if p.Hint != c.want {
				t.Errorf("\n got %s\nwant %s", p.Hint, c.want)
			}
		})
	}
	for name, text := range map[string]string{
		"session": one("role_arn: arn:aws:sts::222222222222:assumed-role/$(touch PWNED)/x"),
		"profile": one("role_arn: 'arn:aws:iam::222222222222:instance-profile/$(touch PWNED)'"),
		"account": one("role_arn: 'arn:aws:iam::$(touch PWNED):user/x'"),
		"service": one("role_arn: 'arn:aws:ec2::$(touch PWNED):x'"),
		"tag":     one("region: !!int $(touch PWNED)", qaRole),
	} {
		_, err := Parse("m", []byte(text), nil)
		p, _ := errors.AsType[*problem.Error](err)
		if p == nil || strings.Contains(p.Hint, "PWNED") && strings.Count(p.Hint, "'") != 2 {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

func TestMapsOwnNameInAHintIsQuoted(t *testing.T) {
	m, err := Parse("/x/$(touch PWNED)/.whichrole.yaml", []byte(one(qaRole, `session_name: "{actor}"`)), nil)
	if err != nil {
		t.Fatal(err)
	}
	fails(t, refused(t, m, Target{Dir: "qa"}), problem.NoEnvironment, "in '/x/$(touch PWNED)/.whichrole.yaml'")
}

var position = regexp.MustCompile(`^m:[1-9]\d*:[1-9]\d*: `)

func FuzzParse(f *testing.F) {
	for _, story := range roleMaps(f) {
		f.Add([]byte(story.Map))
	}
	f.Add([]byte(full))
	f.Add([]byte(live))
	f.Add([]byte("a: &a {b: *a}\n<<: *a\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Parse("m", data, policyFiles)
		if err != nil {
			if problem.CodeOf(err) != problem.BadMap || !position.MatchString(err.Error()) {
				t.Fatalf("no position: %v", err)
			}
			return
		}
		m.Meaning()
		for _, dir := range []string{".", "qa", "live/payments/eu-west-1/x"} {
			for _, op := range []Operation{Plan, State} {
				g, _, err := m.Resolve(Target{Dir: dir, Operation: op, Lookup: lookup})
				if err == nil {
					checkGrant(t, g)
				}
			}
		}
	})
}

// checkGrant: whatever the map says, what reaches STS is well-formed and of one account.
func checkGrant(t *testing.T, g *Grant) {
	t.Helper()
	if !isAccount(g.Account) || g.Environment == "" {
		t.Fatalf("%+v", g)
	}
	for _, h := range g.Hops {
		arn, f := parseRoleARN(h.RoleARN)
		if f != nil || strings.ContainsAny(h.RoleARN, "{}") || arn.Partition != g.Partition || h.SessionName != FitSessionName(h.SessionName) {
			t.Fatalf("%+v: %v", h, f)
		}
	}
	if len(g.Hops) > 0 {
		if arn, _ := parseRoleARN(g.RoleARN()); arn.Account != g.Account {
			t.Fatalf("%+v", g)
		}
	}
	if g.Region != "" && CheckRegion(g.Region, g.Partition) != nil {
		t.Fatalf("%+v", g)
	}
}

// A megabyte of mistakes is answered as fast as one of them.
func TestThousandsOfMistakesAreToldAtOnce(t *testing.T) {
	var b strings.Builder
	b.WriteString("version: 1\nenvironments:\n")
	for i := range 10_000 {
		fmt.Fprintf(&b, "  e%d: {dirs: ['{c%d}'], role_arn: 'arn:aws:iam::111111111111:role/{d0}'}\n", i, i%40)
	}
	_, err := Parse("m", []byte(b.String()), nil)
	fails(t, err, problem.BadMap, "m:3:", "unknown variable {d0}", "did you mean {c0}?", fmt.Sprintf("(and %d more)", strictyaml.MaxMistakes-1))
}
