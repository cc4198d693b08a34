package transport

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"whichrole/internal/paths"
)

const bearer = "Bearer of-a-token-that-nobody-else-may-see"

// server answers with one step after another, the last one for ever: an HTTP status, or what goes wrong.
type server struct {
	*httptest.Server
	t     *testing.T
	steps []string
	calls atomic.Int32
	ended chan struct{}
}

func newServer(t *testing.T, steps ...string) *server {
	t.Helper()
	s := &server{t: t, steps: steps, ended: make(chan struct{})}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(func() {
		close(s.ended)
		s.CloseClientConnections()
		s.Close()
	})
	return s
}

func (s *server) serve(w http.ResponseWriter, r *http.Request) {
	step := s.steps[min(int(s.calls.Add(1)), len(s.steps))-1]
	if body, err := io.ReadAll(r.Body); err != nil || r.Method != "POST" || string(body) != "what is asked" || r.Header.Get("Authorization") != bearer || r.URL.RawQuery != "a=b" {
		s.t.Errorf("%s %s with %q, %v: %v", r.Method, r.URL, body, r.Header, err)
	}
	switch step {
	case "cut":
		panic(http.ErrAbortHandler)
	case "cut body":
		w.Header().Set("Content-Length", "4000")
		io.WriteString(w, "an answ")
	case "hang":
		s.wait(r)
	case "hang in the body":
		io.WriteString(w, "an answ")
		http.NewResponseController(w).Flush()
		s.wait(r)
	case "drip":
		for r.Context().Err() == nil {
			io.WriteString(w, ".")
			http.NewResponseController(w).Flush()
			time.Sleep(10 * time.Millisecond)
		}
	case "endless":
		for r.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 64<<10)); err != nil {
				return
			}
		}
	default:
		var status int
		fmt.Sscan(step, &status)
		w.Header().Set("X-Step", step)
		w.WriteHeader(status)
		io.WriteString(w, "an answer")
	}
}

func (s *server) wait(r *http.Request) {
	select {
	case <-r.Context().Done():
	case <-s.ended:
	}
}

func (s *server) request() Request {
	return Request{Method: "POST", URL: s.URL + "/x?a=b", Header: map[string]string{"Authorization": bearer}, Body: []byte("what is asked")}
}

func open(t *testing.T, s Settings) *Way {
	t.Helper()
	w, err := Open(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	return w
}

// do has patience enough for all attempts.
func do(t *testing.T, w *Way, r Request) (*Answer, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	return w.Do(ctx, r)
}

// silent checks that err is a *Silence that says so, in one line and without a secret.
func silent(t *testing.T, err error, what, hint string) {
	t.Helper()
	s, ok := errors.AsType[*Silence](err)
	if !ok {
		t.Fatalf("%v, not a Silence", err)
	}
	if !strings.Contains(s.What, what) || !strings.Contains(s.Hint, hint) || hint == "" && s.Hint != "" || s.Error() != s.What {
		t.Errorf("%q, hint %q; want %q, hint %q", s.What, s.Hint, what, hint)
	}
	if text := s.What + s.Hint; strings.Contains(text, "hush") || strings.Contains(text, "token-that") || strings.ContainsAny(text, "\r\n\x00") {
		t.Errorf("a secret, or more than one line: %q", text)
	}
}

func TestWhatIsAskedAgainAndWhatIsNot(t *testing.T) {
	for _, c := range []struct {
		steps  []string
		calls  int32
		status int    // of the answer, or
		says   string // what is said instead of one
	}{
		{steps: []string{"200"}, calls: 1, status: 200},
		{steps: []string{"204"}, calls: 1, status: 204},
		{steps: []string{"302"}, calls: 1, status: 302},
		{steps: []string{"400"}, calls: 1, status: 400},
		{steps: []string{"401"}, calls: 1, status: 401},
		{steps: []string{"403"}, calls: 1, status: 403},
		{steps: []string{"404"}, calls: 1, status: 404},
		{steps: []string{"cut", "200"}, calls: 2, status: 200},
		{steps: []string{"cut", "cut", "400"}, calls: 3, status: 400},
		{steps: []string{"cut body", "200"}, calls: 2, status: 200},
		{steps: []string{"429", "200"}, calls: 2, status: 200},
		{steps: []string{"500", "503", "200"}, calls: 3, status: 200},
		{steps: []string{"502"}, calls: 3, status: 502},
		{steps: []string{"429"}, calls: 3, status: 429},
		{steps: []string{"cut"}, calls: 3, says: "cut the connection"},
		{steps: []string{"cut body"}, calls: 3, says: "broke off"},
	} {
		t.Run(strings.Join(c.steps, ", "), func(t *testing.T) {
			t.Parallel()
			s := newServer(t, c.steps...)
			a, err := do(t, open(t, Settings{}), s.request())
			if c.says != "" {
				silent(t, err, s.Listener.Addr().String()+" ", "")
				silent(t, err, c.says, "")
			} else if err != nil || a.Status != c.status || "http://"+a.Host != s.URL || a.Header.Get("X-Step") != fmt.Sprint(c.status) ||
				c.status != 204 && string(a.Body) != "an answer" {
				t.Errorf("%+v %v", a, err)
			}
			if n := s.calls.Load(); n != c.calls {
				t.Errorf("%d calls, want %d", n, c.calls)
			}
		})
	}
}

func TestHangingServerEndsAtTheDeadline(t *testing.T) {
	for _, step := range []string{"hang", "hang in the body", "drip"} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, step)
			ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
			defer cancel()
			start := time.Now()
			_, err := open(t, Settings{}).Do(ctx, s.request())
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("took %v", took)
			}
			silent(t, err, s.Listener.Addr().String()+" did not answer in time", "WHICHROLE_TIMEOUT")
			if n := s.calls.Load(); n != 1 {
				t.Errorf("%d calls", n)
			}
		})
	}
}

