package awsconfig

// givesCredentials are the settings by which a profile gives SDKs credentials or a role of its own, besides credential_process.
func givesCredentials() []string {
	return []string{
		"role_arn", "source_profile", "credential_source", "web_identity_token_file", "aws_access_key_id", "aws_secret_access_key",
		"sso_session", "sso_start_url", "sso_region", "sso_account_id", "sso_role_name", "login_session",
	}
}

// Default is file:line of a setting by which [default] gives credentials, to SDKs that nobody names a profile. "" for none.
func (f *Files) Default() string {
	p, _ := f.Profile("default")
	for _, key := range append(givesCredentials(), "credential_process") {
		if s, ok := p.Get(key); ok && s.Text() != "" {
			return s.String()
		}
	}
	return ""
}
