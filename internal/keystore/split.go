package keystore

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// A text that outgrows an item's room lies in parts, each an item of its own, and under the id itself lies their head. The
// parts' names follow from the id and the head, so that a head can lead to nothing else. They are written before the head,
// under names that the head in place does not use, and an entry that is replaced loses its parts after it lost its head:
// a writer that dies leaves the old value, the new one, or parts that nobody asks for. Of these an id has at most
// generations × maxParts; they are overwritten or removed when the id's value is.
const (
	partSize    = 1800 // bytes of the text
	maxParts    = 16
	generations = 4 // sets of names, so that a writer finds one that is not in use, and soon the one of a dead writer
	headPrefix  = "split:"
)

// roomOn is the room of an item for its text on that system, in bytes.
func roomOn(goos string) int {
	switch goos {
	case "windows":
		return 5 * 512 // CRED_MAX_CREDENTIAL_BLOB_SIZE of wincred.h
	case "darwin":
		// go-keyring writes one command of at most 4,096 bytes to `security`: 95 and the text in base64. At that very length
		// it fails in silence; with 2,800 it has 3,831.
		return 2800
	}
	return 64 << 10 // where gnome-keyring gets slow, not where it ends: nothing is split
}

// errLied says that the keyring took something and has something else.
var errLied = &Unavailable{Store: "keyring", Class: Denied, Detail: "it did not keep what was stored"}

// head says where the parts of a text lie, and what they make together.
type head struct {
	generation, parts int
	digest            [sha256.Size]byte
}

func (h head) String() string {
	return fmt.Sprintf("%s%d:%d:%x", headPrefix, h.generation, h.parts, h.digest)
}

// parseHead takes no form but that of String, whoever wrote it.
func parseHead(text string) (h head, ok bool) {
	fields := strings.Split(strings.TrimPrefix(text, headPrefix), ":")
	if len(text) > 100 || len(fields) != 3 {
		return h, false
	}
	h.generation, _ = strconv.Atoi(fields[0])
	h.parts, _ = strconv.Atoi(fields[1])
	digest, _ := hex.DecodeString(fields[2])
	copy(h.digest[:], digest)
	known := 0 <= h.generation && h.generation < generations && 0 < h.parts && h.parts <= maxParts
	if !known || h.String() != text {
		return head{}, false
	}
	return h, true
}

// newHead chooses names that old, if there is one, does not use. Any of the rest: another writer may choose now too.
func newHead(text string, old head, replaces bool) head {
	h := head{parts: (len(text) + partSize - 1) / partSize, digest: sha256.Sum256([]byte(text))}
	if replaces {
		h.generation = (old.generation + 1 + rand.IntN(generations-1)) % generations
	} else {
		h.generation = rand.IntN(generations)
	}
	return h
}

func partName(id string, generation, i int) string { return fmt.Sprintf("%s-%d%x", id, generation, i) }

// splits tells whether there are texts that are split. Where an item has more room than all parts, it takes them whole.
func (k *keyring) splits() bool { return k.sys.room < maxParts*partSize }

// noted is the head that this process last saw under an id: that it has parts costs no call to know.
func (k *keyring) noted(id string) (head, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	h, ok := k.heads[id]
	return h, ok
}

func (k *keyring) note(id string, h head) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.heads == nil {
		k.heads = map[string]head{}
	}
	k.heads[id] = h
}

func (k *keyring) forget(id string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.heads, id)
}
