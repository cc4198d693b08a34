package assume

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"whichrole/internal/creds"
	"whichrole/internal/problem"
)

const maxARN = 2048 // characters (IAM API reference, arnType)

// Identity asks STS whose the start's credentials are: the account (12 digits) and ARN. AWS answers this to every valid key,
// without any permission. Errors are as in Chain.
func (c *Client) Identity(ctx context.Context, start Start) (account, arn string, err error) {
	line, err := c.dial(ctx)
	if err != nil {
		return "", "", err
	}
	defer line.way.Close()
	s := &step{line: line, start: start, secrets: secretsOf(nil, start.Credentials)}
	client, err := s.client(ctx)
	if err != nil {
		return "", "", err
	}
	out, err := client.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return "", "", s.failure(ctx, err)
	}
	account, arn = aws.ToString(out.Account), aws.ToString(out.Arn)
	parts := strings.SplitN(arn, ":", 6)
	if !accountID().MatchString(account) || len(parts) != 6 || parts[0] != "arn" || parts[4] != account || !creds.Visible(arn, maxARN) {
		return "", "", s.problem(problem.Refused, requestID(out.ResultMetadata), "the answer names no account that fits its ARN: "+s.quote(account+" "+arn))
	}
	return account, arn, nil
}
