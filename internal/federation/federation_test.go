package federation

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"whichrole/internal/creds"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
	"whichrole/internal/test/fakesignin"
)

const roleARN = "arn:aws:sts::111111111111:assumed-role/production/me"

// session is what was handed out.
func session() creds.Credentials {
	return creds.Credentials{
		AccessKeyID: "ASIAFEDERATIONTEST01", SecretAccessKey: creds.NewSecret("secret/never+shown"), SessionToken: creds.NewSecret("token/never+shown=="),
		Expires: time.Now().Add(time.Hour), AccountID: "111111111111",
	}
}

var home = Place{Partition: "aws", Region: "eu-west-1"}

// start is a sign-in that knows the session above as a role's, and one that a user has.
func start(t *testing.T) *fakesignin.Server {
	t.Helper()
	s := fakesignin.Start(fakesignin.Config{Whose: func(id, secret, token string) (string, bool) {
		who := session()
		if secret != who.SecretAccessKey.Reveal() || token != who.SessionToken.Reveal() {
			return "", false
		}
		return roleARN, id == who.AccessKeyID
	}})
	t.Cleanup(s.Close)
	return s
}

// ask gets an address from a sign-in, and checks that nothing that is told holds a secret.
func ask(t *testing.T, endpoint string, who creds.Credentials, p Place) (string, error) {
	t.Helper()
	var said []string
	c := &Client{
		Env: paths.Env{endpointSetting: endpoint, "HTTPS_PROXY": "http://127.0.0.1:9"},
		Log: func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) },
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	address, err := c.URL(ctx, who, p)
	if err != nil {
		said = append(said, err.Error(), problem.HintOf(err))
	}
	for _, text := range append(said, fmt.Sprint(address)) {
		if strings.Contains(text, "never") || strings.Contains(text, "VCQg") || strings.Contains(text, "hush") || strings.ContainsAny(text, "\n\x1b<") {
			t.Errorf("told: %s", text)
		}
	}
	return address.Reveal(), err
}

func TestAddressSignsInWithTheRole(t *testing.T) {
	s := start(t)
	address, err := ask(t, s.URL, session(), Place{Partition: "aws", Region: "eu-west-1", Service: "ec2"})
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if !strings.HasPrefix(address, s.URL+"/federation?") || q.Get("Action") != "login" || q.Get("Issuer") != "whichrole" || q.Get("SigninToken") == "" ||
		q.Get("Destination") != "https://eu-west-1.console.aws.amazon.com/ec2/home?region=eu-west-1" || len(q) != 4 {
		t.Errorf("%s", address)
	}
	if calls := s.Calls(); len(calls) != 1 || calls[0].ARN != roleARN || calls[0].Status != 200 {
		t.Errorf("%+v", calls)
	}
}

func TestWhatAWSDoesNotSignIn(t *testing.T) {
	s := start(t)
	for name, c := range map[string]struct {
		change func(*creds.Credentials)
		code   problem.Code
		calls  int
		hint   string
	}{
		"long-term keys":           {func(c *creds.Credentials) { c.SessionToken, c.Expires = creds.Secret{}, time.Time{} }, problem.Failure, 0, "role_arn"},
		"a broken token":           {func(c *creds.Credentials) { c.SessionToken = creds.NewSecret("a\nb") }, problem.Failure, 0, "role_arn"},
		"a session of a user's":    {func(c *creds.Credentials) { c.AccessKeyID = "ASIAFEDERATIONTEST02" }, problem.Refused, 1, "GetSessionToken"},
		"a session that has ended": {func(c *creds.Credentials) { c.SecretAccessKey = creds.NewSecret("another/never+shown") }, problem.Refused, 1, "ended"},
	} {
		before := len(s.Calls())
		who := session()
		c.change(&who)
		address, err := ask(t, s.URL, who, home)
		if problem.CodeOf(err) != c.code || !strings.Contains(problem.HintOf(err), c.hint) || address != "" || len(s.Calls())-before != c.calls {
			t.Errorf("%s: %v, %s, %d calls", name, err, problem.HintOf(err), len(s.Calls())-before)
		}
	}
}

