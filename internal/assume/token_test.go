package assume

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"whichrole/internal/creds"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
	"whichrole/internal/test/fakeissuer"
	"whichrole/internal/test/fakests"
)

const (
	ci       = "arn:aws:iam::111111111111:role/ci"
	audience = "sts.amazonaws.com"
	subject  = "repo:acme/infra:ref:refs/heads/main"
)

// job is a CI job with a token, that may become ci, and ci hub.
type job struct {
	*world
	issuer *fakeissuer.Issuer
	start  Start
	clock  *clock
}

// clock is everybody's.
type clock struct {
	mu    sync.Mutex
	ahead time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

func newJob(t *testing.T, changes fakeissuer.Claims) *job {
	t.Helper()
	j := &job{clock: &clock{}}
	j.issuer = fakeissuer.Start(fakeissuer.Config{Now: j.clock.now, Claims: changes})
	t.Cleanup(j.issuer.Close)
	j.world = newWorld(t, func(c *fakests.Config) {
		c.Now, c.Issuers = j.clock.now, []string{j.issuer.URL}
		c.Roles[0].Trusted = append(c.Roles[0].Trusted, ci)
		c.Roles = append(c.Roles, fakests.Role{ARN: ci, MaxDuration: fakests.Duration(2 * time.Hour),
			Federated: &fakests.Federated{Issuer: j.issuer.URL, Audiences: []string{audience}, Subjects: []string{subject}}})
	})
	j.client.Now = j.clock.now
	j.use(j.issuer.Token())
	return j
}

// use begins with that token, which no error may show.
func (j *job) use(token string) {
	j.start = Start{Signer: "oidc github", Token: creds.NewSecret(token), Issuer: j.issuer.URL, Subject: subject, Audience: []string{audience}}
	j.secrets = append(j.secrets, strings.Split(token, ".")...)
}

func (j *job) chain(t *testing.T, hops ...Hop) (*Minted, error) {
	t.Helper()
	for i := range hops {
		hops[i].SessionName = "test"
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	return j.client.Chain(ctx, j.start, hops)
}

func TestTokenGetsTheFirstRoleAndItsKeysTheNext(t *testing.T) {
	j := newJob(t, nil)
	m, err := j.chain(t, Hop{RoleARN: ci}, Hop{RoleARN: hub}, Hop{RoleARN: spoke})
	if err != nil {
		t.Fatal(err)
	}
	calls := j.Calls()
	if len(calls) != 3 {
		t.Fatalf("%d calls", len(calls))
	}
	for i, want := range []fakests.Call{
		{Action: "AssumeRoleWithWebIdentity", Role: ci, Subject: subject},
		{Action: "AssumeRole", Role: hub, Caller: "arn:aws:sts::111111111111:assumed-role/ci/test", AccessKeyID: calls[0].Minted},
		{Action: "AssumeRole", Role: spoke, Caller: "arn:aws:sts::111111111111:assumed-role/hub/test", AccessKeyID: calls[1].Minted},
	} {
		c := calls[i]
		got := fakests.Call{Action: c.Action, Role: c.Role, Subject: c.Subject, Caller: c.Caller, AccessKeyID: c.AccessKeyID}
		if !reflect.DeepEqual(got, want) || c.Seconds != 3600 || !strings.Contains(c.UserAgent, "whichrole/test") {
			t.Errorf("hop %d: %+v", i+1, c)
		}
	}
	if m.Credentials.AccessKeyID != calls[2].Minted || m.AssumedRoleARN != "arn:aws:sts::222222222222:assumed-role/spoke/test" {
		t.Errorf("%+v", m)
	}
	m, err = j.chain(t, Hop{RoleARN: ci, Duration: 2 * time.Hour})
	if err != nil || m.Credentials.AccountID != "111111111111" || m.Credentials.Expires.Before(time.Now().Add(119*time.Minute)) {
		t.Errorf("%+v %v", m, err)
	}
}

// AWS_ENDPOINT_URL_STS without TLS is the user's word for calls that are signed. A token is good for whoever reads it.
func TestTokenNeverGoesToSTSInTheClear(t *testing.T) {
	var seen atomic.Int32
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { seen.Add(1) }))
	defer proxy.Close()
	j := newJob(t, nil)
	j.client.Env = paths.Env{"HTTP_PROXY": proxy.URL, "HTTPS_PROXY": proxy.URL}
	for _, endpoint := range []string{"http://sts.example.test", "HTTP://sts.example.test:4566/", "http://localhost@sts.example.test", "http://10.0.0.1", "http://0.0.0.0"} {
		j.client.Endpoint = endpoint
		_, err := j.chain(t, Hop{RoleARN: ci})
		j.fails(t, err, failure{problem.Usage, []string{"cannot assume " + ci + " (hop 1 of 1, with the token of oidc github): ", " is not asked: the token would go there without TLS"},
			"AWS_ENDPOINT_URL_STS (or endpoint_url) must begin with https://"})
	}
	if n := seen.Load(); n != 0 {
		t.Errorf("%d requests on the way", n)
	}
	if _, err := j.hops(t, 10*time.Second, Hop{RoleARN: hub, SessionName: "test"}); err == nil || seen.Load() == 0 {
		t.Errorf("%d requests with keys, %v", seen.Load(), err)
	}
}

