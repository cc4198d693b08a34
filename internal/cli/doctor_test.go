package cli

import (
	"os"
	"regexp"
	"strings"
	"testing"
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

func readAll(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}
