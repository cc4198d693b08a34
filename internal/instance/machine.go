package instance

import (
	"context"
	"net/http"
	"strings"

	"whichrole/internal/creds"
	"whichrole/internal/problem"
)

// The paths and headers of IMDSv2: EC2 user guide, "Use the Instance Metadata Service to access instance metadata".
const (
	tokenPath   = "/latest/api/token"
	rolesPath   = "/latest/meta-data/iam/security-credentials/"
	tokenHeader = "X-Aws-Ec2-Metadata-Token"
	ttlHeader   = "X-Aws-Ec2-Metadata-Token-Ttl-Seconds"
	ttl         = "60" // seconds; a visit takes one
)

const (
	maxIMDSToken = 1 << 10 // bytes; AWS's have 56
	maxRoleName  = 64      // IAM and AWS STS quotas
)

// machine asks the instance metadata service in its second version alone: the first gives the keys to whoever can make any
// program on this machine fetch a URL.
func (v *visit) machine(ctx context.Context) (creds.Credentials, error) {
	token, err := v.session(ctx)
	if err != nil {
		return creds.Credentials{}, err
	}
	header := map[string]string{tokenHeader: token}
	role, err := v.role(ctx, header)
	if err != nil {
		return creds.Credentials{}, err
	}
	r, err := v.ask(ctx, http.MethodGet, v.url.String()+rolesPath+role, header)
	if err != nil {
		return creds.Credentials{}, err
	}
	if r.status != http.StatusOK {
		return creds.Credentials{}, v.no(r)
	}
	return v.check(r)
}

func (v *visit) session(ctx context.Context) (string, error) {
	r, err := v.ask(ctx, http.MethodPut, v.url.String()+tokenPath, map[string]string{ttlHeader: ttl})
	if err != nil {
		return "", err
	}
	token := string(r.body)
	switch {
	case r.status == http.StatusForbidden:
		return "", v.fail(problem.LoginNeeded, "the instance metadata service is turned off for this instance (HTTP 403)").
			WithHint("aws ec2 modify-instance-metadata-options --http-endpoint enabled --instance-id …")
	case r.status == http.StatusNotFound || r.status == http.StatusMethodNotAllowed:
		return "", v.fail(problem.LoginNeeded, "%s does not speak IMDSv2 (HTTP %d)", v.url.Host, r.status).WithHint("version 1 is never used, since it gives the keys to any program that can be made to fetch a URL")
	case r.status != http.StatusOK || !creds.Visible(token, maxIMDSToken):
		return "", v.stranger(r.status)
	}
	v.secrets = append(v.secrets, creds.NewSecret(token))
	return token, nil
}

// role is the name of the instance's only role. It becomes a part of a URL, so nothing but such a name is taken.
func (v *visit) role(ctx context.Context, header map[string]string) (string, error) {
	r, err := v.ask(ctx, http.MethodGet, v.url.String()+rolesPath, header)
	if err != nil {
		return "", err
	}
	name := strings.TrimRight(string(r.body), "\r\n")
	switch {
	case r.status == http.StatusNotFound || r.status == http.StatusOK && name == "":
		return "", v.fail(problem.LoginNeeded, "this instance has no role").
			WithHint("aws ec2 associate-iam-instance-profile --iam-instance-profile Name=… --instance-id …")
	case r.status != http.StatusOK:
		return "", v.no(r)
	case !isRoleName(name):
		return "", v.fail(problem.Unreachable, "what %s gives as the name of the role is no such name", v.url.Host)
	}
	return name, nil
}

// isRoleName is the rule of IAM for names. The two that a path would swallow are none of ours.
func isRoleName(s string) bool {
	return s != "" && s != "." && s != ".." && len(s) <= maxRoleName && !strings.ContainsFunc(s, notInName)
}

func notInName(r rune) bool {
	return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && !strings.ContainsRune("_+=,.@-", r)
}
