//go:build linux

package real

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"whichrole/internal/test/fakests"
	"whichrole/internal/test/pty"
)

type lastFailure struct{ Error, Hint, Caller, Dir string }

// lastFailure is what explain tells of the last failure in a directory; nil where there is none.
func (l *laptop) lastFailure(dir string) *lastFailure {
	l.t.Helper()
	stdout, stderr, _ := l.try(l.in(dir), l.bin, "explain", "--json")
	var explained struct {
		LastFailure *lastFailure `json:"last_failure"`
	}
	if err := json.Unmarshal([]byte(stdout), &explained); err != nil {
		l.t.Fatalf("explain: %v\n%s%s", err, stdout, stderr)
	}
	return explained.LastFailure
}

// onTerminal runs Terraform as a person would, and gives all that the screen shows in the end.
func (l *laptop) onTerminal(dir string, args ...string) (screen string, err error) {
	l.t.Helper()
	cmd := exec.Command("sh", append([]string{"-c", `stty tostop; exec terraform "$@"`, "sh"}, args...)...)
	cmd.Dir, cmd.Env = l.in(dir), l.env
	s := pty.Start(l.t, cmd)
	err = s.Wait()
	return s.Screen(), err
}

// Provider plugins hide what a helper writes to stderr: without more a person sees "exit status 7" for each of the aliases.
func TestAFailingProviderTellsThePersonOnceWhatItWas(t *testing.T) {
	s := newSite(t)
	var aliases []string
	for n := range 3 {
		aliases = append(aliases, fmt.Sprintf("provider \"aws\" {\n  alias = \"n%d\"\n  region = \"eu-west-1\"\n  profile = \"terraform\"\n}\ndata \"aws_caller_identity\" \"n%d\" { provider = aws.n%d }\n", n, n, n))
	}
	s.write(filepath.Join(s.in("production"), "main.tf"), fmt.Sprintf(backendTF, "production")+fmt.Sprintf(sixAliases, strings.Join(aliases, ""), ""))
	s.light("live", s.deploy)
	s.run(s.in("production"), "terraform", "init")
	s.sts.SetFaults(fakests.Fault{Kind: fakests.Refuse, Role: "arn:aws:iam::111111111111:role/production-plan"})

	screen, err := s.onTerminal("production", "plan", "-no-color")
	if err == nil || strings.Count(screen, "whichrole: error:") != 1 || strings.Count(screen, "whichrole: hint:") > 1 {
		t.Errorf("%v\n%s", err, screen)
	}
	if !strings.Contains(screen, "production-plan") {
		t.Errorf("the role is not named:\n%s", screen)
	}
	if n := strings.Count(screen, "exit status 7"); n < 3 {
		t.Errorf("%d of three aliases have failed:\n%s", n, screen)
	}
	if f := s.lastFailure("production"); f == nil || f.Caller != "terraform-provider-aws_v5.100.0_x5" || !strings.Contains(f.Error, "production-plan") {
		t.Errorf("explain tells of %+v", f)
	}
	if page, _, _ := s.try(s.in("production"), s.bin, "explain"); !strings.Contains(page, "terraform-provider-aws_v5.100.0_x5") {
		t.Errorf("explain does not show who failed:\n%s", page)
	}
	if s.lastFailure("live") != nil {
		t.Error("another directory has failed as well")
	}

	// Without a terminal nobody is told, and nothing waits for one.
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "terraform", "plan", "-no-color")
	var out bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = s.in("production"), s.env, &out, &out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Run(); err == nil || ctx.Err() != nil || !strings.Contains(out.String(), "exit status 7") {
		t.Errorf("%v %v\n%s", err, ctx.Err(), out.String())
	}

	// What works again is no failure any more.
	s.sts.SetFaults()
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(500 * time.Millisecond) { // a leader's failure counts for five seconds
		_, stderr, err := s.try(s.in("production"), s.bin, "credential-process")
		if err == nil {
			break
		}
		if time.Now().After(end) {
			t.Fatal(stderr)
		}
	}
	if f := s.lastFailure("production"); f != nil {
		t.Errorf("it works, and explain tells of %+v", f)
	}
}

// Terraform shows itself what the helper of its backend wrote: once is enough there, too.
func TestAMapThatIsNotTrustedShowsOnceUnderTerraform(t *testing.T) {
	s := newSite(t)
	s.light("live", s.deploy)
	s.run(s.in("live"), "terraform", "init")
	s.write(filepath.Join(s.repo, ".whichrole.yaml"), strings.ReplaceAll(operationsMap, "role/live-apply", "role/admin"))
	for _, command := range []string{"plan", "output"} {
		screen, err := s.onTerminal("live", command, "-no-color")
		if err == nil || strings.Count(screen, "whichrole: error:") != 1 || !strings.Contains(screen, "whichrole trust") {
			t.Errorf("%s: %v\n%s", command, err, screen)
		}
	}
	if f := s.lastFailure("live"); f == nil || f.Caller != "terraform" {
		t.Errorf("explain tells of %+v", f)
	}
	s.run(s.repo, s.bin, "trust", "--yes")
	s.run(s.in("live"), "terraform", "output")
	if f := s.lastFailure("live"); f != nil {
		t.Errorf("it works, and explain tells of %+v", f)
	}
}
