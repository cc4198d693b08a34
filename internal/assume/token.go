package assume

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"

	"whichrole/internal/partition"
	"whichrole/internal/problem"
)

const (
	maxClaim    = 256 // bytes of a claim in a message
	maxAudience = 3   // audiences in a hint
)

// claims are what a trust policy can look at.
func (s Start) claims() string {
	audience := shown(strings.Join(s.Audience, " "))
	return fmt.Sprintf("iss %s, aud %s, sub %s", orNothing(shown(s.Issuer)), orNothing(audience), orNothing(shown(s.Subject)))
}

func orNothing(s string) string {
	if s == "" {
		return "(none)"
	}
	return s
}

// shown makes a claim harmless. Nobody has verified it.
func shown(claim string) string {
	return problem.Cut(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, strings.ToValidUTF8(claim, "?")), maxClaim)
}

// aboutToken tells that a refusal is one of the token, rather than of what was asked for with it.
func aboutToken(code string) bool {
	return strings.HasPrefix(code, "AccessDenied") || strings.HasPrefix(code, "IDP") || strings.Contains(code, "Token")
}

// tokenHint is what would have to match for the token to be taken. The wordings that it looks for are those of the
// AssumeRoleWithWebIdentity page of the AWS STS API reference and of AWS's own answers.
func (s *step) tokenHint(r refusal) string {
	_, account := sessionARN(s.hop)
	const provider = "with credentials of account %s: aws iam %s-open-id-connect-provider"
	switch {
	case strings.Contains(r.message, "explicit deny"), strings.Contains(r.message, "sts:TagSession"): // as with keys
		return ""
	case strings.HasPrefix(r.code, "AccessDenied"):
		return fmt.Sprintf("to let this token in, the trust policy of %s needs %s", s.hop.RoleARN, s.statement())
	case strings.HasPrefix(r.code, "ExpiredToken"):
		if hint := clockHint(r.ahead); hint != "" {
			return hint
		}
		return "the time of this token is over: the job must get a new one"
	case !strings.HasPrefix(r.code, "InvalidIdentityToken"):
		return ""
	case strings.Contains(r.message, "No OpenIDConnect provider"):
		hint := fmt.Sprintf(provider+" --url %s --client-id-list", account, "create", problem.Quote(shown(s.start.Issuer)))
		for _, audience := range s.audience() {
			hint += " " + problem.Quote(audience)
		}
		return hint
	case strings.Contains(r.message, "audience") && len(s.start.Audience) > 0:
		return fmt.Sprintf("ask for an audience that the provider in IAM knows; or, "+provider+" --open-id-connect-provider-arn %s --client-id %s",
			account, "add-client-id-to", problem.Quote(s.providerARN()), problem.Quote(s.audience()[0]))
	}
	return ""
}

// issuerHint is for a token whose issuer AWS could not ask.
func (s *step) issuerHint() string {
	return fmt.Sprintf("AWS reads %s/.well-known/openid-configuration, and the keys that it names, from the internet: try again in a moment",
		strings.TrimSuffix(shown(s.start.Issuer), "/"))
}

// provider is the token's issuer as IAM names it.
func (s *step) provider() string { return strings.TrimPrefix(shown(s.start.Issuer), "https://") }

func (s *step) providerARN() string {
	_, account := sessionARN(s.hop)
	return fmt.Sprintf("arn:%s:iam::%s:oidc-provider/%s", partition.OfARN(s.hop.RoleARN), account, s.provider())
}

func (s *step) audience() []string {
	list := []string{}
	for _, a := range s.start.Audience[:min(len(s.start.Audience), maxAudience)] {
		list = append(list, shown(a))
	}
	return list
}

// statement is the part of a trust policy that lets exactly this token in.
func (s *step) statement() string {
	var audience any = s.audience()
	if list := s.audience(); len(list) == 1 {
		audience = list[0]
	}
	return fmt.Sprintf(`{"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Principal": {"Federated": %s}, "Condition": {"StringEquals": {%s: %s, %s: %s}}}`,
		quoted(s.providerARN()), quoted(s.provider()+":aud"), quoted(audience), quoted(s.provider()+":sub"), quoted(shown(s.start.Subject)))
}

func quoted(v any) string {
	text, _ := json.Marshal(v) // strings alone
	return string(text)
}
