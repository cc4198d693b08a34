package source

import (
	"cmp"
	"net/url"
	"strings"

	"whichrole/internal/awsconfig"
	"whichrole/internal/problem"
)

// Settings are how AWS is reached, by variables and by the profile that the source is. The global AWS_ENDPOINT_URL and
// endpoint_url are not followed: the SDKs' own calls of STS on the way to credentials ignore them as well (CONTRACT.md).
type Settings struct {
	Region          string // the profile's, "" if none
	STSEndpoint     string // AWS_ENDPOINT_URL_STS, or that of the profile's services; "" for AWS's own
	SSOEndpoint     string // AWS_ENDPOINT_URL_SSO, likewise: the portal
	OIDCEndpoint    string // AWS_ENDPOINT_URL_SSO_OIDC, likewise
	CABundle        string // AWS_CA_BUNDLE, or ca_bundle; "" for the system's
	FIPS, DualStack bool
}

// settings are those of a profile, nil where the source is none.
func (w World) settings(p *awsconfig.Profile) (s Settings, err error) {
	text := func(key string) string {
		if p == nil {
			return ""
		}
		setting, _ := p.Get(key)
		return setting.Text()
	}
	s.Region, s.CABundle = text("region"), cmp.Or(w.Env["AWS_CA_BUNDLE"], text("ca_bundle"))
	for _, sw := range []struct {
		to            *bool
		variable, key string
	}{{&s.FIPS, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint"}, {&s.DualStack, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint"}} {
		if *sw.to, err = w.isOn(p, sw.variable, sw.key); err != nil {
			return s, err
		}
	}
	ignored, err := w.isOn(p, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls")
	if err != nil || ignored {
		return s, err
	}
	for _, service := range []struct {
		to             *string
		variable, name string
	}{
		{&s.STSEndpoint, "AWS_ENDPOINT_URL_STS", "sts"}, {&s.SSOEndpoint, "AWS_ENDPOINT_URL_SSO", "sso"},
		{&s.OIDCEndpoint, "AWS_ENDPOINT_URL_SSO_OIDC", "sso_oidc"},
	} {
		if *service.to, err = w.endpoint(p, service.variable, service.name); err != nil {
			return s, err
		}
	}
	return s, nil
}

// isOn reads a switch: the variable, else the profile's setting.
func (w World) isOn(p *awsconfig.Profile, variable, key string) (bool, error) {
	value, where := w.Env[variable], variable
	if value == "" && p != nil {
		s, _ := p.Get(key)
		value, where = s.Text(), key+" ("+s.String()+")"
	}
	switch strings.ToLower(value) {
	case "", "false":
		return false, nil
	case "true":
		return true, nil
	}
	return false, problem.New(problem.Usage, "%s is neither true nor false", where)
}

// endpoint is a service's URL: the variable's, else that of the section that the profile's services names.
func (w World) endpoint(p *awsconfig.Profile, variable, service string) (string, error) {
	if value := w.Env[variable]; value != "" {
		if !isURL(value) {
			return "", problem.New(problem.Usage, "%s is not an http or https URL", variable).WithHint("unset %s", variable)
		}
		return value, nil
	}
	if p == nil {
		return "", nil
	}
	named, _ := p.Get("services")
	if named.Text() == "" {
		return "", nil
	}
	files, err := w.AWS()
	if err != nil {
		return "", err
	}
	section, ok := files.Section("services", named.Text())
	if !ok {
		return "", flawed(named, "profile %s has services = %s, but there is no [services %s]", p.Name, named.Text(), named.Text())
	}
	of, _ := section.Get(service)
	s, ok := of.Get("endpoint_url")
	if ok && !isURL(s.Text()) { // unquoted: it may hold a password
		return "", flawed(s, "endpoint_url of %s is not an http or https URL", service)
	}
	return s.Text(), nil
}

func isURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}
