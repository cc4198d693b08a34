package sso

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"whichrole/internal/problem"
	"whichrole/internal/test/fakesso"
	"whichrole/internal/transport"
)

func TestATokenIsRefreshedInItsLastQuarterOfAnHour(t *testing.T) {
	for _, tt := range []struct {
		left      time.Duration
		refreshed bool
	}{{15 * time.Minute, false}, {15*time.Minute - time.Second, true}, {time.Second, true}, {0, true}, {-8 * time.Hour, true}} {
		w := newWorld(t, nil)
		w.login(t)
		w.edit(t, map[string]any{"odd": map[string]any{"kept": []any{"as", "it", "is"}}})
		before := w.tokens(t)
		w.pass(time.Hour - tt.left)
		if _, err := w.admin(t); err != nil {
			t.Fatalf("%v left: %v", tt.left, err)
		}
		after := w.tokens(t)
		if (w.Count("refresh_token") == 1) != tt.refreshed || (after["accessToken"] != before["accessToken"]) != tt.refreshed {
			t.Errorf("%v left: %+v", tt.left, w.Calls())
		}
		if !tt.refreshed {
			continue
		}
		if want := w.clock().Add(time.Hour).Format("2006-01-02T15:04:05Z"); after["expiresAt"] != want || after["refreshToken"] == before["refreshToken"] {
			t.Errorf("%v, want the end at %s", after, want)
		}
		for field := range before {
			if field != "accessToken" && field != "expiresAt" && field != "refreshToken" && fmt.Sprint(after[field]) != fmt.Sprint(before[field]) {
				t.Errorf("%s was %v and is %v", field, before[field], after[field])
			}
		}
	}
}

// As in botocore and Go's SDK.
func TestARefreshWithoutANewRefreshTokenIsTheLast(t *testing.T) {
	w := newWorld(t, func(c *fakesso.Config) { c.NoRotation = true })
	w.login(t)
	w.pass(time.Hour)
	if _, err := w.admin(t); err != nil {
		t.Fatal(err)
	}
	if after := w.tokens(t); after["refreshToken"] != nil || after["accessToken"] == nil {
		t.Errorf("%v", after)
	}
	w.pass(time.Hour)
	_, err := w.admin(t)
	w.fails(t, err, failure{problem.LoginNeeded, []string{"the login to sso-session corp ended at 2026-11-22T14:00:00Z"}, "whichrole login"})
}

// What no call is made with.
func TestWhatIsNoLogin(t *testing.T) {
	ended := map[string]any{"expiresAt": "2026-11-22T11:59:59Z"}
	with := func(more map[string]any) map[string]any {
		for k, v := range ended {
			more[k] = v
		}
		return more
	}
	login := func(words ...string) failure { return failure{problem.LoginNeeded, words, "whichrole login"} }
	for name, tt := range map[string]struct {
		fields  map[string]any
		content string
		want    failure
	}{
		"ended, no refresh token":     {fields: with(map[string]any{"refreshToken": nil}), want: login("the login to sso-session corp ended at 2026-11-22T11:59:59Z")},
		"ended, no client":            {fields: with(map[string]any{"clientId": nil}), want: login("ended at")},
		"ended, no client's secret":   {fields: with(map[string]any{"clientSecret": 7}), want: login("ended at")},
		"ended, and the registration": {fields: with(map[string]any{"registrationExpiresAt": "2026-11-22T12:00:00Z"}), want: login("ended at")},
		"another start URL":           {fields: map[string]any{"startUrl": "https://other.awsapps.com/start"}, want: login("nobody is logged in to sso-session corp: the token in ", "is for another start URL")},
		"another region":              {fields: map[string]any{"region": "us-east-1"}, want: login("is for another region")},
		"no token":                    {fields: map[string]any{"accessToken": nil}, want: login("holds no whole token of sso-session corp")},
		"a token of two lines":        {fields: map[string]any{"accessToken": "a\r\nX-Evil: b"}, want: login("holds no whole token")},
		"a token that is a number":    {fields: map[string]any{"accessToken": 7}, want: login("holds no whole token")},
		"no end":                      {fields: map[string]any{"expiresAt": nil}, want: login("holds no whole token")},
		"an end like no other":        {fields: map[string]any{"expiresAt": "tomorrow"}, want: login("holds no whole token")},
		"nothing in it":               {content: " ", want: login("cannot be read from", "it holds no JSON object")},
		"half of it":                  {content: `{"accessToken":"aoaAAAAAx","expi`, want: login("it holds no JSON object")},
		"a list":                      {content: `["aoaAAAAAx"]`, want: login("it holds no JSON object")},
		"null":                        {content: `null`, want: login("it holds no JSON object")},
		"large":                       {content: strings.Repeat(" ", 256<<10+1), want: login("over 256 KiB")},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			w.login(t)
			if tt.content != "" {
				w.put(t, tt.content)
			} else {
				w.edit(t, tt.fields)
			}
			before := w.Count("")
			_, err := w.admin(t)
			w.fails(t, err, tt.want)
			if w.Count("") != before {
				t.Errorf("AWS was asked: %+v", w.Calls()[before:])
			}
			if _, ok := w.Until(); ok {
				t.Error("Until speaks of a login")
			}
		})
	}
	w := newWorld(t, nil)
	_, err := w.admin(t)
	w.fails(t, err, login("nobody is logged in to sso-session corp"))
	w.Name = ""
	_, err = w.admin(t)
	w.fails(t, err, login("nobody is logged in to IAM Identity Center at http://127.0.0.1"))
}

