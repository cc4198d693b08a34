package fakests

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

const (
	alice   = "arn:aws:iam::111111111111:user/alice"
	hub     = "arn:aws:iam::111111111111:role/hub"
	deploy  = "arn:aws:iam::222222222222:role/teams/infra/deploy"
	nowhere = "arn:aws:iam::222222222222:role/nowhere"
)

var (
	noon     = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	aliceKey = aws.Credentials{AccessKeyID: "AKIAALICEALICEALICE1", SecretAccessKey: "alice-secret"}
)

func start(t *testing.T, change func(*Config)) *Server {
	t.Helper()
	c := Config{
		Region: "eu-west-1",
		Now:    func() time.Time { return noon },
		Users:  []User{{AccessKeyID: aliceKey.AccessKeyID, SecretAccessKey: aliceKey.SecretAccessKey, ARN: alice}},
		Roles: []Role{
			{ARN: hub, Trusted: []string{alice}, MaxDuration: Duration(4 * time.Hour)},
			{ARN: deploy, Trusted: []string{hub}, MaxDuration: Duration(4 * time.Hour)},
		},
	}
	if change != nil {
		change(&c)
	}
	s := Start(c)
	t.Cleanup(s.Close)
	return s
}

// call describes one signed request, and how to spoil it.
type call struct {
	key    aws.Credentials
	form   url.Values
	at     time.Time
	region string
	scope  string
	spoil  func(*http.Request)
	body   string // sent instead of the body that was signed
}

func assume(role string, more ...string) url.Values {
	f := url.Values{"Action": {"AssumeRole"}, "Version": {"2011-06-15"}, "RoleArn": {role}, "RoleSessionName": {"test"}}
	for i := 0; i < len(more); i += 2 {
		f.Set(more[i], more[i+1])
	}
	return f
}

