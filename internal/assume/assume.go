// Package assume walks a chain of roles through STS, one hop at a time, and believes nothing that comes back.
package assume

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"

	"whichrole/internal/creds"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// Tag is one session tag.
type Tag struct{ Key, Value string }

// Hop is one AssumeRole. See the AssumeRole page of the AWS STS API reference for limits.
type Hop struct {
	RoleARN           string
	SessionName       string
	Duration          time.Duration // whole seconds; 0 means 1h, the API's own default
	ExternalID        string
	SourceIdentity    string
	Tags              []Tag
	TransitiveTagKeys []string
	Policy            string // an inline session policy, JSON
	PolicyARNs        []string
}

// Client knows where STS is and how to get there. It keeps nothing between calls and may be used from any goroutine.
type Client struct {
	Region   string    // that requests are signed for and, without Endpoint, sent to; never empty
	Endpoint string    // AWS_ENDPOINT_URL_STS; "" means the regional endpoint of AWS
	CABundle string    // AWS_CA_BUNDLE: a file of PEM certificates, trusted instead of the system's; "" for the system's
	Env      paths.Env // for HTTPS_PROXY, HTTP_PROXY and NO_PROXY, in capitals or not
	Now      func() time.Time
	Version  string // of whichrole, for the user agent
}

// Minted is the session that stands at the end of a chain.
type Minted struct {
	Credentials    creds.Credentials // AccountID and Expires are always set
	RoleARN        string            // the last role as it was asked for
	AssumedRoleARN string            // the session: arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION
	RequestID      string            // of the last hop, as in CloudTrail; "" when STS did not say
}

// Chain assumes the hops in order: the first is signed with base, each other one with the keys of the hop before it.
// The signer says in a word whose base is ("profile corp"); it is quoted in errors, as are the position and ARN of the hop
// that failed. How long all of it may take is the context's deadline.
//
// Every failure is a *problem.Error: Refused when AWS says no or gives what was not asked for, Unreachable when it gives
// nothing that can be used, Usage when the client's own settings are wrong, LoginNeeded when base is empty.
func (c *Client) Chain(ctx context.Context, base creds.Credentials, signer string, hops []Hop) (*Minted, error) {
	if len(hops) == 0 {
		return nil, problem.New(problem.Failure, "there is no role to assume")
	}
	line, err := c.dial(ctx)
	if err != nil {
		return nil, err
	}
	defer line.close()
	var minted *Minted
	secrets := secretsOf(nil, base)
	for i, hop := range hops {
		s := &step{line: line, hop: hop, position: i + 1, of: len(hops), signer: signer, signing: base, secrets: secrets}
		if i > 0 {
			s.signer, s.previous = hops[i-1].RoleARN, hops[i-1].RoleARN
		}
		if minted, err = s.assume(ctx); err != nil {
			return nil, err
		}
		base, secrets = minted.Credentials, s.secrets
	}
	return minted, nil
}

// step is one call to STS, and all that an error about it may name.
type step struct {
	line     *line
	hop      Hop // without RoleARN for a call that assumes nothing
	position int // from 1
	of       int
	signer   string // who signs, in words
	previous string // ARN of the role that signs, "" when base does
	signing  creds.Credentials
	secrets  []string // what no error may show
}

func (s *step) assume(ctx context.Context) (*Minted, error) {
	client, err := s.client(ctx)
	if err != nil {
		return nil, err
	}
	if s.hop.Duration == 0 {
		s.hop.Duration = time.Hour
	}
	out, err := client.AssumeRole(ctx, input(s.hop))
	if err != nil {
		return nil, s.failure(err)
	}
	return s.check(out)
}

func (s *step) client(ctx context.Context) (*sts.Client, error) {
	if s.signing.AccessKeyID == "" || s.signing.SecretAccessKey.Empty() {
		return nil, problem.New(problem.LoginNeeded, "%s holds no credentials to sign with", s.signer)
	}
	return s.line.client(ctx, s.signing), nil
}

func input(h Hop) *sts.AssumeRoleInput {
	in := &sts.AssumeRoleInput{
		RoleArn:           aws.String(h.RoleARN),
		RoleSessionName:   aws.String(h.SessionName),
		DurationSeconds:   aws.Int32(int32(h.Duration / time.Second)),
		ExternalId:        optional(h.ExternalID),
		SourceIdentity:    optional(h.SourceIdentity),
		Policy:            optional(h.Policy),
		TransitiveTagKeys: h.TransitiveTagKeys,
	}
	for _, t := range h.Tags {
		in.Tags = append(in.Tags, types.Tag{Key: aws.String(t.Key), Value: aws.String(t.Value)})
	}
	for _, arn := range h.PolicyARNs {
		in.PolicyArns = append(in.PolicyArns, types.PolicyDescriptorType{Arn: aws.String(arn)})
	}
	return in
}

// optional leaves an empty parameter out of the request: STS refuses empty ones.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
