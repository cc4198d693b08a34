package broker

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"whichrole/internal/assume"
	"whichrole/internal/credcache"
	"whichrole/internal/paths"
)

// accountOf is the account that the start's credentials belong to, as AWS says. It is asked once for each access key, by one
// process for all that want to know: a key stays in its account for life (IAM user guide, "IAM identifiers").
func (w *walk) accountOf(ctx context.Context, start assume.Start, s session) (string, error) {
	id := credcache.KeyOf(append(s.fields(), credcache.F("whose", start.Credentials.AccessKeyID))...).ID()
	if account := w.known(id); account != "" {
		return account, nil
	}
	raw, _, err := w.cache.Flight.Do(ctx, credcache.KeyOf(credcache.F("whose", id, w.way(w.first.Choice))).ID(), w.Now(), func(ctx context.Context, again bool) ([]byte, error) {
		if account := w.known(id); again && account != "" {
			return []byte(account), nil
		}
		ctx, cancel := w.step(ctx)
		defer cancel()
		account, arn, err := w.client(s).Identity(ctx, start)
		if err != nil {
			return nil, err
		}
		w.Log("%s is %s", start.Signer, arn)
		if err := w.learn(id, account); err != nil {
			w.Log("AWS will be asked again whose these credentials are: %v", err)
		}
		return []byte(account), nil
	})
	return string(raw), err
}

const accountDigits = 12

func (b *Broker) accountFile(id string) string { return filepath.Join(b.Dirs.State, "accounts", id) }

// known is what was learned before, "" for nothing.
func (b *Broker) known(id string) string {
	if b.Dirs.State == "" {
		return ""
	}
	data, _, err := paths.ReadRegular(b.accountFile(id), accountDigits)
	account := string(data)
	if err != nil || len(account) != accountDigits || strings.Trim(account, "0123456789") != "" {
		return ""
	}
	return account
}

func (b *Broker) learn(id, account string) error {
	if b.Dirs.State == "" {
		return os.ErrNotExist
	}
	return paths.WritePrivate(b.accountFile(id), []byte(account))
}
