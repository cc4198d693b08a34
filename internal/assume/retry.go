package assume

import (
	"context"
	"crypto/tls"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
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

// backoff doubles from 0.1 s, or from 1 s where AWS asks for less haste, less up to a half at random. Where the pause would
// outlast the context it gives up with the failure itself: that says more than "deadline exceeded".
func backoff(ctx context.Context) retry.BackoffDelayer {
	return retry.BackoffDelayerFunc(func(attempt int, err error) (time.Duration, error) {
		pause := 100 * time.Millisecond
		if throttled(err) {
			pause = time.Second
		}
		pause <<= min(max(attempt-1, 0), 4)
		pause -= rand.N(pause / 2)
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
// may ask again for those, since a session that nobody received harms nobody.
func worthAnother(err error) aws.Ternary {
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](err)
	_, proxy := errors.AsType[proxyError](err)
	if untrusted || proxy || notTLS(err) {
		return aws.FalseTernary
	}
	if brokeOff(err) {
		return aws.TrueTernary
	}
	return aws.UnknownTernary
}
