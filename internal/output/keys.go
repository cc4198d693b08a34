package output

import (
	"strings"
	"time"

	"whichrole/internal/creds"
	"whichrole/internal/problem"
)

// Keys are credentials on their way into environment variables.
type Keys struct {
	Credentials creds.Credentials
	Expiration  time.Time // what programs are told of the end; zero for long-term keys
	Region      string    // "" where the role map names none: the reader's own stays
}

// A variable without a value is to be taken away.
type variable struct{ name, value string }

// variables are what SDKs read for credentials in variables. Taken away is what would make other ones of these: botocore reads
// AWS_SECURITY_TOKEN before the session token and raises for an expiration that has passed, and the SDK for JavaScript v3
// obeys AWS_PROFILE before the keys (aws-sdk-js-v3 issue 2549). Variables that lose to the keys stay: whichrole itself may
// live on them the next time.
func (k Keys) variables() []variable {
	end := ""
	if !k.Expiration.IsZero() {
		end = k.Expiration.UTC().Format("2006-01-02T15:04:05Z")
	}
	c := k.Credentials
	list := []variable{
		{"AWS_PROFILE", ""}, {"AWS_DEFAULT_PROFILE", ""}, {"AWS_SECURITY_TOKEN", ""},
		{"AWS_ACCESS_KEY_ID", c.AccessKeyID}, {"AWS_SECRET_ACCESS_KEY", c.SecretAccessKey.Reveal()}, {"AWS_SESSION_TOKEN", c.SessionToken.Reveal()},
		{"AWS_CREDENTIAL_EXPIRATION", end}, {"AWS_ACCOUNT_ID", c.AccountID},
	}
	if k.Region != "" { // botocore reads the second alone, the SDK for Go the first
		list = append(list, variable{"AWS_REGION", k.Region}, variable{"AWS_DEFAULT_REGION", k.Region})
	}
	return list
}

// assigned are the variables for a reader that can take none away. What is set now is made empty there, which SDKs take for
// absent; but an empty profile is one that they look for.
func (k Keys) assigned(isSet func(name string) bool) (list []variable) {
	for _, v := range k.variables() {
		if v.value != "" || isSet(v.name) && !isProfile(v.name) {
			list = append(list, v)
		}
	}
	return list
}

func isProfile(name string) bool { return strings.HasSuffix(name, "_PROFILE") }

// check refuses what is not printable ASCII, and the characters in but. AWS gives out neither, and a line break that some
// shell takes for the end of a command is worth no export.
func check(list []variable, but string) error {
	for _, v := range list {
		for _, c := range []byte(v.value) {
			if c < ' ' || c > '~' || strings.IndexByte(but, c) >= 0 {
				return problem.New(problem.Failure, "%s would hold the character \\x%02x, which cannot be written safely in this format", v.name, c)
			}
		}
	}
	return nil
}
