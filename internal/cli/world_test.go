package cli

import (
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"

	"whichrole/internal/test/fakeinstance"
	"whichrole/internal/test/fakeissuer"
	"whichrole/internal/test/fakesignin"
	"whichrole/internal/test/fakesso"
	"whichrole/internal/test/fakests"

	"github.com/rogpeppe/go-internal/testscript"
)

// around is what there is besides the machine of a story.
type around struct {
	sts    *fakests.Server
	issuer *fakeissuer.Issuer
	sso    *fakesso.Server
	signin *fakesignin.Server
}

type aroundKey struct{}

func worldOf(ts *testscript.TestScript) *around { return ts.Value(aroundKey{}).(*around) }

const device = "arn:aws:iam::999999999999:mfa/corp"

// servers starts an STS that knows the profile corp with its MFA device, an issuer of tokens and an Identity Center.
func servers(e *testscript.Env) *around {
	a := &around{issuer: fakeissuer.Start(fakeissuer.Config{})}
	audience, subject := fakeissuer.Identity(fakeissuer.GitHub)
	federated := &fakests.Federated{Issuer: a.issuer.URL, Audiences: []string{audience}, Subjects: []string{subject}}
	ours := []string{"999999999999"}
	a.sts = fakests.Start(fakests.Config{
		Users: []fakests.User{
			{AccessKeyID: "AKIAWHICHROLETEST001", SecretAccessKey: "corp-secret/never+shown", ARN: "arn:aws:iam::999999999999:user/corp", MFASerial: device},
			{AccessKeyID: "ASIAWHICHROLETEST001", SecretAccessKey: "session-secret/never+shown", SessionToken: "a-session-token", ARN: "arn:aws:sts::999999999999:assumed-role/ci/job"},
			{AccessKeyID: machineKey, SecretAccessKey: "machine-secret/never+shown", SessionToken: "machine-token/never+shown", ARN: "arn:aws:sts::999999999999:assumed-role/machine/i-1"},
		},
		Issuers: []string{a.issuer.URL}, MFACodes: []string{"000001", "000002", "000003", "000004", "000005", "000006"},
		Roles: []fakests.Role{
			{ARN: "arn:aws:iam::111111111111:role/production", Trusted: ours, Federated: federated},
			{ARN: "arn:aws:iam::222222222222:role/qa", Trusted: append([]string{"111111111111", "555555555555"}, ours...)},
			{ARN: "arn:aws:iam::555555555555:role/open", Trusted: append([]string{"111111111111"}, ours...)},
			{ARN: "arn:aws:iam::999999999999:role/hub", Trusted: []string{"arn:aws:iam::999999999999:user/corp"}, Federated: federated},
			{ARN: "arn:aws:iam::333333333333:role/behind-hub", Trusted: []string{"arn:aws:iam::999999999999:role/hub"}},
			{ARN: "arn:aws:iam::444444444444:role/nobody", Trusted: nil},
			{ARN: "arn:aws:iam::555555555555:role/careful-1", Trusted: ours, NeedsMFA: true},
			{ARN: "arn:aws:iam::555555555555:role/careful-2", Trusted: ours, NeedsMFA: true},
			{ARN: "arn:aws:iam::555555555555:role/careful-3", Trusted: ours, NeedsMFA: true},
			{ARN: "arn:aws:iam::555555555555:role/long", Trusted: ours, NeedsMFA: true, MaxDuration: fakests.Duration(12 * 3600e9)},
		},
	})
	a.sso = fakesso.Start(fakesso.Config{
		Accounts: map[string][]string{"111111111111": {"Admin", "ReadOnly"}, "222222222222": {"ReadOnly"}},
		AddUser:  a.sts.AddUser, Pending: 1,
	})
	a.signin = fakesignin.Start(fakesignin.Config{Whose: a.sts.Whose})
	e.Defer(a.sts.Close)
	e.Defer(a.signin.Close)
	e.Defer(a.issuer.Close)
	e.Defer(a.sso.Close)
	return a
}

const machineKey = "ASIAWHICHROLEMACHIN1"

