package flight

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
)

// maxFrame bounds what a frame holds, in bytes. Credentials have at most 20 KiB.
const maxFrame = 64 << 10

// What the leader says: hello at first, a beat each 250 ms, and a result at last. Without one it hangs up: it died, or what
// came of it is nobody else's; those that wait try for themselves.
const (
	isHello   = 'h' // who speaks, of what
	isBeat    = 'b' // empty
	isValue   = 'v'
	isFailure = 'f' // JSON
)

// frame is one byte of kind, four of length (most significant first) and as many of content.
type frame struct {
	kind    byte
	content []byte
}

// helloOf names the id, so that nobody takes the credentials of one for those of another, whatever a link in the
// directory leads to. The number is that of this protocol.
func helloOf(id string) frame { return frame{isHello, []byte("whichrole flight 1 " + id)} }

func (f frame) bytes() []byte {
	b := make([]byte, 0, 5+len(f.content))
	b = binary.BigEndian.AppendUint32(append(b, f.kind), uint32(len(f.content)))
	return append(b, f.content...)
}

func readFrame(r io.Reader) (frame, error) {
	var head [5]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return frame{}, err
	}
	n := binary.BigEndian.Uint32(head[1:])
	if n > maxFrame {
		return frame{}, fmt.Errorf("a frame of %d bytes", n)
	}
	f := frame{head[0], make([]byte, n)}
	_, err := io.ReadFull(r, f.content)
	return f, err
}

// frame is an outcome as a frame for those that wait, or nil.
func (o outcome) frame() []byte {
	f := frame{isValue, o.value}
	if o.err != nil {
		if o.shared == nil {
			return nil
		}
		content, err := json.Marshal(o.shared)
		if err != nil {
			return nil
		}
		f = frame{isFailure, content}
	}
	if len(f.content) == 0 || len(f.content) > maxFrame {
		return nil
	}
	return f.bytes()
}
