package source

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

func TestConditions(t *testing.T) {
	dir := t.TempDir()
	agent := "buildkite-agent"
	if runtime.GOOS == "windows" {
		agent += ".exe"
	}
	tokenFile := filepath.Join(dir, "token")
	for path, mode := range map[string]os.FileMode{filepath.Join(dir, "bin", agent): 0o755, tokenFile: 0o600} {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, mode); err != nil {
			t.Fatal(err)
		}
	}
	bin := filepath.Join(dir, "bin")
	tests := []struct {
		name  string
		entry Entry
		env   paths.Env
		why   string // "" where the condition holds
	}{
		{"github", oidc("github"), paths.Env{"ACTIONS_ID_TOKEN_REQUEST_URL": "u", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "t"}, ""},
		{"github, half", oidc("github"), paths.Env{"ACTIONS_ID_TOKEN_REQUEST_URL": "u"}, "ACTIONS_ID_TOKEN_REQUEST_TOKEN is not set"},
		{"github, no permission", oidc("github"), paths.Env{"GITHUB_ACTIONS": "true"}, "ACTIONS_ID_TOKEN_REQUEST_URL is not set: the job needs permissions: id-token: write"},
		{"gitlab", oidc("gitlab"), paths.Env{"AWS_ID_TOKEN": "t"}, ""},
		{"gitlab, not", oidc("gitlab"), paths.Env{"GITLAB_CI": "true"}, "AWS_ID_TOKEN is not set"},
		{"circleci", oidc("circleci"), paths.Env{"CIRCLE_OIDC_TOKEN_V2": "t"}, ""},
		{"circleci, older", oidc("circleci"), paths.Env{"CIRCLE_OIDC_TOKEN": "t"}, ""},
		{"circleci, not", oidc("circleci"), nil, "none of CIRCLE_OIDC_TOKEN_V2, CIRCLE_OIDC_TOKEN is set"},
		{"bitbucket", oidc("bitbucket"), paths.Env{"BITBUCKET_STEP_OIDC_TOKEN": "t"}, ""},
		{"bitbucket, not", oidc("bitbucket"), nil, "BITBUCKET_STEP_OIDC_TOKEN is not set"},
		{"buildkite", oidc("buildkite"), paths.Env{"BUILDKITE": "true", "PATH": filepath.Join(dir, "none") + string(filepath.ListSeparator) + bin}, ""},
		{"buildkite, no agent", oidc("buildkite"), paths.Env{"BUILDKITE": "true", "PATH": dir}, agent + " is not on PATH"},
		{"buildkite, elsewhere", oidc("buildkite"), paths.Env{"PATH": bin}, "BUILDKITE is not set"},
		{"azure-devops", oidc("azure-devops"), paths.Env{"SYSTEM_OIDCREQUESTURI": "u", "SYSTEM_ACCESSTOKEN": "t"}, ""},
		{"azure-devops, half", oidc("azure-devops"), paths.Env{"SYSTEM_OIDCREQUESTURI": "u"}, "SYSTEM_ACCESSTOKEN is not set"},
		{"hcp-terraform", oidc("hcp-terraform"), paths.Env{"TFC_WORKLOAD_IDENTITY_TOKEN": "t"}, ""},
		{"hcp-terraform, tagged", oidc("hcp-terraform"), paths.Env{"TFC_WORKLOAD_IDENTITY_TOKEN_AWS": "t"}, ""},
		{"hcp-terraform, not", oidc("hcp-terraform"), paths.Env{"TFC_WORKLOAD_IDENTITY_TOKEN_AWS": ""}, "TFC_WORKLOAD_IDENTITY_TOKEN is not set"},
		{"env", oidc("env:MY_TOKEN"), paths.Env{"MY_TOKEN": "t"}, ""},
		{"env, not", oidc("env:MY_TOKEN"), nil, "MY_TOKEN is not set"},
		{"file", oidc("file:" + tokenFile), nil, ""},
		{"file, at home", oidc("file:~/.aws/config"), nil, ""},
		{"file, not", oidc("file:" + tokenFile + "s"), nil, tokenFile + "s does not exist"},
		{"file of the working directory", oidc("file:source.go"), nil, "source.go is not an absolute path"},
		{"unknown system", oidc("jenkins"), nil, "there is no such system"},
		{"web_identity", Entry{Kind: "web_identity"}, paths.Env{"AWS_WEB_IDENTITY_TOKEN_FILE": "/x"}, ""},
		{"web_identity, not", Entry{Kind: "web_identity"}, nil, "AWS_WEB_IDENTITY_TOKEN_FILE is not set"},
		{"sso", Entry{Kind: "sso", Name: "corp"}, nil, ""},
		{"sso, not", Entry{Kind: "sso", Name: "crop"}, nil, "CONFIG has no [sso-session crop]"},
		{"profile", profile("corp"), nil, ""},
		{"profile, a session has the name", profile("session"), nil, "neither CONFIG nor CREDS has it"},
		{"environment", environment, paths.Env{"AWS_ACCESS_KEY_ID": "x"}, ""},
		{"environment, the other half", environment, paths.Env{"AWS_SECRET_ACCESS_KEY": "x"}, ""},
		{"environment, not", environment, paths.Env{"AWS_SESSION_TOKEN": "x"}, "AWS_ACCESS_KEY_ID is not set"},
		{"instance", Entry{Kind: "instance"}, nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := at(t, tt.env, "[sso-session corp]\n[sso-session session]\n[profile corp]\n", "")
			want := strings.NewReplacer("CONFIG", p.config, "CREDS", p.creds).Replace(tt.why)
			if why, err := p.absent(tt.entry); err != nil || why != want {
				t.Errorf("got %q, %v; want %q", why, err, want)
			}
		})
	}
}

