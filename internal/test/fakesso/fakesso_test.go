package fakesso

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sso"
	"github.com/aws/aws-sdk-go-v2/service/ssooidc"
	"github.com/aws/smithy-go"

	"whichrole/internal/test/fakests"
)

const (
	account  = "111111111111"
	redirect = "http://127.0.0.1/oauth/callback"
	back     = "http://127.0.0.1:4711/oauth/callback"
)

var ctx = context.Background()

// world is a fake, and the AWS SDK's own clients of it.
type world struct {
	*Server
	oidc   *ssooidc.Client
	portal *sso.Client
	now    time.Time
}

func start(t *testing.T, change func(*Config)) *world {
	t.Helper()
	w := &world{now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	c := Config{Accounts: map[string][]string{account: {"Admin", "ReadOnly"}}, Now: func() time.Time { return w.now }}
	if change != nil {
		change(&c)
	}
	w.Server = Start(c)
	t.Cleanup(w.Close)
	w.oidc = ssooidc.New(ssooidc.Options{Region: "eu-west-1", BaseEndpoint: &w.URL, RetryMaxAttempts: 1})
	w.portal = sso.New(sso.Options{Region: "eu-west-1", BaseEndpoint: &w.URL, RetryMaxAttempts: 1})
	return w
}

func (w *world) register(t *testing.T, change func(*ssooidc.RegisterClientInput)) *ssooidc.RegisterClientOutput {
	t.Helper()
	in := &ssooidc.RegisterClientInput{ClientName: aws.String("test"), ClientType: aws.String("public"), Scopes: []string{"sso:account:access"},
		GrantTypes: []string{"authorization_code", "refresh_token"}, RedirectUris: []string{redirect}, IssuerUrl: aws.String(w.StartURL())}
	if change != nil {
		change(in)
	}
	out, err := w.oidc.RegisterClient(ctx, in)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func forDevices(in *ssooidc.RegisterClientInput) {
	in.GrantTypes, in.RedirectUris, in.IssuerUrl = nil, nil, nil
}

func (w *world) device(t *testing.T, c *ssooidc.RegisterClientOutput) *ssooidc.StartDeviceAuthorizationOutput {
	t.Helper()
	out, err := w.oidc.StartDeviceAuthorization(ctx, &ssooidc.StartDeviceAuthorizationInput{ClientId: c.ClientId, ClientSecret: c.ClientSecret, StartUrl: aws.String(w.StartURL())})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (w *world) token(c *ssooidc.RegisterClientOutput, grant string, change func(*ssooidc.CreateTokenInput)) (*ssooidc.CreateTokenOutput, error) {
	in := &ssooidc.CreateTokenInput{ClientId: c.ClientId, ClientSecret: c.ClientSecret, GrantType: &grant}
	change(in)
	return w.oidc.CreateToken(ctx, in)
}

func (w *world) byDevice(c *ssooidc.RegisterClientOutput, d *ssooidc.StartDeviceAuthorizationOutput) (*ssooidc.CreateTokenOutput, error) {
	return w.token(c, deviceGrant, func(in *ssooidc.CreateTokenInput) { in.DeviceCode = d.DeviceCode })
}

func (w *world) byRefresh(c *ssooidc.RegisterClientOutput, token *string) (*ssooidc.CreateTokenOutput, error) {
	return w.token(c, refreshGrant, func(in *ssooidc.CreateTokenInput) { in.RefreshToken = token })
}

// login gets a token by a device code.
func (w *world) login(t *testing.T) (*ssooidc.RegisterClientOutput, *ssooidc.CreateTokenOutput) {
	t.Helper()
	c := w.register(t, forDevices)
	out, err := w.byDevice(c, w.device(t, c))
	if err != nil {
		t.Fatal(err)
	}
	return c, out
}

func (w *world) credentials(token *string, account, set string) (*sso.GetRoleCredentialsOutput, error) {
	return w.portal.GetRoleCredentials(ctx, &sso.GetRoleCredentialsInput{AccessToken: token, AccountId: &account, RoleName: &set})
}

// says fails the test unless the SDK understood that very error.
func says(t *testing.T, err error, code string) {
	t.Helper()
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok || api.ErrorCode() != code {
		t.Errorf("%v; want %s", err, code)
	}
}

// code goes through the authorize page and gives what came back in the redirect.
func (w *world) code(t *testing.T, c *ssooidc.RegisterClientOutput, change func(url.Values)) (int, url.Values) {
	t.Helper()
	sum := sha256.Sum256([]byte(strings.Repeat("v", 43)))
	q := url.Values{"response_type": {"code"}, "client_id": {*c.ClientId}, "redirect_uri": {back}, "state": {"s"}, "scopes": {"sso:account:access"},
		"code_challenge_method": {"S256"}, "code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}}
	if change != nil {
		change(q)
	}
	browser := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := browser.Get(w.URL + "/authorize?" + q.Encode())
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	to, err := resp.Location()
	if err != nil {
		return resp.StatusCode, nil
	}
	return resp.StatusCode, to.Query()
}

func (w *world) byCode(c *ssooidc.RegisterClientOutput, code string, change func(*ssooidc.CreateTokenInput)) (*ssooidc.CreateTokenOutput, error) {
	return w.token(c, codeGrant, func(in *ssooidc.CreateTokenInput) {
		in.Code, in.CodeVerifier, in.RedirectUri = &code, aws.String(strings.Repeat("v", 43)), aws.String(back)
		if change != nil {
			change(in)
		}
	})
}

func TestTheSDKLogsInByTheBrowser(t *testing.T) {
	var minted []fakests.User
	w := start(t, func(c *Config) { c.AddUser = func(u fakests.User) { minted = append(minted, u) } })
	c := w.register(t, nil)
	status, q := w.code(t, c, nil)
	if status != http.StatusFound || q.Get("state") != "s" {
		t.Fatalf("%d %v", status, q)
	}
	token, err := w.byCode(c, q.Get("code"), nil)
	if err != nil || token.ExpiresIn != 3600 || aws.ToString(token.RefreshToken) == "" || *token.TokenType != "Bearer" {
		t.Fatalf("%+v %v", token, err)
	}
	out, err := w.credentials(token.AccessToken, account, "Admin")
	if err != nil {
		t.Fatal(err)
	}
	k := out.RoleCredentials
	if k.Expiration != w.now.Add(time.Hour).UnixMilli() || len(minted) != 1 || minted[0].AccessKeyID != *k.AccessKeyId ||
		minted[0].SecretAccessKey != *k.SecretAccessKey || minted[0].SessionToken != *k.SessionToken ||
		minted[0].ARN != "arn:aws:sts::111111111111:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/alice" {
		t.Errorf("%+v %+v", k, minted)
	}
	roles, err := w.portal.ListAccountRoles(ctx, &sso.ListAccountRolesInput{AccessToken: token.AccessToken, AccountId: aws.String(account)})
	if err != nil || len(roles.RoleList) != 2 || *roles.RoleList[1].RoleName != "ReadOnly" {
		t.Errorf("%+v %v", roles, err)
	}
	if _, err := w.portal.Logout(ctx, &sso.LogoutInput{AccessToken: token.AccessToken}); err != nil {
		t.Fatal(err)
	}
	_, err = w.credentials(token.AccessToken, account, "Admin")
	says(t, err, "UnauthorizedException")
	_, err = w.byRefresh(c, token.RefreshToken)
	says(t, err, "InvalidGrantException")
}

func TestACodeIsGoodOnceForWhoAskedForIt(t *testing.T) {
	w := start(t, nil)
	c, other := w.register(t, nil), w.register(t, nil)
	for name, change := range map[string]func(*ssooidc.CreateTokenInput){
		"another verifier": func(in *ssooidc.CreateTokenInput) { in.CodeVerifier = aws.String(strings.Repeat("w", 43)) },
		"no verifier":      func(in *ssooidc.CreateTokenInput) { in.CodeVerifier = nil },
		"another redirect": func(in *ssooidc.CreateTokenInput) { in.RedirectUri = aws.String("http://127.0.0.1:1/oauth/callback") },
		"another client":   func(in *ssooidc.CreateTokenInput) { in.ClientId, in.ClientSecret = other.ClientId, other.ClientSecret },
	} {
		_, q := w.code(t, c, nil)
		if _, err := w.byCode(c, q.Get("code"), change); err == nil {
			t.Errorf("%s: a token", name)
		} else {
			says(t, err, "InvalidGrantException")
		}
		_, err := w.byCode(c, q.Get("code"), nil)
		says(t, err, "InvalidGrantException") // spent by the attempt
	}
	_, q := w.code(t, c, nil)
	if _, err := w.byCode(c, q.Get("code"), nil); err != nil {
		t.Fatal(err)
	}
	_, err := w.byCode(c, q.Get("code"), nil)
	says(t, err, "InvalidGrantException")
	_, q = w.code(t, c, nil)
	w.now = w.now.Add(10 * time.Minute)
	_, err = w.byCode(c, q.Get("code"), nil)
	says(t, err, "ExpiredTokenException")
}

func TestAuthorizePage(t *testing.T) {
	w := start(t, nil)
	c := w.register(t, nil)
	for name, change := range map[string]func(url.Values){
		"another machine":  func(q url.Values) { q.Set("redirect_uri", "http://192.0.2.1:1/oauth/callback") },
		"a name":           func(q url.Values) { q.Set("redirect_uri", "http://localhost:1/oauth/callback") },
		"another path":     func(q url.Values) { q.Set("redirect_uri", "http://127.0.0.1:1/") },
		"no port":          func(q url.Values) { q.Set("redirect_uri", redirect) },
		"an unknown one":   func(q url.Values) { q.Set("client_id", "x") },
		"a plain verifier": func(q url.Values) { q.Set("code_challenge_method", "plain") },
		"no challenge":     func(q url.Values) { q.Del("code_challenge") },
		"no scopes":        func(q url.Values) { q.Del("scopes") },
		"for devices":      func(q url.Values) { q.Set("client_id", *w.register(t, forDevices).ClientId) },
	} {
		if status, q := w.code(t, c, change); status != http.StatusBadRequest || q != nil {
			t.Errorf("%s: %d %v", name, status, q)
		}
	}
	w.Decide(Decision{Deny: true})
	if _, q := w.code(t, c, nil); q.Get("error") != "access_denied" || q.Get("state") != "s" || q.Has("code") {
		t.Errorf("%v", q)
	}
	w.Decide(Decision{Abandon: true})
	if status, q := w.code(t, c, nil); status != http.StatusOK || q != nil {
		t.Errorf("%d %v", status, q)
	}
}

func TestClientsAreKnownOrRefused(t *testing.T) {
	w := start(t, nil)
	for name, tt := range map[string]struct {
		change func(*ssooidc.RegisterClientInput)
		code   string
	}{
		"a confidential one":            {func(in *ssooidc.RegisterClientInput) { in.ClientType = aws.String("confidential") }, "InvalidClientMetadataException"},
		"no redirect":                   {func(in *ssooidc.RegisterClientInput) { in.RedirectUris = nil }, "InvalidRequestException"},
		"another start URL":             {func(in *ssooidc.RegisterClientInput) { in.IssuerUrl = aws.String("https://x.awsapps.com/start") }, "InvalidRequestException"},
		"a redirect to another machine": {func(in *ssooidc.RegisterClientInput) { in.RedirectUris = []string{"https://example.com/"} }, "InvalidRedirectUriException"},
	} {
		in := &ssooidc.RegisterClientInput{ClientName: aws.String("test"), ClientType: aws.String("public"),
			GrantTypes: []string{"authorization_code"}, RedirectUris: []string{redirect}, IssuerUrl: aws.String(w.StartURL())}
		tt.change(in)
		if _, err := w.oidc.RegisterClient(ctx, in); err == nil {
			t.Errorf("%s: registered", name)
		} else {
			says(t, err, tt.code)
		}
	}
	c := w.register(t, forDevices)
	_, err := w.oidc.StartDeviceAuthorization(ctx, &ssooidc.StartDeviceAuthorizationInput{ClientId: c.ClientId, ClientSecret: c.ClientSecret, StartUrl: aws.String("https://x")})
	says(t, err, "InvalidRequestException")
	_, err = w.oidc.StartDeviceAuthorization(ctx, &ssooidc.StartDeviceAuthorizationInput{ClientId: c.ClientId, ClientSecret: aws.String("x"), StartUrl: aws.String(w.StartURL())})
	says(t, err, "InvalidClientException")
	pkce := w.register(t, nil)
	_, err = w.oidc.StartDeviceAuthorization(ctx, &ssooidc.StartDeviceAuthorizationInput{ClientId: pkce.ClientId, ClientSecret: pkce.ClientSecret, StartUrl: aws.String(w.StartURL())})
	says(t, err, "UnauthorizedClientException")
	_, err = w.token(c, "password", func(*ssooidc.CreateTokenInput) {})
	says(t, err, "UnsupportedGrantTypeException")
	w.now = w.now.Add(90 * 24 * time.Hour)
	_, err = w.byRefresh(c, aws.String("x"))
	says(t, err, "InvalidClientException")
	c = w.register(t, forDevices)
	w.ForgetClients()
	_, err = w.byRefresh(c, aws.String("x"))
	says(t, err, "InvalidClientException")
}

func TestDeviceCodes(t *testing.T) {
	w := start(t, func(c *Config) { c.Pending, c.SlowDown, c.Interval = 2, 1, 7 })
	c := w.register(t, forDevices)
	d := w.device(t, c)
	if d.Interval != 7 || d.ExpiresIn != 600 || *d.VerificationUriComplete != *d.VerificationUri+"?user_code="+*d.UserCode {
		t.Errorf("%+v", d)
	}
	for _, code := range []string{"SlowDownException", "AuthorizationPendingException", "AuthorizationPendingException"} {
		_, err := w.byDevice(c, d)
		says(t, err, code)
	}
	if _, err := w.byDevice(c, d); err != nil {
		t.Fatal(err)
	}
	_, err := w.byDevice(c, d)
	says(t, err, "InvalidGrantException") // good once
	d = w.device(t, c)
	w.Decide(Decision{Abandon: true})
	_, err = w.byDevice(c, d)
	says(t, err, "SlowDownException")
	for range 5 {
		_, err = w.byDevice(c, d)
		says(t, err, "AuthorizationPendingException")
	}
	w.now = w.now.Add(10 * time.Minute)
	_, err = w.byDevice(c, d)
	says(t, err, "ExpiredTokenException")
}

func TestADeniedDeviceCode(t *testing.T) {
	w := start(t, func(c *Config) { c.Deny = true })
	c := w.register(t, forDevices)
	_, err := w.byDevice(c, w.device(t, c))
	says(t, err, "AccessDeniedException")
}

func TestRefreshTokens(t *testing.T) {
	for name, tt := range map[string]struct {
		change       func(*Config)
		again, comes bool // whether the old token works a second time, and a new one comes
	}{
		"many uses":    {func(*Config) {}, true, true},
		"a single use": {func(c *Config) { c.SingleUse = true }, false, true},
		"no new one":   {func(c *Config) { c.NoRotation = true }, true, false},
	} {
		w := start(t, tt.change)
		c, token := w.login(t)
		fresh, err := w.byRefresh(c, token.RefreshToken)
		if err != nil || *fresh.AccessToken == *token.AccessToken || (fresh.RefreshToken != nil) != tt.comes {
			t.Fatalf("%s: %+v %v", name, fresh, err)
		}
		if _, err := w.credentials(fresh.AccessToken, account, "Admin"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err = w.byRefresh(c, token.RefreshToken); tt.again != (err == nil) {
			t.Errorf("%s: a second time: %v", name, err)
		}
	}
	w := start(t, nil)
	c := w.register(t, func(in *ssooidc.RegisterClientInput) { forDevices(in); in.Scopes = nil })
	if token, err := w.byDevice(c, w.device(t, c)); err != nil || token.RefreshToken != nil {
		t.Errorf("without scopes: %+v %v", token, err)
	}
}

func TestThePortalRefuses(t *testing.T) {
	w := start(t, nil)
	_, token := w.login(t)
	_, err := w.credentials(token.AccessToken, account, "Billing")
	says(t, err, "ForbiddenException")
	_, err = w.credentials(token.AccessToken, "222222222222", "Admin")
	says(t, err, "ForbiddenException")
	_, err = w.credentials(aws.String("made-up"), account, "Admin")
	says(t, err, "UnauthorizedException")
	_, err = w.portal.ListAccountRoles(ctx, &sso.ListAccountRolesInput{AccessToken: token.AccessToken, AccountId: aws.String("222222222222")})
	says(t, err, "ForbiddenException")
	w.now = w.now.Add(time.Hour)
	_, err = w.credentials(token.AccessToken, account, "Admin")
	says(t, err, "UnauthorizedException")
	_, token = w.login(t)
	w.Revoke()
	_, err = w.portal.Logout(ctx, &sso.LogoutInput{AccessToken: token.AccessToken})
	says(t, err, "UnauthorizedException")
}

func TestFaultsAndTheLog(t *testing.T) {
	w := start(t, nil)
	c, token := w.login(t)
	if _, err := w.credentials(token.AccessToken, account, "Admin"); err != nil {
		t.Fatal(err)
	}
	w.SetFaults(Fault{Kind: Internal, Action: "GetRoleCredentials", Times: 1}, Fault{Kind: Throttle, Action: "GetRoleCredentials", Times: 1},
		Fault{Kind: Scripted, Status: 418, Code: "TeapotException", Times: 1})
	for _, code := range []string{"InternalServerException", "TooManyRequestsException", "TeapotException"} {
		_, err := w.credentials(token.AccessToken, account, "Admin")
		says(t, err, code)
	}
	for _, kind := range []string{Cut, Lose, Garbage, Huge} {
		w.SetFaults(Fault{Kind: kind, Times: 1})
		if _, err := w.byRefresh(c, token.RefreshToken); err == nil {
			t.Errorf("%s went well", kind)
		}
	}
	w.SetFaults(Fault{Kind: Hang, Times: 1})
	short, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
	defer cancel()
	if _, err := w.portal.Logout(short, &sso.LogoutInput{AccessToken: token.AccessToken}); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	resp, err := http.Post(w.URL+"/token", "text/plain", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	if !strings.Contains(string(body), `"error":"invalid_request"`) {
		t.Errorf("%s", body)
	}
	calls := w.Calls()
	if got := calls[3]; got.Action != "GetRoleCredentials" || got.Account != account || got.PermissionSet != "Admin" || got.Minted == "" || !got.Time.Equal(w.now) {
		t.Errorf("%+v", got)
	}
	if w.Count("device_code") != 1 || w.Count("refresh_token") != 1 || w.Count("CreateToken") != 6 || w.Count("") != len(calls) {
		t.Errorf("%+v", calls) // of the four broken ones only that which was lost was read
	}
	log, _ := json.Marshal(calls)
	for _, secret := range []*string{c.ClientSecret, token.AccessToken, token.RefreshToken} {
		if strings.Contains(string(log), *secret) {
			t.Error("a secret is in the log")
		}
	}
}
