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
	"whichrole/internal/transport"
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
func (s *step) failure(ctx context.Context, err error) *problem.Error {
	api, ok := errors.AsType[smithy.APIError](err)
	switch {
	case ok && api.ErrorCode() != "UnknownError": // what the SDK says when the answer has no code
		return s.refusal(err, api)
	case ctx.Err() == context.Canceled:
		return s.problem(problem.Failure, "", "interrupted").Because(context.Canceled)
	case ctx.Err() != nil: // the SDK's error does not say what ended it
		err = context.DeadlineExceeded
	}
	_, sent := errors.AsType[*smithyhttp.RequestSendError](err)
	if !sent && statusOf(err) == 0 && ctx.Err() == nil {
		return s.problem(problem.Failure, "", "the request could not be made")
	}
	p := s.silence("", s.line.place.Silence(err, statusOf(err)))
	if ctx.Err() != nil {
		p.Err = context.DeadlineExceeded
	}
	return p
}

func (s *step) silence(requestID string, silence *transport.Silence) *problem.Error {
	return s.problem(problem.Unreachable, requestID, silence.What).WithHint("%s", silence.Hint)
}

// refusal is an answer of STS that says no.
func (s *step) refusal(err error, api smithy.APIError) *problem.Error {
	r := refusal{code: cleanCode(api.ErrorCode()), message: s.quote(api.ErrorMessage())}
	if there := dateOf(err); !there.IsZero() {
		r.ahead = there.Sub(s.line.Now())
	}
	what := r.code
	if r.message != "" && r.message != r.code {
		what = fmt.Sprintf("%s: %s", r.code, r.message)
	}
	id := cleanRequestID(requestIDOf(err))
	switch {
	case unreachableIssuer(r.code, r.message):
		return s.problem(problem.Unreachable, id, what).WithHint("%s", s.issuerHint())
	case throttled(err) || statusOf(err) >= 500:
		return s.problem(problem.Unreachable, id, what).WithHint("AWS is busy or unwell, try again in a moment")
	case !s.start.Token.Empty() && aboutToken(r.code):
		what += "; the token says " + s.start.claims()
	}
	p := s.problem(problem.Refused, id, what).WithHint("%s", s.hint(r))
	if s.wrongCode(r.message) {
		p.Err = ErrWrongCode
	}
	return p
}

var looksLikeCode = transport.OnNeed(`^[A-Za-z0-9.:_-]{1,64}$`)

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
