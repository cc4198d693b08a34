package completion

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// tree is a small whichrole.
var tree = Command{
	Name: "whichrole",
	Flags: []Flag{
		{Name: "help", Short: 'h', Help: "Show help."},
		{Name: "dir", Short: 'C', Help: "Act as if started in DIR.", Value: Value{Kind: Dir}},
		{Name: "map", Value: Value{Kind: File}},
		{Name: "env", Short: 'e', Value: Value{Kind: Named}},
		{Name: "operation", Value: Value{Kind: OneOf, Words: []string{"plan", "apply", "state"}}},
		{Name: "set", Value: Value{Kind: Text}},
		{Name: "verbose", Short: 'v'},
	},
	Default: "show",
	Commands: []Command{
		{Name: "show", Flags: []Flag{{Name: "json", Help: "Print JSON: for scripts."}}},
		{Name: "exec", Help: "Run a command.", Flags: []Flag{{Name: "static"}}, Args: []Value{{Kind: Program}}},
		{Name: "cache", Default: "list", Commands: []Command{{Name: "list", Flags: []Flag{{Name: "json"}}}, {Name: "clear", Flags: []Flag{{Name: "expired"}}}}},
		{Name: "open", Args: []Value{{Kind: OneOf, Words: []string{"door", "window"}}, {Kind: Dir}}},
	},
}

// shown is what a Next comes to, in a line.
func shown(n Next) string {
	var b bytes.Buffer
	if err := n.Write(&b); err != nil {
		return err.Error()
	}
	var list []string
	for line := range strings.Lines(b.String()) {
		word, _, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		list = append(list, word)
	}
	return strings.Join(list, " ")
}

func TestAfter(t *testing.T) {
	const (
		global = "--help --dir --map --env --operation --set --verbose"
		top    = "show exec cache open"
	)
	for _, tt := range []struct{ words, word, want string }{
		{"", "", top},
		{"", "ex", top}, // shells leave out what begins otherwise
		{"", "-", "--json " + global},
		{"", "--json", "--json " + global},
		{"show", "--", "--json " + global},
		{"show", "", ""},
		{"exec", "--", "--static " + global},
		{"cache", "", "list clear"},
		{"cache", "-", "--json " + global},
		{"cache clear", "-", "--expired " + global},
		{"cache clear", "", ""},

		{"--operation", "", "plan apply state"},
		{"--operation", "--", "plan apply state"},
		{"", "--operation=", "--operation=plan --operation=apply --operation=state"},
		{"", "--operation=ap", "--operation=plan --operation=apply --operation=state"},
		{"--operation =", "", "plan apply state"}, // as bash breaks it
		{"--operation = apply", "", top},
		{"--operation=apply", "", top},
		{"--operation apply", "", top},
		{"exec --operation", "", "plan apply state"},
		{"", "--verbose=", ""},
		{"", "--nonsense=", ""},
		{"--nonsense", "", top},
		{"--verbose", "", top},
		{"-v", "", top},
		{"-C", "", ":dirs"},
		{"-C /tmp", "", top},
		{"-C/tmp", "", top},
		{"-vC", "", ":dirs"},
		{"-vC=/tmp", "", top},
		{"", "--dir=", ":dirs"},
		{"--map", "", ":files"},
		{"--set", "", ""},
		{"--set a=b", "", top},

		{"exec", "", ":program 2"},
		{"exec", "terr", ":program 2"},
		{"exec --", "", ":program 3"},
		{"exec --", "-", ":program 3"},
		{"exec -- terraform", "", ":program 3"},
		{"exec terraform plan", "-", ":program 2"},
		{"exec --static terraform plan", "-", ":program 3"},
		{"-C /tmp exec -e = qa -- terraform -chdir=x", "-", ":program 8"},
		{"exec -e", "", "env-of-"}, // the environment, and not a program
		{"--", "", ""},
		{"exec --static", "", ":program 3"},

		{"open", "", "door window"},
		{"open door", "", ":dirs"},
		{"open --", "-", "door window"},
		{"open door here", "", ""},
		{"unknown", "", ""},
		{"show exec", "", ""}, // an argument of show, not a command
		{"-", "", ""},
	} {
		names := func(name string, given map[string]string) []string { return []string{name + "-of-" + given["dir"]} }
		got := shown(After(tree, strings.Fields(tt.words), tt.word, names))
		if got != tt.want {
			t.Errorf("%s|%s: %q, want %q", tt.words, tt.word, got, tt.want)
		}
	}
}

