package oidc

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
	"whichrole/internal/transport"
)

const bearer = "eyJ.bearer-of-the-job.secret"

var now = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

type claims map[string]any

// usual are the claims of a good token.
func usual() claims {
	return claims{"iss": "https://issuer.example", "sub": "repo:acme/infra", "aud": "sts.amazonaws.com", "iat": now.Unix() - 60, "exp": now.Unix() + 300}
}

func (c claims) with(name string, value any) claims {
	changed := claims{}
	for n, v := range c {
		changed[n] = v
	}
	changed[name] = value
	return changed
}

// jwt has the form of a token. Its last part is a secret that must show nowhere.
func (c claims) jwt(t testing.TB) string {
	t.Helper()
	payload, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	return formed(`{"alg":"RS256","typ":"JWT"}`, string(payload), "a signature that is secret")
}

func formed(header, payload, signature string) string {
	part := base64.RawURLEncoding.EncodeToString
	return part([]byte(header)) + "." + part([]byte(payload)) + "." + part([]byte(signature))
}

func worldOf(env paths.Env) World {
	return World{Env: env, Home: "/home/of/nobody", Now: func() time.Time { return now }, Way: func() (*transport.Way, error) {
		return transport.Open(transport.Settings{Env: env})
	}}
}

// get is Get that also sweeps whatever is shown for secrets.
func (w World) get(t *testing.T, p Place, secrets ...string) (Token, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	token, err := w.Get(ctx, p)
	if (err == nil) == token.Secret.Empty() {
		t.Errorf("token %v with error %v", token, err)
	}
	said := fmt.Sprintf("%v %+v %#v %v %+v %#v", token, token, token, err, err, err)
	if p, ok := err.(*problem.Error); ok {
		said += fmt.Sprintf("%s %s %v %#v", p.Message, p.Hint, p.Err, p.Err)
	} else if err != nil {
		t.Errorf("%#v is no problem", err)
	}
	for _, value := range w.Env {
		if strings.HasPrefix(value, "eyJ") {
			secrets = append(secrets, value, value[strings.LastIndex(value, ".")+1:])
		}
	}
	for _, secret := range append(secrets, bearer) {
		if secret != "" && strings.Contains(said, secret) {
			t.Errorf("%q is shown: %s", secret, said)
		}
	}
	return token, err
}

// fails checks an error whole: its code, all of its message and its hint.
func fails(t *testing.T, err error, code problem.Code, message, hint string) {
	t.Helper()
	p, ok := err.(*problem.Error)
	if !ok || p.Code != code || p.Message != "no usable OIDC token from "+message || p.Hint != hint {
		t.Errorf("got  %d %v\nhint %q\nwant %d no usable OIDC token from %s\nhint %q", problem.CodeOf(err), err, hintOf(err), code, message, hint)
	}
}

func hintOf(err error) string {
	if p, ok := err.(*problem.Error); ok {
		return p.Hint
	}
	return ""
}

// endpoint answers every request with one answer and remembers what was asked.
type endpoint struct {
	*httptest.Server
	asked []*http.Request
	body  []string
}

func serve(t *testing.T, status int, answer string) *endpoint {
	t.Helper()
	e := &endpoint{}
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := make([]byte, 100)
		n, _ := r.Body.Read(body)
		e.asked, e.body = append(e.asked, r), append(e.body, string(body[:n]))
		w.WriteHeader(status)
		w.Write([]byte(answer))
	}))
	t.Cleanup(e.Close)
	return e
}

func (e *endpoint) github() paths.Env {
	return paths.Env{githubURL: e.URL + "/25//idtoken/plan/job?api-version=2.0", githubBearer: bearer}
}

func (e *endpoint) azure() paths.Env {
	return paths.Env{azureURL: e.URL + "/acme/_apis/distributedtask/hubs/build/plans/p/jobs/j/oidctoken", azureBearer: bearer}
}

