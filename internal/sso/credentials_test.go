package sso

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"whichrole/internal/problem"
	"whichrole/internal/test/fakesso"
	"whichrole/internal/test/fakests"
	"whichrole/internal/transport"
)

func TestCredentialsOfAPermissionSet(t *testing.T) {
	var minted fakests.User
	w := newWorld(t, func(c *fakesso.Config) { c.AddUser = func(u fakests.User) { minted = u } })
	w.login(t)
	got, err := w.admin(t)
	if err != nil {
		t.Fatal(err)
	}
	if got.AccessKeyID != minted.AccessKeyID || got.SecretAccessKey.Reveal() != minted.SecretAccessKey ||
		got.SessionToken.Reveal() != minted.SessionToken || !got.Expires.Equal(noon.Add(time.Hour)) || got.AccountID != account {
		t.Errorf("%+v, minted %+v", got, minted)
	}
	if got.Expires.Location() != time.UTC || got.Expires.Nanosecond() != 0 {
		t.Errorf("%v", got.Expires)
	}
	if w.Count("GetRoleCredentials") != 1 || w.Count("CreateToken") != 1 {
		t.Errorf("%+v", w.Calls())
	}
	w.keepsSecrets(t, "")
}

// What AWS says no to, and what it says instead of an answer.
func TestRefusals(t *testing.T) {
	const get = "GetRoleCredentials"
	for name, tt := range map[string]struct {
		account, set string
		prepare      func(*world)
		want         failure
	}{
		"a name typed wrong": {set: "Admni", want: failure{problem.Refused,
			[]string{"cannot get credentials of permission set Admni in account 111111111111 from sso-session corp (request id 00000000-", "ForbiddenException: No access"},
			"did you mean Admin? in account 111111111111 you have Admin, ReadOnly"}},
		"a name like no other": {set: "Zzzz", want: failure{problem.Refused, []string{"Zzzz"}, "in account 111111111111 you have Admin, ReadOnly"}},
		"another account":      {account: "222222222222", want: failure{problem.Refused, []string{"in account 222222222222"}, "what you have is listed at http://127.0.0.1"}},
		"revoked": {prepare: func(w *world) { w.Revoke() }, want: failure{problem.LoginNeeded,
			[]string{"AWS does not accept the login to sso-session corp any more, though it was to last until 2026-11-22T13:00:00Z and cannot be refreshed: InvalidGrantException: Invalid refresh token"}, "whichrole login"}},
		"an unknown role": {prepare: func(w *world) {
			w.SetFaults(fakesso.Fault{Kind: fakesso.Scripted, Action: get, Status: 404, Code: "ResourceNotFoundException", Message: "nothing like it"})
		}, want: failure{problem.Refused, []string{"ResourceNotFoundException: nothing like it"}, "in account 111111111111 you have"}},
		"too often": {prepare: func(w *world) { w.SetFaults(fakesso.Fault{Kind: fakesso.Throttle, Action: get}) },
			want: failure{problem.Unreachable, []string{"TooManyRequestsException"}, "try again in a moment"}},
		"out of order": {prepare: func(w *world) { w.SetFaults(fakesso.Fault{Kind: fakesso.Internal, Action: get}) },
			want: failure{problem.Unreachable, []string{"InternalServerException"}, "try again in a moment"}},
		"a captive portal": {prepare: func(w *world) { w.SetFaults(fakesso.Fault{Kind: fakesso.Garbage, Action: get}) },
			want: failure{problem.Unreachable, []string{"(HTTP 200) is not an answer of IAM Identity Center"}, "AWS_ENDPOINT_URL_SSO"}},
		"a proxy's 401": {prepare: func(w *world) {
			w.SetFaults(fakesso.Fault{Kind: fakesso.Scripted, Action: get, Status: 401, Body: "<html>log in to the proxy</html>"})
		}, want: failure{problem.Unreachable, []string{"(HTTP 401) is not an answer of IAM Identity Center"}, "AWS_ENDPOINT_URL_SSO"}},
		"a redirect": {prepare: func(w *world) {
			w.SetFaults(fakesso.Fault{Kind: fakesso.Scripted, Action: get, Status: 302, Header: map[string]string{"Location": "/device"}})
		}, want: failure{problem.Unreachable, []string{"(HTTP 302)"}, "AWS_ENDPOINT_URL_SSO"}},
		"an answer without end": {prepare: func(w *world) { w.SetFaults(fakesso.Fault{Kind: fakesso.Huge, Action: get}) },
			want: failure{problem.Unreachable, []string{"larger than 256 KiB"}, "captive portal"}},
		"an answer with nothing in it": {prepare: func(w *world) {
			w.SetFaults(fakesso.Fault{Kind: fakesso.Scripted, Action: get, Status: 200, Body: "{}"})
		}, want: failure{problem.Unreachable, []string{"is not an answer of IAM Identity Center"}, "AWS_ENDPOINT_URL_SSO"}},
		"a message that repeats the token": {prepare: func(w *world) {
			w.SetFaults(fakesso.Fault{Kind: fakesso.Scripted, Action: get, Status: 400, Code: "InvalidRequestException",
				Message: "bad\x1b[31m " + w.tokens(t)["accessToken"].(string)})
		}, want: failure{problem.Refused, []string{"InvalidRequestException: bad [31m (hidden)"}, ""}},
		"a name of an error that is a page": {prepare: func(w *world) {
			w.SetFaults(fakesso.Fault{Kind: fakesso.Scripted, Action: get, Status: 403, Body: `{"__type":"x#For bidden\u001b"}`})
		}, want: failure{problem.Unreachable, []string{"(HTTP 403)"}, "AWS_ENDPOINT_URL_SSO"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // some are asked three times
			w := newWorld(t, nil)
			w.login(t)
			if tt.prepare != nil {
				tt.prepare(w)
			}
			if tt.account == "" {
				tt.account = account
			}
			if tt.set == "" {
				tt.set = "Admin"
			}
			_, err := w.Credentials(t.Context(), tt.account, tt.set)
			w.fails(t, err, tt.want)
		})
	}
}

