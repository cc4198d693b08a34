package oidc

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"whichrole/internal/paths"
)

var exe = map[bool]string{true: ".exe"}[runtime.GOOS == "windows"]

// program puts an empty program into a new directory.
func program(t *testing.T, name string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name+exe), nil, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestConditions(t *testing.T) {
	dir := t.TempDir()
	bin := program(t, "buildkite-agent")
	tokenFile := filepath.Join(dir, "token")
	if err := os.WriteFile(tokenFile, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	const list = string(filepath.ListSeparator)
	for name, c := range map[string]struct {
		system string
		env    paths.Env
		why    string // "" where the condition holds
		hint   string
	}{
		"github":       {github, paths.Env{githubURL: "u", githubBearer: "t", "GITHUB_ACTIONS": "true"}, "", ""},
		"github, half": {github, paths.Env{githubURL: "u"}, "ACTIONS_ID_TOKEN_REQUEST_TOKEN is not set", ""},
		"github, no permission": {github, paths.Env{"GITHUB_ACTIONS": "true"},
			"ACTIONS_ID_TOKEN_REQUEST_URL is not set: the job needs permissions: id-token: write", "the job needs permissions: id-token: write"},
		"gitlab":           {gitlab, paths.Env{"AWS_ID_TOKEN": "t", "GITLAB_CI": "true"}, "", ""},
		"gitlab, not":      {gitlab, nil, "AWS_ID_TOKEN is not set", ""},
		"gitlab, no token": {gitlab, paths.Env{"GITLAB_CI": "true"}, "AWS_ID_TOKEN is not set: " + needed(gitlab), needed(gitlab)},
		"circleci":         {circleci, paths.Env{"CIRCLE_OIDC_TOKEN_V2": "t"}, "", ""},
		"circleci, older":  {circleci, paths.Env{"CIRCLE_OIDC_TOKEN": "t"}, "", ""},
		"circleci, not":    {circleci, nil, "none of CIRCLE_OIDC_TOKEN_V2, CIRCLE_OIDC_TOKEN is set", ""},
		"circleci, fork":   {circleci, paths.Env{"CIRCLECI": "true"}, "none of CIRCLE_OIDC_TOKEN_V2, CIRCLE_OIDC_TOKEN is set: " + needed(circleci), needed(circleci)},
		"bitbucket":        {bitbucket, paths.Env{"BITBUCKET_STEP_OIDC_TOKEN": "t"}, "", ""},
		"bitbucket, not":   {bitbucket, paths.Env{"BITBUCKET_BUILD_NUMBER": "1"}, "BITBUCKET_STEP_OIDC_TOKEN is not set: " + needed(bitbucket), needed(bitbucket)},
		"buildkite":        {buildkite, paths.Env{"BUILDKITE": "true", "PATH": filepath.Join(dir, "none") + list + bin}, "", ""},
		"buildkite, no agent": {buildkite, paths.Env{"BUILDKITE": "true", "PATH": dir},
			"buildkite-agent is not on PATH: " + needed(buildkite), needed(buildkite)},
		"buildkite, elsewhere":          {buildkite, paths.Env{"PATH": bin}, "BUILDKITE is not set", ""},
		"azure-devops":                  {azureDevOps, paths.Env{azureURL: "u", azureBearer: "t"}, "", ""},
		"azure-devops, half":            {azureDevOps, paths.Env{azureURL: "u", "TF_BUILD": "True"}, "SYSTEM_ACCESSTOKEN is not set: " + needed(azureDevOps), needed(azureDevOps)},
		"hcp-terraform":                 {hcp, paths.Env{hcpToken: "t"}, "", ""},
		"hcp-terraform, AWS":            {hcp, paths.Env{hcpToken + "_AWS": "t"}, "", ""},
		"hcp-terraform, tagged":         {hcp, paths.Env{hcpToken + "_X": "a.b.c"}, "", ""},
		"hcp-terraform, two":            {hcp, paths.Env{hcpToken + "_X": "a.b.c", hcpToken + "_Y": "a.b.c"}, "", ""}, // an error, not another source
		"hcp-terraform, a word":         {hcp, paths.Env{hcpToken + "_TYPE": "jwt"}, "none of TFC_WORKLOAD_IDENTITY_TOKEN_AWS, TFC_WORKLOAD_IDENTITY_TOKEN is set", ""},
		"hcp-terraform, not":            {hcp, paths.Env{"TFC_RUN_ID": "run-1"}, "none of TFC_WORKLOAD_IDENTITY_TOKEN_AWS, TFC_WORKLOAD_IDENTITY_TOKEN is set: " + needed(hcp), needed(hcp)},
		"env":                           {"env:MY_TOKEN", paths.Env{"MY_TOKEN": "t"}, "", ""},
		"env, not":                      {"env:MY_TOKEN", nil, "MY_TOKEN is not set", ""},
		"file":                          {"file:" + tokenFile, nil, "", ""},
		"file, at home":                 {"file:~/token", nil, "", ""},
		"file, not":                     {"file:" + tokenFile + "s", nil, tokenFile + "s does not exist", ""},
		"file, a directory":             {"file:" + dir, nil, "", ""}, // there, and unusable
		"file of the working directory": {"file:oidc.go", nil, "oidc.go is not an absolute path", ""},
		"unknown system":                {"jenkins", nil, "there is no such system", ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := World{Env: c.env, Home: dir} // neither a way nor a clock
			if why := w.Absent(Place{System: c.system}); why != c.why {
				t.Errorf("got %q, want %q", why, c.why)
			}
			if hint := w.Hint(Place{System: c.system}); hint != c.hint {
				t.Errorf("hint %q, want %q", hint, c.hint)
			}
		})
	}
}

// A system that is added must have its condition, its advice and the variable that tells that its jobs run here.
func TestEverySystemIsKnownEverywhere(t *testing.T) {
	for _, system := range Systems() {
		w := World{Env: paths.Env{marker(system): "true"}}
		if why, hint := w.Absent(Place{System: system}), w.Hint(Place{System: system}); why == "there is no such system" || hint == "" {
			t.Errorf("%s: %q, %q", system, why, hint)
		}
	}
	if list := Systems(); len(list) != 7 || list[0] != github || slices.Contains(list, "") {
		t.Error(list)
	}
	Systems()[0] = "changed"
	if Systems()[0] != github {
		t.Error("a caller changed the list")
	}
}

func TestHomeThatIsNotKnownIsNotTheRoot(t *testing.T) {
	if why := (World{}).Absent(Place{System: "file:~/etc/passwd"}); why != "~/etc/passwd is not an absolute path" {
		t.Error(why)
	}
}

// A repository that is the working directory could put its own agent there.
func TestAgentOfTheRepositoryIsNotOnPath(t *testing.T) {
	t.Chdir(program(t, "buildkite-agent"))
	for _, path := range []string{".", "", string(filepath.ListSeparator), "sub" + string(filepath.Separator) + ".."} {
		why := World{Env: paths.Env{"BUILDKITE": "true", "PATH": path}}.missing(Place{System: buildkite})
		if why != "buildkite-agent is not on PATH" {
			t.Errorf("PATH=%q: %q", path, why)
		}
	}
}
