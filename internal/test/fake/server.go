// Package fake is what the stand-ins for AWS's services have in common: a server on loopback, what goes wrong in it on demand,
// and a log of who called.
package fake

import (
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"time"
)

// Portal is the page of a captive portal, which answers in everybody's place.
const Portal = "<html><body>Welcome to Hotel WiFi! <a href=/login>log in</a></body>"

// Server listens on 127.0.0.1, on a port that was free. Its methods may be called from any goroutine.
type Server struct {
	URL string // of its root

	http   *httptest.Server
	closed chan struct{}
	once   sync.Once
	serial atomic.Int64
}

// Listen serves until Close; with tls https, and a certificate that nobody knows.
func Listen(serve http.HandlerFunc, tls bool) *Server {
	s := &Server{http: httptest.NewUnstartedServer(serve), closed: make(chan struct{})}
	s.http.Config.ErrorLog = log.New(io.Discard, "", 0) // which complains about cut connections, and those are what faults are for
	if tls {
		s.http.StartTLS()
	} else {
		s.http.Start()
	}
	s.URL = s.http.URL
	return s
}

// Close ends the server and everything that hangs in it. A second one does nothing.
func (s *Server) Close() {
	s.once.Do(func() {
		close(s.closed)
		s.http.CloseClientConnections()
		s.http.Close()
	})
}

// Address is the host and port that it listens on.
func (s *Server) Address() string { return s.http.Listener.Addr().String() }

// CA is the PEM certificate that a client must know when the server speaks TLS; nil when it does not.
func (s *Server) CA() []byte {
	if s.http.Certificate() == nil {
		return nil
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.http.Certificate().Raw})
}

// RequestID counts instead of drawing lots, so that tests can name it.
func (s *Server) RequestID() string {
	return fmt.Sprintf("00000000-0000-4000-8000-%012d", s.serial.Add(1))
}

// Wait pauses, and tells whether the client is still there afterwards.
func (s *Server) Wait(r *http.Request, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
	case <-s.closed:
	}
	return false
}

// Hang waits for the client to give up, and never returns: net/http would answer after all.
func (s *Server) Hang(r *http.Request) {
	s.Wait(r, time.Hour)
	panic(http.ErrAbortHandler)
}
