package cli

import (
	"io"
	"maps"
	"slices"
	"strings"

	"whichrole/internal/problem"
	"whichrole/internal/setup"
)

// tell shows what has changed in the AWS config file.
func (c *setupCmd) tell(a *app, p *setup.Plan, backup string) {
	diff(a.stdout, p.Diff())
	done, profiles := "written", inWords(p.Names)
	if c.Remove {
		done = "removed from"
	}
	switch {
	case backup != "":
		line(a.stdout, "%s: %s (before: %s)", done, p.Path, backup)
	case p.Changed():
		line(a.stdout, "%s: %s", done, p.Path)
	case c.Remove:
		line(a.stdout, "not there: %s in %s", profiles, p.Path)
	default:
		line(a.stdout, "already there: %s in %s", profiles, p.Path)
	}
	for _, n := range c.notes(a, p) {
		line(a.stdout, "note: %s", n)
	}
}

func inWords(profiles []string) string {
	if len(profiles) == 1 {
		return "profile " + profiles[0]
	}
	return "profiles " + strings.Join(profiles, ", ")
}

// notes are what a person should know of the plan.
func (c *setupCmd) notes(a *app, p *setup.Plan) (list []string) {
	if p.Linked() && !c.Print {
		list = append(list, p.Path+" had another name as well (a hard link), which keeps what was in it before: make that a symlink")
	}
	if p.Misread != "" {
		list = append(list, "the profile names whichrole alone, for SDKs would misread "+p.Misread+": each program that uses it must have that on its PATH")
	}
	if p.Other != "" {
		list = append(list, "PATH leads to "+p.Other+", which the profile calls, and that is not this program, "+p.Self)
	}
	if p.Version != "" {
		list = append(list, "the path of whichrole has the version "+p.Version+" in it: after an upgrade run whichrole setup again")
	}
	for _, u := range p.Left {
		list = append(list, "environment "+u.Environment+" has no profile: "+problem.Cut(u.Why, 300))
	}
	if p.NoRegion {
		regional := *c
		regional.Region = "REGION"
		list = append(list, "the profile has no region, and most commands want one: "+regional.again(a))
	}
	return list
}

// diff shows changed lines; what is in them may be anybody's.
func diff(w io.Writer, lines []string) {
	for _, l := range lines {
		line(w, "%s", l)
	}
}

// again is the command line that makes the change: with all that decides what it is, here or in a directory that is named.
func (c *setupCmd) again(a *app) string {
	words := []string{"whichrole setup"}
	add := func(flag, value string) {
		if value != "" {
			words = append(words, flag+" "+problem.Quote(value))
		}
	}
	o := a.options
	add("-C", o.Dir)
	add("--map", o.Map)
	add("-e", o.Env)
	for _, name := range slices.Sorted(maps.Keys(o.Set)) {
		add("--set", name+"="+o.Set[name])
	}
	add("--operation", o.Operation)
	add("--workspace", o.Workspace)
	add("--dest-branch", o.DestBranch)
	if c.PerEnv {
		words = append(words, "--per-env")
	}
	add("--accounts", strings.Join(c.Accounts, ","))
	if c.Profile != "terraform" {
		add("--profile", c.Profile)
	}
	add("--region", c.Region)
	add("--source", c.Source)
	return strings.Join(words, " ")
}
