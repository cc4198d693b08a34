package launch

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"whichrole/internal/awsconfig"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

const ourSelf = "/usr/bin/whichrole"

func selfHere() string {
	if runtime.GOOS == "windows" {
		return `C:\bin\whichrole.exe`
	}
	return ourSelf
}

// place is a home with these AWS files; "" for none.
func place(t *testing.T, config, credentials string) (paths.Dirs, *awsconfig.Files) {
	t.Helper()
	home := t.TempDir()
	must(t, os.Mkdir(filepath.Join(home, ".aws"), 0o700))
	for name, text := range map[string]string{"config": config, "credentials": credentials} {
		if text != "" {
			must(t, os.WriteFile(filepath.Join(home, ".aws", name), []byte(text), 0o600))
		}
	}
	files, err := awsconfig.Load(paths.Env{}, home)
	must(t, err)
	return paths.Dirs{Home: home, State: filepath.Join(home, "state")}, files
}

var pins = Pins{Dir: filepath.Join(os.TempDir(), "x"), Environment: "qa", Set: map[string]string{"account": "payments"}, Operation: "apply"}

func TestCopyKeepsWhatTheUserWrote(t *testing.T) {
	const nested = "[profile whichrole-exec]\ncredential_process = /old credential-process --pinned exec-old\nregion = us-east-1\n"
	for name, tt := range map[string]struct{ config, region, want string }{
		"no file":                          {"", "eu-west-1", "[profile whichrole-exec]\ncredential_process = CALL\nregion = eu-west-1\n"},
		"no region":                        {"", "", "[profile whichrole-exec]\ncredential_process = CALL\n"},
		"no final newline":                 {"[default]\nregion = x # y", "", "[default]\nregion = x # y\n\n[profile whichrole-exec]\ncredential_process = CALL\n"},
		"CRLF":                             {"[default]\r\nregion = x\r\n", "", "[default]\r\nregion = x\r\n\r\n[profile whichrole-exec]\r\ncredential_process = CALL\r\n"},
		"byte order mark":                  {"\ufeff[default]\nregion = x\n", "", "\ufeff[default]\nregion = x\n\n[profile whichrole-exec]\ncredential_process = CALL\n"},
		"comments, services, sso-session":  {"# one\n[services s]\ns3 =\n  endpoint_url = http://x\n[sso-session a]\nsso_region = b\n; two\n", "", "# one\n[services s]\ns3 =\n  endpoint_url = http://x\n[sso-session a]\nsso_region = b\n; two\n\n[profile whichrole-exec]\ncredential_process = CALL\n"},
		"exec in exec":                     {"[default]\nregion = x\n\n" + nested, "", "[default]\nregion = x\n\n[profile whichrole-exec]\ncredential_process = CALL\n"},
		"exec in exec, settings of others": {"[profile whichrole-exec]\nrole_arn = x\nsource_profile = default\n[default]\nregion = x\n", "", "[default]\nregion = x\n\n[profile whichrole-exec]\ncredential_process = CALL\n"},
	} {
		t.Run(name, func(t *testing.T) {
			dirs, files := place(t, tt.config, "")
			s, err := Prepare(dirs, files, selfHere(), pins, tt.region)
			must(t, err)
			defer s.Close()
			env := s.Variables()
			got, err := os.ReadFile(env["AWS_CONFIG_FILE"])
			must(t, err)
			if want := strings.ReplaceAll(tt.want, "CALL", selfHere()+" credential-process --pinned "+s.ID); string(got) != want {
				t.Errorf("got\n%q, want\n%q", got, want)
			}
			if env["AWS_PROFILE"] != "whichrole-exec" || env["AWS_SDK_LOAD_CONFIG"] != "1" {
				t.Errorf("%v", env)
			}
		})
	}
}

func TestSectionThatWouldWinIsRefused(t *testing.T) {
	dirs, files := place(t, "", "[default]\naws_access_key_id = x\n[whichrole-exec]\naws_access_key_id = AKIA\n")
	_, err := Prepare(dirs, files, selfHere(), pins, "")
	codeOf(t, err, problem.Failure, "credentials:3", "[whichrole-exec]")
	leftNothing(t, dirs)
}

