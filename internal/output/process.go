// Package output writes what programs and people read: the credential_process JSON, and text that no terminal can be fooled by.
package output

import (
	"encoding/json"
	"io"
	"time"

	"whichrole/internal/creds"
)

// Process writes credentials as one line of JSON with one write, in the order of the AWS SDKs' reference page "Process
// credential provider". expiration is what the SDKs shall believe, which is earlier than the real end; it is written to the
// second in UTC with a Z, the one form that every SDK reads (CONTRACT.md, measured). The zero time leaves it out.
func Process(w io.Writer, c creds.Credentials, expiration time.Time) error {
	line := append([]byte(`{"Version":1,"AccessKeyId":`), quoted(c.AccessKeyID)...)
	line = append(append(line, `,"SecretAccessKey":`...), quoted(c.SecretAccessKey.Reveal())...)
	if token := c.SessionToken.Reveal(); token != "" {
		line = append(append(line, `,"SessionToken":`...), quoted(token)...)
	}
	if !expiration.IsZero() {
		line = expiration.UTC().AppendFormat(line, `,"Expiration":"2006-01-02T15:04:05Z"`)
	}
	if c.AccountID != "" {
		line = append(append(line, `,"AccountId":`...), quoted(c.AccountID)...)
	}
	_, err := w.Write(append(line, "}\n"...))
	return err
}

// quoted is a JSON string. What keys consist of is written as it is, without the reflection of encoding/json: this runs before
// each AWS call of an SDK.
func quoted(s string) []byte {
	for _, c := range []byte(s) {
		if c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			b, _ := json.Marshal(s) // of a string that can't fail
			return b
		}
	}
	return append(append([]byte{'"'}, s...), '"')
}
