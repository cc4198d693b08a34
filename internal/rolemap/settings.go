package rolemap

import (
	"slices"
	"strings"
	"time"

	"whichrole/internal/strictyaml"
)

// settings are the keys that defaults may give as well.
type settings struct {
	Account        template     `json:"account,omitzero"`
	Via            []template   `json:"via,omitempty"`
	Source         []Source     `json:"source,omitempty"`
	Region         template     `json:"region,omitzero"`
	Duration       span         `json:"duration,omitzero"`
	SessionName    template     `json:"session_name,omitzero"`
	ExternalID     template     `json:"external_id,omitzero"`
	SourceIdentity template     `json:"source_identity,omitzero"`
	SessionTags    []sessionTag `json:"session_tags,omitempty"`    // sorted by key
	TransitiveTags []string     `json:"transitive_tags,omitempty"` // sorted
	Policy         policy       `json:"policy,omitzero"`
	PolicyARNs     []string     `json:"policy_arns,omitempty"`
}

// span is a duration that the meaning shows as people write it.
type span time.Duration

// MarshalText writes 45m0s.
func (s span) MarshalText() ([]byte, error) { return []byte(time.Duration(s).String()), nil }

type sessionTag struct {
	Key   string   `json:"key"`
	Value template `json:"value"`
}

// settingKeys are the names of the settings in the order of SPEC's table, and what reads each.
var settingKeys = []struct {
	name string
	read func(*decoder, *settings, strictyaml.Value)
}{
	{"account", (*decoder).account},
	{"via", (*decoder).via},
	{"source", func(_ *decoder, s *settings, v strictyaml.Value) { s.Source = DecodeSources(v) }},
	{"region", (*decoder).region},
	{"duration", (*decoder).duration},
	{"session_name", func(d *decoder, s *settings, v strictyaml.Value) { s.SessionName, _ = d.template(v, maxName) }},
	{"external_id", (*decoder).externalID},
	{"source_identity", func(d *decoder, s *settings, v strictyaml.Value) { s.SourceIdentity, _ = d.template(v, maxName) }},
	{"session_tags", (*decoder).sessionTags},
	{"transitive_tags", (*decoder).transitiveTags},
	{"policy", (*decoder).policy},
	{"policy_arns", (*decoder).policyARNs},
}

func settingNames() []string {
	names := make([]string, 0, len(settingKeys))
	for _, k := range settingKeys {
		names = append(names, k.name)
	}
	return names
}

func (d *decoder) setting(s *settings, f strictyaml.Field) {
	for _, k := range settingKeys {
		if k.name == f.Key {
			k.read(d, s, f.Value)
			return
		}
	}
}

func (d *decoder) account(s *settings, v strictyaml.Value) {
	if !quotedDigits(v) {
		return
	}
	t, ok := d.template(v, maxWord)
	if ok && (!t.literal() || accountFlaw(t.text).tell(v)) {
		s.Account = t
	}
}

func (d *decoder) via(s *settings, v strictyaml.Value) {
	s.Via = nil
	for _, item := range items(v, maxVia) {
		if t, ok := d.template(item, maxARN); ok && roleFlaw(t).tell(item) {
			s.Via = append(s.Via, t)
		}
	}
}

func (d *decoder) region(s *settings, v strictyaml.Value) {
	t, ok := d.template(v, maxWord)
	if ok && (!t.literal() || regionFlaw(t.text, "").tell(v)) {
		s.Region = t
	}
}

func (d *decoder) duration(s *settings, v strictyaml.Value) {
	if !v.Within(maxWord) {
		return
	}
	text, ok := v.Raw()
	if !ok {
		return
	}
	duration, f := parseDuration(text)
	if f.tell(v) {
		s.Duration = span(duration)
	}
}

func (d *decoder) externalID(s *settings, v strictyaml.Value) {
	t, ok := d.template(v, maxExternal)
	if !ok {
		return
	}
	fixed := t.text
	if !t.literal() {
		fixed = "xx" + literals(t.text) // the length is known when the variables are
	}
	if f := externalIDFlaw(fixed); f != nil {
		v.Mistake(f.hint, "%s cannot be an external_id", shorten(t.text))
		return
	}
	s.ExternalID = t
}

func (d *decoder) sessionTags(s *settings, v strictyaml.Value) {
	s.SessionTags = nil
	if v.Len() > maxTags {
		v.Mistake("", "%d tags are more than the %d that STS takes", v.Len(), maxTags)
		return
	}
	fields, _ := v.Fields()
	folded := map[string]string{}
	for _, f := range fields {
		if other, twice := folded[strings.ToLower(f.Key)]; twice {
			f.At.Mistake("", "STS takes the tags %s and %s for one: it does not tell case apart", other, f.Key)
			continue
		}
		folded[strings.ToLower(f.Key)] = f.Key
		t, ok := d.template(f.Value, maxName)
		if ok && tagKeyFlaw(f.Key).tell(f.At) && tagValueFlaw(f.Key, literals(t.text)).tell(f.Value) {
			s.SessionTags = append(s.SessionTags, sessionTag{f.Key, t})
		}
	}
	slices.SortFunc(s.SessionTags, func(a, b sessionTag) int { return strings.Compare(a.Key, b.Key) })
}

func (d *decoder) transitiveTags(s *settings, v strictyaml.Value) {
	var keys []string
	for _, item := range items(v, maxTags) {
		if key, ok := text(item, maxName); ok && tagKeyFlaw(key).tell(item) {
			keys = append(keys, key)
		}
	}
	s.TransitiveTags = sortedSet(keys)
}

func (d *decoder) policyARNs(s *settings, v strictyaml.Value) {
	if v.Len() > maxPolicyARNs {
		v.Mistake("", "%d policies are more than the %d that STS takes", v.Len(), maxPolicyARNs)
		return
	}
	var arns []string
	for _, item := range items(v, maxPolicyARNs) {
		arn, ok := text(item, maxARN)
		if ok && !isPolicyARN(arn) {
			item.Mistake("it looks like arn:aws:iam::aws:policy/ReadOnlyAccess", "%s is not the ARN of a policy", arn)
			ok = false
		}
		if ok {
			arns = append(arns, arn)
		}
	}
	s.PolicyARNs = sortedSet(arns)
}

// sortedSet is for lists whose order means nothing.
func sortedSet(list []string) []string {
	if len(list) < 2 { // as nearly always
		return list
	}
	return slices.Compact(slices.Sorted(slices.Values(list)))
}

// roleFlaw judges a role's template by its form.
func roleFlaw(t template) *flaw {
	_, f := parseRoleARN(t.text)
	return f
}
