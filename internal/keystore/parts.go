package keystore

import (
	"context"
	"crypto/sha256"
	"errors"
	"strings"

	gokeyring "github.com/zalando/go-keyring"
)

// absent is how go-keyring says that there is no such item.
func absent(err error) bool { return errors.Is(err, gokeyring.ErrNotFound) || vanished(err) }

// The three calls of go-keyring; none is made once ctx has ended, since nobody waits for the rest of an operation then.

func (k *keyring) get(ctx context.Context, name string) (string, error) {
	if err := ended(ctx); err != nil {
		return "", err
	}
	return k.sys.lib.Get(service, name)
}

func (k *keyring) set(ctx context.Context, name, text string) error {
	if err := ended(ctx); err != nil {
		return err
	}
	return k.sys.lib.Set(service, name, text)
}

func (k *keyring) remove(ctx context.Context, name string) error {
	if err := ended(ctx); err != nil {
		return err
	}
	return k.sys.lib.Delete(service, name)
}

// load reads the text of an id. Parts that do not fit together are as good as none.
func (k *keyring) load(ctx context.Context, id string) (string, error) {
	text, err := k.get(ctx, id)
	if err != nil || !strings.HasPrefix(text, headPrefix) {
		return text, err
	}
	h, ok := parseHead(text)
	if !ok {
		return "", ErrNotFound
	}
	k.note(id, h)
	var whole strings.Builder
	for i := range h.parts {
		part, err := k.get(ctx, partName(id, h.generation, i))
		if err != nil {
			return "", err
		}
		if len(part) > partSize {
			return "", ErrNotFound
		}
		whole.WriteString(part)
	}
	if sha256.Sum256([]byte(whole.String())) != h.digest {
		return "", ErrNotFound
	}
	return whole.String(), nil
}

// storeWhole writes a text that has room in one item: in one call, unless this process knows of parts that are to go.
func (k *keyring) storeWhole(ctx context.Context, id, text string) error {
	if err := k.set(ctx, id, text); err != nil {
		return err
	}
	old, ok := k.noted(id)
	if !ok {
		return nil
	}
	switch now, _ := k.get(ctx, id); now {
	case old.String():
		return errLied
	case text:
		k.removeParts(ctx, id, old.generation, old.parts) // what stays is harmless
		k.forget(id)
	}
	return nil
}

// storeSplit writes parts, makes sure of them, and only then replaces what lies under the id.
func (k *keyring) storeSplit(ctx context.Context, id, text string) error {
	before, err := k.get(ctx, id)
	if err != nil && !absent(err) {
		return err
	}
	old, replaces := parseHead(before)
	h := newHead(text, old, replaces)
	if err := k.writeParts(ctx, id, h, text); err != nil {
		k.removeParts(ctx, id, h.generation, h.parts)
		return err
	}
	if err := k.set(ctx, id, h.String()); err != nil {
		return err // it may have been written all the same: the parts stay
	}
	now, err := k.get(ctx, id)
	if err != nil && !absent(err) {
		return err
	}
	if now != h.String() {
		if _, another := parseHead(now); another && now != before {
			return nil // a writer that came after us; its parts may have our names
		}
		k.removeParts(ctx, id, h.generation, h.parts)
		return errLied
	}
	k.note(id, h)
	if replaces {
		k.removeParts(ctx, id, old.generation, old.parts) // what stays is harmless
	}
	return nil
}

// writeParts reads them back: on macOS a Set that failed can look like one that did not.
func (k *keyring) writeParts(ctx context.Context, id string, h head, text string) error {
	part := func(i int) string { return text[i*partSize : min((i+1)*partSize, len(text))] }
	for i := range h.parts {
		if err := k.set(ctx, partName(id, h.generation, i), part(i)); err != nil {
			return err
		}
	}
	for i := range h.parts {
		kept, err := k.get(ctx, partName(id, h.generation, i))
		if err != nil && !absent(err) {
			return err
		}
		if kept != part(i) {
			return errLied
		}
	}
	return nil
}

// removeParts removes those of one generation: n at least, and what a longer text left behind them. The last goes first,
// so that what an accident leaves is found again from its beginning.
func (k *keyring) removeParts(ctx context.Context, id string, generation, n int) error {
	for ; n < maxParts; n++ {
		_, err := k.get(ctx, partName(id, generation, n))
		if absent(err) {
			break
		}
		if err != nil {
			return err
		}
	}
	for i := n - 1; i >= 0; i-- {
		if err := k.remove(ctx, partName(id, generation, i)); err != nil && !absent(err) {
			return err
		}
	}
	return nil
}

// erase removes the head last: as long as anything is left, there is something that leads to it.
func (k *keyring) erase(ctx context.Context, id string) error {
	if k.splits() {
		if err := k.eraseParts(ctx, id); err != nil {
			return err
		}
	}
	k.forget(id)
	return k.remove(ctx, id)
}

// eraseParts removes those of all generations, without a head too: a writer that died before it wrote one leaves a whole value.
func (k *keyring) eraseParts(ctx context.Context, id string) error {
	text, err := k.get(ctx, id)
	if err != nil && !absent(err) {
		return err
	}
	h, _ := parseHead(text)
	for g := range generations {
		n := 0
		if g == h.generation {
			n = h.parts
		}
		if err := k.removeParts(ctx, id, g, n); err != nil {
			return err
		}
	}
	return nil
}
