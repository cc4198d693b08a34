package rolemap

import (
	"strings"

	"whichrole/internal/strictyaml"
)

var sourceKeys = []string{"oidc", "web_identity", "sso", "profile", "environment", "instance", "audience", "account", "permission_set"}

// The CI systems whose OIDC tokens are known, and those among them that are asked for a token with an audience of our choice.
var (
	oidcSystems   = []string{"github", "gitlab", "circleci", "bitbucket", "buildkite", "azure-devops", "hcp-terraform"}
	audienceTaken = []string{"github", "buildkite"}
)

// DecodeSources reads a source list, as the role map and the user's own file have it. Mistakes are noted in v's document; the
// entries that have none are returned.
func DecodeSources(v strictyaml.Value) []Source {
	if v.IsSequence() && v.Len() == 0 {
		v.Mistake("leave source out, or name one: - profile: NAME", "the list is empty")
	}
	var sources []Source
	for i, item := range items(v, maxSources) {
		s, ok := decodeSource(item)
		if ok && s.Kind == "instance" && i != v.Len()-1 {
			item.Mistake("what stands after it is never used", "instance must be the last source")
		}
		if ok {
			sources = append(sources, s)
		}
	}
	return sources
}

func decodeSource(v strictyaml.Value) (Source, bool) {
	fields, ok := v.Fields(sourceKeys...)
	s := Source{Line: v.Line()}
	for _, f := range fields {
		ok = s.take(f) && ok
	}
	if !ok {
		return s, false
	}
	if s.Kind == "" && len(fields) < v.Len() {
		return s, false // a key is wrong, most likely the source's, and that was told
	}
	if s.Kind == "" {
		v.Mistake("name one of oidc, web_identity, sso, profile, environment, instance", "this entry says no source")
		return s, false
	}
	f := s.flaw()
	return s, f.tell(v)
}

// take puts one key into s.
func (s *Source) take(f strictyaml.Field) bool {
	switch f.Key {
	case "audience":
		return str(f.Value, maxWord, &s.Audience)
	case "account":
		return quotedDigits(f.Value) && str(f.Value, maxWord, &s.Account) && accountFlaw(s.Account).tell(f.Value)
	case "permission_set":
		return str(f.Value, maxWord, &s.PermissionSet) && permissionSetFlaw(s.PermissionSet).tell(f.Value)
	}
	if s.Kind != "" {
		f.At.Mistake("make it an entry of its own, beginning with -", "%s and %s are two sources", s.Kind, f.Key)
		return false
	}
	s.Kind = f.Key
	switch f.Key {
	case "oidc":
		return str(f.Value, maxOIDC, &s.Name)
	case "web_identity", "environment", "instance":
		on, ok := f.Value.Bool()
		if ok && !on {
			f.Value.Mistake("leave the entry out", "only true means something here")
		}
		return on
	}
	return str(f.Value, maxWord, &s.Name)
}

func str(v strictyaml.Value, most int, to *string) (ok bool) {
	*to, ok = text(v, most)
	return ok
}

// flaw checks what the keys of one entry say together.
func (s *Source) flaw() *flaw {
	if s.Kind == "oidc" && !isOIDCSystem(s.Name) {
		return flawed("known are "+strings.Join(oidcSystems, ", ")+", env:NAME and file:PATH", "oidc: %s is not known", s.Name)
	}
	if s.Audience != "" && !(s.Kind == "oidc" && contains(audienceTaken, s.Name)) {
		return flawed("only oidc: github and oidc: buildkite are asked for one", "audience has no effect on %s", s)
	}
	if s.Kind != "sso" && s.Account+s.PermissionSet != "" {
		return flawed("only sso takes them", "account and permission_set have no effect on %s", s)
	}
	if (s.Account == "") != (s.PermissionSet == "") {
		return flawed("", "sso takes both account and permission_set, or neither")
	}
	return nil
}

func isOIDCSystem(name string) bool {
	if variable, ok := strings.CutPrefix(name, "env:"); ok {
		return isVariable(variable) && !isDigits(variable[:1])
	}
	if file, ok := strings.CutPrefix(name, "file:"); ok {
		return file != ""
	}
	return contains(oidcSystems, name)
}

// permissionSetFlaw: 1 to 32 characters of [\w+=,.@-], as IAM Identity Center names them.
func permissionSetFlaw(s string) *flaw {
	if len(s) > 32 || !isSTSName(s) {
		return flawed("a name is 1 to 32 of A-Z a-z 0-9 _ + = , . @ -", "%s cannot be the name of a permission set", shorten(s))
	}
	return nil
}

// String describes the source as the map says it: profile corp, sso corp (111111111111, Admin).
func (s Source) String() string {
	text := s.Kind
	if s.Name != "" {
		text += " " + s.Name
	}
	if s.Audience != "" {
		text += " (audience " + s.Audience + ")"
	}
	if s.Account != "" {
		text += " (" + s.Account + ", " + s.PermissionSet + ")"
	}
	return text
}
