package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"whichrole/internal/cli"
	"whichrole/internal/completion"
)

func whole(t *testing.T) string {
	t.Helper()
	tree, err := cli.Tree()
	if err != nil {
		t.Fatal(err)
	}
	return page(tree, "1.2.3", "2026-11-23")
}

// The page that is released is read by man on Linux (groff) and on macOS, Alpine and the BSDs (mandoc).
func TestReadersOfManualPagesHaveNothingToComplainOf(t *testing.T) {
	file := filepath.Join(t.TempDir(), "whichrole.1")
	if err := os.WriteFile(file, []byte(whole(t)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, reader := range [][]string{{"mandoc", "-T", "lint", "-W", "warning", file}, {"groff", "-man", "-ww", "-z", "-T", "utf8", file}} {
		if _, err := exec.LookPath(reader[0]); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatalf("%v: apt-get install mandoc groff", err)
			}
			continue
		}
		if out, err := exec.Command(reader[0], reader[1:]...).CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%v: %v\n%s", reader, err, out)
		}
	}
}

func TestEachCommandAndFlagIsOnThePage(t *testing.T) {
	text := whole(t)
	tree, err := cli.Tree()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	var look func(above string, c completion.Command)
	look = func(above string, c completion.Command) {
		n++
		if name := strings.ReplaceAll(above+c.Name, "-", `\-`); above != "" && !strings.Contains(text, "\n.B "+name+"\n") {
			t.Errorf("no %s", name)
		}
		for _, f := range c.Flags {
			if !strings.Contains(text, strings.ReplaceAll("--"+f.Name, "-", `\-`)) {
				t.Errorf("no --%s of %s", f.Name, c.Name)
			}
		}
		for _, below := range c.Commands {
			look(above+c.Name+" ", below)
		}
	}
	look("", tree)
	if n < 20 {
		t.Errorf("only %d commands", n)
	}
	for _, hidden := range []string{"exec-keeper", `exec\-keeper`, "completion next"} {
		if strings.Contains(text, hidden) {
			t.Errorf("%s is hidden", hidden)
		}
	}
}

// Who looks for what is kept, or cleans up, finds each place where credentials may be.
func TestPlacesOfCredentialsAreOnThePage(t *testing.T) {
	_, files, _ := strings.Cut(whole(t), "\n.SH FILES\n")
	for _, place := range []string{"$XDG_RUNTIME_DIR/whichrole/", `/dev/shm/whichrole\-`, "run/", "whichrole exec"} {
		if !strings.Contains(files, place) {
			t.Errorf("no %s", place)
		}
	}
}

// A help text is no program for roff: a line that begins with a dot or a quote would be one.
func TestHelpIsNoRequest(t *testing.T) {
	for help, want := range map[string]string{
		".so /etc/passwd":           `\&.so /etc/passwd`,
		"'br":                       `\(aqbr`,
		"One. .Two":                 "One.\n\\&.Two",
		`a\fBb`:                     `a\efBb`,
		"--json":                    `\-\-json`,
		"\"x\" ~ ^ `y`":             `\(dqx\(dq \(ti \(ha \(gay\(ga`,
		"Two. Sentences.":           "Two.\nSentences.",
		"1.2.3 and .whichrole.yaml": "1.2.3 and .whichrole.yaml",
	} {
		if got := text(help); got != want {
			t.Errorf("%q: %q, want %q", help, got, want)
		}
	}
}
