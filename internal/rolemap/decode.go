package rolemap

import (
	"slices"
	"strings"

	"whichrole/internal/pattern"
	"whichrole/internal/strictyaml"
)

// decoder fills a Map and notes every mistake in the document.
type decoder struct {
	m          *Map
	doc        *strictyaml.Document
	readPolicy func(rel string) ([]byte, error)
	policies   map[string]policy // each file is read once, however many environments name it
	keys       []string          // that an environment may have
}

var topKeys = []string{"version", "import", "source", "defaults", "environments", "accounts", "no_role"}

// decode reads the keys in an order in which each finds what it needs, whatever their order in the file.
func (d *decoder) decode(top strictyaml.Value) {
	fields, ok := top.Fields(topKeys...)
	if !ok {
		return
	}
	at := map[string]strictyaml.Value{}
	for _, f := range fields {
		at[f.Key] = f.Value
	}
	d.version(top, at)
	if v, ok := at["import"]; ok {
		d.imports(v)
	}
	if v, ok := at["source"]; ok {
		d.m.sources = DecodeSources(v)
	}
	if v, ok := at["accounts"]; ok {
		d.accounts(v)
	}
	if v, ok := at["no_role"]; ok {
		d.noRole(v)
	}
	if v, ok := at["defaults"]; ok {
		d.defaults(v)
	}
	clean := !d.anyMistake()
	if v, ok := at["environments"]; ok {
		d.environments(v, clean)
	} else if clean && !d.m.imports {
		top.Mistake("add environments:, or import: terrateam", "environments is missing")
	}
}

func (d *decoder) anyMistake() bool { return len(d.doc.Mistakes()) > 0 }

func (d *decoder) version(top strictyaml.Value, at map[string]strictyaml.Value) {
	v, ok := at["version"]
	if !ok {
		if !d.anyMistake() {
			top.Mistake("add the line version: 1", "version is missing")
		}
		return
	}
	if s, ok := v.Raw(); ok && s != "1" {
		v.Mistake("write version: 1", "version %s is not known here", s)
	}
}

func (d *decoder) imports(v strictyaml.Value) {
	s, ok := v.Str()
	if ok && s != "terrateam" {
		v.Mistake("write import: terrateam", "%s cannot be imported", s)
	}
	d.m.imports = ok && s == "terrateam"
}

// quotedDigits makes sure that a number of digits was quoted: 012345678901 is another number to every other YAML reader.
func quotedDigits(v strictyaml.Value) bool {
	if !v.IsScalar() || !v.Plain() {
		return true
	}
	if s, ok := v.Raw(); ok && isDigits(s) {
		v.Mistake("quote it: leading zeros are lost", "an account number must be quoted: \"%s\"", s)
		return false
	}
	return true
}

func (d *decoder) accounts(v strictyaml.Value) {
	fields, ok := v.Fields()
	if !ok {
		return
	}
	d.m.hasAccounts, d.m.accounts = true, make(map[string]string, len(fields))
	for _, f := range fields {
		if !quotedDigits(f.At) || !quotedDigits(f.Value) {
			continue
		}
		if !isRoleText(f.Key) {
			f.At.Mistake("a name has only A-Z a-z 0-9 _ . -", "%s cannot be captured as an account", f.Key)
			continue
		}
		if id, ok := f.Value.Str(); ok && accountFlaw(id).tell(f.Value) {
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
	items, _ := v.Items()
	for _, item := range items {
		if s, p := compilePattern(item); p != nil {
			d.m.noRole = append(d.m.noRole, noRole{pattern: p, text: s, line: item.Line()})
		}
	}
}

// compilePattern returns nil where the pattern is wrong.
func compilePattern(v strictyaml.Value) (string, *pattern.Pattern) {
	s, ok := v.Str()
	if !ok {
		return "", nil
	}
	p, err := pattern.Compile(s)
	if err != nil {
		v.Mistake("", "pattern %s: %v", shorten(s), err)
		return "", nil
	}
	for _, c := range p.Captures() {
		if contains(nameVariables, c) {
			v.Mistake(reservedHint(c), "{%s} is a variable already and cannot capture", c)
			return "", nil
		}
	}
	return s, p
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

// maxMistakes bounds how much of a map is read on after it proved to be wrong: nobody mends a hundred at once, and a search
// for the nearest right name takes its time.
const maxMistakes = 100

func (d *decoder) environments(v strictyaml.Value, clean bool) {
	fields, ok := v.Fields()
	if !ok {
		return
	}
	if len(fields) == 0 && !d.m.imports {
		v.Mistake("", "at least one environment is needed")
	}
	sound := make([]*environment, 0, len(fields))
	for _, f := range fields {
		before := len(d.doc.Mistakes())
		if before > maxMistakes {
			return
		}
		e := d.environment(f)
		d.m.environments = append(d.m.environments, e)
		d.m.byName[e.name] = e
		if len(d.doc.Mistakes()) == before {
			sound = append(sound, e)
		}
	}
	d.collectCaptures()
	if !clean { // what a broken default or source would lead to is no mistake of its own
		return
	}
	for _, e := range sound {
		if len(d.doc.Mistakes()) > maxMistakes {
			return
		}
		d.check(e)
	}
}

// collectCaptures finds every name that a directory can give, and {account} where an environment that is chosen by name needs it.
func (d *decoder) collectCaptures() {
	seen := map[string]bool{}
	for _, e := range d.m.environments {
		for _, p := range e.patterns {
			for _, c := range p.Captures() {
				seen[c] = true
			}
		}
		if len(e.Dirs) == 0 {
			seen["account"] = seen["account"] || e.uses("account_id")
		}
	}
	for name, used := range seen {
		if used {
			d.m.captures = append(d.m.captures, name)
		}
	}
	slices.Sort(d.m.captures)
}
