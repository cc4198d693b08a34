package broker

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"whichrole/internal/paths"
	"whichrole/internal/trust"
)

// A home that is a git repository, and below it a checkout whose map reads a policy file.
func TestTrustedPathIsToldAllThatWasRead(t *testing.T) {
	home, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	repo := filepath.Join(home, "work", "infra")
	policy := filepath.Join(repo, "p.json")
	for _, dir := range []string{filepath.Join(home, ".git"), filepath.Join(repo, ".git")} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for file, text := range map[string]string{
		policy: `{"Version":"2012-10-17","Statement":[]}`,
		filepath.Join(repo, ".whichrole.yaml"): "version: 1\nsource: [{profile: corp}]\nenvironments:\n  qa:\n    dirs: [qa]\n" +
			"    role_arn: arn:aws:iam::111111111111:role/terraform\n    policy: p.json\n",
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, dir := range []string{filepath.Join(home, "work"), repo} { // whatever the umask is
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	work := filepath.Join(home, "work")
	b := &Broker{
		Env: paths.Env{trust.PathsVariable: work}, Now: time.Now, Log: func(string, ...any) {},
		Dirs: paths.Dirs{Home: home, Config: filepath.Join(home, "config"), State: filepath.Join(home, "state")},
	}
	d, err := b.Examine(Request{Dir: repo})
	if err != nil || d.Trust.How != "trusted path "+work {
		t.Fatalf("%v, %+v", err, d.Trust)
	}
	if runtime.GOOS == "windows" {
		return // access lists rule there
	}
	if err := os.Chmod(policy, 0o666); err != nil {
		t.Fatal(err)
	}
	d, err = b.Examine(Request{Dir: repo})
	if err != nil || d.Trust.How != "" || !strings.Contains(d.Trust.Reason, policy+" is writable by others") {
		t.Errorf("a policy that everybody may write: %v, %+v", err, d.Trust)
	}
}
