package oidc

import (
	"context"
	"errors"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
	"whichrole/internal/test/fakeissuer"
)

func issuer(t *testing.T, faults ...fakeissuer.Fault) *fakeissuer.Issuer {
	t.Helper()
	i := fakeissuer.Start(fakeissuer.Config{Now: func() time.Time { return now }, Faults: faults})
	t.Cleanup(i.Close)
	return i
}

// The whole of it, in a job of each system as the system describes one.
func TestEachSystemsJob(t *testing.T) {
	for _, system := range append(Systems(), fakeissuer.EKS) {
		t.Run(system, func(t *testing.T) {
			i := issuer(t)
			env, place := paths.Env{}, Place{System: system}
			switch system {
			case fakeissuer.EKS:
				dir := t.TempDir()
				variables, err := i.EKS(dir)
				if err != nil {
					t.Fatal(err)
				}
				place.System = "file:" + variables["AWS_WEB_IDENTITY_TOKEN_FILE"]
			case buildkite:
				if runtime.GOOS == "windows" {
					return // the fake agent is a shell script
				}
				dir := t.TempDir()
				if err := i.WriteAgent(dir, "sts.amazonaws.com"); err != nil {
					t.Fatal(err)
				}
				env = i.Env(system)
				env["PATH"] = dir + ":" + os.Getenv("PATH")
			default:
				env = i.Env(system)
			}
			w := worldOf(env)
			if why := w.Absent(place); why != "" {
				t.Fatal(why)
			}
			before, err := w.Identity(place)
			if err != nil || len(i.Requests("")) != 0 {
				t.Errorf("%v, %v", err, i.Requests(""))
			}
			token, err := w.get(t, place, i.Secrets()...)
			if err != nil {
				t.Fatal(err)
			}
			audience, subject := fakeissuer.Identity(system)
			if c := token.Claims; c.Issuer != i.URL || c.Subject != subject || !slices.Equal(c.Audience, []string{audience}) {
				t.Errorf("claims %v", c)
			}
			if !slices.Contains(i.Secrets(), token.Secret.Reveal()) {
				t.Error("the issuer did not sign this token")
			}
			if after, err := w.Identity(place); err != nil || after != before {
				t.Errorf("asking changed the identity: %v\n%s\n%s", err, before, after)
			}
		})
	}
}

// An endpoint that shows what it was sent, as debugging pages do, and one that leads elsewhere.
func TestTokenEndpointThatMisbehaves(t *testing.T) {
	for kind, c := range map[string]struct {
		code  problem.Code
		says  string
		calls int
	}{
		fakeissuer.Forbidden: {problem.Refused, "answered HTTP 403: METHOD (hidden), Authorization: SCHEME (hidden)", 1},
		fakeissuer.Broken:    {problem.Unreachable, "answered HTTP 500: METHOD (hidden), Authorization: SCHEME (hidden)", 3},
		fakeissuer.Redirect:  {problem.Refused, "answered HTTP 302", 1},
		fakeissuer.Cut:       {problem.Unreachable, "cut the connection", 3},
		fakeissuer.Garbage:   {problem.Unreachable, "answers (HTTP 200) holds no token", 1},
		fakeissuer.HTML:      {problem.Unreachable, "answers (HTTP 200) holds no token", 1},
		fakeissuer.NoToken:   {problem.Unreachable, "answers (HTTP 200) holds no token", 1},
		fakeissuer.NotAToken: {problem.LoginNeeded, noJWT, 1},
		fakeissuer.Huge:      {problem.Unreachable, "is larger than 256 KiB", 1},
	} {
		for _, system := range []string{github, azureDevOps} {
			t.Run(kind+" "+system, func(t *testing.T) {
				t.Parallel()
				i := issuer(t, fakeissuer.Fault{Kind: kind})
				w := worldOf(i.Env(system))
				_, err := w.get(t, Place{System: system}, i.Secrets()...)
				echo := map[string][]string{github: {"METHOD", "GET", "SCHEME", "bearer"}, azureDevOps: {"METHOD", "POST", "SCHEME", "Bearer"}}[system]
				says := strings.NewReplacer(echo...).Replace(c.says)
				if problem.CodeOf(err) != c.code || !strings.HasSuffix(err.Error(), says) {
					t.Errorf("got %d %v, want %d %s", problem.CodeOf(err), err, c.code, says)
				}
				if n := len(i.Requests(system)); n != c.calls {
					t.Errorf("%d calls, want %d", n, c.calls)
				}
				if len(i.Requests(fakeissuer.Elsewhere)) > 0 {
					t.Error("the redirect was followed")
				}
			})
		}
	}
}

// A connection that breaks once, or a busy minute, ends no job.
func TestOneFaultIsOvercome(t *testing.T) {
	for _, kind := range []string{fakeissuer.Cut, fakeissuer.Broken} {
		i := issuer(t, fakeissuer.Fault{Kind: kind, Times: 1})
		if _, err := worldOf(i.Env(github)).get(t, Place{System: github}, i.Secrets()...); err != nil || len(i.Requests(github)) != 2 {
			t.Errorf("%v: %v", err, i.Requests(github))
		}
	}
}

func TestEndpointThatHangsEndsAtTheDeadline(t *testing.T) {
	i := issuer(t, fakeissuer.Fault{Kind: fakeissuer.Hang})
	w := worldOf(i.Env(github))
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err := w.Get(ctx, Place{System: github})
	if problem.CodeOf(err) != problem.Unreachable || !errors.Is(err, context.DeadlineExceeded) || !strings.HasSuffix(err.Error(), "did not answer in time") || time.Since(start) > 10*time.Second {
		t.Errorf("%v after %v", err, time.Since(start))
	}
	gone, stop := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, stop)
	_, err = w.Get(gone, Place{System: github})
	fails(t, err, problem.Failure, "github: interrupted", "")
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestJobWithAnothersBearer(t *testing.T) {
	for _, system := range []string{github, azureDevOps} {
		i := issuer(t)
		env := paths.Env(maps.Clone(i.Env(system)))
		env[githubBearer], env[azureBearer] = bearer, bearer
		_, err := worldOf(env).get(t, Place{System: system}, i.Secrets()...)
		host := strings.TrimPrefix(i.URL, "http://")
		fails(t, err, problem.Refused, system+": "+host+" answered HTTP 401: the Authorization header is missing or wrong", needed(system))
	}
}

func TestRenewedServiceAccountIsTheSame(t *testing.T) {
	i, dir := issuer(t), t.TempDir()
	var ids []string
	for range 2 {
		variables, err := i.EKS(dir)
		if err != nil {
			t.Fatal(err)
		}
		id, err := worldOf(nil).Identity(Place{System: "file:" + variables["AWS_WEB_IDENTITY_TOKEN_FILE"]})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	if ids[0] != ids[1] || len(i.Secrets()) < 5 {
		t.Errorf("%v of %d secrets", ids, len(i.Secrets()))
	}
}
