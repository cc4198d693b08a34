package fakeinstance

import (
	"io"
	"net/http"
	"strings"
	"time"

	"whichrole/internal/test/fake"
)

// The kinds of faults.
const (
	Hang       = "hang"        // nothing is ever answered
	HangBody   = "hang-body"   // the answer begins and never ends
	Drip       = "drip"        // the answer comes a byte at a time, and never ends
	Cut        = "cut"         // the connection ends without an answer
	CutBody    = "cut-body"    // the connection ends in the middle of an answer
	Garbage    = "garbage"     // 200 and a page that is from somebody else
	Huge       = "huge"        // 200 and 64 MiB, and never the end
	HugeHeader = "huge-header" // a header of a megabyte
	Redirect   = "redirect"    // 302 to Location
	Scripted   = "answer"      // Status, Type and Body as given
)

// Fault is something that goes wrong on demand.
type Fault struct {
	Kind  string
	Step  string // only at this step; "" at any
	Times int    // how often; 0 for ever

	Location string
	Status   int
	Type     string // Content-Type
	Body     string
}

// SetFaults replaces the faults.
func (s *Server) SetFaults(faults ...Fault) {
	s.faults.Set(faults, func(f Fault) int { return f.Times })
}

// play tells whether the fault was the answer.
func (s *Server) play(f Fault, w http.ResponseWriter, r *http.Request) bool {
	switch f.Kind {
	case Hang:
		s.Hang(r)
	case HangBody:
		s.flush(w, "{")
		s.Hang(r)
	case Drip:
		for s.Wait(r, 20*time.Millisecond) {
			s.flush(w, " ")
		}
	case Cut:
		panic(http.ErrAbortHandler)
	case CutBody:
		w.Header().Set("Content-Length", "4000")
		io.WriteString(w, `{"Code":"Success",`)
	case Garbage:
		io.WriteString(w, fake.Portal)
	case Huge:
		for range 64 {
			io.WriteString(w, strings.Repeat(" ", 1<<20))
		}
		s.Hang(r)
	case HugeHeader:
		w.Header().Set("X-Large", strings.Repeat("x", 1<<20))
	case Redirect:
		http.Redirect(w, r, f.Location, http.StatusFound)
	case Scripted:
		if f.Type != "" {
			w.Header().Set("Content-Type", f.Type)
		}
		w.WriteHeader(f.Status)
		io.WriteString(w, f.Body)
	default:
		return false
	}
	return true
}

func (s *Server) flush(w http.ResponseWriter, text string) {
	io.WriteString(w, text)
	http.NewResponseController(w).Flush()
}
