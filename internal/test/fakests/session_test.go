package fakests

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

const (
	device  = "arn:aws:iam::111111111111:mfa/alice"
	guarded = "arn:aws:iam::111111111111:role/guarded"
	behind  = "arn:aws:iam::222222222222:role/behind"
)

// withMFA gives alice a device, and a role that needs it.
func withMFA(codes ...string) func(*Config) {
	return func(c *Config) {
		c.Users[0].MFASerial, c.MFACodes = device, codes
		c.Roles = append(c.Roles,
			Role{ARN: guarded, Trusted: []string{alice}, NeedsMFA: true, MaxDuration: Duration(12 * time.Hour)},
			Role{ARN: behind, Trusted: []string{guarded}, NeedsMFA: true})
	}
}

func (s *Server) session(t *testing.T, by aws.Credentials, in sts.GetSessionTokenInput) (aws.Credentials, error) {
	t.Helper()
	out, err := s.client(by).GetSessionToken(t.Context(), &in)
	if err != nil {
		return aws.Credentials{}, err
	}
	return keyFrom(out.Credentials), nil
}

func TestOneCodeGivesASessionForAllRoles(t *testing.T) {
	s := real(t, withMFA("123456"))
	session, err := s.session(t, aliceKey, sts.GetSessionTokenInput{SerialNumber: aws.String(device), TokenCode: aws.String("123456")})
	if err != nil {
		t.Fatal(err)
	}
	lasts(t, session, time.Now(), 12*time.Hour)
	if who := s.whoIs(t, session); who != alice {
		t.Errorf("the session is %s's", who)
	}
	for _, role := range []string{guarded, guarded, hub} {
		if _, err := s.assumes(t, session, role, nil); err != nil {
			t.Error(err)
		}
	}
	long, err := s.assumes(t, session, guarded, func(in *sts.AssumeRoleInput) { in.DurationSeconds = aws.Int32(12 * 3600) })
	if err != nil {
		t.Fatal(err) // it is no role chaining
	}
	lasts(t, long, time.Now(), 12*time.Hour)
	calls := s.Calls()
	if first := calls[0]; first.Action != "GetSessionToken" || first.MFASerial != device || !first.MFA || first.Minted != session.AccessKeyID {
		t.Errorf("%+v", first)
	}
	if assumed := calls[2]; assumed.Caller != alice || !assumed.MFA || assumed.MFASerial != "" {
		t.Errorf("%+v", assumed)
	}
}

func TestSessionWithoutCode(t *testing.T) {
	s := real(t, withMFA("123456"))
	session, err := s.session(t, aliceKey, sts.GetSessionTokenInput{DurationSeconds: aws.Int32(900)})
	if err != nil {
		t.Fatal(err)
	}
	lasts(t, session, time.Now(), 15*time.Minute)
	_, err = s.assumes(t, session, guarded, nil)
	wants(t, err, "AccessDenied", "is not authorized to perform: sts:AssumeRole on resource: "+guarded)
	_, err = s.assumes(t, session, hub, nil)
	wants(t, err, "", "")
}

func TestMFAWithTheCallItself(t *testing.T) {
	s := real(t, withMFA("123456", "234567"))
	by := func(code string) func(*sts.AssumeRoleInput) {
		return func(in *sts.AssumeRoleInput) { in.SerialNumber, in.TokenCode = aws.String(device), aws.String(code) }
	}
	_, err := s.assumes(t, aliceKey, guarded, nil)
	wants(t, err, "AccessDenied", guarded)
	role, err := s.assumes(t, aliceKey, guarded, by("123456"))
	wants(t, err, "", "")
	_, err = s.assumes(t, aliceKey, guarded, by("123456"))
	wants(t, err, "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code. ")

	// A role session has none, however it was had, and its own codes are nobody's.
	_, err = s.assumes(t, role, behind, nil)
	wants(t, err, "AccessDenied", behind)
	_, err = s.assumes(t, role, behind, by("234567"))
	wants(t, err, "AccessDenied", "unable to validate MFA code.  Please verify your MFA serial number")
}

