package source

import (
	"errors"
	"fmt"

	"whichrole/internal/awsconfig"
	"whichrole/internal/problem"
)

// findProfile is the profile that an entry means, or why there is none.
func (w World) findProfile(name string) (p *awsconfig.Profile, why string, err error) {
	files, err := w.AWS()
	if err != nil {
		return nil, "", err
	}
	own := w.ownName(name)
	p, ok := files.Profile(own)
	if ok {
		return p, "", nil
	}
	why = missing(files, own, "it")
	if own != name {
		why = fmt.Sprintf("%s calls it %s, but %s", w.userFile(), own, missing(files, own, "that"))
	}
	return nil, why, nil
}

// missing says that a profile is nowhere, and which one it may be meant to be.
func missing(files *awsconfig.Files, name, it string) string {
	why := fmt.Sprintf("neither %s nor %s has %s", orNone(files.ConfigPath), orNone(files.CredentialsPath), it)
	if near := problem.Nearest(name, files.Names()); near != "" {
		why += ", the nearest is " + near
	}
	return why
}

// ownName is what the user calls the profile that a list calls name.
func (w World) ownName(name string) string {
	if own := w.Aliases[name]; own != "" {
		return own
	}
	return name
}

func (w World) userFile() string {
	if w.UserFile == "" {
		return "config.yaml"
	}
	return w.UserFile
}

func (w World) profileRecipe(e Entry) (*Choice, error) {
	p, _, err := w.findProfile(e.Name)
	if err != nil {
		return nil, err
	}
	files, err := w.AWS()
	if err != nil {
		return nil, err
	}
	k := &walk{World: w, files: files}
	c, err := k.profile(p)
	if err != nil {
		return nil, err
	}
	if err := k.finishMFA(c); err != nil {
		return nil, err
	}
	r, err := w.reach(files, p)
	if err != nil {
		return nil, err
	}
	r.apply(c)
	c.Entry, c.Profile = e, p.Name
	c.Description = c.name() + " (" + c.Description + ")"
	return c, nil
}

// set is a setting that says something: one without a value counts as not there, as in the SDKs.
func set(p *awsconfig.Profile, key string) (awsconfig.Setting, bool) {
	s, _ := p.Get(key)
	return s, s.Text() != ""
}

// named is a setting with its place, for messages. Values are in none: what stands in a wrong place may be a secret.
func named(s awsconfig.Setting) string { return s.Key + " (" + s.String() + ")" }

// of says whose the error of another room is.
func of(p *awsconfig.Profile, err error) error {
	e, ok := errors.AsType[*problem.Error](err)
	if !ok {
		return err
	}
	e = e.Because(e.Err) // a copy
	e.Message = "profile " + p.Name + ": " + e.Message
	return e
}

// flaw is what keeps a profile from giving credentials.
func flaw(p *awsconfig.Profile, hint, format string, args ...any) *problem.Error {
	e := problem.New(problem.LoginNeeded, "profile %s: %s", p.Name, fmt.Sprintf(format, args...))
	e.Hint = hint
	return e
}
