//go:build unix

package source

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"whichrole/internal/creds"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// runs follows a profile whose credential_process is line, which finds $OUT, and sweeps what is shown for secrets.
func runs(ctx context.Context, t *testing.T, line, out string) (creds.Credentials, *problem.Error) {
	t.Helper()
	env := paths.Env{"OUT": out, "PATH": os.Getenv("PATH")}
	p := at(t, env, "[profile corp]\ncredential_process = "+line+"\n", "")
	c, _, err := p.choose(t, []Entry{profile("corp")})
	if err != nil {
		t.Fatal(err)
	}
	b, err := c.Retrieve(ctx, Outside{Env: env, Now: func() time.Time { return noon }})
	if err == nil {
		return b.Credentials, nil
	}
	if b.Credentials != (creds.Credentials{}) {
		t.Error("an error, and credentials all the same")
	}
	e, ok := errors.AsType[*problem.Error](err)
	if !ok {
		t.Fatalf("%v is no *problem.Error", err)
	}
	for _, hidden := range []string{secretKey, sessToken, longID, password} {
		if text := fmt.Sprintf("%s %s %v %+v", e.Message, e.Hint, e.Err, b); strings.Contains(text, hidden) {
			t.Errorf("a secret shows: %s", text)
		}
	}
	e.Message = strings.ReplaceAll(e.Message, p.config, "CONFIG")
	return creds.Credentials{}, e
}

const (
	say     = `printf %s "$OUT"`
	session = `"Version":1,"AccessKeyId":"` + tempID + `","SecretAccessKey":"` + secretKey + `","SessionToken":"` + sessToken + `"`
)

func TestProgramThatGivesCredentials(t *testing.T) {
	for name, tt := range map[string]struct {
		out     string
		expires time.Time
		token   string
	}{
		"a session":               {"{" + session + `,"Expiration":"2026-11-22T13:00:00Z"}`, noon.Add(time.Hour), sessToken},
		"with more than we know":  {"\n {" + session + `,"Expiration":"2026-11-22T13:00:00Z","AccountId":"999999999999","x":{"y":[1]}}` + "\n\n", noon.Add(time.Hour), sessToken},
		"a fraction of a second":  {"{" + session + `,"Expiration":"2026-11-22T13:00:00.999999Z"}`, noon.Add(time.Hour), sessToken},
		"another zone":            {"{" + session + `,"Expiration":"2026-11-22T15:00:00+02:00"}`, noon.Add(time.Hour), sessToken},
		"no end":                  {"{" + session + "}", time.Time{}, sessToken},
		"no end, written out":     {"{" + session + `,"Expiration":null}`, time.Time{}, sessToken},
		"an end years ahead":      {"{" + session + `,"Expiration":"9999-12-31T23:59:59Z"}`, noon.Add(12 * time.Hour), sessToken},
		"long-term keys":          {`{"Version":1,"AccessKeyId":"` + longID + `","SecretAccessKey":"` + secretKey + `"}`, time.Time{}, ""},
		"long-term keys, in full": {`{"Version":1,"AccessKeyId":"` + longID + `","SecretAccessKey":"` + secretKey + `","SessionToken":null}`, time.Time{}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			c, e := runs(t.Context(), t, say, tt.out)
			if e != nil {
				t.Fatal(e)
			}
			if c.SecretAccessKey.Reveal() != secretKey || c.SessionToken.Reveal() != tt.token || !c.Expires.Equal(tt.expires) || c.AccountID != "" {
				t.Errorf("%+v", c)
			}
		})
	}
}

