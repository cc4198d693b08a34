//go:build !windows

package shadow

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/config"

	"whichrole/internal/awsconfig"
	"whichrole/internal/paths"
)

// scene is what an SDK would find: variables, and the two files.
type scene struct {
	env                 paths.Env
	config, credentials string
}

// home is a directory with the files, and a whichrole that only leaves a mark.
type home struct{ dir, mark, helper string }

func newHome(t *testing.T) home {
	t.Helper()
	dir := t.TempDir()
	h := home{dir, filepath.Join(dir, "asked"), filepath.Join(dir, "whichrole")}
	script := "#!/bin/sh\n: >'" + h.mark + "'\n" + `echo '{"Version":1,"AccessKeyId":"ASIAWHICHROLETEST001","SecretAccessKey":"s","SessionToken":"t","Expiration":"2099-01-01T00:00:00Z"}'` + "\n"
	for path, text := range map[string]string{h.helper: script, filepath.Join(dir, "other"): strings.Replace(script, ": >", ": ", 1)} {
		if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, ".aws"), 0o700); err != nil {
		t.Fatal(err)
	}
	return h
}

// set puts the scene there and returns the whole environment of who looks at it.
func (h home) set(t *testing.T, s scene) paths.Env {
	t.Helper()
	os.Remove(h.mark)
	replace := strings.NewReplacer("$HELPER", h.helper, "$OTHER", filepath.Join(h.dir, "other"))
	for name, text := range map[string]string{"config": s.config, "credentials": s.credentials} {
		if err := os.WriteFile(filepath.Join(h.dir, ".aws", name), []byte(replace.Replace(text)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	env := paths.Env{"HOME": h.dir, "PATH": "/usr/bin:/bin", "AWS_EC2_METADATA_DISABLED": "true", "AWS_REGION": "eu-west-1", "AWS_MAX_ATTEMPTS": "1"}
	maps.Copy(env, s.env)
	return env
}

// asked tells whether the helper was run since set.
func (h home) asked() bool {
	_, err := os.Stat(h.mark)
	return err == nil
}

// offline is a network that is not there.
type offline struct{}

func (offline) Do(*http.Request) (*http.Response, error) { return nil, errors.New("offline") }

// runGo gets credentials as a program of the AWS SDK for Go v2 does.
func runGo(t *testing.T, env paths.Env) {
	t.Helper()
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		if strings.HasPrefix(name, "AWS_") {
			os.Unsetenv(name)
		}
	}
	for name, value := range env {
		os.Setenv(name, value)
	}
	cfg, err := config.LoadDefaultConfig(t.Context(), config.WithHTTPClient(offline{}))
	if err == nil && cfg.Credentials != nil {
		cfg.Credentials.Retrieve(t.Context())
	}
}

// python gets credentials as a program of botocore does, as often as it is told to.
type python struct {
	in  io.Writer
	out *bufio.Scanner
}

const program = `
import json, os, sys
import botocore.session, botocore.httpsession, botocore.utils
def offline(*args, **kw): raise Exception("offline")
botocore.httpsession.URLLib3Session.send = offline
botocore.session.Session.create_client = offline # STS is asked after us, and making its client takes long
botocore.utils.ContainerMetadataFetcher.SLEEP_TIME = 0
for line in sys.stdin:
    os.environ.clear()
    os.environ.update(json.loads(line))
    said = "none"
    try:
        credentials = botocore.session.Session().get_credentials()
        if credentials:
            said = credentials.method
            credentials.get_frozen_credentials()
    except Exception as e:
        said += " " + type(e).__name__
    print(said, flush=True)
`

// newPython is nil where there is no botocore. It has a session without a terminal: botocore would ask there for MFA codes.
func newPython(t *testing.T, h home) *python {
	t.Helper()
	if out, err := exec.Command("python3", "-c", "import botocore").CombinedOutput(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("without botocore half of the SDKs are not tested: %v %s", err, out)
		}
		t.Logf("without botocore: %v", err)
		return nil
	}
	cmd := exec.CommandContext(t.Context(), "python3", "-c", program)
	cmd.Env = append(os.Environ(), "HOME="+h.dir)
	cmd.Stderr, cmd.SysProcAttr = os.Stderr, &syscall.SysProcAttr{Setsid: true}
	in, err1 := cmd.StdinPipe()
	out, err2 := cmd.StdoutPipe()
	if err := errors.Join(err1, err2, cmd.Start()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); cmd.Wait() })
	return &python{in, bufio.NewScanner(out)}
}

func (p *python) run(t *testing.T, env paths.Env) string {
	t.Helper()
	if err := json.NewEncoder(p.in).Encode(env); err != nil {
		t.Fatal(err)
	}
	if !p.out.Scan() {
		t.Fatalf("botocore is gone: %v", p.out.Err())
	}
	return p.out.Text()
}