// Environments are those of the directory that the command line names.
func TestNamesAreOfTheDirectoryThatIsGiven(t *testing.T) {
	names := func(name string, given map[string]string) []string {
		if name != "env" {
			t.Errorf("asked for %s", name)
		}
		return []string{"in-" + strings.Trim(given["dir"], "/"), given["map"]}
	}
	for words, want := range map[string]string{
		"-C /here -e":                "in-here",
		"-C/here --map m -e":         "in-here m",
		"--dir=/a --dir=/here -e":    "in-here",
		"--dir = /here exec --env":   "in-here",
		"-e x -C /here exec --env =": "in-here",
	} {
		if got := shown(After(tree, strings.Fields(words), "", names)); got != want {
			t.Errorf("%s: %q, want %q", words, got, want)
		}
	}
}

// bash reads a candidate as if it had been typed, and a terminal obeys an escape in it.
func TestHostileNamesAreNotOffered(t *testing.T) {
	hostile := []string{"$(touch pwned)", "`x`", "a b", "a;b", "-rf", "--yes", "", "x\ny", ":dirs", ":program 1", "a\tb", "\x1b[31m", "ünï", "~", "a/b", "a=b", "'", strings.Repeat("x", 129)}
	names := func(string, map[string]string) []string { return append(slices.Clone(hostile), "qa", "2.0_x-Y") }
	for _, word := range []string{"", "q"} {
		if got := shown(After(tree, []string{"-e"}, word, names)); got != "qa 2.0_x-Y" {
			t.Errorf("%q", got)
		}
	}
	if got := shown(After(tree, nil, "--env=", names)); got != "--env=qa --env=2.0_x-Y" {
		t.Errorf("%q", got)
	}
}

func TestBrief(t *testing.T) {
	for help, want := range map[string]string{
		"":                            "",
		"Print JSON.":                 "Print JSON",
		"Print it: for scripts. Yes.": "Print it: for scripts",
		"With --per-env: one profile for each. Yes.":                                               "With --per-env: one profile for each", // it was --accounts  With --per-env
		"Change nothing; print it (as it is).":                                                     "Change nothing; print it (as it is)",
		"A word and a word and a word and a word and a word and a word and a word and a word here": "A word and a word and a word and a word and a word and a word and a …",
		strings.Repeat("x", 100):                                                                   " …",
	} {
		if got := brief(help); got != want {
			t.Errorf("%q: %q, want %q", help, got, want)
		}
	}
}

func TestScripts(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		script := Script(shell)
		if !strings.Contains(script, "completion next") || !strings.HasSuffix(script, "\n") || strings.Contains(script, "\r") {
			t.Errorf("%s: %q", shell, script)
		}
	}
	if Script("csh") != "" {
		t.Error("there is one for csh")
	}
}

// Whatever is on a command line, it is answered, and nothing that is offered is more than one word.
func FuzzAfter(f *testing.F) {
	f.Add("exec\n-C\n/tmp\n--\nterraform", "--x=")
	f.Add("-vC=\xff\n-\x00", "-\xff")
	f.Fuzz(func(t *testing.T, words, word string) {
		names := func(name string, given map[string]string) []string { return []string{given["dir"], given["env"], word} }
		next := After(tree, strings.Split(words, "\n"), word, names)
		for _, c := range next.Candidates {
			if strings.ContainsAny(c.Word, " \t\r\n$`'\"\\;&|<>()*?~!\x00\x1b") {
				t.Errorf("%q is offered", c.Word)
			}
		}
		if next.Program > len(strings.Split(words, "\n"))+1 {
			t.Errorf("there is no word %d", next.Program)
		}
	})
}
