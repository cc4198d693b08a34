// Package fakests is an STS on loopback that believes nothing: it checks signatures, tokens, clocks and trust policies as
// AWS does, mints new keys for every role, and remembers who called what.
package fakests

import (
	"sync"
	"time"

	"whichrole/internal/test/fake"
)

// Config says who exists and who may assume what.
type Config struct {
	Region    string   `json:"region"`     // the only region that signatures may be scoped to; "" accepts any
	TokenSize int      `json:"token_size"` // bytes of a minted session token; 0 means 800
	Users     []User   `json:"users"`
	Roles     []Role   `json:"roles"`
	Issuers   []string `json:"issuers"`   // URLs on loopback: the OIDC providers of every account
	MFACodes  []string `json:"mfa_codes"` // what the users' devices will show; each is good once, whichever call it comes with
	Faults    []Fault  `json:"faults"`
	LogFile   string   `json:"log_file"` // where calls are appended as JSON lines; "" for nowhere

	TLS    bool             `json:"tls"` // serve https with a certificate that nobody knows; see Server.CA
	Now    func() time.Time `json:"-"`   // nil means time.Now
	Tamper func(*Answer)    `json:"-"`   // changes an answer that holds credentials before it is sent: the hostile STS
}

// User is a principal that exists from the start: a long-term key, or with a token a session somebody else has made.
type User struct {
	AccessKeyID     string    `json:"access_key_id"`
	SecretAccessKey string    `json:"secret_access_key"`
	SessionToken    string    `json:"session_token"` // "" for a long-term key
	Expires         time.Time `json:"expires"`       // of a session; zero means never
	ARN             string    `json:"arn"`           // …:iam::…:user/NAME or …:sts::…:assumed-role/ROLE/SESSION
	Account         string    `json:"account"`       // "" means the ARN's
	MFASerial       string    `json:"mfa_serial"`    // of the user's device; "" for a user who has none
}

// Role is what AssumeRole may ask for, and its trust policy.
type Role struct {
	ARN           string     `json:"arn"`
	Trusted       []string   `json:"trusted"`         // ARNs of users, roles or role sessions; a 12 digit account or its root; "*"
	Federated     *Federated `json:"federated"`       // whose tokens are exchanged for it; nil for nobody's
	MaxDuration   Duration   `json:"max_duration"`    // 0 means 1h, as in IAM
	Lives         Duration   `json:"lives"`           // how long its credentials really live, whatever was asked for: no test waits for 15m; 0 means as asked
	ExternalID    string     `json:"external_id"`     // required when set
	RefuseTags    bool       `json:"refuse_tags"`     // the trust policy does not allow sts:TagSession
	NeedsIdentity bool       `json:"needs_source_id"` // a source identity is required
	NeedsMFA      bool       `json:"needs_mfa"`       // aws:MultiFactorAuthPresent must be true
}

// Federated is a trust policy for AssumeRoleWithWebIdentity. What it does not name is not let in.
type Federated struct {
	Issuer    string   `json:"issuer"`    // as in the token, and one of Config.Issuers
	Audiences []string `json:"audiences"` // one of them; the provider knows those of all roles that trust it
	Subjects  []string `json:"subjects"`  // one of them, as StringLike compares: * is any text, ? one character
}

// Duration is a time.Duration that JSON writes as "1h30m".
type Duration time.Duration

// UnmarshalText reads the form of time.ParseDuration.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	*d = Duration(v)
	return err
}

// MarshalText is the inverse of UnmarshalText.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// Server is a running fake, whose URL is for AWS_ENDPOINT_URL_STS. Its methods may be called from any goroutine.
type Server struct {
	*fake.Server
	config Config
	faults fake.Faults[Fault]
	calls  fake.Log[Call]

	mu    sync.Mutex
	keys  map[string]*key // by access key id
	codes map[string]bool // MFA codes that nobody has used yet
}

// Start listens on 127.0.0.1, on a port that was free. Close ends it. A config that cannot be meant is a panic.
func Start(config Config) *Server {
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.TokenSize == 0 {
		config.TokenSize = 800
	}
	mustBeLocal(config.Issuers)
	s := &Server{config: config, keys: map[string]*key{}, codes: map[string]bool{}}
	for _, u := range config.Users {
		s.keys[u.AccessKeyID] = keyOf(u)
	}
	for _, code := range config.MFACodes {
		s.codes[code] = true
	}
	s.SetFaults(config.Faults...)
	s.Server = fake.Listen(s.serve, config.TLS)
	return s
}

// SetFaults replaces the faults on demand.
func (s *Server) SetFaults(faults ...Fault) {
	s.faults.Set(faults, func(f Fault) int { return f.Times })
}

// role is the role with that ARN, nil for none.
func (s *Server) role(arn string) *Role {
	for i := range s.config.Roles {
		if s.config.Roles[i].ARN == arn {
			return &s.config.Roles[i]
		}
	}
	return nil
}
