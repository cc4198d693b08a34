package instance

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/ec2rolecreds"
	"github.com/aws/aws-sdk-go-v2/credentials/endpointcreds"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
	"whichrole/internal/test/fakeinstance"
)

func TestMachine(t *testing.T) {
	for name, slash := range map[string]string{"as it is": "", "with a slash": "/"} {
		t.Run(name, func(t *testing.T) {
			w := machine(t, fakeinstance.Config{Role: "we=ird+na,me.@-_"})
			w.Env[imdsEndpoint] += slash
			before := time.Now()
			c := w.gives(t, Machine)
			if life := c.Expires.Sub(before); life < 6*time.Hour-time.Minute || life > 6*time.Hour+time.Minute || c.Expires.Location() != time.UTC || c.Expires.Nanosecond() != 0 {
				t.Errorf("expires %v", c.Expires)
			}
			w.steps(t, "token role credentials")
			if token := w.Calls()[0]; token.Method != "PUT" || token.TTL != "60" {
				t.Errorf("%+v", token)
			}
		})
	}
}

func TestContainer(t *testing.T) {
	w := container(t, fakeinstance.Config{Authorization: "Bearer sesame", Path: "/get?id=0123456789"})
	c := w.gives(t, Container)
	if c.AccountID != "" {
		t.Errorf("what the endpoint says of the account is believed: %s", c.AccountID)
	}
	w.steps(t, "container")
	open := container(t, fakeinstance.Config{})
	open.gives(t, Any)
}

// The SDK's own clients get the same from the same server.
func TestTheSDKGetsTheSame(t *testing.T) {
	w := machine(t, fakeinstance.Config{Authorization: "Bearer sesame"})
	machine := ec2rolecreds.New(func(o *ec2rolecreds.Options) {
		o.Client = imds.New(imds.Options{Endpoint: w.URL, EnableFallback: aws.FalseTernary, ClientEnableState: imds.ClientEnabled})
	})
	container := endpointcreds.New(w.URL+w.Config.Path, func(o *endpointcreds.Options) { o.AuthorizationToken = "Bearer sesame" })
	for _, c := range []struct {
		kind Kind
		env  paths.Env
		sdk  aws.CredentialsProvider
	}{{Machine, w.Server.Machine(), machine}, {Container, w.Server.Container(), container}} {
		theirs, err := c.sdk.Retrieve(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		w.Env = c.env
		ours := w.gives(t, c.kind)
		if ours.AccessKeyID != theirs.AccessKeyID || ours.SecretAccessKey.Reveal() != theirs.SecretAccessKey || ours.SessionToken.Reveal() != theirs.SessionToken {
			t.Errorf("%s: %+v", c.kind, ours)
		}
		if c.kind == Container && !ours.Expires.Equal(theirs.Expires) { // those of a machine the SDK cuts to an hour
			t.Errorf("%s: until %v, and the SDK says %v", c.kind, ours.Expires, theirs.Expires)
		}
	}
	w.steps(t, "token role credentials token role credentials container container")
}

// SDKs look at the relative path first, then at the full one, and at the machine last.
func TestOrderOfAny(t *testing.T) {
	const relative, full, imds = "169.254.170.2:80", "[fd00:ec2::23]:80", "169.254.169.254:80"
	for _, c := range []struct {
		name  string
		env   paths.Env
		kind  Kind
		dials string
		steps string
	}{
		{"all", paths.Env{relativeURI: "/one", fullURI: "http://[fd00:ec2::23]/two"}, Any, relative, "container"},
		{"relative", paths.Env{relativeURI: "/one"}, Container, relative, "container"},
		{"full", paths.Env{fullURI: "http://[fd00:ec2::23]/one"}, Any, full, "container"},
		{"none", paths.Env{}, Any, imds, "token role credentials"},
		{"the machine is named", paths.Env{relativeURI: "/one"}, Machine, imds, "token role credentials"},
		{"version 4", paths.Env{imdsMode: " ipv4 "}, Machine, imds, "token role credentials"},
		{"version 6", paths.Env{imdsMode: "IPv6"}, Machine, "[fd00:ec2::254]:80", "token role credentials"},
		{"an endpoint beats the mode", paths.Env{imdsMode: "IPv6", imdsEndpoint: "http://imds.example:8080"}, Machine, "imds.example:8080", "token role credentials"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := machine(t, fakeinstance.Config{Path: "/one"})
			w.Env = c.env
			for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY"} {
				w.Env[name] = deadProxy
			}
			dials := w.dials()
			w.gives(t, c.kind)
			if got := dials(); got != c.dials {
				t.Errorf("it went to %q, want %q", got, c.dials)
			}
			w.steps(t, c.steps)
		})
	}
}

