package cli

import (
	"cmp"

	"whichrole/internal/broker"
	"whichrole/internal/problem"
)

// handOut gets credentials for a command that somebody runs in a shell. With ask, who sits at the terminal is asked for the
// login that is missing, as by whichrole login; on stderr, so that stdout stays what it is. The store is the one that helpers
// look into: a keyring that is locked is asked for its password by the login alone.
func (a *app) handOut(request broker.Request, ask bool) (*broker.Handed, error) {
	handed, err := a.handed(request)
	if !ask || problem.CodeOf(err) != problem.LoginNeeded || a.options.NoInput || a.atTerminal() == nil {
		return handed, err
	}
	if _, failed := a.login(request, "", false); failed != nil {
		return nil, failed
	}
	return a.handed(request)
}

// handed keeps a failure of AWS or of a login for doctor and explain; of all else who typed the command has been told.
func (a *app) handed(request broker.Request) (*broker.Handed, error) {
	handed, err := a.credentials(request)
	switch problem.CodeOf(err) {
	case problem.LoginNeeded, problem.Refused, problem.Unreachable:
		a.keep(request, err)
	}
	return handed, err
}

// credentials asks the broker within the time that a call may take.
func (a *app) credentials(request broker.Request) (*broker.Handed, error) {
	ctx := newPatience(a.options.timeout)
	defer ctx.cancel()
	b := a.broker()
	b.Longer = ctx.longer
	return within(ctx, func() (*broker.Handed, error) { return b.Credentials(ctx, request) })
}

// region is the one for who gets these credentials: the map's, else what would be used here anyway, else the source's. "" for none.
func (a *app) region(h *broker.Handed) string {
	env := a.env.BeforeExec()
	ofProfile := ""
	if files, err := a.files(); err == nil {
		ofProfile = files.Region(env)
	}
	return cmp.Or(h.Decision.Grant.Region, env["AWS_REGION"], env["AWS_DEFAULT_REGION"], ofProfile, h.First.Settings.Region)
}