func TestTokenInAVariableOrFile(t *testing.T) {
	good := usual().jwt(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "token")
	if err := os.WriteFile(file, []byte(good+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	bad := usual().with("sub", "another").jwt(t)
	for name, c := range map[string]struct {
		system string
		env    paths.Env
	}{
		"gitlab":                      {gitlab, paths.Env{"AWS_ID_TOKEN": good}},
		"circleci":                    {circleci, paths.Env{"CIRCLE_OIDC_TOKEN_V2": good, "CIRCLE_OIDC_TOKEN": bad}},
		"circleci, older":             {circleci, paths.Env{"CIRCLE_OIDC_TOKEN": good}},
		"bitbucket":                   {bitbucket, paths.Env{"BITBUCKET_STEP_OIDC_TOKEN": good}},
		"hcp-terraform":               {hcp, paths.Env{"TFC_WORKLOAD_IDENTITY_TOKEN": good, "TFC_WORKLOAD_IDENTITY_TOKEN_VAULT": bad}},
		"hcp-terraform, for AWS":      {hcp, paths.Env{"TFC_WORKLOAD_IDENTITY_TOKEN": bad, "TFC_WORKLOAD_IDENTITY_TOKEN_AWS": good}},
		"hcp-terraform, one tag":      {hcp, paths.Env{"TFC_WORKLOAD_IDENTITY_TOKEN_PROD": good, "TFC_WORKLOAD_IDENTITY_TOKEN_PATH": "/x"}},
		"variable":                    {"env:MINE", paths.Env{"MINE": good, "AWS_ID_TOKEN": bad}},
		"variable, with a line's end": {"env:MINE", paths.Env{"MINE": " " + good + "\r\n"}},
		"file":                        {"file:" + file, nil},
		"file at home":                {"file:~/token", nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := worldOf(c.env)
			w.Home = dir
			token, err := w.get(t, Place{System: c.system}, good)
			if err != nil || token.Secret.Reveal() != good {
				t.Fatalf("%v: %s", err, token.Secret.Reveal())
			}
			if got := token.Claims; got.Subject != "repo:acme/infra" || got.Issuer != "https://issuer.example" || !slices.Equal(got.Audience, []string{"sts.amazonaws.com"}) || !got.Expires.Equal(now.Add(5*time.Minute)) {
				t.Errorf("claims %v", got)
			}
		})
	}
}

func TestTokenOfGitHub(t *testing.T) {
	good := usual().jwt(t)
	for _, c := range []struct{ audience, query string }{
		{"", "api-version=2.0&audience=sts.amazonaws.com"},
		{"https://a.example/?x=1&y=ü", "api-version=2.0&audience=https%3A%2F%2Fa.example%2F%3Fx%3D1%26y%3D%C3%BC"},
	} {
		e := serve(t, 200, `{"count":1,"value":"`+good+`"}`)
		token, err := worldOf(e.github()).get(t, Place{github, c.audience}, good)
		if err != nil || token.Secret.Reveal() != good || token.Claims.Subject != "repo:acme/infra" {
			t.Fatalf("%v, %v", token.Claims, err)
		}
		if len(e.asked) != 1 {
			t.Fatalf("asked %d times", len(e.asked))
		}
		r := e.asked[0]
		if got := r.Method + " " + r.RequestURI; got != "GET /25//idtoken/plan/job?"+c.query {
			t.Error(got)
		}
		if got := r.Header.Get("Authorization"); got != "bearer "+bearer {
			t.Error(got)
		}
	}
}

func TestURLWithoutAQueryGetsOne(t *testing.T) {
	e := serve(t, 200, `{"value":"`+usual().jwt(t)+`"}`)
	env := e.github()
	env[githubURL] = e.URL + "/idtoken#part"
	if _, err := worldOf(env).get(t, Place{System: github}); err != nil || e.asked[0].RequestURI != "/idtoken?audience=sts.amazonaws.com" {
		t.Errorf("%v: %v", err, e.asked)
	}
}

func TestTokenOfAzureDevOps(t *testing.T) {
	good := usual().with("aud", "api://AzureADTokenExchange").jwt(t)
	for connection, query := range map[string]string{"": "api-version=7.1", "1-2&x=3": "api-version=7.1&serviceConnectionId=1-2%26x%3D3"} {
		e := serve(t, 200, `{"oidcToken":"`+good+`"}`)
		env := e.azure()
		env[azureConnection] = connection
		token, err := worldOf(env).get(t, Place{System: azureDevOps}, good)
		if err != nil || token.Secret.Reveal() != good {
			t.Fatal(err)
		}
		r := e.asked[0]
		if got := r.Method + " " + r.RequestURI; got != "POST /acme/_apis/distributedtask/hubs/build/plans/p/jobs/j/oidctoken?"+query {
			t.Error(got)
		}
		if r.Header.Get("Authorization") != "Bearer "+bearer || r.Header.Get("Content-Type") != "application/json" || r.ContentLength != 2 || e.body[0] != "{}" {
			t.Errorf("%v %d %q", r.Header, r.ContentLength, e.body)
		}
	}
}

func TestNoToken(t *testing.T) {
	bin := t.TempDir()
	both := paths.Env{"TFC_WORKLOAD_IDENTITY_TOKEN_QA": usual().jwt(t), "TFC_WORKLOAD_IDENTITY_TOKEN_PROD": usual().jwt(t)}
	for name, c := range map[string]struct {
		system        string
		env           paths.Env
		message, hint string
	}{
		"github":         {github, nil, "github: ACTIONS_ID_TOKEN_REQUEST_URL is not set", "the job needs permissions: id-token: write"},
		"azure-devops":   {azureDevOps, paths.Env{azureURL: "https://x"}, "azure-devops: SYSTEM_ACCESSTOKEN is not set", "the step needs env: {SYSTEM_ACCESSTOKEN: $(System.AccessToken)}"},
		"gitlab":         {gitlab, nil, "gitlab: AWS_ID_TOKEN is not set", "the job needs id_tokens: {AWS_ID_TOKEN: {aud: sts.amazonaws.com}}"},
		"circleci":       {circleci, nil, "circleci: none of CIRCLE_OIDC_TOKEN_V2, CIRCLE_OIDC_TOKEN is set", "CircleCI gives builds of forks no token, unless the project passes secrets to them"},
		"bitbucket":      {bitbucket, nil, "bitbucket: BITBUCKET_STEP_OIDC_TOKEN is not set", "the step needs oidc: true"},
		"buildkite":      {buildkite, paths.Env{"BUILDKITE": "true", "PATH": bin}, "buildkite: buildkite-agent is not on PATH", "in a container the docker plugin needs mount-buildkite-agent: true"},
		"hcp":            {hcp, nil, "hcp-terraform: none of TFC_WORKLOAD_IDENTITY_TOKEN_AWS, TFC_WORKLOAD_IDENTITY_TOKEN is set", "the workspace needs the environment variable TFC_WORKLOAD_IDENTITY_AUDIENCE, such as aws.workload.identity"},
		"hcp, several":   {hcp, both, "hcp-terraform: TFC_WORKLOAD_IDENTITY_TOKEN_PROD and TFC_WORKLOAD_IDENTITY_TOKEN_QA both hold one", "name the one for AWS: oidc: env:TFC_WORKLOAD_IDENTITY_TOKEN_PROD"},
		"variable":       {"env:MINE", nil, "env:MINE: MINE is not set", ""},
		"no such system": {"jenkins", nil, "jenkins: there is no such system", ""},
		"nothing":        {"", nil, ": there is no such system", ""},
		"relative file":  {"file:token", nil, "file:token: token is not an absolute path", ""},
		"no file":        {"file:", nil, "file::  is not an absolute path", ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := worldOf(c.env).get(t, Place{System: c.system})
			fails(t, err, problem.LoginNeeded, c.message, c.hint)
			if c.system != buildkite && c.system != azureDevOps { // whose identity needs neither agent nor bearer token
				_, err = worldOf(c.env).Identity(Place{System: c.system})
				fails(t, err, problem.LoginNeeded, c.message, c.hint)
			}
		})
	}
}

