package fakests

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
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
	form url.Values
	who  principal
	now  time.Time
	call *Call
}

// action is one operation of STS. The next ones (GetSessionToken, AssumeRoleWithWebIdentity) are one more line each.
type action struct {
	unsigned bool // no signature is asked for: AssumeRoleWithWebIdentity brings its own proof
	run      func(*Server, *request) (result any, problem *Error)
}

var actions = map[string]action{
	"AssumeRole":        {run: (*Server).assumeRole},
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
	place := s.begin(call)
	defer func() { s.end(place, call) }()

	now := s.config.Now()
	if fault.Kind == Skew {
		now = now.Add(time.Duration(fault.By))
	}
	w.Header().Set("Date", now.UTC().Format(http.TimeFormat))
	id := s.requestID()
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
	writeResult(w, result)
}

// judge verifies the request, then lets the fault or the operation answer it.
func (s *Server) judge(r *http.Request, body []byte, req *request, fault Fault) (any, *Error) {
	op, known := actions[req.call.Action]
	if !op.unsigned {
		k, auth, problem := s.verify(r, body, req.now)
		req.call.Region, req.call.AccessKeyID = auth.region, auth.keyID
		if k != nil {
			req.who, req.call.Caller = k.who, k.who.ARN
		}
		if problem != nil {
			return nil, problem
		}
	}
	if !known || req.form.Get("Version") != "2011-06-15" {
		return nil, &Error{400, "InvalidAction", fmt.Sprintf("Could not find operation %s for version %s",
			req.call.Action, req.form.Get("Version"))}
	}
	if problem := fault.refusal(req.who, *req.call); problem != nil {
		return nil, problem
	}
	return op.run(s, req)
}

// requestID counts instead of drawing lots, so that tests can name it.
func (s *Server) requestID() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.serial++
	return fmt.Sprintf("00000000-0000-4000-8000-%012d", s.serial)
}

// readParameters copies what AssumeRole was asked into the log.
func readParameters(c *Call, form url.Values) {
	c.Role, c.SessionName = form.Get("RoleArn"), form.Get("RoleSessionName")
	c.Seconds, _ = strconv.Atoi(form.Get("DurationSeconds"))
	c.ExternalID, c.SourceIdentity, c.Policy = form.Get("ExternalId"), form.Get("SourceIdentity"), form.Get("Policy")
	for i := 1; form.Has(fmt.Sprintf("Tags.member.%d.Key", i)); i++ {
		if c.Tags == nil {
			c.Tags = map[string]string{}
		}
		c.Tags[form.Get(fmt.Sprintf("Tags.member.%d.Key", i))] = form.Get(fmt.Sprintf("Tags.member.%d.Value", i))
	}
	for i := 1; form.Has(fmt.Sprintf("TransitiveTagKeys.member.%d", i)); i++ {
		c.TransitiveTagKeys = append(c.TransitiveTagKeys, form.Get(fmt.Sprintf("TransitiveTagKeys.member.%d", i)))
	}
	for i := 1; form.Has(fmt.Sprintf("PolicyArns.member.%d.arn", i)); i++ {
		c.PolicyARNs = append(c.PolicyARNs, form.Get(fmt.Sprintf("PolicyArns.member.%d.arn", i)))
	}
}
