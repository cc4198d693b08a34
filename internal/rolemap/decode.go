package rolemap

import (
	"strings"

	"whichrole/internal/pattern"
	"whichrole/internal/strictyaml"
)

// decoder fills a Map and notes every mistake in the document.
type decoder struct {
	m          *Map
	doc        *strictyaml.Document
	readPolicy func(rel string) ([]byte, error)
	policies   map[string]policy   // each file is read once, however many environments name it
	patterns   map[string]compiled // each is compiled once, and matched once
	names      map[string]*pattern.Name
	variables  []string // those that were seen, each with the bit of its place here
	offered    varSet   // every capture that a directory or --set can give
	keys       []string // that an environment may have
	blank      bool     // the environments stand in comments, as init writes those whose roles nobody says
}

// compiled is a pattern and its captures.
type compiled struct {
	*pattern.Pattern
	bits varSet
}

var topKeys = []string{"version", "import", "source", "defaults", "environments", "accounts", "no_role"}

// decode reads the keys in an order in which each finds what it needs, whatever their order in the file.
func (d *decoder) decode(top strictyaml.Value) {
	fields, ok := top.Fields(topKeys...)
	if !ok {
		return
	}
	d.version(top, fields)
	if v, ok := at(fields, "import"); ok {
		d.imports(v)
	}
	if v, ok := at(fields, "source"); ok {
		d.m.sources = DecodeSources(v)
	}
	if v, ok := at(fields, "accounts"); ok {
		d.accounts(v)
	}
	if v, ok := at(fields, "no_role"); ok {
		d.noRole(v)
	}
	if v, ok := at(fields, "defaults"); ok {
		d.defaults(v)
	}
	clean := !d.anyMistake()
	if v, ok := at(fields, "environments"); ok {
		d.environments(v, clean)
	} else if clean && !d.m.imports {
		hint := "add environments:, or import: terrateam"
		if d.blank {
			hint = "fill in the ARNs and take the # away"
		}
		top.Mistake(hint, "environments is missing")
	}
}

func (d *decoder) anyMistake() bool { return len(d.doc.Mistakes()) > 0 }

func (d *decoder) version(top strictyaml.Value, fields []strictyaml.Field) {
	v, ok := at(fields, "version")
	if !ok {
		if !d.anyMistake() {
			top.Mistake("add the line version: 1", "version is missing")
		}
		return
	}
	if s, ok := v.Raw(); ok && s != "1" {
		v.Mistake("write version: 1", "version %s is not known here", shorten(s))
	}
}

func (d *decoder) imports(v strictyaml.Value) {
	s, ok := v.Str()
	if ok && s != "terrateam" {
		v.Mistake("write import: terrateam", "%s cannot be imported", shorten(s))
	}
	d.m.imports = ok && s == "terrateam"
}

// quotedDigits makes sure that a number of digits was quoted: 012345678901 is another number to every other YAML reader.
func quotedDigits(v strictyaml.Value) bool {
	if !v.IsScalar() || !v.Plain() {
		return true
	}
	if s, ok := v.Raw(); ok && len(s) <= maxWord && isDigits(s) {
		v.Mistake("quote it: leading zeros are lost", "an account number must be quoted: \"%s\"", s)
		return false
	}
	return true
}

func (d *decoder) accounts(v strictyaml.Value) {
	if !v.AtMost(maxAccounts) {
		return
	}
	fields, ok := v.Fields()
	if !ok {
		return
	}
	d.m.hasAccounts, d.m.accountsAt, d.m.accounts = true, v, make(map[string]string, len(fields))
	for _, f := range fields {
		if !quotedDigits(f.At) || !quotedDigits(f.Value) {
			continue
		}
		if !isRoleText(f.Key) || len(f.Key) > maxWord {
			f.At.Mistake("a name has only A-Z a-z 0-9 _ . -", "%s cannot be captured as an account", shorten(f.Key))
			continue
		}
		if id, ok := text(f.Value, maxWord); ok && accountFlaw(id).tell(f.Value) {
			d.m.accounts[f.Key] = id
		}
	}
}

