package trust

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"whichrole/internal/rolemap"
)

// Change is one key whose value is not what was approved. Its texts come from the map: whoever prints them escapes them.
type Change struct {
	Where string // "environment qa", "account payments", or "map" for source, defaults and no_role
	Key   string // dotted where keys are nested: role_arn.apply; "" where the value has no keys
	Old   string // "" when the key was not there; a text that is empty is written ""
	New   string // "" when the key is gone
}

// compare is what was changed or removed from old to now, and the names of what was added, sorted.
func compare(old, now rolemap.Meaning) (changes []Change, environments, accounts []string) {
	changes, environments = compareAll("environment ", old.Environments, now.Environments)
	more, accounts := compareAll("account ", old.Accounts, now.Accounts)
	changes = append(changes, more...)
	return append(changes, compareOne("map", old.Rest, now.Rest)...), environments, accounts
}

func compareAll(kind string, old, now map[string]string) (changes []Change, added []string) {
	var other []string // only these are sorted: mostly there are none, and there may be thousands of names
	for name, text := range old {
		if current, ok := now[name]; !ok || current != text {
			other = append(other, name)
		}
	}
	slices.Sort(other)
	for _, name := range other {
		current, ok := now[name] // one that is gone reads as no text at all
		differences := compareOne(kind+name, old[name], current)
		if !ok && len(differences) == 0 {
			differences = []Change{{Where: kind + name}}
		}
		changes = append(changes, differences...)
	}
	for name := range now {
		if _, ok := old[name]; !ok {
			added = append(added, name)
		}
	}
	slices.Sort(added)
	return changes, added
}

// compareOne is how the canonical JSON old became now, key by key in their order. It is empty only when both are one text:
// what decides is the text, and the keys are for people.
func compareOne(where, old, now string) []Change {
	if old == now {
		return nil
	}
	before, after := map[string]any{}, map[string]any{}
	if !flatten(before, "", old) || !flatten(after, "", now) {
		return []Change{{Where: where, Old: old, New: now}}
	}
	all := maps.Clone(before)
	maps.Copy(all, after)
	var changes []Change
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if o, n, ok := difference(before, after, key); ok {
			changes = append(changes, Change{Where: where, Key: key, Old: o, New: n})
		}
	}
	if len(changes) == 0 {
		return []Change{{Where: where, Old: old, New: now}}
	}
	return changes
}

// difference is how one leaf became another, for people; not ok where both are the same.
func difference(before, after map[string]any, key string) (old, now string, ok bool) {
	o, had := before[key]
	n, has := after[key]
	if had && has && encode(o) == encode(n) {
		return "", "", false
	}
	if had {
		old = plain(o)
	}
	if has {
		now = plain(n)
	}
	if old == now { // 1 and "1"
		return encode(o), encode(n), true
	}
	return old, now, true
}

// flatten puts the leaves of a JSON text into into, by the path of keys that leads to each. No text at all has no leaves.
func flatten(into map[string]any, path, text string) bool {
	if text == "" {
		return true
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var value any
	if dec.Decode(&value) != nil {
		return false
	}
	if _, err := dec.Token(); err != io.EOF {
		return false
	}
	leaves(into, path, value)
	return true
}

func leaves(into map[string]any, path string, value any) {
	object, ok := value.(map[string]any)
	if !ok || len(object) == 0 && path != "" {
		into[path] = value
		return
	}
	for key, v := range object {
		if strings.ContainsAny(key, `."`) {
			key = strconv.Quote(key)
		}
		if path != "" {
			key = path + "." + key
		}
		leaves(into, key, v)
	}
}

// plain is a value for people: a text as it is, everything else as JSON.
func plain(value any) string {
	if text, ok := value.(string); ok && text != "" {
		return text
	}
	return encode(value)
}

func encode(value any) string {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if enc.Encode(value) != nil {
		return "?"
	}
	return strings.TrimSpace(out.String())
}
