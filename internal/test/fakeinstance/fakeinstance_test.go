package fakeinstance

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/ec2rolecreds"
	"github.com/aws/aws-sdk-go-v2/credentials/endpointcreds"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
)

func start(t *testing.T, c Config) *Server {
	t.Helper()
	s := Start(c)
	t.Cleanup(s.Close)
	return s
}

// send answers with the status, the body, and the header of tokens' lifetimes.
func send(t *testing.T, method, url string, header ...string) (int, string, string) {
	t.Helper()
	r, err := http.NewRequest(method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body), resp.Header.Get(ttlHeader)
}

// The SDK's clients are the measure: what they take for an instance is one.
func TestTheSDKTakesItForReal(t *testing.T) {
	s := start(t, Config{Authorization: "Bearer sesame"})
	client := imds.New(imds.Options{Endpoint: s.URL, EnableFallback: aws.FalseTernary, ClientEnableState: imds.ClientEnabled})
	machine := ec2rolecreds.New(func(o *ec2rolecreds.Options) { o.Client = client })
	container := endpointcreds.New(s.URL+s.Config.Path, func(o *endpointcreds.Options) { o.AuthorizationToken = "Bearer sesame" })
	for _, p := range []aws.CredentialsProvider{machine, container} {
		c, err := p.Retrieve(context.Background())
		if err != nil || c.AccessKeyID != s.Config.AccessKeyID || c.SecretAccessKey != s.Config.SecretAccessKey || c.SessionToken != s.Config.SessionToken {
			t.Errorf("%T: %v %v", p, c.AccessKeyID, err)
		}
	}
	if steps := s.Steps(); steps != "token role credentials container" {
		t.Errorf("%s", steps)
	}
}

func TestVersion1IsRefused(t *testing.T) {
	s := start(t, Config{})
	for _, path := range []string{rolesPath, rolesPath + s.Config.Role, "/latest/meta-data/"} {
		for _, header := range [][]string{nil, {tokenHeader, ""}, {tokenHeader, "guess"}} {
			if status, body, _ := send(t, "GET", s.URL+path, header...); status != 401 || strings.Contains(body, s.Config.SecretAccessKey) {
				t.Errorf("%s %v: %d %s", path, header, status, body)
			}
		}
	}
}

func TestTokens(t *testing.T) {
	now := time.Now()
	s := start(t, Config{Now: func() time.Time { return now }})
	for name, c := range map[string]struct {
		method string
		header []string
		status int
	}{
		"no lifetime":       {"PUT", nil, 400},
		"no number":         {"PUT", []string{ttlHeader, "long"}, 400},
		"too short":         {"PUT", []string{ttlHeader, "0"}, 400},
		"too long":          {"PUT", []string{ttlHeader, "21601"}, 400},
		"by GET":            {"GET", []string{ttlHeader, "60"}, 405},
		"through a proxy":   {"PUT", []string{ttlHeader, "60", "X-Forwarded-For", "10.0.0.1"}, 403},
		"as it should be":   {"PUT", []string{ttlHeader, "60"}, 200},
		"the longest of it": {"PUT", []string{ttlHeader, "21600"}, 200},
	} {
		if status, body, _ := send(t, c.method, s.URL+tokenPath, c.header...); status != c.status {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	_, token, ttl := send(t, "PUT", s.URL+tokenPath, ttlHeader, "60")
	get := func() int {
		status, _, _ := send(t, "GET", s.URL+rolesPath, tokenHeader, token)
		return status
	}
	if ttl != "60" || get() != 200 {
		t.Errorf("lifetime %q", ttl)
	}
	if now = now.Add(time.Minute); get() != 401 {
		t.Error("a token lives on")
	}
}

func TestOnlyTheOwnRole(t *testing.T) {
	s := start(t, Config{})
	_, token, _ := send(t, "PUT", s.URL+tokenPath, ttlHeader, "60")
	if status, body, _ := send(t, "GET", s.URL+rolesPath+"other", tokenHeader, token); status != 404 {
		t.Errorf("%d %s", status, body)
	}
	bare := start(t, Config{NoRole: true})
	_, token, _ = send(t, "PUT", bare.URL+tokenPath, ttlHeader, "60")
	if status, body, _ := send(t, "GET", bare.URL+rolesPath, tokenHeader, token); status != 404 {
		t.Errorf("%d %s", status, body)
	}
}

func TestContainerWantsItsToken(t *testing.T) {
	s := start(t, Config{Authorization: "Bearer sesame", Path: "/get?id=1"})
	for _, c := range []struct {
		method, path, token string
		status              int
	}{{"GET", "/get?id=1", "Bearer sesame", 200}, {"GET", "/get?id=1", "", 401}, {"GET", "/get?id=1", "sesame", 401},
		{"POST", "/get?id=1", "Bearer sesame", 405}, {"GET", "/get?id=2", "Bearer sesame", 401}, {"GET", "/get", "Bearer sesame", 401}} {
		if status, body, _ := send(t, c.method, s.URL+c.path, "Authorization", c.token); status != c.status {
			t.Errorf("%+v: %d %s", c, status, body)
		}
	}
}

func TestFaultsAreCounted(t *testing.T) {
	s := start(t, Config{})
	s.SetFaults(Fault{Kind: Scripted, Step: Token, Times: 2, Status: 503, Type: "text/plain", Body: "later"}, Fault{Kind: Garbage, Step: Container})
	for _, want := range []int{503, 503, 200} {
		if status, body, _ := send(t, "PUT", s.URL+tokenPath, ttlHeader, "60"); status != want {
			t.Errorf("%d %s", status, body)
		}
	}
	for range 2 {
		if _, body, _ := send(t, "GET", s.URL+s.Config.Path); !strings.Contains(body, "Hotel WiFi") {
			t.Errorf("%s", body)
		}
	}
	if calls := s.Calls(); calls[0].Fault != Scripted || calls[0].Status != 503 || calls[2].Fault != "" || calls[2].Status != 200 || calls[2].TTL != "60" {
		t.Errorf("%+v", calls)
	}
}
