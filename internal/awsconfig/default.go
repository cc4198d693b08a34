package awsconfig

// givesCredentials are the settings by which a profile gives SDKs credentials of some kind.
var givesCredentials = [...]string{
	"aws_access_key_id", "aws_secret_access_key", "role_arn", "credential_process", "credential_source", "source_profile",
	"web_identity_token_file", "sso_session", "sso_start_url", "sso_account_id", "login_session",
}

// Default is file:line of a setting by which [default] gives credentials, to SDKs that nobody names a profile. "" for none.
func (f *Files) Default() string {
	p, _ := f.Profile("default")
	for _, key := range givesCredentials {
		if s, ok := p.Get(key); ok && s.Text() != "" {
			return s.String()
		}
	}
	return ""
}
