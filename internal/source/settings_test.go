package source

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

const (
	fromFile = "services = s\n"
	services = "[services s]\ns3 =\n  endpoint_url = https://s3\nsts =\n  endpoint_url = https://sts.file\nsso =\n  endpoint_url = https://sso.file\nsso_oidc =\n  endpoint_url = https://oidc.file\n"
)

// CA stands for an absolute path. What is wanted is compared with what the AWS SDK for Go v2 finds, too.
var settings = []struct {
	name, profile string
	env           paths.Env
	want          Settings
	portal, oidc  string
}{
	{name: "nothing", profile: ""},
	{name: "region", profile: "region = eu-west-1\n", want: Settings{Region: "eu-west-1"}},
	{name: "services of the file", profile: fromFile, want: Settings{STSEndpoint: "https://sts.file"}, portal: "https://sso.file", oidc: "https://oidc.file"},
	{name: "variables", env: paths.Env{"AWS_ENDPOINT_URL_STS": "http://sts.env", "AWS_ENDPOINT_URL_SSO": "https://sso.env:1/x", "AWS_ENDPOINT_URL_SSO_OIDC": "https://oidc.env"},
		want: Settings{STSEndpoint: "http://sts.env"}, portal: "https://sso.env:1/x", oidc: "https://oidc.env"},
	{name: "a variable beats the file", profile: fromFile, env: paths.Env{"AWS_ENDPOINT_URL_SSO": "https://sso.env"},
		want: Settings{STSEndpoint: "https://sts.file"}, portal: "https://sso.env", oidc: "https://oidc.file"},
	{name: "the file says to ignore both", profile: fromFile + "ignore_configured_endpoint_urls = true\n", env: paths.Env{"AWS_ENDPOINT_URL_STS": "https://sts.env"}},
	{name: "a variable says to ignore both", profile: fromFile, env: paths.Env{"AWS_ENDPOINT_URL_STS": "https://sts.env", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "TRUE"}},
	{name: "a variable says not to ignore", profile: fromFile + "ignore_configured_endpoint_urls = true\n", env: paths.Env{"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false"},
		want: Settings{STSEndpoint: "https://sts.file"}, portal: "https://sso.file", oidc: "https://oidc.file"},
	{name: "the global ones are not followed", profile: "endpoint_url = https://all.file\n", env: paths.Env{"AWS_ENDPOINT_URL": "https://all.env"}},
	{name: "switches in the file", profile: "use_fips_endpoint = true\nuse_dualstack_endpoint = True\nca_bundle = CA\n", want: Settings{FIPS: true, DualStack: true, CABundle: "CA"}},
	{name: "switches in variables", env: paths.Env{"AWS_USE_FIPS_ENDPOINT": "true", "AWS_USE_DUALSTACK_ENDPOINT": "TRUE", "AWS_CA_BUNDLE": "CA"}, want: Settings{FIPS: true, DualStack: true, CABundle: "CA"}},
	{name: "variables switch off", profile: "use_fips_endpoint = true\nuse_dualstack_endpoint = true\nca_bundle = CA2\n",
		env: paths.Env{"AWS_USE_FIPS_ENDPOINT": "false", "AWS_USE_DUALSTACK_ENDPOINT": "false", "AWS_CA_BUNDLE": "CA"}, want: Settings{CABundle: "CA"}},
}

