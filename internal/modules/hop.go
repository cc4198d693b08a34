package modules

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/hcl/v2"

	"whichrole/internal/rolemap"
)

// hopNames are the names that one way to write a role has for its parts. Those of duration are as Go writes them, such as 1h30m.
type hopNames struct {
	role, session, external, duration, seconds string
	also                                       []string
}

// laterKeys are what the s3 backend of old had beside role_arn, and is not in Hop.
var laterKeys = []string{"assume_role_policy", "assume_role_policy_arns", "assume_role_tags", "assume_role_transitive_tag_keys"}

// ofHop is today's way, of the providers and of the backend.
func ofHop() hopNames {
	return hopNames{"role_arn", "session_name", "external_id", "duration", "duration_seconds", []string{"policy", "policy_arns", "source_identity", "tags", "transitive_tag_keys"}}
}

// ofBackend is the backend's of old.
func ofBackend() hopNames {
	return hopNames{"role_arn", "session_name", "external_id", "", "assume_role_duration_seconds", laterKeys}
}

// ofUnit is Terragrunt's.
func ofUnit() hopNames {
	return hopNames{role: "iam_role", session: "iam_assume_role_session_name", seconds: "iam_assume_role_duration"}
}

var (
	hopSchema  = sync.OnceValue(func() *hcl.BodySchema { return attributesOf(ofHop().all()) })
	unitSchema = sync.OnceValue(func() *hcl.BodySchema { return attributesOf(append(ofUnit().all(), webToken)) })
)

func (n hopNames) all() []string {
	return slices.DeleteFunc(append([]string{n.role, n.session, n.external, n.duration, n.seconds}, n.also...), func(s string) bool { return s == "" })
}

// field is the value of a setting, and its line.
type field struct {
	expr hcl.Expression
	line int
}

// fieldsOf are those attributes of body that the schema names.
func fieldsOf(body hcl.Body, schema *hcl.BodySchema) map[string]field {
	content, _, _ := body.PartialContent(schema)
	fields := map[string]field{}
	for name, a := range content.Attributes {
		fields[name] = field{a.Expr, a.NameRange.Start.Line}
	}
	return fields
}

// fieldsIn are those of an object; false where the text does not say what is in it.
func (v *values) fieldsIn(s *source, object hcl.Expression) (map[string]field, bool) {
	pairs, diags := hcl.ExprMap(object)
	if diags.HasErrors() {
		return nil, false
	}
	fields := map[string]field{}
	for _, pair := range pairs {
		if key, ok := v.text(s, pair.Key); ok {
			fields[key] = field{pair.Value, pair.Key.Range().Start.Line}
		}
	}
	return fields, true
}

// fieldsAmong are those settings that are attributes.
func fieldsAmong(list []setting) map[string]field {
	fields := map[string]field{}
	for _, set := range list {
		if set.value != nil && !isHop(set.key) {
			fields[set.key] = field{set.value, set.at.Start.Line}
		}
	}
	return fields
}

// assumed fills in what these settings of k say.
func (v *values) assumed(k Block, s *source, list []setting) Block {
	for _, set := range list {
		switch {
		case isHop(set.key) && len(k.Hops) == maxHops:
			k.Hops[maxHops-1] = hopUnknown(s, set, isTooMany)
		case isHop(set.key):
			if h, said := v.hopOf(s, set); said {
				k.Hops = append(k.Hops, h)
			}
		}
	}
	old := func(set setting) bool { return set.key == "role_arn" }
	if k.State && slices.ContainsFunc(list, old) && !slices.ContainsFunc(k.Hops, func(h Hop) bool { return !h.Web }) {
		if h, said := v.hop(s, fieldsAmong(list), ofBackend()); said {
			k.Hops = append(k.Hops, h)
		}
	}
	if len(k.Hops) == 0 {
		return k // nobody asks for the rest, and for a local all files of the directory may have to be parsed
	}
	fields := fieldsAmong(list)
	if at, there := fields["region"]; there {
		k.region(v, s, at)
	}
	if at, there := fields["profile"]; there {
		k.Profile, _ = v.literal(s, at.expr)
	}
	slices.SortStableFunc(k.Hops, func(a, b Hop) int { // the token serves to begin with, wherever it stands
		switch {
		case a.Web == b.Web:
			return 0
		case a.Web:
			return -1
		}
		return 1
	})
	return k
}

