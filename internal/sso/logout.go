package sso

import (
	"context"
	"errors"
	"io/fs"
	"net/http"

	"whichrole/internal/creds"
	"whichrole/internal/problem"
)

// Logout ends the session at AWS and forgets its token here; found tells whether there was one. Where AWS can't be told, the
// token is forgotten all the same, and the error says so. Credentials that were got with the token live on until their end.
// The errors are *problem.Error.
func (c *Client) Logout(ctx context.Context) (found bool, err error) {
	if err := c.check(); err != nil {
		return false, err
	}
	defer c.quiet(ctx)() // a refresh under way must not bring the token back
	r, err := c.read(ctx, c.tokenFile())
	if errors.Is(err, fs.ErrNotExist) || err == nil && c.foreign(r) != "" {
		return false, nil
	}
	var told error
	if access := r.text("accessToken"); creds.Visible(access, maxToken) {
		told = c.ask(ctx, http.MethodPost, "/logout", creds.NewSecret(access), nil)
	}
	if err := c.remove(c.tokenFile()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return true, problem.New(problem.Failure, "the token of %s cannot be removed from %s: %s", c.Session, c.tokenPath(), reason(err)).Because(err)
	}
	if told != nil && !isRefusal(told, "UnauthorizedException") { // that one has ended already
		return true, c.failure(ctx, "tell AWS of the logout from "+c.Session.String()+", whose token is removed here", told)
	}
	return true, nil
}
