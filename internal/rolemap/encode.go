package rolemap

import (
	"maps"
	"slices"
	"time"
)

// encoder writes the canonical JSON of the meaning by hand, byte for byte what encoding/json makes of the same structs: a
// test compares them, so that no key can be left out. Reflection over the structs cost each process a quarter of a
// millisecond, and this runs before each AWS call.
type encoder struct{ b []byte }

// meaningful values write their keys.
type meaningful interface{ keys(e *encoder) }

func (e *encoder) encode(v meaningful) string {
	e.b = e.b[:0]
	e.object(v)
	return string(e.b)
}

func (e *encoder) object(v meaningful) {
	e.b = append(e.b, '{')
	v.keys(e)
	e.b = append(e.b, '}')
}

func (e *encoder) key(name string) {
	if e.b[len(e.b)-1] != '{' {
		e.b = append(e.b, ',')
	}
	e.b = append(appendText(e.b, name), ':')
}

func (e *encoder) text(name, s string) {
	if s != "" {
		e.key(name)
		e.b = appendText(e.b, s)
	}
}

func (e *encoder) yes(name string, on bool) {
	if on {
		e.key(name)
		e.b = append(e.b, "true"...)
	}
}

func (e *encoder) texts(name string, list []string) {
	listOf(e, name, list, func(s string) { e.b = appendText(e.b, s) })
}

// listOf writes a list whose items write themselves; an empty one is left out.
func listOf[T any](e *encoder, name string, list []T, item func(T)) {
	if len(list) == 0 {
		return
	}
	e.key(name)
	e.b = append(e.b, '[')
	for i, x := range list {
		if i > 0 {
			e.b = append(e.b, ',')
		}
		item(x)
	}
	e.b = append(e.b, ']')
}

// appendText quotes as encoding/json does; plain ASCII needs no more than the quotes.
func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			return append(b, canonical(s)...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

func (r *rest) keys(e *encoder) {
	e.yes("import_terrateam", r.Import)
	e.sources(r.Source)
	at := len(e.b)
	e.key("defaults")
	before := len(e.b)
	e.object(&r.Defaults)
	if len(e.b) == before+len("{}") {
		e.b = e.b[:at]
	}
	e.texts("no_role", r.NoRole)
	e.yes("has_accounts", r.Accounts)
}

func (c *meant) keys(e *encoder) {
	e.texts("dirs", c.Dirs)
	e.texts("workspaces", c.Workspaces)
	e.roles("role_arn", c.Role)
	e.roles("permission_set", c.PermissionSet)
	c.settings.keys(e)
	if len(c.AsDefaults) > 0 {
		e.key("as_defaults_sha256")
		e.object(digests(c.AsDefaults))
	}
}

type digests map[string]string

func (d digests) keys(e *encoder) {
	for _, name := range slices.Sorted(maps.Keys(d)) {
		e.text(name, d[name])
	}
}

func (e *encoder) roles(name string, r roles) {
	if r.Plan.text+r.Apply.text+r.State.text != "" {
		e.key(name)
		e.object(&r)
	}
}

func (r *roles) keys(e *encoder) {
	e.text("plan", r.Plan.text)
	e.text("apply", r.Apply.text)
	e.text("state", r.State.text)
}

func (s *settings) keys(e *encoder) {
	e.text("account", s.Account.text)
	listOf(e, "via", s.Via, func(t template) { e.b = appendText(e.b, t.text) })
	e.sources(s.Source)
	e.text("region", s.Region.text)
	if s.Duration != 0 {
		e.text("duration", time.Duration(s.Duration).String())
	}
	e.text("session_name", s.SessionName.text)
	e.text("external_id", s.ExternalID.text)
	e.text("source_identity", s.SourceIdentity.text)
	listOf(e, "session_tags", s.SessionTags, func(t sessionTag) { e.object(&t) })
	e.texts("transitive_tags", s.TransitiveTags)
	if s.Policy != (policy{}) {
		e.key("policy")
		e.object(&s.Policy)
	}
	e.texts("policy_arns", s.PolicyARNs)
}

func (e *encoder) sources(list []Source) {
	listOf(e, "source", list, func(s Source) { e.object(&s) })
}

func (s *Source) keys(e *encoder) {
	e.key("kind")
	e.b = appendText(e.b, s.Kind)
	e.text("name", s.Name)
	e.text("audience", s.Audience)
	e.text("account", s.Account)
	e.text("permission_set", s.PermissionSet)
}

func (t *sessionTag) keys(e *encoder) {
	e.key("key")
	e.b = appendText(e.b, t.Key)
	e.key("value")
	e.b = appendText(e.b, t.Value.text)
}

func (p *policy) keys(e *encoder) {
	e.key("text")
	e.b = appendText(e.b, p.Text)
	e.text("file", p.File)
	e.text("sha256", p.SHA256)
}
