package cli

import (
	"errors"
	"runtime"
	"strings"

	"whichrole/internal/broker"
	"whichrole/internal/problem"
)

// try has the credentials that the new profile gives here, and tells what came of it.
func (c *setupCmd) try(a *app, r broker.Request) {
	r.SDK = true
	handed, err := a.credentials(r)
	hint := pastable(err)
	var steps []string
	switch {
	case err == nil:
		a.whose(handed)
	case errors.Is(err, problem.ErrNowhere):
		line(a.stdout, "no credentials here: %s", err.Error())
		if d, _ := a.broker().Examine(r); d.File == nil {
			line(a.stdout, "in a repository: whichrole init writes its role map, whichrole trust approves one that is there")
		}
	default:
		line(a.stdout, "no credentials here yet: %s", err.Error())
		if strings.HasPrefix(hint, "whichrole ") {
			steps = append(steps, hint)
		} else if hint != "" {
			line(a.stdout, "hint: %s", hint)
		}
	}
	for _, s := range a.broker().ShadowedBy() {
		line(a.stdout, "note: %s", s)
	}
	if a.env["AWS_PROFILE"] != c.Profile {
		steps = append(steps, choosing(c.Profile))
	}
	for i, s := range steps {
		line(a.stdout, "%s: %s", []string{"next", "then"}[min(i, 1)], s)
	}
}

// choosing is the command by which the programs of a shell use that profile.
func choosing(profile string) string {
	if runtime.GOOS == "windows" {
		return `$env:AWS_PROFILE = "` + profile + `"`
	}
	return "export AWS_PROFILE=" + problem.Quote(profile)
}

// whose tells which role this directory gets, and whether AWS takes it for that.
func (a *app) whose(handed *broker.Handed) {
	g := handed.Decision.Grant
	ctx := newPatience(a.options.timeout)
	defer ctx.cancel()
	arn, err := within(ctx, func() (string, error) {
		_, arn, err := a.broker().Whose(ctx, handed)
		return arn, err
	})
	if err != nil {
		line(a.stdout, "%s %s: credentials are there, but AWS does not take them: %s", g.Environment, string(g.Operation), err.Error())
		return
	}
	line(a.stdout, "here: %s %s as %s", g.Environment, string(g.Operation), arn)
}
