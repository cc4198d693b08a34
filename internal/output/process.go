// Package output writes what programs and people read: the credential_process JSON, and text that no terminal can be fooled by.
package output

import (
	"encoding/json"
	"io"
	"time"

	"whichrole/internal/creds"
)

// process is the answer of a credential_process in the order of the AWS SDKs' reference page "Process credential provider".
type process struct {
	Version         int    `json:"Version"`
	AccessKeyID     string `json:"AccessKeyId"`
	SecretAccessKey string `json:"SecretAccessKey"`
	SessionToken    string `json:"SessionToken,omitempty"`
	Expiration      string `json:"Expiration,omitempty"`
	AccountID       string `json:"AccountId,omitempty"`
}

// Process writes credentials as one line of JSON with one write. expiration is what the SDKs shall believe, which is
// earlier than the real end; it is written to the second in UTC with a Z, the one form that every SDK reads
// (CONTRACT.md, measured). The zero time leaves it out.
func Process(w io.Writer, c creds.Credentials, expiration time.Time) error {
	p := process{
		Version:         1,
		AccessKeyID:     c.AccessKeyID,
		SecretAccessKey: c.SecretAccessKey.Reveal(),
		SessionToken:    c.SessionToken.Reveal(),
		AccountID:       c.AccountID,
	}
	if !expiration.IsZero() {
		p.Expiration = expiration.UTC().Format("2006-01-02T15:04:05Z")
	}
	line, err := json.Marshal(p)
	if err != nil {
		return err
	}
	_, err = w.Write(append(line, '\n'))
	return err
}
