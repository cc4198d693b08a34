package endpoint

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"whichrole/internal/creds"
	"whichrole/internal/problem"
)

func TestAnswerIsWhatContainersAreGiven(t *testing.T) {
	w := newWorld(t)
	a := w.ask(w.serve())
	want := map[string]string{
		"AccessKeyId": "ASIAENDPOINTTEST0000", "SecretAccessKey": "secret/never+shown", "Token": "token/never+shown==",
		"Expiration": "2026-11-22T09:59:00Z", "AccountId": "111111111111",
	}
	if a.status != 200 || !maps.Equal(a.fields, want) {
		t.Errorf("%d %v", a.status, a.fields)
	}
	for name, value := range map[string]string{"Content-Type": "application/json", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"} {
		if a.header.Get(name) != value {
			t.Errorf("%s: %q", name, a.header.Get(name))
		}
	}
}

// Each program of this machine, of any user's, and each page in a browser can reach the port.
func TestOnlyWhoHasHostPathAndTokenIsAnswered(t *testing.T) {
	w := newWorld(t)
	s := w.serve()
	at, err := url.Parse(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	port := at.Port()
	for name, c := range map[string]struct {
		method, host, path string
		tokens             []string
		status             int
	}{
		"a name that points to loopback": {host: "rebound.example:" + port, status: 403},
		"localhost":                      {host: "localhost:" + port, status: 403},
		"no port":                        {host: "127.0.0.1", status: 403},
		"another port":                   {host: "127.0.0.1:1", status: 403},
		"another form of the address":    {host: "127.1:" + port, status: 403},
		"the root":                       {path: "/", status: 404},
		"what IMDS has":                  {path: "/latest/meta-data/iam/security-credentials/", status: 404},
		"a shorter path":                 {path: at.Path[:len(at.Path)-1], status: 404},
		"a longer path":                  {path: at.Path + "/", status: 404},
		"a path that leads back":         {path: "/x/.." + at.Path, status: 404},
		"two slashes":                    {path: "/" + at.Path, status: 404},
		"small letters":                  {path: strings.ToLower(at.Path), status: 404},
		"a post":                         {method: "POST", status: 405},
		"a look":                         {method: "HEAD", status: 405},
		"a preflight":                    {method: "OPTIONS", status: 405},
		"a put":                          {method: "PUT", status: 405},
		"a trace":                        {method: "TRACE", status: 405},
		"no token":                       {tokens: []string{}, status: 401},
		"an empty token":                 {tokens: []string{""}, status: 401},
		"another token":                  {tokens: []string{strings.Repeat("x", len(token))}, status: 401},
		"a shorter token":                {tokens: []string{token[:len(token)-1]}, status: 401},
		"a longer token":                 {tokens: []string{token + "x"}, status: 401},
		"a kind of token":                {tokens: []string{"Bearer " + token}, status: 401},
		"two tokens":                     {tokens: []string{token, "x"}, status: 401},
		"two tokens, the other way":      {tokens: []string{"x", token}, status: 401},
	} {
		t.Run(name, func(t *testing.T) {
			r := &http.Request{Method: "GET", URL: &url.URL{Scheme: "http", Host: at.Host, Path: at.Path}, Host: c.host, Header: http.Header{"Authorization": {token}}}
			if c.method != "" {
				r.Method = c.method
			}
			if c.path != "" {
				r.URL.Path = c.path
			}
			if c.tokens != nil {
				r.Header["Authorization"] = c.tokens
			}
			a := w.send(r)
			all := a.text + fmt.Sprint(a.header)
			if a.status != c.status || strings.Contains(all, "ASIA") || strings.Contains(all, "never+shown") || strings.Contains(all, at.Path) || strings.Contains(all, token) {
				t.Errorf("%d %s %v", a.status, a.text, a.header)
			}
			if c.method == "" && (a.fields["code"] == "" || a.fields["message"] == "") {
				t.Errorf("no words: %s", a.text)
			}
			if location := a.header.Get("Location") + a.header.Get("Access-Control-Allow-Origin"); location != "" {
				t.Errorf("%v", a.header)
			}
		})
	}
	if a := w.ask(s); a.status != 200 {
		t.Errorf("after them: %d %s", a.status, a.text)
	}
	if said := w.said(); strings.Contains(said, token) || strings.Contains(said, at.Path) || strings.Contains(said, "never+shown") {
		t.Error(said)
	}
}

func TestRawRequestsThatNoClientSends(t *testing.T) {
	w := newWorld(t)
	s := w.serve()
	auth := "Host: " + s.host + "\r\nAuthorization: " + token + "\r\n"
	for name, c := range map[string]struct {
		request string
		status  string
	}{
		"a proxy's form for elsewhere": {"GET http://elsewhere.example" + s.path + " HTTP/1.1\r\n" + auth + "\r\n", "403"},
		"no host at all":               {"GET " + s.path + " HTTP/1.0\r\nAuthorization: " + token + "\r\n\r\n", "403"},
		"two hosts":                    {"GET " + s.path + " HTTP/1.1\r\nHost: elsewhere.example\r\n" + auth + "\r\n", "400"},
		"all of the server":            {"OPTIONS * HTTP/1.1\r\n" + auth + "\r\n", "404"},
		"a tunnel":                     {"CONNECT " + s.host + " HTTP/1.1\r\n" + auth + "\r\n", "404"},
		"a header without an end":      {"GET " + s.path + " HTTP/1.1\r\n" + auth + "X: " + strings.Repeat("x", 64<<10), "431"},
		"a header for another request": {"GET " + s.path + " HTTP/1.1\r\nHost: " + s.host + "\r\nContent-Length: 5\r\n\r\nGET " + s.path + " HTTP/1.1\r\n" + auth + "\r\n", "401"},
		"HTTP/2 without TLS":           {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", ""},
		"no HTTP":                      {"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\r\n\r\n", "400"},
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := net.Dial("tcp", s.host)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			conn.SetDeadline(time.Now().Add(20 * time.Second))
			go io.WriteString(conn, c.request)
			line, _ := bufio.NewReader(conn).ReadString('\n')
			if status, _, _ := strings.Cut(strings.TrimPrefix(line, "HTTP/1.1 "), " "); c.status != "" && status != c.status && strings.TrimPrefix(line, "HTTP/1.0 ")[:3] != c.status {
				t.Errorf("%q, want %s", line, c.status)
			}
			rest, _ := io.ReadAll(conn)
			if strings.Contains(string(rest), "ASIA") {
				t.Errorf("%s", rest)
			}
		})
	}
}

