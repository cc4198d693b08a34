package found

import "strings"

// IsRole tells that text is the ARN of a role as it stands, not a template that becomes one. Whether STS takes it is for others
// to say.
func IsRole(text string) bool {
	parts := strings.SplitN(text, ":", 6)
	return len(parts) == 6 && parts[0] == "arn" && parts[2] == "iam" && parts[4] != "" &&
		strings.HasPrefix(parts[5], "role/") && len(text) <= 2048 && isPlain(text, "+=,.@_/:-")
}

// IsName tells that text is a role session's name as STS takes it.
func IsName(text string) bool { return len(text) >= 2 && len(text) <= 64 && isPlain(text, "+=,.@_-") }

// IsRegion tells that text could be a region as it stands.
func IsRegion(text string) bool {
	return text != "" && len(text) <= 32 && isPlain(text, "-") && text == strings.ToLower(text)
}

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
