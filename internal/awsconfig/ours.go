package awsconfig

// otherwise are the settings by which a profile gives credentials or a role of its own, whatever its credential_process is.
func otherwise() []string {
	return []string{
		"role_arn", "source_profile", "credential_source", "web_identity_token_file", "aws_access_key_id", "aws_secret_access_key", "aws_session_token",
		"sso_session", "sso_start_url", "sso_region", "sso_account_id", "sso_role_name", "login_session", "mfa_serial",
	}
}

// Otherwise is the setting by which the profile is not one that calls whichrole with these arguments, nor one that could become it by
// a credential_process and a region in the config file.
func (p *Profile) Otherwise(args ...string) (Setting, bool) {
	for _, key := range otherwise() {
		if s, ok := p.Get(key); ok {
			return s, true
		}
	}
	for _, key := range []string{"credential_process", "region"} { // the credentials file wins
		if s, ok := p.credentials.Get(key); ok {
			return s, true
		}
	}
	if s, ok := p.config.Get("credential_process"); ok {
		_, ours := Calls(s.Text(), args...)
		return s, !ours
	}
	return Setting{}, false
}
