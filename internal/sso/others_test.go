package sso

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	awssso "github.com/aws/aws-sdk-go-v2/service/sso"
	"github.com/aws/aws-sdk-go-v2/service/ssooidc"

	"whichrole/internal/test/fakesso"
)

// profiles is an AWS config file with both kinds of sessions. The parts in capitals are replaced.
const profiles = `[sso-session corp]
sso_start_url = START
sso_region = eu-west-1
sso_registration_scopes = sso:account:access
[profile modern]
sso_session = corp
sso_account_id = 111111111111
sso_role_name = Admin
[profile legacy]
sso_start_url = START
sso_region = eu-west-1
sso_account_id = 111111111111
sso_role_name = Admin
`

// botocore's own readers: of the token, where the profile has a session, and of the credentials.
const useProfile = `
import sys, botocore.session, botocore.tokens
session = botocore.session.Session(profile=sys.argv[1])
if sys.argv[1] == 'modern':
    print(botocore.tokens.SSOTokenProvider(session).load_token().get_frozen_token().token)
print(session.get_credentials().get_frozen_credentials().access_key)
`

// What "aws sso login --use-device-code" does, with botocore's own client, cache and loader. (The fetcher around them is part
// of AWS CLI v2 alone, which is no Python package.) The last argument is how the time is written: as in AWS CLI v2, or as in
// its first versions.
const loginAsTheCLI = `
import datetime, sys, botocore, botocore.session, botocore.tokens, botocore.utils
from botocore.config import Config
from dateutil.tz import tzutc
start, name, form = sys.argv[1], sys.argv[2] or None, sys.argv[3]
session = botocore.session.Session()
client = session.create_client('sso-oidc', config=Config(region_name='eu-west-1', signature_version=botocore.UNSIGNED))
scopes = {'scopes': ['sso:account:access']} if name else {}
r = client.register_client(clientName='botocore-client-x', clientType='public', **scopes)
d = client.start_device_authorization(clientId=r['clientId'], clientSecret=r['clientSecret'], startUrl=start)
t = client.create_token(grantType='urn:ietf:params:oauth:grant-type:device_code', clientId=r['clientId'],
    clientSecret=r['clientSecret'], deviceCode=d['deviceCode'])
token = {
    'startUrl': start, 'region': 'eu-west-1', 'accessToken': t['accessToken'],
    'expiresAt': datetime.datetime.now(tzutc()) + datetime.timedelta(seconds=t['expiresIn']),
    'clientId': r['clientId'], 'clientSecret': r['clientSecret'],
    'registrationExpiresAt': datetime.datetime.fromtimestamp(r['clientSecretExpiresAt'], tzutc()),
}
if 'refreshToken' in t:
    token['refreshToken'] = t['refreshToken']
dumps = {'v2': botocore.tokens._sso_json_dumps, '2019': None}[form]
cache = botocore.utils.JSONFileCache(botocore.tokens.SSOTokenProvider._SSO_TOKEN_CACHE_DIR, dumps_func=dumps)
botocore.utils.SSOTokenLoader(cache).save_token(start, token, session_name=name)
`

// botocore runs a script of Python in the world's home, against its fake.
func (w *world) botocore(t *testing.T, script string, args ...string) []string {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err == nil {
		err = exec.CommandContext(t.Context(), python, "-c", "import botocore").Run()
	}
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("python3 with botocore is needed: %v", err)
		}
		t.Skipf("no python3 with botocore: %v", err)
	}
	config := filepath.Join(w.dir, "config")
	if err := os.WriteFile(config, []byte(strings.ReplaceAll(profiles, "START", w.StartURL())), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, python, append([]string{"-c", script}, args...)...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + w.dir, "USERPROFILE=" + w.dir, "AWS_CONFIG_FILE=" + config, "AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull,
		"AWS_ENDPOINT_URL_SSO=" + w.URL, "AWS_ENDPOINT_URL_SSO_OIDC=" + w.URL, "AWS_EC2_METADATA_DISABLED=true", "SYSTEMROOT=" + os.Getenv("SYSTEMROOT"),
		"PYENV_ROOT=" + os.Getenv("PYENV_ROOT"), "PYENV_VERSION=" + os.Getenv("PYENV_VERSION")}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	return strings.Fields(string(out))
}

// newRealWorld has the real clock, which others look at, and refresh tokens that are good once.
func newRealWorld(t *testing.T) *world {
	w := newWorld(t, func(c *fakesso.Config) { c.SingleUse = true })
	w.now = time.Now()
	return w
}

// ages takes the session's token to minutes before its end, or after it.
func (w *world) ages(t *testing.T, left time.Duration) {
	t.Helper()
	w.edit(t, map[string]any{"expiresAt": w.clock().Add(left).UTC().Format(time.RFC3339)})
}

