package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"whichrole/internal/broker"
	"whichrole/internal/keystore"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
	"whichrole/internal/process"
)

// machine is one on which all is well; a test spoils what it is about.
type machine struct {
	t                *testing.T
	home, repo, self string
	env              paths.Env
	now              func() time.Time
	sts              http.HandlerFunc
	callers          func(func(process.Process) bool) process.Chain
	patience         time.Duration
}

const roleMap = `version: 1
source: [{profile: corp}]
environments:
  qa: {dirs: [qa], role_arn: "arn:aws:iam::222222222222:role/qa"}
`

const neverShown = "corp-secret/never+shown"

func newMachine(t *testing.T) *machine {
	home, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	m := &machine{
		t: t, home: home, repo: filepath.Join(home, "infra"), now: time.Now, patience: 20 * time.Second,
		sts:     func(http.ResponseWriter, *http.Request) {},
		callers: func(func(process.Process) bool) process.Chain { return process.Chain{} },
	}
	m.self = m.write("bin/whichrole"+exe(), "#!/bin/sh\n")
	must(t, os.Chmod(m.self, 0o755))
	m.write("infra/.git/HEAD", "ref: refs/heads/main\n")
	m.write("infra/.whichrole.yaml", roleMap)
	m.write("infra/qa/main.tf", "")
	m.write(".aws/credentials", "[corp]\naws_access_key_id = AKIAWHICHROLETEST001\naws_secret_access_key = "+neverShown+"\n")
	m.write(".aws/config", "[profile terraform]\ncredential_process = "+filepath.ToSlash(m.self)+" credential-process\n")
	for _, dir := range []string{"run", ".config/whichrole", ".local/state/whichrole"} {
		must(t, os.MkdirAll(filepath.Join(home, dir), 0o700))
	}
	store := "file"
	if runtime.GOOS != "linux" { // Keychain and Credential Manager cannot be had privately
		store = "none"
	}
	m.env = paths.Env{
		"HOME": home, "USERPROFILE": home, "PATH": filepath.Dir(m.self), "XDG_RUNTIME_DIR": filepath.Join(home, "run"), "AWS_PROFILE": "terraform",
		"XDG_CONFIG_HOME": filepath.Join(home, ".config"), "AppData": filepath.Join(home, ".config"),
		"XDG_STATE_HOME": filepath.Join(home, ".local", "state"), "LocalAppData": filepath.Join(home, ".local", "state"),
		"DBUS_SESSION_BUS_ADDRESS": "unix:path=" + filepath.Join(home, "no-bus"), "WHICHROLE_CACHE": store, "WHICHROLE_TRUSTED_PATHS": m.repo,
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", m.env["DBUS_SESSION_BUS_ADDRESS"]) // the D-Bus library reads it by itself
	return m
}

func exe() string {
	if runtime.GOOS == "windows" {
		return ".exe"
	}
	return ""
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (m *machine) write(name, text string) string {
	path := filepath.Join(m.home, name)
	must(m.t, os.MkdirAll(filepath.Dir(path), 0o700))
	must(m.t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// versioned has the profile call another program, in that directory.
func (m *machine) versioned(dir string) (program string) {
	program = m.write(dir+"/whichrole"+exe(), "#!/bin/sh\n")
	must(m.t, os.Chmod(program, 0o755))
	m.write(".aws/config", "[profile terraform]\ncredential_process = "+filepath.ToSlash(program)+" credential-process\n")
	return program
}

func (m *machine) chmod(name string, mode os.FileMode) {
	must(m.t, os.Chmod(filepath.Join(m.home, name), mode))
}

// examine is all findings, which must show no secret.
func (m *machine) examine() []Finding {
	m.t.Helper()
	server := httptest.NewServer(m.sts)
	defer server.Close()
	if m.env["AWS_ENDPOINT_URL_STS"] == "" {
		m.env["AWS_ENDPOINT_URL_STS"] = server.URL
	}
	b := &broker.Broker{
		Env: m.env, Dirs: paths.Find(m.env, runtime.GOOS), Now: m.now, Log: func(string, ...any) {}, Version: func() string { return "test" },
		Callers: m.callers, Timeout: 10 * time.Second,
	}
	list := Patient{
		Broker: b, Request: broker.Request{Dir: filepath.Join(m.repo, "qa")}, Program: m.self, About: "whichrole test", Patience: m.patience,
	}.Examine(context.Background())
	text, err := json.Marshal(list)
	must(m.t, err)
	for _, secret := range []string{neverShown, "222222222222", m.home + "/infra"} {
		if strings.Contains(string(text), secret) {
			m.t.Errorf("%s is shown: %s", secret, text)
		}
	}
	return list
}

// of is what was found of one thing.
func of(list []Finding, id string) (text string) {
	for _, f := range list {
		if f.ID == id {
			text += fmt.Sprintf("%s: %s | %s | %s\n", f.Level, f.What, f.Why, f.Fix)
		}
	}
	return text
}

func TestHealthyMachine(t *testing.T) {
	m := newMachine(t)
	list := m.examine()
	var ids []string
	for _, f := range list {
		ids = append(ids, f.ID)
		if f.Level == Warning || f.Level == Broken {
			t.Errorf("%+v", f)
		}
	}
	want := "program profiles shadow settings map source cache sts clock files failure audit variables"
	if got := strings.Join(slices.Compact(ids), " "); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for id, text := range map[string]string{
		"profiles": "called by profile terraform in ~", "map": "gives qa plan: arn:aws:iam::…2222:role/qa", "source": "first credentials from profile corp",
		"sts": "answers (the endpoint is your own)", "clock": "the clock agrees", "audit": "audit.jsonl",
	} {
		if got := of(list, id); !strings.HasPrefix(got, "ok: ") || !strings.Contains(got, text) {
			t.Errorf("%s: %s", id, got)
		}
	}
}

func TestWhatIsWrongIsFound(t *testing.T) {
	for name, tt := range map[string]struct {
		spoil func(m *machine)
		id    string
		want  string // in the text of the findings
		posix bool   // it is about modes
		linux bool   // where a keyring can be had privately
	}{
		"no whichrole on PATH": {id: "program", want: "warning: whichrole is not on PATH", spoil: func(m *machine) { m.env["PATH"] = m.home }},
		"another on PATH": {id: "program", want: "warning: another whichrole is on PATH", spoil: func(m *machine) {
			must(m.t, os.Chmod(m.write("old/whichrole"+exe(), "#!/bin/sh\n"), 0o755))
			m.env["PATH"] = filepath.Join(m.home, "old")
		}},
		"no profile calls it": {id: "profiles", want: "warning: no profile in ~", spoil: func(m *machine) { m.write(".aws/config", "[default]\nregion = eu-west-1\n") }},
		"profile calls what was uninstalled": {id: "profiles", want: "which is no program | each call of that profile fails | whichrole setup --profile terraform", spoil: func(m *machine) {
			must(m.t, os.Remove(m.self))
		}},
		"profile by a bare name that is not on PATH": {id: "profiles", want: "broken: profile terraform (~", spoil: func(m *machine) {
			m.env["PATH"] = m.home
			m.write(".aws/config", "[profile terraform]\ncredential_process = whichrole credential-process\n")
		}},
		"profile calls a repository's own program": {id: "profiles", want: "another file in each directory", spoil: func(m *machine) {
			m.write(".aws/config", "[profile terraform]\ncredential_process = ./whichrole credential-process\n")
		}},
		"profile with a home that no SDK finds": {id: "profiles", want: "calls ~/bin/whichrole | not every SDK", spoil: func(m *machine) {
			m.write(".aws/config", "[profile terraform]\ncredential_process = ~/bin/whichrole credential-process\n")
		}},
		"profile calls what the next upgrade takes away": {id: "profiles", want: "warning: profile terraform (~", spoil: func(m *machine) {
			m.versioned("whichrole/1.2.3/bin")
		}},
		"and PATH leads there, too": {id: "profiles", want: "note: profile terraform (~", spoil: func(m *machine) {
			m.env["PATH"] = filepath.Dir(m.versioned("whichrole/1.2.3/bin"))
		}},
		"mixed profile": {id: "profiles", want: "also has sso_session (~", spoil: func(m *machine) {
			m.write(".aws/config", "[profile terraform]\ncredential_process = "+filepath.ToSlash(m.self)+" credential-process\nsso_session = x\n")
		}},
		"keys of the credentials file in the profile": {id: "profiles", want: "also has aws_access_key_id", spoil: func(m *machine) {
			m.write(".aws/credentials", "[terraform]\naws_access_key_id = AKIAWHICHROLETEST001\naws_secret_access_key = "+neverShown+"\n")
		}},
		"AWS config that nobody reads": {id: "profiles", want: "broken: ", spoil: func(m *machine) { m.write(".aws/config", "[profile terraform\n") }},
		"keys in the environment": {id: "shadow", want: "warning: the keys in the environment go before AWS_PROFILE", spoil: func(m *machine) {
			m.env["AWS_ACCESS_KEY_ID"], m.env["AWS_SECRET_ACCESS_KEY"] = "AKIAWHICHROLETEST001", neverShown
		}},
		"code that speaks as a finding that is left out": {id: "shadow", want: "warning: provider", spoil: func(m *machine) {
			m.write("infra/qa/main.tf", "provider \"aws\" {\n  profile = \"a is mixed: b\"\n}\n")
		}},
		"code that speaks as a finding that is a note": {id: "shadow", want: "warning: provider", spoil: func(m *machine) {
			m.write("infra/qa/main.tf", "provider \"aws\" {\n  profile = \"a asks whichrole with b\"\n}\n")
		}},
		"mixed profile is told once": {id: "shadow", want: "ok: ", spoil: func(m *machine) {
			m.write(".aws/config", "[profile terraform]\ncredential_process = "+filepath.ToSlash(m.self)+" credential-process\nsso_session = x\n")
		}},
		"broken settings":  {id: "settings", want: "broken: ~", spoil: func(m *machine) { m.write(".config/whichrole/config.yaml", "cache: purse\n") }},
		"map not trusted":  {id: "map", want: "whichrole trust", spoil: func(m *machine) { m.env["WHICHROLE_TRUSTED_PATHS"] = "" }},
		"untrusted source": {id: "source", want: "note: not looked at", spoil: func(m *machine) { m.env["WHICHROLE_TRUSTED_PATHS"] = "" }},
		"invalid map":      {id: "map", want: "broken: ~", spoil: func(m *machine) { m.write("infra/.whichrole.yaml", "version: 1\nenvironment: {}\n") }},
		"no environment": {id: "map", want: "warning: ", spoil: func(m *machine) {
			m.write("infra/.whichrole.yaml", strings.ReplaceAll(roleMap, "[qa]", "[live]"))
		}},
		"no map": {id: "map", want: "note: no role map", spoil: func(m *machine) { must(m.t, os.Remove(filepath.Join(m.repo, ".whichrole.yaml"))) }},
		"source that is not here": {id: "source", want: "broken: ", spoil: func(m *machine) {
			m.write("infra/.whichrole.yaml", strings.ReplaceAll(roleMap, "corp", "elsewhere"))
		}},
		"nobody logged in": {id: "source", want: "they fail until somebody did that | whichrole -C ~/infra/qa login", spoil: func(m *machine) {
			m.write(".aws/config", "[profile corp]\nmfa_serial = arn:aws:iam::999999999999:mfa/ann\n")
		}},
		"cache off": {id: "cache", want: "note: the cache is switched off", spoil: func(m *machine) { m.env["WHICHROLE_CACHE"] = "none" }},
		"keyring asked for over SSH where there is none": {id: "cache", linux: true, want: "warning: credentials cannot be kept here (over SSH) | each call asks STS anew", spoil: func(m *machine) {
			m.env["WHICHROLE_CACHE"], m.env["SSH_CONNECTION"] = "keyring", "192.0.2.1 1 192.0.2.2 22"
		}},
		"keyring that is absent": {id: "cache", linux: true, want: "note: not in the Secret Service, which is absent: ", spoil: func(m *machine) { m.env["WHICHROLE_CACHE"] = "keyring" }},
		"file store of another user": {id: "cache", linux: true, want: "warning: not in a file in memory, which is denied: ", spoil: func(m *machine) {
			must(m.t, os.Mkdir(filepath.Join(m.home, "run", "whichrole"), 0o700))
			m.chmod("run/whichrole", 0o755)
		}},
		"cache misspelt":   {id: "cache", want: "broken: unknown cache", spoil: func(m *machine) { m.env["WHICHROLE_CACHE"] = "purse" }},
		"our clock ahead":  {id: "clock", want: "broken: the clock of this machine is 10m", spoil: func(m *machine) { m.at(10 * time.Minute) }},
		"our clock behind": {id: "clock", want: " behind AWS's | AWS refuses", spoil: func(m *machine) { m.at(-10 * time.Minute) }},
		"clock a bit off":  {id: "clock", want: "warning: the clock of this machine is 1m", spoil: func(m *machine) { m.at(time.Minute + 30*time.Second) }},
		"no clock there": {id: "clock", want: "note: 127.0.0.1", spoil: func(m *machine) {
			m.sts = func(w http.ResponseWriter, _ *http.Request) { w.Header()["Date"] = nil }
		}},
		"AWS out of reach": {id: "sts", want: "broken: 127.0.0.1:1 ", spoil: func(m *machine) { m.env["AWS_ENDPOINT_URL_STS"] = "http://127.0.0.1:1" }},
		"an endpoint that was forgotten": {id: "sts", want: "(the endpoint is your own) | no role can be assumed | unset AWS_ENDPOINT_URL_STS\n", spoil: func(m *machine) {
			m.env["AWS_ENDPOINT_URL_STS"] = "http://127.0.0.1:1"
		}},
		"an endpoint that is no URL": {id: "sts", want: "| unset AWS_ENDPOINT_URL_STS\n", spoil: func(m *machine) { m.env["AWS_ENDPOINT_URL_STS"] = "localhost:4566" }},
		"keys for an endpoint without TLS": {id: "sts", want: "warning: sts.test:1 is not looked at: it is without TLS (the endpoint is your own) | who listens on the way gets the credentials that it hands out | unset AWS_ENDPOINT_URL_STS\n", spoil: func(m *machine) {
			m.env["AWS_ENDPOINT_URL_STS"] = "http://sts.test:1"
		}},
		"a token for an endpoint without TLS": {id: "sts", want: "broken: sts.test:1 is not asked: a token would go there without TLS (the endpoint is your own) | no role can be assumed | unset", spoil: func(m *machine) {
			m.write("infra/.whichrole.yaml", strings.ReplaceAll(roleMap, "profile: corp", "ci: github"))
			m.env["GITHUB_ACTIONS"], m.env["ACTIONS_ID_TOKEN_REQUEST_URL"], m.env["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] = "true", "https://ci.test/", "x"
			m.env["AWS_ENDPOINT_URL_STS"] = "http://sts.test:1"
		}},
		"certificates that are none": {id: "sts", want: "the CA bundle", spoil: func(m *machine) {
			m.env["AWS_CA_BUNDLE"] = m.write("ca.pem", neverShown)
		}},
		"proxy with a password": {id: "sts", want: "HTTPS_PROXY is set", spoil: func(m *machine) {
			m.env["HTTPS_PROXY"] = "http://ann:" + neverShown + "@127.0.0.1:1"
		}},
		"somebody may write the AWS config": {id: "files", posix: true, want: "broken: ~/.aws/config is writable by others | a line in it can run any program as you | chmod go-w ~/.aws/config",
			spoil: func(m *machine) { m.chmod(".aws/config", 0o666) }},
		"keys that all may read": {id: "files", posix: true, want: "warning: ~/.aws/credentials is open to others | it may hold long-term keys | chmod go= ~/.aws/credentials",
			spoil: func(m *machine) { m.chmod(".aws/credentials", 0o644) }},
		"keys in a file that is named from the home": {id: "files", posix: true, want: "warning: ~/keys is open to others", spoil: func(m *machine) {
			must(m.t, os.Rename(filepath.Join(m.home, ".aws", "credentials"), filepath.Join(m.home, "keys")))
			m.chmod("keys", 0o644)
			m.env["AWS_SHARED_CREDENTIALS_FILE"] = "~/keys"
		}},
		"a directory of the AWS files that everybody may write into": {id: "files", posix: true,
			want:  "broken: ~/.aws is writable by everybody | another file can be put in its place, and a line in it can run any program as you | chmod o-w ~/.aws\n",
			spoil: func(m *machine) { m.chmod(".aws", 0o777) }},
		"and one that a group may": {id: "files", posix: true, want: "warning: ~/.aws is writable by others | another file can be put in its place",
			spoil: func(m *machine) { m.chmod(".aws", 0o770) }},
		"a home of everybody": {id: "files", posix: true, want: "| chmod o-w ~\n", spoil: func(m *machine) { m.chmod(".", 0o777) }},
		"a profile's program that others may write": {id: "files", posix: true, want: "broken: ~/lib/x/whichrole is writable by others | who changes it has your credentials | chmod go-w ~/lib/x/whichrole\n",
			spoil: func(m *machine) { must(m.t, os.Chmod(m.versioned("lib/x"), 0o777)) }},
		"a profile's program on PATH that others may write": {id: "files", posix: true, want: "broken: ~/lib/x/whichrole is writable by others", spoil: func(m *machine) {
			must(m.t, os.Chmod(m.versioned("lib/x"), 0o775))
			m.env["PATH"] = filepath.Join(m.home, "lib", "x")
			m.write(".aws/config", "[profile terraform]\ncredential_process = whichrole credential-process\n")
		}},
		"a profile's program in a directory of everybody": {id: "files", posix: true, want: "broken: ~/lib/x is writable by everybody | who puts another program there has your credentials | chmod o-w ~/lib/x\n",
			spoil: func(m *machine) { m.versioned("lib/x"); m.chmod("lib/x", 0o777) }},
		"a directory of everybody above it": {id: "files", posix: true, want: "broken: ~/lib is writable by everybody",
			spoil: func(m *machine) { m.versioned("lib/x"); m.chmod("lib", 0o777) }},
		"a profile's program that is a link to there": {id: "files", posix: true, want: "broken: ~/lib is writable by everybody", spoil: func(m *machine) {
			program := m.versioned("lib/x")
			m.chmod("lib", 0o777)
			must(m.t, os.Symlink(program, filepath.Join(m.home, "whichrole")))
			m.write(".aws/config", "[profile terraform]\ncredential_process = "+filepath.Join(m.home, "whichrole")+" credential-process\n")
		}},
		"programs that a group cares for": {id: "files", posix: true, want: "ok: ", spoil: func(m *machine) { m.chmod("bin", 0o775) }},
		"a place like /tmp":               {id: "files", posix: true, want: "ok: ", spoil: func(m *machine) { m.versioned("lib/x"); m.chmod("lib", 0o777|os.ModeSticky) }},
		"approvals of everybody":          {id: "files", posix: true, want: "approvals in it do not count", spoil: func(m *machine) { m.chmod(".local/state/whichrole", 0o777) }},
		"a last failure": {id: "failure", want: "it broke", spoil: func(m *machine) {
			b := broker.Broker{Env: m.env, Dirs: paths.Find(m.env, runtime.GOOS), Now: time.Now, Log: func(string, ...any) {}, Callers: m.callers}
			b.Failed(broker.Request{Dir: filepath.Join(m.repo, "qa")}, problem.New(problem.Refused, "it broke in 222222222222").WithHint("mend it"))
		}},
		"audit off": {id: "audit", want: "note: audit is off in ~", spoil: func(m *machine) { m.write(".config/whichrole/config.yaml", "audit: off\n") }},
		"audit that cannot be written": {id: "audit", want: "warning: no line can be added", spoil: func(m *machine) {
			must(m.t, os.Mkdir(filepath.Join(m.home, ".local", "state", "whichrole", "audit.jsonl"), 0o700))
		}},
		"forgotten variable": {id: "variables", want: "WHICHROLE_ENV=production", spoil: func(m *machine) { m.env["WHICHROLE_ENV"] = "production" }},
		"a source's secrets that exec hands on": {id: "variables", want: "note: set here: WHICHROLE_CACHE", spoil: func(m *machine) {
			m.env["WHICHROLE_SOURCE_AWS_SECRET_ACCESS_KEY"] = neverShown
		}},
	} {
		t.Run(name, func(t *testing.T) {
			if tt.posix && runtime.GOOS == "windows" || tt.linux && runtime.GOOS != "linux" {
				return // access lists rule there; no keyring can be had privately
			}
			m := newMachine(t)
			tt.spoil(m)
			if got := of(m.examine(), tt.id); !strings.Contains(filepath.ToSlash(got), tt.want) {
				t.Errorf("got %swant %s", got, tt.want)
			}
		})
	}
}

// at has the machine's clock wrong by that much.
func (m *machine) at(ahead time.Duration) { m.now = func() time.Time { return time.Now().Add(ahead) } }

// A check that hangs must not hide what the others found, nor keep somebody waiting who wants to know what hangs.
func TestHangingCheckHidesNoOther(t *testing.T) {
	m := newMachine(t)
	m.write("infra/.whichrole.yaml", "version: 1\nsource: [{profile: corp}]\nenvironments:\n  qa:\n    dirs: [qa]\n    role_arn:\n      plan: arn:aws:iam::222222222222:role/qa\n      apply: arn:aws:iam::222222222222:role/qa-apply\n")
	stop := make(chan struct{})
	defer close(stop)
	m.callers = func(func(process.Process) bool) process.Chain { <-stop; return process.Chain{} }
	m.patience = time.Second
	list := m.examine()
	if got := of(list, "map"); !strings.Contains(got, "broken: looking at this did not end in 1s") {
		t.Errorf("map: %s", got)
	}
	if got := of(list, "profiles"); !strings.HasPrefix(got, "ok: ") {
		t.Errorf("profiles: %s", got)
	}
}

// As setup --per-env writes them.
func TestProfileOfOneEnvironmentIsWell(t *testing.T) {
	m := newMachine(t)
	m.write(".aws/config", "[profile terraform]\ncredential_process = "+filepath.ToSlash(m.self)+" -e qa credential-process\nregion = eu-west-1\n")
	list := m.examine()
	if got := of(list, "profiles"); !strings.HasPrefix(got, "ok: called by profile terraform") || strings.Count(got, "\n") != 1 {
		t.Errorf("profiles: %s", got)
	}
	if got := of(list, "shadow"); !strings.HasPrefix(got, "note: profile terraform asks whichrole with -e qa") {
		t.Errorf("shadow: %s", got)
	}
}

// A login that is missing before there is a map is one of the profile.
func TestLoginWithoutAMap(t *testing.T) {
	m := newMachine(t)
	must(t, os.Remove(filepath.Join(m.repo, ".whichrole.yaml")))
	m.write(".config/whichrole/config.yaml", "source: [{profile: corp}]\n")
	m.write(".aws/config", "[profile corp]\nmfa_serial = arn:aws:iam::999999999999:mfa/ann\n")
	if got := of(m.examine(), "source"); !strings.HasSuffix(got, "| whichrole login --profile corp\n") {
		t.Errorf("source: %s", got)
	}
}

// A place without an environment, such as the repository's top, says nothing of a source: the map that names one was faulted.
func TestNoEnvironmentIsNoFaultOfTheSource(t *testing.T) {
	for name, spoil := range map[string]func(m *machine){
		"outside every environment": func(m *machine) { m.write("infra/.whichrole.yaml", strings.ReplaceAll(roleMap, "[qa]", "[live]")) },
		"invalid map":               func(m *machine) { m.write("infra/.whichrole.yaml", "version: 1\nenvironment: {}\n") },
	} {
		m := newMachine(t)
		spoil(m)
		if got := of(m.examine(), "source"); got != "note: not looked at: no environment here |  | \n" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// What failed in other directories: those without an environment stay out, and the others' hints would explain this one.
func TestFailuresOfOtherDirectories(t *testing.T) {
	m := newMachine(t)
	b := broker.Broker{Env: m.env, Dirs: paths.Find(m.env, runtime.GOOS), Now: time.Now, Log: func(string, ...any) {}, Callers: m.callers}
	for _, f := range []struct {
		dir  string
		code problem.Code
	}{{"elsewhere", problem.NoEnvironment}, {"infra/qa/nowhere", problem.NoEnvironment}, {"infra/qa/below", problem.Refused}} {
		must(t, os.MkdirAll(filepath.Join(m.home, f.dir), 0o700))
		b.Failed(broker.Request{Dir: filepath.Join(m.home, f.dir)}, problem.New(f.code, "it broke").WithHint("whichrole explain"))
		got := of(m.examine(), "failure")
		fix := filepath.FromSlash("| whichrole -C ~/" + f.dir + " explain\n")
		if f.code == problem.NoEnvironment && !strings.HasPrefix(got, "ok: ") || f.code != problem.NoEnvironment && !strings.HasSuffix(got, fix) {
			t.Errorf("%s: %s", f.dir, got)
		}
	}
}

// On a machine without a desktop, lines of their own for why there is no desktop's keyring looked like faults.
func TestMachineWithoutADesktopIsWell(t *testing.T) {
	if runtime.GOOS != "linux" {
		return // where a keyring can be had privately
	}
	m := newMachine(t)
	m.env["WHICHROLE_CACHE"] = "auto"
	got := of(m.examine(), "cache")
	if !strings.HasPrefix(got, "ok: credentials are kept in ") || !strings.Contains(got, "; not in the Secret Service: ") || strings.Count(got, "\n") != 1 {
		t.Errorf("%s", got)
	}
}

func TestNothingIsLeftInTheStore(t *testing.T) {
	m := newMachine(t)
	m.examine()
	err := filepath.WalkDir(filepath.Join(m.home, "run"), func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !strings.HasSuffix(path, ".lock") {
			t.Errorf("left: %s", path)
		}
		return err
	})
	must(t, err)
}

func TestShortHome(t *testing.T) {
	for text, want := range map[string]string{
		"/home/ann/x": "~/x", "at /home/ann (/home/ann/y)": "at ~ (~/y)", "/home/annabel/x": "/home/annabel/x", "/mnt/home/ann/x": "/mnt/home/ann/x",
		"chmod '/home/ann/a b'": "chmod '/home/ann/a b'", "": "", "HOME=/home/ann:": "HOME=~:",
	} {
		if got := shortHome(text, "/home/ann"); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	if got := shortHome("/a/b", "/"); got != "/a/b" {
		t.Errorf("with / for a home: %s", got)
	}
}

func TestShortIDs(t *testing.T) {
	for text, want := range map[string]string{
		"arn:aws:iam::111122223333:role/x": "arn:aws:iam::…3333:role/x", "111122223333": "…3333", "1111222233334": "1111222233334", "11112222333": "11112222333",
		"2026-11-22": "2026-11-22", "é123456789012": "é…9012", "": "",
	} {
		if got := shortIDs(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func TestStoresThatCanBeMended(t *testing.T) {
	for u, want := range map[keystore.Unavailable]string{
		{Store: "keyring", Class: keystore.TimedOut}: "whichrole cache clear --expired",
		{Store: "keyring", Class: keystore.Locked}:   map[bool]string{true: "security unlock-keychain", false: "whichrole exec -- true"}[runtime.GOOS == "darwin"],
		{Store: "keyring", Class: keystore.Absent}:   "", {Store: "file", Class: keystore.Denied}: "",
	} {
		if got := mend(&u); got != want {
			t.Errorf("%v: %s, want %s", u, got, want)
		}
	}
}
