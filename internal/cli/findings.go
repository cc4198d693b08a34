package cli

import (
	"fmt"
	"path/filepath"
	"strings"

	"whichrole/internal/broker"
	"whichrole/internal/output"
	"whichrole/internal/paths"
	"whichrole/internal/rolemap"
)

// printFinding is one line that editors and compilers' readers take, then what is to be deleted and what to do, indented. Each
// of these begins with a character of ours: to GitHub Actions a line that begins with :: is a command, spaces or not.
func (a *app) printFinding(c *broker.Checked, f rolemap.Finding) {
	file := f.File
	if at := c.Decision.File.Physical; paths.Contains(at, file) {
		if rel, err := filepath.Rel(at, file); err == nil {
			file = place(filepath.ToSlash(rel))
		}
	}
	where := output.Printable(file)
	if f.Line > 0 {
		where += fmt.Sprintf(":%d:%d", f.Line, max(f.Column, 1))
	}
	fmt.Fprintf(a.stdout, "%s: %s (%s)\n", where, output.Printable(f.Text), f.Code)
	for _, text := range sourceLines(f) {
		fmt.Fprintf(a.stdout, "    | %s\n", text)
	}
	if f.Hint != "" {
		line(a.stdout, "    hint: %s", f.Hint)
	}
}

// sourceLines are the lines to delete, safe to print.
func sourceLines(f rolemap.Finding) (lines []string) {
	if f.Source == "" {
		return nil
	}
	for text := range strings.Lines(f.Source) {
		lines = append(lines, output.Printable(strings.ReplaceAll(strings.TrimRight(text, "\r\n"), "\t", "    ")))
	}
	return lines
}

// annotate is a finding as a workflow command of GitHub Actions, in one line whatever the repository has for names.
func (a *app) annotate(c *broker.Checked, f rolemap.Finding) {
	at := []string{"file=" + property(output.Printable(annotated(a.env["GITHUB_WORKSPACE"], c, f.File)))}
	if f.Line > 0 {
		at = append(at, fmt.Sprintf("line=%d", f.Line), fmt.Sprintf("col=%d", max(f.Column, 1)))
	}
	at = append(at, "title="+property("whichrole "+f.Code))
	text := output.Printable(f.Text)
	for _, source := range sourceLines(f) {
		text += "\n" + source
	}
	if f.Hint != "" {
		text += "\n" + output.Printable(f.Hint)
	}
	fmt.Fprintf(a.stdout, "::error %s::%s\n", strings.Join(at, ","), data(text))
}

// annotated is the file as GitHub knows it: from the checkout, which lies in workspace or below it.
func annotated(workspace string, c *broker.Checked, file string) string {
	base := c.Decision.File.Top
	if base == "" {
		base = c.Decision.File.Root
	}
	if physical, err := filepath.EvalSymlinks(workspace); err == nil && filepath.IsAbs(physical) && paths.Contains(physical, base) {
		base = physical
	}
	if rel, err := filepath.Rel(base, file); err == nil && paths.Contains(base, file) {
		return filepath.ToSlash(rel)
	}
	return file
}

// data is the text of a workflow command, property one of its parameters, as the toolkit's core/src/command.ts escapes them.
func data(text string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(text)
}

func property(text string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(data(text))
}
