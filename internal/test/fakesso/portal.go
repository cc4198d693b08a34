package fakesso

import (
	"crypto/rand"
	"encoding/base64"
	"slices"
	"time"

	"whichrole/internal/test/fakests"
)

// signedIn is the session of the request's access token.
func (s *Server) signedIn(r *request) (*session, *Error) {
	session := s.access[r.http.Header.Get("X-Amz-Sso_bearer_token")]
	if session == nil || session.login.revoked || !session.expires.After(s.config.Now()) {
		return nil, &Error{401, "UnauthorizedException", "Session token not found or invalid"}
	}
	return session, nil
}

func (s *Server) getRoleCredentials(r *request) (any, *Error) {
	query := r.http.URL.Query()
	account, set := query.Get("account_id"), query.Get("role_name")
	r.call.Account, r.call.PermissionSet = account, set
	if _, problem := s.signedIn(r); problem != nil {
		return nil, problem
	}
	if !slices.Contains(s.config.Accounts[account], set) {
		return nil, &Error{403, "ForbiddenException", "No access"}
	}
	expires := s.config.Now().Add(s.config.CredentialLife).Truncate(time.Millisecond)
	secret, token := make([]byte, 30), make([]byte, 600)
	rand.Read(secret)
	rand.Read(token)
	keys := &RoleCredentials{AccessKeyID: "ASIA" + rand.Text()[:16], SecretAccessKey: base64.StdEncoding.EncodeToString(secret),
		SessionToken: "IQoJb3JpZ2luX2Vj" + base64.StdEncoding.EncodeToString(token), Expiration: expires.UnixMilli()}
	r.call.Minted = keys.AccessKeyID
	if s.config.AddUser != nil {
		s.config.AddUser(fakests.User{AccessKeyID: keys.AccessKeyID, SecretAccessKey: keys.SecretAccessKey, SessionToken: keys.SessionToken,
			Expires: expires, ARN: RoleSession(account, set, s.config.User)})
	}
	if s.config.Tamper != nil {
		s.config.Tamper(keys)
	}
	return map[string]any{"roleCredentials": keys}, nil
}

// RoleSession is the ARN that GetCallerIdentity tells of the keys of a permission set.
func RoleSession(account, permissionSet, user string) string {
	return "arn:aws:sts::" + account + ":assumed-role/AWSReservedSSO_" + permissionSet + "_0123456789abcdef/" + user
}

func (s *Server) listAccountRoles(r *request) (any, *Error) {
	account := r.http.URL.Query().Get("account_id")
	r.call.Account = account
	if _, problem := s.signedIn(r); problem != nil {
		return nil, problem
	}
	if len(s.config.Accounts[account]) == 0 {
		return nil, &Error{403, "ForbiddenException", "No access"}
	}
	list := []any{}
	for _, set := range s.config.Accounts[account] {
		list = append(list, map[string]any{"roleName": set, "accountId": account})
	}
	return map[string]any{"roleList": list}, nil
}

// logout ends the session with all its tokens.
func (s *Server) logout(r *request) (any, *Error) {
	session, problem := s.signedIn(r)
	if problem != nil {
		return nil, problem
	}
	session.login.revoked = true
	return map[string]any{}, nil
}
