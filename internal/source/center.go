package source

import (
	"strings"

	"whichrole/internal/awsconfig"
	"whichrole/internal/sso"
)

// ssoOf is the permission set of a profile: of a session that it names, or of the legacy settings in itself.
func (w World) ssoOf(p *awsconfig.Profile) (*SSORole, error) {
	set, err := w.settings(p)
	if err != nil {
		return nil, err
	}
	get := func(key string) awsconfig.Setting { s, _ := p.Get(key); return s }
	role := &SSORole{Account: get("sso_account_id").Text(), PermissionSet: get("sso_role_name").Text()}
	if (role.Account == "") != (role.PermissionSet == "") {
		s, _ := firstOf(p, []string{"sso_account_id", "sso_role_name"})
		return nil, flawed(s, "profile %s has one of sso_account_id and sso_role_name without the other", p.Name)
	}
	if named := get("sso_session"); named.Text() != "" {
		role.Session, err = w.session(named, set)
		if err != nil {
			return nil, err
		}
		for key, value := range map[string]string{"sso_start_url": role.Session.StartURL, "sso_region": role.Session.Region} {
			if s := get(key); s.Text() != "" && s.Text() != value {
				return nil, flawed(s, "profile %s has another %s than its sso-session %s", p.Name, key, named.Text())
			}
		}
		return role, nil
	}
	url, region := get("sso_start_url"), get("sso_region")
	for key, s := range map[string]awsconfig.Setting{"sso_start_url": url, "sso_region": region} {
		if s.Text() == "" {
			return nil, flawed(mustOf(p, "sso"), "profile %s has neither sso_session nor %s", p.Name, key)
		}
	}
	role.Session = sso.Session{
		StartURL: url.Text(), Region: region.Text(), Where: url.String(), OIDCEndpoint: set.OIDCEndpoint, PortalEndpoint: set.SSOEndpoint,
	}
	return role, nil
}

// session is the [sso-session] that a setting names.
func (w World) session(named awsconfig.Setting, set Settings) (sso.Session, error) {
	files, err := w.AWS()
	if err != nil {
		return sso.Session{}, err
	}
	section, ok := files.Section("sso-session", named.Text())
	if !ok {
		return sso.Session{}, flawed(named, "%s has no [sso-session %s]", orNone(files.ConfigPath), named.Text())
	}
	return sessionOf(section, set)
}

func sessionOf(section *awsconfig.Section, set Settings) (sso.Session, error) {
	get := func(key string) string { s, _ := section.Get(key); return s.Text() }
	return sso.Session{
		Name: section.Name, StartURL: get("sso_start_url"), Region: get("sso_region"), Where: section.String(),
		Scopes:       strings.FieldsFunc(get("sso_registration_scopes"), func(r rune) bool { return r == ',' || r == ' ' }),
		OIDCEndpoint: set.OIDCEndpoint, PortalEndpoint: set.SSOEndpoint,
	}, nil
}

// takeSSO is an sso entry: the session alone or, as the start of a chain, with a permission set.
func (w World) takeSSO(c *Choice) error {
	files, err := w.AWS()
	if err != nil {
		return err
	}
	if c.Settings, err = w.settings(nil); err != nil {
		return err
	}
	section, _ := files.Section("sso-session", c.Entry.Name) // absent has looked
	session, err := sessionOf(section, c.Settings)
	c.SSO = &SSORole{session, c.Entry.Account, c.Entry.PermissionSet}
	return err
}
