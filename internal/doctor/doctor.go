// Package doctor looks at the whole set-up, and says of each thing whether it is well, why that matters, and what mends it.
package doctor

import (
	"context"
	"sync"
	"time"

	"whichrole/internal/bounded"
	"whichrole/internal/broker"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// Level is how bad a finding is.
type Level string

// The levels, the best first.
const (
	OK      Level = "ok"
	Note    Level = "note"    // good to know
	Warning Level = "warning" // something does less than it could, or something else than one thinks
	Broken  Level = "broken"  // nothing is handed out, or to the wrong ones
)

// Finding is one thing that was looked at. Its words hold no secret, are short of the home's path and of account ids, and may
// quote hostile names: whoever prints them escapes them. The JSON names are those of doctor --json.
type Finding struct {
	ID    string `json:"id"` // program, profiles, shadow, settings, map, source, cache, sts, clock, files, failure, audit, variables
	Level Level  `json:"level"`
	What  string `json:"what"`
	Why   string `json:"why,omitempty"` // it matters
	Fix   string `json:"fix,omitempty"` // one line to paste, or one fact
}

// Patient is what is looked at.
type Patient struct {
	Broker  *broker.Broker
	Request broker.Request
	Program string // the path of this program, "" where the system does not tell
	About   string // its version and the system, in words
	// Patience is how long a check may take before the others go on without it.
	Patience time.Duration
}

// visit is one examination: what several checks need is found out once.
type visit struct {
	Patient
	env      paths.Env
	dirs     paths.Dirs
	decision func() (*broker.Decision, error)
}

// Examine makes all checks side by side, and gives their findings in one order. It asks nobody, unlocks nothing and sends no
// credentials anywhere.
func (p Patient) Examine(ctx context.Context) (list []Finding) {
	v := &visit{Patient: p, env: p.Broker.Env, dirs: p.Broker.Dirs}
	v.decision = sync.OnceValues(func() (*broker.Decision, error) { return p.Broker.Decide(p.Request) })
	checks := []struct {
		id    string
		check func(context.Context) []Finding
	}{
		{"program", v.program}, {"profiles", v.profiles}, {"shadow", v.shadows}, {"settings", v.settings}, {"map", v.roleMap}, {"source", v.source},
		{"cache", v.cache}, {"sts", v.sts}, {"files", v.files}, {"failure", v.failures}, {"audit", v.audit}, {"variables", v.variables},
	}
	found := make([][]Finding, len(checks))
	var running sync.WaitGroup
	for i, c := range checks {
		running.Go(func() { found[i] = p.within(ctx, c.id, c.check) })
	}
	running.Wait()
	for _, findings := range found {
		for _, f := range findings {
			list = append(list, f.tidied(v.dirs.Home))
		}
	}
	return list
}

// within is a check that comes to an end: a network file system that is gone knows no deadline.
func (p Patient) within(ctx context.Context, id string, check func(context.Context) []Finding) []Finding {
	ctx, cancel := context.WithTimeout(ctx, p.Patience)
	defer cancel()
	findings, err := bounded.Run(ctx, time.Second, func() ([]Finding, error) { return check(ctx), nil })
	if err != nil {
		return []Finding{{ID: id, Level: Broken, What: "looking at this did not end in " + p.Patience.String(),
			Why: "what it waits for keeps helpers waiting as well", Fix: "perhaps a network file system that does not answer"}}
	}
	return findings
}

// well is the finding of what is as it should be.
func well(id, what string) Finding { return Finding{ID: id, Level: OK, What: what} }

// failed is the finding of an error, in its own words.
func failed(id string, level Level, err error, why string) Finding {
	return Finding{ID: id, Level: level, What: err.Error(), Why: why, Fix: problem.HintOf(err)}
}
