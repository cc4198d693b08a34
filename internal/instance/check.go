package instance

import (
	"encoding/json"
	"strings"
	"time"

	"whichrole/internal/creds"
	"whichrole/internal/problem"
)

// longest is the longest session that STS makes at all (GetSessionToken, GetFederationToken).
const longest = 36 * time.Hour

// answer is the JSON of both services, when they give credentials and when they say no. Neither's account is believed: it is
// what an endpoint claims, and AWS is asked anyway before anything is handed out.
type answer struct {
	Code, Message          string
	AccessKeyID            string `json:"AccessKeyId"`
	SecretAccessKey, Token string
	Expiration             string
}

// check makes sure that the reply is a whole session, and good for a while.
func (v *visit) check(r *reply) (creds.Credentials, error) {
	var a answer
	if json.Unmarshal(r.body, &a) != nil || a == (answer{}) {
		return creds.Credentials{}, v.stranger(r.status)
	}
	c := creds.Credentials{AccessKeyID: a.AccessKeyID, SecretAccessKey: creds.NewSecret(a.SecretAccessKey), SessionToken: creds.NewSecret(a.Token)}
	v.secrets = append(v.secrets, c.SecretAccessKey, c.SessionToken)
	if a.Code != "" && !strings.EqualFold(a.Code, "Success") || a.Code == "" && v.kind == Machine {
		return creds.Credentials{}, v.refused(a)
	}
	expires, err := time.Parse(time.RFC3339, a.Expiration)
	c.Expires = expires.UTC().Truncate(time.Second)
	now := v.Now()
	switch {
	case err != nil || !c.IsSession():
		return creds.Credentials{}, v.fail(problem.Refused, "the answer of %s does not hold AccessKeyId, SecretAccessKey, Token and Expiration as AWS has them", v.url.Host)
	case !c.Lasts(now):
		return creds.Credentials{}, v.fail(problem.Refused, "the answer of %s has expired already, or is about to, at %s", v.url.Host, c.Expires.Format(time.RFC3339)).
			WithHint("look at the clock of this machine")
	case c.Outlasts(now, longest):
		return creds.Credentials{}, v.fail(problem.Refused, "the answer of %s claims to last until %s, longer than any session does", v.url.Host, c.Expires.Format(time.RFC3339)).
			WithHint("look at the clock of this machine")
	}
	return c, nil
}
