package output

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"whichrole/internal/creds"
)

var end = time.Date(2026, 11, 22, 10, 21, 36, 0, time.FixedZone("CET", 3600))

func session(id, secret, token string) Keys {
	return Keys{Credentials: creds.Credentials{
		AccessKeyID: id, SecretAccessKey: creds.NewSecret(secret), SessionToken: creds.NewSecret(token), AccountID: "012345678901",
	}, Expiration: end, Region: "eu-west-1"}
}

func nothing(string) bool { return false }

func everything(string) bool { return true }

// Without a word more than is needed; and what would make other credentials of these is gone.
func TestShells(t *testing.T) {
	long := Keys{Credentials: creds.Credentials{AccessKeyID: "AKIA", SecretAccessKey: creds.NewSecret("s/+'=")}}
	for _, tt := range []struct {
		format string
		keys   Keys
		isSet  func(string) bool
		want   string
	}{
		{"env", session("ASIA", "s/+'=", "t=="), everything, `unset AWS_PROFILE
unset AWS_DEFAULT_PROFILE
unset AWS_SECURITY_TOKEN
export AWS_ACCESS_KEY_ID='ASIA'
export AWS_SECRET_ACCESS_KEY='s/+'\''='
export AWS_SESSION_TOKEN='t=='
export AWS_CREDENTIAL_EXPIRATION='2026-11-22T09:21:36Z'
export AWS_ACCOUNT_ID='012345678901'
export AWS_REGION='eu-west-1'
export AWS_DEFAULT_REGION='eu-west-1'
`},
		{"env", long, nothing, `unset AWS_PROFILE
unset AWS_DEFAULT_PROFILE
unset AWS_SECURITY_TOKEN
export AWS_ACCESS_KEY_ID='AKIA'
export AWS_SECRET_ACCESS_KEY='s/+'\''='
unset AWS_SESSION_TOKEN
unset AWS_CREDENTIAL_EXPIRATION
unset AWS_ACCOUNT_ID
`},
		{"env-no-export", session("ASIA", "s/+'=", "t=="), everything, `AWS_SECURITY_TOKEN=
AWS_ACCESS_KEY_ID=ASIA
AWS_SECRET_ACCESS_KEY='s/+'\''='
AWS_SESSION_TOKEN=t==
AWS_CREDENTIAL_EXPIRATION=2026-11-22T09:21:36Z
AWS_ACCOUNT_ID=012345678901
AWS_REGION=eu-west-1
AWS_DEFAULT_REGION=eu-west-1
`},
		{"env-no-export", long, nothing, "AWS_ACCESS_KEY_ID=AKIA\nAWS_SECRET_ACCESS_KEY='s/+'\\''='\n"},
		{"fish", long, nothing, `set -eg AWS_PROFILE; set -q AWS_PROFILE; and echo 'whichrole: some SDKs obey the universal variable first: set -eU AWS_PROFILE' >&2
set -eg AWS_DEFAULT_PROFILE; set -q AWS_DEFAULT_PROFILE; and echo 'whichrole: some SDKs obey the universal variable first: set -eU AWS_DEFAULT_PROFILE' >&2
set -eg AWS_SECURITY_TOKEN; set -q AWS_SECURITY_TOKEN; and set -gx AWS_SECURITY_TOKEN ''
set -gx AWS_ACCESS_KEY_ID 'AKIA'
set -gx AWS_SECRET_ACCESS_KEY 's/+\'='
set -eg AWS_SESSION_TOKEN; set -q AWS_SESSION_TOKEN; and set -gx AWS_SESSION_TOKEN ''
set -eg AWS_CREDENTIAL_EXPIRATION; set -q AWS_CREDENTIAL_EXPIRATION; and set -gx AWS_CREDENTIAL_EXPIRATION ''
set -eg AWS_ACCOUNT_ID; set -q AWS_ACCOUNT_ID; and set -gx AWS_ACCOUNT_ID ''
`},
		{"powershell", long, nothing, `$Env:AWS_PROFILE = $null
$Env:AWS_DEFAULT_PROFILE = $null
$Env:AWS_SECURITY_TOKEN = $null
$Env:AWS_ACCESS_KEY_ID = 'AKIA'
$Env:AWS_SECRET_ACCESS_KEY = 's/+''='
$Env:AWS_SESSION_TOKEN = $null
$Env:AWS_CREDENTIAL_EXPIRATION = $null
$Env:AWS_ACCOUNT_ID = $null
`},
		{"windows-cmd", long, nothing, `set "AWS_PROFILE="
set "AWS_DEFAULT_PROFILE="
set "AWS_SECURITY_TOKEN="
set "AWS_ACCESS_KEY_ID=AKIA"
set "AWS_SECRET_ACCESS_KEY=s/+'="
set "AWS_SESSION_TOKEN="
set "AWS_CREDENTIAL_EXPIRATION="
set "AWS_ACCOUNT_ID="
`},
	} {
		var w writes
		if err := Shell(&w, tt.format, tt.keys, tt.isSet); err != nil || w.String() != tt.want || w.calls != 1 {
			t.Errorf("%s: %v, %d writes:\n%s\nwant\n%s", tt.format, err, w.calls, w.String(), tt.want)
		}
	}
}

// A line break would be a command of its own in one shell or another, and of cmd.exe's characters some are read differently
// each way a command gets there. Nothing is printed then, and the secret is not in the error.
func TestWhatNoShellIsGivenIsRefused(t *testing.T) {
	for _, tt := range []struct {
		format string
		bad    string
	}{
		{"env", "\n\r\x00\x1b\x7f\xffé"}, {"env-no-export", "\n\r\x00\x7f"}, {"fish", "\n\x00\xff"}, {"powershell", "\n\r\x00\u2019"}, // a quote to PowerShell
		{"windows-cmd", "\"%!\n\x00"},
	} {
		for _, c := range strings.Split(tt.bad, "") {
			for _, k := range []Keys{session("hidden"+c, "s", "t"), session("A", "hidden"+c, "t"), session("A", "s", "hidden"+c)} {
				var w bytes.Buffer
				if err := Shell(&w, tt.format, k, nothing); err == nil || strings.Contains(err.Error(), "hidden") || w.Len() > 0 {
					t.Errorf("%s takes %q: %v\n%s", tt.format, c, err, w.String())
				}
			}
		}
	}
}
