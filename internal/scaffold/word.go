package scaffold

import (
	"slices"
	"strings"
)

// classes are the words by which people call environments. Words of one class mean the same: prod is production.
func classes() [][]string {
	return [][]string{
		{"production", "prod", "prd"}, {"preproduction", "preprod", "preprd"}, {"nonproduction", "nonprod", "nonprd"},
		{"staging", "stage", "stg"}, {"development", "develop", "devel", "dev"}, {"qa"}, {"testing", "test", "tst"},
		{"sandbox", "sbx"}, {"uat"}, {"integration", "int"}, {"demo"},
	}
}

// isWord tells that all of name is such a word.
func isWord(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc(classes(), func(c []string) bool { return slices.Contains(c, name) })
}

// classOf is the class that a name speaks of as a whole or in one of its parts, such as acme-prod-eu: the first word of it. It is
// "" for none, and for several: dev-prod-peering is neither. non-prod and pre-prod are not production.
func classOf(name string) string {
	found, before := "", ""
	for _, part := range parts(name) {
		for _, words := range classes() {
			if !slices.Contains(words, part) {
				continue
			}
			class := words[0]
			if before == "non" || before == "pre" || before == "not" {
				class = strings.Replace(before, "not", "non", 1) + class
			}
			if found != "" && found != class {
				return ""
			}
			found = class
		}
		before = part
	}
	return found
}

// parts are the words of a name in lower case: acme-prod_eu has three.
func parts(name string) []string {
	return strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return strings.ContainsRune("-_. /", r) })
}

// holdsEnvironments tells the directories in which people keep one directory for each environment or account.
func holdsEnvironments(name string) bool {
	switch strings.ToLower(name) {
	case "environments", "environment", "envs", "env", "accounts", "account":
		return true
	}
	return false
}

// holdsCode tells the directories in which people keep what others call.
func holdsCode(name string) bool {
	switch strings.ToLower(name) {
	case "modules", "module":
		return true
	}
	return false
}

// environmentAt is the index of the segment that names the environment of a directory, -1 where none does: a word, else what
// stands below environments, else a name with a word in it.
func environmentAt(segments []string) int {
	if i := slices.IndexFunc(segments, isWord); i >= 0 {
		return i
	}
	for i := 1; i < len(segments); i++ {
		if holdsEnvironments(segments[i-1]) {
			return i
		}
	}
	return slices.IndexFunc(segments, func(s string) bool { return classOf(s) != "" })
}
