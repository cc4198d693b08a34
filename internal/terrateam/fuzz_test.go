package terrateam

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"whichrole/internal/problem"
	"whichrole/internal/test/cases"
)

func FuzzParse(f *testing.F) {
	for _, file := range []string{"terrateam.yaml", "terrateam-docs.yaml"} {
		for _, s := range cases.Read(f, "../test/cases/testdata/"+file) {
			f.Add([]byte(s.Terrateam), s.Expect[0].Dir, s.Expect[0].Workspace)
		}
	}
	f.Add([]byte(meant), "prod/a", "")
	f.Fuzz(func(t *testing.T, data []byte, dir, workspace string) {
		c, err := Parse(fileName, data)
		if err != nil {
			wantError(t, err, problem.BadMap, fileName)
			return
		}
		const value = "value-of-a-variable"
		h := c.In(World{Variable: func(string) (string, error) { return value, nil }, DestBranch: is("main"), Token: inCI})
		i, _, err := h.Choose(dir, workspace)
		if p, ok := errors.AsType[*problem.Error](err); err != nil && (!ok || p.Code != problem.NoEnvironment && p.Code != problem.BadMap) {
			t.Errorf("%T %v", err, err)
		}
		if i != nil {
			for _, e := range []error{i.Plan.Err, i.Apply.Err} {
				if e != nil && strings.Contains(e.Error()+problem.HintOf(e), value) && !strings.Contains(string(data)+dir, value) {
					t.Errorf("%v quotes a variable", e)
				}
			}
			if i.Name != environmentName(i.Name) {
				t.Errorf("%q is no name", i.Name)
			}
		}
		h.Facts(dir, workspace, "")
		h.Review()
		environments, rest := h.Meaning()
		for _, e := range h.Entries() {
			if environments[e.Name] == "" {
				t.Errorf("%s is meant nowhere", e.Name)
			}
			_, _ = h.Named(e.Name, dir, workspace)
		}
		for _, text := range environments {
			if !json.Valid([]byte(text)) {
				t.Errorf("no JSON: %s", text)
			}
		}
		if !json.Valid([]byte(rest)) {
			t.Errorf("no JSON: %s", rest)
		}
	})
}

func FuzzGlob(f *testing.F) {
	for _, seed := range []string{"production/*", "**/a/**/b*", "{a,b{c,d}}/[^a-z]?", "!x/**"} {
		f.Add(seed, "production/main.tf")
	}
	f.Fuzz(func(t *testing.T, key, path string) {
		g, err := compileGlob(key)
		if err != nil {
			return
		}
		var m matcher
		one := m.match(g, path)
		if again := m.match(g, path); one != again && !m.spent() {
			t.Errorf("%q on %q: %v, then %v", key, path, one, again)
		}
		if !strings.ContainsAny(key, "*?[{!") && one != (key == path) {
			t.Errorf("%q on %q: %v", key, path, one)
		}
	})
}