// A token proves itself; keys that lie about in the environment are nobody's business, and are not STS's to see.
func TestTokenIsSentWithoutAnySignature(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAOFSOMEBODYELSE01")
	t.Setenv("AWS_SECRET_ACCESS_KEY", aliceSecret)
	t.Setenv("AWS_SESSION_TOKEN", aliceToken)
	j := newJob(t, nil)
	calls := 0
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		calls++
		body, _ := io.ReadAll(r.Body)
		form, err := url.ParseQuery(string(body))
		if err != nil || r.Method != "POST" || r.URL.String() != "/" || form.Get("WebIdentityToken") != j.start.Token.Reveal() {
			t.Errorf("%s %s %s %v", r.Method, r.URL, body, err)
		}
		for name, values := range r.Header {
			if name == "Authorization" || name == "X-Amz-Security-Token" || strings.Contains(strings.Join(values, " "), form.Get("WebIdentityToken")) {
				t.Errorf("sends %s: %s", name, values)
			}
		}
	}))
	defer s.Close()
	j.client.Endpoint = s.URL
	_, err := j.chain(t, Hop{RoleARN: ci})
	j.fails(t, err, failure{problem.Unreachable, []string{"(hop 1 of 1, with the token of oidc github)", "is not an answer of STS"}, "AWS_ENDPOINT_URL_STS"})
	if calls != 1 {
		t.Errorf("%d calls", calls)
	}
}

