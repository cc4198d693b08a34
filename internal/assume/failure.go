package assume

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"whichrole/internal/problem"
)

// problem words a failure of this step: what was asked, which hop, who signed, the request id, and last what went wrong.
func (s *step) problem(code problem.Code, requestID, what string) *problem.Error {
	asked := "ask AWS whose credentials these are ("
	switch {
	case s.hop.RoleARN != "":
		asked = fmt.Sprintf("assume %s (hop %d of %d, ", s.hop.RoleARN, s.position, s.of)
	case s.mfa != "":
		asked = fmt.Sprintf("get a session with the MFA device %s (", s.mfa)
	}
	by := "signed by " + s.start.Signer
	if !s.start.Token.Empty() {
		by = "with the token of " + s.start.Signer
	}
	if requestID != "" {
		by += ", request id " + requestID
	}
	return problem.New(code, "cannot %s%s): %s", asked, by, what)
}

// failure words what the SDK returned. The SDK's error itself is dropped: it may hold a piece of the answer.
func (s *step) failure(err error) *problem.Error {
	api, ok := errors.AsType[smithy.APIError](err)
	if ok && api.ErrorCode() != "UnknownError" { // what the SDK says when the answer has no code
		return s.refusal(err, api)
	}
	if errors.Is(err, context.Canceled) {
		return s.problem(problem.Failure, "", "interrupted").Because(context.Canceled)
	}
	_, sent := errors.AsType[*smithyhttp.RequestSendError](err)
	if !sent && statusOf(err) == 0 && !errors.Is(err, context.DeadlineExceeded) {
		return s.problem(problem.Failure, "", "the request could not be made")
	}
	silence := s.line.place.Silence(err, statusOf(err))
	p := s.problem(problem.Unreachable, "", silence.What)
	p.Hint = silence.Hint
	if errors.Is(err, context.DeadlineExceeded) {
		p.Err = context.DeadlineExceeded
	}
	return p
}

// refusal is an answer of STS that says no.
func (s *step) refusal(err error, api smithy.APIError) *problem.Error {
	code := problem.Refused
	if throttled(err) || statusOf(err) >= 500 || api.ErrorCode() == "IDPCommunicationError" {
		code = problem.Unreachable
	}
	r := refusal{code: cleanCode(api.ErrorCode()), message: s.quote(api.ErrorMessage())}
	if there := dateOf(err); !there.IsZero() {
		r.ahead = there.Sub(s.line.Now())
	}
	what := r.code
	if r.message != "" && r.message != r.code {
		what = fmt.Sprintf("%s: %s", r.code, r.message)
	}
	if code == problem.Refused && !s.start.Token.Empty() {
		what += "; the token says " + s.start.claims()
	}
	p := s.problem(code, cleanRequestID(requestIDOf(err)), what)
	if code == problem.Unreachable {
		p.Hint = "AWS is busy or unwell, try again in a moment"
	} else {
		p.Hint = s.hint(r)
	}
	return p
}

var looksLikeCode = onNeed(`^[A-Za-z0-9.:_-]{1,64}$`)

func cleanCode(code string) string {
	if !looksLikeCode().MatchString(code) {
		return "an error without a name"
	}
	return code
}

// statusOf is the HTTP status of the answer, 0 when there was none.
func statusOf(err error) int {
	if r, ok := errors.AsType[*awshttp.ResponseError](err); ok && r.Response != nil && r.Response.Response != nil {
		return r.Response.StatusCode
	}
	return 0
}

func requestIDOf(err error) string {
	if r, ok := errors.AsType[*awshttp.ResponseError](err); ok {
		return r.RequestID
	}
	return ""
}

// dateOf is the server's clock, to the second; zero when it did not say.
func dateOf(err error) time.Time {
	r, ok := errors.AsType[*awshttp.ResponseError](err)
	if !ok || r.Response == nil || r.Response.Response == nil {
		return time.Time{}
	}
	t, _ := http.ParseTime(r.Response.Header.Get("Date"))
	return t
}
