package tfaction

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"whichrole/internal/found"
	"whichrole/internal/modules"
	"whichrole/internal/test/readers"
)

var (
	repository = readers.Repository
	arn        = readers.ARN
)

// show writes a place in one line: roles by what stands behind role/, with region, session and origin where they are said.
func show(p found.Place) string {
	role := func(name string, r *found.Role) string {
		if r == nil {
			return ""
		}
		text := " " + name + "=" + strings.TrimPrefix(r.ARN, arn(""))
		for _, more := range []string{r.Region, r.SessionName} {
			if more != "" {
				text += "," + more
			}
		}
		if r.Note != "" {
			text += ",noted"
		}
		return text + "@" + r.From.String()
	}
	return readers.Head(p) + role("plan", p.Plan) + role("apply", p.Apply) + role("state", p.State)
}

func lines(s found.Said) string { return readers.Lines(s, show) }

func check(t *testing.T, s found.Said, want string) {
	t.Helper()
	readers.Check(t, lines(s), want)
}

func TestNoFile(t *testing.T) {
	if s := Read(repository(nil, "aws", "")); s.Existing || lines(s) != "" {
		t.Errorf("%+v", s)
	}
}

// Up to version 1 directories are prefixes, and what is nearer beats what is farther: the job of the working directory, the
// working directory, the job of the group, the group.
func TestPrefixes(t *testing.T) {
	s := Read(repository(map[string]string{
		"tfaction-root.yaml": `plan_workflow_name: plan.yaml
target_groups:
  - working_directory: cloud/live/
    target: live/
    environment: {name: live, url: "https://example.com"}
    aws_region: eu-west-1
    aws_assume_role_arn: ` + arn("plain") + `
    terraform_plan_config:
      aws_assume_role_arn: ` + arn("reader") + `
      aws_role_session_name: from-ci
    terraform_apply_config: {aws_assume_role_arn: "` + arn("writer") + `"}
    tfmigrate_plan_config: {aws_assume_role_arn: "` + arn("mover") + `"}
    tfmigrate_apply_config: {aws_assume_role_arn: "` + arn("writer") + `"}
  - working_directory: cloud/
    aws_assume_role_arn: ` + arn("rest") + `
  - working_directory: cloud/live/never/
    aws_assume_role_arn: ` + arn("never") + `
  - working_directory: people/
    gcp_service_account: a@example.com
  - working_directory: deploy/
    terraform_apply_config: {aws_assume_role_arn: "` + arn("deployer") + `"}
`,
		"cloud/live/a/tfaction.yaml":  "{}",
		"cloud/live/b/tfaction.yaml":  "aws_assume_role_arn: " + arn("mine") + "\naws_region: us-east-2\n",
		"cloud/live/c/tfaction.yaml":  "terraform_plan_config:\n  aws_assume_role_arn: " + arn("mine") + "\n  aws_role_session_name: me\n",
		"cloud/live/c2/tfaction.yaml": "aws_assume_role_arn: " + arn("mine") + "\nterraform_plan_config: {aws_assume_role_arn: \"" + arn("my-plan") + "\"}\n",
		"cloud/live/d/tfaction.yaml":  "# nothing\naws_assume_role_arn:\naws_region: ~\n",
		"cloud/live/e/tfaction.yaml":  "aws_assume_role_arn: ''\n",
		"cloud/live/f/tfaction.yaml":  "type: module\n",
		"cloud/lib/g/tfaction.yaml":   "",
	}, "cloud/live/a cloud/live/b cloud/live/c cloud/live/c2 cloud/live/d cloud/live/e cloud/live/f cloud/live/never/x cloud/test/a people/a elsewhere", "cloud/lib/g cloud/lib/h"))
	check(t, s, `
cloud plan=rest@tfaction-root.yaml:15 apply=rest@tfaction-root.yaml:15
cloud/lib/g plan=rest@tfaction-root.yaml:15 apply=rest@tfaction-root.yaml:15
cloud/live (live) plan=reader,eu-west-1,from-ci,noted@tfaction-root.yaml:9 apply=writer,eu-west-1@tfaction-root.yaml:11
cloud/live/a (live) plan=reader,eu-west-1,from-ci,noted@tfaction-root.yaml:9 apply=writer,eu-west-1@tfaction-root.yaml:11
cloud/live/b (live) plan=mine,us-east-2,from-ci@cloud/live/b/tfaction.yaml:1 apply=mine,us-east-2@cloud/live/b/tfaction.yaml:1
cloud/live/c (live) plan=mine,eu-west-1,me,noted@cloud/live/c/tfaction.yaml:2 apply=writer,eu-west-1@tfaction-root.yaml:11
cloud/live/c2 (live) plan=my-plan,eu-west-1,from-ci,noted@cloud/live/c2/tfaction.yaml:2 apply=mine,eu-west-1@cloud/live/c2/tfaction.yaml:1
cloud/live/d (live) plan=reader,eu-west-1,from-ci,noted@tfaction-root.yaml:9 apply=writer,eu-west-1@tfaction-root.yaml:11
cloud/live/never (live) plan=reader,eu-west-1,from-ci,noted@tfaction-root.yaml:9 apply=writer,eu-west-1@tfaction-root.yaml:11
cloud/live/never/x (live) plan=reader,eu-west-1,from-ci,noted@tfaction-root.yaml:9 apply=writer,eu-west-1@tfaction-root.yaml:11
cloud/test/a plan=rest@tfaction-root.yaml:15 apply=rest@tfaction-root.yaml:15
deploy apply=deployer@tfaction-root.yaml:21
`)
	if !s.OIDC || !s.Existing {
		t.Errorf("%+v", s)
	}
}