func TestRefusedTokens(t *testing.T) {
	const bad, denied = "InvalidIdentityToken: ", "AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity"
	const byCLI = "with credentials of account 111111111111: aws iam "
	for name, c := range map[string]struct {
		changes fakeissuer.Claims
		prepare func(*job)
		hop     Hop
		says    string
		hint    string

		notItsFault bool // what the token says is beside the point
	}{
		"wrong audience": {changes: fakeissuer.Claims{"aud": "another"}, prepare: func(j *job) { j.start.Audience = []string{"another"} },
			says: bad + "Incorrect token audience; the token says iss http://127.0.0.1:",
			hint: "ask for an audience that the provider in IAM knows; or, " + byCLI + "add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn arn:aws:iam::111111111111:oidc-provider/http://127.0.0.1:"},
		"wrong subject": {changes: fakeissuer.Claims{"sub": "repo:acme/fork:pull_request"}, prepare: func(j *job) { j.start.Subject = "repo:acme/fork:pull_request" },
			says: denied + "; the token says iss http://127.0.0.1:", hint: `to let this token in, the trust policy of ` + ci + ` needs {"Effect": "Allow", `},
		"no such role": {hop: Hop{RoleARN: "arn:aws:iam::111111111111:role/none"}, says: denied, hint: "the trust policy of arn:aws:iam::111111111111:role/none needs"},
		"unknown issuer": {prepare: func(j *job) {
			other := fakeissuer.Start(fakeissuer.Config{})
			defer other.Close()
			j.use(other.Token())
			j.start.Issuer = other.URL
		}, says: bad + "No OpenIDConnect provider found in your account for http://127.0.0.1:",
			hint: byCLI + "create-open-id-connect-provider --url http://127.0.0.1:"},
		"expired": {changes: fakeissuer.Claims{"exp": time.Now().Add(-time.Minute)}, says: "ExpiredTokenException: Token expired: current date/time", hint: "the time of this token is over"},
		"expired, by a clock that is off": {changes: fakeissuer.Claims{"exp": time.Now().Add(-time.Minute)}, prepare: func(j *job) { j.client.Now = func() time.Time { return time.Now().Add(-time.Hour) } },
			says: "ExpiredTokenException", hint: "your clock is 1h behind AWS"},
		"no JWT": {prepare: func(j *job) { j.use("opaque-access-token-of-0123456789") }, says: bad + "The ID Token provided is not a valid JWT", hint: ""},
		"no subject": {changes: fakeissuer.Claims{"sub": nil}, prepare: func(j *job) { j.start.Subject, j.start.Audience = "", nil },
			says: bad + "Missing a required claim: sub; the token says iss http://127.0.0.1:", hint: ""},
		"longer than the role allows": {hop: Hop{RoleARN: ci, Duration: 3 * time.Hour}, says: "ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration", hint: "asked for 3h: shorten duration", notItsFault: true},
		"a broken policy":             {hop: Hop{RoleARN: ci, Policy: "{"}, says: "MalformedPolicyDocument", hint: "JSON policy document", notItsFault: true},
		"a large policy":              {prepare: func(j *job) { j.SetFaults(fakests.Fault{Kind: fakests.PackedPolicy}) }, says: "PackedPolicyTooLarge", hint: "shorten policy", notItsFault: true},
		"STS is off in the region":    {prepare: func(j *job) { j.SetFaults(fakests.Fault{Kind: fakests.RegionDisabled}) }, says: "RegionDisabledException", hint: "activate STS in eu-west-1", notItsFault: true},
		"an organization denies": {prepare: func(j *job) {
			j.SetFaults(fakests.Fault{Kind: fakests.Scripted, Status: 403, Code: "AccessDenied", Message: "no, with an explicit deny in a resource control policy"})
		}, says: "AccessDenied: no, with an explicit deny", hint: "a policy of oidc github, of its organization or of the role denies this explicitly"},
		"tags of the token's own are not allowed": {prepare: func(j *job) {
			j.SetFaults(fakests.Fault{Kind: fakests.Scripted, Status: 403, Code: "AccessDenied", Message: "Not authorized to perform: sts:TagSession"})
		}, says: "AccessDenied: Not authorized", hint: "the trust policy of " + ci + " must allow oidc github sts:TagSession too"},
		"the issuer says no": {prepare: func(j *job) {
			j.SetFaults(fakests.Fault{Kind: fakests.Scripted, Status: 403, Code: "IDPRejectedClaim", Message: "it has been revoked"})
		}, says: "IDPRejectedClaim: it has been revoked; the token says", hint: ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := newJob(t, c.changes)
			if c.prepare != nil {
				c.prepare(j)
			}
			if c.hop.RoleARN == "" {
				c.hop.RoleARN = ci
			}
			m, err := j.chain(t, c.hop, Hop{RoleARN: hub})
			if m != nil {
				t.Error("an error, and credentials all the same")
			}
			claims := "; the token says iss " + j.start.Issuer + ", aud " + orNothing(strings.Join(j.start.Audience, " ")) + ", sub " + orNothing(j.start.Subject)
			j.fails(t, err, failure{problem.Refused, []string{
				"cannot assume " + c.hop.RoleARN + " (hop 1 of 2, with the token of oidc github, request id 00000000-0000-4000-8000-000000000001): " + c.says}, c.hint})
			if err != nil && strings.HasSuffix(err.Error(), claims) == c.notItsFault {
				t.Errorf("%q and %q", err, claims)
			}
			if n := j.Count(""); n != 1 {
				t.Errorf("%d calls: a refusal must not be tried again", n)
			}
		})
	}
}

