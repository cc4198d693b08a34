package cli

import (
	"context"
	"time"

	"whichrole/internal/broker"
	"whichrole/internal/problem"
)

// attendedTakes is how long a call may take in all where a keyring may ask for its password.
const attendedTakes = 2 * time.Minute

// handOut gets credentials for a command that somebody runs in a shell. With ask, who sits at the terminal is asked for the
// login that is missing, as by whichrole login; on stderr, so that stdout stays what it is.
func (a *app) handOut(request broker.Request, ask bool) (*broker.Handed, error) {
	takes := a.options.timeout
	if request.Attended = ask && !a.options.NoInput; request.Attended {
		takes += attendedTakes
	}
	get := func() (*broker.Handed, error) {
		ctx, cancel := context.WithTimeout(context.Background(), takes)
		defer cancel()
		return within(ctx, func() (*broker.Handed, error) { return a.broker().Credentials(ctx, request) })
	}
	handed, err := get()
	if !request.Attended || problem.CodeOf(err) != problem.LoginNeeded || a.person().Terminal() == nil {
		return handed, err
	}
	line(a.stderr, "whichrole: %s", err.Error())
	if _, failed := a.login(request, "", false); failed != nil {
		return nil, failed
	}
	return get()
}
