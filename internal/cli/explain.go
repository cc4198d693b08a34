package cli

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"whichrole/internal/broker"
	"whichrole/internal/output"
	"whichrole/internal/problem"
	"whichrole/internal/rolemap"
)

type explainCmd struct {
	JSON bool `name:"json" help:"Print one JSON object."`
}

// explained is show's object and the reasons behind it. processes and last_failure are null until they are recorded.
type explained struct {
	shown
	Error       string            `json:"error,omitempty"` // why there is no role, or why it is not handed out
	Hint        string            `json:"hint,omitempty"`
	Reasons     []rolemap.Reason  `json:"reasons"`
	STS         string            `json:"sts,omitempty"` // the region that STS is asked in, or the endpoint
	Sources     []string          `json:"sources"`       // each entry that was looked at, and why it was used or passed over
	Cache       *cacheState       `json:"cache"`
	ShadowedBy  []string          `json:"shadowed_by"` // what keeps SDKs from asking whichrole at all
	Processes   []json.RawMessage `json:"processes"`
	LastFailure json.RawMessage   `json:"last_failure"`
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
	b := a.broker()
	d, decideErr := b.Decide(request)
	outcome := decideErr
	if problem.CodeOf(decideErr) == problem.NotTrusted {
		outcome = nil
	}
	if d.File == nil { // nothing was found: the error says where it looked
		return decideErr
	}
	x := a.explanation(b, request, d, decideErr)
	if c.JSON {
		if err := output.JSON(a.stdout, x); err != nil {
			return err
		}
	} else {
		a.printExplanation(d, x)
	}
	if outcome != nil {
		return silent{problem.CodeOf(outcome)} // it has been told
	}
	return nil
}

func (a *app) explanation(b *broker.Broker, r broker.Request, d *broker.Decision, decideErr error) explained {
	x := explained{Reasons: d.Reasons, ShadowedBy: b.ShadowedBy(), Sources: []string{}}
	if decideErr != nil {
		x.Error = decideErr.Error()
		x.Hint = strings.TrimSuffix(hintOf(decideErr), "run: whichrole explain") // it is
	}
	if d.Grant == nil {
		x.Map, x.Workspace, x.Dir = d.File.Path, d.Target.Workspace, d.File.Dir
		x.Operation, x.Trust, x.Chain = string(d.Target.Operation), cmp.Or(d.Trust.How, notTrusted), []string{}
		return x
	}
	if problem.CodeOf(decideErr) == problem.NotTrusted { // nothing is looked up for it: a source may name any file
		x.shown = decided(d, broker.First{})
		if d.Trust.How == "" {
			x.SessionName, x.Trust = "", notTrusted // nor the names that it would have
		}
		return x
	}
	first, err := b.Source(d)
	x.shown = decided(d, first)
	for _, n := range first.Notes {
		x.Sources = append(x.Sources, n.String())
	}
	if err != nil {
		x.Error, x.Hint = err.Error(), hintOf(err)
		return x
	}
	x.Sources = append(x.Sources, "used: "+first.Description)
	if len(d.Grant.Hops) > 0 {
		x.STS = b.STS(d, first)
	}
	x.Sources = append(x.Sources, b.Limits(d, first)...)
	if until, renews, needed := b.LoggedIn(first); needed {
		x.Sources = append(x.Sources, a.loginWords(until, renews, broker.LoginCommand(r, d)))
	}
	if m, found := b.CachedFor(d, first); found {
		x.Cache = &cacheState{Cached: true, Store: m.Store, ExpiresIn: remaining(m.Expires.Sub(a.now()))}
	} else {
		x.Cache = &cacheState{}
	}
	return x
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

func (a *app) printExplanation(d *broker.Decision, x explained) {
	w := a.stdout
	row(w, "directory", d.File.Physical)
	row(w, "role map", d.File.Path+" ("+d.File.How.String()+")")
	if d.Map != nil {
		row(w, "trust", trustWords(d))
		row(w, "workspace", d.Target.Workspace+" ("+d.WorkspaceFrom+")")
		row(w, "operation", string(d.Target.Operation)+" ("+d.OperationFrom+")")
		fmt.Fprintln(w)
		printReasons(w, d.Reasons)
		fmt.Fprintln(w)
	}
	if d.Grant != nil {
		printOutcome(w, d, x)
	}
	row(w, "error", x.Error)
	row(w, "hint", x.Hint)
}

// printOutcome tells what the decision comes to.
func printOutcome(w io.Writer, d *broker.Decision, x explained) {
	row(w, "environment", x.Environment+overridden(d))
	row(w, "role", what(d))
	if len(x.Chain) > 1 {
		row(w, "chain", strings.Join(x.Chain, " → "))
	}
	row(w, "account", x.Account)
	row(w, "region", x.Region)
	row(w, "session", x.SessionName)
	row(w, "sts", x.STS)
	for i, s := range x.Sources {
		row(w, []string{"source", " "}[min(i, 1)], s)
	}
	switch {
	case x.Cache != nil && x.Cache.Cached:
		row(w, "cache", "by its record in the "+x.Cache.Store+" for "+x.Cache.ExpiresIn)
	case x.Cache != nil:
		row(w, "cache", "nothing")
	}
	for _, s := range x.ShadowedBy {
		row(w, "shadowed by", s)
	}
}

// row is one fact with its name; no fact, no row.
func row(w io.Writer, name, text string) {
	if text != "" {
		line(w, "%-12s %s", name, text)
	}
}

func trustWords(d *broker.Decision) string {
	if d.Trust.Approved {
		return d.Trust.How
	}
	if d.Trust.How != "" {
		return d.Trust.How + ", but " + d.Trust.Reason
	}
	return "NOT TRUSTED: " + d.Trust.Reason
}

// printReasons is the list of rules, the winner marked.
func printReasons(w io.Writer, reasons []rolemap.Reason) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, r := range reasons {
		mark := " "
		switch r.Verdict {
		case rolemap.Won:
			mark = "→"
		case rolemap.Tied:
			mark = "="
		}
		fmt.Fprintf(table, "%s %s\t%s\t%s\t%s\n", mark, output.Printable(r.Environment), output.Printable(r.Pattern), r.Verdict, output.Printable(r.Text))
	}
	table.Flush()
}

func hintOf(err error) string {
	p, ok := errors.AsType[*problem.Error](err)
	if !ok {
		return ""
	}
	return p.Hint
}
