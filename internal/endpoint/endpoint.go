// Package endpoint serves credentials on loopback to programs that cannot run a helper, as ECS and EKS serve them to containers.
package endpoint

import (
	"context"
	"crypto/rand"
	"net"
	"net/http"
	"time"

	"whichrole/internal/creds"
	"whichrole/internal/problem"
)

const (
	minToken, maxToken = 16, 256 // bytes

	maxHeader = 8 << 10         // bytes of a request; a real one has half a KiB
	patience  = 5 * time.Second // with a client that sends its request, or takes its answer, byte by byte

	// tick is how often the wall clock is looked at. A timer would not count the time that the machine sleeps.
	tick = 10 * time.Second
)

// Source gives credentials, and the end that SDKs are told. It may give those that it gave before.
type Source func(context.Context) (c creds.Credentials, expiration time.Time, err error)

// Server answers SDKs that are given its URL and token by AWS_CONTAINER_CREDENTIALS_FULL_URI and
// AWS_CONTAINER_AUTHORIZATION_TOKEN.
type Server struct {
	host, path, token string
	http              *http.Server
	held              *held
	log               func(format string, args ...any)
	end               context.CancelFunc
}

// Listen serves on a free port of 127.0.0.1, from memory: at first these credentials with this end, and from half of what is
// left of their life on what renew gives. It neither reads the environment nor asks anybody. The token is of 16 to 256 visible
// characters; now is the wall clock; log is told each step, never a secret. Errors are *problem.Error: what is no session is
// refused, because botocore takes nothing without token and end from such an endpoint.
func Listen(first creds.Credentials, expiration time.Time, token creds.Secret, renew Source, now func() time.Time, log func(format string, args ...any)) (*Server, error) {
	return listen(first, expiration, token, renew, now, log, tick)
}

func listen(first creds.Credentials, expiration time.Time, token creds.Secret, renew Source, now func() time.Time, log func(string, ...any), every time.Duration) (*Server, error) {
	if t := token.Reveal(); len(t) < minToken || !creds.Visible(t, maxToken) {
		return nil, problem.New(problem.Failure, "the token of the credentials' endpoint is not one of %d to %d visible characters", minToken, maxToken)
	}
	h := &held{renew: renew, now: now, log: log}
	if err := h.take(first, expiration); err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, problem.New(problem.Failure, "no port of 127.0.0.1 can be listened on: %v", err).WithHint("without --server none is needed").Because(err)
	}
	var ctx context.Context
	s := &Server{host: listener.Addr().String(), path: "/" + rand.Text(), token: token.Reveal(), held: h, log: log}
	ctx, s.end = context.WithCancel(context.Background())
	h.ctx = ctx
	s.http = &http.Server{
		Handler: http.HandlerFunc(s.serve), MaxHeaderBytes: maxHeader, DisableGeneralOptionsHandler: true,
		ReadTimeout: patience, WriteTimeout: patience,
	}
	s.http.SetKeepAlivesEnabled(false) // who holds a connection open would be one more to watch, and nobody asks twice in a row
	go s.http.Serve(listener)          // ends with Close
	go h.keep(every)
	return s, nil
}

// URL is where the credentials are. Its path is random, and as good a secret as the token.
func (s *Server) URL() string { return "http://" + s.host + s.path }

// Close ends it at once, with all that is under way.
func (s *Server) Close() {
	s.end()
	s.http.Close()
}
