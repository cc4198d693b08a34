package terrateam

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"whichrole/internal/problem"
	"whichrole/internal/rolemap"
)

func TestExpand(t *testing.T) {
	env := variables(map[string]string{"A": "a", "_b9": "b", "AB": "ab"})
	for in, want := range map[string]string{
		"": "", "plain": "plain", "$A": "a", "${A}": "a", "x$A-$_b9.": "xa-b.", "$AB": "ab", "${A}B": "aB", "$$": "$", "$$A": "$A", "$$$A": "$a", "é$A": "éa", "$A$A": "aa", "${_b9}$": "!", "$": "!", "$9": "!",
		"${A": "!", "${}": "!", "$ A": "!", "${A }": "!", "$é": "!", "$NONE": "?NONE", "${NONE}": "?NONE",
	} {
		got, err := expand(in, func(name string) (string, error) {
			if v, _ := env(name); v != "" {
				return v, nil
			}
			return "", errors.New("?" + name)
		})
		if err == errDollar {
			got = "!"
		} else if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// withStep is a file with one workflow for all, and one step in it.
func withStep(step string) string {
	return "workflows:\n  - tag_query: ''\n    plan: [{type: env, name: BEFORE, cmd: [x]}, {type: oidc, provider: aws, " + step + "}]\n"
}

func planOf(t *testing.T, yaml string, w World) rolemap.Route {
	t.Helper()
	return choose(t, parse(t, yaml).In(w), "a/b", "qa-1").Plan
}

const qaDir = "dirs: {a/b: {workspaces: {qa-1: }}}\n"

func TestVariables(t *testing.T) {
	env := variables(map[string]string{"ROLE": arn("1", "x"), "ACC": "111111111111", "R": "eu-west-1", "S": "me", "D": "1200", "EMPTY": "", "TERRATEAM_DIR": "elsewhere", "TEAM": "env"})
	stacks := "stacks: {names: {one: {tag_query: '', variables: {TEAM: stack, ACC2: '222222222222', TERRATEAM_WORKSPACE: never}}}}\n"
	for step, want := range map[string]string{
		"role_arn: $ROLE": arn("1", "x"), "role_arn: 'arn:aws:iam::${ACC}:role/$TERRATEAM_WORKSPACE'": arn("1", "qa-1"), "role_arn: 'arn:aws:iam::${ACC2}:role/$TEAM'": arn("2", "stack"),
		"role_arn: 'arn:aws:iam::111111111111:role/$TERRATEAM_DIR'": arn("1", "a/b"), "role_arn: $NONE, assume_role_arn: $ROLE": arn("1", "x"),
	} {
		if r := planOf(t, qaDir+stacks+withStep(step), World{Variable: env}); r.RoleARN != want || r.Err != nil {
			t.Errorf("%s: %+v", step, r)
		}
	}
	r := planOf(t, qaDir+withStep("role_arn: $ROLE, region: $R, session_name: $S-1, duration: $D"), World{Variable: env})
	if r.Err != nil || r.Region != "eu-west-1" || r.SessionName != "me-1" || r.Duration.Seconds() != 1200 {
		t.Errorf("%+v", r)
	}
	for step, says := range map[string]string{
		"role_arn: $NONE": "role_arn asks for $NONE, which is not set here", "role_arn: $EMPTY": "$EMPTY, which is not set", "role_arn: $BEFORE": "the env step of line 4 sets it",
		"role_arn: $ROLE, region: $S": "region is wrong once $S is filled in", "role_arn: $S": "role_arn is wrong", "role_arn: $ROLE, duration: $ACC": "duration is wrong",
		"role_arn: $ROLE, session_name: $ROLE": "session_name is wrong", "role_arn: $ROLE, assume_role_arn: $S": "assume_role_arn is wrong",
	} {
		r := planOf(t, qaDir+withStep(step), World{Variable: env})
		wantError(t, r.Err, problem.NoEnvironment, fileName+":4", says)
		if r.RoleARN != "" {
			t.Errorf("%s: beside the error stands %s", step, r.RoleARN)
		}
	}
	wantError(t, planOf(t, qaDir+withStep("role_arn: $ROLE"), World{}).Err, problem.NoEnvironment, "ROLE")
	wantError(t, planOf(t, qaDir+withStep("role_arn: $NONE, assume_role_arn: $ROLE"), World{Variable: env, Token: inCI}).Err, problem.NoEnvironment, "NONE")
	wantError(t, planOf(t, qaDir+withStep("role_arn: $ROLE, audience: $AUD"), World{Variable: env, Token: inCI}).Err, problem.NoEnvironment, "AUD")
}

// Hooks run before any dirspace: Terrateam has no variables of one there.
func TestHooksHaveOnlyTheEnvironment(t *testing.T) {
	yaml := qaDir + "stacks: {names: {one: {tag_query: '', variables: {TEAM: stack}}}}\nhooks: {all: {pre: [{type: oidc, role_arn: 'arn:aws:iam::111111111111:role/$%s'}]}}"
	for _, name := range []string{"TEAM", "TERRATEAM_DIR", "TERRATEAM_WORKSPACE"} {
		wantError(t, planOf(t, fmt.Sprintf(yaml, name), World{}).Err, problem.NoEnvironment, name)
		if r := planOf(t, fmt.Sprintf(yaml, name), World{Variable: variables(map[string]string{name: "e"})}); r.RoleARN != arn("1", "e") {
			t.Errorf("%+v", r)
		}
	}
}

// A repository must not carry secrets of the environment to AWS, into names or onto the screen.
func TestSecretsOfTheEnvironmentStayThere(t *testing.T) {
	const secret = "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY"
	all := func(string) (string, error) { return secret, nil }
	for _, name := range []string{"AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "GITHUB_TOKEN", "db_password", "Passwd", "MY_API_KEY", "SSH_PRIVATE_KEY", "GCP_CREDENTIALS", "GH_PAT", "DB_PASS", "PASSPHRASE", "MYSQL_PWD", "NPM_AUTH", "SSH_KEY", "JWT", "DATABASE_URL", "AWS_ACCESS_KEY_ID", "ACTIONS_ID_TOKEN_REQUEST_URL"} {
		for _, key := range []string{
			"role_arn: $X", "role_arn: 'arn:aws:iam::111111111111:role/${X}'", "role_arn: 'arn:aws:iam::111111111111:role/x', session_name: $X", "role_arn: 'arn:aws:iam::111111111111:role/x', region: $X",
			"role_arn: 'arn:aws:iam::111111111111:role/x', duration: $X", "role_arn: 'arn:aws:iam::111111111111:role/x', audience: $X", "role_arn: 'arn:aws:iam::111111111111:role/x', assume_role_arn: $X",
		} {
			r := planOf(t, qaDir+withStep(strings.ReplaceAll(key, "X", name)), World{Variable: all, Token: inCI})
			wantError(t, r.Err, problem.NoEnvironment, "$"+name, "reads like a secret")
			if strings.Contains(fmt.Sprintf("%+v", r), secret) {
				t.Errorf("%s holds the secret", key)
			}
		}
	}
	// A name that tells nothing: then the value must be what it is for, and no error quotes it.
	for _, key := range []string{"role_arn: $X", "role_arn: $X, assume_role_arn: $X", "role_arn: $Y, region: $X", "role_arn: $Y, duration: $X", "role_arn: 'x$X'", "role_arn: $Y, session_name: '$X $X'", "role_arn: $Y, audience: '$X $X'"} {
		r := planOf(t, qaDir+withStep(key), World{Token: inCI, Variable: variables(map[string]string{"X": secret, "Y": arn("1", "x")})})
		wantError(t, r.Err, problem.NoEnvironment, "is wrong once")
		p, _ := errors.AsType[*problem.Error](r.Err)
		if strings.Contains(p.Message+p.Hint+fmt.Sprint(p.Err)+fmt.Sprintf("%+v", r), secret) {
			t.Errorf("%s: %v quotes the value", key, r.Err)
		}
	}
}

// A repository would choose what its reader pastes into his shell.
func TestNobodyIsToldToSetWhatRunsHisShell(t *testing.T) {
	for name, hint := range map[string]string{"LD_PRELOAD": "", "PATH": "", "BASH_ENV": "", "PROMPT_COMMAND": "", "AWS_PROFILE": "", "TEAM": "set TEAM to what it is in Terrateam's runs"} {
		err := planOf(t, qaDir+withStep("role_arn: $"+name), World{}).Err
		if got := problem.HintOf(err); got != hint || !errors.Is(err, rolemap.ErrVariable) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestVariablesThatMayNotBeToldAreNoneThatIsNotSet(t *testing.T) {
	err := planOf(t, qaDir+withStep("role_arn: $TEAM"), World{Variable: func(string) (string, error) { return "", errors.New("not for you") }}).Err
	wantError(t, err, problem.NoEnvironment, "$TEAM: not for you")
	if problem.HintOf(err) != "" || !errors.Is(err, rolemap.ErrVariable) {
		t.Errorf("%v, %q", err, problem.HintOf(err))
	}
}