// A path's beginning up to version 1, a directory as of 2: both readings must come to the same group.
func TestWhatVersionsReadDifferentlyIsNotRead(t *testing.T) {
	root := `target_groups:
- {working_directory: aws/prod, aws_assume_role_arn: "` + arn("prod") + `"}
- {working_directory: aws/, aws_assume_role_arn: "` + arn("aws") + `"}
- {working_directory: ./gcp, aws_assume_role_arn: "` + arn("gcp") + `"}
- {working_directory: "", aws_assume_role_arn: "` + arn("all") + `"}
`
	s := Read(repository(map[string]string{"tfaction-root.yaml": root}, ". aws aws/prod aws/prod-eu aws/prod/db aws/qa gcp/x misc", ""))
	const differs = "working_directory is the beginning of a path up to tfaction 1, and a directory as of 2: where that differs nothing is read"
	check(t, s, `
. plan=all@tfaction-root.yaml:5 apply=all@tfaction-root.yaml:5
aws/prod plan=prod@tfaction-root.yaml:2 apply=prod@tfaction-root.yaml:2
aws/prod/db plan=prod@tfaction-root.yaml:2 apply=prod@tfaction-root.yaml:2
aws/qa plan=aws@tfaction-root.yaml:3 apply=aws@tfaction-root.yaml:3
gcp plan=gcp@tfaction-root.yaml:4 apply=gcp@tfaction-root.yaml:4
misc plan=all@tfaction-root.yaml:5 apply=all@tfaction-root.yaml:5
! tfaction-root.yaml:2 `+differs+`
! tfaction-root.yaml:5 `+differs)
}

// As of version 2 directories are minimatch's globs, and a plain one is that directory alone.
func TestGlobs(t *testing.T) {
	for pattern, want := range map[string]string{
		"**":                ". aws aws/a aws/a/b aws/prod gcp gcp/prod prod",
		"aws/**":            "aws/a aws/a/b aws/prod",
		"aws/*":             "aws/a aws/prod",
		"*":                 "aws gcp prod",
		"**/prod":           "aws/prod gcp/prod prod",
		"*/prod":            "aws/prod gcp/prod",
		"{aws,gcp}/**":      "aws/a aws/a/b aws/prod gcp/prod",
		"{aws/a,gcp}/*":     "aws/a/b gcp/prod",
		"{aws,gcp}/{a,pr*}": "aws/a aws/prod gcp/prod",
		"aws/{a,prod/**}":   "aws/a",
		"{a,}*":             "aws gcp prod",
		"*{a,*}/b":          "aws/a/b",
		"?ws/?":             "aws/a",
		"**/*":              "aws aws/a aws/a/b aws/prod gcp gcp/prod prod",
		"aws/**/b":          "aws/a/b",
		"aws**":             "aws",
		"none/*":            "",
	} {
		root := "target_groups: [{working_directory: \"" + pattern + "\", aws_assume_role_arn: \"" + arn("x") + "\"}]"
		s := Read(repository(map[string]string{"tfaction-root.yaml": root}, ". .hidden .hidden/prod aws aws/.x aws/a aws/a/b aws/prod gcp gcp/prod prod", ""))
		var dirs []string
		for _, p := range s.Places {
			dirs = append(dirs, p.Dir)
		}
		if got := strings.Join(dirs, " "); got != want || len(s.Unread) > 0 {
			t.Errorf("%s: %s %v, want %s", pattern, got, s.Unread, want)
		}
	}
}