// TestShadowsAreWhatTheSDKsDo runs both SDKs in a few hundred scenes: each asks the helper where no shadow says otherwise, and
// nowhere else.
func TestShadowsAreWhatTheSDKsDo(t *testing.T) {
	saved, savedConfig, savedCredentials := os.Environ(), config.DefaultSharedConfigFiles, config.DefaultSharedCredentialsFiles
	t.Cleanup(func() {
		config.DefaultSharedConfigFiles, config.DefaultSharedCredentialsFiles = savedConfig, savedCredentials
		os.Clearenv()
		for _, kv := range saved {
			name, value, _ := strings.Cut(kv, "=")
			os.Setenv(name, value)
		}
	})
	h := newHome(t)
	config.DefaultSharedConfigFiles, config.DefaultSharedCredentialsFiles = []string{h.dir + "/.aws/config"}, []string{h.dir + "/.aws/credentials"} // HOME is read at start
	py := newPython(t, h)
	count := map[string]int{}
	for _, s := range scenes() {
		env := h.set(t, s)
		hidden, list := hiddenFrom(t, env, h)
		runGo(t, env)
		check(t, s, "Go", hidden&goSDK != 0, h.asked(), list, "")
		count[fmt.Sprint("go ", h.asked())]++
		if py == nil {
			continue
		}
		os.Remove(h.mark)
		said := py.run(t, env)
		check(t, s, "botocore", hidden&botocore != 0, h.asked(), list, said)
		count[fmt.Sprint("botocore ", h.asked())]++
	}
	t.Log(count)
	for _, what := range []string{"go true", "go false", "botocore true", "botocore false"} {
		if count[what] < 50 && (py != nil || strings.HasPrefix(what, "go")) {
			t.Errorf("%s only %d times: too few to tell", what, count[what])
		}
	}
}

func hiddenFrom(t *testing.T, env paths.Env, h home) (hidden sdks, list []Shadow) {
	t.Helper()
	list = Find(World{Env: env, AWS: awsconfig.Once(env, h.dir)})
	for _, s := range list {
		hidden |= s.hides
		if s.Text == "" || s.Hint == "" || s.Where == "" || strings.ContainsAny(s.Text+s.Hint, "\n") {
			t.Errorf("%+v", s)
		}
		forGo, forBotocore := strings.Contains(s.Text, "Go SDKs"), strings.Contains(s.Text, "botocore")
		if s.hides == goSDK && !forGo || s.hides == botocore && !forBotocore || s.hides == both && forGo != forBotocore {
			t.Errorf("it does not say for whom: %+v", s)
		}
	}
	return hidden, list
}

func check(t *testing.T, s scene, sdk string, hidden, asked bool, list []Shadow, said string) {
	t.Helper()
	if hidden == asked {
		t.Errorf("%s asked: %v (%s)\n%v\n%s\n%s\n%+v", sdk, asked, said, s.env, s.config, s.credentials, list)
	}
}

const frame = `
[profile terraform]
region = eu-west-1
credential_process = $HELPER credential-process
[profile bystander]
region = eu-west-1
[profile process]
credential_process = $OTHER credentials
[profile chain]
role_arn = arn:aws:iam::111111111111:role/chain
source_profile = terraform
[profile chain2]
role_arn = arn:aws:iam::111111111111:role/chain2
source_profile = chain
[profile loop]
role_arn = arn:aws:iam::111111111111:role/loop
source_profile = loop2
[profile loop2]
role_arn = arn:aws:iam::111111111111:role/loop
source_profile = loop
[profile selfish]
role_arn = arn:aws:iam::111111111111:role/selfish
source_profile = selfish
credential_process = $HELPER credential-process
[sso-session s]
sso_region = eu-west-1
sso_start_url = https://x.awsapps.com/start
`

const frameCredentials = "[corp]\naws_access_key_id = AKIA1\naws_secret_access_key = s\n"

// extras are what people leave in the profile that calls us.
var extras = []string{
	"role_arn = arn:aws:iam::111111111111:role/x", "role_arn =", "source_profile = corp", "source_profile = process", "source_profile = terraform",
	"source_profile = chain", "source_profile = nobody", "credential_source = Environment", "credential_source = EcsContainer", "web_identity_token_file = /no/such", "web_identity_token_file =",
	"sso_session = s", "sso_session = none", "sso_account_id = 111111111111", "sso_account_id =", "sso_role_name = x", "sso_start_url = https://x.awsapps.com/start",
	"sso_region = eu-west-1", "login_session = arn:aws:iam::111111111111:user/x", "login_session =", "aws_access_key_id = AKIA2", "aws_secret_access_key = s",
	"aws_access_key_id = AKIA2\naws_secret_access_key = s", "aws_access_key_id = AKIA2\naws_secret_access_key = s\naws_session_token = t", "aws_session_token = t", "mfa_serial = arn:aws:iam::111111111111:mfa/x",
	"output = json", "role_session_name = x",
}

