package endpoint

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"time"

	"whichrole/internal/output"
	"whichrole/internal/problem"
)

// askFor is how long a request waits for credentials that must be fetched first: botocore gives up after 2 s, and comes
// again twice.
const askFor = 1500 * time.Millisecond

const maxMessage = 1 << 10 // bytes

// answer is what container credential providers read. botocore, Go, JavaScript and Java take AccountId, too.
type answer struct {
	AccessKeyID     string `json:"AccessKeyId"`
	SecretAccessKey string
	Token           string
	Expiration      string // to the second, in UTC: no SDK stumbles over that
	AccountID       string `json:"AccountId,omitempty"`
}

// refusal has the names by which Go, Java and Rust know an error; botocore shows it whole.
type refusal struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	status, reply := s.judge(r)
	if status != http.StatusOK {
		s.log("endpoint: a request was answered with HTTP %d", status)
	}
	body, err := json.Marshal(reply)
	if err != nil {
		status, body = http.StatusInternalServerError, nil
	}
	h := w.Header()
	h.Set("Content-Type", "application/json") // to the letter: otherwise Go takes an error's JSON for its text
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	w.Write(body)
}

// judge answers who has all of it: the host as we named it, the path and the token. What is refused hears nothing of what was
// wrong in it.
func (s *Server) judge(r *http.Request) (status int, reply any) {
	switch {
	case r.Host != s.host: // a name that somebody lets point to 127.0.0.1, in a browser of this machine
		return http.StatusForbidden, refusal{"Forbidden", "this is not for you"}
	case !same(r.URL.Path, s.path):
		return http.StatusNotFound, refusal{"NotFound", "there is nothing here"}
	case r.Method != http.MethodGet:
		return http.StatusMethodNotAllowed, refusal{"MethodNotAllowed", "only GET is answered"}
	case len(r.Header.Values("Authorization")) != 1 || !same(r.Header.Get("Authorization"), s.token):
		return http.StatusUnauthorized, refusal{"Unauthorized", "the token of AWS_CONTAINER_AUTHORIZATION_TOKEN is needed"}
	}
	ctx, cancel := context.WithTimeout(r.Context(), askFor)
	defer cancel()
	c, expiration, err := s.held.fresh(ctx)
	if err != nil {
		return http.StatusServiceUnavailable, refusal{"CredentialsUnavailable", inWords(err)}
	}
	return http.StatusOK, answer{
		AccessKeyID: c.AccessKeyID, SecretAccessKey: c.SecretAccessKey.Reveal(), Token: c.SessionToken.Reveal(),
		Expiration: expiration.UTC().Format("2006-01-02T15:04:05Z"), AccountID: c.AccountID,
	}
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// inWords is an error as SDKs show it, which is all that the person sees.
func inWords(err error) string {
	text := "whichrole: " + err.Error()
	if hint := problem.HintOf(err); hint != "" {
		text += "; hint: " + hint
	}
	return output.Printable(problem.Cut(text, maxMessage))
}
