package userfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"whichrole/internal/problem"
)

func TestSetSource(t *testing.T) {
	tests := []struct{ name, profile, before, after, diff string }{
		{"no file", "corp", "", "source:\n  - profile: corp\n", "+source:\n+  - profile: corp"},
		{"only comments", "corp", "# mine\n---\n", "# mine\n---\nsource:\n  - profile: corp\n", "+source:\n+  - profile: corp"},
		{"other keys", "corp", "cache: file # not the keyring\n\n# end", "cache: file # not the keyring\n\n# end\nsource:\n  - profile: corp\n", "+source:\n+  - profile: corp"},
		{"CRLF", "corp", "cache: file\r\n", "cache: file\r\nsource:\r\n  - profile: corp\r\n", "+source:\n+  - profile: corp"},
		{"another profile", "corp", "source:\n  # mine\n  - profile:  me  # until May\ncache: file\n",
			"source:\n  # mine\n  - profile:  corp  # until May\ncache: file\n", "-  - profile:  me  # until May\n+  - profile:  corp  # until May"},
		{"in brackets", "corp", "source: [{profile: me}]\n", "source: [{profile: corp}]\n", "-source: [{profile: me}]\n+source: [{profile: corp}]"},
		{"in quotes", "corp", "source: [{profile: \"me\"}]\r\n", "source: [{profile: corp}]\r\n", "-source: [{profile: \"me\"}]\n+source: [{profile: corp}]"},
		{"in single quotes", "corp", "source: [{profile: 'my own'}]", "source: [{profile: corp}]", "-source: [{profile: 'my own'}]\n+source: [{profile: corp}]"},
		{"the same", "corp", "source: [{ \"profile\": corp }]", "source: [{ \"profile\": corp }]", ""},
		{"blank in the name", "my corp", "", "source:\n  - profile: \"my corp\"\n", "+source:\n+  - profile: \"my corp\""},
		{"a number", "123", "", "source:\n  - profile: \"123\"\n", "+source:\n+  - profile: \"123\""},
		{"a word of YAML", "on", "", "source:\n  - profile: \"on\"\n", "+source:\n+  - profile: \"on\""},
		{"hostile name", "a: b\n#\"'<>", "", "source:\n  - profile: \"a: b\\n#\\\"'<>\"\n", "+source:\n+  - profile: \"a: b\\n#\\\"'<>\""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "whichrole")
			if tt.before != "" {
				write(t, Path(dir), tt.before)
			}
			e, err := SetSource(dir, "", tt.profile)
			if tt.profile == "a: b\n#\"'<>" { // no SDK knows such a profile, and a source is one line
				if err == nil {
					t.Error("taken")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := strings.Join(e.Diff, "\n"); diff != tt.diff {
				t.Errorf("shown:\n%s", diff)
			}
			if err := e.Save(); err != nil {
				t.Fatal(err)
			}
			if got, err := os.ReadFile(Path(dir)); err != nil || string(got) != tt.after {
				t.Errorf("%q, %v", got, err)
			}
			c, err := Read(dir, "")
			if err != nil || len(c.Sources) != 1 || c.Sources[0].Name != tt.profile {
				t.Errorf("read: %+v, %v", c, err)
			}
		})
	}
}

func TestSetSourceLeavesAloneWhatIsUnclear(t *testing.T) {
	tests := []struct{ name, before, want string }{
		{"more sources", "cache: file\nsource:\n  - oidc: github\n  - profile: me\n", ":3: source names more than a profile"},
		{"another kind", "source: [{environment: true}]", ":1: source names more than a profile"},
		{"all in brackets", "{cache: file}", "cannot be changed without"},
		{"an end", "cache: file\n...\n", "cannot be changed without"},
		{"the name on its own line", "source:\n  - profile:\n      me\n", "cannot be changed without"},
		{"an alias", "profiles: {a: &x me}\nsource: [{profile: *x}]", "cannot be changed without"},
		{"a mistake", "cache: disk\n", "unknown value disk"},
	}
	for _, tt := range tests {
		dir := t.TempDir()
		write(t, Path(dir), tt.before)
		_, err := SetSource(dir, "", "corp")
		if err == nil || !strings.Contains(err.Error(), tt.want) || problem.HintOf(err) == "" {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	if _, err := SetSource("", "", "corp"); problem.CodeOf(err) != problem.Failure {
		t.Errorf("no directory: %v", err)
	}
}

// Whatever mistake an edit makes: what says something else besides is not written.
func TestSourceEditIsProven(t *testing.T) {
	const before = "cache: file\ntrusted_paths: [~/work]\nsource: [{profile: me}]\n"
	home := filepath.FromSlash(root + "home/me")
	for text, want := range map[string]bool{
		"cache: file\ntrusted_paths: [~/work]\nsource: [{profile: corp}]\n":                   true,
		"cache: none\ntrusted_paths: [~/work]\nsource: [{profile: corp}]\n":                   false,
		"cache: file\ntrusted_paths: [~/work, ~/evil]\nsource: [{profile: corp}]\n":           false,
		"cache: file\nsource: [{profile: corp}]\n":                                            false,
		"cache: file\ntrusted_paths: [~/work]\naudit: off\nsource: [{profile: corp}]\n":       false,
		"cache: file\ntrusted_paths: [~/work]\nsource: [{profile: me}]\n":                     false,
		"cache: file\ntrusted_paths: [~/work]\nsource: [{profile: corp}, {profile: me}]\n":    false,
		"cache: file\ntrusted_paths: [~/work]\nsource: [{profile: corp, role: x}]\n":          false,
		"cache: file\ntrusted_paths: [~/work]\nsource: [{environment: true}]\n":               false,
		"cache: file\ntrusted_paths: [~/work]\nsource: [{profile: corp}]\nprofiles: {a: b}\n": false,
		"cache: file\ntrusted_paths: [~/work]\n":                                              false,
	} {
		now := silent("config.yaml")
		if err := now.take([]byte(before), home); err != nil {
			t.Fatal(err)
		}
		e := &SourceEdit{Path: "config.yaml", text: text}
		if e.says("corp", now, home) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}
