//go:build linux

package real

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// s3 is moto behind a door that notes who did what.
type s3 struct {
	url string

	mu   sync.Mutex
	seen []request
}

type request struct{ method, path, key, agent string }

// requests are those that came after the first n, in order of arrival.
func (s *s3) requests(n int) []request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]request(nil), s.seen[n:]...)
}

func (s *s3) puts(containing string) []request {
	var list []request
	for _, r := range s.requests(0) {
		if r.method == http.MethodPut && strings.Contains(r.path, containing) {
			list = append(list, r)
		}
	}
	return list
}

var credentialOf = regexp.MustCompile(`Credential=([A-Z0-9]+)/`)

func (s *s3) note(r *http.Request) {
	key := ""
	if m := credentialOf.FindStringSubmatch(r.Header.Get("Authorization")); m != nil {
		key = m[1]
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = append(s.seen, request{r.Method, r.URL.Path, key, r.UserAgent()})
}

const motoScript = `
import sys
from moto.server import ThreadedMotoServer
s = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
s.start()
print("%s:%d" % s.get_host_and_port(), flush=True)
sys.stdin.read()
s.stop()`

func startS3(t *testing.T, l *laptop) *s3 {
	t.Helper()
	cmd := exec.Command("python3", "-c", motoScript)
	var stderr bytes.Buffer
	cmd.Env, cmd.Stderr = l.env, &stderr
	stdin, err := cmd.StdinPipe() // moto ends when this does, and so with the test
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stdin.Close(); cmd.Wait() })
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		cmd.Wait()
		if strings.Contains(stderr.String(), "ModuleNotFoundError") {
			need(t, "moto for python3")
		}
		t.Fatalf("moto did not start: %v\n%s", err, stderr.String())
	}
	go io.Copy(io.Discard, stdout)
	moto := &url.URL{Scheme: "http", Host: strings.TrimSpace(line)}
	door := httputil.NewSingleHostReverseProxy(moto)
	s := &s3{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.note(r)
		door.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	s.url = server.URL
	request, _ := http.NewRequest(http.MethodPut, moto.String()+"/state", strings.NewReader(""))
	response, err := http.DefaultClient.Do(request)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("no bucket: %v %v", response, err)
	}
	response.Body.Close()
	return s
}
