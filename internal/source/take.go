package source

import (
	"path/filepath"
	"strings"

	"whichrole/internal/instance"
	"whichrole/internal/oidc"
	"whichrole/internal/problem"
)

// take makes a recipe of the entry that was chosen.
func (w World) take(e Entry) (*Choice, error) {
	c, err := w.recipe(e)
	if err != nil {
		return nil, err
	}
	c.Entry = e
	c.seal()
	return c, nil
}

func (w World) recipe(e Entry) (*Choice, error) {
	if e.Kind == kindProfile {
		return w.profileRecipe(e)
	}
	r, err := w.reach(nil, nil)
	if err != nil {
		return nil, err
	}
	c, err := w.start(e)
	if err != nil {
		return nil, err
	}
	r.apply(c)
	return c, nil
}

// start is a recipe with its description, and without settings and identities.
func (w World) start(e Entry) (*Choice, error) {
	switch e.Kind {
	case kindOIDC:
		c, err := w.token(w.place(e))
		return described(c, e.String(), err)
	case kindWebIdentity:
		path := w.Env[webIdentityFile]
		if !absolute(path) {
			return nil, problem.New(problem.LoginNeeded, "%s is not an absolute path", webIdentityFile)
		}
		c, err := w.token(oidc.Place{System: "file:" + path})
		return described(c, "web_identity (the token in "+path+")", err)
	case kindSSO:
		return w.ssoEntry(e)
	case kindEnvironment:
		return w.environment()
	case kindInstance:
		c, err := w.instance(instance.Any)
		return described(c, "instance", err)
	}
	return nil, unknown(e)
}

func described(c *Choice, text string, err error) (*Choice, error) {
	if err != nil {
		return nil, err
	}
	c.Description = text
	return c, nil
}

func (w World) token(p oidc.Place) (*Choice, error) {
	whose, err := w.oidc().Identity(p)
	if err != nil {
		return nil, err
	}
	return &Choice{Token: &p, start: identity{kind: fromToken, whose: whose}}, nil
}

func (w World) instance(k instance.Kind) (*Choice, error) {
	whose, err := instance.World{Env: w.Env}.Identity(k)
	if err != nil {
		return nil, err
	}
	return &Choice{Instance: &k, start: identity{kind: fromInstance, whose: whose}}, nil
}

// absolute tells whether a path is the same file in every directory. A relative one would be the repository's.
func absolute(path string) bool { return filepath.IsAbs(path) || strings.HasPrefix(path, "~/") }