func TestAnswersThatAreNoToken(t *testing.T) {
	for name, c := range map[string]struct {
		answer fakesignin.Answer
		code   problem.Code
		says   string
	}{
		"a captive portal":   {fakesignin.Answer{Status: 200, Body: "<html>Welcome"}, problem.Unreachable, "is not an answer of AWS's sign-in"},
		"a redirect":         {fakesignin.Answer{Status: 302, Location: "https://evil.example/"}, problem.Unreachable, "HTTP 302"},
		"no token":           {fakesignin.Answer{Status: 200, Body: `{}`}, problem.Unreachable, "HTTP 200"},
		"an empty token":     {fakesignin.Answer{Status: 200, Body: `{"SigninToken":""}`}, problem.Unreachable, "HTTP 200"},
		"a number":           {fakesignin.Answer{Status: 200, Body: `{"SigninToken":1}`}, problem.Unreachable, "HTTP 200"},
		"a token of 2 lines": {fakesignin.Answer{Status: 200, Body: `{"SigninToken":"hush\nhush"}`}, problem.Unreachable, "HTTP 200"},
		"an endless token":   {fakesignin.Answer{Status: 200, Body: `{"SigninToken":"` + strings.Repeat("x", maxToken+1) + `"}`}, problem.Unreachable, "HTTP 200"},
		"an endless answer":  {fakesignin.Answer{Status: 200, Body: strings.Repeat("x", 300<<10)}, problem.Unreachable, "larger"},
		"no":                 {fakesignin.Answer{Status: 400, Body: "<html>hush\x1b[31m"}, problem.Refused, "HTTP 400"},
		"forbidden":          {fakesignin.Answer{Status: 403, Body: "hush"}, problem.Refused, "HTTP 403"},
		"not there":          {fakesignin.Answer{Status: 404, Body: "hush"}, problem.Unreachable, "HTTP 404"},
		"broken":             {fakesignin.Answer{Status: 500, Body: "hush"}, problem.Unreachable, "HTTP 500"},
		"broken, with one":   {fakesignin.Answer{Status: 500, Body: `{"SigninToken":"hush"}`}, problem.Unreachable, "HTTP 500"},
		"silence":            {fakesignin.Answer{Hang: true}, problem.Unreachable, "in time"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			s.Instead(&c.answer)
			address, err := ask(t, s.URL, session(), home)
			if problem.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.says) || address != "" {
				t.Errorf("%v (%d)", err, problem.CodeOf(err))
			}
		})
	}
}

// The credentials go to AWS, or where the user says, and nobody in between reads them.
func TestSignInThatOthersCouldRead(t *testing.T) {
	for _, endpoint := range []string{
		"http://signin.example.test", "signin.aws.amazon.com", "ftp://127.0.0.1", "https://", "https://user:hush@signin.example.test", "https://signin.example.test?x=hush",
		"https://signin.example.test#hush", "http://127.0.0.1.evil.example", "javascript:alert(1)", "https://sign in", "http://localhost@evil.example",
	} {
		address, err := ask(t, endpoint, session(), home)
		if problem.CodeOf(err) != problem.Usage || !strings.Contains(err.Error(), endpointSetting) || address != "" {
			t.Errorf("%s: %v %s", endpoint, err, address)
		}
	}
}

func TestBundleThatCannotBeRead(t *testing.T) {
	c := &Client{Env: paths.Env{}, CABundle: t.TempDir() + "/none", Log: t.Logf}
	if _, err := c.URL(t.Context(), session(), home); problem.CodeOf(err) != problem.Usage || !strings.Contains(err.Error(), "CA bundle") {
		t.Error(err)
	}
}

func TestInterrupted(t *testing.T) {
	s := start(t)
	s.Instead(&fakesignin.Answer{Status: http.StatusServiceUnavailable})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c := &Client{Env: paths.Env{endpointSetting: s.URL}, Log: t.Logf}
	if _, err := c.URL(ctx, session(), home); problem.CodeOf(err) != problem.Unreachable {
		t.Error(err)
	}
}