// variables are what people leave in their environment, and what containers and CI systems put there.
var variables = map[string][]string{
	"AWS_PROFILE":                            {"terraform", "terraform", "terraform", "bystander", "process", "corp", "chain", "chain2", "loop", "selfish", "nobody", "default", ""},
	"AWS_DEFAULT_PROFILE":                    {"terraform", "corp", "nobody", ""},
	"AWS_ACCESS_KEY_ID":                      {"AKIA3", ""},
	"AWS_SECRET_ACCESS_KEY":                  {"s", ""},
	"AWS_ACCESS_KEY":                         {"AKIA4"},
	"AWS_SECRET_KEY":                         {"s"},
	"AWS_SESSION_TOKEN":                      {"t"},
	"AWS_WEB_IDENTITY_TOKEN_FILE":            {"/no/such", ""},
	"AWS_ROLE_ARN":                           {"arn:aws:iam::111111111111:role/env"},
	"AWS_CONTAINER_CREDENTIALS_FULL_URI":     {"http://127.0.0.1:9/x"},
	"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": {"/x"},
	"AWS_CONFIG_FILE":                        {"/no/such/config", "~/.aws/config"},
}

var defaults = []string{"", "[default]\nregion = eu-west-1\n", "[default]\ncredential_process = $HELPER credential-process\n", "[default]\ncredential_process = $OTHER x\n"}

// scenes are each extra in each file, each with some others, each variable, and some of all else: the same ones in each run.
func scenes() (list []scene) {
	rnd := rand.New(rand.NewPCG(1, 2))
	terraform := paths.Env{"AWS_PROFILE": "terraform"}
	for i, extra := range extras {
		list = append(list, scene{terraform, with(extra), frameCredentials}, scene{terraform, frame, frameCredentials + "[terraform]\n" + extra + "\n"},
			scene{paths.Env{"AWS_PROFILE": "chain"}, with(extra), frameCredentials}, scene{paths.Env{"AWS_PROFILE": "chain2"}, frame, frameCredentials + "[terraform]\n" + extra + "\n"})
		for j, other := range extras[i+1:] {
			if j == 0 || rnd.IntN(5) == 0 {
				list = append(list, scene{terraform, with(extra, other), frameCredentials})
			}
		}
	}
	const role, keys = "role_arn = arn:aws:iam::111111111111:role/x", "aws_access_key_id = AKIA2\naws_secret_access_key = s"
	list = append(list, scene{paths.Env{"AWS_PROFILE": "chain"}, with(role, keys), frameCredentials},
		scene{paths.Env{"AWS_PROFILE": "selfish"}, strings.Replace(frame, "source_profile = selfish", "source_profile = selfish\n"+keys, 1), frameCredentials})
	for _, name := range sorted(variables) {
		for _, value := range variables[name] {
			list = append(list, scene{paths.Env{"AWS_PROFILE": "terraform", name: value}, frame, frameCredentials},
				scene{paths.Env{name: value}, defaults[rnd.IntN(len(defaults))] + frame, frameCredentials})
		}
	}
	return append(list, shuffled(rnd, 120)...)
}

// with is the frame with more in the profile that calls us. A setting that is there twice would be an error of the whole file
// for botocore: it is left out.
func with(lines ...string) string {
	var text string
	seen := map[string]bool{}
	for line := range strings.SplitSeq(strings.Join(lines, "\n"), "\n") {
		if key := strings.Fields(line)[0]; !seen[key] {
			text, seen[key] = text+line+"\n", true
		}
	}
	return strings.Replace(frame, "[profile bystander]", text+"[profile bystander]", 1)
}

func shuffled(rnd *rand.Rand, n int) (list []scene) {
	for range n {
		s := scene{env: paths.Env{}, config: frame, credentials: frameCredentials}
		for _, name := range sorted(variables) {
			if values := variables[name]; rnd.IntN(7) == 0 || name == "AWS_PROFILE" && rnd.IntN(4) > 0 {
				s.env[name] = values[rnd.IntN(len(values))]
			}
		}
		if rnd.IntN(3) == 0 {
			s.config = with(extras[rnd.IntN(len(extras))])
		}
		s.config = defaults[rnd.IntN(len(defaults))] + s.config
		list = append(list, s)
	}
	return list
}
