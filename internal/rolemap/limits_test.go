package rolemap

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"whichrole/internal/problem"
)

// manyPatterns are environments with n different patterns.
func manyPatterns(n int) string {
	var b strings.Builder
	for i := 0; i < n; i += maxDirs {
		fmt.Fprintf(&b, "e%d: {dirs: [%s], %s}, ", i, numbered(min(maxDirs, n-i), fmt.Sprintf("a%d-%%d", i)), tinyRole)
	}
	return b.String()
}

// Each bound: what is just allowed is read, one more is a mistake with its place and without the text itself.
func TestBounds(t *testing.T) {
	x := func(n int) string { return strings.Repeat("x", n) }
	for name, c := range map[string]struct {
		most int
		text func(n int) string
		says string // what is said of one more, beside the numbers
	}{
		"session_name":    {maxName, func(n int) string { return one(qaRole, "session_name: "+x(n)) }, "session_name"},
		"source_identity": {maxName, func(n int) string { return one(qaRole, "source_identity: "+x(n)) }, "source_identity"},
		"role_arn":        {maxARN, func(n int) string { return one("role_arn: " + x(n)) }, "role_arn"},
		"external_id":     {maxExternal, func(n int) string { return one(qaRole, "external_id: "+x(n)) }, "external_id"},
		"tag":             {maxName, func(n int) string { return one(qaRole, "session_tags: {a: "+x(n)+"}") }, "session_tags.a"},
		"region":          {maxWord, func(n int) string { return one(qaRole, "region: "+x(n)) }, "region"},
		"permission set":  {maxWord, func(n int) string { return one("permission_set: " + x(n)) }, "permission_set"},
		"profile":         {maxWord, func(n int) string { return one(qaRole, "source: [{profile: "+x(n)+"}]") }, "source"},
		"oidc":            {maxOIDC, func(n int) string { return one(qaRole, "source: [{oidc: 'file:"+x(n-5)+"'}]") }, "source"},
		"pattern":         {maxPattern, func(n int) string { return one(qaRole) + "no_role: [" + x(n) + "]\n" }, "no_role"},
		"policy":          {maxPolicy, func(n int) string { return one(qaRole, "policy: '{"+strings.Repeat(" ", n-2)+"}'") }, "policy"},
		"account's name":  {maxWord, func(n int) string { return one(qaRole) + "accounts: {" + x(n) + ": '222222222222'}\n" }, "cannot be captured"},
		"via":             {maxVia, func(n int) string { return one(qaRole, "via: ["+times(n, "arn:aws:iam::222222222222:role/x")+"]") }, "via: 11 entries"},
		"transitive_tags": {maxTags, func(n int) string { return one(qaRole, "session_tags: {a: x}", "transitive_tags: ["+times(n, "a")+"]") }, "51 entries"},
		"sources":         {maxSources, func(n int) string { return one(qaRole, "source: ["+times(n, "{profile: x}")+"]") }, "source: 21 entries"},
		"dirs": {maxDirs, func(n int) string {
			return head + "environments: {a: {dirs: [" + times(n, "a") + "], " + qaRole + "}}\n"
		}, "dirs: 1001 entries"},
		"workspaces":   {maxDirs, func(n int) string { return one(qaRole, "workspaces: ["+times(n, "a")+"]") }, "workspaces: 1001 entries"},
		"no_role":      {maxNoRole, func(n int) string { return one(qaRole) + "no_role: [" + times(n, "a") + "]\n" }, "no_role: 10001 entries"},
		"accounts":     {maxAccounts, func(n int) string { return one(qaRole) + "accounts: {" + numbered(n, "a%d: '222222222222'") + "}\n" }, "accounts: 50001 entries"},
		"environments": {maxEnvironments, func(n int) string { return "version: 1\nenvironments: {" + numbered(n, "e%d: {"+tinyRole+"}") + "}\n" }, "environments: 20001 entries"},
		"patterns":     {maxPatterns, func(n int) string { return "version: 1\nenvironments: {" + manyPatterns(n) + "}\n" }, "more than 50000 different patterns"},
		"variables":    {maxUses, func(n int) string { return one(qaRole, "session_name: '"+strings.Repeat("{env}", n)+"'") }, "more than 32 variables"},
		"captures":     {maxVariables, func(n int) string { return one(qaRole, "via: []") + "no_role: [" + numbered(n, "'{c%d}'") + "]\n" }, "{c50} is one more than the 50"},
		"policy files": {maxPolicyFiles, func(n int) string {
			return "version: 1\nenvironments: {" + numbered(n, "e%[1]d: {policy: p%[1]d, "+tinyRole+"}") + "}\n"
		}, "policy file p500: "},
		"policy file's name": {maxPolicyName, func(n int) string { return one(qaRole, "policy: "+x(n)) }, "policy file xxx"},
	} {
		t.Run(name, func(t *testing.T) {
			read := func(string) ([]byte, error) { return []byte("{}"), nil }
			if _, err := Parse("m", []byte(c.text(c.most)), read); err != nil && strings.Contains(err.Error(), c.says) && strings.Contains(err.Error(), "more than") {
				t.Errorf("%d: %v", c.most, err)
			}
			_, err := Parse("m", []byte(c.text(c.most+1)), read)
			fails(t, err, problem.BadMap, "m:", c.says)
			if len(err.Error()) > 200 {
				t.Errorf("%d bytes: %v", len(err.Error()), err)
			}
		})
	}
}

// An editor is told the same bounds.
func TestSchemaHasTheBoundsOfTheDecoder(t *testing.T) {
	var s any
	if err := json.Unmarshal(Schema(), &s); err != nil {
		t.Fatal(err)
	}
	defaults, environment, source := "properties/defaults/properties/", "$defs/environment/properties/", "$defs/source/properties/"
	for at, want := range map[string]int{
		defaults + "account/maxLength": maxWord, defaults + "region/maxLength": maxWord, defaults + "via/maxItems": maxVia,
		defaults + "session_name/maxLength": maxName, defaults + "source_identity/maxLength": maxName, defaults + "external_id/maxLength": maxExternal,
		defaults + "session_tags/maxProperties": maxTags, defaults + "session_tags/additionalProperties/maxLength": maxName,
		defaults + "session_tags/propertyNames/maxLength": maxTagKey, defaults + "transitive_tags/maxItems": maxTags,
		defaults + "transitive_tags/items/maxLength": maxTagKey, defaults + "policy/maxLength": maxPolicy,
		defaults + "policy_arns/maxItems": maxPolicyARNs, defaults + "policy_arns/items/maxLength": maxARN,
		"properties/environments/maxProperties": maxEnvironments, "properties/accounts/maxProperties": maxAccounts,
		"properties/accounts/propertyNames/maxLength": maxWord, "properties/no_role/maxItems": maxNoRole, "properties/no_role/items/maxLength": maxPattern,
		"$defs/roleArn/maxLength": maxARN, "$defs/sources/maxItems": maxSources, source + "oidc/maxLength": maxOIDC, source + "profile/maxLength": maxWord,
		source + "sso/maxLength": maxWord, source + "audience/maxLength": maxWord, environment + "dirs/maxItems": maxDirs,
		environment + "dirs/items/maxLength": maxPattern, environment + "workspaces/maxItems": maxDirs, environment + "workspaces/items/maxLength": maxPattern,
	} {
		value := s
		for key := range strings.SplitSeq(at, "/") {
			value = value.(map[string]any)[key]
		}
		if value != float64(want) {
			t.Errorf("%s is %v, want %d", at, value, want)
		}
	}
}