func oidc(name string) Entry { return Entry{Kind: "oidc", Name: name} }

// A kind that is chosen and cannot be served ends the search, so that no other identity takes its place.
func TestUnservedKind(t *testing.T) {
	for _, tt := range []struct {
		entry Entry
		env   paths.Env
		want  string
	}{
		{oidc("env:X"), paths.Env{"X": sessToken}, "source oidc env:X is not supported by this version"},
		{Entry{Kind: "web_identity"}, paths.Env{"AWS_WEB_IDENTITY_TOKEN_FILE": "x"}, "source web_identity is not supported by this version"},
		{Entry{Kind: "sso", Name: "s"}, nil, "source sso s is not supported by this version"},
		{Entry{Kind: "instance"}, nil, "source instance is not supported by this version"},
		{Entry{Kind: "magic"}, nil, "there is no source called magic"},
	} {
		p := at(t, tt.env, "[sso-session s]\n", "[corp]\n"+keysOf(longID, secretKey, ""))
		c, _, err := p.choose(t, []Entry{tt.entry, profile("corp")})
		if err == nil || err.Error() != tt.want || problem.CodeOf(err) != problem.Failure {
			t.Errorf("got %v, %v; want %s", c, err, tt.want)
		}
	}
}

// A repository that is the working directory could put its own agent there.
func TestAgentOfTheRepositoryIsNotOnPath(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for _, name := range []string{"buildkite-agent", "buildkite-agent.exe"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{".", "", string(filepath.ListSeparator), "sub" + string(filepath.Separator) + ".."} {
		if why := (World{Env: paths.Env{"PATH": path}}).commandAbsent("buildkite-agent"); why == "" {
			t.Errorf("PATH=%q finds it", path)
		}
	}
}

func TestUnixAgentMustBeExecutable(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // there is no such bit
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "buildkite-agent"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if why := (World{Env: paths.Env{"PATH": dir}}).commandAbsent("buildkite-agent"); why == "" {
		t.Error("a plain file counts as a program")
	}
}
