package source

import (
	"fmt"
	"strings"

	"whichrole/internal/awsconfig"
	"whichrole/internal/creds"
	"whichrole/internal/problem"
)

// part is one third of a static key, with where it was written, for messages. The value shows in none of them.
type part struct {
	name  string
	where string // file:line, "" for a variable
	value creds.Secret
}

func (p part) String() string {
	if p.where == "" {
		return p.name
	}
	return p.name + " (" + p.where + ")"
}

// keys are a static key as it was found, not yet judged.
type keys struct {
	owner             string // "profile corp" or "environment"
	id, secret, token part
	halfHint          string // what to do where one half is missing
	staleHint         string // what to do where the token belongs to other keys
}

func profileKeys(p *awsconfig.Profile) keys {
	get := func(key string) part {
		s, ok := p.Get(key)
		if !ok {
			return part{name: key}
		}
		return part{key, s.String(), s.Secret()}
	}
	k := keys{
		owner: "profile " + p.Name + " (" + p.String() + ")",
		id:    get("aws_access_key_id"), secret: get("aws_secret_access_key"), token: get("aws_session_token"),
	}
	if plain(p.Name) {
		k.halfHint = "aws configure --profile " + p.Name
	}
	k.staleHint = "remove " + k.token.String()
	return k
}

// environment serves keys in variables. Other tools leave variables behind, so what does not belong together is told.
func (w World) environment() (*Choice, error) {
	get := func(name string) part { return part{name: name, value: creds.NewSecret(w.Env[name])} }
	k := keys{
		owner: "environment",
		id:    get("AWS_ACCESS_KEY_ID"), secret: get("AWS_SECRET_ACCESS_KEY"), token: get("AWS_SESSION_TOKEN"),
		halfHint:  "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN",
		staleHint: "unset AWS_SESSION_TOKEN",
	}
	c, err := k.start(fromEnvironment)
	return described(c, fmt.Sprintf("environment (static keys %s in AWS_ACCESS_KEY_ID)", shown(k.id.value)), err)
}

// start is a recipe of keys that belong together.
func (k keys) start(kind string) (*Choice, error) {
	if err := k.check(); err != nil {
		return nil, err
	}
	c := creds.Credentials{AccessKeyID: k.id.value.Reveal(), SecretAccessKey: k.secret.value, SessionToken: k.token.value}
	return &Choice{
		Description: fmt.Sprintf("static keys %s in %s", shown(k.id.value), k.id.where),
		Keys:        &c, start: identity{kind: kind, accessKeyID: c.AccessKeyID},
	}, nil
}

// check tells what is wrong with the keys without quoting any of them: an id may be a secret that was put into its place.
func (k keys) check() error {
	id, secret := k.id.value.Reveal(), k.secret.value.Reveal()
	switch {
	case id == "" && secret == "":
		return k.flaw(k.halfHint, "there are no credentials in it")
	case secret == "":
		return k.flaw(k.halfHint, "%s is there without %s", k.id, k.secret)
	case id == "":
		return k.flaw(k.halfHint, "%s is there without %s", k.secret, k.id)
	}
	if looksLikeID(secret) || len(id) == 40 && !looksLikeID(id) {
		return k.flaw(k.halfHint, "%s and %s seem to be swapped", k.id, k.secret)
	}
	if !consistsOf(id, wordCharacters) {
		return k.flaw(k.halfHint, "%s holds a character that no access key id has", k.id)
	}
	for _, p := range []part{k.secret, k.token} {
		if strings.IndexFunc(p.value.Reveal(), invisible) >= 0 {
			return k.flaw(k.halfHint, "%s holds a blank, a control character or one beyond ASCII, as no key does", p)
		}
	}
	return k.checkToken(id)
}

// checkToken: long-term keys begin with AKIA, temporary ones with ASIA (IAM user guide, "IAM identifiers", unique id
// prefixes). Others, such as those of local stand-ins for AWS, are taken with a token or without.
func (k keys) checkToken(id string) error {
	switch {
	case strings.HasPrefix(id, "AKIA") && !k.token.value.Empty():
		return k.flaw(k.staleHint, "%s belongs to other keys: %s is a long-term key, which has none", k.token, k.id)
	case strings.HasPrefix(id, "ASIA") && k.token.value.Empty():
		return k.flaw("a temporary key works only with the "+k.token.name+" that came with it", "%s is a temporary key, but %s is missing", k.id, k.token.name)
	}
	return nil
}

func (k keys) flaw(hint, format string, args ...any) error {
	e := problem.New(problem.LoginNeeded, "%s: %s", k.owner, fmt.Sprintf(format, args...))
	e.Hint = hint
	return e
}

// shown is an access key id as people tell them apart: AKIA…WXYZ.
func shown(id creds.Secret) string {
	s := id.Reveal()
	if len(s) < 12 {
		return s
	}
	return s[:4] + "…" + s[len(s)-4:]
}

func looksLikeID(s string) bool {
	return len(s) >= 16 && len(s) <= 32 && (strings.HasPrefix(s, "AKIA") || strings.HasPrefix(s, "ASIA")) &&
		consistsOf(s, wordCharacters)
}

func invisible(r rune) bool { return r <= ' ' || r >= 0x7f }
