package rolemap

import (
	"slices"

	"whichrole/internal/pattern"
	"whichrole/internal/strictyaml"
)

// environmentKeys are all that an environment may have: its own, then those that defaults have too.
func environmentKeys() []string {
	return append([]string{"dirs", "workspaces", "role_arn", "permission_set"}, settingNames()...)
}

// environment starts from the defaults: a key that is there replaces the default as a whole.
func (d *decoder) environment(e *environment, f strictyaml.Field) {
	e.name, e.line, e.at, e.settings = f.Key, f.At.Line(), f.At, d.m.defaults
	if !isEnvironmentName(f.Key) {
		f.At.Mistake("1 to 64 of A-Z a-z 0-9 . _ -, a letter or digit first", "%s cannot be the name of an environment", shorten(f.Key))
	}
	fields, _ := f.Value.Fields(d.keys...)
	e.own = fields
	for _, f := range fields {
		switch f.Key {
		case "dirs":
			d.dirs(e, f.Value)
		case "workspaces":
			d.workspaces(e, f.Value)
		case "role_arn":
			e.Role = d.roles(f.Value, maxARN)
		case "permission_set":
			e.PermissionSet = d.roles(f.Value, maxWord)
		default:
			d.setting(&e.settings, f)
		}
	}
	if len(e.Dirs) == 0 && len(e.Workspaces) > 0 {
		e.patterns = []*pattern.Pattern{everywhere()}
	}
}

// ownKey is a key that stands in the environment itself, not in the defaults.
func (e *environment) ownKey(key string) (strictyaml.Value, bool) {
	if v, own := at(e.own, key); own {
		return v, true
	}
	return e.at, false
}

func at(fields []strictyaml.Field, key string) (strictyaml.Value, bool) {
	i := slices.IndexFunc(fields, func(f strictyaml.Field) bool { return f.Key == key })
	if i < 0 {
		return strictyaml.Value{}, false
	}
	return fields[i].Value, true
}

// everywhere is what workspaces without dirs mean.
func everywhere() *pattern.Pattern {
	p, err := pattern.Compile("**")
	if err != nil {
		panic("rolemap: ** is a pattern: " + err.Error())
	}
	return p
}

// isEnvironmentName is SPEC's [A-Za-z0-9][A-Za-z0-9._-]{0,63}.
func isEnvironmentName(s string) bool {
	return len(s) <= 64 && isRoleText(s) && s[0] != '.' && s[0] != '_' && s[0] != '-'
}

func (d *decoder) dirs(e *environment, v strictyaml.Value) {
	if v.IsSequence() && v.Len() == 0 {
		v.Mistake("leave dirs out where the environment is chosen by workspace or --env", "dirs is empty")
	}
	list := items(v, maxDirs)
	e.Dirs, e.patterns = make([]string, 0, len(list)), make([]*pattern.Pattern, 0, len(list))
	for _, item := range list {
		if p, ok := d.pattern(item); ok {
			e.Dirs, e.patterns = append(e.Dirs, p.String()), append(e.patterns, p.Pattern)
			e.captures |= p.bits
		}
	}
}

func (d *decoder) workspaces(e *environment, v strictyaml.Value) {
	if v.IsSequence() && v.Len() == 0 {
		v.Mistake("leave workspaces out where any workspace is meant", "workspaces is empty")
	}
	for _, item := range items(v, maxDirs) {
		if n := d.name(item); n != nil {
			e.Workspaces, e.names = append(e.Workspaces, n.String()), append(e.names, n)
		}
	}
}

// name compiles each text once; it is nil where the text is wrong.
func (d *decoder) name(v strictyaml.Value) *pattern.Name {
	s, ok := text(v, maxPattern)
	if !ok {
		return nil
	}
	if n, again := d.names[s]; again {
		return n
	}
	n, err := pattern.CompileName(s)
	if err != nil {
		v.Mistake("", "workspace %s: %v", shorten(s), err)
		return nil
	}
	if d.names == nil {
		d.names = map[string]*pattern.Name{}
	}
	d.names[s] = n
	if !d.notTooMany(v) {
		return nil
	}
	return n
}

// takesWorkspace tells whether the workspace is one of the environment's; every one is where it names none.
func (e *environment) takesWorkspace(on *pattern.Matcher) bool {
	return len(e.names) == 0 || slices.ContainsFunc(e.names, on.Workspace)
}

// roles reads one template, or one for each operation.
func (d *decoder) roles(v strictyaml.Value, most int) roles {
	if v.IsScalar() {
		t, _ := d.template(v, most)
		return roles{Apply: t}
	}
	before := len(d.doc.Mistakes())
	fields, _ := v.Fields(string(Plan), string(Apply), string(State))
	var r roles
	for _, f := range fields {
		t, _ := d.template(f.Value, most)
		switch Operation(f.Key) {
		case Plan:
			r.Plan = t
		case Apply:
			r.Apply = t
		case State:
			r.State = t
		}
	}
	if !r.set() && len(d.doc.Mistakes()) == before {
		v.Mistake("plan falls back to apply, not the other way round", "apply is missing")
	}
	return r
}

// all yields the templates that are there.
func (r *roles) all(yield func(template) bool) {
	for _, t := range [...]template{r.Plan, r.Apply, r.State} {
		if t.set() && !yield(t) {
			return
		}
	}
}

// serve picks the template for an operation, and says whose role that is: state is served by the subcommand at hand where
// there is no role of its own, and plan by apply's role (as plan, which is what {operation} then says).
func (r roles) serve(op, subcommand Operation) (template, Operation) {
	if op == State && !r.State.set() {
		op = subcommand
	}
	switch {
	case op == State:
		return r.State, op
	case op == Plan && r.Plan.set():
		return r.Plan, op
	}
	return r.Apply, op
}
