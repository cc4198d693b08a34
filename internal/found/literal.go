package found

import (
	"strings"

	"whichrole/internal/rolemap"
)

// IsRole tells that text is the ARN of a role that a role map takes, as it stands: no template that becomes one. IAM has more
// characters for a path than are let through; they are those of templates.
func IsRole(text string) bool { return isPlain(text, "+=,.@_/:-") && rolemap.CheckRoleARN(text) == nil }

// IsName tells that text is a role session's name as STS takes it.
func IsName(text string) bool { return len(text) >= 2 && len(text) <= 64 && isPlain(text, "+=,.@_-") }

// IsRegion tells that text is a region that a role map takes, as it stands.
func IsRegion(text string) bool { return rolemap.CheckRegion(text, "") == nil }

// isPlain tells that text has nothing but letters and digits of ASCII and these.
func isPlain(text, others string) bool {
	for _, r := range text {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune(others, r) {
			return false
		}
	}
	return true
}

// IsCredential tells that a variable of that name says whose credentials the AWS SDKs use.
func IsCredential(name string) bool {
	switch name {
	case "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ROLE_ARN",
		"AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE",
		"AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI":
		return true
	}
	return false
}
