//go:build !windows

package output

import (
	"bytes"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"whichrole/internal/creds"
)

// readers are the real shells: how each is told to read commands from the file $1, as people do it, and then to print what a
// program gets. CI must have them all; PowerShell, which no package of Debian has, is asked where there is one.
var readers = []struct {
	format, program string
	optional        bool
	args            []string
}{
	{"env", "sh", false, []string{"-euc", `eval "$(cat "$1")"; exec env -0`, "sh"}},
	{"env", "dash", false, []string{"-euc", `eval "$(cat "$1")"; exec env -0`, "dash"}},
	{"env", "bash", false, []string{"--norc", "--noprofile", "-euc", `eval "$(cat "$1")"; exec env -0`, "bash"}},
	{"env", "bash", false, []string{"--norc", "--noprofile", "-euHc", `set -o history -o histexpand; eval "$(cat "$1")"; exec env -0`, "bash"}},
	{"env", "bash", false, []string{"--posix", "-euc", `. "$1"; exec env -0`, "bash"}},
	{"env", "zsh", false, []string{"-feuc", `eval "$(cat "$1")"; exec env -0`, "zsh"}},
	{"env", "zsh", false, []string{"-feuc", `setopt rcquotes extendedglob banghist; source "$1"; exec env -0`, "zsh"}},
	{"env", "ksh", true, []string{"-euc", `eval "$(cat "$1")"; exec env -0`, "ksh"}},
	{"env", "busybox", true, []string{"sh", "-euc", `eval "$(cat "$1")"; exec env -0`, "sh"}},
	{"env-no-export", "sh", false, []string{"-euc", `set -a; eval "$(cat "$1")"; exec env -0`, "sh"}},
	{"env-no-export", "zsh", false, []string{"-feuc", `set -a; . "$1"; exec env -0`, "zsh"}},
	{"fish", "fish", false, []string{"--no-config", "-c", `cat $argv[1] | source; exec env -0`}},
	{"fish", "fish", false, []string{"--no-config", "-c", `eval (cat $argv[1] | string collect); exec env -0`}},
	{"powershell", "pwsh", true, []string{"-NoProfile", "-NonInteractive", "-Command", `Get-Content $args[0] | Invoke-Expression; & env -0`}},
}

// stale is what lies in wait: of another role, and what would win over the keys.
var stale = map[string]string{
	"AWS_ACCESS_KEY_ID": "old", "AWS_SECRET_ACCESS_KEY": "old", "AWS_SESSION_TOKEN": "old", "AWS_SECURITY_TOKEN": "old", "AWS_CREDENTIAL_EXPIRATION": "old",
	"AWS_ACCOUNT_ID": "old", "AWS_PROFILE": "old", "AWS_DEFAULT_PROFILE": "old", "AWS_REGION": "old", "OTHER": "mine",
}

// read is the environment of a program that is started after the export; set says which of our variables are in it.
func read(t *testing.T, i int, k Keys) (env map[string]string, ok bool) {
	t.Helper()
	r := readers[i]
	program, err := exec.LookPath(r.program)
	if err != nil {
		if os.Getenv("CI") != "" && !r.optional {
			t.Fatalf("%v: apt-get install dash bash zsh fish", err)
		}
		return nil, false
	}
	file := filepath.Join(t.TempDir(), "export")
	var text bytes.Buffer
	if err := Shell(&text, r.format, k, everything); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, text.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	cmd := exec.Command(program, append(r.args, file)...)
	cmd.Dir, cmd.Env = home, []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home}
	for name, value := range stale {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil || stderr.Len() > 0 {
		t.Fatalf("%s: %v: %s\n%s", r.program, err, stderr.String(), text.String())
	}
	left, err := os.ReadDir(home)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range left {
		if !strings.HasPrefix(f.Name(), ".") { // fish keeps a history
			t.Errorf("%s ran something: %s is there", r.program, f.Name())
		}
	}
	env = map[string]string{}
	for _, line := range strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		if name, value, _ := strings.Cut(line, "="); strings.HasPrefix(name, "AWS_") || name == "OTHER" {
			env[name] = value
		}
	}
	return env, true
}

// hostile values: none of AWS's, but keys also come from a credential_process and from files.
var hostile = []string{
	"plain", "'", "''", `'\''`, `a'b"c`, `"; touch pwned; "`, "$(touch pwned)", "`touch pwned`", "$HOME ${HOME} $1", `\`, `\\`, `\'`, `trailing\`, "!!", "!touch", "^a^b",
	"%PATH% %%", "* ? [a-z] ~", "{a,b} <(touch pwned) =ls", "; touch pwned #", "&& touch pwned", "| touch pwned", "\\n\\t\\x41", "(touch pwned)", "-e", " leading", "trailing ",
	"'; touch pwned; '", "$'\\x27; touch pwned'", "@(x) @{x} $env:PATH", "#", "=", "",
}

