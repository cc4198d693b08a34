package creds

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// Peers have printed credentials in their debug logs; no verb, logger or encoder may show ours.
func TestNoVerbShowsASecret(t *testing.T) {
	const secret = "wJalrXUtnFEMI"
	c := Credentials{AccessKeyID: "ASIAEXAMPLE", SecretAccessKey: NewSecret(secret), SessionToken: NewSecret(secret)}
	var b bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T", "%p"} {
		fmt.Fprintf(&b, verb+"\n", c)
		fmt.Fprintf(&b, verb+"\n", &c)
		fmt.Fprintf(&b, verb+"\n", c.SecretAccessKey)
	}
	slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "c", c, "s", c.SecretAccessKey)
	slog.New(slog.NewTextHandler(&b, nil)).Info("x", "c", c, "s", c.SecretAccessKey)
	fmt.Fprintln(&b, fmt.Errorf("failed with %v and %w", c, fmt.Errorf("%v", c.SecretAccessKey)))
	if strings.Contains(b.String(), secret) || strings.Contains(b.String(), fmt.Sprintf("%x", secret)) {
		t.Errorf("the secret shows:\n%s", b.String())
	}
	if out, err := json.Marshal(c); err == nil {
		t.Errorf("encoded without Reveal: %s", out)
	}
	if c.SecretAccessKey.Reveal() != secret {
		t.Error("Reveal does not")
	}
}
