package terrateam

import (
	"fmt"

	"whichrole/internal/problem"
	"whichrole/internal/rolemap"
)

// What the action takes for keys that the step does not name.
const (
	defaultRegion  = "us-east-1"
	defaultSession = "terrateam"
)

// A router makes the route of one step in one dirspace.
type router struct {
	s *space
	chosen
	op   int
	line int // of the workflow
}

// route is the way to the role of an operation. nowhere tells that no operation has a role here.
func (s *space) route(w *workflow, op int, c chosen, nowhere bool) rolemap.Route {
	if c.step == nil {
		return rolemap.Route{Err: s.noStep(w, op, nowhere)}
	}
	r := router{s: s, chosen: c, op: op}
	if w != nil {
		r.line = w.line
	}
	route, err := r.route()
	if err != nil {
		return rolemap.Route{Err: err}
	}
	return route
}

func (s *space) noStep(w *workflow, op int, nowhere bool) error {
	none := "no hook in " + s.c.name + " has"
	if w != nil {
		none = fmt.Sprintf("neither the workflow in %s:%d nor a hook has", s.c.name, w.line)
	}
	err := problem.New(problem.NoEnvironment, "%s gets no role for %s: %s an oidc step of provider aws", shorten(s.dir), operations[op], none)
	if nowhere {
		err.Err = problem.ErrNowhere
	}
	return err.WithHint("see which workflow it is: whichrole explain")
}

// route asks for no more than is needed: on a laptop the first role of a chain and the audience are not.
func (r *router) route() (out rolemap.Route, err error) {
	token, err := r.token()
	if err != nil {
		return out, err
	}
	out.Line, out.DefaultRegion = r.step.line, defaultRegion
	fill := func(to *string, t text, key string, check func(string) error) {
		if err == nil {
			*to, err = r.value(t, key, check)
		}
	}
	if token {
		out.DefaultSessionName = defaultSession
		fill(&out.Audience, r.step.audience, "audience", checkAudience)
	}
	if r.step.chained() {
		if token {
			out.Via = []string{""}
			fill(&out.Via[0], r.step.role, "role_arn", rolemap.CheckRoleARN)
		}
		fill(&out.RoleARN, r.step.assume, "assume_role_arn", rolemap.CheckRoleARN)
	} else {
		fill(&out.RoleARN, r.step.role, "role_arn", rolemap.CheckRoleARN)
	}
	fill(&out.Region, r.step.region, "region", checkRegion)
	fill(&out.SessionName, r.step.session, "session_name", checkSession)
	var seconds string
	fill(&seconds, r.step.duration, "duration", checkDuration)
	if err == nil && seconds != "" {
		out.Duration, err = durationOf(seconds)
		if len(out.Via) > 0 { // AWS refuses more where a role assumes a role
			out.Duration = min(out.Duration, maxChained)
		}
	}
	return out, err
}

func (r *router) token() (bool, error) {
	if r.s.w.Token == nil {
		return false, nil
	}
	return r.s.w.Token()
}

// value fills in the variables of a key, and checks what comes out; "" for a key that is not there. No error quotes the value of
// a variable: what a repository asks for may be a secret of the environment.
func (r *router) value(t text, key string, check func(string) error) (string, error) {
	if !t.set() || t.literal() {
		return t.raw, nil
	}
	v, err := expand(t.raw, func(name string) (string, error) { return r.variable(t, key, name) })
	if err != nil {
		return "", err
	}
	if check(v) != nil {
		return "", problem.New(problem.NoEnvironment, "%s:%d: %s is wrong once %s is filled in", r.s.c.name, t.line, key, shorten(t.raw)).
			WithHint("see what the variables are in Terrateam's runs, and export the same here")
	}
	return v, nil
}

// variable is what Terrateam's action has in its environment: what it knows of the dirspace, the variables of its stack, and
// whatever else there is.
func (r *router) variable(t text, key, name string) (string, error) {
	if isSecretName(name) {
		return "", problem.New(problem.NoEnvironment, "%s:%d: %s asks for $%s, which reads like a secret: it is put into nothing", r.s.c.name, t.line, key, shorten(name))
	}
	if !r.hooks { // those run before any dirspace, and have no variables of one
		if v, ok, err := r.ofSpace(name); ok || err != nil {
			return v, err
		}
	}
	if r.s.w.Variable != nil {
		v, err := r.s.w.Variable(name)
		if err != nil {
			return "", problem.New(problem.NoEnvironment, "%s:%d: %s asks for $%s: %v", r.s.c.name, t.line, key, shorten(name), err).Because(rolemap.ErrVariable)
		}
		if v != "" {
			return v, nil
		}
	}
	err := problem.New(problem.NoEnvironment, "%s:%d: %s asks for $%s, which is not set here", r.s.c.name, t.line, key, shorten(name)).
		Because(rolemap.ErrVariable)
	for _, o := range r.before() {
		if o.Name == name {
			err.Message += fmt.Sprintf(" (the env step of line %d sets it, by a command that only Terrateam runs)", o.Line)
			break
		}
	}
	if ownedBySystem(name) {
		return "", err
	}
	return "", err.WithHint("set %s to what it is in Terrateam's runs", shorten(name))
}

func (r *router) ofSpace(name string) (string, bool, error) {
	switch name {
	case "TERRATEAM_DIR":
		return r.s.dir, true, nil
	case "TERRATEAM_WORKSPACE":
		return r.s.workspace, true, nil
	}
	if !r.s.c.stacks.variables[name] {
		return "", false, nil
	}
	stack, err := settle(r.s, r.line, (*trial).stack)
	if err != nil {
		return "", false, err
	}
	v, ok := stack.variable(name)
	return v, ok, nil
}

// before are the steps before the one that decides whose effect is not known.
func (r *router) before() []Opaque { return r.s.c.before(r.chosen, r.op) }
