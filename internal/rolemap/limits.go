package rolemap

import "whichrole/internal/strictyaml"

// What a map may hold. A file of a mebibyte says much more once defaults and aliases are multiplied by environments, and it
// comes from a repository that nobody has approved yet. Texts are bounded by what STS and IAM take at the end, with room for
// variables; lists by what STS takes, or by several times what the largest maps have. Lengths are in bytes.
const (
	maxARN         = 2048
	maxName        = 1024 // of a template that makes the name of a session, a source identity or the value of a tag
	maxExternal    = 2048 // of a template that makes an external id
	maxWord        = 256  // a region, an account, a permission set, a profile: templates too
	maxOIDC        = 1024 // env:NAME and file:PATH
	maxPattern     = 1024
	maxPolicy      = maxPolicyFile
	maxPolicyName  = 1024
	maxPolicyFiles = 500 // different ones: each is read

	maxVia          = 10
	maxSources      = 20
	maxDirs         = 1000 // of one environment, workspaces likewise
	maxNoRole       = 10_000
	maxEnvironments = 20_000
	maxAccounts     = 50_000
	maxPatterns     = 50_000 // different ones, workspaces included

	maxUses      = 32 // of variables in one template
	maxVariables = 50 // different captures, and variables that are none of ours
)

// What a map may hold, for those who write one.
const (
	MaxPattern  = maxPattern  // bytes
	MaxDirs     = maxDirs     // of one environment, workspaces likewise
	MaxNoRole   = maxNoRole   // entries of no_role
	MaxPatterns = maxPatterns // different ones, workspaces included
)

// IsEnvironmentName tells that a map may call an environment so.
func IsEnvironmentName(s string) bool { return isEnvironmentName(s) }

// text is a string of one line that is not too long.
func text(v strictyaml.Value, most int) (string, bool) {
	if !v.Within(most) {
		return "", false
	}
	return v.Str()
}

// items are the entries of a list that is not too long.
func items(v strictyaml.Value, most int) []strictyaml.Value {
	if !v.AtMost(most) {
		return nil
	}
	list, _ := v.Items()
	return list
}
