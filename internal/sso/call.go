package sso

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"whichrole/internal/creds"
	"whichrole/internal/problem"
	"whichrole/internal/transport"
)

// maxCall is how long one call may take, its repetitions included: a login, which waits for a person, has a far deadline.
const maxCall = 30 * time.Second

// refusal is an answer of IAM Identity Center that says no.
type refusal struct {
	status  int
	code    string // UnauthorizedException
	message string // fit for an error; may be empty
	id      string // of the request, "" when AWS did not say
}

func (r *refusal) Error() string {
	if r.message == "" {
		return r.code
	}
	return r.code + ": " + r.message
}

// isRefusal tells whether err is AWS's no with one of these codes.
func isRefusal(err error, codes ...string) bool {
	r, ok := errors.AsType[*refusal](err)
	for _, code := range codes {
		if ok && r.code == code {
			return true
		}
	}
	return false
}

// post calls an operation of the OIDC endpoint. All that is secret in the input is named in secrets.
func (c *Client) post(ctx context.Context, path string, input map[string]any, out any, secrets ...creds.Secret) error {
	body, err := json.Marshal(input)
	if err != nil {
		return err
	}
	request := transport.Request{Method: http.MethodPost, URL: c.oidc() + path, Header: map[string]string{"Content-Type": "application/json"}, Body: body}
	return c.call(ctx, request, out, secrets...)
}

// ask calls an operation of the portal with an access token.
func (c *Client) ask(ctx context.Context, method, path string, access creds.Secret, out any) error {
	header := map[string]string{"X-Amz-Sso_bearer_token": access.Reveal()}
	return c.call(ctx, transport.Request{Method: method, URL: c.portal() + path, Header: header}, out, access)
}

// call decodes a good answer into out, which is nil where none is expected. The errors are *refusal, *transport.Silence, *problem.Error and
// that of a context that was cancelled; failure words them all.
func (c *Client) call(ctx context.Context, r transport.Request, out any, secrets ...creds.Secret) error {
	way, err := c.Way()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, maxCall)
	defer cancel()
	answer, err := way.Do(ctx, r)
	if err != nil {
		return err
	}
	if answer.Status/100 == 2 && understood(answer.Body, out) {
		return nil
	}
	if answer.Status >= http.StatusBadRequest {
		if code, message := whatAWSSays(answer); code != "" {
			return &refusal{answer.Status, code, transport.Quote(message, secrets...), requestID(answer.Header.Get("X-Amzn-Requestid"))}
		}
	}
	return c.strange(answer.Host, answer.Status)
}

// understood decodes an answer. Where nothing is expected, nothing or JSON is an answer of AWS's: a captive portal sends a page.
func understood(body []byte, out any) bool {
	if out == nil {
		return len(body) == 0 || json.Valid(body)
	}
	return json.Unmarshal(body, out) == nil
}

// strange is for an answer that IAM Identity Center would not give.
func (c *Client) strange(host string, status int) error {
	place := transport.Place{Host: host, Service: "IAM Identity Center"}
	switch host {
	case transport.HostOf(c.OIDCEndpoint):
		place.Variable = "AWS_ENDPOINT_URL_SSO_OIDC"
	case transport.HostOf(c.PortalEndpoint):
		place.Variable = "AWS_ENDPOINT_URL_SSO"
	}
	return place.Stranger(nil, status)
}

// whatAWSSays reads an error in the three places where AWS has its code: a header, "__type", or "error" as in OAuth.
func whatAWSSays(a *transport.Answer) (code, message string) {
	var body struct {
		Type        string `json:"__type"`
		Message     string `json:"message"`
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	if json.Unmarshal(a.Body, &body) != nil {
		return "", "" // a page of somebody else's
	}
	code, _, _ = strings.Cut(a.Header.Get("X-Amzn-Errortype"), ":")
	if code == "" {
		code = body.Type[strings.LastIndexByte(body.Type, '#')+1:]
	}
	if code == "" && body.Error != "" {
		for word := range strings.SplitSeq(body.Error, "_") { // slow_down is SlowDownException
			code += strings.ToUpper(word[:min(1, len(word))]) + word[min(1, len(word)):]
		}
		code += "Exception"
	}
	if body.Message == "" {
		body.Message = body.Description
	}
	if !consistsOf(code, 64, isWord) {
		return "", ""
	}
	return code, body.Message
}

// failure words an error of call: doing is what could not be done, "log in to …".
func (c *Client) failure(ctx context.Context, doing string, err error) *problem.Error {
	if p, ok := errors.AsType[*problem.Error](err); ok {
		return p
	}
	if r, ok := errors.AsType[*refusal](err); ok {
		if r.id != "" {
			doing += " (request id " + r.id + ")"
		}
		p := problem.New(problem.Refused, "cannot %s: %s", doing, r)
		if r.status == http.StatusTooManyRequests || r.status >= 500 {
			p.Code, p.Hint = problem.Unreachable, "AWS is busy or unwell, try again in a moment"
		}
		return p
	}
	if errors.Is(err, context.Canceled) {
		return problem.New(problem.Failure, "cannot %s: interrupted", doing).Because(context.Canceled)
	}
	p := problem.New(problem.Unreachable, "cannot %s: the request could not be made", doing)
	if s, ok := errors.AsType[*transport.Silence](err); ok {
		p.Message, p.Hint = fmt.Sprintf("cannot %s: %s", doing, s.What), s.Hint
	}
	return p.Because(ctx.Err())
}

// requestID is what AWS calls the request, "" for what does not look like it.
func requestID(id string) string {
	if !consistsOf(id, 64, func(r rune) bool { return isWord(r) || r == '-' }) {
		return ""
	}
	return id
}

func isWord(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

func consistsOf(s string, most int, good func(rune) bool) bool {
	return s != "" && len(s) <= most && strings.IndexFunc(s, func(r rune) bool { return !good(r) }) < 0
}
