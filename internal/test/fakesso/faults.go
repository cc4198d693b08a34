package fakesso

import (
	"io"
	"net/http"
	"strings"

	"whichrole/internal/test/fake"
)

// The kinds of faults.
const (
	Hang     = "hang"     // nothing is ever answered
	Cut      = "cut"      // the connection ends without an answer
	Lose     = "lose"     // all is done, and the connection ends without an answer
	Garbage  = "garbage"  // 200 and a page that is not from AWS
	Huge     = "huge"     // an answer without end
	Internal = "internal" // 500 InternalServerException
	Throttle = "throttle" // 429 TooManyRequestsException
	Scripted = "answer"   // answers with Status, Code and Message, or with Body as it is
)

// Fault is something that goes wrong on demand.
type Fault struct {
	Kind   string
	Action string // only for this action; "" for any
	Times  int    // how often; 0 for ever

	Status              int // of answer
	Code, Message, Body string
	Header              map[string]string
}

// play does what is done without looking at the request, and tells whether that was the answer.
func (s *Server) play(f Fault, w http.ResponseWriter, r *http.Request) bool {
	switch f.Kind {
	case Hang:
		s.Hang(r)
	case Cut:
		panic(http.ErrAbortHandler)
	case Garbage:
		io.WriteString(w, fake.Portal)
	case Huge:
		for range 1 << 10 {
			if _, err := io.WriteString(w, strings.Repeat(" ", 1<<10)); err != nil {
				break
			}
		}
	case Scripted:
		for name, value := range f.Header {
			w.Header().Set(name, value)
		}
		if f.Code != "" {
			return false
		}
		w.WriteHeader(f.Status)
		io.WriteString(w, f.Body)
	default:
		return false
	}
	return true
}

// refusal is the fault as an error of AWS's, nil when it is none.
func (f Fault) refusal() *Error {
	switch f.Kind {
	case Internal:
		return &Error{500, "InternalServerException", "Internal error"}
	case Throttle:
		return &Error{429, "TooManyRequestsException", "HTTP 429 Unknown Code"}
	case Scripted:
		return &Error{f.Status, f.Code, f.Message}
	}
	return nil
}