func TestExpiredTokenIsSaidWithItsTimes(t *testing.T) {
	old := usual().with("exp", now.Unix()-1).with("iat", now.Unix()-3601)
	const times = " expired at 2026-11-22T08:59:59Z (issued at 2026-11-22T07:59:59Z, it is 2026-11-22T09:00:00Z here)"
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(old.jwt(t)), 0o600); err != nil {
		t.Fatal(err)
	}
	e := serve(t, 200, `{"value":"`+old.jwt(t)+`"}`)
	for system, c := range map[string]struct {
		env        paths.Env
		from, hint string
	}{
		gitlab:         {paths.Env{"AWS_ID_TOKEN": old.jwt(t)}, "AWS_ID_TOKEN", "a token of GitLab lives as long as its job may: look at timeout, and at the clock of this machine"},
		circleci:       {paths.Env{"CIRCLE_OIDC_TOKEN": old.jwt(t)}, "CIRCLE_OIDC_TOKEN", "a token of CircleCI lives for an hour: ask for credentials earlier in the job, or put one of circleci run oidc get into a variable and name that: oidc: env:NAME"},
		bitbucket:      {paths.Env{"BITBUCKET_STEP_OIDC_TOKEN": old.jwt(t)}, "BITBUCKET_STEP_OIDC_TOKEN", "look at the max-time of the step, and at the clock of this machine"},
		hcp:            {paths.Env{hcpToken: old.jwt(t)}, hcpToken, "start the job again: it then has a new token"},
		"env:MINE":     {paths.Env{"MINE": old.jwt(t)}, "MINE", "MINE must hold a token that is still good"},
		"file:" + file: {nil, file, "whatever writes the file must renew its token"},
		github:         {e.github(), "the token of " + strings.TrimPrefix(e.URL, "http://"), "look at the clock of this machine"},
	} {
		_, err := worldOf(c.env).get(t, Place{System: system}, old.jwt(t))
		fails(t, err, problem.LoginNeeded, system+": "+c.from+times, c.hint)
	}
	_, err := worldOf(paths.Env{"X": claims{"exp": now.Unix()}.jwt(t)}).get(t, Place{System: "env:X"})
	fails(t, err, problem.LoginNeeded, "env:X: X expired at 2026-11-22T09:00:00Z (it is 2026-11-22T09:00:00Z here)", "X must hold a token that is still good")
}

func TestFileThatIsNoTokenFile(t *testing.T) {
	dir := t.TempDir()
	large := filepath.Join(dir, "large")
	if err := os.WriteFile(large, []byte(usual().jwt(t)+strings.Repeat(" ", maxFile)), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, flaw := range map[string]string{dir: "is not a regular file", large: "is larger than 64 KiB", filepath.Join(dir, "none"): "does not exist"} {
		_, err := worldOf(nil).get(t, Place{System: "file:" + path})
		fails(t, err, problem.LoginNeeded, "file:"+path+": "+path+" "+flaw, "")
	}
}

func TestWaysErrorIsThePlainOne(t *testing.T) {
	w := worldOf(paths.Env{githubURL: "https://x.invalid", githubBearer: bearer})
	bad := problem.New(problem.Usage, "the CA bundle cannot be read")
	w.Way = func() (*transport.Way, error) { return nil, bad }
	if _, err := w.get(t, Place{System: github}); err != error(bad) {
		t.Error(err)
	}
}