// A pause that would outlast the deadline is not begun: what was answered says more than "not in time".
func TestPauseBeyondTheDeadlineGivesTheAnswerThatIsThere(t *testing.T) {
	s := newServer(t, "429")
	ctx, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond) // the pause takes 0.5 s at least
	defer cancel()
	if a, err := open(t, Settings{}).Do(ctx, s.request()); err != nil || a.Status != 429 || s.calls.Load() != 1 {
		t.Errorf("%+v %v after %d calls", a, err, s.calls.Load())
	}
}

func TestWaitThatMustFailFailsAtOnce(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 6*time.Second)
	defer cancel()
	if Wait(ctx, 5, true) || ctx.Err() != nil { // a pause of 8 s at least
		t.Errorf("waited for the deadline: %v", ctx.Err())
	}
	if !Wait(ctx, 1, false) {
		t.Error("did not wait")
	}
	cancel()
	if Wait(ctx, 1, false) {
		t.Error("nobody waits any more")
	}
}

func TestInterruptedCallIsNoFailureOfTheNetwork(t *testing.T) {
	for _, step := range []string{"hang", "hang in the body", "429", "500", "cut"} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, step)
			ctx, cancel := context.WithCancelCause(t.Context())
			go func() {
				for s.calls.Load() == 0 {
					time.Sleep(time.Millisecond)
				}
				time.Sleep(20 * time.Millisecond) // the pause after it has begun
				cancel(errors.New("SIGINT"))
			}()
			if _, err := open(t, Settings{}).Do(ctx, s.request()); err != context.Canceled {
				t.Errorf("%v", err)
			}
		})
	}
}

// Behind a good answer may be a refresh token that is good for one use.
func TestGoodAnswerOutlivesAnInterruption(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	w := open(t, Settings{})
	w.HTTP.Transport = roundTrip(func(*http.Request) (*http.Response, error) {
		cancel()
		return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader("new"))}, nil
	})
	if a, err := w.Do(ctx, Request{URL: "https://sts.example.test"}); err != nil || string(a.Body) != "new" {
		t.Errorf("%+v %v", a, err)
	}
}

