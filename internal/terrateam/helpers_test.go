package terrateam

import (
	"errors"
	"strings"
	"testing"

	"whichrole/internal/problem"
	"whichrole/internal/rolemap"
)

func parse(t testing.TB, yaml string) *Config {
	t.Helper()
	c, err := Parse(fileName, []byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func wantError(t *testing.T, err error, code problem.Code, says ...string) {
	t.Helper()
	p, ok := errors.AsType[*problem.Error](err)
	if !ok || p.Code != code {
		t.Errorf("%v has code %d, want %d", err, problem.CodeOf(err), code)
		return
	}
	for _, word := range says {
		if !strings.Contains(p.Message+" | "+p.Hint, word) {
			t.Errorf("%q | %q does not say %s", p.Message, p.Hint, word)
		}
	}
}

// arn is a role's of the account that consists of one digit.
func arn(digit, name string) string {
	return "arn:aws:iam::" + strings.Repeat(digit, 12) + ":role/" + name
}

func is(name string) func() (string, error) {
	return func() (string, error) { return name, nil }
}

func variables(all map[string]string) func(string) (string, error) {
	return func(name string) (string, error) { return all[name], nil }
}

func inCI() (bool, error) { return true, nil }

// never is a branch that nobody may ask for.
func never(t *testing.T, what string) func() (string, error) {
	return func() (string, error) { t.Errorf("asked for the %s", what); return "", nil }
}

func choose(t *testing.T, h *Here, dir, workspace string) *rolemap.Imported {
	t.Helper()
	i, _, err := h.Choose(dir, workspace)
	if err != nil {
		t.Fatalf("%s: %v", dir, err)
	}
	return i
}
