package assume

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"

	"whichrole/internal/transport"
)

// retryer is the SDK's standard one with transport's pauses, that gives up at once where another try cannot help.
func retryer(ctx context.Context) aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = transport.Attempts
		o.Backoff = pauses(ctx)
		o.Retryables = append([]retry.IsErrorRetryable{retry.IsErrorRetryableFunc(worthAnother)}, o.Retryables...)
	})
}

// pauses waits by itself: the SDK would drop the failure where the context ends meanwhile, and that says more than
// "deadline exceeded".
func pauses(ctx context.Context) retry.BackoffDelayer {
	return retry.BackoffDelayerFunc(func(attempt int, err error) (time.Duration, error) {
		if !transport.Wait(ctx, attempt, throttled(err)) {
			return 0, err
		}
		return 0, nil
	})
}

func throttled(err error) bool {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		_, known := retry.DefaultThrottleErrorCodes[api.ErrorCode()]
		return known || statusOf(err) == 429
	}
	return false
}

// worthAnother knows what the SDK does not: failures that the next try would only repeat, and answers that broke off. It
// may ask again for those, since a session that nobody received harms nobody.
func worthAnother(err error) aws.Ternary {
	if transport.Hopeless(err) {
		return aws.FalseTernary
	}
	if api, ok := errors.AsType[smithy.APIError](err); ok && unreachableIssuer(api.ErrorCode(), api.ErrorMessage()) || transport.BrokeOff(err) {
		return aws.TrueTernary
	}
	return aws.UnknownTernary
}

// unreachableIssuer tells that AWS could not ask the issuer of a token for its keys, which it may at the next try. It has two
// ways to say so. The SDK tries again after every InvalidIdentityToken, most of which are for good.
func unreachableIssuer(code, message string) bool {
	return code == "IDPCommunicationError" || code == "InvalidIdentityToken" && strings.Contains(message, "verification key")
}
