package scaffold

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
	"whichrole/internal/rolemap"
)

// A typo in the file of the system in use must not give the repository the roles of another one: the user's administrator, say.
func TestSystemThatSaysNothingIsNotPassedOver(t *testing.T) {
	const (
		admin  = "[profile production]\nrole_arn = arn:aws:iam::111111111111:role/admin\nsource_profile = corp\n"
		assume = "provider \"aws\" {\n  assume_role {\n    role_arn = \"arn:aws:iam::111111111111:role/x\"\n  }\n}\n"
		hidden = "provider \"aws\" {\n  assume_role {\n    role_arn = var.x\n  }\n}\n"
		plain  = "provider \"aws\" {}\n"
	)
	for what, tt := range map[string]struct {
		files       map[string]string
		says, hint  string
		alsoRemarks string
	}{
		"a tag that no directory has": {
			map[string]string{terrateamFile: "version: '1'\nworkflows: [{tag_query: prodution, plan: " + step + ", apply: " + step + "}]", "home/.aws/config": admin, "production/main.tf": plain},
			".terrateam/config.yml, though it names roles", "AGAIN --from aws-config", "",
		},
		"a file that is no YAML": {
			map[string]string{terrateamFile: "a: [\n", "production/main.tf": assume}, "by .terrateam/config.yml: not all of it could be read", "AGAIN --from terraform", ".terrateam/config.yml:",
		},
		"digger's": {map[string]string{"digger.yml": "a: [\n", "production/main.tf": assume}, "by digger.yml: not all", "AGAIN --from terraform", "digger.yml:"},
		"tfaction's": {
			map[string]string{"tfaction-root.yaml": "target_groups: [{working_directory: prodution/**, aws_assume_role_arn: 'arn:aws:iam::111111111111:role/x'}]\n", "home/.aws/config": admin, "production/main.tf": plain},
			"by tfaction-root.yaml", "AGAIN --from aws-config", "",
		},
		"code whose role is computed": {map[string]string{"home/.aws/config": admin, "production/main.tf": hidden}, "by assume_role in *.tf: not all", "AGAIN --from aws-config", "production/main.tf:3"},
		"nothing else either":         {map[string]string{"production/main.tf": hidden}, "by assume_role in *.tf: not all", "AGAIN --from names", ""},
		"a branch that nobody knows": {
			map[string]string{terrateamFile: "version: '1'\ntags: {dest_branch: {x: x}}\nworkflows: [{tag_query: 'dest_branch:x', plan: " + step + "}]", "production/main.tf": assume},
			"not all", "AGAIN --dest-branch NAME", "",
		},
		"a map in the way": {
			map[string]string{"tfaction-root.yaml": "target_groups: [{working_directory: live/**, aws_assume_role_arn: 'arn:aws:iam::111111111111:role/x'}]\n", "live/.whichrole.yaml": "version: 1\n", "live/qa/main.tf": plain},
			"by tfaction-root.yaml: live has a role map of its own", "AGAIN --from names", "live: has a role map of its own",
		},
	} {
		dir := physical(t)
		write(t, dir, tt.files)
		_, err := Make(context.Background(), Options{Root: dir, Home: filepath.Join(dir, "home"), Env: paths.Env{}, Again: "AGAIN"})
		if err == nil {
			t.Errorf("%s: another system was used", what)
			continue
		}
		nothing, ok := errors.AsType[*Nothing](err)
		if problem.CodeOf(err) != problem.NoEnvironment || !ok || !strings.Contains(err.Error(), tt.says) || problem.HintOf(err) != tt.hint || !strings.Contains(strings.Join(nothing.Remarks, "\n"), tt.alsoRemarks) {
			t.Errorf("%s: %v\nhint: %s\n%v", what, err, problem.HintOf(err), nothing)
		}
	}
}

// A start for those whom nothing helps: their root modules, in comments.
func TestSkeleton(t *testing.T) {
	dir := physical(t)
	write(t, dir, map[string]string{"network/main.tf": "provider \"aws\" {}\n", "dns/main.tf": "provider \"aws\" {}\n"})
	o := Options{Root: dir, Env: paths.Env{}, Again: "AGAIN"}
	_, err := Make(context.Background(), o)
	if problem.CodeOf(err) != problem.NoEnvironment || problem.HintOf(err) != "AGAIN --from names" || strings.Count(err.Error(), ",") > 6 {
		t.Errorf("%v, hint %s", err, problem.HintOf(err))
	}
	o.From = names
	d, err := Make(context.Background(), o)
	check(t, err)
	if !d.Blank || !slices.Contains(strings.Split(d.Text, "\n"), "#     dirs: [dns, network]") {
		t.Error(d.Text)
	}
	open := strings.NewReplacer("# environments", "environments", "#   ", "  ").Replace(d.Text)
	if _, err := rolemap.Parse("map", []byte(open), nil); problem.CodeOf(err) != problem.BadMap || !strings.Contains(err.Error(), "role_arn") {
		t.Errorf("what is not filled in is taken: %v\n%s", err, open)
	}
	o.Root = physical(t)
	if _, err = Make(context.Background(), o); !strings.Contains(err.Error(), "no root module") {
		t.Errorf("%v", err)
	}
}

// A group for all of production, and one directory with a word of its own: what comes beside it tomorrow is the group's.
func TestGroupWithAnException(t *testing.T) {
	dir := physical(t)
	plain := "terraform {\n  backend \"s3\" {}\n}\n"
	write(t, dir, map[string]string{
		"tfaction-root.yaml":               "target_groups: [{working_directory: aws/production/**, aws_assume_role_arn: '" + roleA + "'}]\n",
		"aws/production/eks/tfaction.yaml": "aws_assume_role_arn: '" + roleB + "'\n", "aws/production/eks/main.tf": plain,
		"aws/production/vpc/tfaction.yaml": "{}\n", "aws/production/vpc/main.tf": plain,
	})
	o := Options{Root: dir, Env: paths.Env{}}
	d, err := Make(context.Background(), o)
	check(t, err)
	if !strings.Contains(d.Text, "dirs: [aws/production]\n    role_arn: "+roleA) || !strings.Contains(d.Text, "dirs: [aws/production/eks]\n    role_arn: "+roleB) {
		t.Error(d.Text)
	}
	write(t, dir, map[string]string{"aws/production/none/main.tf": plain, "tfaction-root.yaml": "target_groups: [{working_directory: aws/production/vpc, aws_assume_role_arn: '" + roleA + "'}, {working_directory: aws/production/eks}]\n"})
	d, err = Make(context.Background(), o)
	check(t, err)
	if strings.Contains(d.Text, "dirs: [aws/production]\n") {
		t.Errorf("what nobody gave a role got one:\n%s", d.Text)
	}
}
