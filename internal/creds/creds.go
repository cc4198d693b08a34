// Package creds is the value that everything here is about: one set of AWS credentials, which hides its own secrets.
package creds

import (
	"errors"
	"fmt"
	"time"
)

// Secret is a string that no formatting verb, logger or JSON encoder shows; Reveal does. The zero Secret is empty.
// Two secrets are compared by what they Reveal, not by ==.
type Secret struct{ value *string } // a pointer, because %p of a struct prints its strings without asking Format

// NewSecret wraps a secret value.
func NewSecret(value string) Secret { return Secret{&value} }

// Reveal returns the secret itself. Call it only where the secret leaves for AWS, the keyring or the protocol on stdout.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// Empty tells whether there is no secret at all.
func (s Secret) Empty() bool { return s.Reveal() == "" }

// String hides the value.
func (s Secret) String() string {
	if s.Empty() {
		return ""
	}
	return "(hidden)"
}

// Format hides the value from every verb, %#v and %x included.
func (s Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, s.String()) }

// MarshalJSON refuses: what must be stored or printed says so with Reveal.
func (s Secret) MarshalJSON() ([]byte, error) {
	return nil, errors.New("creds: a secret is not encoded without Reveal")
}

// Credentials are what AWS calls are signed with.
type Credentials struct {
	AccessKeyID     string
	SecretAccessKey Secret
	SessionToken    Secret    // empty for long-term keys
	Expires         time.Time // as STS said, to the second, UTC; zero for long-term keys
	AccountID       string    // 12 digits; empty where it is not known
}
