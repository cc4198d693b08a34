// Package sso is IAM Identity Center: its sessions, their tokens in the AWS CLI's cache, the credentials of permission sets.
//
// The few calls are unsigned JSON, made without the AWS SDK: linking its sso and ssooidc packages costs each cached answer 0.4 ms
// at start, which takes it from 1.42 to the limit of 1.5 × a bare keyring.Get.
package sso

import (
	"context"
	"encoding/json"
	"time"

	"whichrole/internal/partition"
	"whichrole/internal/problem"
	"whichrole/internal/transport"
)

// Session is one place to log in to, as the AWS config file has it.
type Session struct {
	Name     string   // of [sso-session NAME]; "" for the legacy settings inside a profile, which can't be refreshed
	StartURL string   // sso_start_url, as it is written: the name of a legacy token's file is made of it
	Region   string   // sso_region
	Scopes   []string // sso_registration_scopes; none means sso:account:access
	Where    string   // file:line of the settings

	OIDCEndpoint   string // AWS_ENDPOINT_URL_SSO_OIDC; "" means https://oidc.REGION.amazonaws.com
	PortalEndpoint string // AWS_ENDPOINT_URL_SSO; "" means https://portal.sso.REGION.amazonaws.com
}

// Client works on one session. It keeps nothing between calls and may be used from any goroutine.
type Client struct {
	Session
	Dir   string                         // of the AWS CLI's tokens: ~/.aws/sso/cache
	Locks string                         // of our locks, one that exists: paths.Dirs.OpenRun; "" for none
	Way   func() (*transport.Way, error) // called when there is something to ask
	Now   func() time.Time
	Log   func(format string, arguments ...any) // what --verbose tells; nil for nobody

	pause func(context.Context, time.Duration) error // a test's hand on the clock; nil for sleep
}

// String is the session in words.
func (s Session) String() string {
	if s.Name == "" {
		return "IAM Identity Center at " + s.StartURL
	}
	return "sso-session " + s.Name
}

// Identity is all of the session that decides the credentials, for a cache key: canonical JSON. The name is part of it, since
// people log in to one start URL under two names as two users.
func (s Session) Identity() string {
	text, _ := json.Marshal(map[string]string{ // its keys come sorted; strings can't fail
		"name": s.Name, "start_url": s.StartURL, "region": s.Region, "oidc": s.OIDCEndpoint, "portal": s.PortalEndpoint,
	})
	return string(text)
}

// check finds what makes no call possible. A region becomes part of a host's name.
func (s Session) check() error {
	switch {
	case s.StartURL == "":
		return s.wrong("%s has no sso_start_url", s)
	case !partition.IsRegion(s.Region):
		return s.wrong("the sso_region %q of %s is no AWS region", s.Region, s)
	}
	return nil
}

func (s Session) wrong(format string, args ...any) *problem.Error {
	p := problem.New(problem.Usage, format, args...)
	if s.Where != "" {
		return p.WithHint("look at %s", s.Where)
	}
	return p
}

// oidc is the endpoint that knows clients and tokens, without a slash at its end.
func (s Session) oidc() string {
	return endpoint(s.OIDCEndpoint, "https://oidc."+s.Region+"."+partition.DNS(s.Region))
}

// portal is the endpoint that gives credentials.
func (s Session) portal() string {
	return endpoint(s.PortalEndpoint, "https://portal.sso."+s.Region+"."+partition.DNS(s.Region))
}

func endpoint(named, usual string) string {
	if named == "" {
		return usual
	}
	for len(named) > 0 && named[len(named)-1] == '/' {
		named = named[:len(named)-1]
	}
	return named
}

func (c *Client) log(format string, args ...any) {
	if c.Log != nil {
		c.Log(format, args...)
	}
}

// sleep waits, unless the context ends first: then the error is why.
func (c *Client) sleep(ctx context.Context, d time.Duration) error {
	if c.pause != nil {
		return c.pause(ctx, d)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
