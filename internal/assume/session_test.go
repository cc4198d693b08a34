package assume

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"whichrole/internal/creds"
	"whichrole/internal/problem"
	"whichrole/internal/test/fakests"
)

const (
	bob       = "arn:aws:iam::111111111111:user/bob"
	bobsPhone = "arn:aws:iam::111111111111:mfa/phone"
	bobSecret = "bob/secret+access/key0123456789abcdefghi"
)

// mfaWorld is one where bob, who has a device, may become hub, but only with a code of it.
func mfaWorld(t *testing.T, codes ...string) (*world, Start) {
	t.Helper()
	w := newWorld(t, func(c *fakests.Config) {
		c.MFACodes = codes
		c.Users = append(c.Users, fakests.User{AccessKeyID: "AKIABOBBOBBOBBOBBOB1", SecretAccessKey: bobSecret, ARN: bob, MFASerial: bobsPhone})
		c.Roles[0].Trusted, c.Roles[0].NeedsMFA = []string{bob}, true
	})
	w.secrets = append(w.secrets, bobSecret)
	return w, Start{Signer: "profile corp", Credentials: creds.Credentials{AccessKeyID: "AKIABOBBOBBOBBOBBOB1", SecretAccessKey: creds.NewSecret(bobSecret)}}
}

func (w *world) session(t *testing.T, start Start, mfa MFA) (creds.Credentials, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	c, err := w.client.SessionToken(ctx, start, mfa)
	if err != nil && c != (creds.Credentials{}) {
		t.Error("an error, and credentials all the same")
	}
	if err != nil && mfa.Code != "" {
		for _, text := range []string{err.Error(), fmt.Sprintf("%+v %#v", err, err), err.(*problem.Error).Hint} {
			if strings.Contains(text, mfa.Code) {
				t.Errorf("the code shows: %s", text)
			}
		}
	}
	return c, err
}

