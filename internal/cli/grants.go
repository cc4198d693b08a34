package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"

	"whichrole/internal/broker"
	"whichrole/internal/output"
)

// printGrants shows everything that is approved. It walks the meaning that trust records and not a choice of keys, so that
// nothing which decides can be left out: a source of its own, a tag, a key that is added to the format one day.
func printGrants(w io.Writer, d *broker.Decision) {
	line(w, "role map  %s", d.File.Path)
	if d.Subject.Checkout != "" {
		line(w, "used for  %s (named in repositories by its git remote)", d.Subject.Checkout)
	}
	meaning := d.Subject.Meaning
	rest := object(meaning.Rest)
	defaults, _ := rest["defaults"].(map[string]any)
	for _, name := range d.Map.EnvironmentNames() {
		line(w, "\n%s", word(name))
		theirs := defaults
		if d.Map.IsImported(name) { // its keys have other names: none of them stands for a default
			theirs = nil
		}
		printKeys(w, object(meaning.Environments[name]), theirs, meaning.Accounts)
	}
	delete(rest, "has_accounts")
	if d.File.Terrateam {
		delete(rest, "import_terrateam") // it is the file itself
	}
	delete(rest, "defaults")
	if len(defaults) > 0 {
		line(w, "\ndefaults, where an environment says nothing else")
		printKeys(w, defaults, nil, nil)
	}
	if len(meaning.Accounts) > 0 {
		rest["accounts"] = accountList(meaning.Accounts)
	}
	line(w, "\nthe whole map")
	printKeys(w, rest, nil, nil)
}

func object(text string) map[string]any {
	var o map[string]any
	if json.Unmarshal([]byte(text), &o) != nil {
		return map[string]any{"meaning": text} // never hide what was not understood
	}
	return o
}

// firstKeys come first; all others follow in alphabetical order.
var firstKeys = []string{"dirs", "workspaces", "tag_query", "role_arn", "permission_set", "plan", "apply", "account", "via", "source"}

// printKeys leaves out what stands among the defaults as it is, and tells of a default that does not count here.
func printKeys(w io.Writer, keys, defaults map[string]any, accounts map[string]string) {
	names := slices.Collect(maps.Keys(keys))
	for name := range defaults {
		if _, ok := keys[name]; !ok {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(keyOrder(a), keyOrder(b)) })
	for _, name := range names {
		value, given := keys[name]
		if given && reflect.DeepEqual(value, defaults[name]) {
			continue
		}
		texts := []string{"none"}
		if given {
			texts = plain(value)
		}
		for i, text := range texts {
			label := ""
			if i == 0 {
				label = name
			}
			fmt.Fprintf(w, "  %-16s %s%s\n", word(label), text, anyAccount(name, text, accounts))
		}
	}
}

func keyOrder(name string) string {
	if i := slices.Index(firstKeys, name); i >= 0 {
		return string(rune('0' + i))
	}
	return name
}

// plain is a value in lines for people.
func plain(value any) []string {
	switch v := value.(type) {
	case string:
		return []string{word(v)}
	case map[string]any:
		if only, ok := v["apply"].(string); ok && len(v) == 1 {
			return []string{word(only)}
		}
		lines := make([]string, 0, len(v))
		for _, key := range slices.SortedFunc(maps.Keys(v), operations) {
			for _, text := range plain(v[key]) {
				lines = append(lines, word(key)+": "+text)
			}
		}
		return lines
	case []any:
		return plainList(v)
	}
	text, _ := json.Marshal(value)
	return []string{word(string(text))}
}

// operations sorts plan before apply before state.
func operations(a, b string) int {
	order := "plan apply state"
	if i, j := strings.Index(order, a), strings.Index(order, b); i >= 0 && j >= 0 {
		return i - j
	}
	return strings.Compare(a, b)
}

// plainList keeps short lists of words in one line. Sources and tags are objects, in a line each.
func plainList(list []any) []string {
	lines := make([]string, 0, len(list))
	words := true
	for _, item := range list {
		switch v := item.(type) {
		case string:
			lines = append(lines, word(v))
		case map[string]any:
			words = false
			lines = append(lines, pairs(v))
		default:
			lines = append(lines, plain(v)...)
		}
	}
	if joined := strings.Join(lines, ", "); words && len(joined) <= 100 {
		return []string{joined}
	}
	return lines
}

// pairs shows a source as "profile corp" and a tag as "team=a"; whatever else it has follows as key=value.
func pairs(v map[string]any) string {
	text := func(key string) string { return strings.Join(plain(v[key]), ",") }
	parts, done := []string{}, []string{}
	switch {
	case v["kind"] != nil && v["name"] != nil:
		parts, done = []string{text("kind"), text("name")}, []string{"kind", "name"}
	case v["kind"] != nil:
		parts, done = []string{text("kind")}, []string{"kind"}
	case v["key"] != nil && v["value"] != nil:
		parts, done = []string{text("key") + "=" + text("value")}, []string{"key", "value"}
	}
	for _, key := range slices.Sorted(maps.Keys(v)) {
		if !slices.Contains(done, key) {
			parts = append(parts, word(key)+"="+text(key))
		}
	}
	return strings.Join(parts, " ")
}

// word shows one text of the map so that it cannot pass for anything beside it: escapes as \xNN, runs of spaces too, and
// quotes around what has a space in it.
func word(s string) string {
	s = strings.ReplaceAll(output.Printable(s), "  ", `\x20\x20`)
	if strings.Contains(s, " ") {
		return `"` + s + `"`
	}
	return s
}

// anyAccount says what a template grants: who approves {account_id} approves every account in the list.
func anyAccount(key, role string, accounts map[string]string) string {
	_, inARN, _ := strings.Cut(role, ":iam::")
	switch {
	case key != "role_arn" && key != "via" && key != "account" || !strings.HasPrefix(inARN, "{") && !strings.HasPrefix(role, "{"):
		return ""
	case strings.Contains(role, "{account_id}") && len(accounts) > 0:
		return fmt.Sprintf("  (any account in accounts: %d)", len(accounts))
	}
	return "  (any account)"
}

const fewAccounts = 20

func accountList(accounts map[string]string) any {
	if len(accounts) > fewAccounts {
		return fmt.Sprintf("%d accounts", len(accounts))
	}
	list := []any{}
	for _, name := range slices.Sorted(maps.Keys(accounts)) {
		var id string
		json.Unmarshal([]byte(accounts[name]), &id)
		list = append(list, name+"="+id)
	}
	return list
}
