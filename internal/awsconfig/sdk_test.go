package awsconfig

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"whichrole/internal/paths"

	"github.com/aws/aws-sdk-go-v2/config"
)

// TestSameAsSDK reads made-up pairs of files with the AWS SDK for Go v2 and with Load: where both understand them they must
// agree on every field that the SDK shows. The files are made of whole lines, so that most of them mean something.
func TestSameAsSDK(t *testing.T) {
	dir := t.TempDir()
	rnd := rand.New(rand.NewPCG(1, 2)) // the same files in each run
	compared := 0
	for range 1500 {
		compared += compareWithSDK(t, dir, document(rnd, configHeaders), document(rnd, credentialsHeaders))
		if t.Failed() {
			return
		}
	}
	if compared < 1000 { // a comparison that never takes place finds nothing
		t.Errorf("only %d profiles were compared", compared)
	}
	t.Logf("%d profiles compared", compared)
}

func FuzzSameAsSDK(f *testing.F) {
	f.Add("[default]\nregion = x # y\n[profile default]\nregion=z\n", "[default]\r\naws_access_key_id=K\r\naws_secret_access_key = k\r\n")
	f.Add("[profile a]\ns3 =\n  a = b\nregion : 'x'\n", "[a]\n mfa_serial = x ;y\n  z")
	f.Add("[sso-session s]\nsso_region = x\n[profile a]\nsso_session = s\nscopes=a,\n b\n", "")
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, config, credentials string) { compareWithSDK(t, dir, config, credentials) })
}

var (
	configHeaders      = []string{"[default]", "[profile default]", "[profile a]", "[ profile\t a ] # x", "[profile b c]", "[a]", "[sso-session s]", "[services s]", "[other a]"}
	credentialsHeaders = []string{"[default]", "[a]", "[ a ]", "[b c]", "[b \t c] ;x", "[profile a]"}
	bodies             = []string{
		"region = eu-west-1", "region: us-east-1", "region =", "Region = x # y", "region = x#y", "region = \"x y\"", "region = 'x'",
		"aws_access_key_id = AKIA1\naws_secret_access_key = s/1+", "aws_access_key_id=AKIA2 # n\r\naws_secret_access_key: s2\r",
		"aws_access_key_id = AKIA3\naws_secret_access_key = s3\naws_session_token = t==", "aws_session_token = u",
		"aws_access_key_id = AKIA4", "aws_account_id = 111111111111", "role_arn = arn:aws:iam::1:role/x", "mfa_serial = arn:aws:iam::1:mfa/x\t;z",
		"role_arn = r\nsource_profile = default", "role_arn = r\ncredential_source = Environment", "external_id = a=b",
		"credential_process = /bin/x --y 'z'", "sso_session = s", "sso_account_id = 1", "sso_region = r\nsso_start_url = https://x/#/y",
		"role_session_name = x;y", "  region = indented # n", "  continued", "\t  continued = with", "s3 =\n  region = nested\n  junk", "s3 =\r\n  endpoint_url = http://x # y\r",
		"", "# comment", "  ; comment", "services = s", "output = json",
	}
)

func document(rnd *rand.Rand, headers []string) string {
	var b strings.Builder
	for range rnd.IntN(4) {
		fmt.Fprintln(&b, headers[rnd.IntN(len(headers))])
		for range rnd.IntN(5) {
			fmt.Fprintln(&b, bodies[rnd.IntN(len(bodies))])
		}
	}
	return b.String()
}

