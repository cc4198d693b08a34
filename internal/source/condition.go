package source

import (
	"fmt"

	"whichrole/internal/oidc"
	"whichrole/internal/problem"
)

const webIdentityFile = "AWS_WEB_IDENTITY_TOKEN_FILE"

// absent is why the entry's condition does not hold, "" where it does. It looks at variables and files only.
func (w World) absent(e Entry) (string, error) {
	switch e.Kind {
	case kindOIDC:
		return w.oidc().Absent(w.place(e)), nil
	case kindWebIdentity:
		return w.unset(webIdentityFile), nil
	case kindSSO:
		return w.sessionAbsent(e.Name)
	case kindProfile:
		_, why, err := w.findProfile(e.Name)
		return why, err
	case kindEnvironment: // half a key is there, and an error
		if w.Env["AWS_SECRET_ACCESS_KEY"] != "" {
			return "", nil
		}
		return w.unset("AWS_ACCESS_KEY_ID"), nil
	case kindInstance: // not asked: a machine without one would wait for an answer
		return "", nil
	}
	return "", unknown(e)
}

func unknown(e Entry) error {
	return problem.New(problem.Failure, "there is no source called %s", e.Kind)
}

func (w World) oidc() oidc.World { return oidc.World{Env: w.Env, Home: w.Home} }

// place gives the two systems that are asked for an audience the one that is wanted where the entry names none.
func (w World) place(e Entry) oidc.Place {
	p := oidc.Place{System: e.Name, Audience: e.Audience}
	if p.Audience == "" && (e.Name == "github" || e.Name == "buildkite") {
		p.Audience = w.Audience
	}
	return p
}

func (w World) unset(name string) string {
	if w.Env[name] == "" {
		return name + " is not set"
	}
	return ""
}

func (w World) sessionAbsent(name string) (string, error) {
	files, err := w.AWS()
	if err != nil {
		return "", err
	}
	if _, ok := files.Section("sso-session", name); ok {
		return "", nil
	}
	return fmt.Sprintf("%s has no [sso-session %s]", orNone(files.ConfigPath), name), nil
}

// orNone names a file that has no path because there is no home to look in.
func orNone(path string) string {
	if path == "" {
		return "the AWS config (no home directory is known)"
	}
	return path
}
