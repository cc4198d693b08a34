package terrateam

import (
	"strconv"
	"time"

	"whichrole/internal/looseyaml"
	"whichrole/internal/problem"
	"whichrole/internal/rolemap"
)

// What STS takes as the duration of a session, from the AssumeRole page of its API reference.
const (
	minDuration = 15 * time.Minute
	maxDuration = 12 * time.Hour
	maxChained  = time.Hour // for a role that is assumed by a role
)

// A step is a type: oidc, provider: aws step. The action takes aws for a provider that is not named.
type step struct {
	line     int
	role     text // role_arn
	assume   text // assume_role_arn
	enabled  bool // assume_role_enabled
	audience text
	region   text
	session  text // session_name
	duration text // in seconds

	opaque []Opaque // before it
}

// Opaque is a step whose effect is not known: its command is run by Terrateam alone.
type Opaque struct {
	Line int    // in the file, from 1
	Type string // env or run
	Name string // the variable that it sets, "" for none or for whatever a script sets
}

// direct is the role that a laptop gets: the last one of the chain.
func (s *step) direct() text {
	if s.chained() {
		return s.assume
	}
	return s.role
}

func (s *step) chained() bool { return s.enabled && s.assume.set() }

// A sequence is the steps of one list, as far as they matter: which decides, and what is opaque in it.
type sequence struct {
	last   *step // nil for none
	opaque []Opaque
}

// then is the sequence with another one behind it.
func (s sequence) then(next sequence) sequence {
	if next.last == nil {
		return sequence{s.last, append(s.opaque[:len(s.opaque):len(s.opaque)], next.opaque...)}
	}
	last := *next.last
	last.opaque = append(s.opaque[:len(s.opaque):len(s.opaque)], last.opaque...)
	return sequence{&last, append(s.opaque[:len(s.opaque):len(s.opaque)], next.opaque...)}
}

// steps reads a list of steps.
func steps(n looseyaml.Node, what string) (sequence, error) {
	var all sequence
	list, err := listOf(n, what)
	if err != nil {
		return all, err
	}
	for _, item := range list {
		if !item.IsMap() {
			return all, item.Wrong("a step of %s has keys, not %s", what, item.Kind())
		}
		kind, _ := item.Get("type").Text()
		if on, _ := item.Get("run_on").Text(); on == "failure" {
			continue // it does not run where all goes well
		}
		switch kind {
		case "env", "run":
			name, _ := item.Get("name").Text()
			all.opaque = append(all.opaque, Opaque{item.Line(), kind, name})
		case "oidc":
			if s, err := oidc(item); err != nil {
				return all, err
			} else if s != nil {
				s.opaque = all.opaque[:len(all.opaque):len(all.opaque)]
				all.last = s
			}
		}
	}
	return all, nil
}

// oidc reads one step; nil for another provider's.
func oidc(n looseyaml.Node) (*step, error) {
	if p := n.Get("provider"); p.Exists() && !p.IsNull() {
		if name, ok := p.Text(); !ok {
			return nil, p.Wrong("the provider of an oidc step is a word, not %s", p.Kind())
		} else if name != "aws" {
			return nil, nil
		}
	}
	s := &step{line: n.Line(), enabled: true}
	if e := n.Get("assume_role_enabled"); e.Exists() && !e.IsNull() {
		yes, ok := e.Bool()
		if !ok {
			return nil, e.Wrong("assume_role_enabled is true or false")
		}
		s.enabled = yes
	}
	for _, f := range []struct {
		key   string
		to    *text
		check func(string) error
	}{
		{"role_arn", &s.role, rolemap.CheckRoleARN}, {"assume_role_arn", &s.assume, rolemap.CheckRoleARN}, {"audience", &s.audience, checkAudience},
		{"region", &s.region, checkRegion}, {"session_name", &s.session, checkSession}, {"duration", &s.duration, checkDuration},
	} {
		t, err := valueOf(n.Get(f.key), f.key, f.check)
		if err != nil {
			return nil, err
		}
		*f.to = t
	}
	if !s.role.set() {
		return nil, n.Wrong("the oidc step has no role_arn")
	}
	return s, nil
}

// valueOf reads a text, and checks it where no variable is in it.
func valueOf(n looseyaml.Node, key string, check func(string) error) (text, error) {
	if !n.Exists() || n.IsNull() {
		return text{}, nil
	}
	raw, ok := n.Text()
	if !ok {
		return text{}, n.Wrong("%s is a text, not %s", key, n.Kind())
	}
	t := text{raw, n.Line()}
	if _, err := expand(raw, func(string) (string, error) { return "", nil }); err != nil {
		return t, n.Wrong("%s: %v", key, err)
	}
	if !t.literal() {
		return t, nil
	}
	if err := check(raw); err != nil {
		return t, n.Wrong("%s: %v", key, err).WithHint("%s", problem.HintOf(err))
	}
	return t, nil
}

func checkRegion(s string) error { return rolemap.CheckRegion(s, "") }

func checkDuration(s string) error {
	_, err := durationOf(s)
	return err
}

func durationOf(s string) (time.Duration, error) {
	n, err := strconv.ParseUint(s, 10, 32)
	d := time.Duration(n) * time.Second
	if err != nil || d < minDuration || d > maxDuration {
		return 0, problem.New(problem.BadMap, "it is a number of seconds, 900 to 43200")
	}
	return d, nil
}

// checkSession is STS's 2 to 64 characters of [\w+=,.@-].
func checkSession(s string) error {
	if rolemap.FitSessionName(s) != s {
		return problem.New(problem.BadMap, "STS takes 2 to 64 of A-Z a-z 0-9 _ + = , . @ -")
	}
	return nil
}

// checkAudience lets pass what can be part of a request: an URL, or a word.
func checkAudience(s string) error {
	if len(s) > 1024 || s == "" {
		return problem.New(problem.BadMap, "it has 1 to 1024 characters")
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return problem.New(problem.BadMap, "spaces and control characters cannot stand here")
		}
	}
	return nil
}

// listOf are the entries of a list; none where there is nothing.
func listOf(n looseyaml.Node, what string) ([]looseyaml.Node, error) {
	if !n.Exists() || n.IsNull() {
		return nil, nil
	}
	if !n.IsList() {
		return nil, n.Wrong("%s is a list, not %s", what, n.Kind())
	}
	return n.Items(), nil
}

// mapOf is n, if it has keys or is nothing.
func mapOf(n looseyaml.Node, what string) (looseyaml.Node, error) {
	switch {
	case !n.Exists() || n.IsNull():
		return looseyaml.Node{}, nil
	case !n.IsMap():
		return n, n.Wrong("%s has keys, not %s", what, n.Kind())
	}
	return n, nil
}