func TestSettings(t *testing.T) {
	for _, tt := range settings {
		t.Run(tt.name, func(t *testing.T) {
			ca := filepath.Join(t.TempDir(), "ca.pem")
			if err := os.WriteFile(ca, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			fill := func(s string) string { return strings.ReplaceAll(s, "CA", ca) }
			env := paths.Env{}
			for name, value := range tt.env {
				env[name] = value
				if name == "AWS_CA_BUNDLE" {
					env[name] = fill(value)
				}
			}
			sso := "sso_session = s\nsso_account_id = 111111111111\nsso_role_name = x\n"
			p := at(t, env, "[profile corp]\n"+sso+fill(tt.profile)+services+"[sso-session s]\nsso_start_url = https://x\nsso_region = eu-west-1\n"+
				"[profile top]\nrole_arn = "+roleA+"\nsource_profile = corp\n"+fill(tt.profile), "")
			want := tt.want
			want.CABundle = fill(want.CABundle)
			for _, name := range []string{"corp", "top"} {
				c, _, err := p.choose(t, []Entry{profile(name)})
				if err != nil {
					t.Fatal(err)
				}
				if s := c.SSO.Session; c.Settings != want || s.PortalEndpoint != tt.portal || s.OIDCEndpoint != tt.oidc {
					t.Errorf("got %+v, %s, %s", c.Settings, s.PortalEndpoint, s.OIDCEndpoint)
				}
				sdkFinds(t, p, name, want, tt.portal, tt.oidc)
			}
		})
	}
}

// The profile behind the entry's has its own settings; they count for nothing, as in the SDKs.
func TestSettingsAreTheEntrysProfiles(t *testing.T) {
	p := at(t, nil, "[profile top]\nrole_arn = "+roleA+"\nsource_profile = corp\nregion = eu-west-1\n"+
		"[profile corp]\nregion = us-east-1\nuse_fips_endpoint = true\nca_bundle = relative\nservices = nowhere\naws_access_key_id = "+longID+"\naws_secret_access_key = "+secretKey, "")
	c, _, err := p.choose(t, []Entry{profile("top")})
	if err != nil || c.Settings != (Settings{Region: "eu-west-1"}) {
		t.Errorf("got %+v, %v", c, err)
	}
}

func TestEntriesWithoutProfileHaveVariablesAlone(t *testing.T) {
	p := at(t, paths.Env{"AWS_USE_FIPS_ENDPOINT": "true"}, "[default]\nregion = eu-west-1\nuse_dualstack_endpoint = true\n"+fromFile+services+
		"[sso-session s]\nsso_start_url = https://x\nsso_region = eu-west-1\n", "")
	c, _, err := p.choose(t, []Entry{{Kind: "sso", Name: "s"}})
	if err != nil || c.Settings != (Settings{FIPS: true}) || c.SSO.Session.PortalEndpoint != "" {
		t.Errorf("got %+v, %v", c, err)
	}
}

func TestSettingsThatAreWrong(t *testing.T) {
	url := "it begins with https:// and a host, and holds no user name, password or ?"
	for _, tt := range []struct {
		name, profile string
		env           paths.Env
		want, hint    string
	}{
		{"a password in a variable", "", paths.Env{"AWS_ENDPOINT_URL_STS": "https://me:" + password + "@proxy"}, "AWS_ENDPOINT_URL_STS is not a URL that can be used", url},
		{"a password in the file", "services = t\n[services t]\nsts =\n  endpoint_url = https://" + password + "@x\n", nil, "endpoint_url (CONFIG:7) is not a URL that can be used", url},
		{"no URL", "", paths.Env{"AWS_ENDPOINT_URL_SSO": password}, "AWS_ENDPOINT_URL_SSO is not a URL that can be used", url},
		{"no host", "", paths.Env{"AWS_ENDPOINT_URL_SSO_OIDC": "https:///" + password}, "AWS_ENDPOINT_URL_SSO_OIDC is not a URL that can be used", url},
		{"another scheme", "", paths.Env{"AWS_ENDPOINT_URL_STS": "ftp://" + password}, "AWS_ENDPOINT_URL_STS is not a URL that can be used", url},
		{"a query", "", paths.Env{"AWS_ENDPOINT_URL_STS": "https://x?" + password}, "AWS_ENDPOINT_URL_STS is not a URL that can be used", url},
		{"a control character", "", paths.Env{"AWS_ENDPOINT_URL_STS": "https://x\x1b" + password}, "AWS_ENDPOINT_URL_STS is not a URL that can be used", url},
		{"no such services", "services = t\n", nil, "profile corp: services (CONFIG:4) names t, but CONFIG has no such [services]", ""},
		{"a switch that is none", "use_fips_endpoint = yes\n", nil, "use_fips_endpoint (CONFIG:4) is neither true nor false", ""},
		{"a variable that is no switch", "", paths.Env{"AWS_USE_DUALSTACK_ENDPOINT": password}, "AWS_USE_DUALSTACK_ENDPOINT is neither true nor false", ""},
		{"ignore what", "ignore_configured_endpoint_urls = 1\n", nil, "ignore_configured_endpoint_urls (CONFIG:4) is neither true nor false", ""},
		{"certificates of the repository", "ca_bundle = certs/ca.pem\n", nil, "ca_bundle (CONFIG:4) is not an absolute path", "whom to trust must not depend on the directory"},
		{"certificates of the repository, by a variable", "", paths.Env{"AWS_CA_BUNDLE": "ca.pem"}, "AWS_CA_BUNDLE is not an absolute path", "whom to trust must not depend on the directory"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := at(t, tt.env, "[profile corp]\naws_access_key_id = "+longID+"\naws_secret_access_key = "+secretKey+"\n"+tt.profile, "")
			_, _, err := p.choose(t, []Entry{profile("corp")})
			e, ok := errors.AsType[*problem.Error](err)
			if want := strings.ReplaceAll(tt.want, "CONFIG", p.config); !ok || e.Code != problem.Usage || e.Message != want || e.Hint != tt.hint {
				t.Errorf("got  %v\nhint %q\nwant %s", err, e.Hint, want)
			}
		})
	}
}

