package assume

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"whichrole/internal/creds"
	"whichrole/internal/problem"
)

// Identity asks STS whose base is: its account (12 digits) and ARN. AWS answers this to every valid key, without any
// permission. The signer is as in Chain, and so are the errors.
func (c *Client) Identity(ctx context.Context, base creds.Credentials, signer string) (account, arn string, err error) {
	line, err := c.dial(ctx)
	if err != nil {
		return "", "", err
	}
	defer line.close()
	s := &step{line: line, position: 1, of: 1, signer: signer, signing: base, secrets: secretsOf(nil, base)}
	client, err := s.client(ctx)
	if err != nil {
		return "", "", err
	}
	out, err := client.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return "", "", s.failure(err)
	}
	account, arn = aws.ToString(out.Account), aws.ToString(out.Arn)
	parts := strings.SplitN(arn, ":", 6)
	if !accountID().MatchString(account) || len(parts) != 6 || parts[0] != "arn" || parts[4] != account || !printable(arn) {
		return "", "", s.problem(problem.Refused, requestID(out.ResultMetadata), "the answer names no account that fits its ARN: "+s.quote(account+" "+arn))
	}
	return account, arn, nil
}