func TestManyPermissionSetsAreCounted(t *testing.T) {
	var sets []string
	for i := range 14 {
		sets = append(sets, fmt.Sprintf("Set%02d", i))
	}
	w := newWorld(t, func(c *fakesso.Config) { c.Accounts[account] = append(sets, "bad\x1bname", strings.Repeat("x", 33)) })
	w.login(t)
	_, err := w.admin(t)
	w.fails(t, err, failure{problem.Refused, nil, "you have Set00, Set01, Set02, Set03, Set04, Set05, Set06, Set07, Set08, Set09 and 4 more"})
}

func TestListingIsNotNeededForTheError(t *testing.T) {
	w := newWorld(t, nil)
	w.login(t)
	w.SetFaults(fakesso.Fault{Kind: fakesso.Scripted, Action: "ListAccountRoles", Status: 400, Code: "InvalidRequestException"})
	_, err := w.Credentials(t.Context(), account, "Billing")
	w.fails(t, err, failure{problem.Refused, []string{"Billing", "ForbiddenException"}, "what you have is listed at http://"})
}

func TestAnAnswerThatIsNoSessionIsNotHandedOut(t *testing.T) {
	for name, tt := range map[string]struct {
		tamper func(*fakesso.RoleCredentials)
		want   failure
	}{
		"no key":          {func(k *fakesso.RoleCredentials) { k.AccessKeyID = "" }, failure{problem.Unreachable, nil, "AWS_ENDPOINT_URL_SSO"}},
		"an odd key":      {func(k *fakesso.RoleCredentials) { k.AccessKeyID = "ASIA;rm -rf;ABCDEFGH" }, failure{problem.Unreachable, nil, "AWS_ENDPOINT_URL_SSO"}},
		"a short key":     {func(k *fakesso.RoleCredentials) { k.AccessKeyID = "ASIA" }, failure{problem.Unreachable, nil, "AWS_ENDPOINT_URL_SSO"}},
		"no secret":       {func(k *fakesso.RoleCredentials) { k.SecretAccessKey = "" }, failure{problem.Unreachable, nil, "AWS_ENDPOINT_URL_SSO"}},
		"two lines":       {func(k *fakesso.RoleCredentials) { k.SecretAccessKey += "\nx" }, failure{problem.Unreachable, nil, "AWS_ENDPOINT_URL_SSO"}},
		"a long secret":   {func(k *fakesso.RoleCredentials) { k.SecretAccessKey = strings.Repeat("x", 129) }, failure{problem.Unreachable, nil, "AWS_ENDPOINT_URL_SSO"}},
		"no token":        {func(k *fakesso.RoleCredentials) { k.SessionToken = "" }, failure{problem.Unreachable, nil, "AWS_ENDPOINT_URL_SSO"}},
		"a long token":    {func(k *fakesso.RoleCredentials) { k.SessionToken = strings.Repeat("x", 16<<10+1) }, failure{problem.Unreachable, nil, "AWS_ENDPOINT_URL_SSO"}},
		"no end":          {func(k *fakesso.RoleCredentials) { k.Expiration = 0 }, failure{problem.Refused, []string{"has expired already"}, "clock"}},
		"ends at once":    {func(k *fakesso.RoleCredentials) { k.Expiration = noon.Add(2 * time.Minute).UnixMilli() }, failure{problem.Refused, []string{"about to, at 2026-11-22T12:02:00Z"}, "clock"}},
		"ends in a day":   {func(k *fakesso.RoleCredentials) { k.Expiration = noon.Add(24 * time.Hour).UnixMilli() }, failure{problem.Refused, []string{"longer than any permission set"}, "clock"}},
		"ends in seconds": {func(k *fakesso.RoleCredentials) { k.Expiration /= 1000 }, failure{problem.Refused, []string{"has expired already"}, "clock"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, func(c *fakesso.Config) { c.Tamper = tt.tamper })
			w.login(t)
			got, err := w.admin(t)
			w.fails(t, err, tt.want)
			if got.AccessKeyID != "" || !got.SecretAccessKey.Empty() {
				t.Errorf("%+v came along", got)
			}
		})
	}
}

