package broker

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"whichrole/internal/credcache"
	"whichrole/internal/creds"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
	"whichrole/internal/process"
	"whichrole/internal/rolemap"
	"whichrole/internal/source"
	"whichrole/internal/test/fakests"
)

// world is a repository whose map is approved, an STS, and one clock for both: move it by now. Linux alone has a store
// that a test may use, the file in the runtime directory.
type world struct {
	*Broker
	sts  *fakests.Server
	now  atomic.Int64 // Unix seconds; the STS reads it on goroutines of its own
	repo string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	top, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w := &world{repo: filepath.Join(top, "infra")}
	w.now.Store(time.Now().Unix())
	w.sts = fakests.Start(fakests.Config{
		Now: w.clock,
		Users: []fakests.User{
			{AccessKeyID: "ASIAWHICHROLETEST001", SecretAccessKey: "corp-secret", SessionToken: "corp-token", ARN: "arn:aws:iam::999999999999:user/corp"},
		},
		Roles: []fakests.Role{{ARN: "arn:aws:iam::222222222222:role/qa", Trusted: []string{"999999999999"}}},
	})
	t.Cleanup(w.sts.Close)
	for _, dir := range []string{"infra/.git", "infra/hour", "infra/quarter", "infra/own", "run"} {
		if err := os.MkdirAll(filepath.Join(top, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	const text = `version: 1
source: [{environment: true}]
environments:
  hour: {dirs: [hour], role_arn: "arn:aws:iam::222222222222:role/qa"}
  quarter: {dirs: [quarter], duration: 15m, role_arn: "arn:aws:iam::222222222222:role/qa"}
  own: {dirs: [own], source: [{environment: true}], account: "999999999999"}
`
	if err := os.WriteFile(filepath.Join(w.repo, ".whichrole.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	w.Broker = &Broker{
		Env: paths.Env{
			"AWS_ENDPOINT_URL_STS": w.sts.URL, "WHICHROLE_CACHE": "file",
			"AWS_ACCESS_KEY_ID": "ASIAWHICHROLETEST001", "AWS_SECRET_ACCESS_KEY": "corp-secret", "AWS_SESSION_TOKEN": "corp-token",
		},
		Dirs: paths.Dirs{
			Home: filepath.Join(top, "home"), Config: filepath.Join(top, "config"), State: filepath.Join(top, "state"),
			Runtime: filepath.Join(top, "run", "whichrole"), RuntimeIsVolatile: true,
		},
		Callers: func(func(process.Process) bool) process.Chain { return process.Chain{} },
		Now:     w.clock, Version: func() string { return "test" }, Log: func(string, ...any) {}, Timeout: 15 * time.Second,
	}
	return w
}

func (w *world) clock() time.Time { return time.Unix(w.now.Load(), 0) }

func (w *world) ask(t *testing.T, dir string, patience time.Duration) (*Handed, error) {
	t.Helper()
	if err := w.metadata().Flight.Lift(); err != nil { // as if it were long ago that somebody failed
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	h, err := w.Credentials(ctx, Request{Dir: filepath.Join(w.repo, dir), MapFlag: filepath.Join(w.repo, ".whichrole.yaml")})
	if err != nil && h != nil {
		t.Error("an error, and credentials all the same")
	}
	return h, err
}

// Some SDKs use credentials to the very second of their Expiration: those just minted say the same as cached ones.
func TestExpirationIsAMinuteBeforeTheEnd(t *testing.T) {
	w := newWorld(t)
	end := w.clock().Add(time.Hour) // that is what the fake STS gives
	for _, from := range []string{"STS", "the cache"} {
		h, err := w.ask(t, "hour", 10*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		if !h.Credentials.Expires.Equal(end) || !h.Expiration.Equal(end.Add(-time.Minute)) {
			t.Errorf("from %s: it ends at %s, STS said %s; printed is %s", from, h.Credentials.Expires, end, h.Expiration)
		}
		w.now.Add(600)
	}
	if n := w.sts.Count("AssumeRole"); n != 1 {
		t.Errorf("STS was asked %d times", n)
	}
}

// Temporary keys in variables do not tell when they end: an Expiration that is made up would be worse than none, and one
// of the year 1 would make each SDK ask again before each call.
func TestOwnKeysHaveAnExpirationOnlyWhereOneIsKnown(t *testing.T) {
	w := newWorld(t)
	h, err := w.ask(t, "own", 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if !h.Expiration.IsZero() || h.Credentials.SessionToken.Reveal() != "corp-token" || h.Credentials.AccountID != "999999999999" {
		t.Errorf("expiration %s, account %s", h.Expiration, h.Credentials.AccountID)
	}
	base := creds.Credentials{
		AccessKeyID: "ASIAWHICHROLETEST001", SecretAccessKey: creds.NewSecret("corp-secret"), SessionToken: creds.NewSecret("corp-token"),
		Expires: w.clock().Add(time.Hour),
	}
	choice := &source.Choice{Keys: &base, Settings: source.Settings{STSEndpoint: w.sts.URL}}
	grant := &rolemap.Grant{Environment: "own", Account: "999999999999", Partition: "aws"}
	h, err = (&walk{Broker: w.Broker, cache: w.metadata(), grant: grant, first: First{Choice: choice}}).own(t.Context())
	if err != nil || !h.Expiration.Equal(credcache.Printed(base.Expires)) || h.Expiration.Equal(base.Expires) {
		t.Errorf("they end at %s, %+v, %v", base.Expires, h, err)
	}
}

// An hour's session is renewed from 20 minutes before its end, a quarter's from half of it; if AWS is silent then, what is
// left is served. A refusal is no silence: whoever lost the role must not get it from the cache.
func TestWhatIsLeftIsServedOnlyWhereAWSIsSilent(t *testing.T) {
	const fresh, usable, gone = "fresh", "usable", "gone"
	for _, tt := range []struct {
		dir  string
		left time.Duration
		it   string
	}{
		{"hour", 20 * time.Minute, fresh},
		{"hour", 20*time.Minute - time.Second, usable},
		{"hour", 2*time.Minute + time.Second, usable},
		{"hour", 2 * time.Minute, gone},
		{"hour", 30 * time.Second, gone},
		{"hour", 0, gone},
		{"hour", -time.Minute, gone},
		{"quarter", 450 * time.Second, fresh},
		{"quarter", 449 * time.Second, usable},
		{"quarter", 2 * time.Minute, gone},
		{"quarter", -time.Second, gone},
	} {
		t.Run(tt.dir+" "+tt.left.String(), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			first, err := w.ask(t, tt.dir, 10*time.Second)
			if err != nil {
				t.Fatal(err)
			}
			w.now.Store(first.Credentials.Expires.Add(-tt.left).Unix())
			for name, f := range silence {
				w.sts.SetFaults(f)
				h, err := w.ask(t, tt.dir, 100*time.Millisecond)
				w.served(t, name, tt.it != gone, first, h, err, problem.Unreachable)
			}
			for name, f := range refusals {
				w.sts.SetFaults(f)
				h, err := w.ask(t, tt.dir, 10*time.Second)
				w.served(t, name, tt.it == fresh, first, h, err, problem.Refused)
			}
			if n := w.sts.Count(""); (n == 1) != (tt.it == fresh) {
				t.Errorf("STS had %d calls", n)
			}
			w.sts.SetFaults()
			h, err := w.ask(t, tt.dir, 10*time.Second)
			if err != nil || (h.Credentials.AccessKeyID == first.Credentials.AccessKeyID) != (tt.it == fresh) {
				t.Errorf("STS is back: %+v %v", h, err)
			}
		})
	}
}

var silence = map[string]fakests.Fault{
	"hang": {Kind: fakests.Hang}, "throttle": {Kind: fakests.Throttle}, "cut": {Kind: fakests.Cut}, "portal": {Kind: fakests.Garbage},
	"503": {Kind: fakests.Scripted, Status: 503, Code: "ServiceUnavailable"},
}

var refusals = map[string]fakests.Fault{
	"denied": {Kind: fakests.Refuse}, "region": {Kind: fakests.RegionDisabled},
	"unknown key": {Kind: fakests.Scripted, Status: 403, Code: "InvalidClientTokenId", Message: "The security token included in the request is invalid."},
}

// served asserts that an answer is the first one again, or an error of that code.
func (w *world) served(t *testing.T, fault string, want bool, first, h *Handed, err error, code problem.Code) {
	t.Helper()
	switch {
	case !want && problem.CodeOf(err) != code:
		t.Errorf("%s: %+v, %v, want code %d", fault, h, err, code)
	case want && (err != nil || h.Credentials.AccessKeyID != first.Credentials.AccessKeyID || !h.Expiration.Equal(first.Expiration)):
		t.Errorf("%s: %+v, %v, want what is left", fault, h, err)
	}
}

// What was left when STS was asked had ended when STS had not answered: the wait counts.
func TestWhatEndedWhileSTSWasAskedIsNotServed(t *testing.T) {
	w := newWorld(t)
	first, err := w.ask(t, "hour", 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	w.now.Store(first.Credentials.Expires.Add(-3 * time.Minute).Unix())
	w.Log = func(format string, _ ...any) {
		if strings.HasPrefix(format, "not from the cache") {
			w.now.Add(600)
		}
	}
	w.sts.SetFaults(fakests.Fault{Kind: fakests.Hang})
	if h, err := w.ask(t, "hour", 100*time.Millisecond); problem.CodeOf(err) != problem.Unreachable {
		t.Errorf("%+v, %v", h, err)
	}
}
