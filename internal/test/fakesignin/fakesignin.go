// Package fakesignin is the federation endpoint of AWS's sign-in on loopback: it gives a token for a role's credentials, and
// signs a browser in that comes with it.
package fakesignin

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"

	"whichrole/internal/test/fake"
)

// Config says whose credentials are known.
type Config struct {
	// Whose is the principal that credentials belong to, "" for nobody; see fakests.Server.
	Whose func(id, secret, token string) (arn string, isRole bool)
	TLS   bool
}

// Call is one request for a token.
type Call struct {
	ARN    string // whose credentials came along, "" for nobody's
	Status int
}

// Answer is what is said in the place of an endless list of faults: any status, header and body.
type Answer struct {
	Status   int
	Location string
	Body     string
	Hang     bool // nothing is said
}

// Server is a running fake, whose URL is for AWS_ENDPOINT_URL_SIGNIN. Its methods may be called from any goroutine.
type Server struct {
	*fake.Server
	config Config
	calls  fake.Log[Call]

	mu      sync.Mutex
	tokens  map[string]string // → ARN
	instead *Answer
}

// Start listens on 127.0.0.1, on a port that was free. Close ends it.
func Start(config Config) *Server {
	s := &Server{config: config, tokens: map[string]string{}}
	s.Server = fake.Listen(s.serve, config.TLS)
	return s
}

// Calls are the requests for a token so far.
func (s *Server) Calls() []Call { return s.calls.All() }

// Instead is said to whoever asks for a token from now on; nil takes that back.
func (s *Server) Instead(a *Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.instead = a
}

// serve takes a token's request by POST alone: AWS takes GET as well, but secrets are not for a URL.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/federation" {
		http.NotFound(w, r)
		return
	}
	if r.Method == http.MethodGet && r.URL.Query().Get("Action") == "login" {
		s.login(w, r.URL.Query())
		return
	}
	place := s.calls.Begin(Call{})
	s.mu.Lock()
	instead := s.instead
	s.mu.Unlock()
	if instead != nil {
		s.say(w, r, instead)
		return
	}
	arn, status, body := s.token(r)
	w.WriteHeader(status)
	io.WriteString(w, body)
	s.calls.End(place, Call{ARN: arn, Status: status})
}

func (s *Server) say(w http.ResponseWriter, r *http.Request, a *Answer) {
	if a.Hang {
		s.Hang(r)
	}
	if a.Location != "" {
		w.Header().Set("Location", a.Location)
	}
	w.WriteHeader(a.Status)
	io.WriteString(w, a.Body)
}

// token is the answer to getSigninToken. AWS's own no is a page, and says little.
func (s *Server) token(r *http.Request) (arn string, status int, body string) {
	const page = "<html><head><title>400 Bad Request</title></head><body>The request sent by the client was syntactically incorrect.</body></html>"
	var session struct {
		ID    string `json:"sessionId"`
		Key   string `json:"sessionKey"`
		Token string `json:"sessionToken"`
	}
	form, err := formOf(r)
	if err != nil || r.Method != http.MethodPost || r.URL.RawQuery != "" || form.Get("Action") != "getSigninToken" || form.Has("SessionDuration") ||
		json.Unmarshal([]byte(form.Get("Session")), &session) != nil {
		return "", 400, page
	}
	arn, isRole := s.config.Whose(session.ID, session.Key, session.Token)
	if !isRole {
		return arn, 400, page
	}
	token := "VCQgs5qZZt3Q6fn8-_" + rand.Text() + "="
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens[token] = arn
	return arn, 200, fmt.Sprintf(`{"SigninToken":%q}`, token)
}

func formOf(r *http.Request) (url.Values, error) {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, 64<<10))
	if err != nil || r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
		return nil, fmt.Errorf("no form: %v", err)
	}
	return url.ParseQuery(string(body))
}

// login says who is signed in, and where to, instead of leading the browser there.
func (s *Server) login(w http.ResponseWriter, query url.Values) {
	s.mu.Lock()
	arn := s.tokens[query.Get("SigninToken")]
	s.mu.Unlock()
	if arn == "" || query.Get("Destination") == "" {
		http.Error(w, "Your request is invalid", http.StatusBadRequest)
		return
	}
	fmt.Fprintf(w, "signed in as %s at %s\n", arn, query.Get("Destination"))
}