func TestSilence(t *testing.T) {
	w := newWorld(t, nil)
	w.login(t)
	w.SetFaults(fakesso.Fault{Kind: fakesso.Hang})
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err := w.Credentials(ctx, account, "Admin")
	w.fails(t, err, failure{problem.Unreachable, []string{"did not answer in time"}, "WHICHROLE_TIMEOUT"})
	ctx, cancel = context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	_, err = w.Credentials(ctx, account, "Admin")
	w.fails(t, err, failure{problem.Failure, []string{"interrupted"}, ""})
	w.Server.SetFaults(fakesso.Fault{Kind: fakesso.Cut})
	_, err = w.admin(t)
	w.fails(t, err, failure{problem.Unreachable, []string{"cut the connection"}, ""})
}

// A token that the AWS CLI wrote while ours was refused is taken, and no login asked for.
func TestSomebodyLoggedInAnewMeanwhile(t *testing.T) {
	w := newWorld(t, nil)
	w.login(t)
	old := w.tokens(t)
	w.Revoke()
	w.login(t)
	fresh := w.tokens(t)
	w.edit(t, old)
	way := w.Way
	calls := 0
	w.Way = func() (*transport.Way, error) {
		if calls++; calls == 2 { // the refresh, which will be refused
			w.edit(t, fresh)
		}
		return way()
	}
	if _, err := w.admin(t); err != nil {
		t.Fatal(err)
	}
	if w.Count("refresh_token") != 1 || w.Count("GetRoleCredentials") != 2 {
		t.Errorf("%+v", w.Calls())
	}
}