// Another identity would take the place of the one that was asked for.
func TestContainerThatFailsIsNotReplacedByTheMachine(t *testing.T) {
	w := container(t, fakeinstance.Config{})
	w.Env[imdsEndpoint] = w.URL
	w.SetFaults(fakeinstance.Fault{Kind: fakeinstance.Scripted, Step: fakeinstance.Container, Status: 404})
	_, err := w.get(t, Any)
	w.fails(t, err, failure{problem.LoginNeeded, "has none for it (HTTP 404)", "look at " + fullURI})
	w.steps(t, "container")
}

func TestNothingHere(t *testing.T) {
	for name, c := range map[string]struct {
		env  paths.Env
		kind Kind
		want failure
	}{
		"no container":      {paths.Env{}, Container, failure{problem.LoginNeeded, "this is no container with credentials: neither " + relativeURI, "EKS Pod Identity"}},
		"turned off":        {paths.Env{imdsDisabled: "True"}, Any, failure{problem.LoginNeeded, "turned off by " + imdsDisabled, "unset " + imdsDisabled}},
		"an unknown kind":   {paths.Env{}, "Environment", failure{problem.Usage, `"Environment" is neither EcsContainer nor`, ""}},
		"an unknown mode":   {paths.Env{imdsMode: "IPv5"}, Machine, failure{problem.Usage, imdsMode + " must be IPv4 or IPv6", ""}},
		"not a URL":         {paths.Env{imdsEndpoint: "169.254.169.254"}, Machine, failure{problem.Usage, imdsEndpoint + " is not an http or https URL", ""}},
		"a query":           {paths.Env{imdsEndpoint: "http://127.0.0.1:1/?x"}, Machine, failure{problem.Usage, imdsEndpoint + " is not", ""}},
		"a fragment":        {paths.Env{imdsEndpoint: "http://127.0.0.1:1/#x"}, Machine, failure{problem.Usage, imdsEndpoint + " is not", ""}},
		"a password":        {paths.Env{imdsEndpoint: "http://me:hunter2@127.0.0.1:1"}, Machine, failure{problem.Usage, imdsEndpoint + " is not", ""}},
		"slashes":           {paths.Env{imdsEndpoint: "http://"}, Machine, failure{problem.Usage, imdsEndpoint + " is not", ""}},
		"not http":          {paths.Env{fullURI: "ftp://127.0.0.1/hunter2"}, Container, failure{problem.Usage, fullURI + " is not an http or https URL", ""}},
		"a broken URL":      {paths.Env{fullURI: "http://me:hunter2@[::1/"}, Container, failure{problem.Usage, fullURI + " is not an http or https URL", ""}},
		"no host":           {paths.Env{fullURI: "http://:80/hunter2"}, Container, failure{problem.Usage, fullURI + " is not an http or https URL", ""}},
		"a path of no path": {paths.Env{relativeURI: ":8080@hunter2.example/"}, Container, failure{problem.Usage, relativeURI + " does not begin with /", ""}},
		"a user":            {paths.Env{relativeURI: "@hunter2.example/"}, Container, failure{problem.Usage, relativeURI + " does not begin with /", ""}},
		"a broken path":     {paths.Env{relativeURI: "/hunter2\n"}, Container, failure{problem.Usage, relativeURI + " does not begin with / or is no path", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			w := machine(t, fakeinstance.Config{})
			w.more = []string{"hunter2"}
			w.Env = c.env
			dials := w.dials()
			_, err := w.get(t, c.kind)
			w.fails(t, err, c.want)
			_, err = w.Identity(c.kind)
			w.fails(t, err, c.want)
			if dials() != "" {
				t.Errorf("it went to %s all the same", dials())
			}
		})
	}
}

