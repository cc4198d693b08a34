package cli

import (
	"fmt"
	"strings"

	"whichrole/internal/broker"
	"whichrole/internal/rolemap"
)

// terrateamFacts are what Terrateam's configuration says of a directory in a workspace.
type terrateamFacts struct {
	Directory  string         `json:"directory,omitempty"` // the key of dirs that holds
	Tags       []string       `json:"tags"`
	Branch     string         `json:"branch,omitempty"`
	DestBranch string         `json:"dest_branch,omitempty"`
	DestFrom   string         `json:"dest_branch_from,omitempty"` // what named it
	Workflow   *workflowFacts `json:"workflow"`                   // null where none matches
	Step       *stepFacts     `json:"step"`                       // that decided; null where none did

	known bool // that none matches, where Workflow is null
}

type workflowFacts struct {
	Query       string `json:"tag_query"`
	Environment string `json:"environment,omitempty"` // as it is written
	Line        int    `json:"line"`
	Ambiguous   bool   `json:"ambiguous,omitempty"` // versions of Terrateam read the query in different ways
}

type stepFacts struct {
	In      string        `json:"in"` // hooks or workflow
	Line    int           `json:"line"`
	Unknown []unknownStep `json:"unknown_before"` // env and run steps that Terrateam runs before it
}

type unknownStep struct {
	Type string `json:"type"`
	Name string `json:"name,omitempty"` // of the variable that it sets
	Line int    `json:"line"`
}

// terrateamWords are nil where Terrateam's configuration has no part in the decision.
func terrateamWords(d *broker.Decision) *terrateamFacts {
	f, ok := d.Facts()
	if !ok {
		return nil
	}
	x := &terrateamFacts{Directory: f.Directory, Tags: append([]string{}, f.Tags...), Branch: f.Branch, DestBranch: f.DestBranch, DestFrom: d.DestBranchFrom, known: f.Known}
	if w := f.Workflow; w != nil {
		x.Workflow = &workflowFacts{w.Query, w.Environment, w.Line, w.Ambiguous}
	}
	step := f.Plan
	if op := d.Target.Operation; op == rolemap.Apply || op == rolemap.State && d.Doing != nil && d.Doing.Operation == string(rolemap.Apply) {
		step = f.Apply
	}
	if step.Line > 0 {
		x.Step = &stepFacts{step.In, step.Line, []unknownStep{}}
		for _, o := range step.Opaque {
			x.Step.Unknown = append(x.Step.Unknown, unknownStep{o.Type, o.Name, o.Line})
		}
	}
	return x
}

// terrateam tells how Terrateam's configuration came to the answer.
func (p page) terrateam() {
	f := p.x.Terrateam
	if f == nil || len(f.Tags) == 0 { // it does not exist for Terrateam, and the headline says so
		return
	}
	switch w := f.Workflow; {
	case !f.known: // the headline says why
	case w == nil:
		p.row("workflow", "none matches")
	case w.Ambiguous:
		p.row("workflow", fmt.Sprintf("%s (line %d; versions of Terrateam read this query in different ways: parentheses make it plain)", quotedQuery(w.Query), w.Line))
	default:
		p.row("workflow", fmt.Sprintf("%s (line %d)", quotedQuery(w.Query), w.Line))
	}
	if f.DestBranch != "" {
		p.row("dest branch", f.DestBranch+" ("+f.DestFrom+")")
	}
	p.row("tags", strings.Join(f.Tags, " "))
	if f.Step == nil {
		return
	}
	p.row("step", fmt.Sprintf("line %d, the last oidc step of the %s that Terrateam runs before %s", f.Step.Line, f.Step.In, p.x.Operation))
	const most = 5
	for i, u := range f.Step.Unknown {
		if i == most {
			p.row("", fmt.Sprintf("and %d more", len(f.Step.Unknown)-most))
			break
		}
		text := fmt.Sprintf("not known here: what the %s step of line %d does before it", u.Type, u.Line)
		if u.Name != "" {
			text += " to " + u.Name
		}
		p.row("", text)
	}
}

func quotedQuery(query string) string {
	if query == "" {
		return `""`
	}
	return query
}
