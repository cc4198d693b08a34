package source

import (
	"fmt"
	"strings"

	"whichrole/internal/awsconfig"
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

func (w World) takeProfile(e Entry) (*Choice, error) {
	p, _, err := w.findProfile(e.Name)
	if err != nil {
		return nil, err
	}
	if err := w.leadsBack(p); err != nil {
		return nil, err
	}
	if err := notServed(p); err != nil {
		return nil, err
	}
	k := profileKeys(p)
	if err := k.check(); err != nil {
		return nil, err
	}
	name := "profile " + p.Name
	if p.Name != e.Name {
		name += ", here for " + e.Name
	}
	region, _ := p.Get("region")
	c := k.choice(e, "static")
	c.Description = fmt.Sprintf("%s (static keys %s in %s)", name, shown(k.id.value), k.id.where)
	c.Profile, c.Region = p.Name, region.Text()
	return c, nil
}

// leadsBack tells when the profile's own helper is whichrole: it would start us again, and so on. The name of the command
// shows it before anything runs; what hides it, a script say, is stopped by the depth that the child inherits.
func (w World) leadsBack(p *awsconfig.Profile) error {
	process, _ := p.Get("credential_process")
	if process.Text() == "" {
		return nil
	}
	if baseOfCommand(process.Text()) != "whichrole" && w.Env[DepthVariable] == "" {
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

// otherKinds are the settings that make a profile something else than static keys. Next to keys they count as well: each
// SDK chooses differently there, and we would hand out an identity that was not meant.
var otherKinds = []string{
	"role_arn", "source_profile", "credential_source", "web_identity_token_file",
	"sso_session", "sso_start_url", "sso_account_id", "sso_role_name", "sso_region",
	"credential_process", "login_session", "mfa_serial",
}

// notServed tells of a profile of another kind than static keys.
func notServed(p *awsconfig.Profile) error {
	for _, key := range otherKinds {
		if s, _ := p.Get(key); s.Text() != "" {
			return problem.New(problem.Failure, "profile %s has %s (%s), which is not supported by this version", p.Name, key, s).
				WithHint(servedHint)
		}
	}
	return nil
}