// Kubernetes replaces the file, and each time what is in it now must be shown.
func TestTokenFileIsReadEachTime(t *testing.T) {
	w := container(t, fakeinstance.Config{Authorization: "second"})
	file := filepath.Join(t.TempDir(), "token")
	w.Env[tokenVariable], w.Env[tokenFileVariable] = "second", file // the file beats the variable
	write := func(token string) {
		if err := os.WriteFile(file, []byte(token), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("first")
	w.more = []string{"first"}
	_, err := w.get(t, Container)
	w.fails(t, err, failure{problem.Refused, "says no (HTTP 401): AccessDenied: The authorization token is not the one that was asked for", tokenFileVariable})
	write("second")
	w.gives(t, Container)
	calls := w.Calls()
	if len(calls) != 2 || calls[0].Authorized != "first" || calls[1].Authorized != "second" {
		t.Errorf("%+v", calls)
	}
}

func TestUnusableToken(t *testing.T) {
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, c := range map[string]struct {
		variable, value string
		want            failure
	}{
		"a header behind it": {tokenVariable, "hunter2\r\nX-Forwarded-For: 1.2.3.4", failure{problem.Usage, tokenVariable + " holds a line break", "without a line break"}},
		"a line break":       {tokenFileVariable, file("lf", "hunter2\n"), failure{problem.Usage, tokenFileVariable + " holds a line break", "without a line break"}},
		"a carriage return":  {tokenFileVariable, file("cr", "hunter2\r"), failure{problem.Usage, tokenFileVariable + " holds a line break", "without a line break"}},
		"a zero":             {tokenFileVariable, file("zero", "hunter2\x00"), failure{problem.Usage, "another control character", ""}},
		"an empty file":      {tokenFileVariable, file("empty", ""), failure{problem.LoginNeeded, "the container's token is empty: " + dir, tokenFileVariable}},
		"a large file":       {tokenFileVariable, file("large", strings.Repeat("x", maxTokenFile+1)), failure{problem.LoginNeeded, "too large", tokenFileVariable}},
		"no file":            {tokenFileVariable, filepath.Join(dir, "none"), failure{problem.LoginNeeded, "the container's token cannot be read: " + dir, tokenFileVariable}},
		"a directory":        {tokenFileVariable, dir, failure{problem.LoginNeeded, "cannot be read", tokenFileVariable}},
		"of the repository":  {tokenFileVariable, "world_test.go", failure{problem.Usage, "is not an absolute path: world_test.go", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			w := container(t, fakeinstance.Config{})
			w.more = []string{"hunter2"}
			w.Env[c.variable] = c.value
			_, err := w.get(t, Container)
			w.fails(t, err, c.want)
			_, err = w.Identity(Container)
			w.fails(t, err, c.want)
			w.steps(t, "")
		})
	}
}

func TestHTTPSFromAnywhere(t *testing.T) {
	w := container(t, fakeinstance.Config{TLS: true, Authorization: "Bearer sesame"})
	_, err := w.get(t, Container)
	w.fails(t, err, failure{problem.Unreachable, "is signed by an unknown authority", "look at " + fullURI})
	w.steps(t, "")
	block, _ := pem.Decode(w.CA())
	ca, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	w.Roots = x509.NewCertPool()
	w.Roots.AddCert(ca)
	w.gives(t, Container)

	w.Env[fullURI] = strings.Replace(w.Env[fullURI], w.Address(), "example.com", 1) // which the certificate is for, too
	dials := w.dials()
	w.gives(t, Container)
	if dials() != "example.com:443" {
		t.Errorf("%s", dials())
	}
}
