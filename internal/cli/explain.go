package cli

import (
	"cmp"
	"strings"
	"time"

	"whichrole/internal/broker"
	"whichrole/internal/failures"
	"whichrole/internal/output"
	"whichrole/internal/problem"
	"whichrole/internal/rolemap"
	"whichrole/internal/terraform"
)

type explainCmd struct {
	JSON bool `name:"json" help:"Print one JSON object."`
	All  bool `help:"Print each rule of the map, however many do not match."`
}

// explained is show's object and the reasons behind it.
type explained struct {
	shown
	Error       string            `json:"error,omitempty"` // why there is no role, or why it is not handed out
	Hint        string            `json:"hint,omitempty"`
	Reasons     []rolemap.Reason  `json:"reasons"`
	Terrateam   *terrateamFacts   `json:"terrateam,omitempty"`        // where its configuration decides
	Others      map[string]string `json:"other_operations,omitempty"` // the role ARN or permission set of each operation that gets another one
	STS         string            `json:"sts,omitempty"`              // the region that STS is asked in, or the endpoint
	Sources     []string          `json:"sources"`                    // each entry that was looked at, and why it was used or passed over
	Cache       *cacheState       `json:"cache"`
	ShadowedBy  []shadowed        `json:"shadowed_by"`        // what keeps SDKs from asking whichrole at all, or has them ask as another
	Processes   []terraform.Step  `json:"processes"`          // that called this one, the nearest first
	LastFailure *failed           `json:"last_failure"`       // of a helper's call from this directory, null where the last one succeeded
	Elsewhere   []failed          `json:"failures_elsewhere"` // the latest below this directory and outside the repository
}

type shadowed struct {
	What  string `json:"what"`
	Where string `json:"where,omitempty"`
	Hint  string `json:"hint,omitempty"`
}

type failed struct {
	Time    time.Time `json:"time"`
	Dir     string    `json:"dir"`
	Exit    int       `json:"exit"`
	Error   string    `json:"error"`
	Hint    string    `json:"hint,omitempty"`
	Caller  string    `json:"caller,omitempty"` // the program that asked
	Seconds int       `json:"-"`                // since then
}

// cacheState is what the metadata says of this grant's credentials; the keyring itself is left alone.
type cacheState struct {
	Cached    bool   `json:"cached"`
	Store     string `json:"store,omitempty"`
	ExpiresIn string `json:"expires_in,omitempty"`
}

const notTrusted = "not trusted"

// Run works for an untrusted map too, and says so. It fails only where there is no role to explain.
func (c *explainCmd) Run(a *app) error {
	request, err := a.request()
	if err != nil {
		return err
	}
	request.Untrusted = true
	b := a.broker()
	d, decideErr := b.Decide(request)
	outcome := decideErr
	if problem.CodeOf(decideErr) == problem.NotTrusted {
		outcome = nil
	}
	if d.File == nil && problem.CodeOf(decideErr) != problem.NoEnvironment { // no place, or a broken file of the user's
		return decideErr
	}
	x := a.explanation(b, request, d, decideErr)
	if c.JSON {
		err = output.JSON(a.stdout, x)
	} else {
		p := page{style: a.style(), w: a.stdout, d: d, x: x, all: c.All}
		p.print(request)
	}
	if err == nil && outcome != nil {
		return silent{problem.CodeOf(outcome)} // it has been told
	}
	return err
}

func (a *app) explanation(b *broker.Broker, r broker.Request, d *broker.Decision, decideErr error) explained {
	x := explained{Reasons: d.Reasons, Sources: []string{}, ShadowedBy: []shadowed{}, Elsewhere: []failed{}, Processes: b.Doing().Steps, Terrateam: terrateamWords(d)}
	for _, s := range b.Shadows(r) {
		x.ShadowedBy = append(x.ShadowedBy, shadowed{s.Text, s.Where, s.Hint})
	}
	if f, found := b.LastFailure(r, d); found {
		x.LastFailure = a.failed(f)
	}
	for _, f := range b.FailuresElsewhere(r, d) {
		x.Elsewhere = append(x.Elsewhere, *a.failed(f))
	}
	if decideErr != nil {
		x.Error = decideErr.Error()
		x.Hint = strings.TrimSuffix(strings.TrimSuffix(problem.HintOf(decideErr), "whichrole explain"), "run: ") // it is
	}
	switch {
	case d.Grant == nil:
		x.Workspace, x.Operation, x.Trust, x.Chain = d.Target.Workspace, string(d.Target.Operation), cmp.Or(d.Trust.How, notTrusted), []string{}
		if d.File != nil {
			x.Map, x.Dir = d.File.Path, d.File.Dir
		}
	case problem.CodeOf(decideErr) == problem.NotTrusted: // nothing is looked up for it: a source may name any file
		x.shown = decided(d, broker.First{})
		if d.Trust.How == "" {
			x.SessionName, x.Trust = "", notTrusted // nor the names that it would have
		}
	default:
		a.explainGrant(&x, b, r, d)
	}
	return x
}

// explainGrant adds what comes after the role: first credentials, STS and the cache.
func (a *app) explainGrant(x *explained, b *broker.Broker, r broker.Request, d *broker.Decision) {
	first, err := b.Source(d)
	x.shown = decided(d, first)
	for _, n := range first.Notes {
		x.Sources = append(x.Sources, n.String())
	}
	if err != nil {
		x.Error, x.Hint = err.Error(), problem.HintOf(err)
		return
	}
	for _, g := range b.Others(d) {
		if x.Others == nil {
			x.Others = map[string]string{}
		}
		x.Others[string(g.Operation)] = cmp.Or(g.RoleARN(), g.PermissionSet)
	}
	x.Sources = append(x.Sources, "used: "+first.Description)
	if len(d.Grant.Hops) > 0 {
		x.STS = b.STS(d, first)
	}
	x.Sources = append(x.Sources, b.Limits(d, first)...)
	x.Cache = &cacheState{}
	if m, found := b.CachedFor(d, first); found {
		x.Cache = &cacheState{Cached: true, Store: m.Store, ExpiresIn: remaining(m.Expires.Sub(a.now()))}
	}
	if until, renews, needed := b.LoggedIn(first); needed {
		command := broker.LoginCommand(r, d)
		x.Sources = append(x.Sources, a.loginWords(until, renews, command))
		byHand := first.MFA == nil || first.MFA.Process == ""
		if byHand && !renews && !until.After(a.now()) && !x.Cache.Cached {
			x.Error, x.Hint = "nobody is logged in to "+first.Entry.String()+", as far as is recorded", command
		}
	}
}

// loginWords tells until when a person is logged in, as far as that is known.
func (a *app) loginWords(until time.Time, renews bool, command string) string {
	switch {
	case until.After(a.now()):
	case renews:
		return "logged in: the token is renewed when it is needed"
	default:
		return "not logged in, as far as is recorded: " + command
	}
	return "logged in, as far as is recorded, until " + until.Local().Format("2006-01-02 15:04") + " (" + remaining(until.Sub(a.now())) + ")"
}

func (a *app) failed(f failures.Failure) *failed {
	return &failed{
		Time: f.Time.UTC().Truncate(time.Second), Dir: f.Dir, Exit: int(f.Code), Error: f.Message, Hint: f.Hint, Caller: f.Caller,
		Seconds: int(a.now().Sub(f.Time).Seconds()),
	}
}
