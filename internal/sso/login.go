package sso

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"whichrole/internal/creds"
	"whichrole/internal/problem"
	"whichrole/internal/transport"
)

const (
	// maxLogin is how long a person has: AWS's codes last as long.
	maxLogin = 10 * time.Minute

	// lasting is what must be left of a client's registration to be used for a login: without it no token is refreshed. AWS
	// gives 90 days. The AWS CLI is content with 15 minutes.
	lasting = 24 * time.Hour

	defaultScope = "sso:account:access"
	deviceCode   = "urn:ietf:params:oauth:grant-type:device_code"
	redirectURI  = "http://127.0.0.1/oauth/callback" // the port is free to choose (RFC 8252, 7.3)
)

// UI is how a login talks with the person.
type UI struct {
	Device bool                                  // a code to confirm in any browser, instead of this machine's browser
	Browse func(url string) error                // opens the browser; an error where there is none, as is nil
	Say    func(format string, arguments ...any) // one line
}

// errNoBrowser is the error where no browser of this machine can be sent to AWS.
var errNoBrowser = errors.New("there is no browser here")

// Login gets a new token from a person and puts it where the AWS CLI and the SDKs find it: with PKCE in this machine's browser,
// or by a device code where that is wanted, where there is no browser, and for legacy sessions, as in the AWS CLI. until is when
// the token ends; a token that can be refreshed, as all but legacy ones can, is renewed by itself for as long as the session lasts.
//
// Every failure is a *problem.Error: LoginNeeded where nobody confirmed it in time, Refused where AWS or the person said
// no, Unreachable, Usage, and Failure where the token can't be written or the context was cancelled.
func (c *Client) Login(ctx context.Context, ui UI) (until time.Time, err error) {
	if err := c.check(); err != nil {
		return time.Time{}, err
	}
	if err := c.tryWriting(); err != nil { // before anybody is troubled
		return time.Time{}, c.unwritable(err)
	}
	waiting, cancel := context.WithTimeout(ctx, maxLogin)
	defer cancel()
	r, err := c.authorize(waiting, ui)
	if err != nil {
		return time.Time{}, c.loginFailed(ctx, err)
	}
	defer c.quiet(ctx)() // a refresh under way must not put its token over this one
	if err := c.write(c.tokenFile(), r); err != nil {
		return time.Time{}, c.unwritable(err)
	}
	return r.time("expiresAt"), nil
}

func (c *Client) unwritable(err error) *problem.Error {
	return problem.New(problem.Failure, "the token of %s cannot be kept in %s: %s", c.Session, c.Dir, reason(err)).Because(err)
}

func (c *Client) authorize(ctx context.Context, ui UI) (record, error) {
	if c.Name == "" || ui.Device {
		return c.byDevice(ctx, ui)
	}
	r, err := c.byBrowser(ctx, ui)
	if !errors.Is(err, errNoBrowser) {
		return r, err
	}
	c.log("%v", err)
	ui.Browse = nil
	return c.byDevice(ctx, ui)
}

func (c *Client) loginFailed(ctx context.Context, err error) *problem.Error {
	doing := "log in to " + c.Session.String()
	switch {
	case isRefusal(err, "AccessDeniedException"):
		return problem.New(problem.Refused, "cannot %s: it was denied in the browser", doing)
	case isRefusal(err, "ExpiredTokenException"), errors.Is(err, context.DeadlineExceeded):
		return loginNeeded("cannot %s: nobody confirmed it in time", doing)
	case isRefusal(err, "InvalidRequestException"):
		return c.failure(ctx, doing, err).WithHint("are sso_start_url %s and sso_region %s right? %s", c.StartURL, c.Region, c.Where)
	}
	return c.failure(ctx, doing, err)
}

// login is the record of a new token, with its client's registration beside it, as the AWS CLI has it.
func (c *Client) login(client record, g *grant) record {
	r := record{"clientId": client["clientId"], "clientSecret": client["clientSecret"], "registrationExpiresAt": client["expiresAt"]}
	c.fill(r, g)
	return r
}

// registration is the client's that a grant is asked for with: the cached one, as long as it lasts, or with fresh a new one. The
// AWS CLI keeps its own in the same directory, in the same form: the name is a digest of the tool's name and all the rest.
func (c *Client) registration(ctx context.Context, device, fresh bool) (record, error) {
	input, name := c.registrationFor(device)
	if r, err := c.readOnce(name); err == nil && !fresh && r.time("expiresAt").After(c.Now().Add(lasting)) && usable(r) {
		return r, nil
	}
	r, err := c.register(ctx, input)
	if err != nil {
		return nil, err
	}
	if err := c.write(name, r); err != nil {
		c.log("the registration at %s cannot be kept: %s", c.Session, reason(err))
	}
	return r, nil
}

// registrationFor is what RegisterClient is asked, and the file for what it answers. A legacy session has no scopes, and for
// want of them no refresh token, as in the AWS CLI.
func (c *Client) registrationFor(device bool) (input map[string]any, file string) {
	input = map[string]any{"clientName": "whichrole", "clientType": "public"}
	if c.Name != "" {
		input["clientName"], input["scopes"] = "whichrole-"+c.Name, c.scopes()
	}
	if !device {
		input["grantTypes"], input["redirectUris"], input["issuerUrl"] = []string{"authorization_code", "refresh_token"}, []string{redirectURI}, c.StartURL
	}
	key, _ := json.Marshal([]any{"whichrole", c.oidc(), c.StartURL, input}) // strings can't fail
	return input, fileName(string(key))
}

func (c *Client) scopes() []string {
	if len(c.Scopes) == 0 {
		return []string{defaultScope}
	}
	return c.Scopes
}

func usable(client record) bool {
	return creds.Visible(client.text("clientId"), maxToken) && creds.Visible(client.text("clientSecret"), maxToken)
}

// register is RegisterClient of ssooidc.
func (c *Client) register(ctx context.Context, input map[string]any) (record, error) {
	var out struct {
		ClientID              string `json:"clientId"`
		ClientSecret          string `json:"clientSecret"`
		ClientSecretExpiresAt int64  `json:"clientSecretExpiresAt"` // seconds since 1970
	}
	if err := c.post(ctx, "/client/register", input, &out); err != nil {
		return nil, err
	}
	r := record{}
	r.set("clientId", out.ClientID)
	r.set("clientSecret", out.ClientSecret)
	r.setTime("expiresAt", time.Unix(out.ClientSecretExpiresAt, 0))
	for _, field := range []string{"scopes", "grantTypes"} {
		if input[field] != nil {
			r.set(field, input[field])
		}
	}
	if !usable(r) || !r.time("expiresAt").After(c.Now()) {
		return nil, c.strange(transport.HostOf(c.oidc()), http.StatusOK)
	}
	return r, nil
}
