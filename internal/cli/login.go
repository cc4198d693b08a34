package cli

import (
	"context"
	"errors"
	"time"

	"whichrole/internal/broker"
	"whichrole/internal/problem"
	"whichrole/internal/prompt"
	"whichrole/internal/source"
)

type loginCmd struct {
	Profile string `placeholder:"NAME" help:"Log in to this profile of the AWS config file, wherever you are, and not to the source of this directory."`
	Device  bool   `help:"Sign in to IAM Identity Center on another device: shows an address and a code, and opens no browser."`
}

// loginTakes is how long a person may take in all. A device code of IAM Identity Center lives 10 minutes.
const loginTakes = 15 * time.Minute

// Run talks on stderr while it waits, and says on stdout what came of it.
func (c *loginCmd) Run(a *app) error {
	request, err := a.request()
	if err != nil {
		return err
	}
	session, err := a.login(request, c.Profile, c.Device)
	if err != nil {
		return err
	}
	if session.Until.IsZero() {
		line(a.stdout, "nothing to log in to: %s", session.What)
		return nil
	}
	line(a.stdout, "logged in: %s", session.What)
	line(a.stdout, "until %s (%s), kept in %s", session.Until.Local().Format("2006-01-02 15:04"), remaining(session.Until.Sub(a.now())), session.Kept)
	return nil
}

func (a *app) login(request broker.Request, profile string, device bool) (*broker.Session, error) {
	ctx, cancel := context.WithTimeout(context.Background(), loginTakes)
	defer cancel()
	return a.broker().Login(ctx, request, profile, source.UI{
		Device: device,
		Browse: func(url string) error { return prompt.Browse(a.env, url) },
		Say:    func(format string, args ...any) { line(a.stderr, format, args...) },
	})
}

type logoutCmd struct {
	Profile string `placeholder:"NAME" help:"Log out of this profile of the AWS config file, wherever you are, and not of the source of this directory."`
}

func (c *logoutCmd) Run(a *app) error {
	request, err := a.request()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), a.options.timeout)
	defer cancel()
	what, removed, found, err := a.broker().Logout(ctx, request, c.Profile)
	if err != nil {
		return err
	}
	if !found {
		line(a.stdout, "not logged in: %s", what)
		return nil
	}
	line(a.stdout, "logged out: %s", what)
	line(a.stdout, "removed %d cached; what was handed out stays valid at AWS until it expires", removed)
	return nil
}

// person is who may be asked: nobody where the user said so.
func (a *app) person() broker.Person {
	if a.options.NoInput {
		return broker.Person{}
	}
	return broker.Person{Terminal: a.atTerminal, Dialog: a.atScreen, Place: prompt.Place()}
}

func (a *app) atTerminal() broker.Ask {
	if !prompt.HasTerminal() {
		return nil
	}
	return func(ctx context.Context, question string) (string, error) {
		terminal, err := prompt.Terminal()
		if err != nil {
			return "", problem.New(problem.LoginNeeded, "the terminal is gone: %v", err).Because(err)
		}
		defer terminal.Close()
		return prompt.Code(ctx, terminal, question)
	}
}

func (a *app) atScreen() broker.Ask {
	if !prompt.HasScreen(a.env) {
		return nil
	}
	return func(ctx context.Context, question string) (string, error) {
		code, err := prompt.Dialog(ctx, a.env, "whichrole", question)
		if errors.Is(err, prompt.ErrNobody) {
			err = problem.New(problem.LoginNeeded, "an MFA code is needed, and nothing here opens a dialog").WithHint("install zenity or kdialog, or: whichrole login").Because(err)
		}
		return code, err
	}
}
