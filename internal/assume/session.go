package assume

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"whichrole/internal/creds"
)

// ErrWrongCode is the cause of the failure of a session whose MFA code AWS did not take: another one may do.
var ErrWrongCode = errors.New("wrong MFA code")

// MFA is one proof of a device.
type MFA struct {
	Serial   string        // arn:aws:iam::ACCOUNT:mfa/NAME, or the number of a hardware device
	Code     string        // six digits, good for one call
	Duration time.Duration // of the session: whole seconds, 15m to 36h; 0 means 12h, the API's own default (its GetSessionToken page)
}

// SessionToken gets a session of the user that the start's long-term keys belong to, with MFA in it: roles that ask for MFA
// take it, and it is no role session, so roles assumed from it may last longer than an hour. Errors are as in Chain; that of
// a code that AWS does not take is Refused because of ErrWrongCode.
func (c *Client) SessionToken(ctx context.Context, start Start, mfa MFA) (creds.Credentials, error) {
	line, err := c.dial(ctx)
	if err != nil {
		return creds.Credentials{}, err
	}
	defer line.way.Close()
	s := &step{line: line, start: start, mfa: mfa.Serial, secrets: secretsOf([]creds.Secret{creds.NewSecret(mfa.Code)}, start.Credentials)}
	client, err := s.client(ctx)
	if err != nil {
		return creds.Credentials{}, err
	}
	if mfa.Duration == 0 {
		mfa.Duration = 12 * time.Hour
	}
	out, err := client.GetSessionToken(ctx, &sts.GetSessionTokenInput{
		DurationSeconds: aws.Int32(int32(mfa.Duration / time.Second)), SerialNumber: aws.String(mfa.Serial), TokenCode: aws.String(mfa.Code),
	})
	if err != nil {
		return creds.Credentials{}, s.failure(ctx, err)
	}
	id := requestID(out.ResultMetadata)
	if out.Credentials == nil {
		return creds.Credentials{}, s.stranger(id)
	}
	return s.session(answer{credentials: out.Credentials, metadata: out.ResultMetadata}, id, mfa.Duration)
}
