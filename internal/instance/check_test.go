package instance

import (
	"slices"
	"strings"
	"testing"
	"time"

	"whichrole/internal/problem"
	"whichrole/internal/test/fakeinstance"
)

func TestAnswersAreChecked(t *testing.T) {
	at := func(d time.Duration) func(*fakeinstance.Answer) {
		return func(a *fakeinstance.Answer) { a.Expiration = time.Now().Add(d).UTC().Format(time.RFC3339Nano) }
	}
	incomplete := failure{problem.Refused, "does not hold AccessKeyId, SecretAccessKey, Token and Expiration", "look at "}
	ended := failure{problem.Refused, "has expired already, or is about to, at 20", "clock"}
	endless := failure{problem.Refused, "longer than any session does", "clock"}
	for name, c := range map[string]struct {
		tamper func(*fakeinstance.Answer)
		want   failure
	}{
		"no key id":         {func(a *fakeinstance.Answer) { a.AccessKeyID = "" }, incomplete},
		"a short key id":    {func(a *fakeinstance.Answer) { a.AccessKeyID = "ASIASHORT" }, incomplete},
		"a long key id":     {func(a *fakeinstance.Answer) { a.AccessKeyID = strings.Repeat("A", 129) }, incomplete},
		"a shell's key id":  {func(a *fakeinstance.Answer) { a.AccessKeyID = "ASIA0123456789;reboot" }, incomplete},
		"no secret":         {func(a *fakeinstance.Answer) { a.SecretAccessKey = "" }, incomplete},
		"two lines":         {func(a *fakeinstance.Answer) { a.SecretAccessKey += "\nAWS_PROFILE=evil" }, incomplete},
		"a long secret":     {func(a *fakeinstance.Answer) { a.SecretAccessKey = strings.Repeat("s", 129) }, incomplete},
		"no token":          {func(a *fakeinstance.Answer) { a.Token = "" }, incomplete},
		"an escape":         {func(a *fakeinstance.Answer) { a.Token += "\x1b]0;" }, incomplete},
		"a long token":      {func(a *fakeinstance.Answer) { a.Token = strings.Repeat("t", 16<<10+1) }, incomplete},
		"no expiry":         {func(a *fakeinstance.Answer) { a.Expiration = "" }, incomplete},
		"no date":           {func(a *fakeinstance.Answer) { a.Expiration = "tomorrow" }, incomplete},
		"expired":           {at(-time.Hour), ended},
		"about to":          {at(time.Minute), ended},
		"for ever":          {at(40 * time.Hour), endless},
		"the year 9999":     {func(a *fakeinstance.Answer) { a.Expiration = "9999-12-31T23:59:59Z" }, endless},
		"the longest":       {at(36 * time.Hour), failure{}},
		"the shortest":      {at(3 * time.Minute), failure{}},
		"nanoseconds":       {at(time.Hour + 123456789), failure{}}, // the EKS Pod Identity agent writes them
		"the largest token": {func(a *fakeinstance.Answer) { a.Token = strings.Repeat("t", 16<<10) }, failure{}},
		"nothing":           {func(a *fakeinstance.Answer) { *a = fakeinstance.Answer{} }, failure{problem.Unreachable, "(HTTP 200) is not an answer of", "look at "}},
		"a no": {func(a *fakeinstance.Answer) {
			a.Code, a.Message = "AssumeRoleUnauthorizedAccess", "EC2 cannot assume the role."
		}, failure{problem.Refused, "says no: AssumeRoleUnauthorizedAccess: EC2 cannot assume the role", "look at "}},
	} {
		for _, kind := range []Kind{Machine, Container} {
			t.Run(name+" "+string(kind), func(t *testing.T) {
				var sent fakeinstance.Answer
				w := newWorld(t, fakeinstance.Config{Tamper: func(a *fakeinstance.Answer) { c.tamper(a); sent = *a }}, kind)
				got, err := w.get(t, kind)
				if c.want.says != "" {
					w.fails(t, err, c.want)
					return
				}
				expires, _ := time.Parse(time.RFC3339, sent.Expiration)
				if err != nil || got.SessionToken.Reveal() != sent.Token || !got.Expires.Equal(expires.Truncate(time.Second)) || got.AccountID != "" {
					t.Errorf("%+v %v", got, err)
				}
			})
		}
	}
}

// An instance says Success; without it the answer is somebody else's.
func TestMachineMustSaySuccess(t *testing.T) {
	w := machine(t, fakeinstance.Config{Tamper: func(a *fakeinstance.Answer) { a.Code = "" }})
	_, err := w.get(t, Machine)
	w.fails(t, err, failure{problem.Unreachable, "is not an answer of the instance metadata service", ""})
}

