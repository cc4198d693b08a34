package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"whichrole/internal/broker"
	"whichrole/internal/problem"
	"whichrole/internal/rolemap"
)

// severity orders exit codes of trials: what is wrong for sure comes before what could not be found out.
var severity = []problem.Code{problem.Failure, problem.Unreachable, problem.LoginNeeded, problem.NoEnvironment, problem.BadMap, problem.NotTrusted, problem.Refused}

// verdict is the exit code: of the worst trial or, where each went well, that of the findings.
func verdict(findings []rolemap.Finding, trials []broker.Trial) (worst problem.Code) {
	for _, t := range trials {
		if code := problem.CodeOf(t.Err); code != 0 && (worst == 0 || slices.Index(severity, code) > slices.Index(severity, worst)) {
			worst = code
		}
	}
	if worst == 0 && len(findings) > 0 {
		return problem.BadMap
	}
	return worst
}

// conclusion says in one line what was looked at, and what came of it.
func conclusion(c *broker.Checked, trials []broker.Trial) string {
	looked := []string{counted(c.Environments, "environment"), counted(c.Modules, "root module")}
	var wrong []string
	if n := len(c.Findings); n > 0 {
		wrong = append(wrong, counted(n, "finding"))
	}
	failed, untried := 0, 0
	for _, t := range trials {
		switch {
		case t.Err != nil:
			failed++
		case t.Untried != "":
			untried++
		}
	}
	if len(trials) > 0 {
		looked = append(looked, counted(len(trials)-untried, "role"))
	}
	if failed > 0 {
		wrong = append(wrong, counted(failed, "role")+" without credentials")
	}
	text := "checked " + strings.Join(looked, ", ") + ": " + cmp.Or(strings.Join(wrong, ", "), "nothing wrong")
	if untried > 0 {
		text += fmt.Sprintf(" (%d not tried)", untried)
	}
	return text
}

// printTrials is the table of --live, and under it what mends it.
func (a *app) printTrials(trials []broker.Trial) {
	paint := a.style()
	rows := [][]string{{"ENVIRONMENT", "OPERATIONS", "ACCOUNT", "ROLE", "REGION", "RESULT"}}
	for _, t := range trials {
		rows = append(rows, []string{
			word(t.Environment), operationWords(t.Operations), word(cmp.Or(t.Account, "-")), roleName(t.Role), word(cmp.Or(t.Region, "-")), result(paint, t),
		})
	}
	table(a.stdout, rows)
	for _, hint := range hints(trials) {
		line(a.stdout, "hint: %s", hint)
	}
}

const maxHints = 10

// hints are what mends the failures, one for each that there is: a login that is missing is missing for many roles.
func hints(trials []broker.Trial) (list []string) {
	told := map[string]bool{}
	for _, t := range trials {
		hint := problem.HintOf(t.Err)
		if hint == "" || told[t.Err.Error()] || told[hint] || len(list) == maxHints {
			continue
		}
		told[t.Err.Error()], told[hint] = true, true
		list = append(list, hint)
	}
	return list
}

// result is what became of a trial, in words.
func result(paint style, t broker.Trial) string {
	switch {
	case t.Err != nil:
		return paint.bad(problem.Cut(t.Err.Error(), maxMessage))
	case t.Untried != "":
		return paint.odd("not tried: " + t.Untried)
	case t.Left == 0:
		return paint.good("ok")
	case t.Cached:
		return paint.good(fmt.Sprintf("ok, %s left (cache)", remaining(t.Left)))
	}
	return paint.good(fmt.Sprintf("ok, %s left", remaining(t.Left)))
}
