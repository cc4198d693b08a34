package credcache

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
)

// Key is the digest of everything that decides the credentials.
type Key [sha256.Size]byte

// ID is the name of the item in the store: the first 32 hex digits of the key. The whole key is compared on read.
func (k Key) ID() string { return hex.EncodeToString(k[:16]) }

// Field is one thing that decides the credentials: its name, and one value or a list.
type Field struct {
	Name   string
	Values []string
}

// F is a Field with those values, in an order that counts.
func F(name string, values ...string) Field { return Field{name, values} }

// KeyOf digests the fields in their order. Lengths and counts are part of it, and bytes are taken as they are, so no two
// different lists of fields can meet in one key. It must be the same on each run and machine; nothing secret goes in.
func KeyOf(fields ...Field) Key {
	buf := []byte(itemVersion + "\n") // versions that do not read each other's items have locks of their own, too
	text := func(s string) {
		buf = binary.BigEndian.AppendUint64(buf, uint64(len(s)))
		buf = append(buf, s...)
	}
	for _, f := range fields {
		text(f.Name)
		buf = binary.BigEndian.AppendUint64(buf, uint64(len(f.Values)))
		for _, v := range f.Values {
			text(v)
		}
	}
	return sha256.Sum256(buf)
}
