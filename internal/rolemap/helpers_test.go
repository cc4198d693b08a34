package rolemap

import (
	"errors"
	"strings"
	"testing"

	"whichrole/internal/problem"
)

// parse reads a map that must be good, by default with a version and a source.
func parse(t testing.TB, text string) *Map {
	t.Helper()
	m, err := Parse(".whichrole.yaml", []byte(text), policyFiles)
	if err != nil {
		p, _ := errors.AsType[*problem.Error](err)
		t.Fatalf("%v (%s)\n%s", err, p.Hint, text)
	}
	return m
}

// head is what most maps of the tests begin with.
const head = "version: 1\nsource: [{profile: corp}, {sso: corp}]\n"

// one is a map of one environment, qa, with the given lines in it.
func one(lines ...string) string {
	return head + "environments:\n  qa:\n    dirs: [qa]\n    " + strings.Join(lines, "\n    ") + "\n"
}

const qaRole = "role_arn: arn:aws:iam::222222222222:role/qa"

func policyFiles(rel string) ([]byte, error) {
	files := map[string]string{
		"policies/ro.json": `{"Version": "2012-10-17", "Statement": []}`,
		"policies/rw.json": `{"Version": "2012-10-17", "Statement": [ ]}`,
		"policies/list":    `[]`,
		"policies/broken":  `{"Version":`,
		"policies/padded":  "{" + strings.Repeat(" ", 20<<10-2) + "}",
		"policies/huge":    "{" + strings.Repeat(" ", 20<<10-1) + "}",
		"policies/wordy":   `{"Sid": "` + strings.Repeat("x", 2100) + `"}`,
	}
	if text, ok := files[rel]; ok {
		return []byte(text), nil
	}
	return nil, problem.New(problem.BadMap, "policy file %s: there is no such file", rel)
}

// fails makes sure of the code and of words in message and hint.
func fails(t *testing.T, err error, code problem.Code, words ...string) {
	t.Helper()
	p, ok := errors.AsType[*problem.Error](err)
	if !ok {
		t.Fatalf("no problem, but %v", err)
	}
	if p.Code != code {
		t.Errorf("exit %d, want %d: %s", p.Code, code, p.Message)
	}
	for _, word := range words {
		if !strings.Contains(p.Message+" / "+p.Hint, word) {
			t.Errorf("%q / %q does not say %q", p.Message, p.Hint, word)
		}
	}
	if strings.HasSuffix(p.Message, ".") || strings.Contains(p.Hint, "\n") {
		t.Errorf("%q / %q: one line, no final period", p.Message, p.Hint)
	}
}

// resolve answers a question that must have an answer.
func resolve(t *testing.T, m *Map, target Target) *Grant {
	t.Helper()
	if target.Lookup == nil {
		target.Lookup = lookup
	}
	g, _, err := m.Resolve(target)
	if err != nil {
		p, _ := errors.AsType[*problem.Error](err)
		t.Fatalf("%s: %v (%s)", target.Dir, err, p.Hint)
	}
	return g
}

// refused is the error for a question that must have none.
func refused(t *testing.T, m *Map, target Target) error {
	t.Helper()
	if target.Lookup == nil {
		target.Lookup = lookup
	}
	g, _, err := m.Resolve(target)
	if err == nil {
		t.Fatalf("%s: %s was granted", target.Dir, g.RoleARN())
	}
	return err
}
