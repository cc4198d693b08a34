package creds

import (
	"strings"
	"testing"
)

// A line break within a token would be a second variable in an export; an empty part, unsigned requests.
func TestOnlyWholeAndVisibleCredentialsPass(t *testing.T) {
	good := func() Credentials {
		return Credentials{AccessKeyID: "ASIAEXAMPLE123456789", SecretAccessKey: NewSecret("a/b+c="), SessionToken: NewSecret("token==")}
	}
	if !good().IsSession() || !good().IsKey() {
		t.Fatal("good ones do not pass")
	}
	key := good()
	key.SessionToken = Secret{}
	if !key.IsKey() || key.IsSession() {
		t.Error("a key without a token is no session")
	}
	for name, spoil := range map[string]func(*Credentials){
		"no id":          func(c *Credentials) { c.AccessKeyID = "" },
		"a short id":     func(c *Credentials) { c.AccessKeyID = "ASIA12345678901" },
		"a long id":      func(c *Credentials) { c.AccessKeyID = strings.Repeat("A", 129) },
		"an id's blank":  func(c *Credentials) { c.AccessKeyID = "ASIA EXAMPLE12345678" },
		"no secret":      func(c *Credentials) { c.SecretAccessKey = NewSecret("") },
		"a line break":   func(c *Credentials) { c.SecretAccessKey = NewSecret("a\nexport X=y") },
		"a long secret":  func(c *Credentials) { c.SecretAccessKey = NewSecret(strings.Repeat("a", 129)) },
		"token's escape": func(c *Credentials) { c.SessionToken = NewSecret("tok\x1ben") },
		"token's umlaut": func(c *Credentials) { c.SessionToken = NewSecret("tökén") },
		"a long token":   func(c *Credentials) { c.SessionToken = NewSecret(strings.Repeat("a", 16<<10+1)) },
	} {
		c := good()
		spoil(&c)
		if c.IsSession() {
			t.Errorf("%s passes", name)
		}
	}
}
