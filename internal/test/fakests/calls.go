package fakests

import (
	"encoding/json"
	"os"
	"time"
)

// Call is one request that arrived, refused ones and those that a fault swallowed included. It holds no secret.
type Call struct {
	Time              time.Time         `json:"time"`
	Action            string            `json:"action"`
	Caller            string            `json:"caller"`        // ARN; "" when nobody could be made out
	AccessKeyID       string            `json:"access_key_id"` // that signed
	Region            string            `json:"region"`        // of the signature's scope
	UserAgent         string            `json:"user_agent"`
	Role              string            `json:"role,omitempty"`
	SessionName       string            `json:"session_name,omitempty"`
	Seconds           int               `json:"seconds,omitempty"` // the duration as asked; 0 when not asked
	ExternalID        string            `json:"external_id,omitempty"`
	SourceIdentity    string            `json:"source_identity,omitempty"`
	Tags              map[string]string `json:"tags,omitempty"`
	TransitiveTagKeys []string          `json:"transitive_tag_keys,omitempty"`
	InheritedTags     map[string]string `json:"inherited_tags,omitempty"`
	Policy            string            `json:"policy,omitempty"`
	PolicyARNs        []string          `json:"policy_arns,omitempty"`
	MFASerial         string            `json:"mfa_serial,omitempty"`
	MFA               bool              `json:"mfa,omitempty"`     // a good code came with the call, or made the caller's session
	Subject           string            `json:"subject,omitempty"` // that the token claims, believed or not
	Fault             string            `json:"fault,omitempty"`   // the kind of fault that was played
	Error             string            `json:"error,omitempty"`   // AWS's code; "" when it went well
	Minted            string            `json:"minted,omitempty"`  // the access key id that was handed out
}

// Calls is a copy of everything that arrived so far, in order of arrival.
func (s *Server) Calls() []Call { return s.calls.All() }

// Count is the number of calls of that action, failed ones included; "" counts all.
func (s *Server) Count(action string) int {
	n := 0
	for _, c := range s.Calls() {
		if action == "" || c.Action == action {
			n++
		}
	}
	return n
}

// end completes the call and writes its line to the log file.
func (s *Server) end(place int, c Call) {
	s.calls.End(place, c)
	if s.config.LogFile == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	line, _ := json.Marshal(c)
	f, err := os.OpenFile(s.config.LogFile, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = f.Write(append(line, '\n'))
		f.Close()
	}
	if err != nil {
		panic(err) // a test must not go on with half a log
	}
}
