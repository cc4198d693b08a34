package cli

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"whichrole/internal/doctor"
)

// What doctor prints is held by the story; the README's sample must be the same, line by line.
func TestREADMEShowsWhatDoctorPrints(t *testing.T) {
	_, story, _ := strings.Cut(readAll(t, "testdata/script/doctor-as-the-readme-has-it.txtar"), "\n# The sample.\n")
	var patterns []string
	for line := range strings.Lines(story) {
		if pattern, is := strings.CutPrefix(line, "stdout '"); is {
			patterns = append(patterns, strings.ReplaceAll(strings.TrimSuffix(pattern, "'\n"), "''", "'"))
		}
	}
	_, sample, _ := strings.Cut(readAll(t, "../../README.md"), "\n$ whichrole doctor\n")
	sample, _, _ = strings.Cut(sample, "\n```")
	lines := strings.Split(sample, "\n")
	if len(lines) != len(patterns) || len(lines) < 10 {
		t.Fatalf("%d lines in the README, %d in the story", len(lines), len(patterns))
	}
	for i, line := range lines {
		if !regexp.MustCompile(patterns[i]).MatchString(line) {
			t.Errorf("README.md: %q, and doctor prints %s", line, patterns[i])
		}
	}
}

// "all is well" sent people away who could have no role.
func TestDoctorsLastLine(t *testing.T) {
	well := func(id string) doctor.Finding { return doctor.Finding{ID: id, Level: doctor.OK} }
	found := func(id string, level doctor.Level) doctor.Finding {
		return doctor.Finding{ID: id, Level: level, Why: "it matters"}
	}
	for want, findings := range map[string][]doctor.Finding{
		"all is well": {well("map"), well("source"), found("cache", doctor.Note)},
		"nothing is broken, but no role can be had here: see map, source": {found("map", doctor.Note), found("source", doctor.Note)},
		"nothing is broken, but no role can be had here: see map":         {found("map", doctor.Note), well("source")},
		"1 warning, but no role can be had here: see map":                 {found("map", doctor.Warning), {ID: "source", Level: doctor.Note}},
		"1 thing broken, 1 warning":                                       {found("map", doctor.Warning), found("source", doctor.Broken)},
		"1 warning":                                                       {well("map"), found("shadow", doctor.Warning), found("source", doctor.Note)}, // the login ends soon
	} {
		if got := lastLine(findings); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func readAll(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}
