package transport

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// Attempts are how often a call is made in all.
const Attempts = 3

// Request is one call that is not signed. Its URL, header and body may hold what is secret.
type Request struct {
	Method string
	URL    string
	Header map[string]string
	Body   []byte
}

// Answer is whatever the other side said, of any HTTP status.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte // at most 256 KiB
	Host   string // that was asked
}

// Do makes a call, and again where the connection broke or the answer was 429 or 5xx: up to three times, with short pauses,
// within the time that ctx leaves. It makes no call over plain HTTP but to this machine: such calls carry tokens. An error is
// a *Silence, made for an error message, or context.Canceled where the call was interrupted.
func (w *Way) Do(ctx context.Context, r Request) (*Answer, error) {
	first, silence := r.prepare(ctx)
	if silence != nil {
		return nil, silence
	}
	for attempt := 1; ; attempt++ {
		answer, err := w.once(first)
		throttled := err == nil && answer.Status == http.StatusTooManyRequests
		again := throttled || err == nil && answer.Status >= 500 || err != nil && !Hopeless(err)
		switch {
		case again && attempt < Attempts && Wait(ctx, attempt, throttled):
			continue
		case again && ctx.Err() == context.Canceled:
			return nil, context.Canceled
		case err != nil:
			return nil, Place{Host: answer.Host}.Silence(err, answer.Status)
		}
		return answer, nil
	}
}

// prepare refuses what must not be sent.
func (r Request) prepare(ctx context.Context) (*http.Request, *Silence) {
	req, err := http.NewRequestWithContext(ctx, r.Method, r.URL, bytes.NewReader(r.Body))
	if err != nil || HostOf(r.URL) == "" {
		return nil, &Silence{What: "what should be asked is not an http or https URL"} // unquoted: it may hold a password
	}
	host := req.URL.Host
	if InClear(r.URL) {
		return nil, &Silence{host + " is not asked: a token would go there without TLS", "the URL must begin with https://"}
	}
	for name, value := range r.Header {
		if strings.ContainsFunc(value, func(c rune) bool { return c < ' ' || c == 0x7f }) { // a secret that was read with its line's end
			return nil, &Silence{What: host + " is not asked: the header " + name + " would hold a control character"}
		}
		req.Header.Set(name, value)
	}
	return req, nil
}

// once gives as much of an answer as there is, together with an error where that is not all.
func (w *Way) once(first *http.Request) (*Answer, error) {
	answer := &Answer{Host: first.URL.Host}
	req := first.Clone(first.Context())
	var err error
	if req.Body, err = first.GetBody(); err != nil {
		return answer, err
	}
	resp, err := w.HTTP.Do(req)
	if err != nil {
		return answer, err
	}
	defer resp.Body.Close()
	answer.Status, answer.Header = resp.StatusCode, resp.Header
	answer.Body, err = io.ReadAll(resp.Body)
	return answer, err
}

// Wait pauses before the attempt after this one (from 1). It is false where ctx ends before; where that is known in advance,
// at once.
func Wait(ctx context.Context, attempt int, throttled bool) bool {
	pause := pauseAfter(attempt, throttled)
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < pause {
		return false
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

// pauseAfter is how long to wait after that attempt (from 1): 0.1 s or, where AWS asked for less haste, 1 s, doubled with each
// attempt, less up to a half at random.
func pauseAfter(attempt int, throttled bool) time.Duration {
	pause := 100 * time.Millisecond
	if throttled {
		pause = time.Second
	}
	pause <<= min(max(attempt-1, 0), 4)
	return pause - rand.N(pause/2)
}

// InClear tells whether a token would be anybody's on the way to that URL: no TLS, and not this machine.
func InClear(address string) bool {
	u, err := url.Parse(address)
	return err != nil || u.Scheme != "https" && !onLoopback(u.Hostname())
}

// onLoopback tells whether a host is this machine, whatever its resolver may say. Such hosts are never proxied.
func onLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && ip.IsLoopback()
}

// HostOf is the host of an endpoint's URL, and its port where it has one; "" for what is no http or https URL.
func HostOf(endpoint string) string {
	u, err := url.Parse(endpoint)
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	return u.Host
}
