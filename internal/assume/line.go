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

// endpointSetting is where the user has set Client.Endpoint.
const endpointSetting = "AWS_ENDPOINT_URL_STS (or endpoint_url)"

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
	l := &line{Client: c, place: transport.Place{Service: "STS", Nameless: c.Region + " must be a region" + c.kindOfEndpoint()}}
	if c.Endpoint != "" {
		l.place.Variable = endpointSetting
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
		return "", problem.New(problem.Usage, "%s is not an http or https URL", endpointSetting) // unquoted: it may hold a password
	}
	e, err := sts.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, sts.EndpointParameters{
		Region: &c.Region, UseFIPS: &c.FIPS, UseDualStack: &c.DualStack,
	}.WithDefaults())
	if err != nil {
		return "", problem.New(problem.Usage, "AWS has no STS for %s: it is no region%s", c.Region, c.kindOfEndpoint()).Because(err)
	}
	return e.URI.Host, nil
}

// kindOfEndpoint is what the user wants of a region, and where that is set.
func (c *Client) kindOfEndpoint() string {
	switch {
	case c.FIPS && c.DualStack:
		return " with endpoints that are both FIPS and dual-stack (AWS_USE_FIPS_ENDPOINT, AWS_USE_DUALSTACK_ENDPOINT)"
	case c.FIPS:
		return " with FIPS endpoints (AWS_USE_FIPS_ENDPOINT or use_fips_endpoint)"
	case c.DualStack:
		return " with dual-stack endpoints (AWS_USE_DUALSTACK_ENDPOINT or use_dualstack_endpoint)"
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
	switch kind := &options.EndpointOptions; {
	case l.Endpoint != "": // is taken as it is: the SDK refuses to have another kind of it
		options.BaseEndpoint = &l.Endpoint
	case l.FIPS && l.DualStack:
		kind.UseFIPSEndpoint, kind.UseDualStackEndpoint = aws.FIPSEndpointStateEnabled, aws.DualStackEndpointStateEnabled
	case l.FIPS:
		kind.UseFIPSEndpoint = aws.FIPSEndpointStateEnabled
	case l.DualStack:
		kind.UseDualStackEndpoint = aws.DualStackEndpointStateEnabled
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
