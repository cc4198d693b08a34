package cli

import (
	"io"
	"reflect"
	"strings"
	"testing"
)

// What the short way makes of a line is what kong makes of it; and where kong would complain, kong is asked.
func TestEverydayLinesAreReadAsByKong(t *testing.T) {
	for _, line := range []string{
		"credential-process --pinned exec-abc", "show --format {env}", "show --format [{env}]_", "-e production credential-process", "credential-process", "",
	} {
		args := strings.Fields(line)
		var short grammar
		if short.everyday(args) == nil {
			t.Errorf("%q goes the long way", line)
		}
		var long grammar
		parser, err := newParser(&long, io.Discard, io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parser.Parse(args); err != nil {
			t.Fatal(err)
		}
		of := func(g grammar) []any { return []any{g.options, g.Show, g.CredentialProcess} } // the others have defaults
		if !reflect.DeepEqual(of(short), of(long)) {
			t.Errorf("%q:\n%+v\nby kong\n%+v", line, of(short), of(long))
		}
	}
	for _, line := range []string{
		"show --format", "show --format --json", "credential-process --pinned", "credential-process --pinned -x", "-e credential-process", "-e --json credential-process",
		"show --format x y", "credential-process show", "--format x", "help", "-e qa show", "show", "-e qa --set a=b credential-process",
	} {
		if new(grammar).everyday(strings.Fields(line)) != nil {
			t.Errorf("%q goes the short way", line)
		}
	}
}
