package credcache

import (
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"whichrole/internal/creds"
	"whichrole/internal/problem"
)

// item is what lies in the keyring: its fields in their order as words, with a space between them. That is read in a
// fraction of what JSON takes, on the way of each AWS call, and is shorter: on Windows there are 2,560 bytes.
type item struct {
	key                    string // all 64 hex digits: an item copied to another id is found out
	role, account          string
	minted, expires        int64 // Unix seconds
	accessKeyID            string
	secret, token          string
	accountID              string // the credentials' own account, where account does not say it
	requestID              string
	environment, operation string
}

const (
	itemVersion = "whichrole-1"
	itemEnd     = "end" // an item that was cut off is found out
	nothing     = "-"   // a word for what is empty
	itemWords   = 14
)

func (it *item) String() string {
	words := []string{
		itemVersion, it.key, it.role, it.account, strconv.FormatInt(it.minted, 10), strconv.FormatInt(it.expires, 10), it.accessKeyID,
		it.secret, it.token, it.accountID, it.requestID, it.environment, it.operation, itemEnd,
	}
	for i, word := range words {
		if word == "" {
			words[i] = nothing
		}
	}
	return strings.Join(words, " ")
}

// parse takes no form but that of String.
func parse(text string) (it item, ok bool) {
	words := strings.Split(text, " ")
	if len(words) != itemWords || words[0] != itemVersion || words[itemWords-1] != itemEnd {
		return it, false
	}
	for i, word := range words {
		if word == nothing {
			words[i] = ""
		}
	}
	minted, err1 := strconv.ParseInt(words[4], 10, 64)
	expires, err2 := strconv.ParseInt(words[5], 10, 64)
	it = item{
		key: words[1], role: words[2], account: words[3], minted: minted, expires: expires, accessKeyID: words[6],
		secret: words[7], token: words[8], accountID: words[9], requestID: words[10], environment: words[11], operation: words[12],
	}
	return it, err1 == nil && err2 == nil && it.String() == text
}

// encode refuses what must not be kept: long-term keys, and credentials of another account or role than was wanted.
func encode(w Want, e Entry) ([]byte, error) {
	c := e.Credentials
	it := item{
		key: hex.EncodeToString(w.Key[:]), role: w.RoleARN, account: w.Account, minted: e.Minted.Unix(), expires: c.Expires.Unix(),
		accessKeyID: c.AccessKeyID, secret: c.SecretAccessKey.Reveal(), token: c.SessionToken.Reveal(),
		requestID: e.RequestID, environment: e.Environment, operation: e.Operation,
	}
	if w.Account == "" {
		it.accountID = c.AccountID
	}
	text := it.String()
	switch {
	case c.Expires.IsZero():
		return nil, errors.New("credentials that never expire are not cached")
	case w.Account != "" && c.AccountID != "" && c.AccountID != w.Account:
		return nil, fmt.Errorf("credentials of account %s are not cached for account %s", c.AccountID, w.Account)
	case e.RoleARN != "" && e.RoleARN != w.RoleARN:
		return nil, fmt.Errorf("credentials of %s are not cached for %s", e.RoleARN, w.RoleARN)
	case !it.wellFormed() || strings.Count(text, " ") != itemWords-1 || strings.ContainsFunc(text, unicode.IsControl):
		return nil, errors.New("malformed credentials are not cached")
	}
	return []byte(text), nil
}

// decode takes what lay in the keyring, which may be anything. What is not the whole of an item of ours for w is nil
// and a reason; the reason quotes nothing but a role or account.
func decode(raw []byte, w Want) (*Entry, string) {
	it, ok := parse(string(raw))
	switch {
	case !ok:
		return nil, "what is stored is truncated, of another version, or not ours"
	case it.role != w.RoleARN:
		return nil, fmt.Sprintf("stored for %q, not for %q", cut(it.role), w.RoleARN)
	case it.account != w.Account:
		return nil, fmt.Sprintf("stored for account %q, not for %q", cut(it.account), w.Account)
	case it.key != hex.EncodeToString(w.Key[:]):
		return nil, "stored for another key"
	case !it.wellFormed():
		return nil, "what is stored is malformed"
	}
	credentials := it.credentials()
	credentials.AccountID = cmp.Or(it.account, it.accountID)
	return &Entry{
		Credentials: credentials, RoleARN: it.role, Account: it.account, Minted: time.Unix(it.minted, 0).UTC(),
		RequestID: it.requestID, Environment: it.environment, Operation: it.operation,
	}, ""
}

// wellFormed holds an item to what AWS may say, for a planted one may not say more. It also keeps times where their difference
// can't overflow.
func (it *item) wellFormed() bool {
	const year2200 = 7258118400
	return it.credentials().IsSession() && it.minted > 0 && it.minted < year2200 && it.expires > 0 && it.expires < year2200
}

// credentials are the item's, without the account.
func (it *item) credentials() creds.Credentials {
	return creds.Credentials{
		AccessKeyID: it.accessKeyID, SecretAccessKey: creds.NewSecret(it.secret), SessionToken: creds.NewSecret(it.token),
		Expires: time.Unix(it.expires, 0).UTC(),
	}
}

// cut bounds what a foreign item brings into a message; a role ARN may have 2,048 bytes, but none is that long.
func cut(s string) string { return problem.Cut(s, 200) }
