package assume

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"whichrole/internal/creds"
	"whichrole/internal/problem"
	"whichrole/internal/test/fakests"
)

const (
	alice  = "arn:aws:iam::111111111111:user/alice"
	hub    = "arn:aws:iam::111111111111:role/hub"
	spoke  = "arn:aws:iam::222222222222:role/teams/infra/spoke"
	deploy = "arn:aws:iam::333333333333:role/deploy"

	aliceSecret = "alice/secret+access/key0123456789abcdefg"
	aliceToken  = "FwoGalicetoken/with+special=characters0123456789"
)

// world is a fake STS where alice's session may become hub, hub spoke, and spoke deploy.
type world struct {
	*fakests.Server
	client *Client
	base   creds.Credentials

	mu      sync.Mutex
	secrets []string // everything that no error may show
	tamper  func(*fakests.Answer)
}

func newWorld(t *testing.T, change func(*fakests.Config)) *world {
	t.Helper()
	w := &world{secrets: []string{aliceSecret, aliceToken}, base: creds.Credentials{
		AccessKeyID: "ASIAALICEALICEALICE1", SecretAccessKey: creds.NewSecret(aliceSecret), SessionToken: creds.NewSecret(aliceToken)}}
	config := fakests.Config{
		Region: "eu-west-1",
		Users:  []fakests.User{{AccessKeyID: w.base.AccessKeyID, SecretAccessKey: aliceSecret, SessionToken: aliceToken, ARN: alice}},
		Roles: []fakests.Role{
			{ARN: hub, Trusted: []string{alice}, MaxDuration: fakests.Duration(2 * time.Hour)},
			{ARN: spoke, Trusted: []string{hub}, MaxDuration: fakests.Duration(2 * time.Hour)},
			{ARN: deploy, Trusted: []string{spoke}},
		},
		Tamper: func(a *fakests.Answer) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.secrets = append(w.secrets, a.SecretAccessKey, a.SessionToken)
			if w.tamper != nil {
				w.tamper(a)
			}
		},
	}
	if change != nil {
		change(&config)
	}
	w.Server = fakests.Start(config)
	t.Cleanup(w.Close)
	w.client = &Client{Region: "eu-west-1", Endpoint: w.URL, Now: time.Now, Version: "test"}
	return w
}

func (w *world) start() Start { return Start{Signer: "profile corp", Credentials: w.base} }

// chain assumes roles, all with the session name "test".
func (w *world) chain(t *testing.T, roles ...string) (*Minted, error) {
	t.Helper()
	hops := make([]Hop, 0, len(roles))
	for _, arn := range roles {
		hops = append(hops, Hop{RoleARN: arn, SessionName: "test"})
	}
	return w.hops(t, 10*time.Second, hops...)
}

func (w *world) hops(t *testing.T, patience time.Duration, hops ...Hop) (*Minted, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	m, err := w.client.Chain(ctx, w.start(), hops)
	if err != nil && m != nil {
		t.Errorf("an error, and credentials all the same")
	}
	return m, err
}

// failure says what a failed call must look like.
type failure struct {
	code problem.Code
	says []string // in the message, in this order
	hint string   // in the hint
}

func (w *world) fails(t *testing.T, err error, want failure) {
	t.Helper()
	p, ok := errors.AsType[*problem.Error](err)
	if !ok {
		t.Fatalf("got %#v, not a *problem.Error", err)
	}
	if p.Code != want.code {
		t.Errorf("code %d, want %d", p.Code, want.code)
	}
	rest := p.Message
	for _, s := range want.says {
		_, after, found := strings.Cut(rest, s)
		if !found {
			t.Errorf("message %q\ndoes not say %q", p.Message, s)
		}
		rest = after
	}
	if !strings.Contains(p.Hint, want.hint) || want.hint == "" && p.Hint != "" {
		t.Errorf("hint %q, want %q", p.Hint, want.hint)
	}
	w.sweep(t, err)
}

// sweep looks at every face of the error, and at those of its causes.
func (w *world) sweep(t *testing.T, err error) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	p, _ := errors.AsType[*problem.Error](err)
	for depth := 0; err != nil; err, depth = errors.Unwrap(err), depth+1 {
		if depth > 0 && err != context.DeadlineExceeded && err != context.Canceled && err != ErrWrongCode && p != nil && p.Code != problem.Usage {
			t.Errorf("the SDK's error is kept: %v", err)
		}
		text := fmt.Sprintf("%v %+v %#v", err, err, err)
		if p, ok := errors.AsType[*problem.Error](err); ok {
			text = p.Message + "\x00" + p.Hint + "\x00" + text
			if strings.ContainsAny(p.Message+p.Hint, "\n\r\t\x1b") || strings.HasSuffix(p.Message, ".") || len(p.Message) > 512+400+3*maxClaim {
				t.Errorf("not one short line: %q", p.Message)
			}
		}
		for _, secret := range w.secrets {
			if len(secret) >= 20 && (strings.Contains(text, secret) || strings.Contains(text, secret[:20])) {
				t.Errorf("a secret shows: %q", text)
			}
		}
	}
}
