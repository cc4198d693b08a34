package instance

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"

	"whichrole/internal/creds"
	"whichrole/internal/transport"
)

const (
	maxAnswer = 64 << 10 // bytes; a token may have 16 KiB, all else is small
	maxHeader = 16 << 10
)

var errTooLarge = errors.New("the answer is too large")

// visit is one Get.
type visit struct {
	World
	place
	http    *http.Client
	secrets []creds.Secret // what no error may show
}

// visit prepares a client of its own: AWS's would look for proxies, wait longer, and fall back to IMDSv1.
func (w World) visit(p place) *visit {
	dial := w.dial
	if p.beside {
		dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			return w.dialBeside(ctx, p, network, address)
		}
	}
	return &visit{World: w, place: p, http: &http.Client{
		Transport: &http.Transport{
			DialContext:            dial,
			TLSClientConfig:        &tls.Config{RootCAs: w.Roots, MinVersion: tls.VersionTLS12},
			MaxResponseHeaderBytes: maxHeader,
		},
		// Whoever answers could name the next one to send the token to.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (w World) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if w.Dial != nil {
		return w.Dial(ctx, network, address)
	}
	return (&net.Dialer{}).DialContext(ctx, network, address)
}

// dialBeside connects to the very addresses that it has judged: a name could lead elsewhere when it is looked up again. As
// in the SDKs, one bad address spoils the name.
func (w World) dialBeside(ctx context.Context, p place, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	addrs, err := w.addresses(ctx, host)
	if err != nil {
		return nil, err
	}
	for _, ip := range addrs {
		if !isBeside(ip) {
			return nil, p.elsewhere()
		}
	}
	var conn net.Conn
	err = &net.DNSError{Err: "no addresses", Name: host, IsNotFound: true}
	for _, ip := range addrs {
		if conn, err = w.dial(ctx, network, net.JoinHostPort(ip.String(), port)); err == nil {
			return conn, nil
		}
	}
	return nil, err
}

func (w World) addresses(ctx context.Context, host string) ([]netip.Addr, error) {
	if ip, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{ip}, nil
	}
	if w.Lookup != nil {
		return w.Lookup(ctx, host)
	}
	return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
}

// reply is whatever the other side said, of any HTTP status.
type reply struct {
	status int
	plain  bool // text/plain: words for people
	body   []byte
}

// ask makes a request, and again where the connection broke or the service was busy. An error is a *problem.Error.
func (v *visit) ask(ctx context.Context, method, url string, header map[string]string) (*reply, error) {
	for attempt := 1; ; attempt++ {
		r, err := v.once(ctx, method, url, header)
		busy := err == nil && (r.status == http.StatusTooManyRequests || r.status >= 500)
		again := busy || transport.BrokeOff(err) || errors.Is(err, io.EOF)
		switch {
		case again && attempt < transport.Attempts && transport.Wait(ctx, attempt, false):
			continue
		case err != nil:
			return nil, v.silence(ctx, err)
		case busy:
			return nil, v.busy(r)
		}
		return r, nil
	}
}

func (v *visit) once(ctx context.Context, method, url string, header map[string]string) (*reply, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		return nil, err
	}
	for name, value := range header {
		req.Header.Set(name, value)
	}
	resp, err := v.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err == nil && len(body) > maxAnswer {
		err = errTooLarge
	}
	return &reply{resp.StatusCode, isPlain(resp.Header.Get("Content-Type")), body}, err
}