func TestFormsOfAnEnd(t *testing.T) {
	end := time.Date(2026, 11, 22, 12, 30, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"2026-11-22T12:30:00Z": end, "2026-11-22T12:30:00UTC": end, "2026-11-22T12:30:00 GMT": end, "2026-11-22T14:30:00+02:00": end,
		"2026-11-22T14:30:00+0200": end, "2026-11-22T12:30:00.000Z": end, "2026-11-22T12:30:00": end, "2026-11-22 12:30:00Z": end,
		"2026-11-22T12:30:00.123456+00:00": end.Add(123456 * time.Microsecond), "": {}, "UTC": {}, "1795350600": {}, "2026-11-22": {}, "2026-13-22T12:30:00Z": {},
		"2026-11-22T12:30:00PST": {},
	} {
		r := record{}
		r.set("t", text)
		if got := r.time("t"); !got.Equal(want) || !got.IsZero() && got.Location() != time.UTC {
			t.Errorf("%q: %v", text, got)
		}
	}
	if !(record{}).time("t").IsZero() || !(record{"t": []byte("1795350600")}).time("t").IsZero() || !(record{"t": []byte("null")}).time("t").IsZero() {
		t.Error("what is no string is a time")
	}
}

func TestAFileWithoutStartURLAndRegionIsTakenAtItsName(t *testing.T) {
	w := newWorld(t, nil)
	w.login(t)
	w.edit(t, map[string]any{"startUrl": nil, "region": nil})
	if _, err := w.admin(t); err != nil {
		t.Error(err)
	}
	w.edit(t, map[string]any{"startUrl": w.StartURL() + "/#/", "region": "eu-west-1"}) // as some write it
	if _, err := w.admin(t); err != nil {
		t.Error(err)
	}
}

func TestARegistrationWithoutAnEndIsTried(t *testing.T) {
	for _, ends := range []any{nil, "soon"} {
		w := newWorld(t, nil)
		w.login(t)
		w.edit(t, map[string]any{"registrationExpiresAt": ends})
		w.pass(time.Hour)
		if _, err := w.admin(t); err != nil {
			t.Errorf("%v: %v", ends, err)
		}
	}
}

