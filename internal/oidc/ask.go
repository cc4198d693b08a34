package oidc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"whichrole/internal/creds"
	"whichrole/internal/problem"
	"whichrole/internal/transport"
)

// azureConnection is set by AzureCLI@2 and AzurePowerShell@5 to the id of their service connection, and by anybody else who
// wants the token to stand for one (sub sc://ORG/PROJECT/CONNECTION) rather than for the pipeline (sub p://ORG/PROJECT/PIPELINE).
const azureConnection = "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID"

// question is a request for a token, as a job of a CI system makes it.
type question struct {
	place   Place
	method  string
	url     string            // the variable with the URL
	query   url.Values        // what is added to it
	bearer  string            // the variable with the bearer token
	scheme  string            // of the Authorization header, as the system's documentation writes it
	header  map[string]string // besides that one
	content string
	field   string // of the answer: the token
	denied  string // what to do where the answer is no
}

// askGitHub: GitHub's "OpenID Connect reference", methods for requesting the token.
func (w World) askGitHub(ctx context.Context, p Place) (token, from string, err error) {
	return w.ask(ctx, question{
		place: p, method: "GET", url: githubURL, query: url.Values{"audience": {p.audience()}},
		bearer: githubBearer, scheme: "bearer", field: "value", denied: needed(github),
	})
}

// askAzure: Azure DevOps REST API 7.1, "Oidctoken - Create". Without the Suppress it answers a token that it does not know
// with the page of a login.
func (w World) askAzure(ctx context.Context, p Place) (token, from string, err error) {
	q := question{
		place: p, method: "POST", url: azureURL, query: url.Values{"api-version": {"7.1"}},
		bearer: azureBearer, scheme: "Bearer", field: "oidcToken", denied: needed(azureDevOps),
		header: map[string]string{"Content-Type": "application/json", "X-TFS-FedAuthRedirect": "Suppress"}, content: "{}",
	}
	if id := w.Env[azureConnection]; id != "" {
		q.query.Set("serviceConnectionId", id)
		q.denied = "the pipeline needs the permission to use the service connection that " + azureConnection + " names"
	}
	return w.ask(ctx, q)
}

func (w World) ask(ctx context.Context, q question) (token, from string, err error) {
	address, err := w.address(q)
	if err != nil {
		return "", "", err
	}
	bearer := strings.TrimSpace(w.Env[q.bearer])
	if strings.IndexFunc(bearer, neverInHeader) >= 0 {
		return "", "", q.place.problem(problem.LoginNeeded, q.denied, "%s holds a character that no token has", q.bearer)
	}
	way, err := w.Way()
	if err != nil {
		return "", "", err
	}
	header := map[string]string{"Accept": "application/json", "Authorization": q.scheme + " " + bearer}
	for name, value := range q.header {
		header[name] = value
	}
	answer, err := way.Do(ctx, transport.Request{Method: q.method, URL: address, Header: header, Body: []byte(q.content)})
	if err != nil {
		return "", "", q.silence(ctx, err)
	}
	return q.token(answer, creds.NewSecret(bearer))
}

func neverInHeader(r rune) bool { return r <= ' ' || r >= 0x7f }

// address adds to the query of the URL. In GitHub's there is one already, and its path has empty segments that must stay.
func (w World) address(q question) (string, error) {
	u, err := url.Parse(strings.TrimSpace(w.Env[q.url]))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", q.place.problem(problem.LoginNeeded, "the CI system sets it: leave it as it is", "%s is not an http or https URL", q.url)
	}
	if u.RawQuery != "" {
		u.RawQuery += "&"
	}
	u.RawQuery += q.query.Encode()
	u.Fragment = ""
	return u.String(), nil
}

func (q question) silence(ctx context.Context, err error) error {
	if errors.Is(err, context.Canceled) {
		return q.place.problem(problem.Failure, "", "interrupted").Because(context.Canceled)
	}
	hint := ""
	if silence, ok := errors.AsType[*transport.Silence](err); ok {
		hint = silence.Hint
	}
	return q.place.problem(problem.Unreachable, hint, "%v", err).Because(ctx.Err()) // the deadline, or nothing
}

// token takes the token from an answer, which may be anybody's: nothing of it is in an error but a message made harmless.
func (q question) token(answer *transport.Answer, bearer creds.Secret) (token, from string, err error) {
	var fields body
	bad := json.Unmarshal(answer.Body, &fields)
	switch {
	case answer.Status == 429 || answer.Status >= 500:
		return "", "", q.place.problem(problem.Unreachable, "try again in a moment", "%s", said(answer, fields, bearer))
	case answer.Status == 401 || answer.Status == 403 || answer.Status == 404: // what may not be seen is often said not to be there
		return "", "", q.place.problem(problem.Refused, q.denied, "%s", said(answer, fields, bearer))
	case answer.Status >= 300:
		return "", "", q.place.problem(problem.Refused, "", "%s", said(answer, fields, bearer))
	case bad != nil || json.Unmarshal(fields[q.field], &token) != nil || token == "":
		return "", "", q.place.problem(problem.Unreachable, "a captive portal or a proxy may stand in between",
			"what %s answers (HTTP %d) holds no token", answer.Host, answer.Status)
	}
	return token, "the token of " + answer.Host, nil
}

// said is an answer that says no, with the reason where it gives one.
func said(answer *transport.Answer, fields body, bearer creds.Secret) string {
	text := fmt.Sprintf("%s answered HTTP %d", answer.Host, answer.Status)
	var reason string
	if json.Unmarshal(fields["message"], &reason) == nil && strings.TrimSpace(reason) != "" {
		text += ": " + transport.Quote(reason, bearer)
	}
	return text
}
