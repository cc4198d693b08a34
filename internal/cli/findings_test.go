package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"whichrole/internal/broker"
	"whichrole/internal/mapfile"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
	"whichrole/internal/rolemap"
)

func inRepo(root string) *broker.Checked {
	return &broker.Checked{Decision: &broker.Decision{File: &mapfile.File{Path: filepath.Join(root, ".whichrole.yaml"), Root: root, Physical: root, Top: root}}}
}

// A directory of a pull request may be called anything: what GitHub Actions reads stays one command, and its parameters stay
// ours. See the runner's ActionCommand, and core/src/command.ts of the toolkit.
func TestHostileNameInjectsNoWorkflowCommand(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{
		"a\n::add-mask::x", "a\r::add-mask::x", "a\r\n::set-output name=x::y", "::add-mask::x", "a,line=9,title=fine", "a::fine", "a%0A::add-mask::x",
		"a%2Ctitle=fine", "a\x1b[2K", "a\u2028::x", "a\u202eb", "a\x00b", "  ::x",
	} {
		f := rolemap.Finding{Code: "no-environment", File: filepath.Join(root, name, "main.tf"), Line: 3, Column: 4, Text: name + " has none", Hint: "see " + name,
			Source: "x {\n\t" + name + "\n}"}
		var out bytes.Buffer
		a := &app{stdout: &out, env: paths.Env{}}
		a.annotate(inRepo(root), f)
		text := out.String()
		if strings.Count(text, "\n") != 1 || strings.ContainsAny(text, "\r\x1b\x00\u2028\u202e") || !strings.HasPrefix(text, "::error file=") {
			t.Errorf("%q: %q", name, text)
		}
		properties, _, _ := strings.Cut(strings.TrimPrefix(text, "::error "), "::")
		if strings.Count(properties, ",") != 3 || !strings.HasSuffix(properties, ",line=3,col=4,title=whichrole no-environment") {
			t.Errorf("%q: properties %q", name, properties)
		}
		out.Reset()
		a.printFinding(inRepo(root), f)
		for line := range strings.Lines(out.String()) {
			if strings.HasPrefix(strings.TrimSpace(line), "::") {
				t.Errorf("%q: the line %q is a command", name, line)
			}
		}
		if strings.Count(out.String(), "\n") < 5 || strings.ContainsAny(out.String(), "\r\x1b\x00\u2028\u202e") {
			t.Errorf("%q: %q", name, out.String())
		}
	}
}

func TestAnnotationsAreEscapedAsTheToolkitDoes(t *testing.T) {
	root := t.TempDir()
	var out bytes.Buffer
	a := &app{stdout: &out, env: paths.Env{}}
	a.annotate(inRepo(root), rolemap.Finding{Code: "own-role", File: filepath.Join(root, "a,b:c%d", "main.tf"), Line: 1, Column: 2, Text: "100%: a, b", Hint: "delete it", Source: "a\nb"})
	a.annotate(inRepo(root), rolemap.Finding{Code: "unread", File: filepath.Join(root, "x"), Text: "no"})
	want := "::error file=a%2Cb%3Ac%25d/main.tf,line=1,col=2,title=whichrole own-role::100%25: a, b%0Aa%0Ab%0Adelete it\n" +
		"::error file=x,title=whichrole unread::no\n"
	if out.String() != want {
		t.Errorf("got  %q\nwant %q", out.String(), want)
	}
}

