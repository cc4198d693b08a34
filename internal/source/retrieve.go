package source

import (
	"context"
	"path/filepath"
	"time"

	"whichrole/internal/creds"
	"whichrole/internal/instance"
	"whichrole/internal/oidc"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
	"whichrole/internal/sso"
	"whichrole/internal/transport"
)

// Outside is what a recipe needs beyond files and variables, once it is followed.
type Outside struct {
	Env      paths.Env
	Dirs     paths.Dirs
	Now      func() time.Time
	Log      func(format string, args ...any)
	Terminal bool // a person is there, whom another program may ask on the terminal
}

// Base is what a recipe starts with: credentials or a token.
type Base struct {
	Credentials creds.Credentials
	Token       creds.Secret
	Claims      oidc.Claims // of the token
}

// Retrieve gets what the recipe starts with: without its MFA session, and without its own roles. Errors are *problem.Error;
// those of code LoginNeeded are mended by Login where the choice has one.
func (c *Choice) Retrieve(ctx context.Context, o Outside) (b Base, err error) {
	switch {
	case c.Token != nil:
		return c.token(ctx, o)
	case c.SSO != nil:
		client, close := c.client(o)
		defer close()
		b.Credentials, err = client.Credentials(ctx, c.SSO.Account, c.SSO.PermissionSet)
	case c.Process != nil:
		b.Credentials, err = c.Process.run(ctx, o)
	case c.Instance != nil:
		b.Credentials, err = instance.World{Env: o.Env, Now: o.Now}.Get(ctx, *c.Instance)
	default:
		b.Credentials = *c.Keys
	}
	return b, err
}

// way is opened when it is first needed, and closed by close.
func (c *Choice) way(o Outside) (open func() (*transport.Way, error), close func()) {
	var way *transport.Way
	open = func() (_ *transport.Way, err error) {
		if way == nil {
			way, err = transport.Open(transport.Settings{CABundle: c.Settings.CABundle, Env: o.Env})
		}
		return way, err
	}
	return open, func() {
		if way != nil {
			way.Close()
		}
	}
}

func (c *Choice) token(ctx context.Context, o Outside) (Base, error) {
	open, close := c.way(o)
	defer close()
	t, err := oidc.World{Env: o.Env, Home: o.Dirs.Home, Way: open, Now: o.Now}.Get(ctx, *c.Token)
	return Base{Token: t.Secret, Claims: t.Claims}, err
}

func (c *Choice) client(o Outside) (client *sso.Client, close func()) {
	open, close := c.way(o)
	client = &sso.Client{Session: c.SSO.Session, Way: open, Now: o.Now, Log: o.Log}
	if o.Dirs.Home != "" { // else the tokens would be those of the working directory, which is a repository
		client.Dir = filepath.Join(o.Dirs.Home, ".aws", "sso", "cache")
	}
	if dir, path, err := o.Dirs.OpenRun(); err == nil {
		dir.Close()
		client.Locks = path
	}
	return client, close
}

// UI is how a person is led through a sign-in.
type UI = sso.UI

// SignIn signs a person in to IAM Identity Center, and tells until when and in which directory that is kept.
func (c *Choice) SignIn(ctx context.Context, o Outside, ui UI) (until time.Time, dir string, err error) {
	client, close := c.client(o)
	defer close()
	if client.Dir == "" {
		return until, "", problem.New(problem.Failure, "no home directory is known, and the sign-in is kept below it").WithHint("set HOME")
	}
	until, err = client.Login(ctx, ui)
	return until, client.Dir, err
}

// SignOut ends that. Found tells that there was something to end.
func (c *Choice) SignOut(ctx context.Context, o Outside) (found bool, err error) {
	client, close := c.client(o)
	defer close()
	return client.Logout(ctx)
}

// SignedIn is until when a person is signed in to IAM Identity Center, as far as the files say.
func (c *Choice) SignedIn(o Outside) (until time.Time, known bool) {
	if c.SSO == nil {
		return until, false
	}
	client, close := c.client(o)
	defer close()
	return client.Until()
}
