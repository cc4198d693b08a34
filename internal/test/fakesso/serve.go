package fakesso

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"strings"
	"unicode"
)

// Error is how AWS says no.
type Error struct {
	Status  int
	Code    string // InvalidGrantException
	Message string
}

// request is one call that has been read.
type request struct {
	http  *http.Request
	input map[string]any // of the OIDC endpoint's operations
	call  *Call
}

// text is a field of the input that is a string, "" for all else.
func (r *request) text(field string) string {
	s, _ := r.input[field].(string)
	return s
}

func (r *request) list(field string) []string {
	values, _ := r.input[field].([]any)
	var list []string
	for _, v := range values {
		s, _ := v.(string)
		list = append(list, s)
	}
	return list
}

type operation struct {
	name   string
	portal bool
	run    func(*Server, *request) (any, *Error)
}

// operations by method and path: the models of sso-oidc and sso, 2019-06-10.
var operations = map[string]operation{
	"POST /client/register":       {"RegisterClient", false, (*Server).registerClient},
	"POST /device_authorization":  {"StartDeviceAuthorization", false, (*Server).startDevice},
	"POST /token":                 {"CreateToken", false, (*Server).createToken},
	"GET /federation/credentials": {"GetRoleCredentials", true, (*Server).getRoleCredentials},
	"GET /assignment/roles":       {"ListAccountRoles", true, (*Server).listAccountRoles},
	"POST /logout":                {"Logout", true, (*Server).logout},
}

const maxBody = 256 << 10

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	op, known := operations[r.Method+" "+r.URL.Path]
	switch {
	case r.URL.Path == "/authorize":
		op.name = "Authorize"
	case !known && (r.URL.Path == "/device" || r.URL.Path == "/start"):
		io.WriteString(w, "The user of this page is a test.\n")
		return
	case !known:
		writeError(w, operation{portal: true}, &Error{404, "UnknownOperationException", ""})
		return
	}
	call := Call{Time: s.config.Now().UTC(), Action: op.name, UserAgent: r.UserAgent()}
	fault := s.faults.Take(func(f Fault) bool { return f.Action == "" || f.Action == call.Action })
	call.Fault = fault.Kind
	place := s.calls.Begin(call)
	defer func() { s.calls.End(place, call) }()
	w.Header().Set("X-Amzn-Requestid", s.RequestID())
	if s.play(fault, w, r) {
		return
	}
	if op.name == "Authorize" {
		s.authorize(w, r, &call)
		return
	}
	result, problem := s.judge(op, &request{http: r, call: &call}, fault)
	if fault.Kind == Lose {
		panic(http.ErrAbortHandler)
	}
	if problem != nil {
		call.Error = problem.Code
		writeError(w, op, problem)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(result)
}

// judge reads the request, then lets the fault or the operation answer it.
func (s *Server) judge(op operation, req *request, fault Fault) (any, *Error) {
	if !op.portal {
		body, err := io.ReadAll(io.LimitReader(req.http.Body, maxBody))
		kind, _, _ := mime.ParseMediaType(req.http.Header.Get("Content-Type"))
		if err != nil || !strings.HasSuffix(kind, "json") || json.NewDecoder(bytes.NewReader(body)).Decode(&req.input) != nil {
			return nil, &Error{400, "InvalidRequestException", "The request is no JSON"}
		}
	}
	if problem := fault.refusal(); problem != nil {
		return nil, problem
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return op.run(s, req)
}

// writeError answers as the two services do: both with a header, the portal with a type, the other one as in OAuth.
func writeError(w http.ResponseWriter, op operation, e *Error) {
	w.Header().Set("Content-Type", "application/json")
	body := map[string]any{"error": oauth(e.Code), "error_description": e.Message}
	w.Header().Set("X-Amzn-Errortype", e.Code+":http://internal.amazon.com/coral/com.amazonaws.sso.oidc/")
	if op.portal {
		body = map[string]any{"message": e.Message, "__type": "com.amazonaws.switchboard.portal#" + e.Code}
		w.Header().Set("X-Amzn-Errortype", e.Code)
	}
	w.WriteHeader(e.Status)
	json.NewEncoder(w).Encode(body)
}

// oauth is slow_down for SlowDownException.
func oauth(code string) string {
	var b strings.Builder
	for i, r := range strings.TrimSuffix(code, "Exception") {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
