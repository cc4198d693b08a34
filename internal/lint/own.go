package lint

import (
	"slices"

	"whichrole/internal/modules"
	"whichrole/internal/rolemap"
)

// own finds blocks of a mapped module that say themselves whose credentials are used.
func own(m *modules.Module) (list []rolemap.Finding) {
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
		case "profile", "shared_config_files":
			f.Code, f.Text = OwnProfile, o.Block+" says "+o.Key+value(o)+": whichrole is asked only if that profile calls it"
			f.Hint = "delete it and set AWS_PROFILE, or name the profile that calls whichrole"
		case "assume_role_with_web_identity":
			f.Code, f.Text = OwnRole, o.Block+" assumes a role with a token of its own"+value(o)+": what whichrole hands out is not used"
			f.Hint = "delete it: the role map says which role it is"
		default:
			f.Code, f.Text = OwnRole, o.Block+" assumes a role of its own"+value(o)+": one more hop, from the role that whichrole hands out"
			f.Hint = "delete it: the role map says which role it is"
		}
		list = append(list, f)
	}
	return list
}

func value(o modules.Own) string {
	if o.Value == "" {
		return ""
	}
	return " (" + o.Value + ")"
}
