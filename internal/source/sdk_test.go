package source

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"

	"whichrole/internal/awsconfig"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// TestSameRecipeAsSDK makes up profiles that name each other, and follows them with the AWS SDK for Go v2: whatever we take,
// the SDK must take too, and find the same roles in the same order with the same credentials at the bottom. It alone wants a
// role beside each credential_source, and beside a profile that is its own source.
func TestSameRecipeAsSDK(t *testing.T) {
	dir := t.TempDir()
	token := filepath.Join(dir, "token")
	if err := os.WriteFile(token, []byte(jwt("https://x", "y")), 0o600); err != nil {
		t.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(3, 4)) // the same profiles in each run
	seen := map[string]int{}
	for range 2000 {
		compareRecipe(t, dir, graph(rnd, token), seen)
		if t.Failed() {
			return
		}
	}
	t.Logf("compared: %v", seen)
	for _, kind := range []string{"keys", "named", "web identity", "sso", "process", "0 roles", "1 roles", "2 roles", "3 roles", "own source", "mfa", "refused", "credential_source without a role", "source_profile without a role"} {
		if seen[kind] < 10 { // a comparison that never takes place finds nothing
			t.Errorf("%s: only %d were compared", kind, seen[kind])
		}
	}
}

var graphNames = []string{"a", "b", "c", "d", "default"}

// graph is a config file. Most profiles are one kind, so that a chain has a chance to be whole.
func graph(rnd *rand.Rand, token string) string {
	pick := func(list ...string) string { return list[rnd.IntN(len(list))] }
	var b strings.Builder
	for _, name := range graphNames {
		role := fmt.Sprintf("role_arn = arn:aws:iam::111111111111:role/%s\n", name)
		kinds := []string{
			"aws_access_key_id = AKIA" + strings.ToUpper(name) + "\naws_secret_access_key = x\n",
			role + "source_profile = " + pick(graphNames...) + "\n",
			role + "source_profile = " + pick(graphNames...) + "\n",
			role + "source_profile = " + name + "\naws_access_key_id = AKIA2\naws_secret_access_key = x\n",
			role + "credential_source = " + pick("Environment", "EcsContainer", "Ec2InstanceMetadata") + "\n",
			role + "web_identity_token_file = " + token + "\n",
			"sso_session = s\nsso_account_id = 111111111111\nsso_role_name = Admin\n",
			"sso_start_url = https://x\nsso_region = us-east-1\nsso_account_id = 222222222222\nsso_role_name = Admin\n",
			"credential_process = /bin/" + name + "\n",
			"source_profile = " + name + "\naws_access_key_id = AKIA3\naws_secret_access_key = x\n",
		}
		fmt.Fprintf(&b, "[profile %s]\n%s", name, pick(kinds...))
		if rnd.IntN(8) == 0 {
			b.WriteString(pick(kinds...))
		}
		for range rnd.IntN(3) {
			b.WriteString(pick("duration_seconds = 7200\n", "external_id = x/y\n", "role_session_name = me\n", "mfa_serial = GAHT12345678\n", "region = eu-west-1\n", "mfa_process = x\n", "role_arn =\n"))
		}
	}
	return b.String() + "[sso-session s]\nsso_start_url = https://y\nsso_region = eu-west-1\n"
}