func TestARefreshThatFailsLeavesWhatStillLasts(t *testing.T) {
	for name, tt := range map[string]struct {
		fault fakesso.Fault
		ended failure // once the token has ended
	}{
		"refused":      {fakesso.Fault{Kind: fakesso.Scripted, Status: 400, Code: "InvalidGrantException", Message: "no"}, failure{problem.LoginNeeded, []string{"ended at 2026-11-22T13:00:00Z and cannot be refreshed: InvalidGrantException: no"}, "whichrole login"}},
		"unknown":      {fakesso.Fault{Kind: fakesso.Scripted, Status: 401, Code: "InvalidClientException"}, failure{problem.LoginNeeded, []string{"InvalidClientException"}, "whichrole login"}},
		"an odd no":    {fakesso.Fault{Kind: fakesso.Scripted, Status: 400, Code: "NeverSeenException"}, failure{problem.Refused, []string{"cannot refresh the login to sso-session corp (request id ", "NeverSeenException"}, ""}},
		"out of order": {fakesso.Fault{Kind: fakesso.Internal}, failure{problem.Unreachable, []string{"InternalServerException"}, "try again"}},
		"too often":    {fakesso.Fault{Kind: fakesso.Throttle}, failure{problem.Unreachable, []string{"TooManyRequests"}, "try again"}},
		"garbage":      {fakesso.Fault{Kind: fakesso.Garbage}, failure{problem.Unreachable, []string{"cannot refresh the login to sso-session corp: what 127.0.0.1", "is not an answer of IAM Identity Center"}, "AWS_ENDPOINT_URL_SSO_OIDC"}},
		"cut":          {fakesso.Fault{Kind: fakesso.Cut}, failure{problem.Unreachable, []string{"cut the connection"}, ""}},
		"no token":     {fakesso.Fault{Kind: fakesso.Scripted, Status: 200, Body: `{"expiresIn":3600}`}, failure{problem.Unreachable, []string{"is not an answer of"}, "AWS_ENDPOINT_URL_SSO_OIDC"}},
		"two lines":    {fakesso.Fault{Kind: fakesso.Scripted, Status: 200, Body: `{"accessToken":"a\nb","expiresIn":3600}`}, failure{problem.Unreachable, []string{"is not an answer of"}, "AWS_ENDPOINT_URL_SSO_OIDC"}},
		"for ever":     {fakesso.Fault{Kind: fakesso.Scripted, Status: 200, Body: `{"accessToken":"a","expiresIn":9223372036854775807}`}, failure{problem.Unreachable, []string{"is not an answer of"}, "AWS_ENDPOINT_URL_SSO_OIDC"}},
		"never":        {fakesso.Fault{Kind: fakesso.Scripted, Status: 200, Body: `{"accessToken":"a","expiresIn":-1}`}, failure{problem.Unreachable, []string{"is not an answer of"}, "AWS_ENDPOINT_URL_SSO_OIDC"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // some are asked three times
			w := newWorld(t, nil)
			w.login(t)
			before := w.tokens(t)
			tt.fault.Action = "CreateToken"
			w.SetFaults(tt.fault)
			w.pass(50 * time.Minute)
			if _, err := w.admin(t); err != nil {
				t.Errorf("with 10 minutes left: %v", err)
			}
			w.pass(10 * time.Minute)
			_, err := w.admin(t)
			w.fails(t, err, tt.ended)
			if after := w.tokens(t); fmt.Sprint(after) != fmt.Sprint(before) {
				t.Error("the file has been changed")
			}
			w.SetFaults()
			if _, err := w.admin(t); err != nil {
				t.Errorf("when AWS is well again: %v", err)
			}
		})
	}
}

// The AWS CLI knows no lock: it may use up the refresh token between our look at the file and our call.
func TestTheAWSCLIWasFaster(t *testing.T) {
	w := newWorld(t, func(c *fakesso.Config) { c.SingleUse = true })
	w.login(t)
	old := w.tokens(t)
	w.pass(time.Hour)
	if _, err := w.admin(t); err != nil { // stands for the CLI
		t.Fatal(err)
	}
	fresh := w.tokens(t)
	w.edit(t, old)
	way := w.Way
	w.Way = func() (*transport.Way, error) {
		w.edit(t, fresh)
		return way()
	}
	if _, err := w.admin(t); err != nil {
		t.Fatal(err)
	}
	if got := w.tokens(t)["accessToken"]; w.Count("refresh_token") != 2 || got != fresh["accessToken"] {
		t.Errorf("%d refreshes", w.Count("refresh_token"))
	}
}

