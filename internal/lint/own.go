package lint

import (
	"slices"

	"whichrole/internal/modules"
	"whichrole/internal/rolemap"
)

// own finds blocks of a mapped module that say themselves whose credentials are used. Of a profile it is known that whichrole
// is not asked only where the map itself has its first credentials from it: which one calls whichrole each user's own AWS
// config file says.
func (c *checker) own(m *modules.Module) {
	var keyed []string // blocks of whose keys it was said
	for _, o := range m.Own {
		f := rolemap.Finding{File: o.File, Line: o.Line, Column: o.Column, Source: o.Text}
		switch o.Key {
		case "access_key", "secret_key", "token", "shared_credentials_file", "shared_credentials_files":
			if slices.Contains(keyed, o.File+"\n"+o.Block) {
				continue
			}
			keyed = append(keyed, o.File+"\n"+o.Block)
			f.Code, f.Text = OwnKeys, o.Block+" brings credentials of its own ("+o.Key+"): whichrole is not asked"
			f.Hint = "delete them; a key that was ever committed is to be revoked as well"
		case "profile":
			if !slices.Contains(c.sources, o.Value) {
				continue
			}
			f.Code, f.Text = OwnProfile, o.Block+" uses the profile "+o.Value+", which is a source of the role map: whichrole is not asked"
			f.Hint = "name the profile that calls whichrole, or delete it and set AWS_PROFILE"
		case "shared_config_files":
			f.Code, f.Text = OwnProfile, o.Block+" reads AWS files of its own ("+o.Key+"): whichrole is asked only if a profile there calls it"
			f.Hint = "delete it: each user's own AWS config file has the profile"
		case "assume_role_with_web_identity":
			f.Code, f.Text = OwnRole, o.Block+" assumes a role with a token of its own"+value(o)+": what whichrole hands out is not used"
			f.Hint = "delete it: the role map says which role it is"
		default:
			f.Code, f.Text = OwnRole, o.Block+" assumes a role of its own"+value(o)+": one more hop, from the role that whichrole hands out"
			f.Hint = "delete it: the role map says which role it is"
		}
		c.findings = append(c.findings, f)
	}
}

func value(o modules.Own) string {
	if o.Value == "" {
		return ""
	}
	return " (" + o.Value + ")"
}
