package fakests

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// Error is how AWS says no.
type Error struct {
	Status  int
	Code    string
	Message string
}

// request is one call that has been read.
type request struct {
	form    url.Values
	who     principal
	session bool // who has signed with a session's key
	now     time.Time
	call    *Call
}

// action is one operation of STS.
type action struct {
	unsigned   bool     // no signature is asked for, and one that comes is not looked at: the request brings its own proof
	parameters []string // all that it takes, lists as Tags.member.N.Key
	required   []string
	run        func(*Server, *request) (reply, *Error)
}

// From the API reference. What whichrole has no use for is left out.
var actions = map[string]action{
	"AssumeRole": {
		parameters: []string{"RoleArn", "RoleSessionName", "DurationSeconds", "Policy", "PolicyArns.member.N.arn", "ExternalId", "SourceIdentity",
			"Tags.member.N.Key", "Tags.member.N.Value", "TransitiveTagKeys.member.N", "SerialNumber", "TokenCode"},
		required: []string{"RoleArn", "RoleSessionName"},
		run:      (*Server).assumeRole,
	},
	"AssumeRoleWithWebIdentity": {
		unsigned:   true,
		parameters: []string{"RoleArn", "RoleSessionName", "DurationSeconds", "Policy", "PolicyArns.member.N.arn", "WebIdentityToken"},
		required:   []string{"RoleArn", "RoleSessionName", "WebIdentityToken"},
		run:        (*Server).assumeRoleWithWebIdentity,
	},
	"GetSessionToken":   {parameters: []string{"DurationSeconds", "SerialNumber", "TokenCode"}, run: (*Server).getSessionToken},
	"GetCallerIdentity": {run: (*Server).getCallerIdentity},
}

const maxBody = 256 << 10

// serve answers STS calls at /, the log at GET /_calls (JSON lines) and takes faults at POST /_faults (a JSON list).
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/_calls":
		encoder := json.NewEncoder(w)
		for _, c := range s.Calls() {
			encoder.Encode(c)
		}
		return
	case "/_faults":
		var faults []Fault
		if err := json.NewDecoder(r.Body).Decode(&faults); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		s.SetFaults(faults...)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.answer(w, r, body, form)
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request, body []byte, form url.Values) {
	call := Call{Time: s.config.Now().UTC(), Action: form.Get("Action"), UserAgent: r.UserAgent()}
	readParameters(&call, form)
	fault := s.take(call)
	call.Fault = fault.Kind
	place := s.calls.Begin(call)
	defer func() { s.end(place, call) }()

	now := s.config.Now()
	if fault.Kind == Skew {
		now = now.Add(time.Duration(fault.By))
	}
	w.Header().Set("Date", now.UTC().Format(http.TimeFormat))
	id := s.RequestID()
	w.Header().Set("X-Amzn-Requestid", id)
	if s.play(fault, w, r) {
		return
	}
	result, problem := s.judge(r, body, &request{form: form, now: now, call: &call}, fault)
	if problem != nil {
		call.Error = problem.Code
		writeError(w, problem, id)
		return
	}
	writeResult(w, result, id)
}

// judge verifies the request, then lets the fault or the operation answer it.
func (s *Server) judge(r *http.Request, body []byte, req *request, fault Fault) (reply, *Error) {
	op, known := actions[req.call.Action]
	if !op.unsigned {
		k, auth, problem := s.verify(r, body, req.now)
		req.call.Region, req.call.AccessKeyID = auth.region, auth.keyID
		if k != nil {
			req.who, req.call.Caller, req.session = k.who, k.who.ARN, k.token != ""
		}
		if problem != nil {
			return nil, problem
		}
	}
	if !known || req.form.Get("Version") != "2011-06-15" {
		return nil, &Error{400, "InvalidAction", fmt.Sprintf("Could not find operation %s for version %s",
			req.call.Action, req.form.Get("Version"))}
	}
	if problem := checkParameters(req.form, op); problem != nil {
		return nil, problem
	}
	if problem := fault.refusal(req.who, *req.call); problem != nil {
		return nil, problem
	}
	return op.run(s, req)
}
