package scaffold

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"whichrole/internal/found"
	"whichrole/internal/problem"
	"whichrole/internal/rolemap"
)

// hostile are texts that want to be something else than a text: in YAML, in a role map, on a terminal, in a log of CI.
var hostile = []string{
	"x\n  evil:\n    dirs: ['.']\n    role_arn: arn:aws:iam::666666666666:role/evil", "\nevil: 1", "a\r\nevil: 1", "a\u0085evil: 1", "a\u2028evil: 1",
	"# no comment", "a # b", "a: b", "- a", "? a", "{user}", "{x}", "${x}", "{", "}", "a}b", "{a", "*", "**", "a*b", "?", "[a]", "[", "]", "a]b", "[!a]", `\`, `a\b`, `"`, `a"b`, `""`,
	"'", "|", ">", "&a", "*a", "!a", "!!binary x", "%YAML 1.1", "---", "...", "@", "`id`", "$(id)", ",", "a,b", "a, b", "[a, b]", "~", "null", "true", "no", "on", "123", "1e3", "0x1f",
	"0123", "1_000", ".5", ".inf", "-", "--", "-x", "2026-11-22", "12:30:45", "=", "<<", " ", " a", "a ", "a  b", "\t", "a\tb", "\x1b[31m", "\x1b]0;x\x07", "a\x00b", "\x7f", "\u202ea",
	"\u200b", "\ufeffa", "\ufffe", "\uffff", "\ufffd", "\xff", "a\xffb", "\xed\xa0\x80", "\U000e0001", "é", "größe", "日本", "😀", "::add-mask::x", "##[group]x", "##vso[task.setvariable]x", "###",
	"~/x", "%(x)s", strings.Repeat("x", 300), strings.Repeat("é", 700), "Production", "-production", "no_role",
}

func TestHostileTextsStayTexts(t *testing.T) {
	for _, h := range hostile {
		name := strings.ReplaceAll(strings.ReplaceAll(h, "/", "_"), "\x00", "_") // as a file system takes it
		from := found.Origin{File: h + "/main.tf", Line: 3}
		good := func(dir, workspace string) found.Place {
			p := named(h, place(dir, &found.Role{ARN: roleB, From: from, Note: h}))
			p.Workspace = workspace
			return p
		}
		m := material{
			places: []found.Place{
				place("production", &found.Role{ARN: roleA, From: from}), good("production/"+name, ""), good(name, ""), good("w", h), good(name+"/qa/x", ""),
				place("a", &found.Role{ARN: roleA + h, From: from}), place("b", &found.Role{ARN: h, From: from}),
				place("c", &found.Role{ARN: roleA, Region: h, From: from}), place("d", &found.Role{ARN: roleA, SessionName: h, From: from}),
				place("e", &found.Role{ARN: roleA, ExternalID: h, From: from}), place("f", &found.Role{ARN: roleA, Via: []string{h}, From: from}),
				place("g", &found.Role{ARN: roleA, Duration: 24 * time.Hour, From: from}), place(h, &found.Role{ARN: roleA, From: from}),
			},
			modules:  mods("production", "production/"+name, "production/none/"+name, "qa/"+name, name, "w", "a", "b", "c", "d", "e", "f", "g"),
			code:     []string{"modules/" + name, name + "/code"},
			profiles: map[string]string{roleA: h, roleB: "corp"},
		}
		m.loose = []found.Place{good(".", "")}
		c := compile(m)
		text := c.text(heading{from: h, oidc: true, known: []string{h}})
		if _, err := c.prove(text, m.modules); err != nil {
			t.Errorf("%q: %v\n%s", h, err, text)
			continue
		}
		lines := remarks(c.unread, c.unmapped, []other{{"terraform", 1}}, system{}, saying{})
		staysInPlace(t, h, text, lines)
	}
}

// staysInPlace makes sure that nothing but environments of ours is in the file, and nothing but characters that are seen.
func staysInPlace(t *testing.T, h, text string, lines []string) {
	t.Helper()
	for _, line := range append(strings.Split(text, "\n"), lines...) {
		if !utf8.ValidString(line) || strings.ContainsFunc(line, func(r rune) bool { return !unicode.IsPrint(r) }) || strings.Contains(line, "##") {
			t.Errorf("%q: the line %q", h, line)
		}
	}
	m, err := rolemap.Parse("map", []byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range m.Entries() {
		arn := e.Roles[rolemap.Apply]
		if !slices.Contains([]string{roleA, roleB}, arn) && arn != roleA+h || slices.Contains(e.Dirs, ".") || len(e.Variables) > 0 {
			t.Errorf("%q: environment %s: %+v", h, e.Name, e)
		}
	}
	for _, key := range []string{"\nevil", "\n  evil:"} {
		if strings.Contains(text, key) {
			t.Errorf("%q: %s", h, text)
		}
	}
}

func FuzzTextsStayTexts(f *testing.F) {
	for _, h := range hostile {
		f.Add(h)
	}
	f.Fuzz(func(t *testing.T, h string) {
		name := strings.Trim(strings.ReplaceAll(strings.ReplaceAll(h, "/", "_"), "\x00", "_"), ".")
		if name == "" || len(name) > 255 {
			return
		}
		from := found.Origin{File: h, Line: 1}
		x := named(h, place("x/"+name, &found.Role{ARN: roleB, From: from}))
		x.Workspace = h
		m := material{
			places: []found.Place{
				place("production", &found.Role{ARN: roleA, From: from, Note: h, SessionName: h}), x,
				named(h, place("y/"+name, &found.Role{ARN: roleB, From: from, ExternalID: h})),
			},
			modules: mods("production/"+name, "x/"+name), code: []string{name}, profiles: map[string]string{roleB: h},
		}
		c := compile(m)
		text := c.text(heading{from: h, known: []string{h}})
		if _, err := c.prove(text, m.modules); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if len(c.environments) > 0 {
			staysInPlace(t, h, text, remarks(c.unread, c.unmapped, nil, system{}, saying{}))
		}
	})
}

// What prove is there for: a map that gives another role than was found must never be shown.
func TestWrongMapIsAMistakeOfOurs(t *testing.T) {
	m := material{places: join(both(roleA, "production/a"), both(roleB, "qa/a")), modules: mods("production/a", "qa/a", "legacy")}
	for what, spoil := range map[string]func(string) string{
		"roles in each other's place": func(s string) string { return strings.NewReplacer(roleA, roleB, roleB, roleA).Replace(s) },
		"directories likewise": func(s string) string {
			return strings.NewReplacer("[production", "[qa", "[qa", "[production").Replace(s)
		},
		"a directory too many": func(s string) string { return strings.Replace(s, "[qa]", "[qa, legacy]", 1) },
		"a directory too few":  func(s string) string { return strings.Replace(s, "[qa]", "[qa/b]", 1) },
		"a region that nobody said": func(s string) string {
			return strings.Replace(s, "    role_arn", "    region: eu-west-1\n    role_arn", 1)
		},
		"a role on the way": func(s string) string {
			return strings.Replace(s, "    role_arn", "    via: ["+stA+"]\n    role_arn", 1)
		},
		"only in one workspace": func(s string) string {
			return strings.Replace(s, "    role_arn", "    workspaces: [default]\n    role_arn", 1)
		},
		"shared code that is none":     func(s string) string { return s + "no_role: [qa/a]\n" },
		"another environment's answer": func(s string) string { return strings.Replace(s, "  qa:", "  production2:", 1) },
		"no role map":                  func(s string) string { return s + "x: 1\n" },
	} {
		c := compile(m)
		text := c.text(heading{from: "a test"})
		if _, err := c.prove(text, m.modules); err != nil {
			t.Fatal(err)
		}
		spoiled := spoil(text)
		if _, err := c.prove(spoiled, m.modules); spoiled == text || problem.CodeOf(err) != problem.Failure || !strings.HasPrefix(err.Error(), "a mistake inside whichrole: ") {
			t.Errorf("%s: %v\n%s", what, err, spoiled)
		}
	}
}
