package sso

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"whichrole/internal/creds"
)

const callbackPath = "/oauth/callback"

// callback is the listener on loopback that AWS's page sends the browser to. Every page in that browser, and every program of
// this machine, can reach it: only a request that knows the state has any effect, and only the first one.
type callback struct {
	state    string
	host     string // 127.0.0.1:PORT
	server   *http.Server
	answered atomic.Bool
	received chan received
}

type received struct {
	code string
	err  error
}

func listen() (*callback, error) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	b := &callback{state: rand.Text(), host: listener.Addr().String(), received: make(chan received, 1)}
	b.server = &http.Server{Handler: http.HandlerFunc(b.serve), ReadHeaderTimeout: 5 * time.Second, MaxHeaderBytes: 2 * maxToken}
	go b.server.Serve(listener) // ends with close
	return b, nil
}

func (b *callback) uri() string { return "http://" + b.host + callbackPath }

func (b *callback) serve(w http.ResponseWriter, r *http.Request) {
	status, text := b.take(r)
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer") // the code is in this page's address
	h.Set("Connection", "close")
	w.WriteHeader(status)
	io.WriteString(w, text+"\n")
}

// take judges a request. What it answers repeats nothing of it.
func (b *callback) take(r *http.Request) (status int, text string) {
	switch {
	case r.Host != b.host: // a name that somebody lets point to 127.0.0.1
		return http.StatusForbidden, "this is not for you"
	case r.URL.Path != callbackPath:
		return http.StatusNotFound, "there is nothing here"
	case r.Method != http.MethodGet:
		return http.StatusMethodNotAllowed, "only GET is answered"
	}
	query := r.URL.Query()
	if subtle.ConstantTimeCompare([]byte(query.Get("state")), []byte(b.state)) != 1 {
		return http.StatusBadRequest, "this is not the answer to the login that whichrole asked for"
	}
	answer := received{code: query.Get("code")}
	switch {
	case query.Get("error") == "access_denied":
		answer.err = &refusal{code: "AccessDeniedException"}
	case query.Has("error") || !creds.Visible(answer.code, maxToken):
		answer.err = &refusal{code: "the browser came back without a code"}
	}
	if b.answered.Swap(true) {
		return http.StatusGone, "this login has been answered already"
	}
	b.received <- answer
	if answer.err != nil {
		return http.StatusOK, "The login was not confirmed. This window may be closed."
	}
	return http.StatusOK, "whichrole has what it needs: the rest happens in the terminal. This window may be closed."
}

// wait is the code, once. The error is a *refusal, or why the context has ended.
func (b *callback) wait(ctx context.Context) (code string, err error) {
	select {
	case answer := <-b.received:
		return answer.code, answer.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// close ends the listener, after the browser has got its page.
func (b *callback) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if b.server.Shutdown(ctx) != nil {
		b.server.Close()
	}
}
