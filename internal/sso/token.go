package sso

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"net/http"
	"time"

	"whichrole/internal/creds"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
	"whichrole/internal/transport"
)

const (
	// window is how long before its end a token is refreshed: botocore's SSOTokenProvider has the same.
	window = 15 * time.Minute

	maxToken = 16 << 10            // bytes of a token, a code or a client's secret; real ones have about 2 KiB
	maxLife  = 90 * 24 * time.Hour // the longest session that can be set up in IAM Identity Center
)

// token is an access token, and the record that it stands in.
type token struct {
	access  string
	expires time.Time
	record  record
}

// good tells whether a token may be shown to AWS: it lasts, and is not the one that AWS has refused.
func (t *token) good(now time.Time, refused string) bool {
	return t.expires.After(now) && t.access != refused
}

// renewable tells whether there is what refreshing takes, and the client's registration lasts or says nothing of its end.
func (t *token) renewable(now time.Time) bool {
	ends := t.record.time("registrationExpiresAt")
	return t.record.text("refreshToken") != "" && t.record.text("clientId") != "" && t.record.text("clientSecret") != "" &&
		(ends.IsZero() || ends.After(now))
}

// settled tells whether the token is to be used as it is: it lasts for a while, or until its end since it can't be refreshed.
func (t *token) settled(now time.Time, refused string) bool {
	return t.good(now, refused) && (t.expires.Sub(now) >= window || !t.renewable(now))
}

// Until is when the cached token ends, and whether there is a login: a token that lasts, or that can be refreshed and so may
// have ended already. Without a login the time is when it ended, zero where there is nothing to be found. It asks nobody.
func (c *Client) Until() (time.Time, bool) {
	r, err := c.readOnce(c.tokenFile())
	if err != nil {
		return time.Time{}, false
	}
	t, err := c.tokenIn(r)
	if err != nil {
		return time.Time{}, false
	}
	return t.expires, t.good(c.Now(), "") || t.renewable(c.Now())
}

// token is one that AWS will take: the cached one, refreshed where less than 15 minutes are left of it or AWS has refused it.
func (c *Client) token(ctx context.Context, refused string) (*token, error) {
	t, err := c.held(ctx)
	if err != nil || t.settled(c.Now(), refused) {
		return t, err
	}
	return c.renewed(ctx, t, refused)
}

// held is the token in the cache. Where there is none that can be understood, somebody must log in.
func (c *Client) held(ctx context.Context) (*token, error) {
	r, err := c.read(ctx, c.tokenFile())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, loginNeeded("nobody is logged in to %s", c.Session)
	case err != nil:
		return nil, loginNeeded("the token of %s cannot be read from %s: %s", c.Session, c.tokenPath(), reason(err))
	}
	return c.tokenIn(r)
}

// tokenIn is the token of a record.
func (c *Client) tokenIn(r record) (*token, error) {
	if other := c.foreign(r); other != "" {
		return nil, loginNeeded("nobody is logged in to %s: the token in %s is for another %s", c.Session, c.tokenPath(), other)
	}
	t := &token{access: r.text("accessToken"), expires: r.time("expiresAt"), record: r}
	if !creds.Visible(t.access, maxToken) || t.expires.IsZero() {
		return nil, loginNeeded("the file %s holds no whole token of %s", c.tokenPath(), c.Session)
	}
	return t, nil
}

// foreign is what of a record belongs to another session, "" where nothing does: names are used again. A record without start
// URL and region is taken at its file's name's word.
func (c *Client) foreign(r record) string {
	if url := r.text("startUrl"); url != "" && normal(url) != normal(c.StartURL) {
		return "start URL"
	}
	if region := r.text("region"); region != "" && region != c.Region {
		return "region"
	}
	return ""
}

// normal takes off a start URL what people write at its end, and AWS does not care for.
func normal(url string) string {
	for len(url) > 0 && (url[len(url)-1] == '/' || url[len(url)-1] == '#') {
		url = url[:len(url)-1]
	}
	return url
}

func loginNeeded(format string, args ...any) *problem.Error {
	return problem.New(problem.LoginNeeded, format, args...).WithHint("whichrole login")
}

func reason(err error) string {
	switch {
	case errors.Is(err, paths.ErrNotRegular):
		return paths.ErrNotRegular.Error()
	case errors.Is(err, paths.ErrTooLarge):
		return "over 256 KiB"
	}
	return paths.Cause(err).Error()
}

