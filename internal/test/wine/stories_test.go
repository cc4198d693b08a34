//go:build linux

package wine

import (
	"encoding/json"
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
	planRole = "arn:aws:iam::111111111111:role/terraform-plan"
	qaRole   = "arn:aws:iam::222222222222:role/terraform"
)

// TestStories runs whichrole.exe as a user of Windows would, each story on a machine of its own.
func TestStories(t *testing.T) {
	find(t)
	bin := build(t, "build", "whichrole", "whichrole/internal/test/bench/bareget")
	for name, story := range map[string]func(*world){
		"one call, then the Credential Manager": secondCallIsFromTheCredentialManager,
		"a role for each directory":             eachDirectoryHasItsRole,
		"what others store":                     foreignItemsAreReplaced,
		"twenty at once":                        twentyAtOnce,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			story(newWorld(t, bin))
		})
	}
}

// tokenSize is what AWS may come to, so that each value takes several credentials.
const tokenSize = 4096

// world is a machine with the sample repository, a profile for it and the STS that knows that.
type world struct {
	*machine
	sts  *fakests.Server
	bin  string
	repo string
}

func newWorld(t *testing.T, bin string) *world {
	t.Helper()
	const sample = "../sample"
	text, err := os.ReadFile(sample + "/sts.json")
	must(t, err)
	var config fakests.Config
	must(t, json.Unmarshal(text, &config))
	config.TokenSize, config.LogFile = tokenSize, ""
	w := &world{machine: newMachine(t), bin: bin, sts: fakests.Start(config)}
	t.Cleanup(w.sts.Close)
	w.repo = filepath.Join(w.drive, "work", "infra")
	must(t, os.CopyFS(w.repo, os.DirFS(sample)))
	w.write(filepath.Join(w.repo, ".git", "HEAD"), "ref: refs/heads/main\n")
	you := config.Users[0]
	w.write(filepath.Join(w.home, ".aws", "credentials"),
		fmt.Sprintf("[corp]\r\naws_access_key_id = %s\r\naws_secret_access_key = %s\r\n", you.AccessKeyID, you.SecretAccessKey))
	w.env = append(w.env, "AWS_ENDPOINT_URL_STS="+w.sts.URL)
	return w
}

// whichrole runs the program in a directory of the repository.
func (w *world) whichrole(dir string, args ...string) ended {
	return w.run(filepath.Join(w.repo, filepath.FromSlash(dir)), filepath.Join(w.bin, "whichrole.exe"), args...)
}

// ok is whichrole that must succeed, with nothing on stderr.
func (w *world) ok(dir string, args ...string) string {
	w.t.Helper()
	end := w.whichrole(dir, args...)
	if end.code != 0 || end.stderr != "" {
		w.t.Fatalf("whichrole %v: exit code %d\n%s%s", args, end.code, end.stdout, end.stderr)
	}
	return end.stdout
}

// refused is whichrole that must fail with that exit code, nothing on stdout and those words on stderr.
func (w *world) refused(code int, dir string, args []string, words ...string) {
	w.t.Helper()
	end := w.whichrole(dir, args...)
	if end.code != code || end.stdout != "" {
		w.t.Errorf("whichrole %v: exit code %d, want %d; stdout %q", args, end.code, code, end.stdout)
	}
	for _, word := range words {
		if !strings.Contains(end.stderr, word) {
			w.t.Errorf("whichrole %v: no %q in %s", args, word, end.stderr)
		}
	}
}

// keys are what credential-process prints.
type keys struct {
	Version                                               int
	AccessKeyID, SecretAccessKey, SessionToken, AccountID string
	Expiration                                            time.Time
}

// keys are the directory's, judged as an SDK would.
func (w *world) keys(dir string) (c keys) {
	w.t.Helper()
	out := w.ok(dir, "credential-process")
	if err := json.Unmarshal([]byte(out), &c); err != nil {
		w.t.Fatalf("no JSON object: %v", err)
	}
	if c.Version != 1 || c.SecretAccessKey == "" || len(c.SessionToken) != tokenSize || strings.Count(out, "\n") != 1 || !strings.HasSuffix(out, "}\n") ||
		time.Until(c.Expiration) < 50*time.Minute {
		w.t.Fatalf("not what an SDK wants: version %d, %d bytes of token, until %v", c.Version, len(c.SessionToken), c.Expiration)
	}
	return c
}

// calls checks how many calls STS had so far.
func (w *world) calls(want int) {
	w.t.Helper()
	if got := w.sts.Count(""); got != want {
		w.t.Fatalf("STS had %d calls, want %d", got, want)
	}
}

