package awsconfig

import (
	"strconv"

	"whichrole/internal/creds"
)

// Setting is one "key = value" of a file. Formatting it in any way shows where it stands, never the value, which may be a
// secret; not even as an unexported field of another struct, hence the pointer.
type Setting struct {
	Key  string // in lower case
	File string
	Line int       // from 1
	Sub  []Setting // the indented settings below a key without a value, as in [services X]; later ones win

	text *string
}

// Text is the value of a setting that is no secret: a region, a role's ARN.
func (s Setting) Text() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// Secret is the value of a setting that is one.
func (s Setting) Secret() creds.Secret { return creds.NewSecret(s.Text()) }

// String is file:line.
func (s Setting) String() string { return position(s.File, s.Line) }

// Get is the indented setting of that name below s.
func (s Setting) Get(key string) (Setting, bool) { return last(s.Sub, key) }

// Section is one [kind name] of a file, with all that later sections of the same name add to it.
type Section struct {
	Kind string // profile, sso-session or services; "" for [default] and for all of the credentials file
	Name string
	File string
	Line int // of its first header, from 1

	settings []Setting
}

// Get is the setting of that name, given in lower case. Of two the later one wins.
func (s *Section) Get(key string) (Setting, bool) {
	if s == nil {
		return Setting{}, false
	}
	return last(s.settings, key)
}

// String is file:line of the section's header.
func (s *Section) String() string { return position(s.File, s.Line) }

// Profile is what both files say about one profile.
type Profile struct {
	Name string

	config, credentials *Section // one of them may be nil
}

// Get is the setting of that name, given in lower case; the credentials file wins over the config file.
//
// The keys of one identity are never put together from two files: where the credentials file has an access key id or a
// secret access key, id, secret, token and account are all read there. The AWS SDK for Go v2 would pair the token of the
// config file with the key of the credentials file.
func (p *Profile) Get(key string) (Setting, bool) {
	if identityKey(key) {
		return p.keySection().Get(key)
	}
	if s, ok := p.credentials.Get(key); ok {
		return s, true
	}
	return p.config.Get(key)
}

// String is file:line of the profile's header, in the config file if it has one there.
func (p *Profile) String() string {
	if p.config != nil {
		return p.config.String()
	}
	return p.credentials.String()
}

func (p *Profile) keySection() *Section {
	_, id := p.credentials.Get("aws_access_key_id")
	_, secret := p.credentials.Get("aws_secret_access_key")
	if id || secret || p.config == nil {
		return p.credentials
	}
	return p.config
}

func identityKey(key string) bool {
	switch key {
	case "aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_account_id":
		return true
	}
	return false
}

func last(settings []Setting, key string) (Setting, bool) {
	for i := len(settings) - 1; i >= 0; i-- {
		if settings[i].Key == key {
			return settings[i], true
		}
	}
	return Setting{}, false
}

func position(file string, line int) string { return file + ":" + strconv.Itoa(line) }
