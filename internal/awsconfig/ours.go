package awsconfig

// Otherwise is the setting by which the profile is not one that calls whichrole with these arguments, nor one that could become it by
// a credential_process and a region in the config file.
func (p *Profile) Otherwise(args ...string) (Setting, bool) {
	for _, key := range append(givesCredentials(), "aws_session_token", "mfa_serial") { // the last two are somebody's, and give nothing
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