// What the hint says is what IAM takes: a statement of a trust policy, for this very token.
func TestHintIsATrustPolicyStatement(t *testing.T) {
	type statement struct {
		Effect, Action string
		Principal      struct{ Federated string }
		Condition      struct{ StringEquals map[string]any }
	}
	for _, c := range []struct {
		start    Start
		provider string
		want     map[string]any
	}{
		{Start{Issuer: "https://token.actions.githubusercontent.com", Audience: []string{audience}, Subject: subject}, "token.actions.githubusercontent.com",
			map[string]any{"token.actions.githubusercontent.com:aud": audience, "token.actions.githubusercontent.com:sub": subject}},
		{Start{Issuer: "https://api.bitbucket.org/2.0/pipelines-config/identity/oidc", Audience: []string{"a", "b"}, Subject: "{x}:{y}"}, "api.bitbucket.org/2.0/pipelines-config/identity/oidc",
			map[string]any{"api.bitbucket.org/2.0/pipelines-config/identity/oidc:aud": []any{"a", "b"}, "api.bitbucket.org/2.0/pipelines-config/identity/oidc:sub": "{x}:{y}"}},
		{Start{Issuer: `https://x","Principal":"*`, Subject: "\"}\x1b[2J\u202e%s<&\n"}, `x","Principal":"*`,
			map[string]any{`x","Principal":"*:aud`: []any{}, `x","Principal":"*:sub`: `"}?[2J?%s<&?`}},
	} {
		s := &step{start: c.start, hop: Hop{RoleARN: "arn:aws-cn:iam::111111111111:role/ci", SessionName: "test"}}
		s.start.Token = creds.NewSecret("t")
		hint := s.hint(refusal{code: "AccessDenied"})
		text, found := strings.CutPrefix(hint, "to let this token in, the trust policy of "+s.hop.RoleARN+" needs ")
		var got statement
		if err := json.Unmarshal([]byte(text), &got); !found || err != nil {
			t.Errorf("%s: %v", hint, err)
			continue
		}
		if got.Effect != "Allow" || got.Action != "sts:AssumeRoleWithWebIdentity" || got.Principal.Federated != "arn:aws-cn:iam::111111111111:oidc-provider/"+c.provider ||
			!reflect.DeepEqual(got.Condition.StringEquals, c.want) {
			t.Errorf("%s\n%+v", text, got)
		}
	}
}

