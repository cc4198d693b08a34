package assume

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"whichrole/internal/problem"
	"whichrole/internal/test/fakests"
)

// An STS (a proxy, a resolver, a test server left in the environment) that gives something else than was asked for.
func TestAnswersThatAreNotWhatWasAskedFor(t *testing.T) {
	at := func(d time.Duration) string { return time.Now().Add(d).UTC().Format("2006-01-02T15:04:05Z") }
	for name, c := range map[string]struct {
		tamper func(*fakests.Answer)
		says   string
	}{
		"another account":    {func(a *fakests.Answer) { a.ARN = strings.Replace(a.ARN, "1111", "6666", 1) }, "is a session of arn:aws:sts::666611111111:assumed-role/hub/test instead"},
		"another role":       {func(a *fakests.Answer) { a.ARN = strings.Replace(a.ARN, "hub", "hubs", 1) }, "assumed-role/hubs/test instead"},
		"another session":    {func(a *fakests.Answer) { a.ARN += "er" }, "hub/tester instead"},
		"another partition":  {func(a *fakests.Answer) { a.ARN = strings.Replace(a.ARN, "arn:aws:", "arn:aws-cn:", 1) }, "instead"},
		"a user":             {func(a *fakests.Answer) { a.ARN = alice }, "is a session of " + alice + " instead"},
		"nobody's":           {func(a *fakests.Answer) { a.ARN = "" }, "does not say whose"},
		"no key id":          {func(a *fakests.Answer) { a.AccessKeyID = "" }, "no complete credentials"},
		"no secret":          {func(a *fakests.Answer) { a.SecretAccessKey = "" }, "no complete credentials"},
		"no token":           {func(a *fakests.Answer) { a.SessionToken = "" }, "no complete credentials"},
		"no expiry":          {func(a *fakests.Answer) { a.Expiration = "" }, "no complete credentials"},
		"a shell in the key": {func(a *fakests.Answer) { a.AccessKeyID = "ASIA$(rm -rf /)xxxxx" }, "no complete credentials"},
		"lines in the token": {func(a *fakests.Answer) { a.SessionToken += "\nAWS_ACCESS_KEY_ID=x" }, "no complete credentials"},
		"a token of a MB":    {func(a *fakests.Answer) { a.SessionToken = strings.Repeat("x", 16<<10+1) }, "no complete credentials"},
		"expired":            {func(a *fakests.Answer) { a.Expiration = at(-time.Second) }, "has expired already"},
		"a secret of 200 KB": {func(a *fakests.Answer) { a.SecretAccessKey = strings.Repeat("x", 200_000) }, "no complete credentials"},
		// Printed 60 s early it would be over before anybody reads it, and the Go SDK uses it all the same.
		"about to expire":   {func(a *fakests.Answer) { a.Expiration = at(90 * time.Second) }, "is about to"},
		"everlasting":       {func(a *fakests.Answer) { a.Expiration = at(24 * time.Hour) }, "longer than was asked for"},
		"secret for an ARN": {func(a *fakests.Answer) { a.ARN = a.SecretAccessKey + a.SessionToken }, "(hidden)"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			w.tamper = c.tamper
			_, err := w.chain(t, hub, spoke)
			w.fails(t, err, failure{problem.Refused, []string{"cannot assume " + hub + " (hop 1 of 2, signed by profile corp, request id", c.says}, ""})
			if w.Count("") != 1 {
				t.Error("the chain went on")
			}
		})
	}
}

// An empty answer is a broken server or proxy in between, not a refusal: what is left in the cache is still served.
func TestAnswerWithNothingInItIsNoRefusal(t *testing.T) {
	for _, body := range []string{"", "<AssumeRoleResponse/>", "<AssumeRoleResponse><AssumeRoleResult/></AssumeRoleResponse>"} {
		w := newWorld(t, nil)
		w.SetFaults(fakests.Fault{Kind: fakests.Scripted, Status: 200, Body: body})
		if _, err := w.chain(t, hub); problem.CodeOf(err) != problem.Unreachable {
			t.Errorf("%q: %v", body, err)
		}
	}
}

