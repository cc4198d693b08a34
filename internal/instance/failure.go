package instance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net"
	"net/http"

	"whichrole/internal/problem"
	"whichrole/internal/transport"
)

// fail words a failure of this visit, with the hint that fits where nothing better is known.
func (p place) fail(code problem.Code, format string, args ...any) *problem.Error {
	whose := "container"
	if p.kind == Machine {
		whose = "machine"
	}
	e := problem.New(code, "cannot get the credentials of this %s: %s", whose, fmt.Sprintf(format, args...))
	if e.Hint = "instance: true is for EC2 instances, and containers of ECS and EKS"; p.variable != "" {
		e.Hint = "look at " + p.variable
	}
	return e
}

// silence words a failure of the network. Its own text is dropped: it holds the URL, whose path opens the door.
func (v *visit) silence(ctx context.Context, err error) *problem.Error {
	if ctx.Err() == context.Canceled {
		return v.fail(problem.Failure, "interrupted").WithHint("").Because(context.Canceled)
	}
	if p, ok := errors.AsType[*problem.Error](err); ok { // of dialBeside
		return p
	}
	if errors.Is(err, errTooLarge) {
		return v.fail(problem.Unreachable, "the answer of %s is larger than %d KiB", v.url.Host, maxAnswer>>10)
	}
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return v.late()
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" && v.kind == Machine {
		return v.fail(problem.LoginNeeded, "there is no instance metadata service at %s", v.url.Host)
	}
	s := transport.Place{Host: v.url.Host}.Silence(err, 0)
	return v.fail(problem.Unreachable, "%s", s.What)
}

func (v *visit) late() *problem.Error {
	e := v.fail(problem.Unreachable, "%s did not answer in time", v.url.Host).Because(context.DeadlineExceeded)
	if v.kind == Machine { // the answer of the token request is the one that a router drops
		e.Hint += "; in a container on an instance: aws ec2 modify-instance-metadata-options --http-put-response-hop-limit 2 --instance-id …"
	}
	return e
}

// stranger is for what the service would never say.
func (p place) stranger(status int) *problem.Error {
	service := "a container's credential endpoint"
	if p.kind == Machine {
		service = "the instance metadata service"
	}
	return p.fail(problem.Unreachable, "what %s answers (HTTP %d) is not an answer of %s", p.url.Host, status, service)
}

func (v *visit) busy(r *reply) *problem.Error {
	return v.fail(problem.Unreachable, "%s is busy or unwell (HTTP %d)%s", v.url.Host, r.status, v.words(r)).WithHint("try again in a moment")
}

// no is for an answer without credentials.
func (v *visit) no(r *reply) error {
	switch {
	case r.status < 400:
		return v.stranger(r.status)
	case r.status == http.StatusNotFound && v.kind == Container:
		return v.fail(problem.LoginNeeded, "%s has none for it (HTTP 404)%s", v.url.Host, v.words(r))
	}
	e := v.fail(problem.Refused, "%s says no (HTTP %d)%s", v.url.Host, r.status, v.words(r))
	if r.status == http.StatusUnauthorized && v.kind == Container {
		e.Hint = "look at " + tokenFileVariable + " and " + tokenVariable
	}
	return e
}

// refused is for an answer that was given all the same (HTTP 200), and says no.
func (v *visit) refused(a answer) *problem.Error {
	words := v.said(a)
	if words == "" {
		return v.stranger(http.StatusOK)
	}
	return v.fail(problem.Refused, "%s says no%s", v.url.Host, words)
}

// words are those of an error, after a colon: the agents of ECS and EKS say there what is wrong. HTML is for nobody.
func (v *visit) words(r *reply) string {
	var a answer
	if json.Unmarshal(r.body, &a) == nil {
		return v.said(a)
	}
	if r.plain {
		return v.said(answer{Message: string(r.body)})
	}
	return ""
}

func (v *visit) said(a answer) string {
	text := a.Message
	if a.Code != "" && a.Message != "" {
		text = a.Code + ": " + a.Message
	} else if a.Code != "" {
		text = a.Code
	}
	if text = transport.Quote(text, v.secrets...); text == "" {
		return ""
	}
	return ": " + text
}

func isPlain(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && kind == "text/plain"
}
