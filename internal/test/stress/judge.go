//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// book is what happened: the sessions that STS minted by access key id, the calls that it failed, and what each process did.
type book struct {
	minted   map[string]minted
	troubles []trouble
	cleared  []clearing
	ran      []process
}

// clearing is a cache clear of one environment, and when it had ended.
type clearing struct {
	env string
	at  time.Time
}

type minted struct {
	arn, secret, token string
	at, expires        time.Time
}

// trouble is an STS call that went wrong, with the exit code that fits.
type trouble struct {
	role string // that it asked for
	at   time.Time
	code int
}

// process is one run of credential-process.
type process struct {
	key            key
	started, ended time.Time
	killed         bool // by us, with success
	stopped        bool // for a while
	hung           bool // and was ended by us
	code           int
	stdout, stderr []byte
}

// A verdict is what became of a process.
type verdict string

const (
	handed  verdict = "handed out"
	killed  verdict = "killed"
	failed  verdict = "failed"
	wrong   verdict = "wrong"   // not what STS minted for that directory
	torn    verdict = "torn"    // not one whole answer, or a failure with an answer
	expired verdict = "expired" // as printed
	unfit   verdict = "unfit"   // a failure without a reason, or with another exit code than its reason has
	hung    verdict = "hung"
)

var bad = []verdict{wrong, torn, expired, unfit, hung}

const (
	timeout  = 6 * time.Second // WHICHROLE_TIMEOUT
	cooldown = 5 * time.Second // for which a failure is shared
	slack    = 2 * time.Second // of two busy cores
)

// answer is what credential-process prints; SPEC "Handing out credentials".
type answer struct {
	Version                                               int
	AccessKeyId, SecretAccessKey, SessionToken, AccountId string
	Expiration                                            time.Time
}

// judge tells what became of the process, and why if that is bad.
func (b *book) judge(p process) (verdict, string) {
	switch {
	case p.hung:
		return hung, "it had to be ended"
	case p.killed && len(p.stdout) == 0:
		return killed, ""
	case !p.killed && p.code != 0:
		return b.judgeFailure(p)
	}
	a, err := parse(p.stdout)
	if err != nil {
		return torn, err.Error()
	}
	m, known := b.minted[a.AccessKeyId]
	switch {
	case !known:
		return wrong, "STS minted no " + a.AccessKeyId
	case m.arn != p.key.session() || a.AccountId != p.key.account:
		return wrong, "it is of " + m.arn
	case m.secret != a.SecretAccessKey || m.token != a.SessionToken:
		return wrong, "its parts do not belong together"
	case !a.Expiration.Equal(m.expires.Add(-time.Minute)):
		return wrong, fmt.Sprintf("it says %s for an end at %s", a.Expiration, m.expires)
	case !a.Expiration.After(p.ended):
		return expired, fmt.Sprintf("at %s", a.Expiration)
	case p.killed:
		return killed, ""
	case len(p.stderr) > 0:
		return unfit, "a success, with words on stderr"
	}
	return handed, ""
}

func (b *book) judgeFailure(p process) (verdict, string) {
	if len(p.stdout) > 0 {
		return torn, "a failure with an answer"
	}
	if !strings.HasPrefix(string(p.stderr), "whichrole: error: ") || len(p.stderr) > 4<<10 {
		return unfit, "its stderr is not as promised"
	}
	late := p.stopped && p.code == 8 // its deadline went by
	if !late && !slices.ContainsFunc(b.troubles, func(t trouble) bool { return t.excuses(p) }) {
		return unfit, "nothing was wrong"
	}
	return failed, ""
}

// excuses counts in that who made the call may fail at its own deadline, and that this is shared for a while.
func (t trouble) excuses(p process) bool {
	return slices.Contains(p.key.roles(), t.role) && p.code == t.code &&
		p.ended.After(t.at) && p.started.Before(t.at.Add(timeout+cooldown+slack))
}

// parse takes exactly one line with exactly one whole answer.
func parse(stdout []byte) (answer, error) {
	var a answer
	if bytes.Count(stdout, []byte("\n")) != 1 || !bytes.HasSuffix(stdout, []byte("}\n")) {
		return a, fmt.Errorf("%d bytes that are not one line of JSON", len(stdout))
	}
	d := json.NewDecoder(bytes.NewReader(stdout))
	d.DisallowUnknownFields()
	if err := d.Decode(&a); err != nil {
		return a, fmt.Errorf("an answer that is no JSON of ours: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return a, fmt.Errorf("more than one answer")
	}
	if a.Version != 1 || a.AccessKeyId == "" || a.SecretAccessKey == "" || a.SessionToken == "" || a.AccountId == "" || a.Expiration.IsZero() {
		return a, fmt.Errorf("an answer with a part missing")
	}
	return a, nil
}

// fresh tells whether the session is still to be served from the cache at now, and for some seconds more: SPEC's rule.
func (m minted) fresh(now time.Time) bool {
	left, life := m.expires.Sub(now), m.expires.Sub(m.at)
	return left > max(min(20*time.Minute, life/2), 2*time.Minute)+5*time.Second
}

// kept are the sessions, by access key id, that must still be served from the cache at now. One that came by a process which
// stood still need not: its deadline may have gone by before it could store what it handed out.
func (b *book) kept(k key, now time.Time) []string {
	must := map[string]bool{}
	for _, p := range b.ran {
		a, err := parse(p.stdout)
		if p.key != k || p.code != 0 || err != nil {
			continue
		}
		m := b.minted[a.AccessKeyId]
		before, seen := must[a.AccessKeyId]
		must[a.AccessKeyId] = !p.stopped && (before || !seen) && m.fresh(now) && !b.clearedSince(k.env, m.at)
	}
	maps.DeleteFunc(must, func(_ string, kept bool) bool { return !kept })
	return slices.Collect(maps.Keys(must))
}

// clearedSince tells whether what was minted then may have been cleared.
func (b *book) clearedSince(env string, then time.Time) bool {
	return slices.ContainsFunc(b.cleared, func(c clearing) bool { return c.env == env && c.at.After(then) })
}
