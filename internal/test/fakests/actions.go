package fakests

import (
	"fmt"
	"maps"
	"regexp"
	"strings"
	"time"
)

// Answer is the credentials that a call hands out. Tamper may change it before it is sent; an emptied part is left out.
type Answer struct {
	Action                                     string // which call it answers
	AccessKeyID, SecretAccessKey, SessionToken string
	Expiration                                 string // 2026-11-22T09:21:36Z
	ARN                                        string // whose session it is; GetSessionToken does not say
}

var roleARN = regexp.MustCompile(`^arn:(aws[a-z-]*):iam::(\d{12}):role/(?:.*/)?([\w+=,.@-]+)$`)

// denied is how AWS refuses somebody, and somebody whom it does not know by a key.
func denied(who principal, action, resource string) *Error {
	if who.ARN == "" {
		return &Error{403, "AccessDenied", "Not authorized to perform sts:" + action}
	}
	return &Error{403, "AccessDenied",
		fmt.Sprintf("User: %s is not authorized to perform: sts:%s on resource: %s", who.ARN, action, resource)}
}

func invalid(format string, args ...any) *Error {
	return &Error{400, "ValidationError", fmt.Sprintf(format, args...)}
}

func (s *Server) assumeRole(r *request) (reply, *Error) {
	duration, problem := r.duration(time.Hour, 12*time.Hour)
	if problem == nil {
		problem = r.checkRoleARN()
	}
	if problem == nil {
		problem = s.checkMFA(r)
	}
	if problem == nil {
		problem = s.checkTrust(r)
	}
	if problem == nil {
		problem = checkDuration(r.who, s.role(r.call.Role), duration)
	}
	if problem != nil {
		return nil, problem
	}
	a, k := s.hand(r, newSession(r), s.role(r.call.Role).lives(duration))
	return assumeRoleXML(a, k), nil
}

// duration is what was asked for, else usual.
func (r *request) duration(usual, longest time.Duration) (time.Duration, *Error) {
	asked := time.Duration(r.call.Seconds) * time.Second
	switch {
	case !r.form.Has("DurationSeconds"):
		return usual, nil
	case asked < 15*time.Minute:
		return 0, violated(r.call.Seconds, "durationSeconds", "have value greater than or equal to 900")
	case asked > longest:
		return 0, violated(r.call.Seconds, "durationSeconds", "have value less than or equal to %d", int(longest.Seconds()))
	}
	return asked, nil
}

// lives is how long credentials of the role are good that were asked for that long.
func (r *Role) lives(asked time.Duration) time.Duration {
	if r.Lives != 0 {
		return time.Duration(r.Lives)
	}
	return asked
}

func (r *request) checkRoleARN() *Error {
	if !roleARN.MatchString(r.call.Role) {
		return invalid("%s is invalid", r.call.Role)
	}
	return nil
}

// hand mints credentials of who, which Tamper may spoil.
func (s *Server) hand(r *request, who principal, duration time.Duration) (*Answer, *key) {
	k := s.mint(who, r.now.Add(duration).UTC().Truncate(time.Second))
	r.call.Minted = k.id
	a := &Answer{
		Action: r.call.Action, AccessKeyID: k.id, SecretAccessKey: k.secret, SessionToken: k.token,
		Expiration: k.expires.Format("2006-01-02T15:04:05Z"), ARN: k.who.ARN,
	}
	if s.config.Tamper != nil {
		s.config.Tamper(a)
	}
	return a, k
}

// newSession is the principal that the role becomes. It has no MFA, with a code or without: such a session does not count
// as authenticated by one any more.
func newSession(r *request) principal {
	m := roleARN.FindStringSubmatch(r.call.Role)
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

// checkTrust is the role's trust policy. AWS does not tell an unknown role from a closed one.
func (s *Server) checkTrust(r *request) *Error {
	r.call.InheritedTags = r.who.Transitive
	role := s.role(r.call.Role)
	switch {
	case role == nil || !role.trusts(r.who),
		role.ExternalID != "" && r.call.ExternalID != role.ExternalID,
		role.NeedsIdentity && r.call.SourceIdentity == "" && r.who.SourceIdentity == "",
		role.NeedsMFA && !r.call.MFA:
		return denied(r.who, "AssumeRole", r.call.Role)
	case role.RefuseTags && len(r.call.Tags) > 0:
		return denied(r.who, "TagSession", r.call.Role)
	case r.who.SourceIdentity != "" && r.call.SourceIdentity != "" && r.call.SourceIdentity != r.who.SourceIdentity:
		return denied(r.who, "SetSourceIdentity", r.call.Role)
	}
	for inherited := range r.who.Transitive {
		for k := range r.call.Tags {
			if strings.EqualFold(k, inherited) {
				return &Error{400, "InvalidParameterValue", "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session."}
			}
		}
	}
	return nil
}

func checkDuration(who principal, role *Role, duration time.Duration) *Error {
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

func (s *Server) getCallerIdentity(r *request) (reply, *Error) {
	return identityXML(r.who), nil
}