func compareRecipe(t *testing.T, dir, text string, seen map[string]int) {
	t.Helper()
	path := filepath.Join(dir, "config")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	env := paths.Env{"AWS_CONFIG_FILE": path, "AWS_ACCESS_KEY_ID": "AKIAENV", "AWS_SECRET_ACCESS_KEY": "x", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"}
	w := World{Env: env, AWS: awsconfig.Once(env, "")}
	for _, name := range graphNames {
		ours, _, err := Choose(w, []Entry{profile(name)})
		if err != nil {
			if problem.CodeOf(err) != problem.LoginNeeded {
				t.Errorf("%s: %v\n%s", name, err, text)
			}
			seen["refused"]++
			continue
		}
		theirs, err := config.LoadSharedConfigProfile(context.Background(), name, func(o *config.LoadSharedConfigOptions) {
			o.ConfigFiles, o.CredentialsFiles = []string{path}, []string{filepath.Join(dir, "none")}
		})
		if missing, ok := errors.AsType[config.CredentialRequiresARNError](err); ok && missing.Type != "web_identity_token_file" {
			seen[missing.Type+" without a role"]++
			if ours.Keys == nil && ours.Instance == nil {
				t.Fatalf("%s: got %s\n%s", name, comparable(ours), text)
			}
			continue
		}
		if err != nil {
			t.Fatalf("%s: the SDK refuses what we take: %v\n%s", name, err, text)
		}
		want := sdkRecipe(&theirs, seen)
		if got := comparable(ours); got != want {
			t.Fatalf("%s:\ngot  %s\nthe SDK has %s\n%s", name, got, want, text)
		}
		seen[fmt.Sprintf("%d roles", len(ours.Hops))]++
		if ours.Settings.Region != theirs.Region {
			t.Fatalf("%s: region %s, the SDK has %s\n%s", name, ours.Settings.Region, theirs.Region, text)
		}
	}
}

// sdkRecipe is what resolveCredsFromProfile of the SDK (config/resolve_credentials.go) would do, in words.
func sdkRecipe(c *config.SharedConfig, seen map[string]int) string {
	var roles []string
	mfa := ""
	for ; ; c = c.Source {
		if c.MFASerial != "" && (c.RoleARN != "" || c.Credentials.HasKeys()) { // elsewhere it means nothing
			mfa = c.MFASerial
			seen["mfa"]++
		}
		if c.RoleARN != "" {
			seconds := time.Duration(0)
			if c.RoleDurationSeconds != nil {
				seconds = *c.RoleDurationSeconds
			}
			external := c.ExternalID
			if c.WebIdentityTokenFile != "" {
				external = "" // as assumeWebIdentity has it
			}
			roles = append(roles, fmt.Sprintf("%s %s %s %s", c.RoleARN, c.RoleSessionName, external, seconds))
		}
		if c.Source == nil {
			break
		}
		if c.Source.Profile == c.Profile {
			seen["own source"]++
		}
	}
	slices.Reverse(roles)
	return sdkStart(c, seen) + " mfa " + mfa + " roles " + strings.Join(roles, ", ")
}

func sdkStart(c *config.SharedConfig, seen map[string]int) string {
	switch {
	case c.Credentials.HasKeys():
		seen["keys"]++
		return "keys " + c.Credentials.AccessKeyID
	case c.CredentialSource == "Environment":
		return "keys AKIAENV"
	case c.CredentialSource != "":
		seen["named"]++
		return "instance " + c.CredentialSource
	case c.WebIdentityTokenFile != "":
		seen["web identity"]++
		return "file:" + c.WebIdentityTokenFile
	case c.SSOSession != nil:
		seen["sso"]++
		return strings.Join([]string{"sso", c.SSOSession.Name, c.SSOSession.SSOStartURL, c.SSOSession.SSORegion, c.SSOAccountID, c.SSORoleName}, " ")
	case c.SSOStartURL != "":
		return strings.Join([]string{"sso", "", c.SSOStartURL, c.SSORegion, c.SSOAccountID, c.SSORoleName}, " ")
	}
	seen["process"]++
	return "process " + c.CredentialProcess
}

// comparable is our recipe in sdkRecipe's words. A role that another role's session assumes is asked for as long as it was
// said, which STS would refuse over an hour: here it is cut, so the SDK's figure is taken for it where it was cut.
func comparable(c *Choice) string {
	text := ""
	switch {
	case c.Keys != nil:
		text = "keys " + c.Keys.AccessKeyID
	case c.Instance != nil:
		text = "instance " + string(*c.Instance)
	case c.Token != nil:
		text = c.Token.System
	case c.SSO != nil:
		s := c.SSO
		text = strings.Join([]string{"sso", s.Session.Name, s.Session.StartURL, s.Session.Region, s.Account, s.PermissionSet}, " ")
	case c.Process != nil:
		text = "process " + c.Process.Line
	}
	mfa := ""
	if c.MFA != nil {
		mfa = c.MFA.Serial
	}
	var roles []string
	chained := c.SSO != nil || c.Process != nil || c.Instance != nil
	for _, h := range c.Hops {
		seconds := h.Duration
		if chained && seconds == time.Hour {
			seconds = 2 * time.Hour // the only duration in these files
		}
		chained = true
		roles = append(roles, fmt.Sprintf("%s %s %s %s", h.RoleARN, h.SessionName, h.ExternalID, seconds))
	}
	return text + " mfa " + mfa + " roles " + strings.Join(roles, ", ")
}

// FuzzProfiles looks for files that are followed without end, or that let something through.
func FuzzProfiles(f *testing.F) {
	for _, tt := range recipes {
		f.Add("[profile corp]\n" + tt.config)
	}
	for _, tt := range refusals {
		f.Add("[profile corp]\n" + tt.config)
	}
	rnd := rand.New(rand.NewPCG(5, 6))
	for range 20 {
		f.Add(strings.ReplaceAll(graph(rnd, "/token"), "profile a]", "profile corp]"))
	}
	path := filepath.Join(f.TempDir(), "config")
	f.Fuzz(func(t *testing.T, text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		env := paths.Env{"AWS_CONFIG_FILE": path}
		w := World{Env: env, AWS: awsconfig.Once(env, "")}
		c, _, err := Choose(w, []Entry{profile("corp")})
		if err != nil {
			if e, ok := err.(*problem.Error); !ok || e.Message == "" {
				t.Errorf("%v", err)
			}
			return
		}
		if starts(c) != 1 || len(c.Hops) > maxRoles || c.Identity == "" || c.MFA != nil && (c.Keys == nil || c.MFA.Duration < 15*time.Minute || c.MFA.Duration > 12*time.Hour) {
			t.Errorf("%+v", c)
		}
		for i, h := range c.Hops {
			if !isRoleARN(h.RoleARN) || h.Duration > 12*time.Hour || i > 0 && h.Duration > time.Hour {
				t.Errorf("%+v", h)
			}
		}
	})
}
