package flight

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
)

// maxFrame bounds what a frame holds, in bytes. Credentials have at most 20 KiB.
const maxFrame = 64 << 10

// What the leader says: hello at first, a beat each 250 ms, and one result at last.
const (
	isHello   = 'h' // who speaks, of what
	isBeat    = 'b' // empty
	isValue   = 'v'
	isFailure = 'f' // JSON
	isNothing = 'n' // the one that waits must try for itself: empty
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

// frame is an outcome for those that wait.
func (o outcome) frame() frame {
	if o.err == nil && len(o.value) <= maxFrame {
		return frame{isValue, o.value}
	}
	if o.shared != nil {
		if content, err := json.Marshal(o.shared); err == nil && len(content) <= maxFrame {
			return frame{isFailure, content}
		}
	}
	return frame{kind: isNothing}
}