// isRoleText is [A-Za-z0-9_.-]+, what a directory may bring into the name of a role.
func isRoleText(s string) bool {
	for i := range len(s) {
		if !isWordByte(s[i]) && s[i] != '.' && s[i] != '-' {
			return false
		}
	}
	return s != ""
}

func (d *decoder) noRole(v strictyaml.Value) {
	for _, item := range items(v, maxNoRole) {
		if p, ok := d.pattern(item); ok {
			d.m.noRole = append(d.m.noRole, noRole{pattern: p.Pattern, text: p.String(), line: item.Line(), column: item.Column()})
		}
	}
}

// pattern compiles each text once.
func (d *decoder) pattern(v strictyaml.Value) (compiled, bool) {
	s, ok := text(v, maxPattern)
	if !ok {
		return compiled{}, false
	}
	if c, again := d.patterns[s]; again {
		return c, true
	}
	p, err := pattern.Compile(s)
	if err != nil {
		v.Mistake("", "pattern %s: %v", shorten(s), err)
		return compiled{}, false
	}
	c := compiled{Pattern: p}
	for _, name := range p.Captures() {
		if contains(nameVariables, name) {
			v.Mistake(reservedHint(name), "{%s} is a variable already and cannot capture", name)
			return compiled{}, false
		}
		bit, ok := d.bit(v, name)
		if !ok {
			return compiled{}, false
		}
		c.bits |= bit
	}
	if d.patterns == nil {
		d.patterns = map[string]compiled{}
	}
	d.patterns[s] = c
	return c, d.notTooMany(v)
}

func (d *decoder) notTooMany(v strictyaml.Value) bool {
	if len(d.patterns)+len(d.names) > maxPatterns {
		v.Mistake("", "more than %d different patterns are more than any map needs", maxPatterns)
		return false
	}
	return true
}

func reservedHint(capture string) string {
	if capture == "account_id" {
		return "capture {account}: {account_id} is looked up from it"
	}
	return "choose another name; taken are " + strings.Join(nameVariables, ", ")
}

func (d *decoder) defaults(v strictyaml.Value) {
	fields, ok := v.Fields(settingNames()...)
	if !ok {
		return
	}
	for _, f := range fields {
		d.setting(&d.m.defaults, f)
	}
}

func (d *decoder) environments(v strictyaml.Value, clean bool) {
	if !v.AtMost(maxEnvironments) {
		return
	}
	fields, ok := v.Fields()
	if !ok {
		return
	}
	if v.Len() == 0 && !d.m.imports {
		v.Mistake("", "at least one environment is needed")
	}
	all := make([]environment, len(fields)) // at once: an environment is large
	sound := make([]*environment, 0, len(fields))
	d.m.environments = make([]*environment, 0, len(fields))
	for i, f := range fields {
		before := len(d.doc.Mistakes())
		if d.doc.Full() {
			return
		}
		e := &all[i]
		d.environment(e, f)
		d.m.environments = append(d.m.environments, e)
		if len(d.doc.Mistakes()) == before {
			sound = append(sound, e)
		}
	}
	d.collectCaptures()
	if !clean { // what a broken default or source would lead to is no mistake of its own
		return
	}
	for _, e := range sound {
		if d.doc.Full() {
			return
		}
		d.check(e)
	}
}

// collectCaptures finds every name that a directory can give, and {account} where an environment that is chosen by name needs it.
func (d *decoder) collectCaptures() {
	for _, e := range d.m.environments {
		d.offered |= e.captures
		if len(e.Dirs) == 0 && e.variables().has(accountIDBit) {
			d.offered |= accountBit
		}
	}
	d.m.captures = d.namesOf(d.offered)
}
