//go:build linux

package faults

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"whichrole/internal/keystore"
	"whichrole/internal/paths"
	"whichrole/internal/test/fakests"
)

const (
	corpID, corpSecret = "AKIAFAULTSFAULTS0001", "a-secret-that-only-the-fake-sts-knows"

	roleMap = `version: 1
source: [{profile: corp}]
defaults: {session_name: "faults-{env}", region: eu-west-1}
environments:
  qa: {dirs: [qa], role_arn: "arn:aws:iam::222222222222:role/qa"}
  production: {dirs: [production], role_arn: "arn:aws:iam::111111111111:role/production"}
`
)

// sessions are the ARNs of what each environment's credentials must be.
var sessions = map[string]string{
	"qa":         "arn:aws:sts::222222222222:assumed-role/qa/faults-qa",
	"production": "arn:aws:sts::111111111111:assumed-role/production/faults-production",
}

// world is one user's machine: a home, a repository whose map is trusted, a runtime directory for the file store, and an STS.
// What is not its alone, the kernel keyring and shared memory, is left alone: other tests, and the user, have theirs there.
type world struct {
	t       *testing.T
	dir     string // all of it; a short name, because the path of a socket may have 107 bytes
	runtime string // XDG_RUNTIME_DIR
	state   string // our state directory
	env     map[string]string
	jail    string // what its processes may not do: see enterJail
	sts     *fakests.Server
	endSTS  func()

	mu     sync.Mutex
	minted map[string]fakests.Answer // by access key id, before it leaves the server
}

func newWorld(t *testing.T) *world {
	t.Helper()
	dir, err := os.MkdirTemp("", "wr-faults-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	home := filepath.Join(dir, "home")
	w := &world{t: t, dir: dir, runtime: filepath.Join(dir, "run"), state: filepath.Join(home, ".local/state/whichrole"), minted: map[string]fakests.Answer{}}
	w.startSTS()
	w.write("home/.aws/credentials", "[corp]\naws_access_key_id = "+corpID+"\naws_secret_access_key = "+corpSecret+"\n")
	w.write("infra/.whichrole.yaml", roleMap)
	w.write("infra/.git/HEAD", "ref: refs/heads/main\n")
	for _, d := range []string{w.runtime, w.place("qa"), w.place("production")} {
		w.must(os.MkdirAll(d, 0o700))
	}
	w.env = map[string]string{
		"PATH": os.Getenv("PATH"), "HOME": home, "XDG_RUNTIME_DIR": w.runtime,
		"DBUS_SESSION_BUS_ADDRESS": "unix:path=" + filepath.Join(dir, "no-bus"), // without it the user's own would be found
		"AWS_ENDPOINT_URL_STS":     w.sts.URL,
		"WHICHROLE_CACHE":          "file",
	}
	w.whichrole("trust", "--yes")
	t.Cleanup(w.noSecretLies)
	return w
}

// auto has the store chosen as it is where nobody chooses, in a container that forbids the kernel keyring.
func (w *world) auto() { w.env["WHICHROLE_CACHE"], w.jail = "auto", noKeys }

func (w *world) startSTS() {
	everybody := []string{"999999999999"}
	w.sts = fakests.Start(fakests.Config{
		Users: []fakests.User{{AccessKeyID: corpID, SecretAccessKey: corpSecret, ARN: "arn:aws:iam::999999999999:user/corp"}},
		Roles: []fakests.Role{
			{ARN: "arn:aws:iam::222222222222:role/qa", Trusted: everybody},
			{ARN: "arn:aws:iam::111111111111:role/production", Trusted: everybody},
		},
		Tamper: func(a *fakests.Answer) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.minted[a.AccessKeyID] = *a
		},
	})
	w.endSTS = sync.OnceFunc(w.sts.Close)
	w.t.Cleanup(w.endSTS)
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) write(name, text string) {
	w.t.Helper()
	path := filepath.Join(w.dir, name)
	w.must(os.MkdirAll(filepath.Dir(path), 0o700))
	w.must(os.WriteFile(path, []byte(text), 0o600))
}

// place is the directory of an environment.
func (w *world) place(env string) string { return filepath.Join(w.dir, "infra", env) }

// faults replaces what is wrong with STS.
func (w *world) faults(f ...fakests.Fault) { w.sts.SetFaults(f...) }

// slow makes STS take that long, so that processes meet.
func (w *world) slow(d time.Duration) {
	w.faults(fakests.Fault{Kind: fakests.Delay, By: fakests.Duration(d)})
}

// until waits until it is so.
func (w *world) until(what string, so func() bool) {
	w.t.Helper()
	for end := time.Now().Add(10 * time.Second); !so(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			w.t.Fatalf("still not so after 10 s: %s", what)
		}
	}
}

// asked waits until STS has had so many calls.
func (w *world) asked(n int) {
	w.t.Helper()
	w.until(fmt.Sprintf("STS has been asked %d times", n), func() bool { return w.sts.Count("") >= n })
}

// calls asserts how often STS has been asked so far.
func (w *world) calls(least, most int) {
	w.t.Helper()
	if n := w.sts.Count(""); n < least || n > most {
		w.t.Errorf("STS was asked %d times, want %d to %d", n, least, most)
	}
}

// ids are those of the entries that were listed at any time.
func (w *world) ids() (ids []string) {
	files, _ := filepath.Glob(filepath.Join(w.state, "cache", "*.json"))
	for _, f := range files {
		ids = append(ids, strings.TrimSuffix(filepath.Base(f), ".json"))
	}
	return ids
}

// file is the file store of this world, and the id of the one entry in it.
func (w *world) file() (keystore.Store, string) {
	w.t.Helper()
	store, err := keystore.Open(keystore.File, keystore.Options{Env: w.env, Dirs: paths.Find(w.env, "linux")})
	w.must(err)
	ids := w.ids()
	if len(ids) != 1 {
		w.t.Fatalf("%d entries are cached, want one", len(ids))
	}
	return store, ids[0]
}

// kept is what lies in the file store.
func (w *world) kept() string {
	w.t.Helper()
	store, id := w.file()
	value, err := store.Get(w.t.Context(), id)
	w.must(err)
	return string(value)
}

// age makes what lies in the file store older, as time would.
func (w *world) age(by time.Duration) {
	w.t.Helper()
	words := strings.Split(w.kept(), " ") // credcache's item: the fifth and sixth are when it was minted and when it expires
	for _, i := range []int{4, 5} {
		seconds, err := strconv.ParseInt(words[i], 10, 64)
		w.must(err)
		words[i] = strconv.FormatInt(seconds-int64(by.Seconds()), 10)
	}
	store, id := w.file()
	w.must(store.Set(w.t.Context(), id, []byte(strings.Join(words, " ")), time.Now().Add(time.Hour)))
	w.mu.Lock()
	defer w.mu.Unlock()
	for id, a := range w.minted {
		expires, err := time.Parse(time.RFC3339, a.Expiration)
		w.must(err)
		a.Expiration = expires.Add(-by).Format(time.RFC3339)
		w.minted[id] = a
	}
}
