package transport

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"net/url"
	"time"
)

// attempts are how often a call is made in all.
const attempts = 3

// Request is one call that is not signed. Its URL and header may hold what is secret.
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

// Do makes a call, and again where the connection broke or the answer was 429 or 5xx: up to three times, with short pauses.
// It makes no call over plain HTTP but to this machine: such calls carry tokens. An error is a *Silence, made for an error
// message; where the context was cancelled it is the context's.
func (w *Way) Do(ctx context.Context, r Request) (*Answer, error) {
	u, err := url.Parse(r.URL)
	if err != nil || u.Host == "" {
		return nil, &Silence{What: "what should be asked is no URL"} // unquoted: it may hold a password
	}
	place := Place{Host: u.Host, Service: "AWS"}
	if u.Scheme != "https" && !(u.Scheme == "http" && onLoopback(u.Hostname())) {
		return nil, &Silence{u.Host + " is not asked: a token would go there without TLS", "the URL must begin with https://"}
	}
	for attempt := 1; ; attempt++ {
		answer, err := w.once(ctx, r, u.Host)
		again := err != nil && !Hopeless(err) || err == nil && (answer.Status == http.StatusTooManyRequests || answer.Status >= 500)
		if again && attempt < attempts && pause(ctx, attempt, err == nil && answer.Status == http.StatusTooManyRequests) {
			continue
		}
		if ctx.Err() == context.Canceled {
			return nil, ctx.Err()
		}
		if err != nil {
			status := 0
			if answer != nil {
				status = answer.Status
			}
			return nil, place.Silence(err, status)
		}
		return answer, nil
	}
}

// once gives an answer together with an error where its body could not be read.
func (w *Way) once(ctx context.Context, r Request, host string) (*Answer, error) {
	req, err := http.NewRequestWithContext(ctx, r.Method, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return nil, err
	}
	for name, value := range r.Header {
		req.Header.Set(name, value)
	}
	resp, err := w.HTTP.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer := &Answer{Status: resp.StatusCode, Header: resp.Header, Host: host}
	answer.Body, err = io.ReadAll(resp.Body)
	return answer, err
}

// pause waits before the next try. It is false at once where that would outlast the context.
func pause(ctx context.Context, attempt int, throttled bool) bool {
	pause := Pause(attempt, throttled)
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < pause {
		return false
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// Pause is how long to wait after that attempt (from 1): 0.1 s or, where AWS asked for less haste, 1 s, doubled with each
// attempt, less up to a half at random.
func Pause(attempt int, throttled bool) time.Duration {
	pause := 100 * time.Millisecond
	if throttled {
		pause = time.Second
	}
	pause <<= min(max(attempt-1, 0), 4)
	return pause - rand.N(pause/2)
}

func onLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// HostOf is the host of an endpoint's URL, and its port where it has one; "" for what is no http or https URL.
func HostOf(endpoint string) string {
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	return u.Host
}
