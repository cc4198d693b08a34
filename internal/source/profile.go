package source

import (
	"fmt"
	"strings"

	"whichrole/internal/awsconfig"
	"whichrole/internal/child"
	"whichrole/internal/problem"
)

// findProfile is the profile that an entry means, or why there is none.
func (w World) findProfile(name string) (p *awsconfig.Profile, why string, err error) {
	files, err := w.AWS()
	if err != nil {
		return nil, "", err
	}
	p, ok := files.Profile(w.ownName(name))
	if ok {
		return p, "", nil
	}
	why = fmt.Sprintf("neither %s nor %s has it", orNone(files.ConfigPath), orNone(files.CredentialsPath))
	if own := w.ownName(name); own != name {
		why = fmt.Sprintf("%s calls it %s, but neither %s nor %s has that", w.userFile(), own, orNone(files.ConfigPath), orNone(files.CredentialsPath))
	}
	if near := problem.Nearest(w.ownName(name), files.Names()); near != "" {
		why += ", the nearest is " + near
	}
	return nil, why, nil
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

func (w World) takeProfile(c *Choice) error {
	p, _, err := w.findProfile(c.Entry.Name)
	if err != nil {
		return err
	}
	c.Profile = p.Name
	if c.Settings, err = w.settings(p); err != nil {
		return err
	}
	return w.follow(c, p, nil)
}

// leadsBack tells when the profile's own helper is whichrole: it would start us again, and so on. The name of the command
// shows it before anything runs; what hides it, a script say, is stopped by the depth that the child inherits.
func (w World) leadsBack(p *awsconfig.Profile) error {
	process, _ := p.Get("credential_process")
	if process.Text() == "" {
		return nil
	}
	if baseOfCommand(process.Text()) != "whichrole" && w.Env[child.DepthVariable] == "" {
		return nil
	}
	return problem.New(problem.LoginNeeded, "profile %s leads back to whichrole: credential_process (%s) starts it again", p.Name, process).
		WithHint("name a profile as source that holds keys of its own")
}

// baseOfCommand is the program that a credential_process line starts, without directories and .exe, in lower case.
func baseOfCommand(line string) string {
	word := strings.TrimLeft(line, " \t")
	end := " \t\n"
	if word != "" && (word[0] == '"' || word[0] == '\'') {
		word, end = word[1:], word[:1]
	}
	if i := strings.IndexAny(word, end); i >= 0 {
		word = word[:i]
	}
	word = strings.Trim(word, `"'`)
	word = strings.ToLower(word[strings.LastIndexAny(word, `/\`)+1:])
	return strings.TrimSuffix(word, ".exe")
}