// compareWithSDK is the number of profiles that both could read.
func compareWithSDK(t *testing.T, dir, configText, credentialsText string) (compared int) {
	t.Helper()
	configPath, credentialsPath := filepath.Join(dir, "config"), filepath.Join(dir, "credentials")
	for path, text := range map[string]string{configPath: configText, credentialsPath: credentialsText} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ours, err := Load(paths.Env{"AWS_CONFIG_FILE": configPath, "AWS_SHARED_CREDENTIALS_FILE": credentialsPath}, "")
	if err != nil || strings.HasPrefix(configText, "\ufeff") || strings.HasPrefix(credentialsText, "\ufeff") {
		return 0 // what we refuse, and the SDK reads past, is TestBadLine's; the SDK loses the header behind a BOM
	}
	names := append(ours.Names(), "default", "a", "b c", "nobody")
	for _, name := range names {
		if strings.ContainsAny(name, "\"'") {
			continue // the SDK keeps the quotes of a name, botocore and we do not
		}
		theirs, err := sdkProfile(name, configPath, credentialsPath)
		if err != nil {
			if _, missing := err.(config.SharedConfigProfileNotExistError); missing {
				if _, ok := ours.Profile(name); ok {
					t.Errorf("profile %q is not there for the SDK\n%q\n%q", name, configText, credentialsText)
				}
			}
			continue
		}
		profile, ok := ours.Profile(name)
		if !ok {
			t.Fatalf("profile %q is there for the SDK\n%q\n%q", name, configText, credentialsText)
		}
		if difference := compareProfile(ours, profile, theirs); difference != "" {
			t.Fatalf("profile %q: %s\n%q\n%q", name, difference, configText, credentialsText)
		}
		compared++
	}
	return compared
}

// sdkProfile survives the panic of the SDK (config 1.33) at a value that is one quotation mark.
func sdkProfile(name, configPath, credentialsPath string) (c config.SharedConfig, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the SDK panics: %v", r)
		}
	}()
	return config.LoadSharedConfigProfile(context.Background(), name, func(o *config.LoadSharedConfigOptions) {
		o.ConfigFiles, o.CredentialsFiles = []string{configPath}, []string{credentialsPath}
	})
}

func compareProfile(files *Files, p *Profile, sdk config.SharedConfig) string {
	want := map[string]string{"region": sdk.Region, "role_arn": sdk.RoleARN, "external_id": sdk.ExternalID,
		"mfa_serial": sdk.MFASerial, "role_session_name": sdk.RoleSessionName, "source_profile": sdk.SourceProfileName,
		"sso_session": sdk.SSOSessionName}
	if sdk.SourceProfileName == "" { // the SDK clears these where there is a source_profile
		for key, value := range map[string]string{"credential_process": sdk.CredentialProcess,
			"credential_source": sdk.CredentialSource, "web_identity_token_file": sdk.WebIdentityTokenFile,
			"sso_account_id": sdk.SSOAccountID, "sso_region": sdk.SSORegion, "sso_start_url": sdk.SSOStartURL, "sso_role_name": sdk.SSORoleName} {
			want[key] = value
		}
		if sdk.Credentials.HasKeys() {
			want["aws_access_key_id"], want["aws_secret_access_key"] = sdk.Credentials.AccessKeyID, sdk.Credentials.SecretAccessKey
			if p.config == nil || p.credentials == nil { // else the SDK mixes: TestKeysOfTwoFilesAreNeverMixed
				want["aws_session_token"], want["aws_account_id"] = sdk.Credentials.SessionToken, sdk.Credentials.AccountID
			}
		}
	}
	for key, value := range want {
		// The SDK's continuation lines keep the CR of a CRLF.
		if s, _ := p.Get(key); s.Text() != strings.ReplaceAll(value, "\r\n", "\n") && s.Text() != strings.TrimSuffix(strings.ReplaceAll(value, "\r\n", "\n"), "\r") {
			return fmt.Sprintf("%s is %q, for the SDK %q", key, s.Text(), value)
		}
	}
	if sdk.SSOSession != nil {
		s, ok := files.Section("sso-session", sdk.SSOSession.Name)
		if url, _ := s.Get("sso_start_url"); ok && url.Text() != sdk.SSOSession.SSOStartURL {
			return fmt.Sprintf("the session's start URL is %q, for the SDK %q", url.Text(), sdk.SSOSession.SSOStartURL)
		}
	}
	services, _ := files.Section("services", sdk.ServicesSectionName)
	for service, settings := range sdk.Services.ServiceValues {
		outer, _ := services.Get(service)
		for key, value := range settings {
			if s, _ := outer.Get(key); s.Text() != value {
				return fmt.Sprintf("services: %s.%s is %q, for the SDK %q", service, key, s.Text(), value)
			}
		}
	}
	return ""
}
