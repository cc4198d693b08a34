// Package fakesso is an IAM Identity Center on loopback that believes nothing: it knows its clients, codes and tokens, checks
// PKCE and redirects, ends what is used up, and gives keys of the permission sets that its one user has.
package fakesso

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"time"

	"whichrole/internal/test/fakests"
)

// Config says what there is, and how it behaves.
type Config struct {
	StartURL string              // the only one that is known; "" means URL/start
	Accounts map[string][]string // account → permission sets that the user has there
	User     string              // who confirms every login; "" means alice

	TokenLife      time.Duration // of an access token; 0 means 1h
	CredentialLife time.Duration // of a permission set's keys; 0 means 1h
	ClientLife     time.Duration // of a registration; 0 means 90 days
	SingleUse      bool          // a refresh token can be used once, and comes with the next one
	NoRotation     bool          // a refresh brings no refresh token

	Pending         int           // how often a device code is pending before it is confirmed
	SlowDown        int           // how often it is too early to ask, before that
	Interval        int           // seconds to wait between two questions, as told; 0 means 1
	Deny            bool          // the user says no
	Abandon         bool          // the user never says anything: device codes expire, and the authorize page stays open
	VerificationURL string        // of device codes; "" means URL/device
	CodeLife        time.Duration // of codes of all kinds; 0 means 10 minutes

	AddUser func(fakests.User)          // learns of all keys that are given, so that an STS can know them; may be nil
	Tamper  func(body *RoleCredentials) // changes what the portal gives before it is sent: the hostile portal
	Now     func() time.Time            // nil means time.Now
	Faults  []Fault
}

// RoleCredentials is what the portal gives.
type RoleCredentials struct {
	AccessKeyID     string `json:"accessKeyId"`
	SecretAccessKey string `json:"secretAccessKey"`
	SessionToken    string `json:"sessionToken"`
	Expiration      int64  `json:"expiration"` // milliseconds since 1970
}

// Server is a running fake. Its methods may be called from any goroutine.
type Server struct {
	URL string // of its root, to be used as AWS_ENDPOINT_URL_SSO_OIDC and AWS_ENDPOINT_URL_SSO

	config Config
	http   *httptest.Server
	closed chan struct{}

	mu       sync.Mutex
	clients  map[string]*client  // by id
	codes    map[string]*code    // authorization codes
	devices  map[string]*device  // by device code
	access   map[string]*session // by access token
	refresh  map[string]*refresh // by refresh token
	deciding Decision
	faults   []*Fault
	calls    []Call
	serial   int
}

// Decision is what the user makes of logins from now on.
type Decision struct{ Deny, Abandon bool }

// Start listens on 127.0.0.1, on a port that was free. Close ends it.
func Start(config Config) *Server {
	s := &Server{closed: make(chan struct{}), clients: map[string]*client{}, codes: map[string]*code{}, devices: map[string]*device{},
		access: map[string]*session{}, refresh: map[string]*refresh{}, deciding: Decision{config.Deny, config.Abandon}}
	s.config = config
	s.http = httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	s.http.Config.ErrorLog = quiet()
	s.http.Start()
	s.URL = s.http.URL
	s.config.fill(s.URL)
	s.SetFaults(config.Faults...)
	return s
}

func (c *Config) fill(url string) {
	for field, value := range map[*time.Duration]time.Duration{
		&c.TokenLife: time.Hour, &c.CredentialLife: time.Hour, &c.ClientLife: 90 * 24 * time.Hour, &c.CodeLife: 10 * time.Minute,
	} {
		if *field == 0 {
			*field = value
		}
	}
	for field, value := range map[*string]string{&c.StartURL: url + "/start", &c.VerificationURL: url + "/device", &c.User: "alice"} {
		if *field == "" {
			*field = value
		}
	}
	if c.Interval == 0 {
		c.Interval = 1
	}
	if c.Now == nil {
		c.Now = time.Now
	}
}

// StartURL is the one that sessions must name.
func (s *Server) StartURL() string { return s.config.StartURL }

// Close ends the server and everything that hangs in it.
func (s *Server) Close() {
	close(s.closed)
	s.http.CloseClientConnections()
	s.http.Close()
}

// Decide changes what the user does.
func (s *Server) Decide(d Decision) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deciding = d
}

// Revoke ends all sessions, as an administrator does: no token of theirs is accepted any more.
func (s *Server) Revoke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, session := range s.access {
		session.login.revoked = true
	}
	for _, r := range s.refresh {
		r.login.revoked = true
	}
}

// ForgetClients makes all registrations unknown.
func (s *Server) ForgetClients() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.clients)
}

// SetFaults replaces the faults on demand.
func (s *Server) SetFaults(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
	for _, f := range faults {
		s.faults = append(s.faults, &f)
	}
}
