package fakests

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"strings"
	"time"
)

// Answer is what AssumeRole hands out. Tamper may change it before it is sent; an emptied part is left out.
type Answer struct {
	AccessKeyID, SecretAccessKey, SessionToken string
	Expiration                                 string // 2026-11-22T09:21:36Z
	ARN                                        string // of the assumed role
}

var (
	sessionName = regexp.MustCompile(`^[\w+=,.@-]{2,64}$`)
	roleARN     = regexp.MustCompile(`^arn:(aws[a-z-]*):iam::(\d{12}):role/(?:.*/)?([\w+=,.@-]+)$`)
)

func denied(who principal, action, resource string) *Error {
	return &Error{403, "AccessDenied",
		fmt.Sprintf("User: %s is not authorized to perform: sts:%s on resource: %s", who.ARN, action, resource)}
}

func invalid(format string, args ...any) *Error {
	return &Error{400, "ValidationError", fmt.Sprintf(format, args...)}
}

func (s *Server) assumeRole(r *request) (any, *Error) {
	m := roleARN.FindStringSubmatch(r.call.Role)
	if m == nil {
		return nil, invalid("%s is invalid", r.call.Role)
	}
	duration := time.Duration(r.call.Seconds) * time.Second
	if !r.form.Has("DurationSeconds") {
		duration = time.Hour
	}
	role := s.role(r.call.Role)
	for _, problem := range []*Error{checkShape(r.call, duration), s.checkTrust(r, role), checkDuration(r.who, role, duration)} {
		if problem != nil {
			return nil, problem
		}
	}
	k := s.mint(newSession(r, m), r.now.Add(duration).UTC().Truncate(time.Second))
	r.call.Minted = k.id
	a := &Answer{
		AccessKeyID: k.id, SecretAccessKey: k.secret, SessionToken: k.token,
		Expiration: k.expires.Format("2006-01-02T15:04:05Z"), ARN: k.who.ARN,
	}
	if s.config.Tamper != nil {
		s.config.Tamper(a)
	}
	return assumeRoleXML(a, k), nil
}

// newSession is the principal that the role becomes; m is the match of roleARN.
func newSession(r *request, m []string) principal {
	who := principal{
		ARN:            fmt.Sprintf("arn:%s:sts::%s:assumed-role/%s/%s", m[1], m[2], m[3], r.call.SessionName),
		Account:        m[2],
		UserID:         "AROAFAKEFAKEFAKEFAKE1:" + r.call.SessionName,
		Role:           r.call.Role,
		SourceIdentity: r.call.SourceIdentity,
		Transitive:     map[string]string{},
	}
	maps.Copy(who.Transitive, r.who.Transitive)
	for _, k := range r.call.TransitiveTagKeys {
		who.Transitive[k] = r.call.Tags[k]
	}
	if who.SourceIdentity == "" { // it is for life
		who.SourceIdentity = r.who.SourceIdentity
	}
	return who
}

// checkShape is what STS finds wrong without knowing the role.
func checkShape(c *Call, duration time.Duration) *Error {
	const failed = "1 validation error detected: Value '%v' at '%s' failed to satisfy constraint: Member must have "
	switch {
	case !sessionName.MatchString(c.SessionName):
		return invalid(failed+`length between 2 and 64 and satisfy regular expression pattern: [\w+=,.@-]*`, c.SessionName, "roleSessionName")
	case duration < 15*time.Minute:
		return invalid(failed+"value greater than or equal to 900", c.Seconds, "durationSeconds")
	case duration > 12*time.Hour:
		return invalid(failed+"value less than or equal to 43200", c.Seconds, "durationSeconds")
	case len(c.Tags) > 50:
		return invalid(failed+"length less than or equal to 50", len(c.Tags), "tags")
	case c.Policy != "" && !json.Valid([]byte(c.Policy)):
		return &Error{400, "MalformedPolicyDocument", "Syntax errors in policy."}
	case len(c.Policy)+len(strings.Join(c.PolicyARNs, "")) > 2048:
		return &Error{400, "PackedPolicyTooLarge", "Packed policy consumes 143% of allotted space, please use smaller policy."}
	}
	return nil
}

// checkTrust is the role's trust policy. AWS does not tell an unknown role from a closed one.
func (s *Server) checkTrust(r *request, role *Role) *Error {
	r.call.InheritedTags = r.who.Transitive
	switch {
	case role == nil || !role.trusts(r.who),
		role.ExternalID != "" && r.call.ExternalID != role.ExternalID,
		role.NeedsIdentity && r.call.SourceIdentity == "" && r.who.SourceIdentity == "":
		return denied(r.who, "AssumeRole", r.call.Role)
	case role.RefuseTags && len(r.call.Tags) > 0:
		return denied(r.who, "TagSession", r.call.Role)
	case r.who.SourceIdentity != "" && r.call.SourceIdentity != "" && r.call.SourceIdentity != r.who.SourceIdentity:
		return denied(r.who, "SetSourceIdentity", r.call.Role)
	}
	for k := range r.call.Tags {
		if _, inherited := r.who.Transitive[k]; inherited {
			return &Error{400, "InvalidParameterValue", "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session."}
		}
	}
	return nil
}

func checkDuration(who principal, role *Role, duration time.Duration) *Error {
	if role == nil {
		return nil // refused already
	}
	longest := time.Duration(role.MaxDuration)
	if longest == 0 {
		longest = time.Hour
	}
	switch {
	case who.Role != "" && duration > time.Hour:
		return invalid("The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.")
	case duration > longest:
		return invalid("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	}
	return nil
}

func (s *Server) getCallerIdentity(r *request) (any, *Error) {
	return identityXML(r.who), nil
}
