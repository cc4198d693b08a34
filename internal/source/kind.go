package source

import (
	"whichrole/internal/awsconfig"
)

// The settings by which a profile says where its credentials come from.
const (
	byKeys        = "aws_access_key_id"
	bySource      = "source_profile"
	byNamed       = "credential_source"
	byWebIdentity = "web_identity_token_file"
	bySSO         = "sso_session"
	byProcess     = "credential_process"
	byLogin       = "login_session"
)

// kinds has for each of them all the settings that speak of it.
var kinds = []struct {
	kind     string
	settings []string
}{
	{byKeys, []string{"aws_access_key_id", "aws_secret_access_key"}},
	{bySource, []string{bySource}},
	{byNamed, []string{byNamed}},
	{byWebIdentity, []string{byWebIdentity}},
	{bySSO, []string{"sso_session", "sso_start_url", "sso_account_id", "sso_role_name", "sso_region"}},
	{byProcess, []string{byProcess}},
	{byLogin, []string{byLogin}},
}

// claim is one kind that a profile says to be, by the first of its settings.
type claim struct {
	kind string
	by   awsconfig.Setting
}

func claims(p *awsconfig.Profile) []claim {
	var list []claim
	for _, k := range kinds {
		for _, key := range k.settings {
			if s, ok := set(p, key); ok {
				list = append(list, claim{k.kind, s})
				break
			}
		}
	}
	return list
}

// kindOf is the one kind that a profile is. Two at once are an error: each SDK chooses differently there, and we would hand
// out an identity that was not meant. A profile that says nothing is one of keys, and those will be missed.
//
// A profile may be its own source where it holds keys: a role that they assume, in a profile of theirs. As the source of
// another profile it is an error: the AWS SDK for Go v2 then assumes the role, botocore uses the bare keys. Without a role it
// is one of keys, as aws-vault's manual advises.
func kindOf(p *awsconfig.Profile, isSource bool) (claim, error) {
	list := claims(p)
	role, isRole := set(p, "role_arn")
	if own := list; len(own) == 2 && own[0].kind == byKeys && own[1].kind == bySource && own[1].by.Text() == p.Name {
		if isRole && isSource {
			return claim{}, flaw(p, "move the keys to a profile of their own",
				"%s and %s: where this profile is another's source, some SDKs take the role and some the keys", named(role), named(own[0].by))
		}
		return own[0], nil
	}
	switch {
	case isRole && len(list) > 0 && list[0].kind == byKeys:
		return claim{}, keysAndRole(p, role, list)
	case len(list) > 1:
		return claim{}, mixed(p, list[0].by, list[1].by)
	case len(list) == 0 && isRole:
		return claim{}, flaw(p, "add source_profile = NAME, a profile that may assume the role", "%s is there, but nothing says who assumes it", named(role))
	case len(list) == 0:
		return claim{kind: byKeys}, nil
	}
	return list[0], roleBeside(p, list[0], role, isRole)
}

// roleBeside makes sure that there is a role where the kind only says who assumes it, and none where it does not.
//
// A credential_source is fine without one: the AWS SDK for Go v2 refuses that, but many instances have it in their [default],
// where botocore ends at the same credentials. A source_profile is not: botocore passes over it, aws-vault follows it.
func roleBeside(p *awsconfig.Profile, c claim, role awsconfig.Setting, isRole bool) error {
	wanted := c.kind == bySource || c.kind == byWebIdentity
	switch {
	case wanted && !isRole:
		return flaw(p, "add role_arn, or remove "+c.by.Key, "%s is there without role_arn", named(c.by))
	case isRole && !wanted && c.kind != byNamed:
		return mixed(p, role, c.by)
	}
	return nil
}

func keysAndRole(p *awsconfig.Profile, role awsconfig.Setting, list []claim) error {
	if len(list) > 1 || !plain(p.Name) {
		return mixed(p, role, list[0].by)
	}
	return flaw(p, "if these keys assume the role, add source_profile = "+p.Name, "%s", both(role, list[0].by))
}

func mixed(p *awsconfig.Profile, a, b awsconfig.Setting) error {
	return flaw(p, "keep one of them, and put the other into a profile of its own", "%s", both(a, b))
}

func both(a, b awsconfig.Setting) string {
	return named(a) + " and " + named(b) + " contradict each other: each SDK follows another one"
}
