package source

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"whichrole/internal/creds"
	"whichrole/internal/instance"
	"whichrole/internal/oidc"
	"whichrole/internal/problem"
	"whichrole/internal/sso"
)

// Choice is the source that is used, as a recipe: where to start, a session with MFA where the start asks for one, and the
// roles that a profile names. Nothing in it but Keys is secret. Equal identities are the same credentials; they are what was
// found out without network or another program.
type Choice struct {
	Entry       Entry
	Description string // for explain and errors: profile corp (static keys AKIA…WXYZ in FILE:LINE)
	Profile     string // the profile's own name, after aliases; "" for other kinds
	Settings    Settings

	Identity      string // JSON: everything that decides whose credentials these are
	StartIdentity string // the same without Hops: profiles over the same keys and MFA device share one session
	Login         string // JSON: what a person logs in to; "" where nobody can

	// Where the recipe starts: one of these is set.
	Keys     *creds.Credentials // without Expires and AccountID: what the user's file says of the account is not what AWS says
	Token    *oidc.Place
	SSO      *SSORole
	Process  *Process
	Instance *instance.Kind

	where string // the keys were found

	MFA  *MFA  // nil for none; only long-term Keys can have it
	Hops []Hop // the profile's own roles, in order
}

// SSORole is one permission set in one account. Both are empty where the entry names only the session.
type SSORole struct {
	Session                sso.Session
	Account, PermissionSet string
}

// Process is another program that gives credentials.
type Process struct {
	Line  string // as SDKs run it
	Where string // file:line
}

// MFA is a session that a code of a device gets (GetSessionToken).
type MFA struct {
	Serial   string
	Process  string // a command that prints the code: mfa_process; "" where a person is asked
	Where    string // file:line of the process, else of the serial
	Duration time.Duration
}

// Hop is one role of a profile.
type Hop struct {
	RoleARN     string
	SessionName string // "" for the caller's usual one
	ExternalID  string
	Duration    time.Duration // 0 for the API's own default, 1h
	Where       string        // file:line
}

// Temporary tells whether the roles that are assumed next last an hour at most, because a role's session asks for them.
// Nobody can see that of keys with a session token. A session of GetSessionToken is its user's own, and a token is nobody's.
func (c *Choice) Temporary() bool {
	keys := c.Keys != nil && !c.Keys.SessionToken.Empty()
	return len(c.Hops) > 0 || keys || c.SSO != nil || c.Process != nil || c.Instance != nil
}

// Whole tells what is missing where the credentials of the source itself are wanted: a session of IAM Identity Center alone
// has none.
func (c *Choice) Whole() error {
	if c.SSO == nil || c.SSO.Account != "" && c.SSO.PermissionSet != "" {
		return nil
	}
	return problem.New(problem.LoginNeeded, "%s names no account and permission set, so it has no credentials of its own", c.Entry).
		WithHint("name both in the source, or give the environment a permission_set")
}

// For is the choice with that permission set in that account. Only sessions of IAM Identity Center have any.
func (c *Choice) For(account, permissionSet string) (*Choice, error) {
	if c.SSO == nil || len(c.Hops) > 0 {
		return c, problem.New(problem.LoginNeeded, "permission set %s comes from IAM Identity Center, but the source is %s", permissionSet, c.Entry).
			WithHint("source: [{sso: SESSION}], with a [sso-session SESSION] in the AWS config file")
	}
	other := *c
	role := *c.SSO
	role.Account, role.PermissionSet = account, permissionSet
	other.SSO = &role
	if err := other.finish(World{}); err != nil {
		return c, err
	}
	return &other, nil
}

// finish fills in the identities and the description of a recipe that is complete.
func (c *Choice) finish(w World) (err error) {
	if c.StartIdentity, err = c.startIdentity(w); err != nil {
		return err
	}
	c.Identity = c.StartIdentity
	if len(c.Hops) > 0 {
		c.Identity = asJSON(map[string]any{"start": c.StartIdentity, "hops": c.hopIdentities()})
	}
	switch {
	case c.MFA != nil:
		c.Login = c.StartIdentity
	case c.SSO != nil:
		c.Login = asJSON(map[string]string{"kind": "sso", "session": c.SSO.Session.Identity()})
	}
	c.Description = c.name()
	if words := c.words(); words != "" {
		c.Description += " (" + words + ")"
	}
	return nil
}

func (c *Choice) startIdentity(w World) (string, error) {
	switch {
	case c.Token != nil:
		return w.tokens().Identity(*c.Token)
	case c.SSO != nil:
		return asJSON(map[string]string{
			"kind": "sso", "session": c.SSO.Session.Identity(), "account": c.SSO.Account, "permission_set": c.SSO.PermissionSet,
		}), nil
	case c.Process != nil:
		return asJSON(map[string]string{"kind": "credential_process", "command": c.Process.Line}), nil
	case c.Instance != nil:
		return w.machine().Identity(*c.Instance)
	}
	id := map[string]string{"kind": "keys", "access_key_id": c.Keys.AccessKeyID}
	if c.MFA != nil {
		id["mfa_serial"] = c.MFA.Serial
	}
	return asJSON(id), nil
}

func (c *Choice) hopIdentities() []map[string]string {
	var list []map[string]string
	for _, h := range c.Hops {
		list = append(list, map[string]string{
			"role_arn": h.RoleARN, "session_name": h.SessionName, "external_id": h.ExternalID, "duration": h.Duration.String(),
		})
	}
	return list
}

// name is the entry, and what it is called here.
func (c *Choice) name() string {
	if c.Profile != "" && c.Profile != c.Entry.Name {
		return "profile " + c.Profile + ", here for " + c.Entry.Name
	}
	return c.Entry.String()
}

// words describe the recipe from its end to its start.
func (c *Choice) words() string {
	text := c.start()
	if c.MFA != nil {
		text += " with MFA device " + c.MFA.Serial
	}
	for _, h := range c.Hops {
		text = "role " + h.RoleARN + " from " + text
	}
	return text
}

func (c *Choice) start() string {
	switch {
	case c.Token != nil && len(c.Hops)+len(c.Profile) > 0, c.Token != nil && c.Entry.Name == "":
		return "the token in " + strings.TrimPrefix(c.Token.System, "file:")
	case c.Token != nil: // the entry says it
		return ""
	case c.SSO != nil && c.SSO.Account == "":
		return "IAM Identity Center, " + c.SSO.Session.Where
	case c.SSO != nil:
		return fmt.Sprintf("permission set %s in %s by %s", c.SSO.PermissionSet, c.SSO.Account, c.SSO.Session)
	case c.Process != nil:
		return "credential_process in " + c.Process.Where
	case c.Instance != nil:
		return "credentials of this machine"
	}
	return fmt.Sprintf("static keys %s in %s", shown(creds.NewSecret(c.Keys.AccessKeyID)), c.where)
}

// asJSON encodes maps, whose keys come sorted, of strings, which always can be.
func asJSON(v any) string {
	text, _ := json.Marshal(v)
	return string(text)
}
