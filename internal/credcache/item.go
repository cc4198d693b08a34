package credcache

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"whichrole/internal/creds"
	"whichrole/internal/problem"
)

// item is what lies in the keyring, as JSON. Times are Unix seconds. Short names: on Windows there are 2,560 bytes.
type item struct {
	Version     int    `json:"v"`
	Key         string `json:"key"` // all 64 hex digits: an item copied to another id is found out
	Role        string `json:"role"`
	Account     string `json:"account"`
	Minted      int64  `json:"minted"`
	Expires     int64  `json:"expires"`
	AccessKeyID string `json:"akid"`
	Secret      string `json:"secret"`
	Token       string `json:"token"`
	AccountID   string `json:"of,omitempty"` // the credentials' own account, where Account does not say it
	RequestID   string `json:"request,omitempty"`
	Environment string `json:"env,omitempty"`
	Operation   string `json:"op,omitempty"`
}

const itemVersion = 1

// encode refuses what must not be kept: long-term keys, and credentials of another account or role than was wanted.
func encode(w Want, e Entry) ([]byte, error) {
	c := e.Credentials
	it := item{
		Version: itemVersion, Key: hex.EncodeToString(w.Key[:]), Role: w.RoleARN, Account: w.Account,
		Minted: e.Minted.Unix(), Expires: c.Expires.Unix(),
		AccessKeyID: c.AccessKeyID, Secret: c.SecretAccessKey.Reveal(), Token: c.SessionToken.Reveal(),
		RequestID: e.RequestID, Environment: e.Environment, Operation: e.Operation,
	}
	if w.Account == "" {
		it.AccountID = c.AccountID
	}
	switch {
	case c.Expires.IsZero():
		return nil, errors.New("credentials that never expire are not cached")
	case w.Account != "" && c.AccountID != "" && c.AccountID != w.Account:
		return nil, fmt.Errorf("credentials of account %s are not cached for account %s", c.AccountID, w.Account)
	case e.RoleARN != "" && e.RoleARN != w.RoleARN:
		return nil, fmt.Errorf("credentials of %s are not cached for %s", e.RoleARN, w.RoleARN)
	case !it.wellFormed():
		return nil, errors.New("malformed credentials are not cached")
	}
	return json.Marshal(it)
}

// decode takes what lay in the keyring, which may be anything. What is not the whole of an item of ours for w is nil
// and a reason; the reason quotes nothing but a role or account.
func decode(raw []byte, w Want) (*Entry, string) {
	var it item
	if json.Unmarshal(raw, &it) != nil || it.Version == 0 {
		return nil, "what is stored is truncated, or not ours"
	}
	switch {
	case it.Version != itemVersion:
		return nil, fmt.Sprintf("stored by another version (%d)", it.Version)
	case it.Role != w.RoleARN:
		return nil, fmt.Sprintf("stored for %q, not for %q", cut(it.Role), w.RoleARN)
	case it.Account != w.Account:
		return nil, fmt.Sprintf("stored for account %q, not for %q", cut(it.Account), w.Account)
	case it.Key != hex.EncodeToString(w.Key[:]):
		return nil, "stored for another key"
	case !it.wellFormed():
		return nil, "what is stored is malformed"
	}
	account := it.Account
	if account == "" {
		account = it.AccountID
	}
	return &Entry{
		Credentials: creds.Credentials{
			AccessKeyID: it.AccessKeyID, SecretAccessKey: creds.NewSecret(it.Secret), SessionToken: creds.NewSecret(it.Token),
			Expires: time.Unix(it.Expires, 0).UTC(), AccountID: account,
		},
		RoleARN: it.Role, Account: it.Account, Minted: time.Unix(it.Minted, 0).UTC(),
		RequestID: it.RequestID, Environment: it.Environment, Operation: it.Operation,
	}, ""
}

// Bounds in bytes: those of package assume, so that what AWS may not say a planted item may not say either.
const (
	minKeyID, maxKeyID = 16, 128
	maxSecret          = 128
	maxToken           = 16 << 10
)

// wellFormed tells whether all three parts are there, without white space or control characters: a planted line break
// would become a second variable in an export. It also keeps times where their difference can't overflow.
func (it *item) wellFormed() bool {
	const year2200 = 7258118400
	return len(it.AccessKeyID) >= minKeyID && len(it.AccessKeyID) <= maxKeyID && !strings.ContainsFunc(it.AccessKeyID, notWord) &&
		printable(it.Secret, maxSecret) && printable(it.Token, maxToken) &&
		it.Minted > 0 && it.Minted < year2200 && it.Expires > 0 && it.Expires < year2200
}

func printable(s string, most int) bool {
	return s != "" && len(s) <= most && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}

func notWord(r rune) bool {
	return r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
}

// cut bounds what a foreign item brings into a message; a role ARN may have 2,048 bytes, but none is that long.
func cut(s string) string { return problem.Cut(s, 200) }
