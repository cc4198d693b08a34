package fakesso

import "time"

// Call is one request that arrived, refused ones and those that a fault swallowed included. It holds no secret.
type Call struct {
	Time          time.Time
	Action        string // RegisterClient, StartDeviceAuthorization, Authorize, CreateToken, GetRoleCredentials, …
	Client        string // the name that a client registered with
	Grant         string // of CreateToken: authorization_code, device_code, refresh_token
	Account       string
	PermissionSet string
	UserAgent     string
	Fault         string // the kind of fault that was played
	Error         string // AWS's code; "" when it went well
	Minted        string // the access key id that was handed out
}

// Calls is a copy of everything that arrived so far, in order of arrival.
func (s *Server) Calls() []Call { return s.calls.All() }

// Count is the number of calls of that action or grant, failed ones included; "" counts all.
func (s *Server) Count(what string) int {
	n := 0
	for _, c := range s.Calls() {
		if what == "" || c.Action == what || c.Grant == what {
			n++
		}
	}
	return n
}
