//go:build linux

package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"whichrole/internal/test/fakests"
)

// key is what has one place in the cache, and whose credentials must be there.
type key struct {
	env, operation, account, role string
	short                         bool // STS gives sessions that are renewed within the storm
}

// session is the ARN that its credentials have.
func (k key) session() string {
	return fmt.Sprintf("arn:aws:sts::%s:assumed-role/%s/storm-%s", k.account, k.role, k.env)
}

// roles are what STS is asked for, hop by hop.
func (k key) roles() []string {
	role := fmt.Sprintf("arn:aws:iam::%s:role/%s", k.account, k.role)
	if k.env == "six" {
		return []string{hub, role}
	}
	return []string{role}
}

const (
	corpID, corpSecret = "AKIASTORMSTORMSTORM1", "a-secret-that-only-the-fake-sts-knows"
	corpUser           = "arn:aws:iam::999999999999:user/you"
	hub                = "arn:aws:iam::999999999999:role/hub"

	roleMap = `version: 1
source: [{profile: corp}]
defaults: {session_name: "storm-{env}", region: eu-west-1}
environments:
  one:   {dirs: [one], role_arn: "arn:aws:iam::111111111111:role/terraform"}
  two:   {dirs: [two], role_arn: "arn:aws:iam::222222222222:role/terraform"}
  three: {dirs: [three], role_arn: "arn:aws:iam::333333333333:role/terraform"}
  four:  {dirs: [four], role_arn: "arn:aws:iam::333333333333:role/other"}
  five:  {dirs: [five], role_arn: {plan: "arn:aws:iam::555555555555:role/plan", apply: "arn:aws:iam::555555555555:role/apply"}}
  six:   {dirs: [six], via: ["` + hub + `"], role_arn: "arn:aws:iam::666666666666:role/terraform"}
`
)

var allKeys = []key{
	{"one", "plan", "111111111111", "terraform", true},
	{"two", "plan", "222222222222", "terraform", false},
	{"three", "plan", "333333333333", "terraform", true},
	{"four", "plan", "333333333333", "other", false},
	{"five", "plan", "555555555555", "plan", true},
	{"five", "apply", "555555555555", "apply", false},
	{"six", "plan", "666666666666", "terraform", false},
}

// world is a machine of its own: HOME, repository, keyring and STS, and what happened there.
type world struct {
	binary, dir string
	env         []string
	keys        []key
	keyring     *keyring
	sts         *fakests.Server

	mu          sync.Mutex
	least, most time.Duration // of a short session
	book        book
	badDays     int // of STS
	hangs       int // of the keyring daemon
}

func newWorld(binary string) (*world, error) {
	dir, err := os.MkdirTemp("", "wr-stress-") // short: the path of a socket may have 107 bytes
	if err != nil {
		return nil, err
	}
	w := &world{binary: binary, dir: dir, keys: allKeys, least: usualLife, most: usualMost, book: book{minted: map[string]minted{}}}
	w.sts = fakests.Start(w.stsConfig())
	home := filepath.Join(dir, "home")
	w.env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + home, "XDG_RUNTIME_DIR=" + filepath.Join(dir, "run"),
		"DBUS_SESSION_BUS_ADDRESS=" + busAddress(dir), "AWS_ENDPOINT_URL_STS=" + w.sts.URL, "WHICHROLE_TIMEOUT=" + timeout.String(),
	}
	err = w.furnish(home)
	if err == nil {
		w.keyring, err = startKeyring(dir, w.env)
	}
	if err == nil {
		err = w.whichrole("one", "trust", "--yes")
	}
	if err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

func (w *world) furnish(home string) error {
	dirs := []string{filepath.Join(home, ".aws"), filepath.Join(w.dir, "run"), filepath.Join(w.dir, "infra", ".git")}
	for _, k := range w.keys {
		dirs = append(dirs, w.place(k.env))
	}
	for _, dir := range dirs {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	for path, content := range map[string]string{
		filepath.Join(home, ".aws", "credentials"):       "[corp]\naws_access_key_id = " + corpID + "\naws_secret_access_key = " + corpSecret + "\n",
		filepath.Join(w.dir, "infra", ".whichrole.yaml"): roleMap,
		filepath.Join(w.dir, "infra", ".git", "HEAD"):    "ref: refs/heads/main\n",
	} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) place(env string) string { return filepath.Join(w.dir, "infra", env) }

func (w *world) stsConfig() fakests.Config {
	c := fakests.Config{
		Users:  []fakests.User{{AccessKeyID: corpID, SecretAccessKey: corpSecret, ARN: corpUser}},
		Faults: []fakests.Fault{usual},
		Tamper: w.write,
	}
	for _, k := range w.keys {
		caller := corpUser
		for _, role := range k.roles() {
			c.Roles = append(c.Roles, fakests.Role{ARN: role, Trusted: []string{caller}})
			caller = role
		}
	}
	return c
}

// How long the short sessions last. whichrole serves a session while more than 120 s remain, so these are renewed after 15
// to 30 s; the shortest is taken at all and stored, and then soon too old.
const (
	usualLife = 135 * time.Second
	usualMost = 150 * time.Second
	shortest  = 126 * time.Second
)

func (w *world) setLife(least, most time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.least, w.most = least, most
}

// write gives the short sessions their end, and writes down every one before it leaves the server.
func (w *world) write(a *fakests.Answer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, k := range w.keys {
		if k.short && a.ARN == k.session() {
			a.Expiration = time.Now().Add(w.least + rand.N(w.most-w.least)).UTC().Format("2006-01-02T15:04:05Z")
		}
	}
	expires, _ := time.Parse(time.RFC3339, a.Expiration)
	w.book.minted[a.AccessKeyID] = minted{a.ARN, a.SecretAccessKey, a.SessionToken, time.Now(), expires}
}

// whichrole runs one command that has to work.
func (w *world) whichrole(env string, args ...string) error {
	cmd := exec.Command(w.binary, args...)
	cmd.Dir, cmd.Env = w.place(env), w.env
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("whichrole %s: %w: %s", strings.Join(args, " "), err, out)
	}
	return nil
}

// close forgets by name what was cached: the kernel keyring is the user's own, and nothing else in it is touched.
func (w *world) close() {
	for _, k := range w.keys {
		w.whichrole(k.env, "cache", "clear", "--env", k.env)
	}
	if w.keyring != nil {
		w.keyring.close()
	}
	w.sts.Close()
	os.RemoveAll(w.dir)
}
