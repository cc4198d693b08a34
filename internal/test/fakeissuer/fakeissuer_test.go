package fakeissuer

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func start(t *testing.T) *Issuer {
	t.Helper()
	i := Start(Config{Now: func() time.Time { return noon }})
	t.Cleanup(i.Close)
	return i
}

func ask(t *testing.T, method, url, authorization string) (int, string) {
	t.Helper()
	r, err := http.NewRequest(method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer client.CloseIdleConnections()
	resp, err := client.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(body)
}

// verified are the claims of a token, once the key that the issuer publishes has proved it.
func verified(t *testing.T, i *Issuer, token string) Claims {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("no JWT: %q", token)
	}
	read := func(text string, into any) {
		if err := json.Unmarshal([]byte(text), into); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
	}
	raw := func(text string) []byte {
		b, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	var discovery struct {
		Issuer string `json:"issuer"`
		Keys   string `json:"jwks_uri"`
	}
	_, text := ask(t, "GET", i.URL+"/.well-known/openid-configuration", "")
	read(text, &discovery)
	var set struct {
		Keys []struct{ Kty, Alg, Kid, N, E string }
	}
	_, text = ask(t, "GET", discovery.Keys, "")
	read(text, &set)
	var header struct{ Alg, Kid string }
	read(string(raw(parts[0])), &header)
	k := set.Keys[0]
	if discovery.Issuer != i.URL || k.Kty != "RSA" || k.Alg != "RS256" || header.Alg != "RS256" || header.Kid != k.Kid {
		t.Fatalf("%+v %+v %+v", discovery, set, header)
	}
	public := &rsa.PublicKey{N: new(big.Int).SetBytes(raw(k.N)), E: int(new(big.Int).SetBytes(raw(k.E)).Int64())}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if err := rsa.VerifyPKCS1v15(public, crypto.SHA256, sum[:], raw(parts[2])); err != nil {
		t.Fatal(err)
	}
	var claims Claims
	read(string(raw(parts[1])), &claims)
	return claims
}

func TestTokensAreSignedAndSayWhatTheyAreTold(t *testing.T) {
	i := start(t)
	seconds := func(at time.Time) float64 { return float64(at.Unix()) }
	got := verified(t, i, i.Token())
	for name, want := range map[string]any{"iss": i.URL, "sub": "repo:acme/infra:ref:refs/heads/main", "aud": "sts.amazonaws.com",
		"iat": seconds(noon), "nbf": seconds(noon), "exp": seconds(noon.Add(Lifetime))} {
		if got[name] != want {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
	i.SetClaims(Claims{"sub": "another", "aud": "theirs", "nbf": nil})
	got = verified(t, i, i.Token(Claims{"aud": []string{"mine", "yours"}, "exp": noon.Add(-time.Hour)}))
	if _, there := got["nbf"]; there || got["sub"] != "another" || !reflect.DeepEqual(got["aud"], []any{"mine", "yours"}) || got["exp"] != seconds(noon.Add(-time.Hour)) {
		t.Errorf("%v", got)
	}
	if one, other := i.Token(), i.Token(); one == other {
		t.Error("two tokens are one")
	}
}

func TestTokenEndpoints(t *testing.T) {
	i := start(t)
	github, azure := i.Env(GitHub), i.Env(AzureDevOps)
	hub, bearer := github["ACTIONS_ID_TOKEN_REQUEST_URL"], "bearer "+github["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]
	devops, access := azure["SYSTEM_OIDCREQUESTURI"], "Bearer "+azure["SYSTEM_ACCESSTOKEN"]
	for name, c := range map[string]struct {
		method, url, authorization string
		status                     int
		field, audience, subject   string
	}{
		"github":                            {"GET", hub + "&audience=sts.amazonaws.com", bearer, 200, "value", "sts.amazonaws.com", "repo:acme/infra:ref:refs/heads/main"},
		"github, an audience to be escaped": {"GET", hub + "&audience=a%26b%3Dc%20d", bearer, 200, "value", "a&b=c d", "repo:acme/infra:ref:refs/heads/main"},
		"github, no audience":               {"GET", hub, bearer, 200, "value", "https://github.com/acme", "repo:acme/infra:ref:refs/heads/main"},
		"github, two audiences":             {"GET", hub + "&audience=a&audience=b", bearer, 400, "", "", ""},
		"github, its query replaced":        {"GET", strings.TrimSuffix(hub, "?api-version=2.0") + "?audience=sts.amazonaws.com", bearer, 400, "", "", ""},
		"github, its query broken":          {"GET", hub + "?audience=sts.amazonaws.com", bearer, 400, "", "", ""},
		"github, another method":            {"POST", hub + "&audience=sts.amazonaws.com", bearer, 405, "", "", ""},
		"github, no bearer":                 {"GET", hub + "&audience=sts.amazonaws.com", "", 401, "", "", ""},
		"github, another scheme":            {"GET", hub + "&audience=sts.amazonaws.com", strings.Replace(bearer, "bearer", "Basic", 1), 401, "", "", ""},
		"github, azure's bearer":            {"GET", hub + "&audience=sts.amazonaws.com", access, 401, "", "", ""},
		"azure":                             {"POST", devops + "?api-version=7.1", access, 200, "oidcToken", "api://AzureADTokenExchange", "p://acme/infra/deploy"},
		"azure, a service connection":       {"POST", devops + "?api-version=7.1&serviceConnectionId=aws", access, 200, "oidcToken", "api://AzureADTokenExchange", "sc://acme/infra/aws"},
		"azure, no version":                 {"POST", devops, access, 400, "", "", ""},
		"azure, another method":             {"GET", devops + "?api-version=7.1", access, 405, "", "", ""},
		"azure, no bearer":                  {"POST", devops + "?api-version=7.1", "", 401, "", "", ""},
		"azure, another bearer":             {"POST", devops + "?api-version=7.1", access + "x", 401, "", "", ""},
		"no such place":                     {"GET", i.URL + "/", "", 404, "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			status, text := ask(t, c.method, c.url, c.authorization)
			var answer map[string]any
			if err := json.Unmarshal([]byte(text), &answer); err != nil || status != c.status {
				t.Fatalf("got %d %v %s, want %d", status, err, text, c.status)
			}
			if status != 200 {
				if strings.Contains(text, "eyJ") {
					t.Errorf("a token all the same: %s", text)
				}
				return
			}
			token, _ := answer[c.field].(string)
			claims := verified(t, i, token)
			if claims["aud"] != c.audience || claims["sub"] != c.subject {
				t.Errorf("%v", claims)
			}
		})
	}
}

func TestSetClaimsChangesWhatTheEndpointsGive(t *testing.T) {
	i := start(t)
	i.SetClaims(Claims{"aud": "theirs"})
	env := i.Env(GitHub)
	_, text := ask(t, "GET", env["ACTIONS_ID_TOKEN_REQUEST_URL"]+"&audience=mine", "bearer "+env["ACTIONS_ID_TOKEN_REQUEST_TOKEN"])
	var answer struct{ Value string }
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		t.Fatal(err)
	}
	if claims := verified(t, i, answer.Value); claims["aud"] != "theirs" {
		t.Errorf("%v", claims)
	}
}

func TestCircleCIHasTwoTokens(t *testing.T) {
	i := start(t)
	env := i.Env(CircleCI)
	older, newer := verified(t, i, env["CIRCLE_OIDC_TOKEN"])["sub"], verified(t, i, env["CIRCLE_OIDC_TOKEN_V2"])["sub"]
	if _, subject := Identity(CircleCI); newer != subject || older == newer {
		t.Errorf("%v, %v", older, newer)
	}
}

func TestJobsHaveTheirVariables(t *testing.T) {
	for system, names := range map[string][]string{
		GitHub: nil, GitLab: {"AWS_ID_TOKEN"}, CircleCI: {"CIRCLE_OIDC_TOKEN_V2", "CIRCLE_OIDC_TOKEN"}, Bitbucket: {"BITBUCKET_STEP_OIDC_TOKEN"},
		Buildkite: nil, AzureDevOps: nil, HCPTerraform: {"TFC_WORKLOAD_IDENTITY_TOKEN"},
	} {
		t.Run(system, func(t *testing.T) {
			i := start(t)
			env := i.Env(system)
			audience, subject := Identity(system)
			for _, name := range names {
				claims := verified(t, i, env[name])
				if claims["aud"] != audience || !strings.HasPrefix(subject, claims["sub"].(string)) {
					t.Errorf("%s: %v, want %s %s", name, claims, audience, subject)
				}
			}
			held := 0
			for name, value := range env {
				if strings.HasPrefix(value, "eyJ") {
					held++
				}
				if value == "" {
					t.Errorf("%s is empty", name)
				}
			}
			if held != len(names) {
				t.Errorf("%d tokens in %d variables", held, len(names))
			}
		})
	}
	defer func() {
		if recover() == nil {
			t.Error("there is a CI system that is none")
		}
	}()
	start(t).Env("travis")
}

func TestFaults(t *testing.T) {
	i := start(t)
	env := i.Env(GitHub)
	url, bearer := env["ACTIONS_ID_TOKEN_REQUEST_URL"]+"&audience=x", "bearer "+env["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]
	for kind, want := range map[string]struct {
		status int
		says   string
	}{
		Broken: {500, bearer}, Forbidden: {403, bearer}, Garbage: {200, "\xff"}, HTML: {200, "<html>"}, NotAToken: {200, `"value":"this is no token"`},
		NoToken: {200, `"value":""`}, Redirect: {302, ""}, Cut: {0, "EOF"},
	} {
		t.Run(kind, func(t *testing.T) {
			i.SetFaults(Fault{Kind: kind, Times: 1})
			if status, text := ask(t, "GET", url, bearer); status != want.status || !strings.Contains(text, want.says) || strings.Contains(text, "eyJ") {
				t.Errorf("got %d %q", status, text)
			}
			requests := i.Requests(GitHub)
			if last := requests[len(requests)-1]; last.Fault != kind || last.Status != want.status || !last.Authorized {
				t.Errorf("%+v", last)
			}
			if status, text := ask(t, "GET", url, bearer); status != 200 || !strings.Contains(text, "eyJ") {
				t.Errorf("and then %d %q", status, text)
			}
		})
	}
	i.SetFaults(Fault{Kind: Huge})
	if _, text := ask(t, "GET", url, bearer); len(text) < 4<<20 {
		t.Errorf("huge is %d", len(text))
	}
	i.SetFaults(Fault{Kind: Forbidden, At: AzureDevOps}, Fault{Kind: Broken, At: Keys})
	if status, _ := ask(t, "GET", url, bearer); status != 200 {
		t.Errorf("another place's fault: %d", status)
	}
	if status, _ := ask(t, "GET", i.URL+"/.well-known/jwks", ""); status != 500 {
		t.Errorf("the keys: %d", status)
	}
	i.SetFaults(Fault{Kind: Broken})
	if status, _ := ask(t, "GET", i.URL+"/.well-known/jwks", ""); status != 200 {
		t.Errorf("a fault of the token endpoints is the keys': %d", status)
	}
}

func TestWhatHangsIsSeenAndEndsWithTheIssuer(t *testing.T) {
	i := Start(Config{Faults: []Fault{{Kind: Hang}}})
	env := i.Env(GitHub)
	done := make(chan int)
	go func() {
		status, _ := ask(t, "GET", env["ACTIONS_ID_TOKEN_REQUEST_URL"], "")
		done <- status
	}()
	for end := time.Now().Add(10 * time.Second); len(i.Requests(GitHub)) == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the request does not show")
		}
	}
	select {
	case <-done:
		t.Error("it did not hang")
	case <-time.After(50 * time.Millisecond):
	}
	i.Close()
	if status := <-done; status != 0 || i.Requests("")[0].Status != 0 {
		t.Errorf("status %d, %+v", status, i.Requests(""))
	}
}

func TestWhoFollowsARedirectIsSeen(t *testing.T) {
	i := start(t)
	i.SetFaults(Fault{Kind: Redirect})
	env := i.Env(GitHub)
	r, _ := http.NewRequest("GET", env["ACTIONS_ID_TOKEN_REQUEST_URL"], nil)
	r.Header.Set("Authorization", "bearer "+env["ACTIONS_ID_TOKEN_REQUEST_TOKEN"])
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if there := i.Requests(Elsewhere); resp.StatusCode != 200 || len(there) != 1 || !there[0].Authorized {
		t.Errorf("%s %+v", resp.Status, there)
	}
}

func TestTheLogHoldsNoSecret(t *testing.T) {
	i := start(t)
	env := i.Env(GitHub)
	ask(t, "GET", env["ACTIONS_ID_TOKEN_REQUEST_URL"]+"&audience=sts.amazonaws.com", "bearer "+env["ACTIONS_ID_TOKEN_REQUEST_TOKEN"])
	ask(t, "GET", env["ACTIONS_ID_TOKEN_REQUEST_URL"]+"&audience=other", "bearer of nothing")
	want := []Request{{Time: noon, To: GitHub, Method: "GET", URL: gitHubPath + "?api-version=2.0&audience=sts.amazonaws.com", Audience: "sts.amazonaws.com", Authorized: true, Status: 200},
		{Time: noon, To: GitHub, Method: "GET", URL: gitHubPath + "?api-version=2.0&audience=other", Audience: "other", Status: 401}}
	if got := i.Requests(""); !slices.Equal(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	secrets := i.Secrets()
	if len(secrets) != 4 || !slices.Contains(secrets, env["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]) {
		t.Errorf("%d secrets", len(secrets))
	}
	for _, secret := range secrets {
		if secret == "" || strings.Contains(fmt.Sprint(i.Requests("")), secret) {
			t.Errorf("%q is in the log", secret)
		}
	}
}

func TestAgent(t *testing.T) {
	i, dir := start(t), t.TempDir()
	err := i.WriteAgent(dir, "sts.amazonaws.com", "it's", "")
	if runtime.GOOS == "windows" {
		if err == nil {
			t.Fatal("a shell script for Windows")
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	env := i.Env(Buildkite)
	stranger := map[string]string{"BUILDKITE_JOB_ID": "x", "BUILDKITE_AGENT_ACCESS_TOKEN": "guess"}
	for name, c := range map[string]struct {
		env      map[string]string
		args     string
		audience string // "" where it must fail
	}{
		"with an audience": {env, "oidc request-token --audience sts.amazonaws.com", "sts.amazonaws.com"},
		"written with =":   {env, "oidc request-token --audience=sts.amazonaws.com", "sts.amazonaws.com"},
		"quoted":           {env, "oidc request-token --audience it's", "it's"},
		"without one":      {env, "oidc request-token", "https://buildkite.com/acme"},
		"unknown audience": {env, "oidc request-token --audience other", ""},
		"no value":         {env, "oidc request-token --audience", ""},
		"another flag":     {env, "oidc request-token --debug", ""},
		"another command":  {env, "meta-data get x", ""},
		"no job":           {nil, "oidc request-token", ""},
		"another job":      {stranger, "oidc request-token", ""},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
			defer cancel()
			cmd := exec.CommandContext(ctx, filepath.Join(dir, "buildkite-agent"), strings.Fields(c.args)...)
			cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
			for name, value := range c.env {
				cmd.Env = append(cmd.Env, name+"="+value)
			}
			var talk bytes.Buffer
			cmd.Stderr = &talk
			out, err := cmd.Output()
			if talk.Len() == 0 || c.audience == "" && (err == nil || len(out) > 0) {
				t.Fatalf("%v, stdout %q, stderr %q", err, out, &talk)
			}
			if c.audience != "" && (err != nil || verified(t, i, strings.TrimSuffix(string(out), "\n"))["aud"] != c.audience) {
				t.Errorf("%v, stdout %q, stderr %q", err, out, &talk)
			}
		})
	}
}

func TestEKSRenewsTheToken(t *testing.T) {
	i, dir := start(t), t.TempDir()
	var last string
	for range 2 {
		env, err := i.EKS(dir)
		if err != nil {
			t.Fatal(err)
		}
		token, err := os.ReadFile(env["AWS_WEB_IDENTITY_TOKEN_FILE"])
		if err != nil || string(token) == last {
			t.Fatalf("%v, the same token: %v", err, string(token) == last)
		}
		audience, subject := Identity(EKS)
		if claims := verified(t, i, string(token)); !reflect.DeepEqual(claims["aud"], []any{audience}) || claims["sub"] != subject {
			t.Errorf("%v", claims)
		}
		last = string(token)
	}
	if left, _ := os.ReadDir(dir); runtime.GOOS != "windows" && len(left) != 3 {
		t.Errorf("the old token is still there: %v", left)
	}
}
