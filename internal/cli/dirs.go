package cli

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"whichrole/internal/broker"
	"whichrole/internal/output"
	"whichrole/internal/problem"
	"whichrole/internal/rolemap"
	"whichrole/internal/survey"
)

// marks stand before what is not mapped. A tie's is explain's.
var marks = map[survey.Outcome]string{
	survey.Mapped: "  ", survey.Unmapped: "? ", survey.Shared: "- ", survey.Tied: "= ", survey.Failed: "! ",
}

// printPlaced is one row for each root module, or for each of its workspaces where it has more than one.
func (a *app) printPlaced(s *broker.Survey) {
	if len(s.Placed) == 0 {
		return
	}
	paint := a.style()
	workspaces := slices.ContainsFunc(s.Placed, named)
	head := []string{"  DIRECTORY"}
	if workspaces {
		head = append(head, "WORKSPACE")
	}
	rows := [][]string{append(head, "ENVIRONMENT", "ACCOUNT", roleHead(s))}
	for _, p := range s.Placed {
		row := []string{marks[p.Outcome] + place(p.Dir)}
		if workspaces {
			row = append(row, workspace(p))
		}
		rows = append(rows, append(row, answer(paint, p)...))
	}
	table(a.stdout, rows)
}

func named(p survey.Placed) bool { return p.Workspace != "default" }

// workspace is its name, or one that may never have been made.
func workspace(p survey.Placed) string {
	if p.Example {
		return "such as " + word(p.Workspace)
	}
	return word(p.Workspace)
}

// roleHead tells which role is whose, where the operations have different ones.
func roleHead(s *broker.Survey) string {
	if slices.ContainsFunc(s.Placed, func(p survey.Placed) bool { return p.Outcome == survey.Mapped && strings.Contains(roleCell(p), " / ") }) {
		return "ROLE: PLAN / APPLY / STATE"
	}
	return "ROLE"
}

// place shows a directory so that it passes neither for a column nor, in a log of GitHub Actions, for a command.
func place(dir string) string {
	text := word(dir)
	if strings.HasPrefix(text, "::") {
		return "./" + text
	}
	return text
}

// answer is the environment, the account and the roles; or why there are none, in one cell.
func answer(paint style, p survey.Placed) []string {
	if p.Outcome != survey.Mapped {
		return []string{paint.odd(why(p))}
	}
	var accounts []string
	for _, r := range p.Roles {
		if account := word(cmp.Or(r.Account, "-")); !slices.Contains(accounts, account) {
			accounts = append(accounts, account)
		}
	}
	return []string{word(p.Environment), strings.Join(accounts, " / "), roleCell(p)}
}

// roleCell is the one role of plan and apply, or that of each operation in the order of roleHead: "-" where an operation has none.
func roleCell(p survey.Placed) string {
	names := map[rolemap.Operation]string{}
	for _, r := range p.Roles {
		for _, op := range r.Operations {
			names[op] = roleName(r)
		}
	}
	if len(p.Roles) == 1 && len(names) > 1 || len(names) == 1 && p.Err == nil {
		return roleName(p.Roles[0])
	}
	cell := cmp.Or(names[rolemap.Plan], "-") + " / " + cmp.Or(names[rolemap.Apply], "-")
	if state, own := names[rolemap.State]; own {
		cell += " / " + state
	}
	return cell
}

const maxWhy = 160 // bytes

// why there is no role, in a few words.
func why(p survey.Placed) string {
	switch {
	case p.Outcome == survey.Tied && len(p.Rivals) == 1:
		return "tied: " + p.Rivals[0] + " in two ways"
	case p.Outcome == survey.Tied:
		return problem.Cut("tied: "+strings.Join(p.Rivals, ", "), maxWhy)
	case p.Outcome == survey.Shared:
		return "shared code, no role"
	case errors.Is(p.Err, problem.ErrNowhere):
		return "no environment"
	}
	return problem.Cut(p.Err.Error(), maxWhy)
}

// summary counts the outcomes.
func summary(s *broker.Survey) string {
	count := map[survey.Outcome]int{}
	dirs := map[string]bool{}
	for _, p := range s.Placed {
		count[p.Outcome]++
		dirs[p.Dir] = true
	}
	text := counted(len(dirs), "root module")
	if s.Below != "." {
		text += " below " + place(s.Below)
	}
	if len(dirs) != len(s.Placed) {
		text += fmt.Sprintf(", %d with their workspaces", len(s.Placed))
	}
	var parts []string
	for _, o := range []struct {
		outcome survey.Outcome
		words   string
	}{
		{survey.Mapped, "mapped"}, {survey.Unmapped, "without an environment"}, {survey.Tied, "tied"},
		{survey.Shared, "in shared code"}, {survey.Failed, "whose role cannot be told"},
	} {
		if n := count[o.outcome]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, o.words))
		}
	}
	if len(parts) > 0 {
		text += ": " + strings.Join(parts, ", ")
	}
	if n := len(s.Notes); n > 0 {
		text += fmt.Sprintf("; %s not looked into: whichrole list --dirs --json", counted(n, "place"))
	}
	return output.Printable(text)
}

// counted is a number of things in words.
func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