func TestHintsToPasteAreQuoted(t *testing.T) {
	s := &step{hop: Hop{RoleARN: ci, SessionName: "test"}, start: Start{Token: creds.NewSecret("t"), Issuer: "https://x/$(id)", Audience: []string{"a;id", "it's", "`id`", "fourth"}}}
	for message, want := range map[string]string{
		"No OpenIDConnect provider found in your account for x": `with credentials of account 111111111111: aws iam create-open-id-connect-provider --url 'https://x/$(id)' --client-id-list 'a;id' 'it'\''s' '` + "`id`'",
		"Incorrect token audience": "ask for an audience that the provider in IAM knows; or, with credentials of account 111111111111: aws iam add-client-id-to-open-id-connect-provider" +
			" --open-id-connect-provider-arn 'arn:aws:iam::111111111111:oidc-provider/x/$(id)' --client-id 'a;id'",
	} {
		if got := s.hint(refusal{code: "InvalidIdentityToken", message: message}); got != want && !strings.Contains(got, "…") { // on Windows nothing quotes
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// AWS fetches the issuer's keys, which may fail for a moment. It has two ways to say so.
func TestIssuerThatAWSCannotReachIsAskedAgain(t *testing.T) {
	for name, c := range map[string]struct {
		fail func(j *job, times int)
		says string
	}{
		"IDPCommunicationError": {func(j *job, times int) { j.SetFaults(fakests.Fault{Kind: fakests.IDPSilent, Times: times}) }, "IDPCommunicationError: "},
		"no verification key": {func(j *job, times int) {
			j.issuer.SetFaults(fakeissuer.Fault{Kind: fakeissuer.Broken, At: fakeissuer.Keys, Times: times})
		}, "InvalidIdentityToken: Couldn't retrieve verification key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := newJob(t, nil)
			c.fail(j, 1)
			if _, err := j.chain(t, Hop{RoleARN: ci}); err != nil || j.Count("") != 2 {
				t.Errorf("%v after %d calls", err, j.Count(""))
			}
			c.fail(j, 0)
			_, err := j.chain(t, Hop{RoleARN: ci})
			j.fails(t, err, failure{problem.Unreachable, []string{"cannot assume " + ci + " (hop 1 of 1, with the token of oidc github, request id", c.says},
				"AWS reads " + j.issuer.URL + "/.well-known/openid-configuration"})
			if n := j.Count(""); n != 2+3 {
				t.Errorf("%d calls", n-2)
			}
		})
	}
}

func TestTokenThatExpiresInTheMiddleOfAChain(t *testing.T) {
	j := newJob(t, nil)
	j.tamper = func(a *fakests.Answer) {
		if a.Action == "AssumeRoleWithWebIdentity" {
			j.clock.advance(fakeissuer.Lifetime + time.Minute)
		}
	}
	if _, err := j.chain(t, Hop{RoleARN: ci}, Hop{RoleARN: hub}, Hop{RoleARN: spoke}); err != nil {
		t.Error(err)
	}
	_, err := j.chain(t, Hop{RoleARN: ci})
	j.fails(t, err, failure{problem.Refused, []string{"ExpiredTokenException"}, "the time of this token is over"})
}

func TestTokenHopSendsWhatItsCallTakesAndNothingElse(t *testing.T) {
	j := newJob(t, nil)
	full := Hop{RoleARN: ci, Duration: 90 * time.Minute, ExternalID: "sesame", SourceIdentity: "alice", Tags: []Tag{{"env", "qa"}}, TransitiveTagKeys: []string{"env"},
		Policy: `{"Version":"2012-10-17"}`, PolicyARNs: []string{"arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/IAMReadOnlyAccess"}}
	if _, err := j.chain(t, full); err != nil {
		t.Fatal(err)
	}
	got := j.Calls()[0]
	want := fakests.Call{Time: got.Time, Action: "AssumeRoleWithWebIdentity", UserAgent: got.UserAgent, Role: ci, SessionName: "test", Seconds: 5400, Subject: subject,
		Policy: full.Policy, PolicyARNs: full.PolicyARNs, Minted: got.Minted}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	for _, c := range []struct {
		hop     Hop
		without []string
	}{
		{full, []string{"external_id", "source_identity", "session_tags"}},
		{Hop{RoleARN: ci, TransitiveTagKeys: []string{"x"}}, []string{"session_tags"}},
		{Hop{RoleARN: ci, SourceIdentity: "x"}, []string{"source_identity"}},
		{Hop{RoleARN: ci, SessionName: "test", Duration: time.Hour, Policy: "{}", PolicyARNs: []string{"x"}}, nil},
	} {
		hop, without := c.hop.WithToken()
		if !reflect.DeepEqual(without, c.without) || hop.ExternalID+hop.SourceIdentity != "" || len(hop.Tags)+len(hop.TransitiveTagKeys) > 0 ||
			hop.RoleARN != ci || hop.SessionName != c.hop.SessionName || hop.Duration != c.hop.Duration || hop.Policy != c.hop.Policy || len(hop.PolicyARNs) != len(c.hop.PolicyARNs) {
			t.Errorf("%+v: %+v without %v", c.hop, hop, without)
		}
	}
}

func TestAnswerToATokenIsNotBelievedEither(t *testing.T) {
	for name, c := range map[string]struct {
		tamper func(*fakests.Answer)
		says   string
	}{
		"another role":    {func(a *fakests.Answer) { a.ARN = strings.Replace(a.ARN, "/ci/", "/admin/", 1) }, "is a session of arn:aws:sts::111111111111:assumed-role/admin/test instead"},
		"another account": {func(a *fakests.Answer) { a.ARN = strings.Replace(a.ARN, "1111", "6666", 1) }, "is a session of arn:aws:sts::666611111111:assumed-role/ci/test instead"},
		"nobody's":        {func(a *fakests.Answer) { a.ARN = "" }, "does not say whose"},
		"no secret":       {func(a *fakests.Answer) { a.SecretAccessKey = "" }, "no complete credentials"},
		"everlasting":     {func(a *fakests.Answer) { a.Expiration = "2099-01-01T00:00:00Z" }, "longer than was asked for"},
	} {
		t.Run(name, func(t *testing.T) {
			j := newJob(t, nil)
			j.tamper = c.tamper
			_, err := j.chain(t, Hop{RoleARN: ci}, Hop{RoleARN: hub})
			j.fails(t, err, failure{problem.Refused, []string{"cannot assume " + ci + " (hop 1 of 2, with the token of oidc github, request id", c.says}, ""})
			if j.Count("") != 1 {
				t.Error("the chain went on")
			}
		})
	}
}

// The token may come back in what STS says, at the first hop and, where STS remembers it, at any later one.
func TestTokenIsInNoErrorWhateverSTSSays(t *testing.T) {
	for name, echo := range map[string]func(token string) string{
		"whole":             func(token string) string { return token },
		"escaped":           url.QueryEscape,
		"escaped path":      url.PathEscape,
		"on lines":          func(token string) string { return token[:100] + "\n" + token[100:200] + "\r\n " + token[200:] },
		"in words":          func(token string) string { return strings.Join(strings.Split(token, ""), " ") },
		"a third":           func(token string) string { return token[:len(token)/3] },
		"the last":          func(token string) string { return token[len(token)-60:] },
		"its parts":         func(token string) string { return strings.ReplaceAll(token, ".", " and ") },
		"in quotes":         func(token string) string { return fmt.Sprintf("%q", token) },
		"across the cut":    func(token string) string { return strings.Repeat("no ", 150) + token },
		"a hundred of them": func(token string) string { return strings.Repeat(token+",", 100) },
	} {
		for _, role := range []string{ci, hub} {
			t.Run(name+" for "+role, func(t *testing.T) {
				j := newJob(t, nil)
				token := j.start.Token.Reveal()
				j.SetFaults(fakests.Fault{Kind: fakests.Scripted, Role: role, Status: 403, Code: "AccessDenied", Message: "it was <" + echo(token) + ">"})
				_, err := j.chain(t, Hop{RoleARN: ci}, Hop{RoleARN: hub})
				j.fails(t, err, failure{problem.Refused, []string{"AccessDenied: "}, "the trust policy of " + role})
				text := strings.ReplaceAll(fmt.Sprint(err), " ", "")
				for i := 0; i+16 <= len(token); i++ {
					if strings.Contains(text, token[i:i+16]) {
						t.Fatalf("shows %s: %v", token[i:i+16], err)
					}
				}
			})
		}
	}
}

// Nobody has verified what a token says, and the job that brings it may not be ours.
func TestHostileClaims(t *testing.T) {
	for name, claim := range map[string]string{
		"control characters": "x\x1b]0;owned\x07\r\nwhichrole: error: all is well\x00",
		"100 KB":             strings.Repeat("repo:acme/infra ", 100<<10/16),
		"100 KB of é":        strings.Repeat("é", 50<<10),
		"verbs":              "%s%d%!v(MISSING)%",
		"bidirectional":      "\u202egnp.exe\u2066\u200b",
		"not UTF-8":          "\xff\xfe\x80",
		"JSON":               `"}],"Principal":"*"`,
		"shell":              "$(id)`id`;id|id&\\",
	} {
		for _, code := range []string{"AccessDenied", "InvalidIdentityToken", "ExpiredTokenException", "IDPCommunicationError"} {
			t.Run(name+", "+code, func(t *testing.T) {
				t.Parallel()
				j := newJob(t, nil)
				j.start.Issuer, j.start.Subject, j.start.Audience = "https://"+claim, claim, []string{claim, claim, claim, claim, claim}
				j.SetFaults(fakests.Fault{Kind: fakests.Scripted, Status: 400, Code: code, Message: "No OpenIDConnect provider found in your account for x"})
				_, err := j.chain(t, Hop{RoleARN: ci})
				p, ok := err.(*problem.Error)
				if !ok {
					t.Fatalf("%#v", err)
				}
				j.fails(t, err, failure{p.Code, []string{"cannot assume " + ci, code}, p.Hint})
				if strings.ContainsAny(p.Message+p.Hint, "\u202e\u2066\u200b\x00\x07") || strings.Contains(p.Message+p.Hint, "%!s") {
					t.Errorf("%q %q", p.Message, p.Hint)
				}
				if code != "IDPCommunicationError" && name == "verbs" && !strings.Contains(p.Message, "sub "+claim) {
					t.Errorf("%q does not say %q", p.Message, claim)
				}
				if n := len(p.Message) + len(p.Hint); n > 3<<10 {
					t.Errorf("%d bytes", n)
				}
			})
		}
	}
}
