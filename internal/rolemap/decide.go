package rolemap

import (
	"fmt"
	"slices"
	"strings"

	"whichrole/internal/problem"
	"whichrole/internal/strictyaml"
)

// A decision is an environment and what the directory gave to it.
type decision struct {
	env        *environment
	imported   *Imported // instead of env
	reasons    []Reason  // of the imported map
	captures   map[string]string
	how        string // why it is this one, where the directory did not decide
	overridden string
	state      bool     // the state role is granted, whatever was asked: see commonState
	agreed     []string // the environments that have it in common
}

// name is the environment's.
func (d decision) name() string {
	if d.imported != nil {
		return d.imported.Name
	}
	return d.env.name
}

// decide applies --env and WHICHROLE_ENV to what the directory chose. The reasons of an imported map are there with an error, too.
func (m *Map) decide(t *Target, c choice) (decision, error) {
	theirs, mine, err := m.decideImported(t, c)
	if mine {
		return theirs, err
	}
	d, err := m.decideByOwn(t, c)
	d.reasons = theirs.reasons
	return d, err
}

func (m *Map) decideByOwn(t *Target, c choice) (decision, error) {
	if t.Environment != "" {
		e, err := m.named(t.Environment, "--env ")
		if err != nil {
			return decision{}, err
		}
		d := decision{env: e, captures: e.ofEnvironment(c.on), how: "asked for by --env"}
		switch w := c.winner(); {
		case w != nil && w != e:
			d.overridden = w.name
		case w == nil && !c.none() && !c.tied():
			d.overridden = "no_role"
		}
		return d, nil
	}
	if t.EnvironmentVariable != "" {
		return m.decideByVariable(t, c)
	}
	return m.decideByDir(t, c)
}

func (m *Map) decideByDir(t *Target, c choice) (decision, error) {
	switch {
	case c.none() && len(c.byDir) > 0:
		t.ask()
		if t.SelectsWorkspace {
			if d, ok := m.commonState(*t, c); ok {
				return d, nil
			}
		}
		return decision{}, m.noWorkspace(*t, c)
	case c.none():
		return decision{}, m.noMatch(*t)
	case c.tied():
		return decision{}, tie(*t, c)
	case c.best[0].env == nil:
		return decision{}, m.sharedCode(*t, c, "")
	}
	return decision{env: c.best[0].env, captures: c.best[0].match.Captures}, nil
}

// decideByVariable obeys WHICHROLE_ENV only where nothing speaks against it: a forgotten export must not carry one
// environment's role into another's directory, into shared code or into a workspace that nobody mapped.
func (m *Map) decideByVariable(t *Target, c choice) (decision, error) {
	e, err := m.named(t.EnvironmentVariable, "WHICHROLE_ENV=")
	if err != nil {
		return decision{}, err
	}
	if w := c.winner(); w != nil && w != e {
		return decision{}, conflict(*t, w.name, e.name)
	}
	if !c.none() && !c.tied() && c.best[0].env == nil {
		return decision{}, m.sharedCode(*t, c, ", but WHICHROLE_ENV says "+e.name)
	}
	if i := slices.IndexFunc(c.byDir, func(b candidate) bool { return len(b.env.Dirs) > 0 }); i >= 0 && c.none() {
		if !slices.ContainsFunc(c.byDir, func(b candidate) bool { return b.env == e }) {
			return decision{}, conflict(*t, c.byDir[i].env.name, e.name)
		}
		return m.decideByDir(t, c)
	}
	if !c.none() {
		return m.decideByDir(t, c)
	}
	return decision{env: e, captures: e.ofEnvironment(c.on), how: "named by WHICHROLE_ENV"}, nil
}

func conflict(t Target, here, named string) error {
	p := problem.New(problem.NoEnvironment, "%s belongs to environment %s, but WHICHROLE_ENV says %s", t.Dir, here, named)
	return p.WithHint("unset WHICHROLE_ENV, or say --env %s", problem.Quote(named))
}

func (m *Map) named(name, as string) (*environment, error) {
	if i := slices.IndexFunc(m.environments, func(e *environment) bool { return e.name == name }); i >= 0 {
		return m.environments[i], nil
	}
	names := m.EnvironmentNames()
	p := problem.New(problem.NoEnvironment, "%s%s: there is no such environment", as, name)
	if near := problem.Nearest(name, names); near != "" {
		return nil, p.WithHint("did you mean %s?", near)
	}
	return nil, p.WithHint("the environments are %s", orNothing(some(names)))
}