// world is what each story starts in: a HOME of its own with a profile corp, an STS that knows it, no keyring, a runtime
// directory for the file store, and nothing of the machine's own AWS settings: testscript hands on none of them.
func world(e *testscript.Env) error {
	a := servers(e)
	e.Values[aroundKey{}] = a
	home, run := filepath.Join(e.WorkDir, "home"), filepath.Join(e.WorkDir, "run")
	for _, dir := range []string{home + "/.aws", run} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	keys := "[corp]\naws_access_key_id = AKIAWHICHROLETEST001\naws_secret_access_key = corp-secret/never+shown\n"
	if err := os.WriteFile(home+"/.aws/credentials", []byte(keys), 0o600); err != nil {
		return err
	}
	e.Vars = append(e.Vars,
		"HOME="+home, "USERPROFILE="+home, "XDG_RUNTIME_DIR="+run, "DBUS_SESSION_BUS_ADDRESS=unix:path="+filepath.Join(e.WorkDir, "no-bus"),
		"AWS_ENDPOINT_URL_STS="+a.sts.URL, "STS="+a.sts.URL, "AWS_ENDPOINT_URL_SSO="+a.sso.URL, "AWS_ENDPOINT_URL_SSO_OIDC="+a.sso.URL,
		"AWS_ENDPOINT_URL_SIGNIN="+a.signin.URL, "SIGNIN="+a.signin.URL,
		"STARTURL="+a.sso.StartURL(), "DEVICE="+device, "ESC=\x1b", "BIDI=\u202e",
		"GORACE=atexit_sleep_ms=0") // with -race each of our commands would otherwise end a second late
	cache := "file"              // and not the kernel's keyring, which all of this user's processes share
	if runtime.GOOS != "linux" { // Keychain and Credential Manager cannot be had privately
		cache = "none"
	}
	e.Vars = append(e.Vars, "WHICHROLE_CACHE="+cache)
	return nil
}

// ci SYSTEM: from now on this is a job of that CI system.
func ci(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: ci SYSTEM")
	}
	env := worldOf(ts).issuer.Env(args[0])
	for _, name := range slices.Sorted(maps.Keys(env)) {
		ts.Setenv(name, env[name])
	}
}

// claim NAME VALUE: what the tokens say from now on; claim alone takes that back.
func claim(ts *testscript.TestScript, neg bool, args []string) {
	claims := fakeissuer.Claims{}
	if len(args) == 2 {
		claims[args[0]] = args[1]
		if n, err := strconv.Atoi(args[1]); err == nil {
			claims[args[0]] = n
		}
	}
	worldOf(ts).issuer.SetClaims(claims)
}

// ssocalls N WHAT: so many calls of that kind arrived in all.
func ssoCalls(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: ssocalls N WHAT")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if got := worldOf(ts).sso.Count(args[1]); got != want {
		ts.Fatalf("Identity Center had %d calls, want %d: %+v", got, want, worldOf(ts).sso.Calls())
	}
}

// sso revoke | deny | allow: what the administrator does, or the person at the browser from now on.
func ssoDo(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: sso revoke | deny | allow")
	}
	sso := worldOf(ts).sso
	switch args[0] {
	case "revoke":
		sso.Revoke()
	case "deny", "allow":
		sso.Decide(fakesso.Decision{Deny: args[0] == "deny"})
	default:
		ts.Fatalf("sso %s?", args[0])
	}
}

// machine imds | container: from now on this is an EC2 instance, or a container that is given credentials.
func machine(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: machine imds | container")
	}
	server := fakeinstance.Start(fakeinstance.Config{AccessKeyID: machineKey, SecretAccessKey: "machine-secret/never+shown", SessionToken: "machine-token/never+shown"})
	ts.Defer(server.Close)
	env := server.Machine()
	if args[0] == "container" {
		env = server.Container()
	}
	for name, value := range env {
		ts.Setenv(name, value)
	}
}

// browse URL FILE: what a browser does for a person who confirms everything.
func browse() {
	response, err := http.Get(os.Args[1])
	if err != nil {
		os.Exit(1)
	}
	page, err := io.ReadAll(response.Body)
	if err != nil || os.WriteFile(os.Args[2], page, 0o600) != nil {
		os.Exit(1)
	}
	os.Exit(0)
}
