package assume

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// connections is a proxy that refuses, and remembers where it was to connect to.
func connections(t *testing.T) (proxy string, last func() string) {
	t.Helper()
	hosts := make(chan string, 100)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hosts <- r.Method + " " + r.Host
		http.Error(w, "no", http.StatusForbidden)
	}))
	t.Cleanup(s.Close)
	return s.URL, func() string {
		select {
		case host := <-hosts:
			return host
		default:
			return "nowhere"
		}
	}
}

// Where requests really go, and not only what Host says. The names are those of AWS's page "Service endpoints and quotas".
func TestRequestsGoToTheEndpointThatTheUserWants(t *testing.T) {
	const plain, fips, dual, both = 0, 1, 2, 3
	proxy, last := connections(t)
	for _, c := range []struct {
		region string
		kind   int
		host   string
	}{
		{"eu-west-1", plain, "sts.eu-west-1.amazonaws.com"},
		{"eu-west-1", fips, "sts-fips.eu-west-1.amazonaws.com"}, // AWS has none there: see the next test
		{"eu-west-1", dual, "sts.eu-west-1.api.aws"},
		{"us-east-1", plain, "sts.us-east-1.amazonaws.com"}, // not the global one
		{"us-east-1", fips, "sts-fips.us-east-1.amazonaws.com"},
		{"us-east-1", dual, "sts.us-east-1.api.aws"},
		{"us-east-1", both, "sts-fips.us-east-1.api.aws"},
		{"us-gov-west-1", plain, "sts.us-gov-west-1.amazonaws.com"},
		{"us-gov-west-1", fips, "sts.us-gov-west-1.amazonaws.com"}, // all are there
		{"us-gov-east-1", both, "sts-fips.us-gov-east-1.api.aws"},
		{"cn-north-1", plain, "sts.cn-north-1.amazonaws.com.cn"},
		{"cn-northwest-1", dual, "sts.cn-northwest-1.api.amazonwebservices.com.cn"},
		{"us-iso-east-1", plain, "sts.us-iso-east-1.c2s.ic.gov"},
		{"eusc-de-east-1", plain, "sts.eusc-de-east-1.amazonaws.eu"},
		{"mars-north-9", plain, "sts.mars-north-9.amazonaws.com"}, // newer than we are
		{"mars-north-9", fips, "sts-fips.mars-north-9.amazonaws.com"},
	} {
		w := newWorld(t, nil)
		w.client = &Client{Region: c.region, FIPS: c.kind&fips > 0, DualStack: c.kind&dual > 0, Now: time.Now, Env: paths.Env{"HTTPS_PROXY": proxy}}
		host, err := w.client.Host(context.Background())
		if err != nil || host != c.host {
			t.Errorf("%s, kind %d: %s %v, want %s", c.region, c.kind, host, err, c.host)
		}
		_, err = w.chain(t, hub)
		w.fails(t, err, failure{problem.Unreachable, []string{"the proxy refused to connect (HTTP 403)"}, "HTTPS_PROXY"})
		if got := last(); got != "CONNECT "+c.host+":443" {
			t.Errorf("%s, kind %d: %s, want %s", c.region, c.kind, got, c.host)
		}
	}
}

// AWS has no list of which region has which endpoint; where there is none, its name does not exist.
func TestRegionWithoutSuchAnEndpoint(t *testing.T) {
	for hint, c := range map[string]*Client{
		"mars-north-9 must be a region, and the network be up":                                                                                                       {Region: "mars-north-9"},
		"eu-west-1 must be a region with FIPS endpoints (AWS_USE_FIPS_ENDPOINT or use_fips_endpoint), and the network be up":                                         {Region: "eu-west-1", FIPS: true},
		"cn-north-1 must be a region with dual-stack endpoints (AWS_USE_DUALSTACK_ENDPOINT or use_dualstack_endpoint), and the network be up":                        {Region: "cn-north-1", DualStack: true},
		"us-iso-east-1 must be a region with endpoints that are both FIPS and dual-stack (AWS_USE_FIPS_ENDPOINT, AWS_USE_DUALSTACK_ENDPOINT), and the network be up": {Region: "us-iso-east-1", FIPS: true, DualStack: true},
		"AWS_ENDPOINT_URL_STS (or endpoint_url) must name a host that exists, and the network be up":                                                                 {Region: "eu-west-1", FIPS: true, Endpoint: "https://sts.example.test"},
	} {
		l, err := c.dial(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if s := l.place.Silence(&net.DNSError{Name: l.place.Host, IsNotFound: true}, 0); s.Hint != hint || !strings.Contains(s.What, l.place.Host) {
			t.Errorf("%s, hint %q, want %q", s.What, s.Hint, hint)
		}
	}
}

// A URL of the user's is taken as it is, as it stands above all other settings in the SDKs' own order.
func TestEndpointOfTheUserIsTakenAsItIs(t *testing.T) {
	for _, c := range []Client{{FIPS: true}, {DualStack: true}, {FIPS: true, DualStack: true}} {
		w := newWorld(t, nil)
		w.client.FIPS, w.client.DualStack = c.FIPS, c.DualStack
		if _, err := w.chain(t, hub); err != nil {
			t.Error(err)
		}
		if host, err := w.client.Host(t.Context()); err != nil || "http://"+host != w.URL {
			t.Errorf("%s %v", host, err)
		}
	}
}