func TestTokenNeverGoesOutInTheClear(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("the proxy was asked for %s", r.URL) }))
	defer proxy.Close()
	w := open(t, Settings{Env: paths.Env{"HTTP_PROXY": proxy.URL, "HTTPS_PROXY": proxy.URL}})
	for _, u := range []string{
		"http://sts.example.test", "HTTP://sts.example.test", "http://localhost.evil.example", "http://127.0.0.1.evil.example", "http://127.0.0.1.evil",
		"http://localhost@evil.example", "http://localhost:80@evil.example/", "http://u:hush@evil.example", "http://127.0.0.1%40evil.example",
		"http://evil.example#@localhost", "http://evil.example?@localhost", "http://evil.example/@127.0.0.1", `http://evil.example\@localhost`,
		"http://localhost%2eevil.example", "http://localhost.", "http://localhosT.evil", "http://0.0.0.0", "http://[::]", "http://10.0.0.1",
		"http://169.254.169.254", "http://[fd00:ec2::254]", "http://2130706433", "http://0x7f000001", "http://127.1", "http://127.0.0.01", "http://[::ffff:10.0.0.1]",
		"http:localhost", "http:///localhost", "//localhost", "localhost", "", "http://", "http://:80", "ftp://localhost", "file:///etc/passwd",
		"http://local\nhost", "http://u:hush%zz@localhost", "javascript:alert(1)", "unix:///run/x",
	} {
		_, err := w.Do(t.Context(), Request{URL: u, Header: map[string]string{"Authorization": bearer}})
		if s, ok := errors.AsType[*Silence](err); !ok || !strings.Contains(s.What, "is not asked") && !strings.Contains(s.What, "is not an http or https URL") {
			t.Errorf("%s: %v", u, err)
		} else {
			silent(t, err, "", s.Hint)
		}
	}
}

func TestThisMachineIsAskedInTheClearAndWithoutAProxy(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("the proxy was asked for %s", r.URL) }))
	defer proxy.Close()
	w := open(t, Settings{Env: paths.Env{"HTTP_PROXY": proxy.URL, "http_proxy": proxy.URL}})
	s := newServer(t, "200")
	port := s.URL[strings.LastIndexByte(s.URL, ':'):]
	for _, host := range []string{"127.0.0.1", "u:p@127.0.0.1", "[::ffff:127.0.0.1]", "localhost", "LOCALHOST"} {
		r := s.request()
		r.URL = "http://" + host + port + "/x?a=b"
		if a, err := do(t, w, r); err != nil || a.Status != 200 {
			t.Errorf("%s: %v", host, err)
		}
	}
}

func TestRedirectIsNotFollowed(t *testing.T) {
	thief := newServer(t, "200")
	for _, status := range []int{301, 302, 303, 307, 308} {
		s := httptest.NewServer(http.RedirectHandler(thief.URL, status))
		a, err := do(t, open(t, Settings{}), Request{Method: "GET", URL: s.URL, Header: map[string]string{"Authorization": bearer}})
		if err != nil || a.Status != status {
			t.Errorf("%+v %v", a, err)
		}
		s.Close()
	}
	if thief.calls.Load() != 0 {
		t.Error("the token went where an answer pointed to")
	}
}

func TestAnswerIsBounded(t *testing.T) {
	for size, says := range map[int]string{maxAnswer: "", maxAnswer + 1: "is larger than 256 KiB"} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, size)) }))
		a, err := do(t, open(t, Settings{}), Request{URL: s.URL})
		if says != "" {
			silent(t, err, says, "captive portal")
		} else if err != nil || len(a.Body) != size {
			t.Errorf("%d bytes: %v", size, err)
		}
		s.Close()
	}
	s := newServer(t, "endless")
	_, err := do(t, open(t, Settings{}), s.request())
	silent(t, err, "the answer of "+s.Listener.Addr().String()+" is larger than 256 KiB", "captive portal")
	if n := s.calls.Load(); n != 1 {
		t.Errorf("an endless answer was asked for %d times", n)
	}
}

func TestCompressedAnswerDoesNotUnfold(t *testing.T) {
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	z.Write(make([]byte, 4<<20))
	z.Close()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "" {
			t.Errorf("accepts %s", r.Header.Get("Accept-Encoding"))
		}
		w.Header().Set("Content-Encoding", "gzip")
		w.Write(bomb.Bytes())
	}))
	defer s.Close()
	if a, err := do(t, open(t, Settings{}), Request{URL: s.URL}); err != nil || !bytes.Equal(a.Body, bomb.Bytes()) {
		t.Errorf("%v", err)
	}
}

