package assume

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/aws/smithy-go"

	"whichrole/internal/transport"
)

const attempts = 3

// retryer is the SDK's standard one with short pauses, that gives up at once where another try cannot help.
func retryer(ctx context.Context) aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = attempts
		o.Backoff = backoff(ctx)
		o.Retryables = append([]retry.IsErrorRetryable{retry.IsErrorRetryableFunc(worthAnother)}, o.Retryables...)
	})
}

// backoff waits as transport does. Where the pause would outlast the context it gives up with the failure itself: that says
// more than "deadline exceeded".
func backoff(ctx context.Context) retry.BackoffDelayer {
	return retry.BackoffDelayerFunc(func(attempt int, err error) (time.Duration, error) {
		pause := transport.Pause(attempt, throttled(err))
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < pause {
			return 0, err
		}
		return pause, nil
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
// may ask again for those, since a session that nobody received harms nobody. AWS also could not reach the issuer of a token
// for a moment: the SDK's own provider of web identity tries again then, too.
func worthAnother(err error) aws.Ternary {
	if transport.Hopeless(err) {
		return aws.FalseTernary
	}
	_, idp := errors.AsType[*types.IDPCommunicationErrorException](err)
	if idp || transport.BrokeOff(err) {
		return aws.TrueTernary
	}
	return aws.UnknownTernary
}