func TestNoValueSaysAnythingToARealShell(t *testing.T) {
	for i, r := range readers {
		t.Run(r.format+" "+r.program, func(t *testing.T) {
			for _, value := range hostile {
				k := session("ASIA"+value, "s"+value, value)
				k.Region = ""
				got, ok := read(t, i, k)
				if !ok {
					return
				}
				want := map[string]string{
					"AWS_ACCESS_KEY_ID": "ASIA" + value, "AWS_SECRET_ACCESS_KEY": "s" + value, "AWS_CREDENTIAL_EXPIRATION": "2026-11-22T09:21:36Z",
					"AWS_ACCOUNT_ID": "012345678901", "AWS_REGION": "old", "OTHER": "mine",
				}
				if value != "" {
					want["AWS_SESSION_TOKEN"] = value
				}
				same(t, r.format, got, want)
			}
		})
	}
}

// same compares, where a format can only make empty what others take away.
func same(t *testing.T, format string, got, want map[string]string) {
	t.Helper()
	if format == "env-no-export" {
		for _, name := range []string{"AWS_PROFILE", "AWS_DEFAULT_PROFILE"} {
			if got[name] != "old" {
				t.Errorf("%s is %q: SDKs look for the profile of an empty name", name, got[name])
			}
			delete(got, name)
		}
		maps.DeleteFunc(got, func(_, value string) bool { return value == "" })
	}
	if !maps.Equal(got, want) {
		t.Errorf("%v\nwant %v", got, want)
	}
}

// The token and the end of the role before would go with the long-term keys of this one.
func TestNothingOfTheRoleBeforeIsLeftInAShell(t *testing.T) {
	long := Keys{Credentials: creds.Credentials{AccessKeyID: "AKIA", SecretAccessKey: creds.NewSecret("s")}, Region: "eu-west-1"}
	for i, r := range readers {
		t.Run(r.format+" "+r.program, func(t *testing.T) {
			got, ok := read(t, i, long)
			if !ok {
				return
			}
			same(t, r.format, got, map[string]string{
				"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "s", "AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1", "OTHER": "mine",
			})
		})
	}
}

// A universal variable of fish is in all shells of that user, the next ones included: it is not ours to erase, and an old
// token in one must not go with these keys.
func TestFishsUniversalVariablesAreLeftAlone(t *testing.T) {
	program, err := exec.LookPath("fish")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	home := t.TempDir()
	var text bytes.Buffer
	if err := Shell(&text, "fish", session("ASIA", "s", "t"), nothing); err != nil {
		t.Fatal(err)
	}
	fish := func(script string) string {
		cmd := exec.Command(program, "-c", script)
		cmd.Dir, cmd.Env = home, []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home}
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return string(out)
	}
	fish("set -Ux AWS_PROFILE mine; set -Ux AWS_SECURITY_TOKEN old")
	got := fish(text.String() + "env")
	for _, want := range []string{"set -eU AWS_PROFILE\n", "AWS_SECURITY_TOKEN=\n", "AWS_ACCESS_KEY_ID=ASIA\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in %s", want, got)
		}
	}
	if strings.Contains(got, "set -eU AWS_DEFAULT_PROFILE") {
		t.Errorf("it speaks of a variable that is not there: %s", got)
	}
	if got := fish("env"); !strings.Contains(got, "AWS_PROFILE=mine\n") || !strings.Contains(got, "AWS_SECURITY_TOKEN=old\n") {
		t.Errorf("they are gone for all times: %s", got)
	}
}

// Any printable value comes back from the shell that all the others agree with.
func FuzzQuoting(f *testing.F) {
	for _, value := range hostile {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		var w bytes.Buffer
		err := Shell(&w, "env", session("ASIA", "s"+value, "t"), nothing)
		printable := !strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r > '~' })
		if (err == nil) != printable {
			t.Fatalf("%q: %v", value, err)
		}
		if err != nil {
			return
		}
		out, err := exec.Command("sh", "-c", w.String()+`printf %s "$AWS_SECRET_ACCESS_KEY"`).Output()
		if err != nil || string(out) != "s"+value {
			t.Errorf("%q came back as %q: %v", value, out, err)
		}
	})
}
