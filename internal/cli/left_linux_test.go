package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"whichrole/internal/flight"
	"whichrole/internal/paths"
	"whichrole/internal/test/fakests"
)

type printed struct {
	AccessKeyID string `json:"AccessKeyId"`
	Expiration  time.Time
}

// An STS that answers for ever with nothing must not make Terraform wait for ever: the call ends by itself, with what is
// left in the cache or with exit 8. A refusal is told, although something is left.
func TestCredentialProcessEndsAndServesWhatIsLeft(t *testing.T) {
	sts := fakests.Start(fakests.Config{
		Users: []fakests.User{{AccessKeyID: "AKIAWHICHROLETEST001", SecretAccessKey: "corp-secret", ARN: "arn:aws:iam::999999999999:user/corp"}},
		Roles: []fakests.Role{{ARN: "arn:aws:iam::222222222222:role/qa", Trusted: []string{"999999999999"}}},
	})
	t.Cleanup(sts.Close)
	root, call := checkout(t, "version: 1\nsource: [{environment: true}]\nenvironments:\n"+
		"  qa: {dirs: [.], role_arn: \"arn:aws:iam::222222222222:role/qa\"}\n")
	run := filepath.Join(filepath.Dir(root), "run")
	mkdir(t, run)
	environ := []string{
		"XDG_RUNTIME_DIR=" + run, "WHICHROLE_CACHE=file", "WHICHROLE_TIMEOUT=300ms", "AWS_ENDPOINT_URL_STS=" + sts.URL,
		"AWS_ACCESS_KEY_ID=AKIAWHICHROLETEST001", "AWS_SECRET_ACCESS_KEY=corp-secret",
	}
	ask := func(fault string, want int) (answer printed) {
		t.Helper()
		sts.SetFaults(fakests.Fault{Kind: fault})
		if err := (&flight.Group{Dirs: paths.Find(paths.EnvOf(environ), "linux")}).Lift(); err != nil { // 5 s have passed
			t.Fatal(err)
		}
		type result struct {
			stdout, stderr string
			code           int
		}
		done := make(chan result, 1)
		go func() {
			stdout, stderr, code := call(environ, "credential-process", "-C", root)
			done <- result{stdout, stderr, code}
		}()
		select {
		case r := <-done:
			if r.code != want || (r.stdout == "") != (want != 0) || (r.stderr == "") != (want == 0) {
				t.Fatalf("%s: exit %d, want %d, %d bytes on stdout, stderr %q", fault, r.code, want, len(r.stdout), r.stderr)
			}
			if want == 0 {
				if err := json.Unmarshal([]byte(r.stdout), &answer); err != nil {
					t.Fatal(err)
				}
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("%s: still no answer after 20 s, with WHICHROLE_TIMEOUT=300ms", fault)
		}
		return answer
	}
	call(nil, "trust", "--yes", "-C", root)
	ask(fakests.Hang, 8)
	ask(fakests.HangBody, 8)
	environ = append(environ[:2:2], environ[3:]...) // what has to succeed has its 15 s
	first := ask("", 0)
	if left := time.Until(first.Expiration); left > 59*time.Minute || left < 58*time.Minute {
		t.Errorf("an hour's session is printed as good for %s", left)
	}
	environ = append(environ, "WHICHROLE_TIMEOUT=300ms")
	age(t, run, 45*time.Minute)
	for _, silence := range []string{fakests.Hang, fakests.Throttle, fakests.Internal, fakests.Cut} {
		if left := ask(silence, 0); left.AccessKeyID != first.AccessKeyID || !left.Expiration.Equal(first.Expiration.Add(-45*time.Minute)) {
			t.Errorf("%s: got %+v, first %+v", silence, left, first)
		}
	}
	environ = environ[:len(environ)-1]
	ask(fakests.Refuse, 7)
	age(t, run, 13*time.Minute+5*time.Second) // less than two minutes are left
	ask(fakests.Internal, 8)
	age(t, run, 5*time.Minute)
	ask(fakests.Internal, 8)
	if again := ask("", 0); again.AccessKeyID == first.AccessKeyID {
		t.Error("the expired ones again")
	}
}

// age makes what is cached older than it is.
func age(t *testing.T, run string, by time.Duration) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(run, "whichrole", "credential-*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%s: %v", files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Split(string(text), " ") // credcache's item: the fifth and sixth are when it was minted and when it expires
	for _, i := range []int{4, 5} {
		seconds, err := strconv.ParseInt(words[i], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		words[i] = strconv.FormatInt(seconds-int64(by/time.Second), 10)
	}
	text = []byte(strings.Join(words, " "))
	if err := os.WriteFile(files[0], text, 0o600); err != nil {
		t.Fatal(err)
	}
}