func TestOneCodeForEveryRole(t *testing.T) {
	w, bobsKeys := mfaWorld(t, "123456")
	c, err := w.session(t, bobsKeys, MFA{Serial: bobsPhone, Code: "123456", Duration: 10 * time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	call := w.Calls()[0]
	if call.Action != "GetSessionToken" || call.Caller != bob || call.MFASerial != bobsPhone || !call.MFA || call.Seconds != 36000 {
		t.Errorf("%+v", call)
	}
	if left := time.Until(c.Expires); c.AccessKeyID != call.Minted || c.SessionToken.Empty() || left < 599*time.Minute || left > 601*time.Minute {
		t.Errorf("%+v", c)
	}
	session := Start{Signer: "profile corp", Credentials: c}
	for range 2 {
		hops := []Hop{{RoleARN: hub, SessionName: "test", Duration: 2 * time.Hour}, {RoleARN: spoke, SessionName: "test"}} // no role chaining yet
		if _, err := w.client.Chain(t.Context(), session, hops); err != nil {
			t.Error(err)
		}
	}
	account, arn, err := w.client.Identity(t.Context(), session)
	if err != nil || account != "111111111111" || arn != bob {
		t.Errorf("%s %s %v", account, arn, err)
	}
	_, err = w.client.Chain(t.Context(), bobsKeys, []Hop{{RoleARN: hub, SessionName: "test"}})
	w.fails(t, err, failure{problem.Refused, []string{"AccessDenied"}, "the trust policy of " + hub})
}

func TestSessionLastsTwelveHoursUnlessToldOtherwise(t *testing.T) {
	w, bobsKeys := mfaWorld(t, "123456")
	if _, err := w.session(t, bobsKeys, MFA{Serial: bobsPhone, Code: "123456"}); err != nil || w.Calls()[0].Seconds != 12*60*60 {
		t.Errorf("%+v %v", w.Calls(), err)
	}
}

func TestRefusedCodes(t *testing.T) {
	const failed = "AccessDenied: MultiFactorAuthentication failed"
	for name, c := range map[string]struct {
		mfa     MFA
		prepare func(*world, *Start)
		want    failure
		wrong   bool // another code may do
	}{
		"wrong code": {mfa: MFA{Serial: bobsPhone, Code: "654321"}, wrong: true,
			want: failure{problem.Refused, []string{failed + " with invalid MFA one time pass code"}, "wait for the next code of the device: each is good for one call"}},
		"another's device": {mfa: MFA{Serial: "arn:aws:iam::111111111111:mfa/tablet", Code: "123456"},
			want: failure{problem.Refused, []string{failed + ", unable to validate MFA code"}, "mfa_serial must be a device of this user: aws iam list-mfa-devices"}},
		"keys of a session": {mfa: MFA{Serial: bobsPhone, Code: "123456"}, prepare: func(w *world, s *Start) { s.Credentials = w.base },
			want: failure{problem.Refused, []string{"AccessDenied: Cannot call GetSessionToken with session credentials"}, "a session is got with the long-term keys of a user, and profile corp holds a session"}},
		"a code of letters": {mfa: MFA{Serial: bobsPhone, Code: "abcdef"},
			want: failure{problem.Refused, []string{"ValidationError", "'(hidden)' at 'tokenCode'"}, ""}},
		"too long a session": {mfa: MFA{Serial: bobsPhone, Code: "123456", Duration: 40 * time.Hour},
			want: failure{problem.Refused, []string{"ValidationError", "'durationSeconds'"}, ""}},
		"an unknown key": {mfa: MFA{Serial: bobsPhone, Code: "123456"}, prepare: func(_ *world, s *Start) { s.Credentials.AccessKeyID = "AKIANOBODYNOBODYNOBO" },
			want: failure{problem.Refused, []string{"InvalidClientTokenId"}, "the access key of profile corp is unknown"}},
		"another secret": {mfa: MFA{Serial: bobsPhone, Code: "123456"}, prepare: func(_ *world, s *Start) { s.Credentials.SecretAccessKey = creds.NewSecret("not-the-secret-of-bob") },
			want: failure{problem.Refused, []string{"SignatureDoesNotMatch"}, "the secret access key of profile corp"}},
		"an organization denies": {mfa: MFA{Serial: bobsPhone, Code: "123456"}, prepare: func(w *world, _ *Start) {
			w.SetFaults(fakests.Fault{Kind: fakests.Scripted, Status: 403, Code: "AccessDenied", Message: "not authorized to perform: sts:GetSessionToken with an explicit deny"})
		}, want: failure{problem.Refused, []string{"explicit deny"}, ""}},
		"AWS is ill, whatever it says": {mfa: MFA{Serial: bobsPhone, Code: "123456"}, prepare: func(w *world, _ *Start) {
			w.SetFaults(fakests.Fault{Kind: fakests.Scripted, Status: 503, Code: "ServiceUnavailable", Message: "invalid MFA one time pass code"})
		}, want: failure{problem.Unreachable, []string{"ServiceUnavailable"}, "try again in a moment"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, start := mfaWorld(t, "123456")
			if c.prepare != nil {
				c.prepare(w, &start)
			}
			_, err := w.session(t, start, c.mfa)
			c.want.says[0] = "cannot get a session with the MFA device " + c.mfa.Serial + " (signed by profile corp, request id 00000000-0000-4000-8000-00000000000" + fmt.Sprint(w.Count("")) + "): " + c.want.says[0]
			if name == "an organization denies" {
				c.want.says[0] = "(signed by profile corp"
			}
			w.fails(t, err, c.want)
			if errors.Is(err, ErrWrongCode) != c.wrong {
				t.Errorf("a wrong code: %v", !c.wrong)
			}
			if n := w.Count(""); c.want.code == problem.Refused && n != 1 {
				t.Errorf("%d calls: a refusal must not be tried again", n)
			}
		})
	}
}

func TestCodeIsGoodOnce(t *testing.T) {
	w, bobsKeys := mfaWorld(t, "123456", "234567")
	if _, err := w.session(t, bobsKeys, MFA{Serial: bobsPhone, Code: "123456"}); err != nil {
		t.Fatal(err)
	}
	_, err := w.session(t, bobsKeys, MFA{Serial: bobsPhone, Code: "123456"})
	w.fails(t, err, failure{problem.Refused, []string{"invalid MFA one time pass code"}, "wait for the next code"})
	if !errors.Is(err, ErrWrongCode) {
		t.Error("another code is not asked for")
	}
	if _, err := w.session(t, bobsKeys, MFA{Serial: bobsPhone, Code: "234567"}); err != nil {
		t.Error(err)
	}
}

// Not every refusal that speaks of codes is about one of ours: a role's hop has none.
func TestRefusedRoleIsNoWrongCode(t *testing.T) {
	w := newWorld(t, nil)
	w.SetFaults(fakests.Fault{Kind: fakests.Scripted, Status: 403, Code: "AccessDenied", Message: "MultiFactorAuthentication failed with invalid MFA one time pass code."})
	if _, err := w.chain(t, hub); err == nil || errors.Is(err, ErrWrongCode) {
		t.Errorf("%v", err)
	}
}

func TestCodeOutlivesABrokenConnection(t *testing.T) {
	w, bobsKeys := mfaWorld(t, "123456")
	w.SetFaults(fakests.Fault{Kind: fakests.Cut, Times: 2})
	if _, err := w.session(t, bobsKeys, MFA{Serial: bobsPhone, Code: "123456"}); err != nil || w.Count("") != 3 {
		t.Errorf("%v after %d calls", err, w.Count(""))
	}
}

func TestCodeIsInNoError(t *testing.T) {
	for _, echo := range []string{"123456", "it is 123 456", "1-2-3-4-5-6", "%31%32%33%34%35%36", "x123456x", strings.Repeat("123456", 200), url.QueryEscape("TokenCode=123456&SerialNumber=" + bobsPhone)} {
		w, bobsKeys := mfaWorld(t)
		w.SetFaults(fakests.Fault{Kind: fakests.Scripted, Status: 403, Code: "AccessDenied", Message: echo})
		_, err := w.session(t, bobsKeys, MFA{Serial: bobsPhone, Code: "123456"})
		w.fails(t, err, failure{problem.Refused, []string{"AccessDenied: ", "(hidden)"}, ""})
		if strings.Contains(strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, err.(*problem.Error).Message), "123456") {
			t.Errorf("%s: %v", echo, err)
		}
	}
}

func TestSessionsThatAreNotWhatWasAskedFor(t *testing.T) {
	at := func(d time.Duration) string { return time.Now().Add(d).UTC().Format("2006-01-02T15:04:05Z") }
	for name, c := range map[string]struct {
		tamper func(*fakests.Answer)
		says   string
	}{
		"expired":           {func(a *fakests.Answer) { a.Expiration = at(-time.Second) }, "has expired already"},
		"about to expire":   {func(a *fakests.Answer) { a.Expiration = at(90 * time.Second) }, "is about to"},
		"everlasting":       {func(a *fakests.Answer) { a.Expiration = at(13 * time.Hour) }, "longer than was asked for"},
		"no token":          {func(a *fakests.Answer) { a.SessionToken = "" }, "no complete credentials"},
		"lines in a secret": {func(a *fakests.Answer) { a.SecretAccessKey += "\nx" }, "no complete credentials"},
	} {
		t.Run(name, func(t *testing.T) {
			w, bobsKeys := mfaWorld(t, "123456")
			w.tamper = c.tamper
			_, err := w.session(t, bobsKeys, MFA{Serial: bobsPhone, Code: "123456"})
			w.fails(t, err, failure{problem.Refused, []string{"cannot get a session with the MFA device " + bobsPhone, c.says}, ""})
			if errors.Is(err, ErrWrongCode) {
				t.Error("the code was good")
			}
		})
	}
	w, bobsKeys := mfaWorld(t)
	w.SetFaults(fakests.Fault{Kind: fakests.Scripted, Status: 200, Body: "<GetSessionTokenResponse/>"})
	_, err := w.session(t, bobsKeys, MFA{Serial: bobsPhone, Code: "123456"})
	w.fails(t, err, failure{problem.Unreachable, []string{"is not an answer of STS"}, "AWS_ENDPOINT_URL_STS"})
}

func TestSessionOfNobody(t *testing.T) {
	w, _ := mfaWorld(t)
	for _, start := range []Start{{Signer: "profile corp"}, {Signer: "profile corp", Token: creds.NewSecret("token")}} {
		_, err := w.session(t, start, MFA{Serial: bobsPhone, Code: "123456"})
		w.fails(t, err, failure{problem.LoginNeeded, []string{"profile corp holds no credentials to sign with"}, ""})
	}
	if w.Count("") != 0 {
		t.Error("STS was asked")
	}
}
