package scaffold

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"whichrole/internal/found"
	"whichrole/internal/modules"
	"whichrole/internal/rolemap"
)

var update = flag.Bool("update", false, "write the golden files anew: read them before you commit them")

const (
	roleA = "arn:aws:iam::111111111111:role/terraform"
	roleB = "arn:aws:iam::222222222222:role/terraform"
	planA = "arn:aws:iam::111111111111:role/terraform-plan"
	stA   = "arn:aws:iam::111111111111:role/terraform-state"
)

// role is said in line 3 of that directory's main.tf.
func role(arn, dir string) *found.Role {
	return &found.Role{ARN: arn, From: found.Origin{File: strings.TrimPrefix(dir+"/main.tf", "./"), Line: 3}}
}

// place gives one role to plan and apply.
func place(dir string, r *found.Role) found.Place { return found.Place{Dir: dir, Plan: r, Apply: r} }

// named is a place as its system calls it.
func named(name string, p found.Place) found.Place {
	p.Name = name
	return p
}

// both gives one role to plan and apply in each of the directories; dir@workspace names a workspace.
func both(arn string, dirs ...string) (list []found.Place) {
	for _, d := range dirs {
		dir, workspace, _ := strings.Cut(d, "@")
		list = append(list, found.Place{Dir: dir, Workspace: workspace, Plan: role(arn, dir), Apply: role(arn, dir)})
	}
	return list
}

// mods are root modules that need a role.
func mods(dirs ...string) (list []modules.Module) {
	for _, d := range dirs {
		list = append(list, modules.Module{Dir: d, Kind: "terraform", Backend: "s3", AWS: true})
	}
	return list
}

func join(lists ...[]found.Place) (all []found.Place) {
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

var compilations = map[string]material{
	"readme": {
		places: join([]found.Place{
			{Dir: "production/eks", Plan: role(planA, "production/eks"), Apply: role(roleA, "production/eks"), State: role(stA, "production/eks")},
			{Dir: "production/vpc", Plan: role(planA, "production/vpc"), Apply: role(roleA, "production/vpc"), State: role(stA, "production/vpc")},
		}, both(roleB, "qa/eks", "qa/vpc")),
		modules: mods("production/eks", "production/vpc", "qa/eks", "qa/vpc"), code: []string{"modules/eks", "modules/vpc"},
		profiles: map[string]string{roleA: "corp", roleB: "corp"},
	},
	"a-dissenting-directory": {
		places:  both(roleA, "production/a", "production/b", "production/c", "production/team/a", "qa/x")[:4:4],
		modules: mods("production/a", "production/b", "production/c", "production/team/a", "production/legacy", "production/team/b", "qa/x"),
	},
	"environment-below-service": {
		places: join(both(roleA, "services/a/production", "services/b/production", "services/c/production", "services/[x]/production"),
			both(roleB, "services/a/qa", "services/b/qa", "services/c/qa/eu", "services/d/qa")),
		modules: mods("services/e/test"),
	},
	"workspaces": {
		places: join(both(roleA, "network@production", "dns"), both(roleB, "network@qa", "network@staging")),
	},
	"workspaces-below-a-module": {
		places: join(both(roleA, "infra"), both(roleB, "infra/db@qa")), modules: mods("infra", "infra/db", "infra/none"),
	},
	"workspaces-below-the-root": {
		places: join(both(roleA, "."), both(roleB, "s/a/x@qa", "s/b/x@qa", "s/c/x@qa"), both(planA, "s/d")), modules: mods(".", "s/a/x", "s/b/x", "s/c/x", "s/d"),
	},
	"whole-repository": {
		places:  both(roleA, "."),
		modules: append(mods(".", "tools"), modules.Module{Dir: "modules/vpc/examples/basic", Kind: "terraform", AWS: true}), code: []string{"modules/vpc", "modules/eks"},
	},
	"workspaces-of-the-root": {places: join(both(roleA, ".@production"), both(roleB, ".@qa"))},
	"one-name-twice":         {places: join(both(roleA, "apps/production/x"), both(roleB, "network/production/y"))},
	"by-account":             {places: join(both(roleA, "dns", "iam"), both(roleB, "audit", "billing"), both(planA, "x/one", "y/two"))},
	"plan-alone-and-state-alone": {
		places: []found.Place{{Dir: "qa", Plan: role(roleA, "qa")}, {Dir: "dev", State: role(roleA, "dev")},
			{Dir: "ops", Plan: role(planA, "ops"), State: role(stA, "ops")}}, modules: mods("qa", "dev"),
	},
	"settings": {
		places: []found.Place{
			named("Europe!", place("eu", &found.Role{ARN: roleA, Region: "eu-west-1", Duration: 2 * time.Hour, SessionName: "tf", ExternalID: "x:1"})),
			named("us", place("us", &found.Role{ARN: roleB, Region: "eu-west-1", SessionName: "tf", Via: []string{stA}, Duration: 2 * time.Hour, Note: "what a reader should know"})),
			{Dir: "ap", Name: "us", Plan: &found.Role{ARN: planA, Region: "eu-west-1", SessionName: "tf", Duration: 30 * time.Minute},
				Apply: &found.Role{ARN: roleA, Region: "eu-west-1", SessionName: "tf", Via: []string{stA}}},
		},
		profiles: map[string]string{roleA: "corp", roleB: "other"},
	},
	"nothing-but-names": {
		modules: mods("live/production/vpc", "live/qa/vpc", "live/qa/eks", "legacy/vpn", "accounts/payments/x"), code: []string{"modules/x"},
	},
	"names-beside-roles": {
		places: both(roleA, "production"), modules: mods("production", "production/qa", "staging/vpc", "staging/eks", "legacy", "modules/live"),
		code: []string{"modules/vpc", "modules/eks", "production/code"},
	},
}

// The golden files were read by a person, who would keep them.
func TestRoleMapsThatAPersonWouldKeep(t *testing.T) {
	for name, m := range compilations {
		c := compile(m)
		text := c.text(heading{from: "what a test says", oidc: name == "readme"})
		if _, err := c.prove(text, m.modules); err != nil {
			t.Errorf("%s: %v\n%s", name, err, text)
		}
		for _, u := range c.unread {
			text += fmt.Sprintf("# unread: %s: %s\n", u.At, u.Text)
		}
		text += fmt.Sprintf("# no role: %v\n", c.unmapped)
		golden(t, filepath.Join("testdata", "compile", name+".yaml"), text)
		reviewed(t, name, text)
	}
}

// reviewed makes sure that whichrole check has nothing to say of the map but what the repository itself says: a role that is there twice, none for the state.
func reviewed(t *testing.T, name, text string) {
	t.Helper()
	m, err := rolemap.Parse(name, []byte(text), nil)
	if err != nil {
		return // no environment yet
	}
	for _, f := range m.Review() {
		if f.Code != rolemap.SharedRole && f.Code != rolemap.NoStateRole {
			t.Errorf("%s: whichrole check would say: %d: %s", name, f.Line, f.Text)
		}
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.ReplaceAll(string(want), "\r\n", "\n") != got {
		t.Errorf("%s is otherwise now:\n%s", path, got)
	}
}