func TestGetSessionTokenRefuses(t *testing.T) {
	s := start(t, func(c *Config) {
		withMFA("123456", "234567")(c)
		c.Users = append(c.Users, User{AccessKeyID: "AKIABOBBOBBOBBOBBOB1", SecretAccessKey: "bob", ARN: "arn:aws:iam::111111111111:user/bob"})
	})
	role := call{key: aliceKey, form: assume(hub)}.mint(t, s)
	bob := aws.Credentials{AccessKeyID: "AKIABOBBOBBOBBOBBOB1", SecretAccessKey: "bob"}
	ask := func(more ...string) url.Values {
		f := url.Values{"Action": {"GetSessionToken"}, "Version": {"2011-06-15"}}
		for i := 0; i < len(more); i += 2 {
			f.Set(more[i], more[i+1])
		}
		return f
	}
	own := call{key: aliceKey, form: ask()}.mint(t, s)
	const failed, whose, denied, wrong = "MultiFactorAuthentication failed", "Please verify your MFA serial number is valid and associated with this user.", "AccessDenied", "ValidationError"
	for name, c := range map[string]struct {
		key         aws.Credentials
		form        url.Values
		status      int
		code, words string
	}{
		"a role session":         {role, ask(), 403, denied, "Cannot call GetSessionToken with session credentials"},
		"a session of its own":   {own, ask(), 403, denied, "Cannot call GetSessionToken with session credentials"},
		"a wrong code":           {aliceKey, ask("SerialNumber", device, "TokenCode", "000000"), 403, denied, failed + " with invalid MFA one time pass code. "},
		"another's device":       {aliceKey, ask("SerialNumber", "arn:aws:iam::111111111111:mfa/bob", "TokenCode", "234567"), 403, denied, whose},
		"nobody's device":        {bob, ask("SerialNumber", device, "TokenCode", "234567"), 403, denied, whose},
		"no device":              {aliceKey, ask("TokenCode", "234567"), 403, denied, "must provide both"},
		"no code":                {aliceKey, ask("SerialNumber", device), 403, denied, "must provide both"},
		"five digits":            {aliceKey, ask("SerialNumber", device, "TokenCode", "12345"), 400, wrong, "tokenCode&#39; failed to satisfy constraint: Member must have length greater than or equal to 6"},
		"letters":                {aliceKey, ask("SerialNumber", device, "TokenCode", "12345a"), 400, wrong, "regular expression pattern: [\\d]*"},
		"half a device":          {aliceKey, ask("SerialNumber", "GAHT", "TokenCode", "234567"), 400, wrong, "serialNumber"},
		"too short":              {aliceKey, ask("DurationSeconds", "899"), 400, wrong, "greater than or equal to 900"},
		"too long":               {aliceKey, ask("DurationSeconds", "129601"), 400, wrong, "less than or equal to 129600"},
		"a parameter of another": {aliceKey, ask("RoleArn", hub), 400, wrong, "RoleArn is not a parameter of GetSessionToken"},
	} {
		t.Run(name, func(t *testing.T) {
			call{key: c.key, form: c.form}.refused(t, s, c.status, c.code, c.words)
		})
	}
	call{key: aliceKey, spoil: func(r *http.Request) { r.Header.Del("Authorization") }, form: ask()}.refused(t, s, 403, "MissingAuthenticationToken", "")
	call{key: aliceKey, form: ask("SerialNumber", device, "TokenCode", "234567", "DurationSeconds", "129600")}.mint(t, s) // no refusal used it up
}

func TestACodeIsGoodOnceForAllCalls(t *testing.T) {
	s := start(t, withMFA("123456", "234567"))
	form := func(action, code string) url.Values {
		f := url.Values{"Action": {action}, "Version": {"2011-06-15"}, "SerialNumber": {device}, "TokenCode": {code}}
		if action == "AssumeRole" {
			f.Set("RoleArn", guarded)
			f.Set("RoleSessionName", "test")
		}
		return f
	}
	var good atomic.Int32
	var all sync.WaitGroup
	for n := range 16 {
		all.Go(func() {
			if status, _ := (call{key: aliceKey, form: form([]string{"AssumeRole", "GetSessionToken"}[n%2], "123456")}).send(t, s); status == 200 {
				good.Add(1)
			}
		})
	}
	all.Wait()
	if good.Load() != 1 {
		t.Errorf("one code was good %d times", good.Load())
	}
	spent := form("AssumeRole", "234567")
	spent.Set("RoleArn", nowhere)
	call{key: aliceKey, form: spent}.refused(t, s, 403, "AccessDenied", nowhere)
	call{key: aliceKey, form: form("GetSessionToken", "234567")}.refused(t, s, 403, "AccessDenied", "invalid MFA one time pass code")
}

func TestNoCodeIsLogged(t *testing.T) {
	s := start(t, withMFA("123456"))
	form := url.Values{"Action": {"GetSessionToken"}, "Version": {"2011-06-15"}, "SerialNumber": {device}, "TokenCode": {"123456"}}
	session := call{key: aliceKey, form: form}.mint(t, s)
	call{key: aliceKey, form: form}.refused(t, s, 403, "AccessDenied", "")
	resp, err := http.Get(s.URL + "/_calls")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var log strings.Builder
	resp.Write(&log)
	if text := log.String(); strings.Contains(text, "123456") || strings.Contains(text, session.SessionToken) || strings.Count(text, `"mfa_serial":"`+device+`"`) != 2 || strings.Count(text, `"mfa":true`) != 1 {
		t.Errorf("%s", text)
	}
}
