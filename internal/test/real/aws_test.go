//go:build linux

package real

import (
	"strings"
	"testing"
)

func TestAWSCLIGetsEachDirectorysRole(t *testing.T) {
	l := newLaptop(t, "aws")
	identity := func(dir string) string {
		t.Helper()
		return strings.TrimSpace(l.run(l.in(dir), "aws", "sts", "get-caller-identity", "--profile", "terraform", "--query", "Arn", "--output", "text"))
	}
	for range 2 { // the second time makes no STS call of ours
		if got := identity("production"); got != "arn:aws:sts::111111111111:assumed-role/production/ci-production" {
			t.Errorf("production: %s", got)
		}
		if got := identity("qa"); got != "arn:aws:sts::222222222222:assumed-role/qa/ci-qa" {
			t.Errorf("qa: %s", got)
		}
	}
	if p, q := l.assumed(productionRole), l.assumed(qaRole); p != 1 || q != 1 {
		t.Errorf("production was assumed %d times, qa %d times; once each is enough", p, q)
	}
	if got := l.run(l.in("qa"), l.bin, "cache", "list"); !strings.Contains(got, "keyring") {
		t.Errorf("not in the keyring:\n%s", got)
	}
	// Where there is no role the CLI fails and shows our words.
	_, stderr, err := l.try(l.in("modules"), "aws", "sts", "get-caller-identity", "--profile", "terraform")
	if err == nil || !strings.Contains(stderr, "no role") {
		t.Errorf("modules: %v %s", err, stderr)
	}
}

func TestBoto3GetsEachDirectorysRole(t *testing.T) {
	l := newLaptop(t, "python3")
	if _, _, err := l.try(l.repo, "python3", "-c", "import boto3"); err != nil {
		need(t, "boto3 for python3")
	}
	script := `
import boto3
s = boto3.Session(profile_name="terraform")
for _ in range(3):
    arn = s.client("sts").get_caller_identity()["Arn"]
print(arn, s.region_name)`
	for dir, want := range map[string]string{
		"production": "arn:aws:sts::111111111111:assumed-role/production/ci-production eu-west-1",
		"qa":         "arn:aws:sts::222222222222:assumed-role/qa/ci-qa eu-west-1",
	} {
		if got := strings.TrimSpace(l.run(l.in(dir), "python3", "-c", script)); got != want {
			t.Errorf("%s: %s, want %s", dir, got, want)
		}
	}
	if n := l.sts.Count("AssumeRole"); n != 2 {
		t.Errorf("%d roles were assumed, want 2", n)
	}
}
