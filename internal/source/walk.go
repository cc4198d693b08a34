package source

import (
	"slices"
	"strings"

	"whichrole/internal/awsconfig"
	"whichrole/internal/instance"
	"whichrole/internal/oidc"
	"whichrole/internal/problem"
)

// maxRoles is how many roles may follow each other in the AWS files. Each costs a call, and no real chain has five.
const maxRoles = 10

// walk goes from the entry's profile down to where its credentials start, and comes back through the roles.
type walk struct {
	World
	files *awsconfig.Files
	trail []stop // from the entry's profile down

	code   awsconfig.Setting  // mfa_process of the profile nearest to the entry
	coded  *awsconfig.Profile // which that is
	serial awsconfig.Setting  // mfa_serial of the one nearest to the keys
	keys   *awsconfig.Profile // the profile of keys at the bottom, unless it is a role's, too
}

// stop is a profile that led on to another one.
type stop struct {
	name string
	by   awsconfig.Setting // its source_profile
}

// profile is the recipe that ends with p, described without its name.
func (w *walk) profile(p *awsconfig.Profile) (*Choice, error) {
	kind, err := kindOf(p, len(w.trail) > 0)
	if err != nil {
		return nil, err
	}
	c, err := w.begin(p, kind)
	if err != nil {
		return nil, err
	}
	if err := w.noteMFA(c, p); err != nil {
		return nil, err
	}
	if arn, ok := set(p, "role_arn"); ok {
		return c, c.addRole(p, arn)
	}
	return c, nil
}

// begin is the recipe for what the profile's own role is assumed with.
func (w *walk) begin(p *awsconfig.Profile, c claim) (*Choice, error) {
	switch c.kind {
	case bySource:
		return w.follow(p, c.by)
	case byNamed:
		return w.namedSource(p, c.by)
	case byWebIdentity:
		return w.webIdentity(p, c.by)
	case bySSO:
		return w.ssoProfile(p)
	case byProcess:
		return w.process(p, c.by)
	case byLogin:
		return nil, flaw(p, loginHint(p.Name), "%s, a session of aws login, is not supported", named(c.by))
	}
	if _, isRole := set(p, "role_arn"); !isRole {
		w.keys = p
	}
	return profileKeys(p).start(fromStatic)
}

// follow walks on to the profile that source_profile names.
func (w *walk) follow(p *awsconfig.Profile, by awsconfig.Setting) (*Choice, error) {
	w.trail = append(w.trail, stop{p.Name, by})
	if i := slices.IndexFunc(w.trail, func(s stop) bool { return s.name == by.Text() }); i >= 0 {
		return nil, ring(p, w.trail[i:])
	}
	if len(w.trail) > maxRoles {
		return nil, flaw(p, "", "%s is the end of more than %d roles in a row", named(by), maxRoles)
	}
	next, ok := w.files.Profile(by.Text())
	if !ok {
		return nil, flaw(p, w.missingHint(by.Text()), "%s names %s, but %s", named(by), by.Text(), missing(w.files, by.Text(), "that"))
	}
	c, err := w.profile(next)
	if err != nil {
		return nil, err
	}
	c.Description = "profile " + next.Name + " (" + c.Description + ")"
	return c, nil
}

func (w *walk) missingHint(name string) string {
	where := w.files.Misplaced(name)
	switch {
	case where != "":
		return misplaced(where, name)
	case plain(name) && problem.Nearest(name, w.files.Names()) == "":
		return "aws configure --profile " + name
	}
	return ""
}

// ring names all profiles that lead to each other, and where each says so.
func ring(p *awsconfig.Profile, stops []stop) error {
	var names, places []string
	for _, s := range stops {
		names, places = append(names, s.name), append(places, s.by.String())
	}
	hint := "one of them must name a profile that holds credentials"
	if len(stops) == 1 {
		hint = "a profile is its own source only where it holds keys"
	}
	return flaw(p, hint, "source_profile leads in a ring: %s → %s (%s)", strings.Join(names, " → "), names[0], strings.Join(places, ", "))
}

// namedSource is credential_source: where the credentials of this process, container or machine are.
func (w *walk) namedSource(p *awsconfig.Profile, by awsconfig.Setting) (*Choice, error) {
	switch kind := instance.Kind(by.Text()); kind {
	case "Environment":
		if why, _ := w.absent(Entry{Kind: kindEnvironment}); why != "" {
			return nil, flaw(p, "set it and AWS_SECRET_ACCESS_KEY, or name another source", "%s says Environment, but %s", named(by), why)
		}
		return w.environment()
	case instance.Container, instance.Machine:
		c, err := w.instance(kind)
		return described(c, by.Text(), of(p, err))
	}
	return nil, flaw(p, "it is one of Environment, Ec2InstanceMetadata, EcsContainer", "%s names no source that is known", named(by))
}

func (w *walk) webIdentity(p *awsconfig.Profile, by awsconfig.Setting) (*Choice, error) {
	if !absolute(by.Text()) {
		return nil, flaw(p, "write the whole path of the file", "%s is not an absolute path", named(by))
	}
	c, err := w.token(oidc.Place{System: "file:" + by.Text()})
	return described(c, "the token in "+by.Text(), of(p, err))
}
