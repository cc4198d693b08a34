//go:build unix

package oidc

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"whichrole/internal/child"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// agent is a job of Buildkite with an agent that is a shell script.
func agent(t *testing.T, script string) World {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "buildkite-agent"), []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	return worldOf(paths.Env{"BUILDKITE": "true", buildkiteJob: "7", "PATH": dir + ":" + os.Getenv("PATH"), "TOKEN": usual().jwt(t)})
}

func TestTokenOfBuildkite(t *testing.T) {
	for audience, want := range map[string]string{"": "sts.amazonaws.com", "a b;$(id)": "a b;$(id)", "--help": "--help"} {
		w := agent(t, `test "$#,$1,$2,$3,$4" = "4,oidc,request-token,--audience,$WANT" && test "$BUILDKITE_JOB_ID" = 7 && echo "$TOKEN" || exit 9`)
		w.Env["WANT"] = want
		token, err := w.get(t, Place{buildkite, audience})
		if err != nil || token.Secret.Reveal() != w.Env["TOKEN"] || token.Claims.Subject != "repo:acme/infra" {
			t.Errorf("%q: %v, %v", audience, token.Claims, err)
		}
	}
}

func TestAgentThatFails(t *testing.T) {
	const why = "to see why, run: buildkite-agent oidc request-token --audience sts.amazonaws.com >/dev/null"
	for script, c := range map[string]struct {
		code          problem.Code
		message, hint string
	}{
		`echo "$TOKEN"; echo "$TOKEN" >&2; exit 3`: {problem.Refused, "buildkite-agent was asked, but it ended with exit code 3", why},
		`kill -9 $$`:                   {problem.LoginNeeded, "buildkite-agent was asked, but it was ended by a signal: killed", ""},
		`true`:                         {problem.LoginNeeded, "the token of buildkite-agent is empty", ""},
		`echo; echo`:                   {problem.LoginNeeded, "the token of buildkite-agent is empty", ""},
		`echo warning; echo "$TOKEN"`:  {problem.LoginNeeded, "the token of buildkite-agent " + noJWT, ""},
		`echo "$TOKEN"; echo "$TOKEN"`: {problem.LoginNeeded, "the token of buildkite-agent " + noJWT, ""},
		`head -c 100000 /dev/zero`:     {problem.LoginNeeded, "buildkite-agent was asked, but it wrote more than 64 KiB", ""},
	} {
		_, err := agent(t, script).get(t, Place{System: buildkite})
		fails(t, err, c.code, "buildkite: "+c.message, c.hint)
	}
}

func TestAgentThatHangsEndsAtTheDeadline(t *testing.T) {
	w := agent(t, "sleep 100")
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err := w.Get(ctx, Place{System: buildkite})
	fails(t, err, problem.Unreachable, "buildkite: buildkite-agent was asked, but it was not done in time", "look at the network; WHICHROLE_TIMEOUT waits longer")
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%#v", err)
	}
	gone, stop := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, stop)
	_, err = w.Get(gone, Place{System: buildkite})
	fails(t, err, problem.Failure, "buildkite: buildkite-agent was asked, but it was interrupted", "")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%#v", err)
	}
}

func TestAgentThatIsNoProgram(t *testing.T) {
	w := agent(t, "")
	if err := os.WriteFile(child.Find(w.Env, agentProgram), []byte("#!/no/such/shell\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	_, err := w.get(t, Place{System: buildkite})
	fails(t, err, problem.LoginNeeded, "buildkite: buildkite-agent was asked, but it can't be run: no such file or directory", "")
}
