package source

import (
	"fmt"
	"slices"
	"strings"

	"whichrole/internal/awsconfig"
	"whichrole/internal/problem"
)

// maxTold is how many passed-over entries an error names; explain tells all of them.
const maxTold = 5

// nothing is the failure of a list of which no entry is here.
func (w World) nothing(notes []Note) error {
	told := make([]string, 0, maxTold)
	for _, n := range notes[:min(len(notes), maxTold)] {
		told = append(told, n.String())
	}
	text := strings.Join(told, "; ")
	if more := len(notes) - len(told); more > 0 {
		text += fmt.Sprintf("; and %d more", more)
	}
	e := problem.New(problem.LoginNeeded, "no source of credentials is here: %s", text)
	e.Hint = w.nothingHint(notes)
	return e
}

// nothingHint is about the first entry that the user can do something about here.
func (w World) nothingHint(notes []Note) string {
	for _, n := range notes {
		hint := ""
		switch n.Entry.Kind {
		case kindOIDC:
			hint = w.oidc().Hint(w.place(n.Entry))
		case kindProfile:
			hint = w.profileHint(n.Entry.Name)
		case kindSSO:
			hint = w.sessionHint(n.Entry.Name)
		}
		if hint != "" {
			return hint
		}
	}
	for _, n := range notes {
		if n.Entry.Kind == kindProfile && plain(n.Entry.Name) {
			return "say what it is called here: profiles: {" + n.Entry.Name + ": YOURS} in " + w.userFile()
		}
	}
	return "name a source that is here, where these are named: the role map, or else " + w.userFile()
}

// profileHint has names of the map in it, so only such as a shell and YAML leave alone.
func (w World) profileHint(name string) string {
	own := w.ownName(name)
	if !plain(name) || !plain(own) {
		return ""
	}
	files, err := w.AWS()
	if err != nil {
		return ""
	}
	if where := files.Misplaced(own); where != "" {
		return misplaced(where, own)
	}
	if near := problem.Nearest(own, files.Names()); plain(near) {
		return fmt.Sprintf("if yours is called %s, say so in %s: profiles: {%s: %s}", near, w.userFile(), name, near)
	}
	return "aws configure --profile " + own
}

// sessionHint is about a session that the AWS config does not have.
func (w World) sessionHint(name string) string {
	files, err := w.AWS()
	if err != nil {
		return ""
	}
	if near := problem.Nearest(name, files.SectionNames("sso-session")); plain(near) && plain(name) {
		return fmt.Sprintf("yours is called %s: the sso-session must be called %s, as in the map", near, name)
	}
	return "aws configure sso-session"
}

// misplaced is about [name] in the config file, where everybody writes it once.
func misplaced(where, name string) string {
	return fmt.Sprintf("%s has [%s], which is read nowhere: write [profile %s]", where, name, name)
}

// nothingImplied is the failure where nobody named a source and none of the usual ones is here.
func (w World) nothingImplied(notes []Note) error {
	files, err := w.AWS()
	if err != nil {
		return err
	}
	e := problem.New(problem.LoginNeeded, "no source is named, and the usual ones are not here: there is no CI token, and %s", notes[len(notes)-1])
	names := slices.DeleteFunc(files.Names(), func(name string) bool { // the one that calls us is no source
		p, _ := files.Profile(name)
		process, ok := p.Get("credential_process")
		return ok && awsconfig.CallsWhichrole(process.Text())
	})
	switch {
	case notes[0].Entry.Kind == kindOIDC: // it is here for its hint: see implied
		e.Hint = w.oidc().Hint(w.place(notes[0].Entry))
	case len(names) == 0:
		e.Hint = "aws configure"
	case len(names) == 1:
		e.Hint = "whichrole setup --source " + problem.Quote(names[0])
	default:
		e.Hint = "whichrole setup --source NAME; profiles here are " + someOf(names)
	}
	return e
}

func someOf(names []string) string {
	if len(names) <= maxTold {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:maxTold], ", "), len(names)-maxTold)
}
