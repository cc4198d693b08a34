package source

import (
	"time"

	"whichrole/internal/awsconfig"
)

// maxMFA is what STS gives at most to keys with an MFA device, in seconds (the GetSessionToken page of the AWS STS API
// reference). Here it is maxSession.
const maxMFA = 129600

// noteMFA takes up the profile's device. It belongs to the keys at the bottom: their one session serves all roles above.
// Where there are no long-term keys, a device is an error only beside a role: elsewhere the SDKs take no notice of it, and a
// credential_process such as aws-vault reads it for itself.
func (w *walk) noteMFA(c *Choice, p *awsconfig.Profile) error {
	if code, ok := set(p, "mfa_process"); ok {
		w.code, w.coded = code, p
	}
	s, ok := set(p, "mfa_serial")
	if !ok {
		return nil
	}
	if c.Keys == nil || !c.Keys.SessionToken.Empty() {
		if _, isRole := set(p, "role_arn"); !isRole {
			return nil
		}
		return flaw(p, "remove mfa_serial, or name a profile with long-term keys as source_profile",
			"%s asks for an MFA session, and only long-term keys get one, not %s", named(s), c.Description)
	}
	serial, err := words(p, "mfa_serial", namePunctuation+":/", 9, 256)
	if err != nil {
		return err
	}
	if c.MFA != nil && c.MFA.Serial != serial {
		return flaw(p, "name the same device in both", "%s and %s are two devices for the same keys", named(s), named(w.serial))
	}
	if c.MFA == nil {
		w.serial, c.MFA = s, &MFA{Serial: serial, Where: s.String()}
	}
	return nil
}

// finishMFA fills in what is known only once all profiles were read.
func (w *walk) finishMFA(c *Choice) error {
	if c.MFA == nil {
		return nil
	}
	seconds := 0
	if w.keys != nil {
		var err error
		if seconds, err = duration(w.keys, maxMFA); err != nil {
			return err
		}
	}
	if seconds == 0 || seconds > maxSession {
		seconds = maxSession
	}
	c.MFA.Duration = time.Duration(seconds) * time.Second
	if w.code.Text() != "" {
		if err := w.mayRun(w.coded, w.code); err != nil {
			return err
		}
		c.MFA.Process, c.MFA.Where = w.code.Text(), w.code.String()
	}
	c.Description += " with MFA " + c.MFA.Serial
	return nil
}
