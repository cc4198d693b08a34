package fakeinstance

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The steps of a visit, as calls and faults name them.
const (
	Token       = "token"       // PUT /latest/api/token
	Role        = "role"        // GET …/iam/security-credentials/
	Credentials = "credentials" // GET …/iam/security-credentials/ROLE
	Container   = "container"   // GET of the container endpoint
	Other       = "other"       // anything else
)

const (
	tokenPath = "/latest/api/token"
	rolesPath = "/latest/meta-data/iam/security-credentials/"
)

// Call is one request that arrived.
type Call struct {
	Step       string
	Method     string
	Path       string // with its query
	Host       string
	Status     int    // of the answer, 0 for none
	Fault      string // kind of the fault that it met
	TTL        string // that a token was asked for with
	HasToken   bool   // of the metadata service, good or not
	Forwarded  bool   // a proxy was under way
	Authorized string // the Authorization header, which is a secret
}

// Calls are all requests so far, in the order in which they came.
func (s *Server) Calls() []Call { return s.calls.All() }

// Steps are the steps of all requests so far, in one line.
func (s *Server) Steps() string {
	var list []string
	for _, c := range s.Calls() {
		list = append(list, c.Step)
	}
	return strings.Join(list, " ")
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	call := Call{Step: s.step(r), Method: r.Method, Path: r.URL.RequestURI(), Host: r.Host,
		TTL: r.Header.Get(ttlHeader), HasToken: r.Header.Get(tokenHeader) != "",
		Forwarded: r.Header.Get("X-Forwarded-For") != "" || r.Header.Get("Via") != "", Authorized: r.Header.Get("Authorization")}
	fault := s.faults.Take(func(f Fault) bool { return f.Step == "" || f.Step == call.Step })
	call.Fault = fault.Kind
	place := s.calls.Begin(call)
	seen := &statusWriter{ResponseWriter: w}
	defer func() {
		call.Status = seen.status
		s.calls.End(place, call)
	}()
	if s.play(fault, seen, r) {
		return
	}
	switch call.Step {
	case Token:
		s.token(seen, r)
	case Container:
		s.container(seen, r)
	default:
		s.metadata(seen, r, call.Step)
	}
}

func (s *Server) step(r *http.Request) string {
	switch path := r.URL.Path; {
	case path == tokenPath:
		return Token
	case path == rolesPath || path+"/" == rolesPath:
		return Role
	case strings.HasPrefix(path, rolesPath):
		return Credentials
	case r.URL.RequestURI() == s.Config.Path:
		return Container
	}
	return Other
}

const (
	tokenHeader = "X-Aws-Ec2-Metadata-Token"
	ttlHeader   = "X-Aws-Ec2-Metadata-Token-Ttl-Seconds"
	maxTTL      = 21600
)

// token gives a session of the metadata service (EC2 user guide, "Use the Instance Metadata Service to access instance
// metadata"): by PUT alone, for 1 to 21,600 seconds, and never through a proxy.
func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	seconds, err := strconv.Atoi(r.Header.Get(ttlHeader))
	switch {
	case r.Method != http.MethodPut:
		page(w, http.StatusMethodNotAllowed)
	case r.Header.Get("X-Forwarded-For") != "":
		page(w, http.StatusForbidden)
	case err != nil || seconds < 1 || seconds > maxTTL:
		page(w, http.StatusBadRequest)
	default:
		token := "AQAEA" + rand.Text() + "=="
		s.mu.Lock()
		s.tokens[token] = s.Config.Now().Add(time.Duration(seconds) * time.Second)
		s.mu.Unlock()
		w.Header().Set(ttlHeader, strconv.Itoa(seconds))
		io.WriteString(w, token)
	}
}

// metadata answers nobody who has no token: that would be version 1.
func (s *Server) metadata(w http.ResponseWriter, r *http.Request, step string) {
	s.mu.Lock()
	until := s.tokens[r.Header.Get(tokenHeader)]
	s.mu.Unlock()
	switch {
	case !until.After(s.Config.Now()):
		page(w, http.StatusUnauthorized)
	case r.Method != http.MethodGet:
		page(w, http.StatusMethodNotAllowed)
	case step == Role && !s.Config.NoRole:
		io.WriteString(w, s.Config.Role)
	case step == Credentials && !s.Config.NoRole && r.URL.Path == rolesPath+s.Config.Role:
		a := s.credentials()
		a.Code, a.Type, a.LastUpdated = "Success", "AWS-HMAC", s.Config.Now().UTC().Format(time.RFC3339)
		s.say(w, http.StatusOK, a)
	default:
		page(w, http.StatusNotFound)
	}
}

func (s *Server) container(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method != http.MethodGet:
		page(w, http.StatusMethodNotAllowed)
	case r.Header.Get("Authorization") != s.Config.Authorization:
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		io.WriteString(w, `{"code":"AccessDenied","message":"The authorization token is not the one that was asked for."}`)
	default:
		a := s.credentials()
		a.RoleARN, a.AccountID = "arn:aws:iam::"+wrongAccount+":role/"+s.Config.Role, wrongAccount
		s.say(w, http.StatusOK, a)
	}
}

func (s *Server) credentials() *Answer {
	c := s.Config
	return &Answer{AccessKeyID: c.AccessKeyID, SecretAccessKey: c.SecretAccessKey, Token: c.SessionToken,
		Expiration: c.Now().Add(c.Life).UTC().Format(time.RFC3339)}
}

func (s *Server) say(w http.ResponseWriter, status int, a *Answer) {
	if s.Config.Tamper != nil {
		s.Config.Tamper(a)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(a)
}

// page is how the metadata service says no: in HTML.
func page(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<?xml version=\"1.0\"?><html><head><title>%d - %s</title></head></html>\n", status, http.StatusText(status))
}

// statusWriter remembers what was answered.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the real one.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
