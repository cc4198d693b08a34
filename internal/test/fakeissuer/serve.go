package fakeissuer

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Request is one call that arrived. It holds no token.
type Request struct {
	Time       time.Time
	To         string // GitHub, AzureDevOps, Keys or Elsewhere; "" for nothing that is here
	Method     string
	URL        string // path and query
	Audience   string // that was asked for
	Authorized bool   // the right bearer came along; where none is asked for, any Authorization did
	Fault      string // the kind of fault that was played
	Status     int    // 0 while it hangs, and where no status was sent
}

// What else there is beside the CI systems.
const (
	Keys      = "keys"      // discovery and JWKS
	Elsewhere = "elsewhere" // where the fault Redirect leads: nobody should come here
)

const (
	gitHubPath = "/github/_apis/distributedtask/hubs/Actions/plans/11111111-2222-3333-4444-555555555555/jobs/66666666-7777-8888-9999-000000000000/idtoken"
	azurePath  = "/azure/acme/infra/_apis/distributedtask/hubs/build/plans/aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee/jobs/ffffffff-0000-1111-2222-333333333333/oidctoken"
)

// A refusal is an answer that is no token.
type refusal struct {
	status int
	why    string
}

var places = map[string]struct {
	to     string
	answer func(*Issuer, *http.Request) (any, *refusal)
}{
	"/.well-known/openid-configuration": {Keys, func(i *Issuer, _ *http.Request) (any, *refusal) { return i.discovery(), nil }},
	"/.well-known/jwks":                 {Keys, func(*Issuer, *http.Request) (any, *refusal) { return keySet(), nil }},
	gitHubPath:                          {GitHub, (*Issuer).gitHub},
	azurePath:                           {AzureDevOps, (*Issuer).azure},
	"/elsewhere":                        {Elsewhere, (*Issuer).elsewhere},
}

func (i *Issuer) serve(w http.ResponseWriter, r *http.Request) {
	place := places[r.URL.Path]
	entry := Request{Time: i.now(), To: place.to, Method: r.Method, URL: r.URL.RequestURI(), Audience: r.URL.Query().Get("audience"),
		Authorized: i.authorized(place.to, r)}
	fault := i.faults.Take(func(f Fault) bool { return f.at(place.to) })
	entry.Fault = fault.Kind
	at := i.requests.Begin(entry)
	switch fault.Kind {
	case "":
		_, guarded := i.bearer[place.to]
		status, body := i.reply(place.answer, !guarded || entry.Authorized, r)
		entry.Status = status
		i.requests.End(at, entry)
		writeJSON(w, status, body)
	case Hang:
		i.Hang(r)
	case Cut:
		panic(http.ErrAbortHandler)
	default:
		status, kind, body := i.play(fault, r)
		entry.Status = status
		i.requests.End(at, entry)
		w.Header().Set("Content-Type", kind)
		if status == http.StatusFound {
			w.Header().Set("Location", i.URL+"/elsewhere")
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

// reply is what the place says, to who may ask.
func (i *Issuer) reply(answer func(*Issuer, *http.Request) (any, *refusal), welcome bool, r *http.Request) (int, any) {
	switch {
	case answer == nil:
		return http.StatusNotFound, message("there is nothing here")
	case !welcome:
		return http.StatusUnauthorized, message("the Authorization header is missing or wrong")
	}
	body, refused := answer(i, r)
	if refused != nil {
		return refused.status, message(refused.why)
	}
	return http.StatusOK, body
}

func message(text string) any { return map[string]string{"message": text} }

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body)
}

// gitHub gives the job's token for the audience in the query; its own default is the repository's owner.
func (i *Issuer) gitHub(r *http.Request) (any, *refusal) {
	query := r.URL.Query()
	switch {
	case r.Method != http.MethodGet:
		return nil, &refusal{http.StatusMethodNotAllowed, "only GET is allowed"}
	case query.Get("api-version") != "2.0" || len(query["audience"]) > 1:
		return nil, &refusal{http.StatusBadRequest, "the query of ACTIONS_ID_TOKEN_REQUEST_URL is not what it was, or there are two audiences"}
	}
	audience := query.Get("audience")
	if audience == "" {
		audience = "https://github.com/acme"
	}
	token := i.token(GitHub, Claims{"aud": audience})
	return map[string]any{"count": len(token), "value": token}, nil
}

// azure's audience is not the job's to choose; with a service connection that is the subject.
func (i *Issuer) azure(r *http.Request) (any, *refusal) {
	query := r.URL.Query()
	switch {
	case r.Method != http.MethodPost:
		return nil, &refusal{http.StatusMethodNotAllowed, "only POST is allowed"}
	case query.Get("api-version") == "":
		return nil, &refusal{http.StatusBadRequest, "no api-version was supplied"}
	}
	var special Claims
	if query.Get("serviceConnectionId") != "" {
		special = Claims{"sub": "sc://acme/infra/" + query.Get("serviceConnectionId")}
	}
	return map[string]string{"oidcToken": i.token(AzureDevOps, special)}, nil
}

// elsewhere has a good token for anybody, so that who follows a redirect to it does not fail by chance.
func (i *Issuer) elsewhere(*http.Request) (any, *refusal) {
	token := i.Token()
	return map[string]any{"count": len(token), "value": token, "oidcToken": token}, nil
}

func (i *Issuer) authorized(to string, r *http.Request) bool {
	scheme, bearer, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if want, guarded := i.bearer[to]; guarded {
		return strings.EqualFold(scheme, "bearer") && bearer == want
	}
	return scheme != ""
}

// Requests is a copy of what arrived so far, in order of arrival; to is GitHub, AzureDevOps, Keys or Elsewhere, "" for all.
func (i *Issuer) Requests(to string) []Request {
	return slices.DeleteFunc(i.requests.All(), func(r Request) bool { return to != "" && r.To != to })
}