// sdkFinds holds a table to what the AWS SDK for Go v2 reads in the same files and variables.
func sdkFinds(t *testing.T, p *place, name string, want Settings, portal, oidc string) {
	t.Helper()
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "") // whoever runs this has an AWS_CA_BUNDLE, say
		}
	}
	for variable, value := range p.Env {
		t.Setenv(variable, value)
	}
	env, err := config.NewEnvConfig()
	if err != nil {
		t.Fatal(err)
	}
	file, err := config.LoadSharedConfigProfile(context.Background(), name, func(o *config.LoadSharedConfigOptions) {
		o.ConfigFiles, o.CredentialsFiles = []string{p.config}, []string{p.creds}
	})
	if err != nil {
		t.Fatal(err)
	}
	fips, dual := env.UseFIPSEndpoint, env.UseDualStackEndpoint
	if fips == aws.FIPSEndpointStateUnset {
		fips = file.UseFIPSEndpoint
	}
	if dual == aws.DualStackEndpointStateUnset {
		dual = file.UseDualStackEndpoint
	}
	bundle := env.CustomCABundle
	if bundle == "" {
		bundle = file.CustomCABundle
	}
	endpoint := func(service string) string {
		ignore, said, _ := env.GetIgnoreConfiguredEndpoints(t.Context())
		if !said {
			ignore, _, _ = file.GetIgnoreConfiguredEndpoints(t.Context())
		}
		url, ok, _ := env.GetServiceBaseEndpoint(t.Context(), service)
		if !ok {
			url, _, _ = file.GetServiceBaseEndpoint(t.Context(), service)
		}
		if ignore {
			return ""
		}
		return url
	}
	got := Settings{Region: file.Region, STSEndpoint: endpoint("STS"), CABundle: bundle,
		FIPS: fips == aws.FIPSEndpointStateEnabled, DualStack: dual == aws.DualStackEndpointStateEnabled}
	if got != want || endpoint("SSO") != portal || endpoint("SSO OIDC") != oidc {
		t.Errorf("the SDK has %+v, %s, %s", got, endpoint("SSO"), endpoint("SSO OIDC"))
	}
}
