package source

import (
	"net/url"
	"path/filepath"
	"strings"

	"whichrole/internal/awsconfig"
	"whichrole/internal/problem"
)

// reach is how AWS is reached: Settings, and where IAM Identity Center is, "" for AWS's own.
type reach struct {
	Settings
	portal, oidc string
}

func (r reach) apply(c *Choice) {
	c.Settings = r.Settings
	if c.SSO != nil {
		c.SSO.Session.PortalEndpoint, c.SSO.Session.OIDCEndpoint = r.portal, r.oidc
	}
}

// said is what the user says of one thing, and where: a variable, or a setting with file and line.
type said struct{ text, where string }

// either is the variable or else the profile's setting, as in the SDKs. p may be nil.
func (w World) either(variable string, p *awsconfig.Profile, key string) said {
	if text := w.Env[variable]; text != "" {
		return said{text, variable}
	}
	if p == nil {
		return said{}
	}
	s, _ := set(p, key)
	return said{s.Text(), named(s)}
}

func (s said) wrong(hint, format string) error {
	e := problem.New(problem.Usage, format, s.where) // without the text: it may hold a password
	e.Hint = hint
	return e
}

func (s said) yes() (bool, error) {
	switch {
	case strings.EqualFold(s.text, "true"):
		return true, nil
	case s.text == "" || strings.EqualFold(s.text, "false"):
		return false, nil
	}
	return false, s.wrong("", "%s is neither true nor false")
}

// reach reads the variables and, where there is one, the entry's own profile: those of the profiles behind it count in no
// SDK either.
func (w World) reach(files *awsconfig.Files, p *awsconfig.Profile) (r reach, err error) {
	if p != nil {
		region, _ := set(p, "region")
		r.Region = region.Text()
	}
	bundle := w.either("AWS_CA_BUNDLE", p, "ca_bundle")
	if r.CABundle = bundle.text; r.CABundle != "" && !filepath.IsAbs(r.CABundle) {
		return r, bundle.wrong("whom to trust must not depend on the directory", "%s is not an absolute path")
	}
	if r.FIPS, err = w.either("AWS_USE_FIPS_ENDPOINT", p, "use_fips_endpoint").yes(); err != nil {
		return r, err
	}
	if r.DualStack, err = w.either("AWS_USE_DUALSTACK_ENDPOINT", p, "use_dualstack_endpoint").yes(); err != nil {
		return r, err
	}
	ignore, err := w.either("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", p, "ignore_configured_endpoint_urls").yes()
	if err != nil || ignore {
		return r, err
	}
	services, err := servicesOf(files, p)
	if err != nil {
		return r, err
	}
	if r.STSEndpoint, err = w.endpoint(services, "sts"); err != nil {
		return r, err
	}
	if r.portal, err = w.endpoint(services, "sso"); err != nil {
		return r, err
	}
	r.oidc, err = w.endpoint(services, "sso_oidc")
	return r, err
}

// servicesOf is nil where the profile names none.
func servicesOf(files *awsconfig.Files, p *awsconfig.Profile) (*awsconfig.Section, error) {
	if p == nil {
		return nil, nil
	}
	name, ok := set(p, "services")
	if !ok {
		return nil, nil
	}
	services, ok := files.Section("services", name.Text())
	if !ok {
		return nil, problem.New(problem.Usage, "profile %s: %s names %s, but %s has no such [services]", p.Name, named(name), name.Text(), orNone(files.ConfigPath))
	}
	return services, nil
}

// endpoint is the URL of a service, as the SDKs call it in a services section and, in capitals, in a variable.
func (w World) endpoint(services *awsconfig.Section, service string) (string, error) {
	s := said{where: "AWS_ENDPOINT_URL_" + strings.ToUpper(service)}
	s.text = w.Env[s.where]
	if s.text == "" {
		of, _ := services.Get(service)
		at, _ := of.Get("endpoint_url")
		s = said{at.Text(), named(at)}
	}
	if s.text != "" && (!isURL(s.text) || strings.ContainsAny(s.text, "?#")) { // more is appended to it
		return "", s.wrong("it begins with https:// and a host, and holds no user name, password or ?", "%s is not a URL that can be used")
	}
	return strings.TrimRight(s.text, "/"), nil
}

// isURL takes an http or https URL without a user name or password: those would end up in messages.
func isURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" && u.User == nil
}
