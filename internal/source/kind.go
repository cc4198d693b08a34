package source

import (
	"fmt"

	"whichrole/internal/awsconfig"
	"whichrole/internal/problem"
)

// The settings that make a profile what it is. One that has those of two kinds means something else to each SDK: we would
// hand out an identity that was not meant.
var kinds = []struct {
	name     string
	settings []string
}{
	{"keys", []string{"aws_access_key_id", "aws_secret_access_key", "aws_session_token"}},
	{"role_arn", []string{"role_arn"}},
	{"sso", []string{"sso_session", "sso_start_url", "sso_account_id", "sso_role_name"}},
	{"credential_process", []string{"credential_process"}},
	{"login_session", []string{"login_session"}},
}

// The settings by which the profile of a role says where it starts: one of them.
var roleSources = []string{"source_profile", "credential_source", "web_identity_token_file"}

// kindOf tells what a profile is. Without any of those settings it is one of keys, that are missing.
func kindOf(p *awsconfig.Profile) (string, error) {
	found, first := "", awsconfig.Setting{}
	for _, kind := range kinds {
		s, ok := firstOf(p, kind.settings)
		switch {
		case !ok:
		case kind.name == "login_session":
			return "", flawed(s, "profile %s has a login_session of the AWS CLI (aws login), which is not read here", p.Name).
				WithHint("name it through a profile with credential_process = aws configure export-credentials --profile %s --format process", p.Name)
		case found == "":
			found, first = kind.name, s
		case found == "keys" && kind.name == "role_arn" && standsOnItself(p):
			found = kind.name
		default:
			return "", twoKinds(p, first, s)
		}
	}
	from, ok := firstOf(p, roleSources)
	switch {
	case found == "role_arn" && !ok:
		return "", flawed(first, "profile %s has role_arn, but nothing says where it starts", p.Name).
			WithHint("add source_profile = NAME below it, with a profile that has keys")
	case found != "role_arn" && ok:
		return "", flawed(from, "profile %s has %s, but no role_arn", p.Name, from.Key)
	case ok:
		for _, key := range roleSources {
			if other, two := p.Get(key); two && other.Key != from.Key {
				return "", twoKinds(p, from, other)
			}
		}
	}
	if serial, ok := p.Get("mfa_serial"); ok && (found == "sso" || found == "credential_process") {
		return "", twoKinds(p, serial, mustOf(p, found))
	}
	return found, nil
}

func standsOnItself(p *awsconfig.Profile) bool {
	s, _ := p.Get("source_profile")
	return s.Text() == p.Name
}

func twoKinds(p *awsconfig.Profile, a, b awsconfig.Setting) *problem.Error {
	e := problem.New(problem.LoginNeeded, "profile %s has %s (%s) and %s (%s): each SDK would choose another of them", p.Name, a.Key, a, b.Key, b)
	return e.WithHint("keep one of them, and make a profile of its own of the other")
}

// firstOf is the first of these settings that the profile has. An empty one counts as none, as the SDKs have it.
func firstOf(p *awsconfig.Profile, keys []string) (awsconfig.Setting, bool) {
	for _, key := range keys {
		if s, ok := p.Get(key); ok && s.Text() != "" {
			return s, true
		}
	}
	return awsconfig.Setting{}, false
}

func mustOf(p *awsconfig.Profile, kind string) awsconfig.Setting {
	for _, k := range kinds {
		if k.name == kind {
			s, _ := firstOf(p, k.settings)
			return s
		}
	}
	panic(fmt.Sprintf("source: no kind %s", kind))
}