// The repository may be checked out below GITHUB_WORKSPACE (path: of actions/checkout), which may be a symlink.
func TestAnnotatedPathsCountFromTheWorkspace(t *testing.T) {
	top, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	repo, link := filepath.Join(top, "work", "infra"), filepath.Join(top, "link")
	mkdir(t, repo)
	if err := os.Symlink(filepath.Join(top, "work"), link); err != nil { // Windows, without the right to
		link = filepath.Join(top, "work")
	}
	file := filepath.Join(repo, "qa", "main.tf")
	for workspace, want := range map[string]string{
		"": "qa/main.tf", repo: "qa/main.tf", filepath.Join(top, "work"): "infra/qa/main.tf", link: "infra/qa/main.tf",
		filepath.Join(top, "elsewhere"): "qa/main.tf", "work": "qa/main.tf", filepath.Join(repo, "qa"): "qa/main.tf", filepath.Join(top, "wor"): "qa/main.tf",
	} {
		if got := annotated(workspace, inRepo(repo), file); got != want {
			t.Errorf("%q: %s, want %s", workspace, got, want)
		}
	}
	if got := annotated("", inRepo(repo), filepath.Join(top, "map.yaml")); got != filepath.Join(top, "map.yaml") {
		t.Errorf("outside: %s", got)
	}
}

// A refusal of AWS comes before what could not be asked: that may be well.
func TestWorstOfAllTrialsIsTheExitCode(t *testing.T) {
	of := func(codes ...problem.Code) (list []broker.Trial) {
		for _, code := range codes {
			trial := broker.Trial{}
			if code != 0 {
				trial.Err = problem.New(code, "x")
			}
			list = append(list, trial)
		}
		return list
	}
	findings := []rolemap.Finding{{}}
	for _, c := range []struct {
		findings []rolemap.Finding
		trials   []broker.Trial
		want     problem.Code
	}{
		{nil, nil, 0},
		{nil, of(0, 0), 0},
		{findings, nil, problem.BadMap},
		{findings, of(0), problem.BadMap},
		{findings, of(problem.Unreachable), problem.Unreachable},
		{nil, of(0, problem.Unreachable, problem.Refused, problem.LoginNeeded), problem.Refused},
		{nil, of(problem.Unreachable, problem.LoginNeeded), problem.LoginNeeded},
		{nil, of(problem.Refused, problem.Unreachable, problem.NotTrusted), problem.Refused},
		{nil, of(problem.Failure), problem.Failure},
	} {
		if got := verdict(c.findings, c.trials); got != c.want {
			t.Errorf("%+v: %d, want %d", c, got, c.want)
		}
	}
	untried := []broker.Trial{{Untried: "no root module"}}
	if got := verdict(nil, untried); got != 0 {
		t.Errorf("what was not tried is exit %d", got)
	}
}

// Nothing is told of what is quickly done, and what was told is wiped.
func TestProgressIsToldLateAndWiped(t *testing.T) {
	var out bytes.Buffer
	now := time.Unix(1_800_000_000, 0)
	a := &app{stderr: &out, now: func() time.Time { return now }, env: paths.Env{}}
	p := a.progress()
	now = now.Add(time.Hour)
	p.tell("%d directories", 1)
	p.wipe()
	if out.Len() != 0 {
		t.Fatalf("no terminal is told %q", out.String())
	}
	p = a.progress()
	p.w = &out
	for range 49 {
		now = now.Add(10 * time.Millisecond)
		p.tell("%d directories", 1)
	}
	p.wipe()
	if out.Len() != 0 {
		t.Fatalf("within half a second: %q", out.String())
	}
	for i := range 70 {
		now = now.Add(10 * time.Millisecond)
		p.tell("%d directories", i)
	}
	p.wipe()
	p.wipe()
	if want := "\r\x1b[K49 directories …\r\x1b[K59 directories …\r\x1b[K69 directories …\r\x1b[K"; out.String() != want {
		t.Errorf("%q", out.String())
	}
}

// A tabwriter ends a column where a row ends early.
func TestColumnsHoldWhereARowEndsEarly(t *testing.T) {
	var out bytes.Buffer
	table(&out, [][]string{{"A", "B", "C"}, {"größe", "b", "c"}, {"x", "a long remark"}, {"y", "bb", "c"}, {"alone"}})
	want := "A      B   C\ngröße  b   c\nx      a long remark\ny      bb  c\nalone\n"
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}