// listen serves connections that are not HTTP's.
func listen(t *testing.T, serve func(net.Conn)) (address string, calls *atomic.Int32) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	calls = new(atomic.Int32)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			calls.Add(1)
			go func() {
				defer c.Close()
				c.Read(make([]byte, 4<<10)) // what is unread at the end would cut off what was written
				serve(c)
			}()
		}
	}()
	return l.Addr().String(), calls
}

func TestWhatIsNoHTTP(t *testing.T) {
	address, _ := listen(t, func(c net.Conn) { io.WriteString(c, "SSH-2.0-hush\r\n") })
	_, err := do(t, open(t, Settings{}), Request{URL: "http://" + address})
	silent(t, err, address+" does not speak HTTP", "captive portal")
	_, err = do(t, open(t, Settings{}), Request{URL: "https://" + address})
	silent(t, err, address+" does not speak TLS", "captive portal")

	address, _ = listen(t, func(c net.Conn) {
		io.WriteString(c, "HTTP/1.1 200 OK\r\n")
		for range 100 {
			if _, err := io.WriteString(c, "X-Hush: "+strings.Repeat("hush", 1<<10)+"\r\n"); err != nil {
				return
			}
		}
		io.WriteString(c, "Content-Length: 0\r\n\r\n")
	})
	_, err = do(t, open(t, Settings{}), Request{URL: "http://" + address})
	silent(t, err, address+" cut the connection", "")

	address, _ = listen(t, func(c net.Conn) {
		io.WriteString(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhush\r\n")
	})
	_, err = do(t, open(t, Settings{}), Request{URL: "http://" + address})
	silent(t, err, "what "+address+" answers (HTTP 200) cannot be read", "captive portal")
}

func TestNobodyListens(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	_, err = do(t, open(t, Settings{}), Request{URL: "http://" + l.Addr().String()})
	silent(t, err, l.Addr().String()+" refuses connections", "look at the network")
}

// A token that was read with its line's end would go out as a header of its own; the libraries' error is one of the network.
func TestHeaderOfTwoLinesIsNotSent(t *testing.T) {
	s := newServer(t, "200")
	for _, value := range []string{"Bearer of-a-token-that\n", "x\r\nHost: evil.example", "x\x00"} {
		_, err := do(t, open(t, Settings{}), Request{URL: s.URL, Header: map[string]string{"Authorization": value}})
		silent(t, err, "is not asked: the header Authorization would hold a control character", "")
	}
	if s.calls.Load() != 0 {
		t.Error("it was sent")
	}
}

// Without a length it would go out in chunks, which not every server takes where there is nothing.
func TestEmptyBodySaysThatItIsEmpty(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.ContentLength != 0 || len(r.TransferEncoding) > 0 || r.Method == "POST" && r.Header.Get("Content-Length") != "0" {
			t.Errorf("%s: %d bytes, %v, %v", r.Method, r.ContentLength, r.TransferEncoding, r.Header)
		}
	}))
	defer s.Close()
	for _, method := range []string{"GET", "POST"} {
		if _, err := do(t, open(t, Settings{}), Request{Method: method, URL: s.URL}); err != nil {
			t.Error(err)
		}
	}
}

func TestHostOf(t *testing.T) {
	for endpoint, want := range map[string]string{
		"https://sts.eu-west-1.amazonaws.com": "sts.eu-west-1.amazonaws.com", "http://127.0.0.1:4566/x?y": "127.0.0.1:4566", "https://u:p@x/": "x",
		"HTTPS://X": "X", "https://[::1]:80": "[::1]:80",
		"": "", "x": "", "ftp://x": "", "https://": "", "https://:443": "", "https:x": "", "https://u:hush%zz@x": "", "https://a b": "",
	} {
		if got := HostOf(endpoint); got != want {
			t.Errorf("%s: %q", endpoint, got)
		}
	}
}

func TestPause(t *testing.T) {
	for range 100 {
		for attempt, longest := range map[int]time.Duration{-1: 1, 0: 1, 1: 1, 2: 2, 3: 4, 5: 16, 99: 16} {
			for throttled, unit := range map[bool]time.Duration{false: 100 * time.Millisecond, true: time.Second} {
				if p := pauseAfter(attempt, throttled); p > longest*unit || p < longest*unit/2 {
					t.Errorf("after attempt %d, throttled %v: %v", attempt, throttled, p)
				}
			}
		}
	}
}