func TestFirstGlobThatMatches(t *testing.T) {
	s := Read(repository(map[string]string{"tfaction-root.yaml": `
x-role: &role {aws_assume_role_arn: "` + arn("shared") + `", aws_region: eu-west-1}
target_groups:
- {working_directory: live/audit, aws_assume_role_arn: "` + arn("audit") + `"}
- {working_directory: "live/*/dns"}
- <<: *role
  working_directory: live/**
- {working_directory: tools, <<: *role, aws_region: us-east-1}
- {working_directory: tools/, <<: *role}
`}, "live/audit live/audit/x live/eu/dns live/eu/db tools/x", ""))
	check(t, s, `
live/audit plan=audit@tfaction-root.yaml:4 apply=audit@tfaction-root.yaml:4
live/audit/x plan=shared,eu-west-1@tfaction-root.yaml:2 apply=shared,eu-west-1@tfaction-root.yaml:2
live/eu/db plan=shared,eu-west-1@tfaction-root.yaml:2 apply=shared,eu-west-1@tfaction-root.yaml:2
tools plan=shared,us-east-1@tfaction-root.yaml:2 apply=shared,us-east-1@tfaction-root.yaml:2
! tfaction-root.yaml:9 working_directory is a glob as of tfaction 2, and matches no directory as it stands
`)
}

// What minimatch means by these is not known here, and a directory that one of them may match belongs to no later group.
func TestGlobThatIsNotReadHidesWhatComesAfterIt(t *testing.T) {
	for pattern, want := range map[string]string{
		"aws/!(prod)": "gcp", "aws/{1..3}": "gcp", "aws/{a}": "gcp", "aws/{a,{b,c}}": "gcp", "aws/*/": "gcp", "aws/[[:alpha:]]*": "gcp",
		"!aws/*": "", "#aws/*": "", "./aws/*": "", "/aws/*": "", "../*": "", "**/.x/*": "", `aws\\/*`: "gcp", "aws//*": "", "+(a|b)": "", "aws/{a,b": "gcp", "aws/[*": "gcp", "aws/[!b]": "gcp", "aws/***": "gcp", "[b]*": "", "aws/[a/b]": "gcp",
		"aws/{,b}": "gcp",
	} {
		root := "target_groups:\n- {working_directory: \"" + pattern + "\"}\n- {working_directory: \"**\", aws_assume_role_arn: \"" + arn("x") + "\"}\n"
		s := Read(repository(map[string]string{"tfaction-root.yaml": root}, "aws/a gcp", ""))
		var dirs []string
		for _, p := range s.Places {
			dirs = append(dirs, p.Dir)
		}
		if got := strings.Join(dirs, " "); got != want || len(s.Unread) != 1 || s.Unread[0].At.Line != 2 {
			t.Errorf("%s: %s %v, want %s", pattern, got, s.Unread, want)
		}
	}
}

// A group that could be about any directory hides those after it.
func TestGroupWithoutDirectoryHidesWhatComesAfterIt(t *testing.T) {
	for _, dir := range []string{"a", "a/**"} {
		root := "target_groups:\n- {working_directory: " + dir + ", aws_assume_role_arn: \"" + arn("x") + "\"}\n- {aws_region: eu-west-1}\n- {working_directory: b, aws_assume_role_arn: \"" + arn("x") + "\"}\n"
		s := Read(repository(map[string]string{"tfaction-root.yaml": root}, "a/c b", ""))
		if got := lines(s); !strings.Contains(got, "a/c plan=x") || strings.Contains(got, "b plan") || len(s.Unread) != 1 || s.Unread[0].At.Line != 3 {
			t.Errorf("%s: %s", dir, got)
		}
	}
}

