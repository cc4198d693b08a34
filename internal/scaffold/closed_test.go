package scaffold

import (
	"context"
	"strings"
	"testing"

	"whichrole/internal/paths"
	"whichrole/internal/rolemap"
)

const (
	rootModule = "terraform {\n  backend \"s3\" {}\n}\nprovider \"aws\" {}\n"
	someCode   = "resource \"null_resource\" \"x\" {}\n"
)

// roleIn is what a map that is made of these files gives to a directory for plan, "" for none.
func roleIn(t *testing.T, files map[string]string, dirs ...string) (roles []string) {
	t.Helper()
	dir := physical(t)
	write(t, dir, files)
	d, err := Make(context.Background(), Options{Root: dir, Top: dir, Home: dir, Env: paths.Env{}, DestBranch: branch("main", nil)})
	check(t, err)
	m, err := rolemap.Parse("map", []byte(d.Text), nil)
	check(t, err)
	for _, at := range dirs {
		role := ""
		if g, _, err := m.Resolve(rolemap.Target{Dir: at, Workspace: "default", Operation: rolemap.Plan, Lookup: anyone}); err == nil {
			role = g.RoleARN()
		}
		roles = append(roles, role)
	}
	return roles
}

func same(t *testing.T, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("%q, want %q", got, want)
	}
}

// Terrateam runs wherever files of Terraform are, and asks for no provider: what it gives such a directory is not its parent's.
func TestDirectoryWithoutAProviderDoesNotGetItsParentsRole(t *testing.T) {
	oidc := func(arn string) string { return "{type: oidc, provider: aws, role_arn: \"" + arn + "\"}" }
	flow := func(query, arn string) string {
		return "  - {tag_query: \"" + query + "\", plan: [" + oidc(arn) + "], apply: [" + oidc(arn) + "]}\n"
	}
	same(t, roleIn(t, map[string]string{
		".terrateam/config.yml": "dirs:\n  live/production: {tags: [a]}\n  live/app: {tags: [a]}\n  live/qa: {tags: [b]}\n  live/none: {tags: [c]}\nworkflows:\n" + flow("a", roleA) + flow("b", roleB),
		"live/app/main.tf":      rootModule, "live/production/main.tf": rootModule, "live/production/modules/x/main.tf": someCode, "live/qa/main.tf": someCode, "live/none/main.tf": someCode,
	}, "live/production", "live/app", "live/qa", "live/none", "live/production/modules/x"), roleA, roleA, roleB, "", "")
	same(t, roleIn(t, map[string]string{
		"digger.yml":           "generate_projects:\n  blocks:\n  - {include: \"live/**\", exclude: \"live/a/none\", aws_role_to_assume: {state: \"" + roleA + "\", command: \"" + roleA + "\"}}\ntraverse_to_nested_projects: true\n",
		"live/a/main.tf":       rootModule,
		"live/a/none/main.tf":  someCode,
		"live/a/other/main.tf": someCode,
	}, "live/a", "live/a/none", "live/a/other"), roleA, "", roleA)
}

// Of a root module that cannot be read nobody knows whether it assumes a role of its own.
func TestUnreadRootModuleDoesNotGetItsParentsRole(t *testing.T) {
	provider := "provider \"aws\" {\n  assume_role {\n    role_arn = \"" + roleA + "\"\n  }\n}\n"
	same(t, roleIn(t, map[string]string{
		"production/main.tf": provider, "production/a/main.tf": provider, "production/b/main.tf": provider,
		"production/large/main.tf":  provider + strings.Repeat("#", 1<<20),
		"production/hard/main.tf":   provider + "x = " + strings.Repeat("(", 300) + "1" + strings.Repeat(")", 300) + "\n",
		"production/broken/main.tf": "provider \"aws\" {\n",
		"production/code/main.tf":   someCode,
	}, "production", "production/a", "production/large", "production/hard", "production/broken", "production/code"), roleA, roleA, "", "", "", roleA)
}
