package assume

import (
	"context"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/middleware"

	"whichrole/internal/creds"
	"whichrole/internal/partition"
	"whichrole/internal/problem"
	"whichrole/internal/transport"
)

// line is the way to STS for one chain: it keeps the connection between hops.
type line struct {
	*Client
	place transport.Place
	way   *transport.Way
}

// dial checks the client's settings. It does not connect yet.
func (c *Client) dial(ctx context.Context) (*line, error) {
	if !partition.IsRegion(c.Region) {
		return nil, problem.New(problem.Usage, "%q is not an AWS region to call STS in", c.Region).WithHint("set region in the role map, or AWS_REGION")
	}
	l := &line{Client: c, place: transport.Place{Service: "STS", Region: c.Region}}
	if c.Endpoint != "" {
		l.place.Variable = "AWS_ENDPOINT_URL_STS"
	}
	var err error
	if l.place.Host, err = c.Host(ctx); err != nil {
		return nil, err
	}
	l.way, err = transport.Open(transport.Settings{CABundle: c.CABundle, Env: c.Env})
	return l, err
}

// Host is the host that STS is asked at, and its port where that is not the usual one. An endpoint that is no URL, and a
// region that has no such endpoint, are a *problem.Error of code Usage.
func (c *Client) Host(ctx context.Context) (string, error) {
	if c.Endpoint != "" {
		if host := transport.HostOf(c.Endpoint); host != "" {
			return host, nil
		}
		return "", problem.New(problem.Usage, "AWS_ENDPOINT_URL_STS is not an http or https URL") // unquoted: it may hold a password
	}
	e, err := sts.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, sts.EndpointParameters{
		Region: &c.Region, UseFIPS: &c.FIPS, UseDualStack: &c.DualStack,
	}.WithDefaults())
	if err != nil {
		return "", problem.New(problem.Usage, "AWS has no STS endpoint for region %s%s", c.Region, c.kindOfEndpoint()).
			WithHint("look at AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT").Because(err)
	}
	return e.URI.Host, nil
}

func (c *Client) kindOfEndpoint() string {
	switch {
	case c.FIPS && c.DualStack:
		return " with FIPS and dual-stack"
	case c.FIPS:
		return " with FIPS"
	case c.DualStack:
		return " with dual-stack"
	}
	return ""
}

// client is made by hand, because config.LoadDefaultConfig costs as much as all the rest of the start (CONTRACT.md).
func (l *line) client(ctx context.Context, signing creds.Credentials) *sts.Client {
	options := sts.Options{
		Region:     l.Region,
		HTTPClient: l.way.HTTP,
		Retryer:    retryer(ctx),
		// A clock that is off is told, not worked around: with it we would hand out expired credentials as good ones.
		DisableClockSkewCorrection: true,
		HTTPSignerV4:               signer{v4.NewSigner(), l.Now},
		APIOptions:                 []func(*middleware.Stack) error{awsmiddleware.AddUserAgentKeyValue("whichrole", l.Version)},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{
				AccessKeyID:     signing.AccessKeyID,
				SecretAccessKey: signing.SecretAccessKey.Reveal(),
				SessionToken:    signing.SessionToken.Reveal(),
			}, nil
		}),
	}
	if l.FIPS {
		options.EndpointOptions.UseFIPSEndpoint = aws.FIPSEndpointStateEnabled
	}
	if l.DualStack {
		options.EndpointOptions.UseDualStackEndpoint = aws.DualStackEndpointStateEnabled
	}
	if l.Endpoint != "" { // a URL of the user's is taken as it is, and the SDK refuses to have both
		options.EndpointOptions = sts.EndpointResolverOptions{}
		options.BaseEndpoint = &l.Endpoint
	}
	return sts.New(options)
}

// signer signs by the clock that it was given.
type signer struct {
	*v4.Signer
	now func() time.Time
}

func (s signer) SignHTTP(ctx context.Context, c aws.Credentials, r *http.Request, payloadHash, service, region string, _ time.Time, opts ...func(*v4.SignerOptions)) error {
	return s.Signer.SignHTTP(ctx, c, r, payloadHash, service, region, s.now(), opts...)
}