func secondCallIsFromTheCredentialManager(w *world) {
	w.refused(5, "qa", []string{"credential-process"}, "not trusted", "hint: whichrole trust")
	w.ok("", "trust", "--yes")
	first := w.keys("qa/vpc")
	if minted := w.sts.Calls()[0].Minted; first.AccessKeyID != minted || first.AccountID != "222222222222" {
		w.t.Errorf("got %s of account %s, and STS gave %s", first.AccessKeyID, first.AccountID, minted)
	}
	if held := w.credentials(); len(held) < 3 {
		w.t.Errorf("%d bytes of token are in %d credentials: %v", tokenSize, len(held), held)
	}
	if second := w.keys("qa"); second != first {
		w.t.Error("the second call gave something else")
	}
	w.calls(1)
	if list := w.ok("", "cache", "list"); !strings.Contains(list, qaRole) || !strings.Contains(list, "keyring") || strings.Contains(list, first.AccessKeyID) {
		w.t.Errorf("cache list: %s", list)
	}
	w.ok("", "cache", "clear")
	if list := w.ok("", "cache", "list"); strings.TrimSpace(list) != "nothing is cached" {
		w.t.Errorf("cache list after clear: %s", list)
	}
	if left := w.credentials(); len(left) > 0 {
		w.t.Errorf("cache clear left %v", left)
	}
	if third := w.keys("qa"); third.AccessKeyID == first.AccessKeyID {
		w.t.Error("the cleared keys came back")
	}
	w.calls(2)
}

func eachDirectoryHasItsRole(w *world) {
	w.ok("", "trust", "--yes")
	for dir, want := range map[string]string{"qa/vpc": "qa plan " + qaRole, "production": "production plan " + planRole} {
		if shown := strings.TrimSpace(w.ok(dir)); shown != want {
			w.t.Errorf("%s: %q, want %q", dir, shown, want)
		}
	}
	w.refused(3, "modules/vpc", []string{"credential-process"}, "whichrole: error: ", "modules", "no role")
	w.calls(0)
	if w.keys("qa").AccountID != "222222222222" || w.keys("production").AccountID != "111111111111" {
		w.t.Error("credentials of the wrong account")
	}
	w.calls(2)
}

// Any program of the account may write into the Credential Manager: a part of a value, or another role's, whole.
func foreignItemsAreReplaced(w *world) {
	w.ok("", "trust", "--yes")
	qa, production := w.keys("qa"), w.keys("production")
	id := w.ids()
	w.stored(id["qa"], "not ours")
	w.replaced(&qa)
	w.stored(id["qa"], w.stored(id["production"]))
	w.replaced(&qa)
	for _, name := range w.credentials() {
		if part, ok := strings.CutPrefix(name, "whichrole:"+id["production"]); ok {
			w.stored(id["qa"]+part, w.stored(id["production"]+part))
		}
	}
	w.replaced(&qa)
	if w.keys("production") != production {
		w.t.Error("the neighbour was lost")
	}
	w.ok("", "cache", "clear")
	if left := w.credentials(); len(left) > 0 {
		w.t.Errorf("cache clear left %v", left)
	}
}

// ids are the names of what is cached, by environment.
func (w *world) ids() map[string]string {
	w.t.Helper()
	var list []struct{ ID, Environment string }
	must(w.t, json.Unmarshal([]byte(w.ok("", "cache", "list", "--json")), &list))
	ids := map[string]string{}
	for _, e := range list {
		ids[e.Environment] = e.ID
	}
	return ids
}

// stored is one of our credentials, which gets that value before.
func (w *world) stored(name string, value ...string) string {
	w.t.Helper()
	end := w.run(w.drive, filepath.Join(w.bin, "bareget.exe"), append([]string{"whichrole", name}, value...)...)
	if end.code != 0 {
		w.t.Fatalf("%s: %s", name, end.stderr)
	}
	return strings.TrimSpace(end.stdout)
}

// replaced checks that was is not handed out any more, and what came instead is kept.
func (w *world) replaced(was *keys) {
	w.t.Helper()
	before := w.sts.Count("")
	now := w.keys("qa")
	if now.AccessKeyID == was.AccessKeyID || now.AccountID != was.AccountID {
		w.t.Errorf("got %s of account %s", now.AccessKeyID, now.AccountID)
	}
	if w.keys("qa") != now {
		w.t.Error("nothing was kept")
	}
	w.calls(before + 1)
	*was = now
}

// Terraform starts us many times at once.
func twentyAtOnce(w *world) {
	w.ok("", "trust", "--yes")
	w.sts.SetFaults(fakests.Fault{Kind: fakests.Delay, By: fakests.Duration(500 * time.Millisecond)}) // so that they meet
	var all sync.WaitGroup
	keys := make(chan string, 20)
	for range cap(keys) {
		all.Go(func() {
			var c struct{ AccessKeyID string }
			end := w.whichrole("qa", "credential-process")
			if err := json.Unmarshal([]byte(end.stdout), &c); err != nil || end.code != 0 {
				w.t.Errorf("exit code %d: %s", end.code, end.stderr)
			}
			keys <- c.AccessKeyID
		})
	}
	all.Wait()
	close(keys)
	for key := range keys {
		if minted := w.sts.Calls()[0].Minted; key != minted {
			w.t.Errorf("got %s, and the first call minted %s", key, minted)
		}
	}
	w.calls(1)
}