func (w *world) last() fakesso.Call {
	calls := w.Calls()
	return calls[len(calls)-1]
}

func TestBotocoreReadsAndRefreshesWhatWeWrote(t *testing.T) {
	t.Parallel() // Python takes its time
	w := newRealWorld(t)
	w.login(t)
	got := w.botocore(t, useProfile, "modern")
	if len(got) != 2 || got[0] != w.tokens(t)["accessToken"] || got[1] != w.last().Minted || w.Count("refresh_token") != 0 {
		t.Fatalf("%q", got)
	}
	w.ages(t, 5*time.Minute)
	before := w.tokens(t)
	got = w.botocore(t, useProfile, "modern")
	after := w.tokens(t)
	if len(got) != 2 || got[0] != after["accessToken"] || after["accessToken"] == before["accessToken"] || w.Count("refresh_token") != 1 {
		t.Fatalf("%q", got)
	}
	if _, err := w.admin(t); err != nil || w.Count("refresh_token") != 1 {
		t.Errorf("we with what botocore has refreshed: %v", err)
	}
	w.ages(t, -time.Minute)
	if _, err := w.admin(t); err != nil || w.Count("refresh_token") != 2 {
		t.Errorf("we refresh what botocore wrote: %v", err)
	}
	if got = w.botocore(t, useProfile, "modern"); len(got) != 2 || got[0] != w.tokens(t)["accessToken"] || w.Count("refresh_token") != 2 {
		t.Errorf("botocore with what we have refreshed: %q", got)
	}
}

func TestBotocoreReadsOurLegacyToken(t *testing.T) {
	t.Parallel() // Python takes its time
	w := newRealWorld(t)
	w.Name = ""
	w.login(t)
	if got := w.botocore(t, useProfile, "legacy"); len(got) != 1 || got[0] != w.last().Minted {
		t.Errorf("%q", got)
	}
}

func TestWeReadAndRefreshWhatBotocoreWrote(t *testing.T) {
	t.Parallel() // Python takes its time
	for _, form := range []string{"v2", "2019"} {
		t.Run(form, func(t *testing.T) {
			w := newRealWorld(t)
			w.botocore(t, loginAsTheCLI, w.StartURL(), "corp", form)
			end, _ := w.tokens(t)["expiresAt"].(string)
			if strings.HasSuffix(end, "UTC") != (form == "2019") {
				t.Errorf("expiresAt %q is not in that form", end)
			}
			if _, err := w.admin(t); err != nil || w.Count("refresh_token") != 0 {
				t.Fatal(err)
			}
			w.ages(t, -time.Minute)
			if _, err := w.admin(t); err != nil || w.Count("refresh_token") != 1 {
				t.Fatal(err)
			}
			if got := w.botocore(t, useProfile, "modern"); len(got) != 2 || got[0] != w.tokens(t)["accessToken"] {
				t.Errorf("%q", got)
			}
		})
	}
	t.Run("legacy", func(t *testing.T) {
		w := newRealWorld(t)
		w.Name = ""
		w.botocore(t, loginAsTheCLI, w.StartURL(), "", "2019")
		if _, err := w.admin(t); err != nil {
			t.Fatal(err)
		}
	})
}

func TestGoSDKReadsAndRefreshesWhatWeWrote(t *testing.T) {
	w := newRealWorld(t)
	w.login(t)
	oidc := ssooidc.New(ssooidc.Options{Region: "eu-west-1", BaseEndpoint: &w.URL})
	portal := awssso.New(awssso.Options{Region: "eu-west-1", BaseEndpoint: &w.URL})
	retrieve := func() {
		t.Helper()
		provider := ssocreds.New(portal, account, "Admin", w.StartURL(), func(o *ssocreds.Options) {
			o.SSOTokenProvider = ssocreds.NewSSOTokenProvider(oidc, w.tokenPath())
		})
		if k, err := provider.Retrieve(t.Context()); err != nil || k.AccessKeyID != w.last().Minted {
			t.Fatalf("%s %v", k.AccessKeyID, err)
		}
	}
	retrieve()
	w.ages(t, -time.Minute)
	retrieve()
	if w.Count("refresh_token") != 1 {
		t.Errorf("%d refreshes", w.Count("refresh_token"))
	}
	w.ages(t, -time.Minute)
	if _, err := w.admin(t); err != nil {
		t.Errorf("we refresh what the SDK wrote: %v", err)
	}
	retrieve()
	if w.Count("refresh_token") != 2 || runtime.GOOS != "windows" && !private(t, w.tokenPath()) {
		t.Errorf("%d refreshes", w.Count("refresh_token"))
	}
}

func private(t *testing.T, path string) bool {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode().Perm() == 0o600
}
