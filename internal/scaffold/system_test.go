package scaffold

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"whichrole/internal/found"
	"whichrole/internal/paths"
	"whichrole/internal/rolemap"
)

// fixture unpacks testdata/system/NAME.txtar: a repository, and a home in it whose AWS files are the user's.
func fixture(t *testing.T, name string) Options {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "system", name+".txtar"))
	check(t, err)
	files := map[string]string{}
	for i, part := range strings.Split("\n"+strings.ReplaceAll(string(data), "\r\n", "\n"), "\n-- ") {
		if file, text, ok := strings.Cut(part, " --\n"); ok && i > 0 {
			files[file] = text + "\n"
		}
	}
	if len(files) < 3 {
		t.Fatalf("%s has only %d files", name, len(files))
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	check(t, err)
	write(t, dir, files)
	return Options{Root: dir, Top: dir, Home: filepath.Join(dir, "home"), Env: paths.Env{}, DestBranch: branch("main", nil)}
}

func branch(name string, err error) func() (string, error) {
	return func() (string, error) { return name, err }
}

// The golden files were read by a person, who would keep them.
func TestEachSystem(t *testing.T) {
	for _, name := range Systems() {
		t.Run(name, func(t *testing.T) {
			o := fixture(t, name)
			d, err := Make(context.Background(), o)
			check(t, err)
			text := d.Text
			for _, r := range d.Remarks {
				text += "# " + r + "\n"
			}
			golden(t, filepath.Join("testdata", "system", name+".want.yaml"), text)
			reviewed(t, name, text)
			if name == names {
				return
			}
			o.From = name
			again, err := Make(context.Background(), o)
			check(t, err)
			if name != "aws-config" && again.Text != d.Text {
				t.Errorf("by --from it is another:\n%s", again.Text)
			}
			roundTrip(t, o, again.Text)
		})
	}
}

// roundTrip asks the map for every place that the system's reader has, and every operation.
func roundTrip(t *testing.T, o Options, text string) {
	t.Helper()
	m, err := rolemap.Parse("map", []byte(text), nil)
	check(t, err)
	s, err := newScan(context.Background(), o)
	check(t, err)
	defer s.close()
	_, said, _ := s.choose()
	if len(said.Places) < 3 {
		t.Fatalf("only %d places", len(said.Places))
	}
	has := map[string]bool{}
	for _, p := range said.Places {
		has[p.Dir] = true
		asOf(t, m, p)
	}
	without := 0
	for _, x := range s.found.Modules {
		if has[x.Dir] {
			continue
		}
		without++
		for _, w := range []string{"default", "qa", "production"} {
			if g, _, err := m.Resolve(rolemap.Target{Dir: x.Dir, Workspace: w, Lookup: anyone}); err == nil {
				t.Errorf("%s in %s gets %s, though nothing was found for it", x.Dir, w, g.RoleARN())
			}
		}
	}
	if without == 0 && o.From != "aws-config" {
		t.Error("no root module is without a role: this shows nothing")
	}
}

// asOf makes sure that the map gives what the system gives.
func asOf(t *testing.T, m *rolemap.Map, p found.Place) {
	t.Helper()
	plan := cmp.Or(p.Plan, p.Apply)
	for _, q := range []struct {
		operation, subcommand rolemap.Operation
		role                  *found.Role
	}{
		{rolemap.Plan, "", plan}, {rolemap.Apply, "", cmp.Or(p.Apply, p.Plan)},
		{rolemap.State, rolemap.Plan, cmp.Or(p.State, plan)}, {rolemap.State, rolemap.Apply, cmp.Or(p.State, p.Apply, p.Plan)},
	} {
		workspaces := []string{p.Workspace}
		if p.Workspace == "" {
			workspaces = []string{"default", "any"}
		}
		for _, w := range workspaces {
			g, _, err := m.Resolve(rolemap.Target{Dir: p.Dir, Workspace: w, Operation: q.operation, Doing: rolemap.Doing{Subcommand: q.subcommand}, Lookup: anyone})
			if err != nil {
				t.Errorf("%s in %s: %v", p.Dir, w, err)
			} else if got := g.RoleARN(); got != q.role.ARN || q.role.Region != "" && g.Region != q.role.Region {
				t.Errorf("%s in %s, %s: %s %s, want %s %s", p.Dir, w, fmt.Sprint(q.operation, q.subcommand), got, g.Region, q.role.ARN, q.role.Region)
			}
		}
	}
}
