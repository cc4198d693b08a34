package sso

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"whichrole/internal/creds"
	"whichrole/internal/problem"
	"whichrole/internal/transport"
)

const maxSession = 12 * time.Hour // that a permission set can be set to

// Credentials are those of a permission set in an account (12 digits), got with the token in the AWS CLI's cache. The token is
// refreshed and written back if need be, by one process at a time. AccountID is the account asked for: the portal does not
// say whose keys it gives.
//
// Every failure is a *problem.Error: LoginNeeded where there is no token, or none that AWS takes; Refused where the user has not
// that permission set there; Unreachable where AWS gives nothing that can be used; Usage where the session's settings are wrong.
func (c *Client) Credentials(ctx context.Context, account, permissionSet string) (creds.Credentials, error) {
	if err := c.check(); err != nil {
		return creds.Credentials{}, err
	}
	t, err := c.token(ctx, "")
	if err != nil {
		return creds.Credentials{}, err
	}
	session, err := c.fetch(ctx, t, account, permissionSet)
	if isRefusal(err, "UnauthorizedException") { // revoked: somebody may have logged in anew, or a refresh help
		if t, err = c.token(ctx, t.access); err != nil {
			return creds.Credentials{}, err
		}
		session, err = c.fetch(ctx, t, account, permissionSet)
	}
	if err != nil {
		return creds.Credentials{}, c.noCredentials(ctx, t, account, permissionSet, err)
	}
	return session, nil
}

// fetch is GetRoleCredentials. API reference of the IAM Identity Center portal.
func (c *Client) fetch(ctx context.Context, t *token, account, permissionSet string) (creds.Credentials, error) {
	var out struct {
		RoleCredentials struct {
			AccessKeyID     string `json:"accessKeyId"`
			SecretAccessKey string `json:"secretAccessKey"`
			SessionToken    string `json:"sessionToken"`
			Expiration      int64  `json:"expiration"` // milliseconds since 1970
		} `json:"roleCredentials"`
	}
	query := url.Values{"account_id": {account}, "role_name": {permissionSet}}.Encode()
	if err := c.ask(ctx, http.MethodGet, "/federation/credentials?"+query, creds.NewSecret(t.access), &out); err != nil {
		return creds.Credentials{}, err
	}
	got := out.RoleCredentials
	session := creds.Credentials{
		AccessKeyID:     got.AccessKeyID,
		SecretAccessKey: creds.NewSecret(got.SecretAccessKey),
		SessionToken:    creds.NewSecret(got.SessionToken),
		Expires:         time.UnixMilli(got.Expiration).UTC().Truncate(time.Second),
		AccountID:       account,
	}
	if !session.IsSession() {
		return creds.Credentials{}, c.strange(transport.HostOf(c.portal()), http.StatusOK)
	}
	return session, c.checkLife(session)
}

func (c *Client) checkLife(session creds.Credentials) error {
	now := c.Now()
	switch when := session.Expires.Format(time.RFC3339); {
	case !session.Lasts(now):
		return problem.New(problem.Refused, "what %s gives has expired already, or is about to, at %s", c.Session, when).
			WithHint("look at the clock of this machine")
	case session.Outlasts(now, maxSession):
		return problem.New(problem.Refused, "what %s gives claims to last until %s, longer than any permission set does", c.Session, when).
			WithHint("look at the clock of this machine")
	}
	return nil
}

func (c *Client) noCredentials(ctx context.Context, t *token, account, permissionSet string, err error) *problem.Error {
	if isRefusal(err, "UnauthorizedException") {
		return c.ended(t, nil)
	}
	p := c.failure(ctx, fmt.Sprintf("get credentials of permission set %s in account %s from %s", permissionSet, account, c.Session), err)
	if isRefusal(err, "ForbiddenException", "ResourceNotFoundException", "AccessDeniedException") {
		return p.WithHint("%s", c.whatThereIs(ctx, t, account, permissionSet))
	}
	return p
}

const maxNamed = 10 // permission sets in a hint

// whatThereIs tells a person who may not have that permission set which ones there are. It asks AWS once more.
func (c *Client) whatThereIs(ctx context.Context, t *token, account, permissionSet string) string {
	elsewhere := "what you have is listed at " + c.StartURL
	var out struct {
		RoleList []struct{ RoleName string }
	}
	query := url.Values{"account_id": {account}, "max_result": {"100"}}.Encode()
	if err := c.ask(ctx, http.MethodGet, "/assignment/roles?"+query, creds.NewSecret(t.access), &out); err != nil {
		c.log("cannot list the permission sets in account %s: %v", account, err)
		return elsewhere
	}
	var names []string
	for _, role := range out.RoleList {
		if consistsOf(role.RoleName, 32, isRoleName) {
			names = append(names, role.RoleName)
		}
	}
	if len(names) == 0 {
		return "you have no permission set in account " + account + "; " + elsewhere
	}
	hint := ""
	if near := problem.Nearest(permissionSet, names); near != "" {
		hint = "did you mean " + near + "? "
	}
	more := ""
	if len(names) > maxNamed {
		names, more = names[:maxNamed], fmt.Sprintf(" and %d more", len(names)-maxNamed)
	}
	return hint + "in account " + account + " you have " + strings.Join(names, ", ") + more
}

// isRoleName has the characters of a permission set's name: [\w+=,.@-]{1,32}.
func isRoleName(r rune) bool { return isWord(r) || strings.ContainsRune("_+=,.@-", r) }
