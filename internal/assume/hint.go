package assume

import (
	"fmt"
	"strings"
	"time"

	"whichrole/internal/partition"
	"whichrole/internal/transport"
)

// refusal is what STS said, already fit for an error.
type refusal struct {
	code, message string
	ahead         time.Duration // how far AWS's clock is ahead of ours; 0 when not known
}

// hint is the most likely way out of a refusal, "" when nothing better is known than the message itself. It is chosen by
// the codes and the wording that the STS API reference and AWS's own answers show; a new wording only loses the hint.
func (s *step) hint(r refusal) string {
	if !s.start.Token.Empty() {
		if hint := s.tokenHint(r); hint != "" {
			return hint
		}
	}
	switch r.code {
	case "AccessDenied", "AccessDeniedException", "UnauthorizedOperation":
		return s.deniedHint(r.message)
	case "InvalidClientTokenId", "UnrecognizedClientException":
		return s.unknownKeyHint()
	case "SignatureDoesNotMatch", "RequestExpired", "RequestTimeTooSkewed", "InvalidSignatureException":
		return s.signatureHint(r)
	case "ExpiredToken", "ExpiredTokenException":
		return "the session of " + s.start.Signer + " has ended: log in again"
	case "ValidationError":
		return s.validationHint(r.message)
	case "RegionDisabledException":
		return "choose another region, or activate STS in " + s.line.Region + " (IAM console, account settings)"
	case "PackedPolicyTooLarge", "PackedPolicyTooLargeException":
		return "shorten policy, policy_arns or session_tags"
	case "MalformedPolicyDocument", "MalformedPolicyDocumentException":
		return "policy must be a JSON policy document, at most 2048 characters long"
	}
	return ""
}

var userInMessage = transport.OnNeed(`User: (arn:aws[a-z-]*:(?:iam|sts)::\d{12}:[\w+=,.@/-]{1,300}) is not authorized`)

func (s *step) deniedHint(message string) string {
	who := s.previous // the role's ARN is what a trust policy names; the message has only the session's
	if who == "" {
		who = s.start.Signer
		if m := userInMessage().FindStringSubmatch(message); m != nil {
			who = m[1]
		}
	}
	switch {
	case s.mfa != "":
		return s.mfaHint(message)
	case s.hop.RoleARN == "":
		return ""
	case strings.Contains(message, "explicit deny"):
		return "a policy of " + who + ", of its organization or of the role denies this explicitly"
	case strings.Contains(message, "perform: sts:TagSession"):
		return fmt.Sprintf("session_tags: the trust policy of %s must allow %s sts:TagSession too", s.hop.RoleARN, who)
	case strings.Contains(message, "perform: sts:SetSourceIdentity"):
		return fmt.Sprintf("source_identity: the trust policy of %s must allow %s sts:SetSourceIdentity too", s.hop.RoleARN, who)
	case s.hop.ExternalID != "":
		return fmt.Sprintf("the trust policy of %s must allow %s with this external_id, and that one's own policy sts:AssumeRole", s.hop.RoleARN, who)
	}
	return fmt.Sprintf("the trust policy of %s must allow %s, and that one's own policy sts:AssumeRole; the trust policy may also ask for an external_id, or for MFA (mfa_serial in the AWS config file)", s.hop.RoleARN, who)
}

// wrongCode tells that another code may do.
func (s *step) wrongCode(message string) bool {
	return s.mfa != "" && strings.Contains(message, "invalid MFA one time pass code")
}

func (s *step) mfaHint(message string) string {
	switch {
	case s.wrongCode(message):
		return "wait for the next code of the device: each is good for one call"
	case strings.Contains(message, "unable to validate MFA code"):
		return "mfa_serial must be a device of this user: aws iam list-mfa-devices shows them"
	case strings.Contains(message, "session credentials"):
		return "a session is got with the long-term keys of a user, and " + s.start.Signer + " holds a session"
	}
	return ""
}

func (s *step) unknownKeyHint() string {
	if role := partition.OfARN(s.hop.RoleARN); role != "" && role != partition.Of(s.line.Region) {
		return fmt.Sprintf("the role is in partition %s, but region %s belongs to %s", role, s.line.Region, partition.Of(s.line.Region))
	}
	return fmt.Sprintf("the access key of %s is unknown to AWS (deleted, inactive, of another session), or region %s is not enabled for its account",
		s.start.Signer, s.line.Region)
}

func (s *step) signatureHint(r refusal) string {
	if hint := clockHint(r.ahead); hint != "" {
		return hint
	}
	if r.code != "SignatureDoesNotMatch" || strings.Contains(r.message, "Signature expired") || strings.Contains(r.message, "not yet current") {
		return "look at the clock of this machine"
	}
	return "the secret access key of " + s.start.Signer + " does not belong to its access key id"
}

func (s *step) validationHint(message string) string {
	switch {
	case strings.Contains(message, "role chaining"):
		return "a role that is assumed from a role lasts 1h at most: set duration to 1h"
	case strings.Contains(message, "MaxSessionDuration"):
		return fmt.Sprintf("asked for %s: shorten duration, or raise the maximum session duration of %s", short(s.hop.Duration), s.hop.RoleARN)
	}
	return ""
}

// clockHint tells how far our clock is from AWS's; "" when that is within what AWS accepts anyway.
func clockHint(ahead time.Duration) string {
	if ahead.Abs() < 4*time.Minute {
		return ""
	}
	if ahead > 0 {
		return "your clock is " + short(ahead) + " behind AWS"
	}
	return "your clock is " + short(-ahead) + " ahead of AWS"
}

// short writes a duration to the minute: 12m, 3h, 3h10m.
func short(d time.Duration) string {
	d = d.Round(time.Minute)
	h, m := int(d/time.Hour), int(d%time.Hour/time.Minute)
	switch {
	case h == 0:
		return fmt.Sprintf("%dm", m)
	case m == 0:
		return fmt.Sprintf("%dh", h)
	}
	return fmt.Sprintf("%dh%dm", h, m)
}
