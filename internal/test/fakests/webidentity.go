package fakests

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// assumeRoleWithWebIdentity exchanges a token for a role session. It is no role chaining, whoever may have signed the request.
func (s *Server) assumeRoleWithWebIdentity(r *request) (reply, *Error) {
	duration, problem := r.duration(time.Hour, 12*time.Hour)
	if problem == nil {
		problem = r.checkRoleARN()
	}
	if problem != nil {
		return nil, problem
	}
	token, problem := parseToken(r.form.Get("WebIdentityToken"))
	if problem != nil {
		return nil, problem
	}
	r.call.Subject = token.Subject
	role := s.role(r.call.Role)
	if problem = s.checkToken(token, r.now); problem == nil {
		problem = s.checkFederation(token, role)
	}
	if problem == nil {
		problem = checkDuration(principal{}, role, duration)
	}
	if problem != nil {
		return nil, problem
	}
	a, k := s.hand(r, newSession(r), role.lives(duration))
	return webIdentityXML(a, k, token), nil
}

// checkToken is what is found out about a token before anybody looks at the role.
func (s *Server) checkToken(t *webToken, now time.Time) *Error {
	if !slices.Contains(s.config.Issuers, t.Issuer) {
		return untrue("No OpenIDConnect provider found in your account for %s", t.Issuer)
	}
	key, err := verificationKey(t.Issuer, t.keyID)
	if err != nil {
		return untrue("Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements")
	}
	switch at := now.Unix(); {
	case !t.signedBy(key):
		return untrue("The ID Token provided has an invalid signature") // in words of ours, as the next two: AWS's are not written down
	case t.NotBefore > at:
		return untrue("The ID Token provided is not valid yet")
	case t.Issued > at:
		return untrue("The ID Token provided was issued in the future")
	case t.Expires <= at:
		return &Error{400, "ExpiredTokenException",
			fmt.Sprintf("Token expired: current date/time %d must be before the expiration date/time %d", at, t.Expires)}
	}
	return nil
}

// checkFederation: an audience that the provider knows is the role's to refuse, others are the provider's.
func (s *Server) checkFederation(t *webToken, role *Role) *Error {
	known := func(r Role) bool {
		return r.Federated != nil && r.Federated.Issuer == t.Issuer && t.isFor(r.Federated.Audiences)
	}
	switch {
	case !slices.ContainsFunc(s.config.Roles, known):
		return untrue("Incorrect token audience")
	case role == nil || !known(*role) || !alike(role.Federated.Subjects, t.Subject),
		role.NeedsMFA || role.NeedsIdentity || role.ExternalID != "": // which a token cannot bring, or ours never do
		return denied(principal{}, "AssumeRoleWithWebIdentity", "")
	}
	return nil
}

// alike compares as IAM's StringLike does.
func alike(patterns []string, text string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		pattern = regexp.QuoteMeta(pattern)
		pattern = strings.ReplaceAll(strings.ReplaceAll(pattern, `\*`, `.*`), `\?`, `.`)
		return regexp.MustCompile(`(?s)^` + pattern + `$`).MatchString(text)
	})
}
