package assume

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/middleware"

	"whichrole/internal/creds"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

const (
	maxAnswer   = 256 << 10 // bytes of a response; a real one has about 2 KiB
	maxHeader   = 64 << 10
	maxBundle   = 8 << 20
	dialTimeout = 5 * time.Second // one address that does not answer must not use up the 15 s that a call has
)

// line is the way to STS for one chain: it keeps the connection between hops.
type line struct {
	region   string
	endpoint string // "" for that of the region
	host     string // that requests go to: of the endpoint's URL nothing else is shown
	now      func() time.Time
	version  string
	http     *http.Client
	close    func()
}

var looksLikeRegion = onNeed(`^[a-z0-9-]{1,64}$`)

// dial checks the client's settings. It does not connect yet.
func (c *Client) dial(ctx context.Context) (*line, error) {
	if !looksLikeRegion().MatchString(c.Region) {
		return nil, problem.New(problem.Usage, "%q is not an AWS region to call STS in", c.Region).WithHint("set region in the role map, or AWS_REGION")
	}
	host, err := c.host(ctx)
	if err != nil {
		return nil, err
	}
	roots, err := c.roots()
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{
		Proxy:                  proxyOf(c.Env),
		OnProxyConnectResponse: onProxyAnswer,
		DialContext:            (&net.Dialer{Timeout: dialTimeout}).DialContext,
		TLSHandshakeTimeout:    dialTimeout,
		TLSClientConfig:        &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		MaxResponseHeaderBytes: maxHeader,
		DisableCompression:     true, // a small body must not unfold into a large one
	}
	return &line{
		region: c.Region, endpoint: c.Endpoint, host: host, now: c.Now, version: c.Version, close: transport.CloseIdleConnections,
		http: &http.Client{
			Transport: bounded{transport},
			// A signed request and its session token go to STS and to nobody that STS may name.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// host is the host of the endpoint, and its port where it has one.
func (c *Client) host(ctx context.Context) (string, error) {
	if c.Endpoint != "" {
		u, err := url.Parse(c.Endpoint)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return "", problem.New(problem.Usage, "AWS_ENDPOINT_URL_STS is not an http or https URL") // unquoted: it may hold a password
		}
		return u.Host, nil
	}
	e, err := sts.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, sts.EndpointParameters{Region: &c.Region}.WithDefaults())
	if err != nil {
		return "", problem.New(problem.Usage, "AWS has no STS endpoint for region %s", c.Region).Because(err)
	}
	return e.URI.Host, nil
}

func (c *Client) roots() (*x509.CertPool, error) {
	if c.CABundle == "" {
		return nil, nil
	}
	data, _, err := paths.ReadRegular(c.CABundle, maxBundle)
	if err != nil {
		return nil, problem.New(problem.Usage, "AWS_CA_BUNDLE cannot be read: %v", err).Because(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(data) {
		return nil, problem.New(problem.Usage, "AWS_CA_BUNDLE holds no PEM certificate: %s", c.CABundle)
	}
	return pool, nil
}

// client is made by hand, because config.LoadDefaultConfig costs as much as all the rest of the start (CONTRACT.md).
func (l *line) client(ctx context.Context, signing creds.Credentials) *sts.Client {
	options := sts.Options{
		Region:     l.region,
		HTTPClient: l.http,
		Retryer:    retryer(ctx),
		// A clock that is off is told, not worked around: with it we would hand out expired credentials as good ones.
		DisableClockSkewCorrection: true,
		HTTPSignerV4:               signer{v4.NewSigner(), l.now},
		APIOptions:                 []func(*middleware.Stack) error{awsmiddleware.AddUserAgentKeyValue("whichrole", l.version)},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{
				AccessKeyID:     signing.AccessKeyID,
				SecretAccessKey: signing.SecretAccessKey.Reveal(),
				SessionToken:    signing.SessionToken.Reveal(),
			}, nil
		}),
	}
	if l.endpoint != "" {
		options.BaseEndpoint = &l.endpoint
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

// bounded ends a response that is larger than any real one.
type bounded struct{ http.RoundTripper }

// RoundTrip also sends a copy of the body. The SDK closes its own as soon as the answer begins; where that is before the
// transport has seen the body's end, the transport takes it for a broken request and cuts the answer off after 4 KiB.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	r.Body.Close()
	if err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	r.Body = io.NopCloser(bytes.NewReader(body))
	resp, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		resp.Body = http.MaxBytesReader(nil, resp.Body, maxAnswer)
	}
	return resp, err
}