// In a role map a directory's role is that of all below it: a group that stands for no module yet is left out where this would
// give a role to another group's directory, which tfaction gives none.
func TestGroupDoesNotReachIntoOneWithoutRole(t *testing.T) {
	s := Read(repository(map[string]string{"tfaction-root.yaml": `target_groups:
- {working_directory: cloud/free/}
- {working_directory: cloud/, aws_assume_role_arn: "` + arn("x") + `"}
- {working_directory: tools/, aws_assume_role_arn: "` + arn("y") + `"}
`}, "cloud/x", ""))
	check(t, s, `
cloud/x plan=x@tfaction-root.yaml:3 apply=x@tfaction-root.yaml:3
tools plan=y@tfaction-root.yaml:4 apply=y@tfaction-root.yaml:4
`)
}

func TestWhatCannotBeReadIsSaidWithItsLine(t *testing.T) {
	s := Read(repository(map[string]string{
		"tfaction-root.yaml": `aws_assume_role_arn: ` + arn("top") + `
env:
  AWS_PROFILE: corp
  OTHER: ` + arn("other") + `
  NAME: plain
target_groups:
- working_directory: a
  aws_assume_role_arn: "arn:aws:iam::${ACCOUNT}:role/x"
  terraform_apply_config: {aws_assume_role_arn: "` + arn("ok") + `", aws_region: eu-west-1}
- working_directory: b
  aws_assume_role_arn: "${{ vars.ROLE }}"
  secrets: [{env_name: AWS_ACCESS_KEY_ID, secret_name: KEY}, {secret_name: AWS_SECRET_ACCESS_KEY}, {env_name: X, secret_name: AWS_PROFILE}]
- working_directory: c
  aws_assume_role_arn: [` + arn("x") + `]
- working_directory: d
  aws_assume_role_arn: ` + arn("d") + `
  aws_region: ${REGION}
  terraform_plan_config: {aws_role_session_name: "{{target}}"}
- working_directory: e
  terraform_plan_config: ` + arn("e") + `
  aws_assume_role_arn: ` + arn("e") + `
`,
		"d/x/tfaction.yaml": "a: 1\na: 2\n",
		"d/y/tfaction.yaml": "terraform_apply_config: {env: {AWS_ROLE_ARN: x}, aws_assume_role_arn: \"%%TARGET%%\"}\n",
	}, "a b c d/x d/y e", ""))
	const version = "aws_region in terraform_apply_config counts in some versions of tfaction only"
	check(t, s, `
a apply=ok@tfaction-root.yaml:9
d plan=d@tfaction-root.yaml:16 apply=d@tfaction-root.yaml:16
d/y plan=d@tfaction-root.yaml:16
e apply=e@tfaction-root.yaml:21
! d/x/tfaction.yaml:2 a is here twice, first in line 1
! d/y/tfaction.yaml:1 aws_assume_role_arn is not the ARN of a role as it stands
! d/y/tfaction.yaml:1 env sets AWS_ROLE_ARN: whose credentials these are is not known
! tfaction-root.yaml:1 aws_assume_role_arn outside of target_groups counts in tfaction's documentation, but not in its source
! tfaction-root.yaml:3 env sets AWS_PROFILE: whose credentials these are is not known
! tfaction-root.yaml:4 env sets a variable to the ARN of a role: what is done with it is not known
! tfaction-root.yaml:8 aws_assume_role_arn is not the ARN of a role as it stands
! tfaction-root.yaml:9 `+version+`
! tfaction-root.yaml:11 aws_assume_role_arn is not the ARN of a role as it stands
! tfaction-root.yaml:12 a secret sets AWS_ACCESS_KEY_ID: whose credentials these are is not known
! tfaction-root.yaml:12 a secret sets AWS_SECRET_ACCESS_KEY: whose credentials these are is not known
! tfaction-root.yaml:14 aws_assume_role_arn is not the ARN of a role as it stands
! tfaction-root.yaml:17 aws_region is not a region as it stands
! tfaction-root.yaml:18 aws_role_session_name is not a name that STS takes as it stands
! tfaction-root.yaml:20 terraform_plan_config has no keys
`)
}

