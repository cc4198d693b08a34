package source

import (
	"strconv"
	"strings"
	"time"

	"whichrole/internal/awsconfig"
	"whichrole/internal/instance"
	"whichrole/internal/oidc"
	"whichrole/internal/partition"
	"whichrole/internal/problem"
)

// What the API takes, from the GetSessionToken and AssumeRole pages of the AWS STS API reference; a session of MFA lasts a
// working day.
const (
	shortest   = 15 * time.Minute
	longest    = 36 * time.Hour
	workingDay = 12 * time.Hour
)

// follow fills in the recipe of a profile. path is the chain of profiles that led here: each names the next one as its
// source_profile.
func (w World) follow(c *Choice, p *awsconfig.Profile, path []*awsconfig.Profile) error {
	if err := loop(p, path); err != nil {
		return err
	}
	if err := w.leadsBack(p); err != nil {
		return err
	}
	kind, err := kindOf(p)
	if err != nil {
		return err
	}
	switch kind {
	case "role_arn":
		return w.followRole(c, p, path)
	case "sso":
		c.SSO, err = w.ssoOf(p)
		return err
	case "credential_process":
		process, _ := p.Get("credential_process")
		c.Process = &Process{process.Text(), process.String()}
		return nil
	}
	return w.followKeys(c, p)
}

// loop tells of profiles that lead in a ring.
func loop(p *awsconfig.Profile, path []*awsconfig.Profile) error {
	for i, earlier := range path {
		if earlier.Name != p.Name {
			continue
		}
		var names []string
		for _, q := range append(path[i:], p) {
			names = append(names, q.Name)
		}
		at, _ := path[len(path)-1].Get("source_profile")
		return flawed(at, "the profiles lead in a ring: %s", strings.Join(names, " → "))
	}
	return nil
}

// flawed is about a setting that nothing can be made of.
func flawed(s awsconfig.Setting, format string, args ...any) *problem.Error {
	e := problem.New(problem.LoginNeeded, format, args...)
	e.Message += " (" + s.String() + ")"
	return e.WithHint("mend it in that line of the AWS config file")
}

// followKeys starts at the profile's static keys.
func (w World) followKeys(c *Choice, p *awsconfig.Profile) error {
	k := profileKeys(p)
	if err := k.check(); err != nil {
		return err
	}
	c.Keys, c.where = k.credentials(), k.id.where
	return c.addMFA(p, true)
}

// followRole starts where the role's profile says, and adds the role.
func (w World) followRole(c *Choice, p *awsconfig.Profile, path []*awsconfig.Profile) error {
	arn, _ := p.Get("role_arn")
	if err := checkRole(arn); err != nil {
		return err
	}
	hop := Hop{RoleARN: arn.Text(), Where: arn.String()}
	for key, to := range map[string]*string{"role_session_name": &hop.SessionName, "external_id": &hop.ExternalID} {
		s, _ := p.Get(key)
		*to = s.Text()
	}
	var err error
	if hop.Duration, err = duration(p, 0, workingDay); err != nil {
		return err
	}
	if err := w.followSource(c, p, append(path, p)); err != nil {
		return err
	}
	if err := c.addMFA(p, false); err != nil {
		return err
	}
	if len(c.Hops) > 0 || c.Temporary() { // role chaining
		hop.Duration = min(hop.Duration, time.Hour)
	}
	c.Hops = append(c.Hops, hop)
	return nil
}

// followSource starts where the profile of a role says that its first credentials are.
func (w World) followSource(c *Choice, p *awsconfig.Profile, path []*awsconfig.Profile) error {
	if s, ok := p.Get("source_profile"); ok {
		if s.Text() == p.Name && p.HasKeys() {
			return w.followKeys(c, p)
		}
		files, err := w.AWS()
		if err != nil {
			return err
		}
		next, found := files.Profile(s.Text())
		if !found {
			return flawed(s, "profile %s has source_profile %s, which is nowhere", p.Name, s.Text())
		}
		return w.follow(c, next, path)
	}
	if s, ok := p.Get("web_identity_token_file"); ok {
		c.Token = &oidc.Place{System: "file:" + s.Text()}
		return nil
	}
	s, _ := p.Get("credential_source")
	switch s.Text() {
	case "Environment":
		k := w.environmentKeys()
		err := k.check()
		c.Keys = k.credentials()
		return err
	case string(instance.Machine), string(instance.Container):
		kind := instance.Kind(s.Text())
		c.Instance = &kind
		return nil
	}
	return flawed(s, "profile %s has a credential_source that is none of Environment, Ec2InstanceMetadata and EcsContainer", p.Name)
}

// addMFA adds the session that a profile's mfa_serial asks for: one for all that stands on the same keys, also where the
// profile of a role names the device, as the AWS CLI has it.
func (c *Choice) addMFA(p *awsconfig.Profile, ofKeys bool) error {
	serial, ok := p.Get("mfa_serial")
	if !ok || serial.Text() == "" {
		return nil
	}
	if c.MFA != nil && c.MFA.Serial != serial.Text() {
		return flawed(serial, "profile %s names another MFA device than the profile that it stands on", p.Name)
	}
	if c.Keys == nil || !c.Keys.SessionToken.Empty() || len(c.Hops) > 0 {
		return flawed(serial, "profile %s has an mfa_serial, but it does not stand on long-term keys: only a user has an MFA device", p.Name)
	}
	if !visible(serial.Text()) || len(serial.Text()) < 9 || len(serial.Text()) > 256 {
		return flawed(serial, "the mfa_serial of profile %s is no serial number", p.Name)
	}
	m := MFA{Serial: serial.Text(), Where: serial.String(), Duration: workingDay}
	if c.MFA != nil {
		m = *c.MFA
	}
	if ofKeys {
		d, err := duration(p, workingDay, longest)
		if err != nil {
			return err
		}
		m.Duration = min(d, workingDay)
	}
	if process, ok := p.Get("mfa_process"); ok && m.Process == "" {
		m.Process, m.Where = process.Text(), process.String()
	}
	c.MFA = &m
	return nil
}

// duration is the profile's duration_seconds, or usual where there is none.
func duration(p *awsconfig.Profile, usual, most time.Duration) (time.Duration, error) {
	s, ok := p.Get("duration_seconds")
	if !ok {
		return usual, nil
	}
	n, err := strconv.Atoi(s.Text())
	d := time.Duration(n) * time.Second
	if err != nil || n > int(most/time.Second) || d < shortest {
		return 0, flawed(s, "duration_seconds of profile %s is not within %d and %d", p.Name, shortest/time.Second, most/time.Second)
	}
	return d, nil
}

// checkRole: what STS would say is said with file and line.
func checkRole(s awsconfig.Setting) error {
	parts := strings.SplitN(s.Text(), ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || !partition.Known(parts[1]) || parts[2] != "iam" || parts[3] != "" ||
		len(parts[4]) != 12 || strings.Trim(parts[4], "0123456789") != "" || !strings.HasPrefix(parts[5], "role/") || !visible(parts[5]) {
		return flawed(s, "role_arn is not the ARN of a role, such as arn:aws:iam::111111111111:role/NAME")
	}
	return nil
}

func visible(s string) bool {
	return s != "" && strings.IndexFunc(s, neverInKey) < 0
}