// renewed refreshes a token, unless another process does or has done it. One that still lasts is not waited for.
func (c *Client) renewed(ctx context.Context, t *token, refused string) (*token, error) {
	if !t.renewable(c.Now()) {
		return nil, c.ended(t, nil)
	}
	good := t.good(c.Now(), refused)
	unlock, err := c.lock(ctx, !good)
	if errors.Is(err, errBusy) {
		return t, nil
	}
	if err != nil {
		return nil, err
	}
	defer unlock()
	if t, err = c.held(ctx); err != nil || t.settled(c.Now(), refused) {
		return t, err
	}
	if !t.renewable(c.Now()) {
		return nil, c.ended(t, nil)
	}
	fresh, err := c.refresh(ctx, t)
	if err != nil {
		return c.unrefreshed(ctx, t, refused, err)
	}
	if err := c.write(c.tokenFile(), fresh.record); err != nil {
		c.log("the refreshed token of %s cannot be written to %s: %s", c.Session, c.tokenPath(), reason(err))
	}
	return fresh, nil
}

// refresh exchanges a refresh token. As in botocore and Go's SDK, the old one is dropped where AWS sends no new one.
func (c *Client) refresh(ctx context.Context, t *token) (*token, error) {
	g, err := c.createToken(ctx, t.record, map[string]any{"grantType": "refresh_token", "refreshToken": t.record.text("refreshToken")})
	if err != nil {
		return nil, err
	}
	c.log("refreshed the login to %s until %s", c.Session, g.expires.Format(time.RFC3339))
	r := maps.Clone(t.record)
	delete(r, "refreshToken")
	c.fill(r, g)
	return &token{access: g.access.Reveal(), expires: g.expires, record: r}, nil
}

// fill writes what AWS has granted into a record.
func (c *Client) fill(r record, g *grant) {
	r.set("startUrl", c.StartURL)
	r.set("region", c.Region)
	r.set("accessToken", g.access.Reveal())
	r.setTime("expiresAt", g.expires)
	if !g.refresh.Empty() {
		r.set("refreshToken", g.refresh.Reveal())
	}
}

// unrefreshed makes the best of a refresh that failed: the AWS CLI may have been faster, and the old token may still last.
func (c *Client) unrefreshed(ctx context.Context, t *token, refused string, failure error) (*token, error) {
	if other, err := c.held(ctx); err == nil && other.access != t.access && other.good(c.Now(), refused) {
		return other, nil
	}
	if t.good(c.Now(), refused) {
		c.log("the login to %s could not be refreshed and ends at %s: %v", c.Session, t.expires.Format(time.RFC3339), failure)
		return t, nil
	}
	if isRefusal(failure, "InvalidGrantException", "ExpiredTokenException", "InvalidClientException", "UnauthorizedClientException",
		"AccessDeniedException", "InvalidRequestException") {
		return nil, c.ended(t, failure)
	}
	return nil, c.failure(ctx, "refresh the login to "+c.Session.String(), failure)
}

// ended says why there must be a new login. why is AWS's word on the refresh, nil where there was none.
func (c *Client) ended(t *token, why error) *problem.Error {
	p := loginNeeded("AWS does not accept the login to %s any more, though it was to last until %s", c.Session, t.expires.Format(time.RFC3339))
	if !t.expires.After(c.Now()) {
		p = loginNeeded("the login to %s ended at %s", c.Session, t.expires.Format(time.RFC3339))
	}
	if why != nil {
		p.Message += " and cannot be refreshed: " + why.Error()
	}
	return p
}

// grant is what AWS gives for a code or a refresh token.
type grant struct {
	access, refresh creds.Secret // refresh may be empty
	expires         time.Time
}

// createToken is CreateToken of a client: the record has its id and secret. ssooidc, CreateToken.
func (c *Client) createToken(ctx context.Context, client record, input map[string]any) (*grant, error) {
	secrets := []creds.Secret{creds.NewSecret(client.text("clientSecret"))}
	for _, field := range []string{"refreshToken", "code", "codeVerifier", "deviceCode"} {
		if value, ok := input[field].(string); ok {
			secrets = append(secrets, creds.NewSecret(value))
		}
	}
	input["clientId"], input["clientSecret"] = client.text("clientId"), client.text("clientSecret")
	var out struct {
		AccessToken, RefreshToken string
		ExpiresIn                 int64 // seconds
	}
	if err := c.post(ctx, "/token", input, &out, secrets...); err != nil {
		return nil, err
	}
	life := time.Duration(out.ExpiresIn) * time.Second
	if !creds.Visible(out.AccessToken, maxToken) || out.RefreshToken != "" && !creds.Visible(out.RefreshToken, maxToken) ||
		out.ExpiresIn <= 0 || out.ExpiresIn > int64(maxLife/time.Second) {
		return nil, c.strange(transport.HostOf(c.oidc()), http.StatusOK)
	}
	return &grant{creds.NewSecret(out.AccessToken), creds.NewSecret(out.RefreshToken), c.Now().Add(life).UTC().Truncate(time.Second)}, nil
}