func TestRefusalOfTheContainer(t *testing.T) {
	const json, text = "application/json", "text/plain; charset=utf-8"
	for name, c := range map[string]struct {
		fault fakeinstance.Fault
		want  failure
	}{
		"ECS knows no such id": {fakeinstance.Fault{Status: 400, Type: json, Body: `{"code":"InvalidIdInRequest","message":"Credentials not found","HTTPErrorCode":400}`},
			failure{problem.Refused, "says no (HTTP 400): InvalidIdInRequest: Credentials not found", fullURI}},
		"ECS has none yet": {fakeinstance.Fault{Status: 503, Type: json, Body: `{"code":"CredentialsUninitialized","message":"Credentials uninitialized for ID","HTTPErrorCode":503}`},
			failure{problem.Unreachable, "is busy or unwell (HTTP 503): CredentialsUninitialized: Credentials uninitialized", "try again"}},
		"EKS has no association": {fakeinstance.Fault{Status: 404, Type: text, Body: "[1234]: (ResourceNotFoundException): No association\nfound, fault: client\n"},
			failure{problem.LoginNeeded, "has none for it (HTTP 404): [1234]: (ResourceNotFoundException): No association found, fault: client", fullURI}},
		"forbidden": {fakeinstance.Fault{Status: 403, Type: text, Body: "Access Denied. no."}, failure{problem.Refused, "says no (HTTP 403): Access Denied. no", fullURI}},
		"a page":    {fakeinstance.Fault{Status: 400, Type: "text/html", Body: "<html>call hunter2"}, failure{problem.Refused, "says no (HTTP 400)", fullURI}},
		"an echo": {fakeinstance.Fault{Status: 400, Type: text, Body: "bad token Bearer sesame-and-more"},
			failure{problem.Refused, "says no (HTTP 400): bad token (hidden)", fullURI}},
		"an echo in JSON": {fakeinstance.Fault{Status: 401, Type: json, Body: `{"message":"bad token Bearer sesame-and-more \u001b[2J"}`},
			failure{problem.Refused, "says no (HTTP 401): bad token (hidden)", tokenFileVariable}},
		"a story":     {fakeinstance.Fault{Status: 400, Type: text, Body: strings.Repeat("on and on ", 1000)}, failure{problem.Refused, "on and on", fullURI}},
		"another 200": {fakeinstance.Fault{Status: 204}, failure{problem.Unreachable, "(HTTP 204) is not an answer of a container's credential endpoint", fullURI}},
	} {
		t.Run(name, func(t *testing.T) {
			w := container(t, fakeinstance.Config{Authorization: "Bearer sesame-and-more"})
			w.more = []string{"hunter2"}
			c.fault.Kind = fakeinstance.Scripted
			w.SetFaults(c.fault)
			_, err := w.get(t, Container)
			w.fails(t, err, c.want)
			if len(err.Error()) > 700 {
				t.Errorf("%d bytes", len(err.Error()))
			}
		})
	}
}

// The service may put into its words all the secrets of the visit.
func TestKeysInAMessage(t *testing.T) {
	for _, kind := range []Kind{Machine, Container} {
		var w *world
		w = newWorld(t, fakeinstance.Config{Tamper: func(a *fakeinstance.Answer) {
			secrets := append(slices.DeleteFunc(w.Secrets(), func(s string) bool { return s == w.Config.Path }), "the end")
			a.Code, a.Message = "Broken", strings.Join(secrets, ", ")
		}}, kind)
		_, err := w.get(t, kind)
		w.fails(t, err, failure{problem.Refused, "says no: Broken: (hidden)", "look at "})
		if !strings.HasSuffix(err.Error(), ", the end") {
			t.Errorf("%v", err)
		}
	}
}

func TestMetadataRefusesItsToken(t *testing.T) {
	w := machine(t, fakeinstance.Config{})
	w.SetFaults(fakeinstance.Fault{Kind: fakeinstance.Scripted, Step: fakeinstance.Role, Status: 401, Type: "text/html", Body: "<html>"})
	_, err := w.get(t, Machine)
	w.fails(t, err, failure{problem.Refused, "says no (HTTP 401)", imdsEndpoint})
	w.SetFaults(fakeinstance.Fault{Kind: fakeinstance.Scripted, Step: fakeinstance.Credentials, Status: 404, Type: "text/html", Body: "<html>"})
	_, err = w.get(t, Machine)
	w.fails(t, err, failure{problem.Refused, "says no (HTTP 404)", imdsEndpoint})
}
