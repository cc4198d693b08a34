package cli

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"whichrole/internal/broker"
	"whichrole/internal/output"
	"whichrole/internal/rolemap"
)

// A page is an explanation for people: the answer and what is wrong come first, for they must be on the first screen.
type page struct {
	style
	w   io.Writer
	d   *broker.Decision
	x   explained
	all bool
}

func (p page) print(r broker.Request) {
	p.headline(r)
	p.troubles()
	fmt.Fprintln(p.w)
	p.where(r)
	if p.d.Grant != nil {
		p.outcome()
	}
	if len(p.d.Reasons) > 0 {
		fmt.Fprintln(p.w)
		p.reasons()
	}
}

func (p page) headline(r broker.Request) {
	switch {
	case p.d.Grant == nil:
		fmt.Fprintf(p.w, "%s\n", p.bad("no role here: "+p.x.Error))
	case p.x.Error != "":
		fmt.Fprintf(p.w, "%s\n%s\n", p.bold(p.answer()), p.bad("but: "+p.x.Error))
	default:
		fmt.Fprintf(p.w, "%s\n", p.good(p.answer()))
	}
	if p.x.Hint != "" {
		fmt.Fprintf(p.w, "%s\n", p.bold("hint: "+p.x.Hint))
	}
}

func (p page) answer() string {
	return p.x.Dir + " is environment " + p.x.Environment + overridden(p.d) + ": " + p.x.Operation + " gets " + what(p.d)
}

// troubles are what keeps the answer from being what a program gets.
func (p page) troubles() {
	for _, s := range p.x.ShadowedBy {
		p.trouble("shadowed by", s.What+in(s.Where), s.Hint)
	}
	if f := p.x.LastFailure; f != nil {
		p.trouble("last failure", f.words(""), f.Hint)
	}
	for _, f := range p.x.Elsewhere {
		p.trouble("elsewhere", f.words(" in "+f.Dir), f.Hint)
	}
}

func (p page) trouble(name, text, hint string) {
	fmt.Fprintf(p.w, "%s %s\n", p.odd(fmt.Sprintf("%-12s", name)), p.hanging(text))
	if hint != "" {
		fmt.Fprintf(p.w, "%-12s %s\n", "", p.dim("hint: "+hint))
	}
}

func in(where string) string {
	if where == "" {
		return ""
	}
	return " (" + where + ")"
}

// words tell of a failure in one line.
func (f failed) words(where string) string {
	asked := ""
	if f.Caller != "" {
		asked = ", asked by " + f.Caller
	}
	ago := "a moment ago"
	if f.Seconds >= 60 {
		ago = remaining(time.Duration(f.Seconds)*time.Second) + " ago"
	}
	return ago + where + asked + ": " + f.Error
}

// where tells what was read: the directory, the map, Terraform's workspace and operation.
func (p page) where(r broker.Request) {
	d := p.d
	if d.File == nil {
		p.row("directory", r.Dir)
		p.row("called by", p.processes())
		return
	}
	p.row("directory", d.File.Physical)
	p.row("role map", d.File.Path+" ("+d.File.How.String()+")")
	if d.Map != nil {
		p.row("trust", trustWords(d))
		p.row("workspace", d.Target.Workspace+" ("+d.WorkspaceFrom+")")
		p.row("operation", string(d.Target.Operation)+" ("+d.OperationFrom+")")
	}
	p.terrateam()
	p.row("called by", p.processes())
}

// maxProcesses are shown of the chain: what is above a shell says little.
const maxProcesses = 6

func (p page) processes() string {
	var list []string
	for i, s := range p.x.Processes {
		if i == maxProcesses {
			list = append(list, "…")
			break
		}
		text := fmt.Sprintf("%s %d", cmp.Or(s.Name, "unknown"), s.PID)
		if s.Note != "" {
			text += " (" + s.Note + ")"
		}
		list = append(list, text)
	}
	return strings.Join(list, " ← ")
}

// outcome tells what the decision comes to.
func (p page) outcome() {
	x := p.x
	p.row("environment", x.Environment+overridden(p.d))
	p.row("role", what(p.d))
	for _, operation := range slices.Sorted(maps.Keys(x.Others)) {
		p.row("", "for "+operation+": "+x.Others[operation])
	}
	if len(x.Chain) > 1 {
		p.row("chain", strings.Join(x.Chain, " → "))
	}
	p.row("account", x.Account)
	p.row("region", x.Region)
	p.row("session", x.SessionName)
	p.row("sts", x.STS)
	for i, s := range x.Sources {
		p.row([]string{"source", ""}[min(i, 1)], s)
	}
	switch {
	case x.Cache != nil && x.Cache.Cached:
		p.row("cache", "by its record in the "+x.Cache.Store+" for "+x.Cache.ExpiresIn)
	case x.Cache != nil:
		p.row("cache", "nothing")
	}
}

// row is one fact with its name; no fact, no row.
func (p page) row(name, text string) {
	if text != "" {
		fmt.Fprintf(p.w, "%s %s\n", p.dim(fmt.Sprintf("%-12s", name)), p.hanging(text))
	}
}

// hanging is a text in the second column.
func (p page) hanging(text string) string {
	return hanging(output.Printable(text), len("last failure "), columnsOf(p.w), output.Printable)
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

// fewRules are told of those that do not match, and only where none does: the answer must stay on the screen.
const fewRules = 5

// reasons is the list of rules, the winner marked. Those that match but for the workspace count as matching: one looks for them.
func (p page) reasons() {
	var rows [][]string
	left := 0
	few := fewRules
	if p.d.Grant != nil {
		few = 0
	}
	for _, r := range p.d.Reasons {
		if r.Verdict == rolemap.NoMatch && (r.Environment == "no_role" || r.Pattern == "") && !p.all {
			if few--; few < 0 {
				left++
				continue
			}
		}
		mark := " "
		switch r.Verdict {
		case rolemap.Won:
			mark = "→"
		case rolemap.Tied:
			mark = "="
		}
		rows = append(rows, []string{mark + " " + output.Printable(r.Environment), output.Printable(r.Pattern), string(r.Verdict), output.Printable(r.Text)})
	}
	table(p.w, rows)
	if left > 0 {
		fmt.Fprintf(p.w, "  and %s that do not match: whichrole explain --all\n", counted(left, "rule"))
	}
}