func TestWhoSendsNothingIsHungUpOn(t *testing.T) {
	t.Parallel()
	s := newWorld(t).serve()
	conn, err := net.Dial("tcp", s.host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, "GET / HTTP/1.1\r\n")
	conn.SetReadDeadline(time.Now().Add(10 * patience))
	if _, err := io.ReadAll(conn); err != nil {
		t.Errorf("the server did not hang up: %v", err)
	}
}

func TestLoopbackAloneAndAnotherPathEachTime(t *testing.T) {
	w := newWorld(t)
	a, b := w.serve(), w.serve()
	host, _, err := net.SplitHostPort(a.host)
	if err != nil || host != "127.0.0.1" || a.path == b.path || len(a.path) < 27 { // 26 letters of base32 are 130 bits
		t.Error(a.URL(), b.URL(), err)
	}
}

func TestCloseEndsItAtOnce(t *testing.T) {
	w := newWorld(t)
	s := w.serve()
	idle, err := net.Dial("tcp", s.host)
	if err != nil {
		t.Fatal(err)
	}
	defer idle.Close()
	begun := make(chan struct{})
	w.gives(func() (creds.Credentials, time.Time, error) {
		close(begun)
		<-s.held.ctx.Done()
		return creds.Credentials{}, time.Time{}, s.held.ctx.Err()
	})
	w.forward(31 * time.Minute)
	<-begun
	start := time.Now()
	s.Close()
	if time.Since(start) > 10*time.Second {
		t.Error("it took its time")
	}
	if c, err := net.Dial("tcp", s.host); err == nil {
		c.Close()
		t.Error("it still listens")
	}
	w.eventually("the try ends", func() bool { s.held.mu.Lock(); defer s.held.mu.Unlock(); return s.held.trying == nil })
	w.forward(10 * time.Minute)
	w.settles()
	if w.count() != 1 || w.said() != "" {
		t.Errorf("%d calls, %s", w.count(), w.said())
	}
}

func TestWhatIsNotServed(t *testing.T) {
	w := newWorld(t)
	good := w.session(0)
	for name, c := range map[string]struct {
		change     func(*creds.Credentials)
		expiration time.Time
		token      string
		code       problem.Code
	}{
		"long-term keys":     {func(c *creds.Credentials) { c.SessionToken, c.Expires = creds.Secret{}, time.Time{} }, time.Time{}, token, problem.Usage},
		"a token alone":      {func(c *creds.Credentials) { c.Expires = time.Time{} }, time.Time{}, token, problem.Usage},
		"a broken secret":    {func(c *creds.Credentials) { c.SecretAccessKey = creds.NewSecret("a\nb") }, good.Expires, token, problem.Usage},
		"what has ended":     {func(c *creds.Credentials) { c.Expires = w.clock() }, w.clock(), token, problem.Unreachable},
		"no token":           {func(*creds.Credentials) {}, good.Expires, "", problem.Failure},
		"a short token":      {func(*creds.Credentials) {}, good.Expires, "0123456789abcde", problem.Failure},
		"a token of 2 lines": {func(*creds.Credentials) {}, good.Expires, token + "\n", problem.Failure},
		"a long token":       {func(*creds.Credentials) {}, good.Expires, strings.Repeat("x", 257), problem.Failure},
	} {
		wrong := good
		c.change(&wrong)
		s, err := Listen(wrong, c.expiration, creds.NewSecret(c.token), w.renew, w.clock, w.log)
		if err == nil {
			s.Close()
		}
		if problem.CodeOf(err) != c.code || strings.Contains(err.Error()+problem.HintOf(err), "never+shown") || c.token != "" && strings.Contains(err.Error(), c.token) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
