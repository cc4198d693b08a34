package assume

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/aws/smithy-go/middleware"

	"whichrole/internal/creds"
	"whichrole/internal/problem"
	"whichrole/internal/transport"
)

var accountID = transport.OnNeed(`^\d{12}$`)

// answer is what STS says, whichever call it was.
type answer struct {
	credentials *types.Credentials
	user        *types.AssumedRoleUser
	metadata    middleware.Metadata
}

// check makes sure that the answer is a whole session of the very role that was asked for, and good for a while.
func (s *step) check(a answer) (*Minted, error) {
	id := requestID(a.metadata)
	if a.credentials == nil && a.user == nil {
		return nil, s.stranger(id)
	}
	session, err := s.session(a, id, s.hop.Duration)
	if err != nil {
		return nil, err
	}
	if a.user == nil || a.user.Arn == nil {
		return nil, s.problem(problem.Refused, id, "the answer does not say whose session it is")
	}
	arn := *a.user.Arn
	want, account := sessionARN(s.hop)
	if arn != want || !accountID().MatchString(account) {
		return nil, s.problem(problem.Refused, id, "the answer is a session of "+s.quote(arn)+" instead")
	}
	session.AccountID = account
	return &Minted{Credentials: session, RoleARN: s.hop.RoleARN, AssumedRoleARN: arn, RequestID: id}, nil
}

// stranger is for an answer that holds nothing of what STS's have.
func (s *step) stranger(id string) error {
	return s.silence(id, s.line.place.Stranger(nil, http.StatusOK))
}

// session is the answer's, if it is whole and lasts as long as it may.
func (s *step) session(a answer, id string, asked time.Duration) (creds.Credentials, error) {
	session, ok := whole(a.credentials)
	s.secrets = secretsOf(s.secrets, session)
	if !ok {
		return creds.Credentials{}, s.problem(problem.Refused, id, "the answer holds no complete credentials")
	}
	now := s.line.Now()
	if !session.Lasts(now) {
		e := s.problem(problem.Refused, id, "the answer has expired already, or is about to, at "+session.Expires.Format(time.RFC3339))
		if there, ok := awsmiddleware.GetServerTime(a.metadata); ok {
			e.Hint = clockHint(there.Sub(now))
		}
		return creds.Credentials{}, e
	}
	if session.Outlasts(now, asked) {
		return creds.Credentials{}, s.problem(problem.Refused, id, "the answer claims to last until "+session.Expires.Format(time.RFC3339)+", longer than was asked for")
	}
	return session, nil
}

// whole turns an answer's credentials into ours and tells whether all parts are there and look like what they claim to be.
func whole(c *types.Credentials) (creds.Credentials, bool) {
	if c == nil {
		return creds.Credentials{}, false
	}
	session := creds.Credentials{
		AccessKeyID:     aws.ToString(c.AccessKeyId),
		SecretAccessKey: creds.NewSecret(aws.ToString(c.SecretAccessKey)),
		SessionToken:    creds.NewSecret(aws.ToString(c.SessionToken)),
		Expires:         aws.ToTime(c.Expiration).UTC().Truncate(time.Second),
	}
	return session, c.Expiration != nil && session.IsSession()
}

// sessionARN is the ARN that a session of the hop's role must have, and its account. The path of a role is no part of it.
func sessionARN(h Hop) (arn, account string) {
	parts := strings.SplitN(h.RoleARN, ":", 6)
	if len(parts) != 6 {
		return "", "" // no answer fits
	}
	name := parts[5][strings.LastIndexByte(parts[5], '/')+1:]
	return "arn:" + parts[1] + ":sts::" + parts[4] + ":assumed-role/" + name + "/" + h.SessionName, parts[4]
}

// secretsOf adds what is secret in c to a copy of the list.
func secretsOf(list []creds.Secret, c creds.Credentials) []creds.Secret {
	return append(slices.Clip(list), c.SessionToken, c.SecretAccessKey)
}

// quote makes a text of AWS's fit for an error.
func (s *step) quote(text string) string { return transport.Quote(text, s.secrets...) }

var looksLikeRequestID = transport.OnNeed(`^[0-9A-Za-z-]{8,64}$`)

// requestID is the id of a good answer, "" when there is none or it does not look like one.
func requestID(m middleware.Metadata) string {
	id, _ := awsmiddleware.GetRequestIDMetadata(m)
	return cleanRequestID(id)
}

func cleanRequestID(id string) string {
	if !looksLikeRequestID().MatchString(id) {
		return ""
	}
	return id
}
