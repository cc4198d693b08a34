//go:build linux

package real

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"whichrole/internal/test/fakeissuer"
	"whichrole/internal/test/fakesso"
	"whichrole/internal/test/fakests"
	"whichrole/internal/test/pty"
)

const mfaDevice = "arn:aws:iam::999999999999:mfa/corp"

// careful is the role of the n-th environment, which asks for MFA.
func careful(n int) string { return fmt.Sprintf("arn:aws:iam::5555555555%02d:role/careful", n) }

// withMFA is a laptop whose profile corp has an MFA device, and twenty environments whose roles ask for it.
func withMFA(t *testing.T, programs ...string) *laptop {
	t.Helper()
	text := "version: 1\nsource: [{profile: corp}]\ndefaults: {session_name: \"ci-{env}\"}\nenvironments:\n"
	config := fakests.Config{
		Users:    []fakests.User{{AccessKeyID: "AKIAWHICHROLEREAL001", SecretAccessKey: "real-client-secret", ARN: "arn:aws:iam::999999999999:user/corp", MFASerial: mfaDevice}},
		MFACodes: []string{"123456"},
	}
	for n := range 20 {
		config.Roles = append(config.Roles, fakests.Role{ARN: careful(n), Trusted: []string{"999999999999"}, NeedsMFA: true})
		text += fmt.Sprintf("  env%02d: {dirs: [env%02d], role_arn: %q}\n", n, n, careful(n))
	}
	l := laptopWith(t, config, text, programs...)
	l.write(filepath.Join(l.home, ".aws", "config"), "[profile terraform]\nregion = eu-west-1\ncredential_process = "+l.bin+" credential-process\n"+
		"[profile corp]\nmfa_serial = "+mfaDevice+"\n")
	for n := range 20 {
		if err := os.MkdirAll(l.in(fmt.Sprintf("env%02d", n)), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

// login types the code for a person.
func (l *laptop) login(dir string) {
	l.t.Helper()
	cmd := exec.Command(l.bin, "login")
	cmd.Dir, cmd.Env = l.in(dir), l.env
	s := pty.Start(l.t, cmd)
	s.Expect("MFA code of "+mfaDevice, 1)
	s.Type("123456\n")
	if err := s.Wait(); err != nil {
		l.t.Fatalf("%v\n%s", err, s.Screen())
	}
	if screen := s.Screen(); !strings.Contains(screen, "logged in: profile corp") || !strings.Contains(screen, "kept in the keyring") {
		l.t.Errorf("login says:\n%s", screen)
	}
}

func TestOneCodeForTwentyRolesOfTheAWSCLI(t *testing.T) {
	l := withMFA(t, "aws")
	identity := []string{"sts", "get-caller-identity", "--profile", "terraform", "--query", "Account", "--output", "text"}
	if _, stderr, err := l.try(l.in("env00"), "aws", identity...); err == nil || !strings.Contains(stderr, "whichrole -C "+l.in("env00")) || !strings.Contains(stderr, "login") {
		t.Errorf("without a session the CLI does not show what to run: %v\n%s", err, stderr)
	}
	l.login("env07")
	for _, n := range []int{0, 7, 19} { // the CLI takes a second each
		if got := strings.TrimSpace(l.run(l.in(fmt.Sprintf("env%02d", n)), "aws", identity...)); got != fmt.Sprintf("5555555555%02d", n) {
			t.Errorf("env%02d: account %s", n, got)
		}
	}
	for n := range 20 {
		l.run(l.in(fmt.Sprintf("env%02d", n)), l.bin, "credential-process")
	}
	if sessions, roles := l.sts.Count("GetSessionToken"), l.sts.Count("AssumeRole"); sessions != 1 || roles != 20 {
		t.Errorf("%d sessions, %d roles; want 1 and 20", sessions, roles)
	}
}

// Over SSH the keyring stays locked, and the login that the hint named could not keep its session.
func TestLoginWhereTheKeyringStaysLocked(t *testing.T) {
	need(t, "dbus-send")
	l := withMFA(t)
	t.Cleanup(func() { l.try(l.repo, l.bin, "cache", "clear") }) // it may be in the kernel's keyring
	l.run(l.repo, "dbus-send", "--session", "--print-reply", "--dest=org.freedesktop.secrets", "/org/freedesktop/secrets",
		"org.freedesktop.Secret.Service.Lock", "array:objpath:/org/freedesktop/secrets/aliases/default")
	cmd := exec.Command(l.bin, "login")
	cmd.Dir, cmd.Env = l.in("env00"), l.env
	s := pty.Start(t, cmd)
	s.Expect("MFA code of "+mfaDevice, 1)
	s.Type("123456\n")
	if err := s.Wait(); err != nil || strings.Contains(s.Screen(), "kept in the keyring") {
		t.Fatalf("%v\n%s", err, s.Screen())
	}
	l.run(l.in("env00"), l.bin, "credential-process")
	l.run(l.in("env01"), l.bin, "credential-process")
	if n := l.sts.Count("GetSessionToken"); n != 1 {
		t.Errorf("%d sessions", n)
	}
	l.env = append(l.env, "WHICHROLE_CACHE=keyring")
	if _, stderr, err := l.try(l.in("env02"), l.bin, "login"); err == nil {
		t.Errorf("cache: keyring, and it is locked: %s", stderr)
	}
}

const sixAliases = `
terraform {
  required_providers { aws = { source = "hashicorp/aws", version = "5.100.0" } }
}
%s
output "accounts" { value = join(",", [%s]) }
`

// sixProviders is a Terraform configuration of six provider aliases in one directory, each with a role of its own.
func sixProviders(l *laptop) {
	l.t.Helper()
	l.env = append(l.env, "TF_CLI_CONFIG_FILE="+mirror(l.t, l), "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1")
	var providers, accounts []string
	config := "[profile corp]\nmfa_serial = " + mfaDevice + "\n"
	for n := range 6 { // each alias names its environment
		profile := fmt.Sprintf("env%02d", n)
		providers = append(providers, fmt.Sprintf("provider \"aws\" {\n  alias = %q\n  region = \"eu-west-1\"\n  profile = %q\n}\ndata \"aws_caller_identity\" %q { provider = aws.%s }\n", profile, profile, profile, profile))
		accounts = append(accounts, "data.aws_caller_identity."+profile+".account_id")
		config += fmt.Sprintf("[profile env%02d]\nregion = eu-west-1\ncredential_process = %s --env env%02d credential-process\n", n, l.bin, n)
	}
	l.write(filepath.Join(l.home, ".aws", "config"), config)
	l.write(filepath.Join(l.in("env00"), "main.tf"), fmt.Sprintf(sixAliases, strings.Join(providers, ""), strings.Join(accounts, ", ")))
	l.run(l.in("env00"), "terraform", "init", "-input=false", "-no-color")
}

// sixAccounts makes sure that each alias had its own role, and all of them one session.
func (l *laptop) sixAccounts() {
	l.t.Helper()
	if got := l.run(l.in("env00"), "terraform", "output", "-raw", "accounts"); got != "555555555500,555555555501,555555555502,555555555503,555555555504,555555555505" {
		l.t.Errorf("accounts: %s", got)
	}
	if sessions, roles := l.sts.Count("GetSessionToken"), l.sts.Count("AssumeRole"); sessions != 1 || roles != 6 {
		l.t.Errorf("%d sessions, %d roles; want 1 and 6", sessions, roles)
	}
}

func TestOneCodeForSixProviderAliases(t *testing.T) {
	l := withMFA(t, "terraform")
	sixProviders(l)
	l.login("env00")
	l.run(l.in("env00"), "terraform", "apply", "-input=false", "-auto-approve", "-no-color")
	l.sixAccounts()
}

// With prompt: tty in the user's file there is no login beforehand: of the helpers that six providers start at once, one asks on
// Terraform's terminal.
func TestTerraformAsksForOneCodeWhereTheUserAllowsIt(t *testing.T) {
	l := withMFA(t, "terraform")
	sixProviders(l)
	l.write(filepath.Join(filepath.Dir(l.home), "config", "whichrole", "config.yaml"), "prompt: tty\n")
	cmd := exec.Command("terraform", "apply", "-input=false", "-auto-approve", "-no-color")
	cmd.Dir, cmd.Env = l.in("env00"), l.env
	s := pty.Start(t, cmd)
	s.Expect("MFA code of "+mfaDevice, 1)
	s.Type("123456\n")
	if err := s.Wait(); err != nil || strings.Count(s.Screen(), "MFA code of") != 1 {
		t.Fatalf("%v\n%s", err, s.Screen())
	}
	l.sixAccounts()
}

// A runner has no ~/.aws but the profile that calls us, and the variables of its job.
func TestTheLaptopsMapOnAGitHubRunner(t *testing.T) {
	need(t, "aws")
	issuer := fakeissuer.Start(fakeissuer.Config{})
	t.Cleanup(issuer.Close)
	audience, subject := fakeissuer.Identity(fakeissuer.GitHub)
	l := laptopWith(t, fakests.Config{
		Users:   []fakests.User{{AccessKeyID: "AKIAWHICHROLEREAL001", SecretAccessKey: "real-client-secret", ARN: "arn:aws:iam::999999999999:user/corp"}},
		Issuers: []string{issuer.URL},
		Roles: []fakests.Role{{ARN: productionRole, Trusted: []string{"999999999999"}, Federated: &fakests.Federated{
			Issuer: issuer.URL, Audiences: []string{audience}, Subjects: []string{subject}}}},
	}, "version: 1\nsource: [{oidc: github}, {profile: corp}]\nenvironments:\n  production: {dirs: [production], role_arn: \""+productionRole+"\"}\n")
	if err := os.MkdirAll(l.in("production"), 0o755); err != nil {
		t.Fatal(err)
	}
	arn := func() string {
		return strings.TrimSpace(l.run(l.in("production"), "aws", "sts", "get-caller-identity", "--profile", "terraform", "--query", "Arn", "--output", "text"))
	}
	if got := arn(); !strings.HasSuffix(got, "-production") || l.sts.Count("AssumeRole") != 1 {
		t.Errorf("on the laptop: %s", got)
	}
	if err := os.Remove(filepath.Join(l.home, ".aws", "credentials")); err != nil {
		t.Fatal(err)
	}
	job := issuer.Env(fakeissuer.GitHub)
	for _, name := range slices.Sorted(maps.Keys(job)) {
		l.env = append(l.env, name+"="+job[name])
	}
	if got := arn(); got != "arn:aws:sts::111111111111:assumed-role/production/alice-infra-7001" || l.sts.Count("AssumeRoleWithWebIdentity") != 1 {
		t.Errorf("on the runner: %s", got)
	}
}

// One sign-in for whichrole and for the AWS CLI: it finds our token where it looks for its own.
func TestTheAWSCLIUsesOurSignIn(t *testing.T) {
	need(t, "aws")
	var l *laptop
	center := fakesso.Start(fakesso.Config{
		Accounts: map[string][]string{"111111111111": {"Admin"}},
		AddUser:  func(u fakests.User) { l.sts.AddUser(u) }, Pending: 1,
	})
	t.Cleanup(center.Close)
	l = laptopWith(t, fakests.Config{}, "version: 1\nsource: [{sso: acme}]\nenvironments:\n  production: {dirs: [production], account: \"111111111111\", permission_set: Admin}\n")
	l.env = append(l.env, "AWS_ENDPOINT_URL_SSO="+center.URL, "AWS_ENDPOINT_URL_SSO_OIDC="+center.URL)
	l.write(filepath.Join(l.home, ".aws", "config"), "[profile terraform]\nregion = eu-west-1\ncredential_process = "+l.bin+" credential-process\n"+
		"[sso-session acme]\nsso_start_url = "+center.StartURL()+"\nsso_region = eu-west-1\nsso_registration_scopes = sso:account:access\n"+
		"[profile admin]\nregion = eu-west-1\nsso_session = acme\nsso_account_id = 111111111111\nsso_role_name = Admin\n")
	if err := os.MkdirAll(l.in("production"), 0o755); err != nil {
		t.Fatal(err)
	}
	l.run(l.in("production"), l.bin, "login", "--device")
	for _, profile := range []string{"admin", "terraform"} { // the CLI's own profile, and ours
		got := l.run(l.in("production"), "aws", "sts", "get-caller-identity", "--profile", profile, "--query", "Account", "--output", "text")
		if strings.TrimSpace(got) != "111111111111" {
			t.Errorf("%s: %s", profile, got)
		}
	}
	if n := center.Count("StartDeviceAuthorization"); n != 1 {
		t.Errorf("%d sign-ins", n)
	}
	if got := l.run(l.in("production"), l.bin, "logout"); !strings.Contains(got, "logged out: sso-session acme") {
		t.Errorf("logout says %s", got)
	}
	if _, stderr, err := l.try(l.in("production"), "aws", "sts", "get-caller-identity", "--profile", "admin"); err == nil {
		t.Errorf("the CLI still finds a token: %s", stderr)
	}
}
