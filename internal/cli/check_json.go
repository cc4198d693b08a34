package cli

import (
	"cmp"
	"time"

	"whichrole/internal/broker"
	"whichrole/internal/problem"
)

// checkedObject is the object of check --json.
type checkedObject struct {
	Map          string    `json:"map"`
	Trust        string    `json:"trust"`
	Environments int       `json:"environments"`
	Modules      int       `json:"modules"`
	Findings     []finding `json:"findings"`
	Roles        []tried   `json:"roles,omitempty"` // with --live
}

type finding struct {
	Code   string `json:"code"`
	File   string `json:"file"` // absolute
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
	Text   string `json:"text"`
	Hint   string `json:"hint,omitempty"`
	Source string `json:"source,omitempty"` // what to delete
}

type tried struct {
	Environment string `json:"environment"`
	granted
	OK      bool   `json:"ok"`
	Cached  bool   `json:"cached,omitempty"`
	Seconds int    `json:"seconds_left,omitempty"`
	Exit    int    `json:"exit,omitempty"`
	Error   string `json:"error,omitempty"`
	Hint    string `json:"hint,omitempty"`
	Untried string `json:"untried,omitempty"` // why nothing was tried
}

func checkedJSON(c *broker.Checked, trials []broker.Trial) checkedObject {
	x := checkedObject{
		Map: c.Decision.File.Path, Trust: cmp.Or(c.Decision.Trust.How, notTrusted), Environments: c.Environments, Modules: c.Modules,
		Findings: []finding{},
	}
	for _, f := range c.Findings {
		x.Findings = append(x.Findings, finding(f))
	}
	for _, t := range trials {
		r := tried{Environment: t.Environment, granted: granted(t.Role), OK: t.Err == nil && t.Untried == "", Cached: t.Cached, Seconds: int(t.Left / time.Second), Untried: t.Untried}
		if t.Err != nil {
			r.Exit, r.Error, r.Hint = int(problem.CodeOf(t.Err)), t.Err.Error(), problem.HintOf(t.Err)
		}
		x.Roles = append(x.Roles, r)
	}
	return x
}