func leftNothing(t *testing.T, dirs paths.Dirs) {
	t.Helper()
	if left, err := filepath.Glob(filepath.Join(dirs.State, "run", "*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestPreparedIsPrivateAndCloseRemovesIt(t *testing.T) {
	dirs, files := place(t, "[default]\n", "")
	s, err := Prepare(dirs, files, selfHere(), pins, "")
	must(t, err)
	for _, name := range []string{"", configName, requestName, lockName} {
		info, err := os.Lstat(s.path(name))
		if err != nil || paths.OpenToOthers(info) {
			t.Errorf("%s: %v %v", name, info, err)
		}
	}
	got, err := ReadPins(dirs, s.ID)
	if err != nil || got.Environment != "qa" || got.Set["account"] != "payments" || got.Operation != "apply" || got.Dir != pins.Dir {
		t.Errorf("%+v %v", got, err)
	}
	s.Close()
	s.Close()
	leftNothing(t, dirs)
	_, err = ReadPins(dirs, s.ID)
	codeOf(t, err, problem.Failure, "has ended")
}

func TestPinsOfNoSession(t *testing.T) {
	dirs, _ := place(t, "", "")
	for _, id := range []string{"", "exec-", "exec-../../x", "../exec-a", "exec-a/b", `exec-a\b`, "exec-A", "exec-ä", "exec-" + strings.Repeat("a", 64), "/etc", "request.json", "exec-a\x00"} {
		_, err := ReadPins(dirs, id)
		codeOf(t, err, problem.Usage)
	}
	_, err := ReadPins(paths.Dirs{}, "exec-a")
	codeOf(t, err, problem.Failure, "has ended")
}

func TestDamagedPinsAreNoPins(t *testing.T) {
	abs := strings.ReplaceAll(pins.Dir, `\`, `/`)
	for name, text := range map[string]string{
		"empty": "", "no object": "[]", "a field that we do not know": `{"dir":"` + abs + `","role_arn":"x"}`, "two": `{"dir":"` + abs + `"}{}`,
		"no directory": `{"map":"/m"}`, "relative": `{"dir":"x"}`, "relative map": `{"dir":"` + abs + `","map":".whichrole.yaml"}`, "large": `{"dir":"` + strings.Repeat("x", maxPins) + `"}`,
	} {
		dirs, files := place(t, "", "")
		s, err := Prepare(dirs, files, selfHere(), pins, "")
		must(t, err)
		must(t, os.WriteFile(s.path(requestName), []byte(text), 0o600))
		if _, err := ReadPins(dirs, s.ID); err == nil {
			t.Errorf("%s: no error", name)
		} else {
			codeOf(t, err, problem.Failure, s.ID)
		}
		s.Close()
	}
}

func TestSweepLeavesWhatMayBeInTheMaking(t *testing.T) {
	dirs, files := place(t, "", "")
	run := filepath.Join(dirs.State, "run")
	s, err := Prepare(dirs, files, selfHere(), pins, "")
	must(t, err)
	defer s.Close()
	now := time.Now()
	for _, name := range []string{"exec-bare", "exec-unsigned", "exec-Other", "other", "exec-ended"} {
		must(t, os.Mkdir(filepath.Join(run, name), 0o700))
	}
	must(t, os.WriteFile(filepath.Join(run, "exec-unsigned", lockName), nil, 0o600))
	must(t, os.WriteFile(filepath.Join(run, "exec-ended", lockName), []byte("1 1\n"), 0o600)) // the first process started at another time
	must(t, os.WriteFile(filepath.Join(run, "exec-file"), nil, 0o600))
	for i, want := range []int{1, 0} {
		if n := Sweep(dirs, now); n != want {
			t.Errorf("sweep %d: %d, want %d", i, n, want)
		}
	}
	if n := Sweep(dirs, now.Add(2*time.Minute)); n != 2 {
		t.Errorf("later: %d, want 2", n)
	}
	for _, name := range []string{"exec-Other", "other", "exec-file", s.ID} {
		if _, err := os.Lstat(filepath.Join(run, name)); err != nil {
			t.Error(err)
		}
	}
}
