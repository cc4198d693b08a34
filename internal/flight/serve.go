package flight

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// handOver is how long the leader waits for those that don't take the result (stopped, with a full buffer).
	handOver = time.Second

	// maxServed is how many wait at the socket. More of them wait for the lock.
	maxServed = 200
)

// server is the leader's side of the socket. All that come see it alive, and get the result when there is one.
type server struct {
	listener *net.UnixListener
	dir      *os.Root
	name     string // of the socket in dir
	hello    []byte

	accepted chan struct{} // closed when accept has ended
	served   int           // of accept, then of finish
	serving  sync.WaitGroup
	handed   atomic.Int32

	done   chan struct{} // closed when there is a result
	result []byte        // a frame, or nil

	over context.Context // ends the connections
	end  context.CancelFunc
}

// listen is nil where there can be no socket: a path that is too long, a Windows before 10, seccomp, a full disk. What a
// dead leader left behind is in the way and removed, whatever it is: we hold the lock.
func (l *lane) listen() *server {
	addr := &net.UnixAddr{Name: filepath.Join(l.path, l.sockName), Net: "unix"}
	listener, err := net.ListenUnix("unix", addr)
	if err != nil {
		l.dir.Remove(l.sockName)
		listener, err = net.ListenUnix("unix", addr)
	}
	if err != nil {
		l.log("nobody who waits can be told what comes of it: %v", err)
		return nil
	}
	listener.SetUnlinkOnClose(false) // finish does it, earlier
	s := &server{
		listener: listener, dir: l.dir, name: l.sockName, hello: helloOf(l.id).bytes(),
		accepted: make(chan struct{}), done: make(chan struct{}),
	}
	s.over, s.end = context.WithCancel(context.Background())
	go s.accept()
	return s
}

// accept ends when finish sets a deadline. After any other error nobody is served any more: they wait for the lock.
func (s *server) accept() {
	defer close(s.accepted)
	for {
		conn, err := s.listener.AcceptUnix()
		if err != nil {
			return
		}
		s.welcome(conn)
	}
}

func (s *server) welcome(conn *net.UnixConn) {
	if s.served++; s.served > maxServed {
		conn.Close()
		return
	}
	s.serving.Go(func() { s.serve(conn) })
}

func (s *server) serve(conn *net.UnixConn) {
	defer conn.Close()
	defer context.AfterFunc(s.over, func() { conn.Close() })()
	if _, ours := sameUser(conn, os.Geteuid()); !ours {
		return
	}
	beat := time.NewTicker(beatEvery)
	defer beat.Stop()
	for say := s.hello; ; say = (frame{kind: isBeat}).bytes() {
		if _, err := conn.Write(say); err != nil {
			return
		}
		select {
		case <-beat.C:
		case <-s.done:
			if s.result == nil {
				return
			}
			if _, err := conn.Write(s.result); err == nil {
				s.handed.Add(1)
			}
			return
		}
	}
}

// finish hands the result (a frame, or nil) to all that have come, and ends the server. It tells how many took it.
func (s *server) finish(result []byte) int {
	s.dir.Remove(s.name) // so that nobody comes any more
	s.listener.SetDeadline(time.Unix(1, 0))
	<-s.accepted
	s.listener.SetDeadline(time.Time{})
	for pending(s.listener) {
		conn, err := s.listener.AcceptUnix()
		if err != nil {
			break
		}
		s.welcome(conn)
	}
	s.listener.Close()
	s.result = result
	close(s.done)
	defer s.end()
	defer time.AfterFunc(handOver, s.end).Stop()
	s.serving.Wait()
	return int(s.handed.Load())
}