func (c call) send(t *testing.T, s *Server) (int, string) {
	t.Helper()
	body := c.form.Encode()
	r, _ := http.NewRequest("POST", s.URL+"/", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	hash := sha256.Sum256([]byte(body))
	at, region, scope := c.at, c.region, c.scope
	if at.IsZero() {
		at = noon
	}
	if region == "" {
		region = "eu-west-1"
	}
	if scope == "" {
		scope = "sts"
	}
	if err := v4.NewSigner().SignHTTP(context.Background(), c.key, r, hex.EncodeToString(hash[:]), scope, region, at); err != nil {
		t.Fatal(err)
	}
	if c.spoil != nil {
		c.spoil(r)
	}
	if c.body != "" {
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(c.body)), int64(len(c.body))
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(text)
}

func (c call) mint(t *testing.T, s *Server) aws.Credentials {
	t.Helper()
	status, text := c.send(t, s)
	if status != 200 {
		t.Fatalf("got %d %s", status, text)
	}
	var r struct {
		Assumed   *sessionXML `xml:"AssumeRoleResult>Credentials"`
		Exchanged *sessionXML `xml:"AssumeRoleWithWebIdentityResult>Credentials"`
		Session   *sessionXML `xml:"GetSessionTokenResult>Credentials"`
	}
	if err := xml.Unmarshal([]byte(text), &r); err != nil {
		t.Fatal(err)
	}
	k := cmp.Or(r.Assumed, r.Exchanged, r.Session)
	if k == nil {
		t.Fatalf("no credentials in %s", text)
	}
	return aws.Credentials{AccessKeyID: k.AccessKeyID, SecretAccessKey: k.SecretAccessKey, SessionToken: k.SessionToken}
}

func (c call) refused(t *testing.T, s *Server, status int, code, words string) {
	t.Helper()
	got, text := c.send(t, s)
	if got != status || !strings.Contains(text, "<Code>"+code+"</Code>") || !strings.Contains(text, words) {
		t.Errorf("got %d %s\nwant %d %s %q", got, text, status, code, words)
	}
}

func TestChain(t *testing.T) {
	s := start(t, func(c *Config) { c.TokenSize = 1234 })
	first := call{key: aliceKey, form: assume(hub)}.mint(t, s)
	if !strings.HasPrefix(first.AccessKeyID, "ASIA") || len(first.AccessKeyID) != 20 || len(first.SecretAccessKey) != 40 || len(first.SessionToken) != 1234 {
		t.Errorf("key of an unlikely shape: %q, secret of %d, token of %d", first.AccessKeyID, len(first.SecretAccessKey), len(first.SessionToken))
	}
	second := call{key: first, form: assume(deploy)}.mint(t, s)
	if second == first {
		t.Error("both hops got the same key")
	}
	status, text := call{key: second, form: url.Values{"Action": {"GetCallerIdentity"}, "Version": {"2011-06-15"}}}.send(t, s)
	if status != 200 || !strings.Contains(text, "<Arn>arn:aws:sts::222222222222:assumed-role/deploy/test</Arn>") {
		t.Errorf("got %d %s", status, text)
	}
	calls := s.Calls()
	if s.Count("AssumeRole") != 2 || s.Count("") != 3 || calls[0].Caller != alice || calls[1].Caller != "arn:aws:sts::111111111111:assumed-role/hub/test" ||
		calls[1].Minted != second.AccessKeyID || calls[2].AccessKeyID != second.AccessKeyID {
		t.Errorf("log: %+v", calls)
	}
}

func TestLiesAreNotBelieved(t *testing.T) {
	s := start(t, nil)
	session := call{key: aliceKey, form: assume(hub)}.mint(t, s)
	with := func(k aws.Credentials, secret, token string) aws.Credentials {
		k.SecretAccessKey, k.SessionToken = secret, token
		return k
	}
	const mismatch, unknown = "SignatureDoesNotMatch", "InvalidClientTokenId"
	for name, c := range map[string]struct {
		call
		status      int
		code, words string
	}{
		"another secret":                  {call{key: with(aliceKey, "guess", "")}, 403, mismatch, "Check your AWS Secret"},
		"an unknown key":                  {call{key: aws.Credentials{AccessKeyID: "AKIANOBODY", SecretAccessKey: "x"}}, 403, unknown, "token included in the request is invalid"},
		"a token on a long-term key":      {call{key: with(aliceKey, aliceKey.SecretAccessKey, "token")}, 403, unknown, ""},
		"a session without token":         {call{key: with(session, session.SecretAccessKey, "")}, 403, unknown, ""},
		"a session with half its token":   {call{key: with(session, session.SecretAccessKey, session.SessionToken[:400])}, 403, unknown, ""},
		"a session with another's secret": {call{key: with(session, aliceKey.SecretAccessKey, session.SessionToken)}, 403, mismatch, ""},
		"a body changed on the way":       {call{key: aliceKey, body: assume(deploy).Encode()}, 403, mismatch, ""},
		"a signed header changed":         {call{key: aliceKey, spoil: func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }}, 403, mismatch, ""},
		"an unsigned amz header":          {call{key: aliceKey, spoil: func(r *http.Request) { r.Header.Set("X-Amz-Target", "x") }}, 403, mismatch, "x-amz-target"},
		"a path changed on the way":       {call{key: aliceKey, spoil: func(r *http.Request) { r.URL.Path = "/other" }}, 403, mismatch, ""},
		"another host":                    {call{key: aliceKey, spoil: func(r *http.Request) { r.Host = "sts.amazonaws.com" }}, 403, mismatch, ""},
		"a date changed on the way":       {call{key: aliceKey, spoil: func(r *http.Request) { r.Header.Set("X-Amz-Date", "20261122T120001Z") }}, 403, mismatch, ""},
		"no signature":                    {call{key: aliceKey, spoil: func(r *http.Request) { r.Header.Del("Authorization") }}, 403, "MissingAuthenticationToken", "Request is missing"},
		"half a signature":                {call{key: aliceKey, spoil: func(r *http.Request) { r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=x") }}, 400, "IncompleteSignature", ""},
		"another region":                  {call{key: aliceKey, region: "us-east-1"}, 403, mismatch, "valid region"},
		"another service":                 {call{key: aliceKey, scope: "iam"}, 403, mismatch, "correct service"},
		"a clock behind":                  {call{key: aliceKey, at: noon.Add(-6 * time.Minute)}, 403, mismatch, "Signature expired: 20261122T115400Z is now earlier than 20261122T115500Z (20261122T120000Z - 5 min.)"},
		"a clock ahead":                   {call{key: aliceKey, at: noon.Add(6 * time.Minute)}, 403, mismatch, "Signature not yet current: 20261122T120600Z is still later than 20261122T120500Z (20261122T120000Z + 5 min.)"},
	} {
		t.Run(name, func(t *testing.T) {
			c.form = assume(hub)
			c.refused(t, s, c.status, c.code, c.words)
		})
	}
}

func TestSessionEnds(t *testing.T) {
	now := noon
	s := start(t, func(c *Config) { c.Now = func() time.Time { return now } })
	session := call{key: aliceKey, form: assume(hub)}.mint(t, s)
	now = noon.Add(time.Hour)
	call{key: session, at: now, form: assume(deploy)}.refused(t, s, 403, "ExpiredToken", "is expired")
}

func TestRoleWhoseCredentialsEndSoon(t *testing.T) {
	now := noon
	s := start(t, func(c *Config) {
		c.Now, c.Roles[0].Lives = func() time.Time { return now }, Duration(75*time.Second)
	})
	session := call{key: aliceKey, form: assume(hub)}.mint(t, s)
	now = noon.Add(74 * time.Second)
	call{key: session, at: now, form: assume(deploy)}.mint(t, s)
	now = noon.Add(75 * time.Second)
	call{key: session, at: now, form: assume(deploy)}.refused(t, s, 403, "ExpiredToken", "is expired")
}

func TestTrustPolicy(t *testing.T) {
	s := start(t, func(c *Config) {
		c.Roles = append(c.Roles,
			Role{ARN: "arn:aws:iam::1:role/x"},
			Role{ARN: nowhere + "-external", Trusted: []string{"111111111111"}, ExternalID: "sesame"},
			Role{ARN: nowhere + "-untagged", Trusted: []string{"*"}, RefuseTags: true})
	})
	session := call{key: aliceKey, form: assume(hub)}.mint(t, s)
	no := "User: " + alice + " is not authorized to perform: sts:AssumeRole on resource: "
	for name, c := range map[string]struct {
		key         aws.Credentials
		form        url.Values
		status      int
		code, words string
	}{
		"not trusted":       {aliceKey, assume(deploy), 403, "AccessDenied", no + deploy},
		"unknown role":      {aliceKey, assume(nowhere), 403, "AccessDenied", no + nowhere},
		"no external id":    {aliceKey, assume(nowhere + "-external"), 403, "AccessDenied", no},
		"wrong external id": {aliceKey, assume(nowhere+"-external", "ExternalId", "open"), 403, "AccessDenied", no},
		"tags":              {aliceKey, assume(nowhere+"-untagged", "Tags.member.1.Key", "k", "Tags.member.1.Value", "v"), 403, "AccessDenied", "sts:TagSession"},
		"not an ARN":        {aliceKey, assume("hub"), 400, "ValidationError", "hub is invalid"},
		"session name":      {aliceKey, assume(hub, "RoleSessionName", "a b"), 400, "ValidationError", "roleSessionName"},
		"too short":         {aliceKey, assume(hub, "DurationSeconds", "60"), 400, "ValidationError", "900"},
		"above the role's":  {aliceKey, assume(hub, "DurationSeconds", "14401"), 400, "ValidationError", "exceeds the MaxSessionDuration set for this role"},
		"chaining":          {session, assume(deploy, "DurationSeconds", "3601"), 400, "ValidationError", "exceeds the 1 hour session limit for roles assumed by role chaining"},
		"policy":            {aliceKey, assume(hub, "Policy", "{"), 400, "MalformedPolicyDocument", ""},
		"long policy":       {aliceKey, assume(hub, "Policy", `"`+strings.Repeat("x", 2048)+`"`), 400, "PackedPolicyTooLarge", ""},
		"unknown action":    {aliceKey, url.Values{"Action": {"Fly"}, "Version": {"2011-06-15"}}, 400, "InvalidAction", ""},
	} {
		t.Run(name, func(t *testing.T) {
			call{key: c.key, form: c.form}.refused(t, s, c.status, c.code, c.words)
		})
	}
	call{key: aliceKey, form: assume(nowhere+"-external", "ExternalId", "sesame")}.mint(t, s)
}

func TestEveryParameterIsLogged(t *testing.T) {
	file := filepath.Join(t.TempDir(), "calls.jsonl")
	s := start(t, func(c *Config) { c.LogFile = file })
	session := call{key: aliceKey, form: assume(hub, "DurationSeconds", "7200", "ExternalId", "ex", "SourceIdentity", "alice", "Policy", "{}",
		"Tags.member.1.Key", "env", "Tags.member.1.Value", "qa", "Tags.member.2.Key", "team", "Tags.member.2.Value", "x",
		"TransitiveTagKeys.member.1", "env", "PolicyArns.member.1.arn", "arn:aws:iam::aws:policy/ReadOnlyAccess")}.mint(t, s)
	call{key: session, form: assume(deploy)}.mint(t, s)
	want := Call{Time: noon, Action: "AssumeRole", Caller: alice, AccessKeyID: aliceKey.AccessKeyID, Region: "eu-west-1", UserAgent: "Go-http-client/1.1",
		Role: hub, SessionName: "test", Seconds: 7200, ExternalID: "ex", SourceIdentity: "alice", Policy: "{}", Tags: map[string]string{"env": "qa", "team": "x"},
		TransitiveTagKeys: []string{"env"}, PolicyARNs: []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"}, Minted: session.AccessKeyID}
	if got := s.Calls()[0]; !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if got := s.Calls()[1].InheritedTags; !reflect.DeepEqual(got, map[string]string{"env": "qa"}) {
		t.Errorf("inherited %v", got)
	}
	lines, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Get(s.URL + "/_calls")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	served, _ := io.ReadAll(resp.Body)
	if !bytes.Equal(lines, served) || bytes.Count(lines, []byte("\n")) != 2 {
		t.Errorf("file:\n%s\nserved:\n%s", lines, served)
	}
	for _, secret := range []string{aliceKey.SecretAccessKey, session.SecretAccessKey, session.SessionToken} {
		if bytes.Contains(lines, []byte(secret)) {
			t.Error("a secret is in the log")
		}
	}
}

func TestFaultsAreCounted(t *testing.T) {
	s := start(t, nil)
	resp, err := http.Post(s.URL+"/_faults", "application/json", strings.NewReader(
		`[{"kind":"throttle","role":"`+hub+`","times":2},{"kind":"skew","by":"-10m"}]`))
	if err != nil || resp.StatusCode != 200 {
		t.Fatal(err, resp)
	}
	resp.Body.Close()
	c := call{key: aliceKey, form: assume(hub)}
	c.refused(t, s, 429, "Throttling", "")
	c.refused(t, s, 429, "Throttling", "")
	c.refused(t, s, 403, "SignatureDoesNotMatch", "not yet current")
	s.SetFaults(Fault{Kind: Refuse, Action: "GetCallerIdentity"})
	c.mint(t, s)
	s.SetFaults(Fault{Kind: Refuse})
	c.refused(t, s, 403, "AccessDenied", "not authorized")
	if last := s.Calls()[4]; last.Fault != Refuse || last.Error != "AccessDenied" || last.Caller != alice {
		t.Errorf("%+v", last)
	}
}

func TestWhatHangsIsNotAnsweredWhenTheServerEnds(t *testing.T) {
	for _, kind := range []string{Hang, HangBody} {
		s := Start(Config{Faults: []Fault{{Kind: kind}}})
		failed := make(chan error)
		go func() {
			resp, err := http.Post(s.URL, "application/x-www-form-urlencoded", strings.NewReader("Action=AssumeRole"))
			if err == nil {
				_, err = io.ReadAll(resp.Body)
				resp.Body.Close()
			}
			failed <- err
		}()
		for end := time.Now().Add(10 * time.Second); s.Count("") == 0; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("the call does not show")
			}
		}
		s.Close()
		if <-failed == nil {
			t.Errorf("%s: a whole answer", kind)
		}
	}
}

func TestConfigFromJSON(t *testing.T) {
	var c Config
	err := json.Unmarshal([]byte(`{"region":"eu-west-1","users":[{"access_key_id":"A","secret_access_key":"s","arn":"`+alice+`"}],
		"roles":[{"arn":"`+hub+`","trusted":["`+alice+`"],"max_duration":"12h"}],"faults":[{"kind":"delay","by":"150ms"}]}`), &c)
	if err != nil || c.Roles[0].MaxDuration != Duration(12*time.Hour) || c.Faults[0].By != Duration(150*time.Millisecond) {
		t.Errorf("%v %+v", err, c)
	}
}
