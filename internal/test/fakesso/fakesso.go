// Package fakesso is an IAM Identity Center on loopback that believes nothing: it knows its clients, codes and tokens, checks
// PKCE and redirects, ends what is used up, and gives keys of the permission sets that its one user has.
package fakesso

import (
	"sync"
	"time"

	"whichrole/internal/test/fake"
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

// Server is a running fake, whose URL is for AWS_ENDPOINT_URL_SSO_OIDC and AWS_ENDPOINT_URL_SSO. Its methods may be called from
// any goroutine.
type Server struct {
	*fake.Server
	config Config
	faults fake.Faults[Fault]
	calls  fake.Log[Call]

	mu       sync.Mutex
	clients  map[string]*client  // by id
	codes    map[string]*code    // authorization codes
	devices  map[string]*device  // by device code
	access   map[string]*session // by access token
	refresh  map[string]*refresh // by refresh token
	deciding Decision
}

// Decision is what the user makes of logins from now on.
type Decision struct{ Deny, Abandon bool }

// Start listens on 127.0.0.1, on a port that was free. Close ends it.
func Start(config Config) *Server {
	s := &Server{clients: map[string]*client{}, codes: map[string]*code{}, devices: map[string]*device{},
		access: map[string]*session{}, refresh: map[string]*refresh{}, deciding: Decision{config.Deny, config.Abandon}}
	s.config = config
	s.Server = fake.Listen(s.serve, false)
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
	s.faults.Set(faults, func(f Fault) int { return f.Times })
}
