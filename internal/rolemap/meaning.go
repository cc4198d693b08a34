package rolemap

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"reflect"
	"strings"
)

// How long, in bytes of JSON, a value may be that is repeated in the meaning of each environment: one of the defaults, and
// the text of a policy file.
const (
	maxRepeated     = 256
	maxRepeatedFile = 1024
)

// Meaning is what the map says, in canonical JSON: every decoded key after defaults. The structs that hold the keys are
// encoded as they are, so that a key that is decoded cannot be left out; lists whose order means nothing are sorted.
//
// A long value that is that of the defaults stands in full in Rest, and in the environments by its digest, under
// as_defaults_sha256; a long policy file stands in an environment by the digest that it has anyway: a policy must not be there
// 20,000 times. Whether a value was inherited or written again is the same here, as it is everywhere.
func (m *Map) Meaning() Meaning {
	meaning := Meaning{Environments: make(map[string]string, len(m.environments)), Accounts: make(map[string]string, len(m.accounts))}
	long := m.defaults.longValues()
	var out encoder
	var c meant // one for all: it is large
	for _, e := range m.environments {
		c.is(e, long)
		meaning.Environments[e.name] = out.encode(&c)
	}
	for name, id := range m.accounts {
		meaning.Accounts[name] = string(appendText(nil, id))
	}
	meaning.Rest = out.encode(&rest{m.imports, m.sources, m.defaults, sortedSet(m.sharedPatterns()), m.hasAccounts})
	if m.imported != nil {
		meaning.add(m.imported.Meaning())
	}
	return meaning
}

// add joins the meaning of an imported map to the map's own.
func (m *Meaning) add(environments map[string]string, rest string) {
	for name, text := range environments {
		if own, both := m.Environments[name]; both {
			text = `{"imported":` + text + `,"own":` + own + `}`
		}
		m.Environments[name] = text
	}
	m.Rest = strings.TrimSuffix(m.Rest, "}") + `,"terrateam":` + rest + "}" // it has import_terrateam at least
}

// rest is what belongs to no environment and no account.
type rest struct {
	Import   bool     `json:"import_terrateam,omitempty"`
	Source   []Source `json:"source,omitempty"`
	Defaults settings `json:"defaults,omitzero"`
	NoRole   []string `json:"no_role,omitempty"`
	Accounts bool     `json:"has_accounts,omitempty"` // accounts: {} allows none, no accounts at all allows any number
}

// meant is one environment's meaning.
type meant struct {
	environment
	AsDefaults map[string]string `json:"as_defaults_sha256,omitempty"` // key → digest of the value's JSON
}

// longValue is a setting of the defaults that is not repeated.
type longValue struct {
	field        int // of settings
	key          string
	json, digest string
}

func (s settings) longValues() (long []longValue) {
	var out encoder
	if len(out.encode(&s)) <= maxRepeated { // as in most maps, and this runs before each AWS call
		return nil
	}
	v := reflect.ValueOf(s)
	for i := range v.NumField() {
		text := canonical(v.Field(i).Interface())
		if len(text) <= maxRepeated {
			continue
		}
		key, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		digest := sha256.Sum256([]byte(text))
		long = append(long, longValue{i, key, text, hex.EncodeToString(digest[:])})
	}
	return long
}

// is makes c mean e, in the one form that all ways to write the same share.
func (c *meant) is(e *environment, long []longValue) {
	*c = meant{environment: *e}
	c.Dirs, c.Workspaces = sortedSet(e.Dirs), sortedSet(e.Workspaces)
	c.Role, c.PermissionSet = e.Role.canonical(), e.PermissionSet.canonical()
	for _, l := range long {
		field := reflect.ValueOf(&c.settings).Elem().Field(l.field)
		if _, own := e.ownKey(l.key); own && canonical(field.Interface()) != l.json {
			continue
		}
		field.SetZero()
		if c.AsDefaults == nil {
			c.AsDefaults = map[string]string{}
		}
		c.AsDefaults[l.key] = l.digest
	}
	if c.Policy.File != "" && len(canonical(c.Policy.Text)) > maxRepeatedFile {
		c.Policy.Text = ""
	}
}

// canonical: a plan that is written as apply is what it would be without being written.
func (r roles) canonical() roles {
	if r.Plan.text == r.Apply.text {
		r.Plan = template{}
	}
	return r
}

// canonical is the JSON of any value, by reflection: for the rare ones.
func canonical(v any) string {
	var out bytes.Buffer
	if err := json.NewEncoder(&out).Encode(v); err != nil { // strings, numbers and lists of them: there is nothing that could fail
		panic("rolemap: meaning: " + err.Error())
	}
	return strings.TrimSuffix(out.String(), "\n")
}