// Twenty roles of one session, twenty processes, one refresh token that is good once.
func TestTwentyAtOnceRefreshOnce(t *testing.T) {
	for name, after := range map[string]time.Duration{"ended": 2 * time.Hour, "ending": 50 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, func(c *fakesso.Config) { c.SingleUse = true })
			w.login(t)
			w.pass(after)
			var wait sync.WaitGroup
			for range 20 {
				c := *w.Client
				wait.Go(func() {
					if _, err := c.Credentials(t.Context(), account, "Admin"); err != nil {
						t.Error(err)
					}
				})
			}
			wait.Wait()
			if n := w.Count("refresh_token"); n != 1 {
				t.Errorf("%d refreshes", n)
			}
		})
	}
}

// hold takes the lock as another process would.
func (w *world) hold(t *testing.T) {
	t.Helper()
	unlock, err := w.lock(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(w.Locks, "*"))
	if err != nil || len(files) != 1 || !strings.HasPrefix(filepath.Base(files[0]), "sso-") {
		t.Fatalf("%v %v", files, err)
	}
	t.Cleanup(unlock)
}

func TestAStuckRefreshOfAnotherProcess(t *testing.T) {
	w := newWorld(t, nil)
	w.login(t)
	w.hold(t)
	w.pass(50 * time.Minute)
	if _, err := w.admin(t); err != nil {
		t.Errorf("a token that lasts does not wait: %v", err)
	}
	w.pass(time.Hour)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err := w.Credentials(ctx, account, "Admin")
	w.fails(t, err, failure{problem.Unreachable, []string{"cannot wait for another process, which is refreshing the login to sso-session corp any longer"}, "WHICHROLE_TIMEOUT"})
	ctx, cancel = context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	_, err = w.Credentials(ctx, account, "Admin")
	w.fails(t, err, failure{problem.Failure, []string{"interrupted"}, ""})
	if w.Count("refresh_token") != 0 {
		t.Error("the lock did not hold")
	}
}

func TestWithoutAPlaceForLocksWeGoOn(t *testing.T) {
	for _, locks := range []string{"", "/nowhere/at/all"} {
		w := newWorld(t, nil)
		w.login(t)
		w.Locks = locks
		w.pass(2 * time.Hour)
		if _, err := w.admin(t); err != nil || w.Count("refresh_token") != 1 {
			t.Errorf("%q: %v", locks, err)
		}
	}
}

func TestLocksAreForOneFile(t *testing.T) {
	w := newWorld(t, nil)
	w.hold(t)
	for name, change := range map[string]func(c *Client){
		"another session": func(c *Client) { c.Name = "other" }, "another home": func(c *Client) { c.Dir += "2" },
	} {
		c := *w.Client
		change(&c)
		unlock, err := c.lock(t.Context(), false)
		if err != nil {
			t.Fatalf("%s waits: %v", name, err)
		}
		unlock()
	}
	if _, err := w.lock(t.Context(), false); err != errBusy {
		t.Errorf("%v", err)
	}
}

func TestUntil(t *testing.T) {
	w := newWorld(t, nil)
	if until, ok := w.Until(); ok || !until.IsZero() {
		t.Errorf("%v %v", until, ok)
	}
	end := w.login(t)
	if until, ok := w.Until(); !ok || !until.Equal(end) || !end.Equal(noon.Add(time.Hour)) {
		t.Errorf("%v %v", until, ok)
	}
	w.pass(2 * time.Hour)
	if until, ok := w.Until(); !ok || !until.Equal(end) {
		t.Errorf("to be refreshed: %v %v", until, ok)
	}
	w.edit(t, map[string]any{"refreshToken": nil})
	if until, ok := w.Until(); ok || !until.Equal(end) {
		t.Errorf("ended: %v %v", until, ok)
	}
}
