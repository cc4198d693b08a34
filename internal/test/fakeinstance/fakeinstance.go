// Package fakeinstance is the machine that a program may find itself on: an instance metadata service that knows version 2
// alone, and a container's credential endpoint. Both are on loopback, answer as AWS's do, and go wrong on demand.
package fakeinstance

import (
	"crypto/rand"
	"maps"
	"slices"
	"sync"
	"time"

	"whichrole/internal/test/fake"
)

// Config says what the machine has. Each zero value stands for something that works.
type Config struct {
	Role   string // of the instance profile; "" means fake-role
	NoRole bool   // nobody has attached an instance profile

	AccessKeyID     string        // "" means one of its own
	SecretAccessKey string        // "" means one of its own
	SessionToken    string        // "" means one of its own
	Life            time.Duration // of the credentials, from Now; 0 means 6h

	Path          string // of the container endpoint, perhaps with a query; "" means /v2/credentials/ and an id
	Authorization string // that the container endpoint asks for; "" asks for none

	TLS    bool             // serve https with a certificate that nobody knows; see Server.CA
	Now    func() time.Time // nil means time.Now
	Tamper func(*Answer)    // changes what either service says of the credentials: the hostile one
}

// Answer is what both services say of credentials, in the order in which the EC2 user guide shows it. The container's has no
// Code, LastUpdated and Type, but RoleArn and AccountId. AccountID is a lie here: nobody may believe it.
type Answer struct {
	Code            string `json:",omitempty"`
	Message         string `json:",omitempty"`
	LastUpdated     string `json:",omitempty"`
	Type            string `json:",omitempty"`
	RoleARN         string `json:"RoleArn,omitempty"`
	AccessKeyID     string `json:"AccessKeyId,omitempty"`
	SecretAccessKey string `json:",omitempty"`
	Token           string `json:",omitempty"`
	Expiration      string `json:",omitempty"`
	AccountID       string `json:"AccountId,omitempty"`
}

// wrongAccount is the account that the container endpoint claims.
const wrongAccount = "999999999999"

// Server is a running fake. Its methods may be called from any goroutine.
type Server struct {
	*fake.Server
	Config Config // with what the zero values stood for; read it only

	faults fake.Faults[Fault]
	calls  fake.Log[Call]

	mu     sync.Mutex
	tokens map[string]time.Time // of the metadata service, until when
}

// Start listens on 127.0.0.1, on a port that was free. Close ends it.
func Start(config Config) *Server {
	fill(&config.Role, "fake-role")
	fill(&config.Path, "/v2/credentials/6f1e3a52-0c5f-4a40-9f6e-"+rand.Text()[:12])
	fill(&config.AccessKeyID, "ASIA"+rand.Text()[:16])
	fill(&config.SecretAccessKey, rand.Text()+rand.Text()[:14])
	fill(&config.SessionToken, "IQoJb3JpZ2luX2Vj"+rand.Text()+rand.Text()+"+/==")
	if config.Life == 0 {
		config.Life = 6 * time.Hour
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	s := &Server{Config: config, tokens: map[string]time.Time{}}
	s.Server = fake.Listen(s.serve, config.TLS)
	return s
}

func fill(value *string, usual string) {
	if *value == "" {
		*value = usual
	}
}

// Machine are the variables of an instance.
func (s *Server) Machine() map[string]string {
	return map[string]string{"AWS_EC2_METADATA_SERVICE_ENDPOINT": s.URL}
}

// Container are the variables of a container: of EKS Pod Identity, or of a program that serves credentials on loopback.
func (s *Server) Container() map[string]string {
	env := map[string]string{"AWS_CONTAINER_CREDENTIALS_FULL_URI": s.URL + s.Config.Path}
	if s.Config.Authorization != "" {
		env["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = s.Config.Authorization
	}
	return env
}

// Secrets are what no error may show: the keys, the tokens that were given out, and the container's path, which is the only
// thing that ECS asks for.
func (s *Server) Secrets() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []string{s.Config.SecretAccessKey, s.Config.SessionToken, s.Config.Path}
	if s.Config.Authorization != "" {
		list = append(list, s.Config.Authorization)
	}
	return slices.AppendSeq(list, maps.Keys(s.tokens))
}
