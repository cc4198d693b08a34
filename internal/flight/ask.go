package flight

import (
	"bytes"
	"context"
	"net"
	"os"
	"path/filepath"
	"time"

	"whichrole/internal/peer"
)

// beatEvery is how often the leader says that it lives, and maxMissed how many beats may be missing: 2 s. They are counted
// and not timed, so that one who was stopped together with the leader gives it time when both go on.
const (
	beatEvery = 250 * time.Millisecond
	maxMissed = 8
)

// What asking may come to, besides what a frame can be.
const (
	isAbsent = 'a' // nobody is there, or what is there makes no sense
	isGone   = 'g' // the leader said hello, and hung up
	isSilent = 's'
)

type answer struct {
	kind byte
	outcome
}

// ask waits at the leader's socket until it says what came of it, hangs up, falls silent or ctx ends.
func (l *lane) ask(ctx context.Context) answer {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", filepath.Join(l.path, l.sockName))
	if err != nil {
		return answer{kind: isAbsent}
	}
	defer conn.Close()
	pid, ours := sameUser(conn, os.Geteuid())
	if !ours {
		return answer{kind: isAbsent}
	}
	l.spokeTo = pid
	beat := time.NewTicker(beatEvery)
	defer beat.Stop()
	frames := framesOf(ctx, conn, helloOf(l.id).content)
	ended := answer{kind: isAbsent}
	for missed := 0; missed < maxMissed; {
		select {
		case f, open := <-frames:
			if !open {
				return ended
			}
			if a, final := f.answer(); final {
				return a
			}
			missed, ended.kind = 0, isGone
			l.nameHolder()
		case <-beat.C:
			missed++
		case <-ctx.Done():
			return ended
		}
	}
	return answer{kind: isSilent}
}

// sameUser tells whether the other end of conn belongs to that user, and its process: 0 where that is unknown.
func sameUser(conn net.Conn, uid int) (pid int, ours bool) {
	who, pid, err := peer.Of(conn)
	if err != nil || who != uid {
		return 0, false
	}
	return pid, true
}

// framesOf reads until ctx ends, the connection does, or what comes makes no sense. The hello is part of that: without
// the right one nothing is passed on.
func framesOf(ctx context.Context, conn net.Conn, hello []byte) <-chan frame {
	frames := make(chan frame)
	go func() {
		defer close(frames)
		for greeted := false; ; greeted = true {
			f, err := readFrame(conn)
			if err != nil || !greeted && (f.kind != isHello || !bytes.Equal(f.content, hello)) {
				return
			}
			select {
			case frames <- f:
			case <-ctx.Done():
				return
			}
		}
	}()
	return frames
}

// answer is what a frame says. It is not final while the leader only says that it lives.
func (f frame) answer() (a answer, final bool) {
	switch f.kind {
	case isHello, isBeat:
		return answer{}, false
	case isValue:
		return answer{isValue, outcome{value: f.content}}, true
	case isFailure:
		if shared := decodeFailure(f.content); shared != nil {
			return answer{isFailure, outcome{err: shared.problem()}}, true
		}
	}
	return answer{kind: isAbsent}, true
}
