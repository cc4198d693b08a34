package fakests

import (
	"io"
	"net/http"
	"time"

	"whichrole/internal/test/fake"
)

// The kinds of faults.
const (
	Refuse         = "refuse"          // AccessDenied, whatever the trust policy says
	Throttle       = "throttle"        // 429 Throttling
	Internal       = "internal"        // 500 InternalFailure
	PackedPolicy   = "packed-policy"   // PackedPolicyTooLarge
	RegionDisabled = "region-disabled" // STS is not activated in the region
	IDPSilent      = "idp-silent"      // IDPCommunicationError: STS could not reach the identity provider, this time
	Hang           = "hang"            // nothing is ever answered
	Cut            = "cut"             // the connection ends without an answer
	CutBody        = "cut-body"        // the connection ends in the middle of an answer
	HangBody       = "hang-body"       // the answer begins and never ends
	Garbage        = "garbage"         // 200 and a page that is not from STS
	Delay          = "delay"           // a good answer, after By
	Skew           = "skew"            // the server's clock is off by By: signatures, Date header and expiry
	Scripted       = "answer"          // answers with Status, Code, Message, Body and Location as given
)

// Fault is something that goes wrong on demand.
type Fault struct {
	Kind   string   `json:"kind"`
	Action string   `json:"action"` // only for this action; "" for any
	Role   string   `json:"role"`   // only for this role ARN; "" for any
	Times  int      `json:"times"`  // how often; 0 for ever
	By     Duration `json:"by"`     // of delay and skew

	Status   int    `json:"status"` // of answer
	Code     string `json:"code"`   // with a code the answer is an STS error, without one it is Body as it is
	Message  string `json:"message"`
	Body     string `json:"body"`
	Location string `json:"location"`
}

const begun = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>`

// take finds the first fault for the call and counts it.
func (s *Server) take(c Call) Fault {
	return s.faults.Take(func(f Fault) bool {
		return (f.Action == "" || f.Action == c.Action) && (f.Role == "" || f.Role == c.Role)
	})
}

// play does what can be done before the request is judged, and tells whether that was the answer.
func (s *Server) play(f Fault, w http.ResponseWriter, r *http.Request) bool {
	switch f.Kind {
	case Hang:
		s.Hang(r)
	case Delay:
		return !s.Wait(r, time.Duration(f.By))
	case Cut:
		panic(http.ErrAbortHandler)
	case CutBody:
		w.Header().Set("Content-Length", "4000")
		io.WriteString(w, begun)
	case HangBody:
		io.WriteString(w, begun)
		http.NewResponseController(w).Flush()
		s.Hang(r)
	case Garbage:
		io.WriteString(w, fake.Portal)
	case Scripted:
		if f.Code != "" {
			return false
		}
		if f.Location != "" {
			w.Header().Set("Location", f.Location)
		}
		w.WriteHeader(f.Status)
		io.WriteString(w, f.Body)
	default:
		return false
	}
	return true
}

// refusal is the fault as an error of STS, nil when it is none.
func (f Fault) refusal(who principal, c Call) *Error {
	switch f.Kind {
	case Refuse:
		return denied(who, c.Action, c.Role)
	case Throttle:
		return &Error{429, "Throttling", "Rate exceeded"}
	case Internal:
		return &Error{500, "InternalFailure", "An internal error has occurred. Please retry your request"}
	case PackedPolicy:
		return &Error{400, "PackedPolicyTooLarge", "Packed policy consumes 143% of allotted space, please use smaller policy."}
	case IDPSilent:
		return &Error{400, "IDPCommunicationError", "The identity provider could not be reached to verify the token."}
	case RegionDisabled:
		return &Error{403, "RegionDisabledException", "STS is not activated in this region for account:" + who.Account +
			". Your account administrator can activate STS in this region using the IAM Console."}
	case Scripted:
		return &Error{f.Status, f.Code, f.Message}
	}
	return nil
}