// region takes the region. One that is none is told with the last hop, which it would go to; that of a backend is its bucket's.
func (k *Block) region(v *values, s *source, at field) {
	k.Region, _ = v.literal(s, at.expr)
	if k.Region == "" || k.State || rolemap.CheckRegion(k.Region, "") == nil {
		return
	}
	k.Region = ""
	k.Hops[len(k.Hops)-1].unknown("region", isNoRegion, at.line)
}

// hopOf is the role of an assume_role; false where it says none.
func (v *values) hopOf(s *source, set setting) (Hop, bool) {
	if set.made {
		return hopUnknown(s, set, isMade), true
	}
	var fields map[string]field
	if set.inner != nil {
		fields = fieldsOf(set.inner, hopSchema())
	} else {
		var ok bool
		if fields, ok = v.fieldsIn(s, set.value); !ok {
			text, why := v.literal(s, set.value)
			return hopUnknown(s, set, isComputed), why != "" || text != ""
		}
	}
	h, said := v.hop(s, fields, ofHop())
	h.Web = set.key == "assume_role_with_web_identity"
	return h, said
}

func hopUnknown(s *source, set setting, why string) Hop {
	line := set.at.Start.Line
	return Hop{Unknown: []Unknown{{set.key, why, s.path, line}}, File: s.path, Line: line}
}

// hop is the role that these fields say; false where they say none.
func (v *values) hop(s *source, fields map[string]field, n hopNames) (h Hop, said bool) {
	h.File, h.Line = s.path, fields[n.role].line
	h.RoleARN = h.take(v, s, fields, n.role)
	if h.RoleARN != "" && rolemap.CheckRoleARN(h.RoleARN) != nil { // it may be anything, a secret too
		h.RoleARN = ""
		h.unknown(n.role, isNoRole, h.Line)
	}
	said = h.RoleARN != "" || len(h.Unknown) > 0
	h.SessionName = h.word(v, s, fields, n.session, "+=,.@-_", 64)
	h.ExternalID = h.word(v, s, fields, n.external, "+=,.@-_:/", 1224)
	h.lasts(n.duration, h.take(v, s, fields, n.duration), fields)
	if seconds := h.take(v, s, fields, n.seconds); seconds != "" {
		h.lasts(n.seconds, seconds+"s", fields)
	}
	for _, key := range n.also {
		if at, there := fields[key]; there {
			if text, why := v.literal(s, at.expr); why != "" || text != "" {
				h.Also = append(h.Also, key)
			}
		}
	}
	return h, said
}

// lasts takes a duration.
func (h *Hop) lasts(key, text string, fields map[string]field) {
	if text == "" {
		return
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 15*time.Minute || d > 12*time.Hour {
		h.unknown(key, isNoTime, fields[key].line)
		return
	}
	h.Duration = d
}

// take is what a field says, "" where that is nothing or not known.
func (h *Hop) take(v *values, s *source, fields map[string]field, key string) string {
	at, there := fields[key]
	if !there {
		return ""
	}
	text, why := v.literal(s, at.expr)
	if why != "" {
		h.unknown(key, why, at.line)
	}
	return text
}

// word is take for what STS takes of letters, digits and these other characters: at least 2 of them, and most at most.
func (h *Hop) word(v *values, s *source, fields map[string]field, key, others string, most int) string {
	text := h.take(v, s, fields, key)
	outside := func(c rune) bool {
		return (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && !strings.ContainsRune(others, c)
	}
	if text != "" && (len(text) < 2 || len(text) > most || strings.IndexFunc(text, outside) >= 0) {
		h.unknown(key, isNoWord, fields[key].line)
		return ""
	}
	return text
}

func (h *Hop) unknown(key, why string, line int) {
	h.Unknown = append(h.Unknown, Unknown{key, why, h.File, line})
}
