package rolemap

import (
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"whichrole/internal/partition"
	"whichrole/internal/problem"
)

// Resolve answers which role a target gets. The reasons, one for each environment and each pattern of no_role, are there on
// failure too. An error is a *problem.Error: NoEnvironment where no environment, no value or no single answer is found, Usage
// for a target that makes no sense, BadMap for a map whose patterns take too long to match there (see pattern.Enough).
func (m *Map) Resolve(t Target) (*Grant, []Reason, error) {
	t, err := t.complete()
	if err != nil {
		return nil, nil, err
	}
	c := m.choose(t.Dir, t.Workspace)
	d, err := m.decide(&t, c)
	if c.on.Exhausted() {
		return nil, nil, m.tooMuchWork(t)
	}
	reasons := append(m.reasons(t, c, d), d.reasons...)
	if err != nil {
		return nil, reasons, err
	}
	g, err := m.decided(t, d)
	return g, reasons, err
}

// Grant is Resolve without the reasons, which cost more than the answer: for questions by the thousand.
func (m *Map) Grant(t Target) (*Grant, error) {
	a := m.Grants(t, t.Operation)[0]
	return a.Grant, a.Err
}

// Answer is what Grant says for one operation.
type Answer struct {
	Grant *Grant
	Err   error
}

// Grants is Grant for each of these operations: to find the environment costs more than its roles do.
func (m *Map) Grants(t Target, operations ...Operation) []Answer {
	list := make([]Answer, len(operations))
	t, err := t.complete()
	var d decision
	if err == nil {
		c := m.choose(t.Dir, t.Workspace)
		d, err = m.decide(&t, c)
		if c.on.Exhausted() {
			err = m.tooMuchWork(t)
		}
	}
	for i, op := range operations {
		if list[i].Err = err; err == nil {
			t.Operation = op
			list[i].Grant, list[i].Err = m.decided(t, d)
		}
	}
	return list
}

// decided is the grant of a decision.
func (m *Map) decided(t Target, d decision) (*Grant, error) {
	if err := m.checkSet(t.Set); err != nil {
		return nil, err
	}
	if d.state {
		t.Operation = State
	}
	return m.grant(t, d)
}

// tooMuchWork is for a map that was made to be slow: what was found until then may be wrong.
func (m *Map) tooMuchWork(t Target) error {
	p := problem.New(problem.BadMap, "%s: its patterns take too long to match in %s", m.name, clipped(t.Dir))
	return p.WithHint("use fewer patterns with * and **")
}

// defaultWorkspace is what Terraform works in where nobody selected another workspace.
const defaultWorkspace = "default"

// complete fills in what an empty field means.
func (t Target) complete() (Target, error) {
	if t.Dir == "" {
		t.Dir = "."
	}
	if path.Clean(t.Dir) != t.Dir || t.Dir == ".." || strings.HasPrefix(t.Dir, "../") || strings.HasPrefix(t.Dir, "/") {
		return t, problem.New(problem.NoEnvironment, "%s is not below the map's directory", t.Dir)
	}
	if t.Workspace == "" {
		t.Workspace = defaultWorkspace
	}
	switch t.Operation {
	case "", Plan, Apply, State:
		return t, nil
	}
	return t, problem.New(problem.Usage, "operation %s is not known", t.Operation).WithHint("it is plan, apply or state")
}

// grant fills in the templates of the environment that was chosen.
func (m *Map) grant(t Target, d decision) (*Grant, error) {
	if d.imported != nil {
		return m.grantImported(t, d)
	}
	e := d.env
	if e.distinguishes() {
		t.ask()
	}
	t.settle()
	chosen, op := e.kind().serve(t.Operation, t.Subcommand)
	return m.grantFrom(t, d, e, chosen, op)
}

