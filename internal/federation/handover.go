package federation

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"io"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"whichrole/internal/creds"
	"whichrole/internal/problem"
)

// Handover gives a secret address to the person's browser. On a command line, which is how browsers are started, every user of
// the machine can read it; so there stands an address of this machine, which leads to the secret one, once, and only for the
// person's own programs where the system tells whose they are.
type Handover struct {
	host, path string
	target     creds.Secret
	user       int // who is the person
	server     *http.Server
	log        func(format string, args ...any)

	taken sync.Once
	done  chan struct{}
}

// HandOver listens on a free port of 127.0.0.1. The error is a *problem.Error.
func HandOver(target creds.Secret, log func(format string, args ...any)) (*Handover, error) {
	return handOver(target, ourUser(), log)
}

func handOver(target creds.Secret, user int, log func(string, ...any)) (*Handover, error) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, problem.New(problem.Failure, "no port of 127.0.0.1 can be listened on: %v", err).WithHint("whichrole console --print").Because(err)
	}
	h := &Handover{host: listener.Addr().String(), path: "/" + rand.Text(), target: target, user: user, log: log, done: make(chan struct{})}
	h.server = &http.Server{
		Handler: http.HandlerFunc(h.serve), MaxHeaderBytes: 16 << 10, DisableGeneralOptionsHandler: true,
		ReadTimeout: 5 * time.Second, WriteTimeout: 5 * time.Second,
	}
	h.server.SetKeepAlivesEnabled(false)
	go h.server.Serve(listener) // ends with Close
	return h, nil
}

// URL is what the browser is started with.
func (h *Handover) URL() string { return "http://" + h.host + h.path }

// Wait returns nil when a browser has the address, or why ctx has ended.
func (h *Handover) Wait(ctx context.Context) error {
	select {
	case <-h.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close ends the listener, after the browser has got its answer.
func (h *Handover) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if h.server.Shutdown(ctx) != nil {
		h.server.Close()
	}
}

func (h *Handover) serve(w http.ResponseWriter, r *http.Request) {
	head := w.Header()
	head.Set("Content-Type", "text/plain; charset=utf-8")
	head.Set("X-Content-Type-Options", "nosniff")
	head.Set("Cache-Control", "no-store")
	head.Set("Referrer-Policy", "no-referrer")
	status, text := h.judge(r)
	if status == http.StatusOK {
		first := false
		h.taken.Do(func() { first = true })
		if !first {
			status, text = http.StatusGone, "This was opened already. If that was not you, revoke the role's sessions in IAM."
		}
	}
	if status != http.StatusOK {
		w.WriteHeader(status)
		io.WriteString(w, text+"\n")
		return
	}
	head.Set("Location", h.target.Reveal())
	w.WriteHeader(http.StatusFound)
	close(h.done)
}

// judge tells whether a request is the person's browser's.
func (h *Handover) judge(r *http.Request) (status int, text string) {
	switch {
	case r.Host != h.host: // a name that somebody lets point to 127.0.0.1
		return http.StatusForbidden, "this is not for you"
	case subtle.ConstantTimeCompare([]byte(r.URL.Path), []byte(h.path)) != 1:
		return http.StatusNotFound, "there is nothing here"
	case r.Method != http.MethodGet:
		return http.StatusMethodNotAllowed, "only GET is answered"
	case h.isStrangers(r.RemoteAddr):
		h.log("another user of this machine has tried to open the console's address, in vain")
		return http.StatusForbidden, "this is not for you"
	}
	return http.StatusOK, ""
}

// isStrangers tells whether the program at the other end is known to be another user's. Root reads all memory anyway, and in
// WSL connections of Windows's browser are root's.
func (h *Handover) isStrangers(remote string) bool {
	from, err := netip.ParseAddrPort(remote)
	to, wrong := netip.ParseAddrPort(h.host)
	if err != nil || wrong != nil {
		return false
	}
	uid, known := ownerOf(from, to)
	return known && uid != 0 && uid != h.user
}
