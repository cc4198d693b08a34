package launch

import (
	"cmp"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/windows"

	"whichrole/internal/problem"
)

// find is the program's path: as PATH and PATHEXT have it, without the directories that are not absolute and without the working
// directory, where cmd would look first. A checkout's own terraform would be run with credentials.
func (c Command) find() (string, error) {
	name := c.Args[0]
	if strings.ContainsAny(name, `\/:`) {
		path := name
		if !filepath.IsAbs(name) && c.Dir != "" {
			path = filepath.Join(c.Dir, name)
		}
		if found := c.withExtension(path); found != "" {
			return found, nil
		}
		return "", c.problem(NotFound, "no such file")
	}
	for _, dir := range filepath.SplitList(c.variable("PATH")) {
		if found := c.withExtension(filepath.Join(dir, name)); filepath.IsAbs(dir) && found != "" {
			return found, nil
		}
	}
	return "", c.problem(NotFound, "command not found")
}

// variable is the one of that name, in whatever case.
func (c Command) variable(name string) string {
	for other, value := range c.Env {
		if strings.EqualFold(other, name) {
			return value
		}
	}
	return ""
}

func (c Command) withExtension(path string) string {
	if filepath.Ext(path) != "" && isFile(path) {
		return path
	}
	for ext := range strings.SplitSeq(cmp.Or(c.variable("PATHEXT"), ".COM;.EXE;.BAT;.CMD"), ";") {
		if ext != "" && isFile(path+ext) {
			return path + ext
		}
	}
	return ""
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}

// line is the command line of a batch file, which cmd reads by rules that no quoting stands up to: an argument that could mean
// more to it is refused. Of a program it is "", and package syscall quotes.
func (c Command) line(path string) (program, line string, err error) {
	ext := strings.ToLower(filepath.Ext(path))
	if ext != ".bat" && ext != ".cmd" {
		return path, "", nil
	}
	system, err := windows.GetSystemDirectory()
	if err != nil {
		return "", "", c.problem(problem.Failure, "%v", err).Because(err)
	}
	words := []string{`"` + path + `"`}
	for _, word := range append([]string{path}, c.Args[1:]...) {
		if strings.ContainsAny(word, "\"%!^&|<>()\r\n") {
			return "", "", c.problem(NotExecutable, "it is a batch file, and cannot be given %s as it is", syscall.EscapeArg(problem.Cut(word, 256))).
				WithHint("run the program itself, which the batch file runs")
		}
	}
	for _, word := range c.Args[1:] {
		words = append(words, `"`+word+`"`)
	}
	return filepath.Join(system, "cmd.exe"), `cmd.exe /d /s /c "` + strings.Join(words, " ") + `"`, nil
}
