// Package federation signs a browser in to the AWS console with a role's credentials.
package federation

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"whichrole/internal/creds"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
	"whichrole/internal/transport"
)

// endpointSetting is the user's word on where AWS's sign-in is. It is the variable that the SDKs have for the service signin.
const endpointSetting = "AWS_ENDPOINT_URL_SIGNIN"

const maxToken = 8 << 10 // bytes; a real one has about 1 KiB

// Client asks AWS's sign-in, by the federation endpoint (the IAM user guide's page "Enable custom identity broker access to
// the AWS console").
type Client struct {
	Env      paths.Env // for the proxy, and AWS_ENDPOINT_URL_SIGNIN
	CABundle string    // as in transport.Settings
	Log      func(format string, args ...any)
}

// URL is an address that signs in whoever opens it within 15 minutes, so it is a secret. The console's session ends with the
// credentials. Errors are *problem.Error: credentials without a session token are refused here, those of GetSessionToken by
// AWS.
//
// A longer session could be asked for (SessionDuration), but not where the role was assumed by another session, and the map's
// duration is what was approved.
func (c *Client) URL(ctx context.Context, who creds.Credentials, p Place) (creds.Secret, error) {
	if err := p.Check(); err != nil {
		return creds.Secret{}, err
	}
	if !who.IsSession() {
		return creds.Secret{}, problem.New(problem.Failure, "these are long-term keys, and AWS signs in a role's session alone").
			WithHint("give the environment a role_arn; a user's own way into the console is the password")
	}
	endpoint, err := c.endpoint(p)
	if err != nil {
		return creds.Secret{}, err
	}
	token, err := c.token(ctx, endpoint, who)
	if err != nil {
		return creds.Secret{}, err
	}
	query := url.Values{"Action": {"login"}, "Issuer": {"whichrole"}, "Destination": {p.page()}, "SigninToken": {token}}
	return creds.NewSecret(endpoint + "?" + query.Encode()), nil
}

// endpoint is where tokens are had and given back.
func (c *Client) endpoint(p Place) (string, error) {
	own := strings.TrimRight(c.Env[endpointSetting], "/")
	if own == "" {
		return "https://" + p.signin() + "/federation", nil
	}
	u, err := url.Parse(own)
	if err != nil || transport.InClear(own) || transport.HostOf(own) == "" || u.User != nil || strings.ContainsAny(own, "?#") {
		wrong := problem.New(problem.Usage, "%s is not a URL that can be used", endpointSetting) // unquoted: it may hold a password
		return "", wrong.WithHint("it begins with https:// and a host, and holds no user name, password or ?")
	}
	return u.String() + "/federation", nil
}

// token exchanges the credentials. They go in the body: URLs end up in the logs of proxies.
func (c *Client) token(ctx context.Context, endpoint string, who creds.Credentials) (string, error) {
	session, err := json.Marshal(map[string]string{
		"sessionId": who.AccessKeyID, "sessionKey": who.SecretAccessKey.Reveal(), "sessionToken": who.SessionToken.Reveal(),
	})
	if err != nil {
		return "", err
	}
	way, err := transport.Open(transport.Settings{CABundle: c.CABundle, Env: c.Env})
	if err != nil {
		return "", err
	}
	defer way.Close()
	answer, err := way.Do(ctx, transport.Request{
		Method: http.MethodPost, URL: endpoint, Header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"},
		Body: []byte(url.Values{"Action": {"getSigninToken"}, "Session": {string(session)}}.Encode()),
	})
	if err != nil {
		return "", unreached(err)
	}
	c.Log("asked %s for a sign-in token: HTTP %d", answer.Host, answer.Status)
	return c.read(answer)
}

// read judges an answer, and repeats nothing of it: a no of AWS's is a page for a browser.
func (c *Client) read(answer *transport.Answer) (string, error) {
	var said struct{ SigninToken string }
	switch {
	case answer.Status == http.StatusOK && json.Unmarshal(answer.Body, &said) == nil && creds.Visible(said.SigninToken, maxToken):
		return said.SigninToken, nil
	case answer.Status == http.StatusBadRequest || answer.Status == http.StatusUnauthorized || answer.Status == http.StatusForbidden:
		return "", problem.New(problem.Refused, "AWS's sign-in does not take the credentials (%s, HTTP %d)", answer.Host, answer.Status).
			WithHint("it takes a role's session that has not ended or been revoked, and none of GetSessionToken; look at: whichrole explain")
	}
	place := transport.Place{Host: answer.Host, Service: "AWS's sign-in"}
	if c.Env[endpointSetting] != "" {
		place.Variable = endpointSetting
	}
	return "", unreached(place.Stranger(nil, answer.Status))
}

// unreached words what brought no answer that can be used.
func unreached(err error) error {
	if s, ok := errors.AsType[*transport.Silence](err); ok {
		return problem.New(problem.Unreachable, "AWS's sign-in gave no token: %s", s.What).WithHint("%s", s.Hint).Because(err)
	}
	return problem.New(problem.Unreachable, "AWS's sign-in gave no token: interrupted").Because(err)
}