func TestRoleThatIsNoARNFitsNoAnswer(t *testing.T) {
	w := newWorld(t, nil)
	for _, arn := range []string{"", "hub", "arn:aws:iam::me:role/hub"} {
		want, account := sessionARN(Hop{RoleARN: arn})
		body := fmt.Sprintf(`<AssumeRoleResponse><AssumeRoleResult><AssumedRoleUser><Arn>%s</Arn></AssumedRoleUser><Credentials>
			<AccessKeyId>ASIAXXXXXXXXXXXXXXXX</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>
			<Expiration>%s</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`, want, time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
		w.SetFaults(fakests.Fault{Kind: fakests.Scripted, Status: 200, Body: body})
		_, err := w.chain(t, arn)
		if problem.CodeOf(err) != problem.Refused {
			t.Errorf("%q in account %q: %v", arn, account, err)
		}
	}
}

func TestErrorsShowNoSecretsWhateverAWSSays(t *testing.T) {
	const long = "AgoJb3JpZ2luX2VjEXAMPLE/"
	for name, c := range map[string]struct {
		code, message string
		says          []string
		never         string
	}{
		"the canonical request comes back": {"SignatureDoesNotMatch", "should have been 'POST\n/\n\nx-amz-security-token:" + aliceToken + "\n'",
			[]string{"should have been 'POST / x-amz-security-token:(hidden) '"}, ""},
		"a token across the cut": {"AccessDenied", strings.Repeat("no ", 165) + aliceToken, []string{"no no"}, aliceToken[:8]},
		"a token in a URL":       {"AccessDenied", "at /?token=FwoGalicetoken%2Fwith%2Bspecial%3Dcharacters0123456789", []string{"at /?token=(hidden)"}, "FwoG"},
		"a secret":               {"AccessDenied", "is it " + aliceSecret + "?", []string{"is it (hidden)?"}, ""},
		"an encoded message": {"AccessDenied", "You are not authorized to perform this operation. Encoded authorization failure message: " + strings.Repeat(long, 60),
			[]string{"AccessDenied: You are not authorized to perform this operation"}, "AgoJ"},
		"a short encoded message": {"AccessDenied", "no. Encoded authorization failure message: AgoJshort", []string{"AccessDenied: no"}, "AgoJ"},
		"somebody's token":        {"AccessDenied", "it was " + strings.Repeat(long, 10), []string{"it was (hidden)"}, "AgoJ"},
		"a novel":                 {"AccessDenied", strings.Repeat("é ", 3000), []string{"é é", "…"}, ""},
		"a code that is none":     {"<script>\nalert", "x", []string{"an error without a name: x"}, "script"},
		"only a code":             {"AccessDenied", "", []string{"AccessDenied"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			w.SetFaults(fakests.Fault{Kind: fakests.Scripted, Status: 403, Code: c.code, Message: c.message})
			_, err := w.chain(t, hub)
			p, ok := errors.AsType[*problem.Error](err)
			if !ok {
				t.Fatal(err)
			}
			w.fails(t, err, failure{problem.Refused, c.says, p.Hint})
			if c.never != "" && strings.Contains(p.Message+p.Hint, c.never) {
				t.Errorf("shows %q: %q", c.never, p.Message)
			}
			if _, quoted, _ := strings.Cut(p.Message, "): "); len(quoted) > 512+len("AccessDenied: ") {
				t.Errorf("%d bytes are quoted", len(quoted))
			}
		})
	}
}

func TestSecretsOfEarlierHopsStayHidden(t *testing.T) {
	w := newWorld(t, nil)
	w.tamper = func(a *fakests.Answer) {
		w.SetFaults(fakests.Fault{Kind: fakests.Scripted, Role: deploy, Status: 403, Code: "AccessDenied", Message: "know " + strings.Join(w.secrets, " ") + "?"})
	}
	_, err := w.chain(t, hub, spoke, deploy)
	w.fails(t, err, failure{problem.Refused, []string{"hop 3 of 3", "know (hidden)?"}, "trust policy"})
}

func TestSignedRequestFollowsNoRedirect(t *testing.T) {
	thief := newWorld(t, nil)
	for _, status := range []int{301, 302, 303, 307, 308} {
		w := newWorld(t, nil)
		w.SetFaults(fakests.Fault{Kind: fakests.Scripted, Status: status, Location: thief.URL})
		_, err := w.chain(t, hub)
		w.fails(t, err, failure{problem.Unreachable, []string{fmt.Sprintf("(HTTP %d) is not an answer of STS", status)}, "AWS_ENDPOINT_URL_STS"})
	}
	if thief.Count("") != 0 {
		t.Error("a signed request went where an answer pointed to")
	}
}

func TestAnswerWithoutEndIsNotRead(t *testing.T) {
	for name, status := range map[string]int{"good": 200, "bad": 403} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			w.SetFaults(fakests.Fault{Kind: fakests.Scripted, Status: status, Body: "<AssumeRoleResponse><AssumeRoleResult>" + strings.Repeat("<x>y</x>", 256<<10/8)})
			_, err := w.chain(t, hub)
			w.fails(t, err, failure{problem.Unreachable, []string{"the answer of 127.0.0.1:", "is larger than 256 KiB"}, "AWS_ENDPOINT_URL_STS"})
		})
	}
}
