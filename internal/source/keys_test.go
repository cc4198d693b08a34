package source

import (
	"errors"
	"strings"
	"testing"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// The flaws of static keys: in variables and in a profile they are the same.
func TestFlawedKeys(t *testing.T) {
	const ID, SECRET, TOKEN = "ID", "SECRET", "TOKEN" // stand for the names, with their place
	tests := []struct{ name, id, secret, token, want string }{
		{"no secret", longID, "", "", "ID is there without SECRET"},
		{"no id", "", secretKey, "", "SECRET is there without ID"},
		{"stale token beside long-term keys", longID, secretKey, sessToken, "TOKEN belongs to other keys: ID is a long-term key, which has none"},
		{"temporary key without its token", tempID, secretKey, "", "ID is a temporary key, but TOKENNAME is missing"},
		{"swapped", secretKey, longID, "", "ID and SECRET seem to be swapped"},
		{"secret in both", strings.ReplaceAll(secretKey, "/", "x"), secretKey, "", "ID and SECRET seem to be swapped"},
		{"id twice", longID, longID, "", "ID and SECRET seem to be swapped"},
		{"part of a secret as id", secretKey[:20], secretKey, "", "ID holds a character that no access key id has"},
		{"id with a blank inside", "AKIA BCDEFGHIJKLWXYZ", secretKey, "", "ID holds a character that no access key id has"},
		{"id with an escape", "AKIA\x1b[2J", secretKey, "", "ID holds a character that no access key id has"},
		{"secret with a blank inside", longID, secretKey[:20] + " " + secretKey[20:], "", "SECRET holds a blank, a control character or one beyond ASCII, as no key does"},
		{"secret with a no-break space", longID, secretKey[:20] + "\u00a0" + secretKey[20:], "", "SECRET holds a blank, a control character or one beyond ASCII, as no key does"},
		{"secret with a control character", longID, secretKey[:20] + "\x1b" + secretKey[20:], "", "SECRET holds a blank, a control character or one beyond ASCII, as no key does"},
		{"token with a blank inside", tempID, secretKey, sessToken[:20] + " " + sessToken[20:], "TOKEN holds a blank, a control character or one beyond ASCII, as no key does"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := at(t, paths.Env{"AWS_ACCESS_KEY_ID": tt.id, "AWS_SECRET_ACCESS_KEY": tt.secret, "AWS_SESSION_TOKEN": tt.token},
				"", "[default]\n"+keysOf(tt.id, tt.secret, tt.token))
			inEnvironment := strings.NewReplacer("TOKENNAME", "AWS_SESSION_TOKEN", ID, "AWS_ACCESS_KEY_ID", SECRET, "AWS_SECRET_ACCESS_KEY", TOKEN, "AWS_SESSION_TOKEN")
			inProfile := strings.NewReplacer("TOKENNAME", "aws_session_token", ID, "aws_access_key_id ("+p.creds+":2)",
				SECRET, "aws_secret_access_key ("+p.creds+":3)", TOKEN, "aws_session_token ("+p.creds+":4)")
			for _, where := range []struct {
				list []Entry
				want string
			}{
				{[]Entry{environment}, "environment: " + inEnvironment.Replace(tt.want)},
				{nil, "profile default (" + p.creds + ":1): " + inProfile.Replace(tt.want)},
			} {
				c, _, err := p.choose(t, where.list)
				e, ok := errors.AsType[*problem.Error](err)
				if !ok || c != nil || e.Code != problem.LoginNeeded || e.Message != where.want || e.Hint == "" {
					t.Errorf("got  %v, %v\nwant %s", c, err, where.want)
				}
			}
		})
	}
}

func TestStaleTokenIsNamed(t *testing.T) {
	p := at(t, paths.Env{"AWS_ACCESS_KEY_ID": longID, "AWS_SECRET_ACCESS_KEY": secretKey, "AWS_SESSION_TOKEN": sessToken}, "", "")
	_, _, err := p.choose(t, []Entry{environment})
	if e, ok := errors.AsType[*problem.Error](err); !ok || e.Hint != "unset AWS_SESSION_TOKEN" {
		t.Errorf("got %v", err)
	}
}

func TestHalfAKeyDoesNotBorrowTheOtherHalf(t *testing.T) {
	p := at(t, nil, "[profile corp]\n"+keysOf(otherID, secretKey, ""), "[corp]\naws_access_key_id = "+longID)
	c, _, err := p.choose(t, []Entry{profile("corp")})
	if err == nil || !strings.Contains(err.Error(), p.creds+":2) is there without aws_secret_access_key") {
		t.Errorf("got %v, %v", c, err)
	}
}

// The usual way: the role in the config file, its keys in the credentials file, both under one name.
func TestRoleAndItsKeysInTwoFiles(t *testing.T) {
	p := at(t, nil, "[profile corp]\nrole_arn = "+roleA+"\nsource_profile = corp\nmfa_serial = "+mfaA+"\n", "[corp]\n"+keysOf(longID, secretKey, ""))
	c, _, err := p.choose(t, []Entry{profile("corp")})
	if err != nil || c.Keys.AccessKeyID != longID || c.MFA == nil || len(c.Hops) != 1 || c.Hops[0].Where != p.config+":2" {
		t.Errorf("got %v, %v", c, err)
	}
}

func TestKeysOfStandIns(t *testing.T) {
	for _, token := range []string{"", "test"} {
		p := at(t, paths.Env{"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_SESSION_TOKEN": token}, "", "")
		c, _, err := p.choose(t, []Entry{environment})
		if err != nil || c.Description != "environment (static keys test in AWS_ACCESS_KEY_ID)" {
			t.Errorf("token %q: got %v, %v", token, c, err)
		}
	}
}

func TestTemporaryKeysInAProfile(t *testing.T) {
	p := at(t, nil, "", "[corp]\n"+keysOf(tempID, secretKey, sessToken))
	c, _, err := p.choose(t, []Entry{profile("corp")})
	if err != nil {
		t.Fatal(err)
	}
	if c.Keys.SessionToken.Reveal() != sessToken || !c.Temporary() {
		t.Error("the token is lost")
	}
}

func TestOtherKeyIsOtherIdentity(t *testing.T) {
	seen := map[string]string{}
	for _, id := range []string{longID, otherID} {
		p := at(t, paths.Env{"AWS_ACCESS_KEY_ID": id, "AWS_SECRET_ACCESS_KEY": secretKey}, "", "[default]\n"+keysOf(id, secretKey, ""))
		for _, list := range [][]Entry{{environment}, {profile("default")}} {
			c, _, err := p.choose(t, list)
			if err != nil {
				t.Fatal(err)
			}
			if other := seen[c.Identity]; other != "" {
				t.Errorf("%s and %s have one identity", other, c.Description)
			}
			seen[c.Identity] = c.Description
		}
	}
}
