package source

import (
	"fmt"
	"time"

	"whichrole/internal/creds"
	"whichrole/internal/instance"
	"whichrole/internal/oidc"
	"whichrole/internal/problem"
	"whichrole/internal/sso"
)

// Choice is the recipe for the first credentials: one start, then the session of an MFA device if there is one, then the
// profile's own roles in order. Of all this only Keys, the lines of programs and what Token leads to are secret.
type Choice struct {
	Entry Entry
	// Identity is everything that decides whose credentials these are, as JSON: a part of the cache's key. Equal identities
	// are the same credentials. A role without a session name has none here either: whoever fills it in adds it to the key.
	Identity string
	// StartIdentity is that of the start and its MFA session, without the roles: two profiles over the same keys and device
	// share one session.
	StartIdentity string
	// Login identifies what a person logs in to: keys with an MFA device, or a session of IAM Identity Center whatever the
	// permission set. "" where there is nothing to log in to.
	Login       string
	Description string // for explain and errors: profile corp (static keys AKIA…WXYZ in FILE:LINE)
	Profile     string // the profile's own name, after aliases; "" for other kinds
	Settings    Settings

	// The start: exactly one of these is not nil. Keys have neither Expires nor AccountID: what the user's file says of the
	// account is not what AWS says. A Token proves the first role, the profile's or else the map's.
	Keys     *creds.Credentials
	Token    *oidc.Place
	SSO      *SSORole
	Process  *Process
	Instance *instance.Kind

	MFA  *MFA // only with Keys, and those are long-term ones
	Hops []Hop

	start identity
}

// Settings are how AWS is reached, as variables say and, for a profile, what the AWS files say of it. The global
// AWS_ENDPOINT_URL and endpoint_url are not followed (CONTRACT.md).
type Settings struct {
	Region      string // the profile's, "" if none
	STSEndpoint string // a URL without a / at its end; "" for AWS's own
	CABundle    string // the absolute path of a PEM file, "" for the system's certificates
	FIPS        bool
	DualStack   bool
}

// SSORole is a permission set of an account. Both are "" where only a session is named: it serves environments with a
// permission_set of their own, see For.
type SSORole struct {
	Session       sso.Session
	Account       string
	PermissionSet string
}

// String is the permission set in words or, where there is none, where the session is written.
func (r *SSORole) String() string {
	if r.PermissionSet == "" {
		return "IAM Identity Center, " + r.Session.Where
	}
	return fmt.Sprintf("permission set %s in account %s, %s", r.PermissionSet, r.Account, r.Session)
}

// Process is a credential_process. Its line may hold a password, so formatting it shows where it stands.
type Process struct {
	Line  string `json:"-"`
	Where string // file:line
}

// Format hides the line from every verb.
func (p Process) Format(f fmt.State, _ rune) { fmt.Fprint(f, "credential_process ("+p.Where+")") }

// MFA is the one session that all roles are assumed from (GetSessionToken).
type MFA struct {
	Serial   string
	Process  string        `json:"-"` // the line that prints a code, "" if none; it may hold the device's seed
	Where    string        // file:line of that line, else of the serial
	Duration time.Duration // 15 minutes to 12 hours
}

// Format hides the line from every verb.
func (m MFA) Format(f fmt.State, _ rune) { fmt.Fprint(f, "MFA "+m.Serial+" ("+m.Where+")") }

// Hop is a role of the AWS files, as AssumeRole takes it (AssumeRoleWithWebIdentity for the first one after a Token).
type Hop struct {
	RoleARN     string
	SessionName string        // "" for the caller's default
	ExternalID  string        // never with a Token, which cannot bring one
	Duration    time.Duration // 0 for STS's own default of one hour, which role chaining does not exceed
	Where       string        // file:line of role_arn
}

// name is the entry, and what it is called here.
func (c *Choice) name() string {
	if c.Profile != "" && c.Profile != c.Entry.Name {
		return "profile " + c.Profile + ", here for " + c.Entry.Name
	}
	return c.Entry.String()
}

// Temporary tells whether the credentials at the end of the recipe are, or may be, those of a role: STS then gives the next
// role one hour at most (role chaining). The session of an MFA device is the user's own.
func (c *Choice) Temporary() bool {
	return len(c.Hops) > 0 || c.SSO != nil || c.Process != nil || c.Instance != nil || c.Keys != nil && !c.Keys.SessionToken.Empty()
}

// Whole tells what is missing where the source's own credentials are wanted: a session of IAM Identity Center alone has none.
func (c *Choice) Whole() error {
	if c.SSO == nil || c.SSO.PermissionSet != "" {
		return nil
	}
	e := problem.New(problem.LoginNeeded, "%s names no account and permission set, so it has no credentials of its own", c.Entry)
	if c.Entry.Kind == kindProfile {
		return e.WithHint("aws configure sso adds both to the profile; or give the environment a permission_set")
	}
	return e.WithHint("name both in the source, or give the environment a permission_set")
}

// For is a copy of the choice with that permission set of that account. Only sessions of IAM Identity Center have any.
func (c *Choice) For(account, permissionSet string) (*Choice, error) {
	if c.SSO == nil || len(c.Hops) > 0 {
		return c, problem.New(problem.LoginNeeded, "permission set %s comes from IAM Identity Center, but the source is %s", permissionSet, c.Entry).
			WithHint("source: [{sso: SESSION}], with a [sso-session SESSION] in the AWS config file")
	}
	n := *c
	n.SSO = &SSORole{Session: c.SSO.Session, Account: account, PermissionSet: permissionSet}
	n.Description = n.name() + " (" + n.SSO.String() + ")"
	n.seal()
	return &n, nil
}