func TestRegionsAreNoHosts(t *testing.T) {
	for region, ok := range map[string]bool{
		"eu-west-1": true, "us-gov-west-1": true, "cn-north-1": true, "": false, "eu-west-1.evil.example/": false, "evil.example#": false,
		"eu-west-1@evil.example": false, "EU-WEST-1": false, "../..": false,
	} {
		w := newWorld(t, nil)
		w.OIDCEndpoint, w.PortalEndpoint, w.Region = "", "", region
		err := w.check()
		if ok != (err == nil) {
			t.Errorf("%q: %v", region, err)
		}
		if ok {
			continue
		}
		want := failure{problem.Usage, []string{"is no AWS region"}, "look at config:1"}
		_, err = w.admin(t)
		w.fails(t, err, want)
		_, err = w.Login(t.Context(), w.ui())
		w.fails(t, err, want)
		_, err = w.Logout(t.Context())
		w.fails(t, err, want)
	}
	w := newWorld(t, nil)
	w.Session.StartURL = ""
	_, err := w.admin(t)
	w.fails(t, err, failure{problem.Usage, []string{"sso-session corp has no sso_start_url"}, "config:1"})
}

func TestEndpoints(t *testing.T) {
	for _, tt := range []struct{ session, oidc, portal string }{
		{"eu-west-1", "https://oidc.eu-west-1.amazonaws.com", "https://portal.sso.eu-west-1.amazonaws.com"},
		{"us-gov-west-1", "https://oidc.us-gov-west-1.amazonaws.com", "https://portal.sso.us-gov-west-1.amazonaws.com"},
		{"cn-north-1", "https://oidc.cn-north-1.amazonaws.com.cn", "https://portal.sso.cn-north-1.amazonaws.com.cn"},
		{"eusc-de-east-1", "https://oidc.eusc-de-east-1.amazonaws.eu", "https://portal.sso.eusc-de-east-1.amazonaws.eu"},
	} {
		s := Session{Region: tt.session}
		if s.oidc() != tt.oidc || s.portal() != tt.portal {
			t.Errorf("%s %s", s.oidc(), s.portal())
		}
	}
	s := Session{OIDCEndpoint: "http://localhost:1//", PortalEndpoint: "https://vpce.example/sso/"}
	if s.oidc() != "http://localhost:1" || s.portal() != "https://vpce.example/sso" {
		t.Errorf("%s %s", s.oidc(), s.portal())
	}
}

func TestATokenIsNotSentWithoutTLS(t *testing.T) {
	w := newWorld(t, nil)
	w.login(t)
	w.PortalEndpoint = "http://portal.example"
	_, err := w.admin(t)
	w.fails(t, err, failure{problem.Unreachable, []string{"portal.example is not asked: a token would go there without TLS"}, "https://"})
}

func TestIdentityTellsSessionsApart(t *testing.T) {
	base := Session{Name: "corp", StartURL: "https://acme.awsapps.com/start", Region: "eu-west-1"}
	if got := base.Identity(); got != `{"name":"corp","oidc":"","portal":"","region":"eu-west-1","start_url":"https://acme.awsapps.com/start"}` {
		t.Error(got)
	}
	seen := map[string]bool{base.Identity(): true}
	for _, change := range []func(*Session){
		func(s *Session) { s.Name = "" }, func(s *Session) { s.StartURL += "2" }, func(s *Session) { s.Region = "eu-west-2" },
		func(s *Session) { s.PortalEndpoint = "https://x" }, func(s *Session) { s.OIDCEndpoint = "https://x" },
	} {
		other := base
		change(&other)
		if seen[other.Identity()] {
			t.Errorf("%+v is taken for another", other)
		}
		seen[other.Identity()] = true
	}
	where := base
	where.Where, where.Scopes = "elsewhere:7", []string{"x"}
	if where.Identity() != base.Identity() {
		t.Error("what does not decide the credentials is part of the identity")
	}
}
