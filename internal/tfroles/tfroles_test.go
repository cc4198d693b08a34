package tfroles

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"whichrole/internal/found"
	"whichrole/internal/modules"
	"whichrole/internal/paths"
)

// repository plants files, and is what a reader may look at of them.
func repository(tb testing.TB, files map[string]string) found.Repository {
	tb.Helper()
	top := tb.TempDir()
	for name, text := range files {
		file := filepath.Join(top, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	all, err := modules.Find(context.Background(), modules.Search{Root: top})
	if err != nil {
		tb.Fatal(err)
	}
	root, err := os.OpenRoot(top)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { root.Close() })
	return found.Repository{Modules: all.Modules, Code: all.Code, Read: func(name string) ([]byte, error) {
		f, err := root.OpenFile(filepath.FromSlash(name), paths.OpenFlags, 0)
		if err != nil {
			return nil, err
		}
		data, _, err := paths.ReadOpened(f, 1<<20)
		return data, err
	}}
}

// text is what was said, one line for each place and each part that could not be read.
func text(s found.Said) string {
	var lines []string
	for _, p := range s.Places {
		line := p.Dir
		if p.Workspace+p.Name != "" {
			line += " ?" + p.Workspace + p.Name
		}
		if p.Plan != nil && p.Apply != nil && fmt.Sprint(*p.Plan) == fmt.Sprint(*p.Apply) && p.Plan != p.Apply {
			line += " run " + roleText(p.Plan)
		} else if p.Plan != nil || p.Apply != nil {
			line += fmt.Sprintf(" plan %+v apply %+v", p.Plan, p.Apply)
		}
		if p.State != nil {
			line += " state " + roleText(p.State)
		}
		lines = append(lines, line)
	}
	for _, u := range s.Unread {
		lines = append(lines, "! "+u.At.String()+" "+u.Text)
	}
	if len(s.Sources) > 0 {
		lines = append(lines, "from "+strings.Join(s.Sources, " "))
	}
	return strings.Join(lines, "\n")
}

func roleText(r *found.Role) string {
	var parts []string
	for _, arn := range append(r.Via[:len(r.Via):len(r.Via)], r.ARN) {
		parts = append(parts, strings.TrimPrefix(arn, "arn:aws:iam::111111111111:role/"))
	}
	line := strings.Join(parts, ">") + " @" + r.From.String()
	for _, more := range []string{r.Region, r.SessionName, r.ExternalID} {
		if more != "" {
			line += " " + more
		}
	}
	if r.Duration > 0 {
		line += " " + r.Duration.String()
	}
	if r.Note != "" {
		line += " (" + r.Note + ")"
	}
	return line
}

func check(t *testing.T, read func(found.Repository) found.Said, files map[string]string, want ...string) {
	t.Helper()
	if got := text(read(repository(t, files))); got != strings.Join(want, "\n") {
		t.Errorf("%s\nwant:\n%s", got, strings.Join(want, "\n"))
	}
}

// assume is an assume_role block.
func assume(role string, more ...string) string {
	return "  assume_role {\n    role_arn = \"arn:aws:iam::111111111111:role/" + role + "\"\n    " + strings.Join(more, "\n    ") + "\n  }\n"
}

func provider(inner string) string { return "provider \"aws\" {\n" + inner + "}\n" }
func alias(name, inner string) string {
	return provider("  alias = \"" + name + "\"\n" + inner)
}
func s3(inner string) string { return "terraform {\n  backend \"s3\" {\n" + inner + "  }\n}\n" }

// A reader that names a file which is not there is told so, and by no other word.
func TestRepositoryOfTheseTestsReadsAsTheRealOne(t *testing.T) {
	r := repository(t, map[string]string{"a": "x"})
	if _, err := r.Read("b/c"); !os.IsNotExist(err) {
		t.Error(err)
	}
	if data, err := r.Read("a"); string(data) != "x" || err != nil {
		t.Error(string(data), err)
	}
	if _, err := r.Read("."); err == nil || os.IsNotExist(err) {
		t.Error(err)
	}
}

// A thousand units that include one file must not bury what else there is to say.
func TestWhatCouldNotBeReadIsListedOnceAndNotWithoutEnd(t *testing.T) {
	files := map[string]string{"root.hcl": "iam_role = upper(\"x\")\n"}
	for i := range 50 {
		files[fmt.Sprintf("app%d/terragrunt.hcl", i)] = include(rootAbove)
	}
	check(t, Terragrunt, files, "! root.hcl:1 iam_role is computed")
	text := strings.Repeat("provider \"aws\" {\n  assume_role { role_arn = var.x }\n}\n", 100)
	files = map[string]string{}
	for i := range 20 {
		files[fmt.Sprintf("app%d/main.tf", i)] = text
	}
	list := Terraform(repository(t, files)).Unread
	if last := list[len(list)-1]; len(list) != 1001 || !strings.Contains(last.Text, "more than 1000") {
		t.Errorf("%d, %v", len(list), last)
	}
}
