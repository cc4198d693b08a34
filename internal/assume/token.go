package assume

import (
	"fmt"
	"strings"
)

// claims are what a trust policy can look at.
func (s Start) claims() string {
	return fmt.Sprintf("iss %s, aud %s, sub %s", orNothing(s.Issuer), orNothing(strings.Join(s.Audience, " ")), orNothing(s.Subject))
}

func orNothing(s string) string {
	if s == "" {
		return "(none)"
	}
	return s
}

// tokenHint is what would have to match for the token to be taken. The wordings are those of the AssumeRoleWithWebIdentity
// page of the AWS STS API reference and of AWS's own answers.
func (s *step) tokenHint(r refusal) string {
	account := "the role's account"
	if _, id := sessionARN(s.hop); id != "" {
		account = "account " + id
	}
	provider := strings.TrimPrefix(s.start.Issuer, "https://") // as IAM names it
	switch r.code {
	case "AccessDenied", "AccessDeniedException":
		return fmt.Sprintf("the trust policy of %s must allow sts:AssumeRoleWithWebIdentity to the provider %s, with %s:aud %s and %s:sub %s",
			s.hop.RoleARN, provider, provider, orNothing(strings.Join(s.start.Audience, " ")), provider, orNothing(s.start.Subject))
	case "InvalidIdentityToken", "InvalidIdentityTokenException":
		if strings.Contains(r.message, "audience") {
			return fmt.Sprintf("add the audience %s to the IAM OIDC provider %s in %s, or give the source another audience",
				orNothing(strings.Join(s.start.Audience, " ")), provider, account)
		}
		return fmt.Sprintf("%s needs an IAM OIDC provider for %s", account, orNothing(s.start.Issuer))
	case "ExpiredTokenException", "ExpiredToken":
		if hint := clockHint(r.ahead); hint != "" {
			return hint
		}
		return "the token has ended: the job must get a new one"
	case "RegionDisabledException":
		return "choose another region, or activate STS in " + s.line.Region + " (IAM console, account settings)"
	case "ValidationError":
		return s.validationHint(r.message)
	}
	return ""
}
