package tfaction

import (
	"whichrole/internal/found"
	"whichrole/internal/looseyaml"
)

const (
	keyRole    = "aws_assume_role_arn"
	keyRegion  = "aws_region"
	keySession = "aws_role_session_name"
)

// The jobs that may have settings of their own.
const (
	plan = iota
	apply
	migratePlan
	migrateApply
)

var jobs = [...]string{"terraform_plan_config", "terraform_apply_config", "tfmigrate_plan_config", "tfmigrate_apply_config"}

// value is a setting where it stands.
type value struct {
	text  string // "" is a text too: no role, whatever farther settings say
	at    found.Origin
	there bool // it stands there, be it wrong
	wrong bool
}

// layer is what stands in one mapping.
type layer struct{ role, region, session value }

// config is what a target group or a working directory says.
type config struct {
	layer
	jobs [len(jobs)]layer
}

func (b *reading) config(file string, n looseyaml.Node) *config {
	c := &config{layer: b.layer(file, n)}
	b.variables(file, n)
	for i, job := range jobs {
		j := n.Get(job)
		if j.Exists() && !j.IsNull() && !j.IsMap() {
			b.misses.Add(found.Origin{File: file, Line: j.Line()}, "%s has no keys", job)
			c.jobs[i].role = value{there: true, wrong: true}
			continue
		}
		c.jobs[i] = b.layer(file, j)
		b.variables(file, j)
	}
	return c
}

func (b *reading) layer(file string, n looseyaml.Node) layer {
	return layer{
		role:    b.value(file, n, keyRole, found.IsRole, "the ARN of a role"),
		region:  b.value(file, n, keyRegion, found.IsRegion, "a region"),
		session: b.value(file, n, keySession, found.IsName, "a name that STS takes"),
	}
}

// value takes a text as it stands. Whatever GitHub or a template would make of it is not known here.
func (b *reading) value(file string, n looseyaml.Node, key string, is func(string) bool, what string) value {
	n = n.Get(key)
	if !n.Exists() || n.IsNull() {
		return value{}
	}
	text, ok := n.Text()
	v := value{text: text, at: found.Origin{File: file, Line: n.Line()}, there: true}
	if !ok || text != "" && !is(text) {
		v.wrong = true
		b.misses.Add(v.at, "%s is not %s as it stands", key, what)
	}
	return v
}

// variables tells of variables that say whose credentials a job uses, as role or not.
func (b *reading) variables(file string, n looseyaml.Node) {
	for _, key := range []string{"env", "envs"} { // today's name and that of old
		for _, f := range n.Get(key).Fields() {
			if text, _ := f.Value.Text(); found.IsCredential(f.Key) {
				b.misses.Add(found.Origin{File: file, Line: f.At.Line()}, "%s sets %s: whose credentials these are is not known", key, f.Key)
			} else if found.IsRole(text) {
				b.misses.Add(found.Origin{File: file, Line: f.At.Line()}, "%s sets a variable to the ARN of a role: what is done with it is not known", key)
			}
		}
	}
	for _, s := range n.Get("secrets").Items() {
		name := s.Get("env_name")
		if !name.Exists() {
			name = s.Get("secret_name")
		}
		if text, _ := name.Text(); found.IsCredential(text) {
			b.misses.Add(found.Origin{File: file, Line: name.Line()}, "a secret sets %s: whose credentials these are is not known", text)
		}
	}
}

// nearest is the first that stands there.
func nearest(values ...value) value {
	for _, v := range values {
		if v.there {
			return v
		}
	}
	return value{}
}

// role is what a job of Terraform assumes: what the working directory says beats what its group says, and what is said for the
// job beats what is said for all. It is nil where there is none, or cannot be known.
func (b *reading) role(job int, wd, g *config) *found.Role {
	arn := nearestRole(job, wd, g)
	if arn.wrong || arn.text == "" {
		return nil
	}
	r := &found.Role{ARN: arn.text, From: arn.at}
	region := nearest(wd.region, g.region)
	if !region.wrong {
		r.Region = region.text
	}
	if own := nearest(wd.jobs[job].region, g.jobs[job].region); own.there && !own.wrong && own.text != region.text {
		b.misses.Add(own.at, "%s in %s counts in some versions of tfaction only", keyRegion, jobs[job])
	}
	if s := nearest(wd.jobs[job].session, g.jobs[job].session, g.session); !s.wrong {
		r.SessionName = s.text
	}
	if m := nearestRole(migratePlan+job-plan, wd, g); !m.wrong && m.text != "" && m.text != r.ARN {
		r.Note = "tfmigrate assumes another role, see " + jobs[migratePlan+job-plan]
	}
	return r
}

func nearestRole(job int, wd, g *config) value {
	return nearest(wd.jobs[job].role, wd.role, g.jobs[job].role, g.role)
}
