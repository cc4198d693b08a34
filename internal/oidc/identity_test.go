package oidc

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

func TestIdentityOfATokenThatIsHere(t *testing.T) {
	id, err := World{Env: paths.Env{"AWS_ID_TOKEN": usual().with("aud", []string{"a", "b"}).jwt(t)}}.Identity(Place{System: gitlab})
	rest := digest([]byte(`{"aud":["a","b"],"iss":"https://issuer.example","sub":"repo:acme/infra"}`))
	if want := `{"kind":"oidc","iss":"https://issuer.example","sub":"repo:acme/infra","aud":["a","b"],"claims":"` + rest + `"}`; err != nil || id != want {
		t.Errorf("got %s, %v\nwant %s", id, err, want)
	}
}

// Equal identities share credentials. What AWS may look at tells tokens apart; a token that was renewed is the same.
func TestWhatTellsTokensApart(t *testing.T) {
	id := func(c claims) string {
		t.Helper()
		id, err := World{Env: paths.Env{"X": c.jwt(t)}}.Identity(Place{System: "env:X"})
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	base := usual().with("environment", "qa")
	for name, value := range map[string]any{
		"iss": "https://other", "sub": "repo:acme/other", "aud": "other", "environment": "production",
		"https://aws.amazon.com/tags": claims{"principal_tags": claims{"team": []string{"x"}}}, "amr": []string{"x"}, "job_id": "7",
	} {
		if id(base.with(name, value)) == id(base) {
			t.Errorf("another %s is no other identity", name)
		}
	}
	for name, value := range map[string]any{"exp": 1, "iat": 1, "nbf": 1, "jti": "another"} {
		if id(base.with(name, value)) != id(base) {
			t.Errorf("another %s is another identity", name)
		}
	}
}

func TestIdentityIsOfTheTokenNotOfItsPlace(t *testing.T) {
	token := usual().jwt(t)
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(token), 0o600); err != nil {
		t.Fatal(err)
	}
	w := World{Env: paths.Env{"AWS_ID_TOKEN": token, "MINE": token + "\n"}}
	ids := map[string]bool{}
	for _, system := range []string{gitlab, "env:MINE", "file:" + file} {
		id, err := w.Identity(Place{System: system})
		if err != nil {
			t.Fatal(err)
		}
		ids[id] = true
	}
	if len(ids) != 1 {
		t.Errorf("%d identities: %v", len(ids), ids)
	}
}

// jobs are the environments of one job in each system that must be asked.
var jobs = map[string]paths.Env{
	github: {githubURL: "https://run.example/25//idtoken/plan/job?api-version=2.0&sig=hidden", githubBearer: bearer,
		"GITHUB_REPOSITORY": "acme/infra", "GITHUB_RUN_ID": "5", "GITHUB_RUN_ATTEMPT": "1", "GITHUB_JOB": "plan"},
	azureDevOps: {azureURL: "https://dev.example/p/j/oidctoken?sig=hidden", azureBearer: bearer,
		"SYSTEM_PLANID": "p", "SYSTEM_JOBID": "j", "SYSTEM_STAGEATTEMPT": "1", "SYSTEM_JOBATTEMPT": "1", azureConnection: "c"},
	buildkite: {"BUILDKITE": "true", buildkiteJob: "0184-hidden", "BUILDKITE_AGENT_ENDPOINT": "https://agent.example",
		"BUILDKITE_OIDC_TOKEN_CLAIMS": "x", "BUILDKITE_OIDC_TOKEN_AWS_SESSION_TAGS": "y"},
}

func TestTwoJobsNeverShareAnIdentity(t *testing.T) {
	own := map[string]bool{githubBearer: true, azureBearer: true, "BUILDKITE": true} // may change within a job, or never do
	for system, env := range jobs {
		first, err := World{Env: env}.Identity(Place{System: system}) // without a way: nobody is asked
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(first, "hidden") || strings.Contains(first, bearer) {
			t.Errorf("%s: a secret of the URL is in %s", system, first)
		}
		for name := range env {
			changed := paths.Env{}
			for n, v := range env {
				changed[n] = v
			}
			changed[name] += "0"
			other, err := World{Env: changed}.Identity(Place{System: system})
			if err != nil || (other == first) != own[name] {
				t.Errorf("%s, another %s: %v\n%s\n%s", system, name, err, first, other)
			}
		}
		changed, err := World{Env: env}.Identity(Place{system, "another"})
		if err != nil || (changed == first) != (system == azureDevOps) {
			t.Errorf("%s, another audience: %s, %v", system, changed, err)
		}
		usual, err := World{Env: env}.Identity(Place{system, "sts.amazonaws.com"})
		if err != nil || usual != first {
			t.Errorf("%s: the usual audience, said: %s, %v", system, usual, err)
		}
	}
}

func TestIdentityInFull(t *testing.T) {
	id, err := World{Env: jobs[azureDevOps]}.Identity(Place{System: azureDevOps})
	want := fmt.Sprintf(`{"kind":"oidc","system":"azure-devops","aud":"","job":{"AZURESUBSCRIPTION_SERVICE_CONNECTION_ID":"c",`+
		`"SYSTEM_JOBATTEMPT":"1","SYSTEM_JOBID":"j","SYSTEM_OIDCREQUESTURI":"%s","SYSTEM_PLANID":"p","SYSTEM_STAGEATTEMPT":"1"}}`, digest([]byte(jobs[azureDevOps][azureURL])))
	if err != nil || id != want {
		t.Errorf("got %s, %v\nwant %s", id, err, want)
	}
}

func TestNoIdentityWithoutWhatTellsJobsApart(t *testing.T) {
	for system, missing := range map[string]string{github: githubURL, azureDevOps: azureURL, buildkite: buildkiteJob} {
		_, err := World{Env: paths.Env{"BUILDKITE": "true", "GITHUB_RUN_ID": "1", "SYSTEM_JOBID": "1"}}.Identity(Place{System: system})
		fails(t, err, problem.LoginNeeded, system+": "+missing+" is not set", needed(system))
	}
}

// Credentials that came of a token are good for longer than the token.
func TestExpiredTokenStillHasItsIdentity(t *testing.T) {
	fresh, old := usual(), usual().with("exp", now.Unix()-1)
	for _, c := range []claims{fresh, old} {
		if _, err := (World{Env: paths.Env{"X": c.jwt(t)}}).Identity(Place{System: "env:X"}); err != nil {
			t.Error(err)
		}
	}
}

// It runs on each cached answer.
func BenchmarkIdentity(b *testing.B) {
	c := usual()
	for i := range 25 { // about as many as GitHub's and GitLab's have
		c = c.with(fmt.Sprintf("claim_%d", i), "value of it")
	}
	w := World{Env: paths.Env{"AWS_ID_TOKEN": c.jwt(b)}}
	for system, world := range map[string]World{gitlab: w, github: {Env: jobs[github]}} {
		b.Run(system, func(b *testing.B) {
			for b.Loop() {
				if _, err := world.Identity(Place{System: system}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