func (m *Map) sharedCode(t Target, c choice, but string) error {
	b := c.best[0]
	p := problem.New(problem.NoEnvironment, "%s is shared code, no role: %s stands in no_role (%s:%d)%s", t.Dir, b.pattern, m.name, b.line, but)
	if but == "" {
		p.Err = problem.ErrNowhere
	}
	return p.WithHint("run it from the directory of a root module, or say --env NAME")
}

func tie(t Target, c choice) error {
	sides := make([]string, 0, len(c.best))
	for _, b := range c.best {
		sides = append(sides, fmt.Sprintf("%s (%s, line %d)", b.name(), b.pattern, b.line))
	}
	p := problem.New(problem.NoEnvironment, "%s belongs equally to %s", t.Dir, some(sides))
	return p.WithHint("make one of the patterns more specific, or choose with --env NAME")
}

func (m *Map) noMatch(t Target) error {
	p := problem.New(problem.NoEnvironment, "no environment matches %s", t.Dir).Because(problem.ErrNowhere)
	top := t.Dir == "." && m.imported == nil
	if top {
		p.Message = "the top directory of the role map belongs to no environment"
	}
	if t.Workspace != defaultWorkspace {
		p.Message += " in workspace " + t.Workspace
	}
	if m.imported != nil {
		p.Message += ": none of the workflows of Terrateam does, and no hook has an oidc step"
		return p.WithHint("give it a tag that a workflow asks for; or write a .whichrole.yaml with import: terrateam and no_role: [%s]", t.Dir)
	}
	if top {
		p.Message += ": it has " + some(m.EnvironmentNames())
		return p.WithHint("%s", m.fromTheTop())
	}
	near, exact := m.nearestDir(t.Dir)
	switch {
	case exact:
		return p.WithHint("the pattern %s wants a deeper directory", problem.Quote(near))
	case near != "":
		return p.WithHint("did you mean %s? run: whichrole explain", problem.Quote(near))
	}
	return p.WithHint("whichrole explain")
}

// noWorkspace is for a directory whose environments all name other workspaces.
func (m *Map) noWorkspace(t Target, c choice) error {
	var names, literal []string
	seen := map[string]bool{}
	for _, b := range c.byDir {
		for i, w := range b.env.Workspaces {
			if !seen[w] {
				names = append(names, w)
				if b.env.names[i].Literal() && !strings.HasPrefix(w, "-") { // terraform would take it for an option
					literal = append(literal, w)
				}
			}
			seen[w] = true
		}
	}
	p := problem.New(problem.NoEnvironment, "no environment matches workspace %s in %s: it has %s", t.Workspace, t.Dir, some(names))
	// By the variable, and not by terraform workspace select: that one asks for the state, for which there is no role before.
	suggested := problem.Nearest(t.Workspace, literal)
	meant := suggested != ""
	if !meant {
		suggested = append(literal, "NAME")[0]
	}
	word := problem.Quote(suggested)
	switch {
	case t.SelectsWorkspace:
		return p.WithHint("TF_WORKSPACE=%s terraform init && export TF_WORKSPACE=%s", word, word)
	case meant:
		return p.WithHint("did you mean %s? run: export TF_WORKSPACE=%s", word, word)
	}
	return p.WithHint("choose one: export TF_WORKSPACE=%s", word)
}

// checkSet holds --set to the names that patterns capture, and each value to what a segment of a directory can be.
func (m *Map) checkSet(set map[string]string) error {
	for _, name := range sortedKeys(set) {
		if !contains(m.captures, name) {
			p := problem.New(problem.NoEnvironment, "--set %s: no pattern of the map captures that", name)
			if near := problem.Nearest(name, m.captures); near != "" {
				return p.WithHint("did you mean %s?", near)
			}
			if len(m.captures) == 0 {
				return p.WithHint("the map has no captures: remove --set")
			}
			return p.WithHint("the captures are %s", list(m.captures))
		}
		value := set[name]
		if value == "" || strings.Contains(value, "/") || strings.ContainsFunc(value, strictyaml.Hostile) {
			return problem.New(problem.NoEnvironment, "--set %s=%s: the value must be the name of one directory", name, value)
		}
	}
	return nil
}

const maxNamed = 8

// some lists names for a message, which stays short for a map of thousands.
func some(names []string) string {
	if n := len(names); n > maxNamed {
		return fmt.Sprintf("%s and %d more", list(names[:maxNamed]), n-maxNamed)
	}
	return list(names)
}
