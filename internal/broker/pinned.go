package broker

import (
	"errors"
	"maps"
	"path/filepath"

	"whichrole/internal/mapfile"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
	"whichrole/internal/rolemap"
)

// Pin is what exec began with: its command gets this environment's credentials, or none.
type Pin struct {
	Environment string            // "" where only a state role was decided for, that several environments have in common
	Captures    map[string]string // of that environment
	At          string            // where the program that asks stands; "" where that does not count, as after --env
}

// holds is an error where the environment is another one by now: its directory was a link, or the map was changed, while the
// command ran; or the command has gone to a directory of another environment, where an apply would change that with the
// credentials of this. What belongs to no environment gets those of this one.
func (p *Pin) holds(b *Broker, d *Decision) error {
	if p == nil || p.Environment == "" {
		return nil
	}
	if !p.same(d.Grant) {
		return p.moved(filepath.Join(d.File.Root, filepath.FromSlash(d.File.Dir)), d.Grant)
	}
	if p.At == "" {
		return nil
	}
	at := mapfile.Cut(physical(p.At))
	if !paths.Contains(d.File.Root, at) {
		return nil
	}
	rel, _ := filepath.Rel(d.File.Root, at) // Contains has had it
	t := b.target(Request{}, d, filepath.ToSlash(rel), d.Target.Workspace)
	t.Operation = d.Grant.Operation
	here, err := d.Map.Grant(t)
	switch {
	case errors.Is(err, problem.ErrNowhere):
		return nil
	case err != nil:
		return err
	case !p.same(here):
		return p.moved(at, here)
	}
	return nil
}

func (p *Pin) same(g *rolemap.Grant) bool {
	return g.Environment == p.Environment && maps.Equal(g.Captures, p.Captures)
}

func (p *Pin) moved(dir string, g *rolemap.Grant) error {
	now := "environment " + g.Environment
	if g.Environment == p.Environment {
		now = "another account or part of it"
	}
	return problem.New(problem.NoEnvironment, "whichrole exec was started in environment %s, and %s is %s", p.Environment, dir, now).
		WithHint("whichrole -C %s exec", problem.Quote(dir))
}
