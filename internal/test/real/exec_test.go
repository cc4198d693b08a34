//go:build linux

package real

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"whichrole/internal/test/fakests"
)

const (
	decoyID     = "AKIADECOYDECOYDECOY1"
	decoySecret = "lies-in-wait"
)

// execLaptop is one whose roles end soon, and where another person's keys lie in wait wherever an SDK may look: in the
// environment, and in [default] of both files. There is no profile for whichrole.
func execLaptop(t *testing.T, programs ...string) *laptop {
	t.Helper()
	role := func(arn string) fakests.Role {
		return fakests.Role{ARN: arn, Trusted: []string{"arn:aws:iam::999999999999:user/corp"}, Lives: fakests.Duration(shortLife)}
	}
	l := laptopWith(t, fakests.Config{
		Users: []fakests.User{
			{AccessKeyID: "AKIAWHICHROLEREAL001", SecretAccessKey: "real-client-secret", ARN: "arn:aws:iam::999999999999:user/corp"},
			{AccessKeyID: decoyID, SecretAccessKey: decoySecret, ARN: "arn:aws:iam::666666666666:user/decoy"},
		},
		Roles: []fakests.Role{role(productionRole), role(qaRole)},
	}, roleMap, programs...)
	keys := "aws_access_key_id = " + decoyID + "\naws_secret_access_key = " + decoySecret + "\n"
	l.write(filepath.Join(l.home, ".aws", "config"), "# mine\n[default]\nregion = us-west-2\n"+keys+"\n[profile decoy]\n"+keys)
	l.write(filepath.Join(l.home, ".aws", "credentials"), "[default]\n"+keys+"[corp]\naws_access_key_id = AKIAWHICHROLEREAL001\naws_secret_access_key = real-client-secret\n")
	l.env = append(l.env, "AWS_ACCESS_KEY_ID="+decoyID, "AWS_SECRET_ACCESS_KEY="+decoySecret, "AWS_PROFILE=decoy", "AWS_REGION=eu-west-1")
	for _, dir := range []string{"production", "qa", "modules"} {
		if err := os.MkdirAll(l.in(dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

// What ends within 2 minutes is not taken from STS, and the last minute is not handed out: SDKs are told 65 seconds.
const shortLife, toldLife = 125 * time.Second, 65 * time.Second

const botoIdentity = `
import boto3, sys, time
sts = boto3.client("sts")
for i in range(int(sys.argv[1])):
    if i: time.sleep(float(sys.argv[2]))
    print(sts.get_caller_identity()["Arn"], flush=True)`

const jsIdentity = `
const { STSClient, GetCallerIdentityCommand } = require("@aws-sdk/client-sts");
(async () => {
  const sts = new STSClient({});
  for (let i = 0; i < Number(process.argv[2]); i++) {
    if (i) await new Promise((r) => setTimeout(r, Number(process.argv[3]) * 1000));
    console.log((await sts.send(new GetCallerIdentityCommand({}))).Arn);
  }
})().catch((e) => { console.error(e); process.exit(1); });`

// clients are programs that say who they are, as often as they are told, with a pause in between.
func (l *laptop) clients() map[string][]string {
	l.t.Helper()
	if _, _, err := l.try(l.repo, "python3", "-c", "import boto3"); err != nil {
		need(l.t, "boto3 for python3")
	}
	js := filepath.Join(filepath.Dir(l.repo), "who.js")
	l.write(js, jsIdentity)
	l.env = append(l.env, "NODE_PATH="+javascriptSDK(l.t))
	cli := `for i in $(seq "$1"); do [ "$i" = 1 ] || sleep "$2"; aws sts get-caller-identity --query Arn --output text || exit; done`
	return map[string][]string{
		"AWS CLI": {"sh", "-c", cli, "sh"}, "boto3": {"python3", "-c", botoIdentity}, "the JavaScript SDK": {"node", js},
	}
}

// javascriptSDK is the directory that scripts/test.sh installs it in.
func javascriptSDK(t *testing.T) string {
	t.Helper()
	need(t, "node")
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(cache, "whichrole-test", "js", "node_modules")
	if _, err := os.Stat(filepath.Join(dir, "@aws-sdk", "client-sts")); err != nil {
		need(t, "the AWS SDK for JavaScript (scripts/test.sh installs it)")
	}
	return dir
}

var sessionOf = map[string]string{
	"production": "arn:aws:sts::111111111111:assumed-role/production/ci-production",
	"qa":         "arn:aws:sts::222222222222:assumed-role/qa/ci-qa",
}

// Keys in the environment, in [default], and another profile: each of them is somebody else's account.
func TestExecIsTheOnlyOneThatAnyClientAsks(t *testing.T) {
	l := execLaptop(t, "aws", "python3")
	for name, client := range l.clients() {
		for dir, want := range sessionOf {
			for _, mode := range [][]string{nil, {"--static"}} {
				args := append(append(append([]string{"exec"}, mode...), "--"), append(client, "1", "0")...)
				if got := strings.TrimSpace(l.run(l.in(dir), l.bin, args...)); got != want {
					t.Errorf("%s in %s %v: %s", name, dir, mode, got)
				}
			}
		}
		if _, stderr, err := l.try(l.in("modules"), l.bin, append([]string{"exec", "--"}, append(client, "1", "0")...)...); err == nil || !strings.Contains(stderr, "no role") {
			t.Errorf("%s in modules: %v\n%s", name, err, stderr)
		}
	}
	l.leavesNothing()
}

// The container endpoint comes after [default] in every SDK: it is not even started while that holds keys.
func TestExecServesOnlyWhereItIsAsked(t *testing.T) {
	l := execLaptop(t, "aws", "python3")
	clients := l.clients()
	_, stderr, err := l.try(l.in("qa"), l.bin, "exec", "--server", "--", "true")
	if err == nil || !strings.Contains(stderr, "[default]") {
		t.Errorf("beside [default] with keys: %v\n%s", err, stderr)
	}
	l.write(filepath.Join(l.home, ".aws", "config"), "[default]\nregion = us-west-2\n")
	l.write(filepath.Join(l.home, ".aws", "credentials"), "[corp]\naws_access_key_id = AKIAWHICHROLEREAL001\naws_secret_access_key = real-client-secret\n")
	for name, client := range clients {
		args := append([]string{"exec", "--server", "--"}, append(client, "1", "0")...)
		if got := strings.TrimSpace(l.run(l.in("qa"), l.bin, args...)); got != sessionOf["qa"] {
			t.Errorf("%s: %s", name, got)
		}
	}
	l.leavesNothing()
}

// A process of three lifetimes comes back for fresh credentials each time. scripts/test.sh runs this beside the other tests.
func TestClientsOfThreeLifetimesUnderExec(t *testing.T) {
	t.Parallel()
	l := execLaptop(t, "aws", "python3")
	var all sync.WaitGroup
	for name, client := range l.clients() {
		all.Go(func() {
			args := append([]string{"exec", "--"}, append(client, "4", fmt.Sprint(toldLife.Seconds()+1))...)
			stdout, stderr, err := l.try(l.in("production"), l.bin, args...)
			if want := strings.Repeat(sessionOf["production"]+"\n", 4); err != nil || stdout != want {
				t.Errorf("%s: %v\n%s%s", name, err, stdout, stderr)
			}
		})
	}
	all.Wait()
	signed := map[string]map[string]bool{}
	for _, c := range l.sts.Calls() {
		if client, _, _ := strings.Cut(c.UserAgent, "/"); c.Action == "GetCallerIdentity" {
			if signed[client] == nil {
				signed[client] = map[string]bool{}
			}
			signed[client][c.AccessKeyID] = true
		}
	}
	if len(signed) != 3 {
		t.Errorf("asked by %v", signed)
	}
	for client, keys := range signed {
		if len(keys) < 3 || keys[decoyID] {
			t.Errorf("%s used the keys %v in three lifetimes", client, keys)
		}
	}
}

const longApplyTF = `
terraform {
  required_providers { aws = { source = "hashicorp/aws", version = "5.100.0" } }
  backend "s3" {
    bucket         = "state"
    key            = "long.tfstate"
    region         = "eu-west-1"
    use_path_style = true
    use_lockfile   = true
  }
}
provider "aws" { s3_use_path_style = true }
data "aws_caller_identity" "who" {}
resource "aws_s3_object" "first" {
  bucket  = "state"
  key     = "proof-first"
  content = data.aws_caller_identity.who.arn
}
resource "terraform_data" "work" {
  provisioner "local-exec" { command = "sleep %d" }
  depends_on = [aws_s3_object.first]
}
resource "aws_s3_object" "last" {
  bucket     = "state"
  key        = "proof-last"
  content    = terraform_data.work.id
  depends_on = [terraform_data.work]
}
output "arn" { value = data.aws_caller_identity.who.arn }
`

// Terraform without a profile, in its provider and its backend. The apply takes three lifetimes of the role, and at its end the
// object and the state are written with credentials that did not exist when it began.
func TestAnApplyOfThreeLifetimesUnderExec(t *testing.T) {
	t.Parallel()
	l := execLaptop(t, "terraform", "python3")
	s3 := startS3(t, l)
	l.env = append(l.env, "AWS_ENDPOINT_URL_S3="+s3.url, "TF_CLI_CONFIG_FILE="+mirror(t, l), "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1")
	l.write(filepath.Join(l.in("production"), "main.tf"), fmt.Sprintf(longApplyTF, int((3*toldLife+2*time.Second).Seconds())))
	l.run(l.in("production"), l.bin, "exec", "--", "terraform", "init", "-input=false", "-no-color")
	l.run(l.repo, l.bin, "exec", "--", "terraform", "-chdir=production", "apply", "-input=false", "-auto-approve", "-no-color")
	if got := l.run(l.in("production"), l.bin, "exec", "--", "terraform", "output", "-raw", "arn"); got != sessionOf["production"] {
		t.Errorf("%s", got)
	}
	minted := map[string]time.Time{}
	for _, c := range l.sts.Calls() {
		if c.Minted != "" && c.Role == productionRole {
			minted[c.Minted] = c.Time
		}
	}
	first, last, state := s3.puts("proof-first"), s3.puts("proof-last"), s3.puts("long.tfstate")
	if len(first) == 0 || len(last) == 0 || len(state) == 0 {
		t.Fatalf("not all was written: %+v", s3.puts(""))
	}
	for _, put := range s3.puts("") {
		if _, ours := minted[put.key]; !ours {
			t.Errorf("%s was written with the key %s", put.path, put.key)
		}
	}
	if apart := minted[last[0].key].Sub(minted[first[0].key]); apart < 2*toldLife {
		t.Errorf("the credentials of the first object and the last were minted %s apart", apart)
	}
	if old, end := minted[first[0].key], minted[state[len(state)-1].key]; end.Sub(old) < 2*toldLife {
		t.Errorf("the state was written with credentials that were minted %s after those of the first object", end.Sub(old))
	}
	l.leavesNothing()
}

// leavesNothing waits for what exec cleans up after its command.
func (l *laptop) leavesNothing() {
	l.t.Helper()
	var left []string
	for range 100 {
		left, _ = filepath.Glob(filepath.Join(l.runtime(), "exec-*"))
		if len(left) == 0 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	l.t.Errorf("left behind: %q", left)
}

// runtime is the directory of locks and of exec's copies.
func (l *laptop) runtime() string {
	for _, v := range l.env {
		if dir, ok := strings.CutPrefix(v, "XDG_RUNTIME_DIR="); ok {
			return filepath.Join(dir, "whichrole")
		}
	}
	return filepath.Join(l.home, ".local", "state", "whichrole", "run")
}
