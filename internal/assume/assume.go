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
	"whichrole/internal/transport"
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
	Region    string    // that requests are signed for and, without Endpoint, sent to; never empty
	Endpoint  string    // AWS_ENDPOINT_URL_STS, or the AWS config file's; "" means the regional endpoint of AWS
	FIPS      bool      // the endpoint whose cryptography is validated to FIPS 140; nothing beside Endpoint
	DualStack bool      // the endpoint that has IPv6, too; nothing beside Endpoint
	CABundle  string    // a file of PEM certificates, trusted instead of the system's; "" for the system's
	Env       paths.Env // for HTTPS_PROXY, HTTP_PROXY and NO_PROXY, in capitals or not
	Now       func() time.Time
	Version   string // of whichrole, for the user agent
}

// Start is what a chain begins with: credentials, or an OIDC token that the first role is got for.
type Start struct {
	Signer      string // whose it is, in words: "profile corp", "oidc github"
	Credentials creds.Credentials
	Token       creds.Secret // where it is not empty the first hop is AssumeRoleWithWebIdentity, which nobody signs
	// What the token says of itself, unverified: what the role's trust policy must match.
	Issuer, Subject string
	Audience        []string
}

// Minted is the session that stands at the end of a chain.
type Minted struct {
	Credentials    creds.Credentials // AccountID and Expires are always set
	RoleARN        string            // the last role as it was asked for
	AssumedRoleARN string            // the session: arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION
	RequestID      string            // of the last hop, as in CloudTrail; "" when STS did not say
}

// Chain assumes the hops in order: the first is signed with the start's credentials or proved by its token, each other one
// signed with the keys of the hop before it. Errors quote the signer, and the position and ARN of the hop that failed. How
// long all of it may take is the context's deadline.
//
// A token brings its own tags and source identity, if any: AssumeRoleWithWebIdentity takes neither, nor an external id, so
// its hop goes without those (see WithToken).
//
// Every failure is a *problem.Error: Refused when AWS says no or gives what was not asked for, Unreachable when it gives
// nothing that can be used, Usage when the client's own settings are wrong, LoginNeeded when the start is empty.
func (c *Client) Chain(ctx context.Context, start Start, hops []Hop) (*Minted, error) {
	if len(hops) == 0 {
		return nil, problem.New(problem.Failure, "there is no role to assume")
	}
	line, err := c.dial(ctx)
	if err != nil {
		return nil, err
	}
	defer line.way.Close()
	var minted *Minted
	secrets := secretsOf([]creds.Secret{start.Token}, start.Credentials)
	for i, hop := range hops {
		s := &step{line: line, start: start, hop: hop, position: i + 1, of: len(hops), secrets: secrets}
		if i > 0 {
			s.start, s.previous = Start{Signer: hops[i-1].RoleARN, Credentials: minted.Credentials}, hops[i-1].RoleARN
		}
		if minted, err = s.assume(ctx); err != nil {
			return nil, err
		}
		secrets = s.secrets
	}
	return minted, nil
}

// WithToken is the hop as AssumeRoleWithWebIdentity can ask for it, and what had to be left out, in the map's words.
func (h Hop) WithToken() (hop Hop, without []string) {
	if h.ExternalID != "" {
		without = append(without, "external_id")
	}
	if h.SourceIdentity != "" {
		without = append(without, "source_identity")
	}
	if len(h.Tags)+len(h.TransitiveTagKeys) > 0 {
		without = append(without, "session_tags")
	}
	h.ExternalID, h.SourceIdentity, h.Tags, h.TransitiveTagKeys = "", "", nil, nil
	return h, without
}

// step is one call to STS, and all that an error about it may name.
type step struct {
	line     *line
	start    Start  // who signs this step
	hop      Hop    // without RoleARN for a call that assumes nothing
	mfa      string // the serial of the device, for a call that gets a session with it
	position int    // from 1
	of       int
	previous string         // ARN of the role that signs, "" when the chain's start does
	secrets  []creds.Secret // what no error may show
}

func (s *step) assume(ctx context.Context) (*Minted, error) {
	if s.hop.Duration == 0 {
		s.hop.Duration = time.Hour
	}
	if !s.start.Token.Empty() {
		return s.exchange(ctx)
	}
	client, err := s.client(ctx)
	if err != nil {
		return nil, err
	}
	out, err := client.AssumeRole(ctx, input(s.hop))
	if err != nil {
		return nil, s.failure(ctx, err)
	}
	return s.check(answer{out.Credentials, out.AssumedRoleUser, out.ResultMetadata})
}

// exchange gets the first role for a token. Without TLS it may go to this machine alone: whoever reads it on the way gets the
// role, while a request that is signed gives away no key.
func (s *step) exchange(ctx context.Context) (*Minted, error) {
	if e := s.line.Endpoint; e != "" && transport.InClear(e) {
		return nil, s.problem(problem.Usage, "", s.line.place.Host+" is not asked: the token would go there without TLS").
			WithHint("%s must begin with https://", endpointSetting)
	}
	in := input(s.hop)
	out, err := s.line.client(ctx, creds.Credentials{}).AssumeRoleWithWebIdentity(ctx, &sts.AssumeRoleWithWebIdentityInput{
		RoleArn: in.RoleArn, RoleSessionName: in.RoleSessionName, DurationSeconds: in.DurationSeconds,
		Policy: in.Policy, PolicyArns: in.PolicyArns, WebIdentityToken: aws.String(s.start.Token.Reveal()),
	})
	if err != nil {
		return nil, s.failure(ctx, err)
	}
	return s.check(answer{out.Credentials, out.AssumedRoleUser, out.ResultMetadata})
}

func (s *step) client(ctx context.Context) (*sts.Client, error) {
	if s.start.Credentials.AccessKeyID == "" || s.start.Credentials.SecretAccessKey.Empty() {
		return nil, problem.New(problem.LoginNeeded, "%s holds no credentials to sign with", s.start.Signer)
	}
	return s.line.client(ctx, s.start.Credentials), nil
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