// grantFrom fills in an environment's templates. chosen is the role, and op whose it is.
func (m *Map) grantFrom(t Target, d decision, e *environment, chosen template, op Operation) (*Grant, error) {
	g := &Grant{Environment: e.name, Dir: t.Dir, Workspace: t.Workspace, Operation: t.Operation,
		Sources: slices.Clone(m.sourcesOf(e)), Overridden: d.overridden, Agreed: d.agreed, Captures: map[string]string{}}
	maps.Copy(g.Captures, d.captures)
	for _, name := range slices.Sorted(maps.Keys(t.Set)) {
		if here, ok := d.captures[name]; ok && here != t.Set[name] {
			g.Overridden = strings.TrimSpace(g.Overridden + " " + name + "=" + here)
		}
		g.Captures[name] = t.Set[name]
	}
	f := &filler{m: m, t: t, e: e, captures: g.Captures, op: op, values: map[string]string{}}
	uses := e.roleTemplates(chosen)
	if e.Role.set() {
		uses = append(uses, e.nameTemplates()...)
	}
	if err := f.fill(uses); err != nil {
		return nil, err
	}
	g.AccountName = f.accountName
	if err := f.into(g, chosen); err != nil {
		return nil, err
	}
	return g, nil
}

// into makes every STS parameter of the grant and checks it again, now that it is complete.
func (f *filler) into(g *Grant, chosen template) error {
	e := f.e
	g.Region = f.role(e.Region)
	g.Account = f.role(e.Account)
	flaws := []*flaw{}
	if e.Account.set() {
		flaws = append(flaws, accountFlaw(g.Account))
	}
	switch {
	case e.Role.set():
		flaws = append(flaws, f.hops(g, chosen))
	case e.PermissionSet.set():
		g.PermissionSet = f.role(chosen)
		flaws = append(flaws, permissionSetFlaw(g.PermissionSet))
	}
	if g.Partition == "" {
		g.Partition = partition.Of(g.Region)
	}
	if g.Region != "" {
		flaws = append(flaws, regionFlaw(g.Region, g.Partition))
	}
	for _, flaw := range flaws {
		if flaw != nil {
			p := flaw.problem(problem.NoEnvironment)
			p.Message = "environment " + e.name + " in " + f.t.Dir + ": " + p.Message
			return p
		}
	}
	return nil
}

// hops are via, then the role. Only the last gets tags, policies and the external id: the roles in between serve to get there,
// and a tag that is transitive cannot be set a second time further on. All carry the session name and the source identity:
// STS refuses to change the latter on the way, and whoever reads CloudTrail wants the person at every step.
func (f *filler) hops(g *Grant, chosen template) *flaw {
	e := f.e
	g.SessionName = FitSessionName(f.sessionName())
	identity := ""
	if e.SourceIdentity.set() {
		identity = FitSessionName(f.name(e.SourceIdentity))
	}
	for _, t := range append(slices.Clip(e.Via), chosen) {
		g.Hops = append(g.Hops, Hop{RoleARN: f.role(t), SessionName: g.SessionName, SourceIdentity: identity, Duration: minDuration})
	}
	last := &g.Hops[len(g.Hops)-1]
	last.Duration = time.Duration(e.Duration)
	last.Policy = e.Policy.Text
	last.PolicyARNs = slices.Clone(e.PolicyARNs)
	last.TransitiveTagKeys = slices.Clone(e.TransitiveTags)
	if e.ExternalID.set() {
		last.ExternalID = f.name(e.ExternalID)
		if flaw := externalIDFlaw(last.ExternalID); flaw != nil {
			return flaw
		}
	}
	for _, tag := range e.SessionTags {
		value := f.name(tag.Value)
		if flaw := tagValueFlaw(tag.Key, value); flaw != nil {
			return flaw
		}
		last.Tags = append(last.Tags, Tag{tag.Key, value})
	}
	return e.checkChain(g)
}

// checkChain looks at the ARNs once more, and sets the account and the partition.
func (e *environment) checkChain(g *Grant) *flaw {
	last, f := parseRoleARN(g.RoleARN())
	if f != nil {
		return f
	}
	for _, hop := range g.Hops {
		arn, f := parseRoleARN(hop.RoleARN)
		if f != nil {
			return f
		}
		if arn.Partition != last.Partition {
			return flawed("", "%s cannot assume a role of the partition %s", hop.RoleARN, last.Partition)
		}
	}
	if g.Account != "" && g.Account != last.Account {
		return flawed("", "account says %s, but %s belongs to another", g.Account, g.RoleARN())
	}
	for _, arn := range e.PolicyARNs {
		if partition.OfARN(arn) != last.Partition {
			return flawed("", "policy %s does not belong to the partition %s", arn, last.Partition)
		}
	}
	g.Account, g.Partition = last.Account, last.Partition
	return nil
}
