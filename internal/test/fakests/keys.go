package fakests

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/base64"
	"fmt"
	"strings"
	"time"
)

// principal is who signs.
type principal struct {
	ARN            string // as GetCallerIdentity says it
	Account        string
	UserID         string
	Role           string // the role's ARN when this is a role session, "" else
	SourceIdentity string
	Transitive     map[string]string // session tags that a chain inherits
	MFASerial      string            // of the user's device
	MFA            bool              // the session was had with a code
}

// key is one access key and whose it is.
type key struct {
	id, secret string
	token      string    // "" for a long-term key
	expires    time.Time // zero means never
	who        principal
}

func keyOf(u User) *key {
	k := &key{id: u.AccessKeyID, secret: u.SecretAccessKey, token: u.SessionToken, expires: u.Expires}
	k.who = principal{ARN: u.ARN, Account: u.Account, UserID: "AIDAFAKE" + u.AccessKeyID, MFASerial: u.MFASerial}
	parts := strings.SplitN(u.ARN, ":", 6)
	if len(parts) != 6 {
		panic(fmt.Sprintf("fakests: user %s: not an ARN: %q", u.AccessKeyID, u.ARN))
	}
	if k.who.Account == "" {
		k.who.Account = parts[4]
	}
	if name, ok := strings.CutPrefix(parts[5], "assumed-role/"); ok {
		name, _, _ = strings.Cut(name, "/")
		k.who.Role = fmt.Sprintf("arn:%s:iam::%s:role/%s", parts[1], parts[4], name)
	}
	return k
}

// mint makes a session and remembers its key.
func (s *Server) mint(who principal, expires time.Time) *key {
	k := &key{
		id:      "ASIA" + base32.StdEncoding.EncodeToString(random(10)),
		secret:  base64.StdEncoding.EncodeToString(random(30)),
		expires: expires,
		who:     who,
	}
	// Real tokens begin alike and are base64.
	k.token = ("FwoGZXIvYXdzE" + base64.StdEncoding.EncodeToString(random(s.config.TokenSize)))[:s.config.TokenSize]
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys[k.id] = k
	return k
}

func (s *Server) key(id string) *key {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.keys[id]
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails since Go 1.24
	return b
}

// trusts tells whether the role's trust policy lets who in.
func (r *Role) trusts(who principal) bool {
	for _, t := range r.Trusted {
		switch t {
		case "*", who.ARN, who.Account:
			return true
		case "arn:aws:iam::" + who.Account + ":root":
			return true
		}
		if who.Role != "" && t == who.Role {
			return true
		}
	}
	return false
}

// AddUser makes one more principal known, such as a permission set's session that somebody else has made.
func (s *Server) AddUser(u User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys[u.AccessKeyID] = keyOf(u)
}
