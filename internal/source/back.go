package source

import (
	"errors"
	"path/filepath"
	"strings"

	"whichrole/internal/awsconfig"
	"whichrole/internal/child"
)

func (w World) process(p *awsconfig.Profile, by awsconfig.Setting) (*Choice, error) {
	// The name of the command shows before anything runs that it would start us again, and so on. What hides it, a script
	// say, is stopped by the depth that the child inherits.
	if err := w.mayRun(p, by); err != nil {
		return nil, err
	}
	files, err := w.AWS()
	if err != nil {
		return nil, err
	}
	return &Choice{
		Description: "credential_process in " + by.String(),
		Process:     &Process{Line: by.Text(), Where: by.String()},
		// An AWS client gives other credentials by the same line where the AWS files are others.
		start: identity{kind: fromProcess, command: digest(by.Text() + "\n" + files.ConfigPath + "\n" + files.CredentialsPath)},
	}, nil
}

// ErrLeadsBack is the cause where a profile's program starts whichrole again.
var ErrLeadsBack = errors.New("leads back to whichrole")

// mayRun tells why a line of the AWS files is not run.
func (w World) mayRun(p *awsconfig.Profile, line awsconfig.Setting) error {
	const hint = "name a profile as source that holds keys of its own"
	switch {
	case awsconfig.CallsWhichrole(line.Text()):
		return flaw(p, hint, "leads back to whichrole: %s starts it again", named(line)).Because(ErrLeadsBack)
	case child.Depth(w.Env) > 0:
		return flaw(p, hint, "leads back to whichrole: a program that it started has started it, and %s would be the next", named(line)).Because(ErrLeadsBack)
	case isRelative(programOf(line.Text())):
		return flaw(p, "write the whole path, or a name on PATH", "%s starts a program of whatever directory this is", named(line))
	}
	return nil
}

// programOf is the word with which a credential_process line begins.
func programOf(line string) string {
	word := strings.TrimLeft(line, " \t")
	end := " \t\n"
	if word != "" && (word[0] == '"' || word[0] == '\'') {
		word, end = word[1:], word[:1]
	}
	if i := strings.IndexAny(word, end); i >= 0 {
		word = word[:i]
	}
	return strings.Trim(word, `"'`)
}

// isRelative tells whether a program lies in the working directory or is named from there: it would be the repository's. What
// the shell puts in for ~ and $ is the user's.
func isRelative(program string) bool {
	return strings.ContainsAny(program, `/\`) && !filepath.IsAbs(program) && !strings.ContainsAny(program[:1], `/\~$%`)
}

// loginHint is what AWS advises for programs that do not know aws login.
func loginHint(name string) string {
	if !plain(name) {
		name = "NAME"
	}
	return "name a profile as source that has credential_process = aws configure export-credentials --profile " + name
}