func TestWorkingDirectoryFileOfAnotherName(t *testing.T) {
	for name, want := range map[string]string{
		"infra.yml": "plan=own", "a/b.yaml": "", "../x": "", "..": "", "''": "", "[x]": "", "/etc/passwd": "", `"a\u0000"`: "plan=own",
	} {
		files := map[string]string{
			"tfaction-root.yaml": "working_directory_file: " + name + "\ntarget_groups: [{working_directory: a, aws_assume_role_arn: \"" + arn("group") + "\"}]",
			"a/infra.yml":        "aws_assume_role_arn: " + arn("own"),
			"a/a\x00":            "aws_assume_role_arn: " + arn("own"),
			"a/tfaction.yaml":    "aws_assume_role_arn: " + arn("wrong"),
		}
		s := Read(repository(files, "a", ""))
		if got := lines(s); want == "" && (len(s.Places) > 0 || len(s.Unread) != 1) || !strings.Contains(got, want) {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestHostileFiles(t *testing.T) {
	for what, root := range map[string]string{
		"no YAML":           "a: [",
		"a bomb":            "a: &a [x,x,x,x,x,x,x,x,x]\n" + bomb(12),
		"a list":            "[a]",
		"a text":            "x",
		"groups in a map":   "target_groups: {a: b}",
		"groups of texts":   "target_groups: [a, b]",
		"no directory":      "target_groups: [{aws_assume_role_arn: x}]",
		"a number":          "target_groups: [{working_directory: [1]}]",
		"above":             "target_groups: [{working_directory: ../x}]",
		"farther above":     "target_groups: [{working_directory: a/../../x}]",
		"absolute":          "target_groups: [{working_directory: /etc}]",
		"an escape":         "target_groups: [{working_directory: \"a\\e[31m\"}]",
		"a turn of writing": "target_groups: [{working_directory: \"a\\u202e\"}]",
		"binary":            "\x00\x01",
		"larger than 1 MiB": strings.Repeat("#", 1<<20+1),
		"a long glob":       "target_groups: [{working_directory: \"" + strings.Repeat("*a", 1000) + "\"}]",
		"braces":            "target_groups: [{working_directory: \"" + strings.Repeat("{a,b}", 30) + "\"}]",
	} {
		s := Read(repository(map[string]string{"tfaction-root.yaml": root}, ". a a/b x etc", "c"))
		if len(s.Places) > 0 || !s.Existing {
			t.Errorf("%s: %s", what, lines(s))
		}
		if want := what != "a list" && what != "a text"; want != (len(s.Unread) > 0) {
			t.Errorf("%s: %v", what, s.Unread)
		}
		for _, u := range s.Unread {
			if strings.ContainsAny(u.Text, "\x1b\x00\n\u202e") || len(u.Text) > 300 || u.At.File != rootFile {
				t.Errorf("%s: %+v", what, u)
			}
		}
	}
}

func bomb(levels int) string {
	var b strings.Builder
	last := "a"
	for i := range levels {
		name := fmt.Sprintf("b%d", i)
		fmt.Fprintf(&b, "%s: &%s [%s]\n", name, name, strings.TrimSuffix(strings.Repeat("*"+last+",", 9), ","))
		last = name
	}
	return b.String()
}

func TestFileThatCannotBeReadGivesNothing(t *testing.T) {
	root := "target_groups: [{working_directory: '**', aws_assume_role_arn: \"" + arn("x") + "\"}]"
	r := repository(nil, "a b", "")
	r.Read = func(name string) ([]byte, error) {
		switch name {
		case rootFile:
			return []byte(root), nil
		case "a/tfaction.yaml":
			return nil, errors.New("larger than 1 MiB")
		}
		return nil, fs.ErrNotExist
	}
	check(t, Read(r), "b plan=x@tfaction-root.yaml:1 apply=x@tfaction-root.yaml:1\n! a/tfaction.yaml cannot be read: larger than 1 MiB")
	r.Read = func(string) ([]byte, error) { return nil, errors.New("no permission") }
	if s := Read(r); !s.Existing || lines(s) != "! tfaction-root.yaml cannot be read: no permission" {
		t.Error(lines(s))
	}
}

// The files that are not read were called tfaction.yaml, where the root file says another name.
func TestFilesThatAreTooMuchAreNotCalledByAnotherName(t *testing.T) {
	s := read(repository(map[string]string{
		"tfaction-root.yaml": "working_directory_file: wd.yaml\ntarget_groups:\n- {working_directory: a, aws_assume_role_arn: '" + arn("x") + "'}\n", "a/wd.yaml": "{}",
	}, "a", ""), 1)
	check(t, s, "! tfaction-root.yaml there are more than 16 MiB of working directories' own files: not all are read")
}

// Thousands of groups with globs and tens of thousands of directories take seconds at most, whatever is in them.
func TestEffortIsBounded(t *testing.T) {
	var groups strings.Builder
	groups.WriteString("target_groups:\n")
	for i := range 20_000 {
		fmt.Fprintf(&groups, "- {working_directory: '**/*a*b%d'}\n", i%10)
	}
	deep := strings.TrimSuffix(strings.Repeat("aaaaaaaaaaaaaaaaaaaaaaaaaaaaa/", 90), "/")
	r := repository(map[string]string{"tfaction-root.yaml": groups.String()}, "", "")
	for i := range 5_000 {
		r.Modules = append(r.Modules, modules.Module{Dir: fmt.Sprintf("m%05d/%s", i, deep)})
	}
	began := time.Now()
	s := Read(r)
	if took := time.Since(began); took > 30*time.Second || len(s.Places) > 0 || len(s.Unread) < 2 || len(s.Unread) > 10 {
		t.Errorf("%v, %d places, %v", took, len(s.Places), s.Unread)
	}
	t.Log(time.Since(began))
}

func TestManyMissesAreCut(t *testing.T) {
	var root strings.Builder
	root.WriteString("env: {}\ntarget_groups:\n")
	for i := range 900 {
		fmt.Fprintf(&root, "- {working_directory: d%d, aws_assume_role_arn: x, aws_region: X}\n", i)
	}
	s := Read(repository(map[string]string{"tfaction-root.yaml": root.String() + strings.Repeat("- {}\n", 300)}, "", ""))
	if len(s.Unread) > 1001 || !slices.IsSortedFunc(s.Unread, func(a, b found.Unread) int { return a.At.Line - b.At.Line }) {
		t.Errorf("%d", len(s.Unread))
	}
}

func TestAllFilesTogetherAreBounded(t *testing.T) {
	r := repository(nil, "", "")
	for i := range 100 {
		r.Modules = append(r.Modules, modules.Module{Dir: fmt.Sprintf("m%02d", i)})
	}
	large := []byte("x: " + strings.Repeat("x", 1021))
	r.Read = func(name string) ([]byte, error) {
		if name == rootFile {
			return []byte("target_groups: [{working_directory: '**', aws_assume_role_arn: \"" + arn("x") + "\"}]"), nil
		}
		return large, nil
	}
	if s := read(r, 16<<10); len(s.Places) != 16 || len(s.Unread) != 1 {
		t.Errorf("%d places, %v", len(s.Places), s.Unread)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("target_groups: [{working_directory: 'a/**', aws_assume_role_arn: x}]", "aws_assume_role_arn: ''")
	f.Add("target_groups:\n- {working_directory: a, terraform_plan_config: {aws_assume_role_arn: \""+arn("x")+"\"}}", "type: module")
	f.Add("working_directory_file: ../x\ntarget_groups: [{working_directory: '{a,b}/[x]?'}]", "x")
	f.Fuzz(func(t *testing.T, root, own string) {
		s := Read(repository(map[string]string{rootFile: root, "a/b/tfaction.yaml": own, "c/tfaction.yaml": own}, ". a a/b", "c d"))
		for i, p := range s.Places {
			if p.Plan == nil && p.Apply == nil || !fs.ValidPath(p.Dir) || i > 0 && s.Places[i-1].Dir >= p.Dir {
				t.Fatalf("%q %q: %+v", root, own, p)
			}
			for _, r := range []*found.Role{p.Plan, p.Apply} {
				if r != nil && (!found.IsRole(r.ARN) || r.From.Line < 1) {
					t.Fatalf("%q %q: %+v", root, own, r)
				}
			}
		}
	})
}