func TestWhatAProgramPrintsIsNotBelieved(t *testing.T) {
	const (
		noJSON     = "what it printed is not the JSON of a credential_process with Version 1"
		incomplete = "what it printed holds no complete credentials"
		noTime     = "the Expiration that it printed is no time such as 2026-11-22T09:21:36Z"
	)
	without := func(part string) string {
		return "{" + strings.Join(strings.Split(strings.Replace(session, part, `"x":"`, 1), "\n"), "") + "}"
	}
	for name, tt := range map[string]struct{ out, want string }{
		"nothing":                     {"", noJSON},
		"null":                        {"null", noJSON},
		"a page":                      {"<html>" + secretKey + "</html>", noJSON},
		"export lines":                {"export AWS_SECRET_ACCESS_KEY=" + secretKey, noJSON},
		"a list":                      {"[{" + session + "}]", noJSON},
		"a warning first":             {"warning: " + password + "\n{" + session + "}", noJSON},
		"two of them":                 {"{" + session + "}{" + session + "}", noJSON},
		"cut off":                     {"{" + session, noJSON},
		"a version in quotes":         {strings.Replace("{"+session+"}", ":1", `:"1"`, 1), noJSON},
		"another version":             {strings.Replace("{"+session+"}", ":1", ":2", 1), noJSON},
		"no version":                  {"{" + strings.Replace(session, `"Version":1,`, "", 1) + "}", noJSON},
		"a secret that is a number":   {`{"Version":1,"AccessKeyId":"` + longID + `","SecretAccessKey":1}`, noJSON},
		"an end in seconds":           {"{" + session + `,"Expiration":1795352496}`, noJSON},
		"no id":                       {without(`"AccessKeyId":"`), incomplete},
		"no secret":                   {without(`"SecretAccessKey":"`), incomplete},
		"a short id":                  {strings.Replace("{"+session+"}", tempID, "ASIA", 1), incomplete},
		"an id with a blank":          {strings.Replace("{"+session+"}", tempID, tempID+" ", 1), incomplete},
		"a line break in the secret":  {strings.Replace("{"+session+"}", secretKey, secretKey+`\nexport X=y`, 1), incomplete},
		"an escape in the token":      {strings.Replace("{"+session+"}", sessToken, sessToken+`\u001b[2J`, 1), incomplete},
		"long-term, a short id":       {`{"Version":1,"AccessKeyId":"AKIA","SecretAccessKey":"` + secretKey + `"}`, incomplete},
		"long-term, no secret":        {`{"Version":1,"AccessKeyId":"` + longID + `","SecretAccessKey":""}`, incomplete},
		"long-term, a line break":     {`{"Version":1,"AccessKeyId":"` + longID + `","SecretAccessKey":"` + secretKey + `\n"}`, incomplete},
		"an end in words":             {"{" + session + `,"Expiration":"` + password + `"}`, noTime},
		"an end without a zone":       {"{" + session + `,"Expiration":"2026-11-22T13:00:00"}`, noTime},
		"an end with a blank":         {"{" + session + `,"Expiration":"2026-11-22 13:00:00Z"}`, noTime},
		"an end with a colonless gap": {"{" + session + `,"Expiration":"2026-11-22T13:00:00+0000"}`, noTime},
		"expired":                     {"{" + session + `,"Expiration":"2026-11-22T11:59:59Z"}`, "what it printed has expired, or is about to, at 2026-11-22T11:59:59Z"},
		"about to expire":             {"{" + session + `,"Expiration":"2026-11-22T12:02:00Z"}`, "what it printed has expired, or is about to, at 2026-11-22T12:02:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			c, e := runs(t.Context(), t, say, tt.out)
			want := "the credential_process in CONFIG:2 gave no credentials: " + tt.want
			if e == nil || e.Code != problem.LoginNeeded || e.Message != want || e.Hint != "run that line by hand: it must print the JSON and nothing else" {
				t.Errorf("got  %+v, %v\nwant %s", c, e, want)
			}
		})
	}
}

func TestProgramThatFails(t *testing.T) {
	for name, tt := range map[string]struct{ line, want string }{
		"an exit code":          {`exit 3`, "it ended with exit code 3"},
		"secrets on both sides": {say + `; ` + say + ` >&2; exit 1`, "it ended with exit code 1, and said something on stderr"},
		"no such program":       {`/no/such/program-of-` + password, "it ended with exit code 127, and said something on stderr"},
		"a signal":              {`kill -9 $$`, "it was ended by a signal: killed"},
		"too much":              {`head -c 100000 /dev/zero`, "it wrote more than 64 KiB"},
	} {
		t.Run(name, func(t *testing.T) {
			c, e := runs(t.Context(), t, tt.line, secretKey)
			want := "the credential_process in CONFIG:2 gave no credentials: " + tt.want
			if e == nil || e.Code != problem.LoginNeeded || e.Message != want || e.Hint == "" {
				t.Errorf("got  %+v, %v\nwant %s", c, e, want)
			}
		})
	}
}

// What it says on stderr is its own affair while it works.
func TestProgramMayTalk(t *testing.T) {
	if _, e := runs(t.Context(), t, say+`; echo "$OUT" >&2`, "{"+session+"}"); e != nil {
		t.Error(e)
	}
}

func TestProgramThatHangsEndsAtTheDeadline(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, e := runs(ctx, t, "sleep 100", "")
	if e == nil || e.Code != problem.Unreachable || e.Hint != "WHICHROLE_TIMEOUT waits longer" || !errors.Is(e, context.DeadlineExceeded) {
		t.Errorf("%+v", e)
	}
	gone, stop := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, stop)
	_, e = runs(gone, t, "sleep 100", "")
	if e == nil || e.Code != problem.Failure || e.Hint != "" || !errors.Is(e, context.Canceled) {
		t.Errorf("%+v", e)
	}
}

// What hides that a program leads back to us is found by the depth.
func TestProgramKnowsThatWeStandAboveIt(t *testing.T) {
	if _, e := runs(t.Context(), t, `test "$WHICHROLE_DEPTH" = 1 && `+say, "{"+session+"}"); e != nil {
		t.Error(e)
	}
}
