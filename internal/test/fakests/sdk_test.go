package fakests

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/aws/smithy-go"
)

// The good cases below are driven by AWS's own client: an answer that it can't read, or a request that only we would send,
// does not pass.

func (s *Server) client(credentials aws.Credentials) *sts.Client {
	o := sts.Options{Region: "eu-west-1", BaseEndpoint: &s.URL, Retryer: aws.NopRetryer{}}
	if credentials.AccessKeyID != "" {
		o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return credentials, nil })
	}
	return sts.New(o)
}

func keyFrom(c *types.Credentials) aws.Credentials {
	return aws.Credentials{AccessKeyID: *c.AccessKeyId, SecretAccessKey: *c.SecretAccessKey, SessionToken: *c.SessionToken, CanExpire: true, Expires: *c.Expiration}
}

func (s *Server) assumes(t *testing.T, by aws.Credentials, role string, change func(*sts.AssumeRoleInput)) (aws.Credentials, error) {
	t.Helper()
	in := &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("test")}
	if change != nil {
		change(in)
	}
	out, err := s.client(by).AssumeRole(t.Context(), in)
	if err != nil {
		return aws.Credentials{}, err
	}
	return keyFrom(out.Credentials), nil
}

func (s *Server) whoIs(t *testing.T, k aws.Credentials) string {
	t.Helper()
	out, err := s.client(k).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	if err != nil {
		t.Fatal(err)
	}
	return *out.Arn
}

// wants fails unless err is STS's with that code and those words; "" wants no error.
func wants(t *testing.T, err error, code, words string) {
	t.Helper()
	answer, _ := errors.AsType[smithy.APIError](err)
	switch {
	case code == "" && err != nil:
		t.Error(err)
	case code != "" && (answer == nil || answer.ErrorCode() != code || !strings.Contains(answer.ErrorMessage(), words)):
		t.Errorf("got %v, want %s %q", err, code, words)
	}
}

// lasts fails unless the key expires that long after now.
func lasts(t *testing.T, k aws.Credentials, now time.Time, want time.Duration) {
	t.Helper()
	if got := k.Expires.Sub(now.Truncate(time.Second)); got < want-time.Second || got > want+time.Minute {
		t.Errorf("lasts %v, want %v", got, want)
	}
}

// real is start with the clock of the machine, by which the SDK signs.
func real(t *testing.T, change func(*Config)) *Server {
	t.Helper()
	return start(t, func(c *Config) {
		c.Now = time.Now
		if change != nil {
			change(c)
		}
	})
}
