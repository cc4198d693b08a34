package source

import (
	"fmt"
	"strings"

	"whichrole/internal/awsconfig"
	"whichrole/internal/partition"
	"whichrole/internal/problem"
	"whichrole/internal/sso"
)

// ssoEntry is the recipe of an sso entry. Its condition was that the session exists.
func (w World) ssoEntry(e Entry) (*Choice, error) {
	files, err := w.AWS()
	if err != nil {
		return nil, err
	}
	section, _ := files.Section("sso-session", e.Name)
	session, err := sessionOf(section)
	if err != nil {
		return nil, err
	}
	c := ssoChoice(session, e.Account, e.PermissionSet)
	return described(c, e.String()+" ("+c.Description+")", nil)
}

func ssoChoice(s sso.Session, account, permissionSet string) *Choice {
	r := &SSORole{Session: s, Account: account, PermissionSet: permissionSet}
	return &Choice{Description: r.String(), SSO: r, start: identity{kind: fromSSO}}
}

// sessionOf is a whole [sso-session].
func sessionOf(section *awsconfig.Section) (sso.Session, error) {
	wrong := func(format string, args ...any) error {
		return problem.New(problem.LoginNeeded, "[sso-session %s] (%s): %s", section.Name, section, fmt.Sprintf(format, args...)).WithHint("aws configure sso-session")
	}
	url, _ := section.Get("sso_start_url")
	region, _ := section.Get("sso_region")
	switch {
	case url.Text() == "":
		return sso.Session{}, wrong("there is no sso_start_url in it")
	case region.Text() == "":
		return sso.Session{}, wrong("there is no sso_region in it")
	case !isURL(url.Text()):
		return sso.Session{}, wrong("%s is not a URL", named(url))
	case !partition.IsRegion(region.Text()):
		return sso.Session{}, wrong("%s is not a region", named(region))
	}
	scopes, _ := section.Get("sso_registration_scopes")
	return sso.Session{
		Name: section.Name, StartURL: url.Text(), Region: region.Text(), Scopes: scopesOf(scopes.Text()), Where: section.String(),
	}, nil
}

// scopesOf is a list with commas; where it is empty, what the AWS CLI asks for then.
func scopesOf(text string) []string {
	var scopes []string
	for scope := range strings.SplitSeq(text, ",") {
		if scope = strings.TrimSpace(scope); scope != "" {
			scopes = append(scopes, scope)
		}
	}
	if scopes == nil {
		return []string{"sso:account:access"}
	}
	return scopes
}

// ssoProfile is the recipe of a profile that says which permission set of which account it is. One that says neither is a
// session, which serves environments with a permission set of their own; to assume a role it is not enough.
func (w *walk) ssoProfile(p *awsconfig.Profile) (*Choice, error) {
	session, err := w.profileSession(p)
	if err != nil {
		return nil, err
	}
	account, hasAccount := set(p, "sso_account_id")
	_, hasRole := set(p, "sso_role_name")
	switch {
	case !hasAccount && !hasRole && len(w.trail) == 0:
		return ssoChoice(session, "", ""), nil
	case !hasAccount:
		return nil, incomplete(p, "sso_account_id")
	case !hasRole:
		return nil, incomplete(p, "sso_role_name")
	case !isAccount(account.Text()):
		return nil, flaw(p, "an account has 12 digits", "%s is not an account", named(account))
	}
	role, err := words(p, "sso_role_name", namePunctuation, 1, 64)
	if err != nil {
		return nil, err
	}
	return ssoChoice(session, account.Text(), role), nil
}

func incomplete(p *awsconfig.Profile, missing string) error {
	hint := "aws configure sso"
	if plain(p.Name) {
		hint += " --profile " + p.Name
	}
	return flaw(p, hint, "it is one of IAM Identity Center, but there is no %s in it", missing)
}

// profileSession is the session that the profile names or, as older ones do, describes itself.
func (w *walk) profileSession(p *awsconfig.Profile) (sso.Session, error) {
	url, hasURL := set(p, "sso_start_url")
	region, hasRegion := set(p, "sso_region")
	name, ok := set(p, "sso_session")
	if !ok {
		return legacySession(p, url, region)
	}
	section, ok := w.files.Section("sso-session", name.Text())
	if !ok {
		return sso.Session{}, flaw(p, "aws configure sso-session", "%s names %s, but %s has no such [sso-session]", named(name), name.Text(), orNone(w.files.ConfigPath))
	}
	session, err := sessionOf(section)
	if err != nil {
		return sso.Session{}, err
	}
	// The SDKs refuse a profile that says something else than its session.
	if other, _ := section.Get("sso_start_url"); hasURL && url.Text() != session.StartURL {
		return sso.Session{}, unequal(p, url, other)
	}
	if other, _ := section.Get("sso_region"); hasRegion && region.Text() != session.Region {
		return sso.Session{}, unequal(p, region, other)
	}
	return session, nil
}

func unequal(p *awsconfig.Profile, a, b awsconfig.Setting) error {
	return flaw(p, "remove "+named(a), "%s and %s contradict each other", named(a), named(b))
}

func legacySession(p *awsconfig.Profile, url, region awsconfig.Setting) (sso.Session, error) {
	switch {
	case url.Text() == "":
		return sso.Session{}, incomplete(p, "sso_session and no sso_start_url")
	case region.Text() == "":
		return sso.Session{}, incomplete(p, "sso_region")
	case !isURL(url.Text()):
		return sso.Session{}, flaw(p, "it looks like https://d-1234567890.awsapps.com/start", "%s is not a URL", named(url))
	case !partition.IsRegion(region.Text()):
		return sso.Session{}, flaw(p, "it looks like eu-west-1", "%s is not a region", named(region))
	}
	return sso.Session{StartURL: url.Text(), Region: region.Text(), Scopes: scopesOf(""), Where: url.String()}, nil
}
