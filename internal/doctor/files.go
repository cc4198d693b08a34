package doctor

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"whichrole/internal/awsconfig"
	"whichrole/internal/child"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// program looks at what profiles and shells would run.
func (v *visit) program(context.Context) []Finding {
	list := []Finding{well("program", v.About+", "+cmp.Or(v.Program, "the system does not tell where"))}
	found := child.Find(v.env, "whichrole")
	switch {
	case v.Program == "":
	case found == "":
		list = append(list, Finding{ID: "program", Level: Warning, What: "whichrole is not on PATH",
			Why: "profiles that call it by its bare name do not find it, nor do the commands that it prints",
			Fix: onPath(filepath.Dir(v.Program))})
	case !same(found, v.Program):
		list = append(list, Finding{ID: "program", Level: Warning, What: "another whichrole is on PATH, and this one is not it: " + found,
			Why: "profiles and shells run that one", Fix: problem.Quote(found) + " version"})
	}
	return list
}

func onPath(dir string) string {
	if runtime.GOOS == "windows" {
		return "add " + dir + " to PATH"
	}
	return "export PATH=" + problem.Quote(dir) + `:"$PATH"`
}

func same(a, b string) bool {
	x, err1 := os.Stat(a)
	y, err2 := os.Stat(b)
	return err1 == nil && err2 == nil && os.SameFile(x, y)
}

const (
	mayRun = "who changes it has your credentials"
	mayAdd = "a line in it can run any program as you"
)

// files looks at who else may change or read what is ours.
func (v *visit) files(context.Context) (list []Finding) {
	const words = "what stands in it is taken for your word"
	const listing = "it tells in which accounts you work"
	aws, err := v.Broker.AWSFiles()
	if err != nil { // profiles has told; of these two nothing is known
		aws = &awsconfig.Files{}
	}
	state := func(name string) string { return under(v.dirs.State, name) }
	for _, place := range []struct {
		path, why string
		private   bool
	}{
		{v.dirs.Config, words, false}, {under(v.dirs.Config, "config.yaml"), words, false},
		{v.dirs.State, "approvals in it do not count then", false}, {state("trust"), "approvals in it do not count then", false},
		{state("failures"), "no failure is kept in it then", true}, {state("cache"), listing, false}, {state("audit.jsonl"), listing, false},
		{v.dirs.Runtime, "no lock is made in it then, and no file", true},
		{aws.ConfigPath, mayAdd, false},
		{aws.CredentialsPath, "it may hold long-term keys", true},
	} {
		if f, wrong := shared(place.path, place.private); wrong {
			f.Why = place.why
			list = append(list, f)
		}
	}
	list = append(list, v.whatRuns(aws)...)
	if len(list) == 0 && err == nil {
		list = append(list, well("files", "our files and those of AWS are yours alone to change"))
	}
	return list
}

// whatRuns looks at this program, those that profiles call, and at the directories in which these and the AWS files lie.
func (v *visit) whatRuns(aws *awsconfig.Files) (list []Finding) {
	add := func(why string, f Finding, wrong bool) {
		if f.Why = why; wrong && !slices.Contains(list, f) {
			list = append(list, f)
		}
	}
	for _, path := range append([]string{v.Program}, v.called(aws)...) {
		f, wrong := shared(path, false)
		add(mayRun, f, wrong)
		for _, dir := range above(path) {
			f, wrong := open(dir)
			add("who puts another program there has your credentials", f, wrong)
		}
	}
	for _, path := range []string{aws.ConfigPath, aws.CredentialsPath} {
		for i, dir := range above(path) {
			f, wrong := open(dir)
			if !wrong && i == 0 { // it is for these files alone, unlike one of programs, which a group may care for
				f, wrong = shared(dir, false)
				f.Level = Warning
			}
			add("another file can be put in its place, and "+mayAdd, f, wrong)
		}
	}
	return list
}

// called are the programs of the profiles that call whichrole, where each has one path.
func (v *visit) called(aws *awsconfig.Files) (list []string) {
	for _, name := range aws.Names() {
		p, _ := aws.Profile(name)
		line, _ := p.Get("credential_process")
		if !awsconfig.CallsWhichrole(line.Text()) {
			continue
		}
		program := programOf(line)
		if !strings.ContainsAny(program, `/\`) {
			program = child.Find(v.env, strings.TrimSuffix(program, ".exe"))
		}
		if filepath.IsAbs(program) && !slices.Contains(list, program) {
			list = append(list, program)
		}
	}
	return list
}

// above are the directories that lead to a path, the nearest first, and those to where its links lead.
func above(path string) (list []string) {
	if path == "" || path == os.DevNull {
		return nil
	}
	real, _ := filepath.EvalSymlinks(path)
	for _, at := range []string{path, real} {
		for filepath.IsAbs(at) && at != filepath.Dir(at) {
			if at = filepath.Dir(at); !slices.Contains(list, at) {
				list = append(list, at)
			}
		}
	}
	return list
}

// open tells whether everybody may exchange what is in a directory. In a sticky one, such as /tmp, each may only his own.
func open(dir string) (Finding, bool) {
	info, err := os.Stat(dir)
	if err != nil || !paths.WritableByOthers(info) || info.Mode().Perm()&0o002 == 0 || info.Mode()&os.ModeSticky != 0 {
		return Finding{}, false
	}
	return Finding{ID: "files", Level: Broken, What: dir + " is writable by everybody", Fix: "chmod o-w " + problem.Quote(dir)}, true
}

func under(dir, name string) string {
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, name)
}

// shared tells whether others may change a file or directory or, where it is private, look into it. What is not there is no
// mistake.
func shared(path string, private bool) (Finding, bool) {
	info, err := os.Stat(path)
	switch {
	case path == "" || err != nil || path == os.DevNull:
		return Finding{}, false
	case paths.OwnedByOther(info):
		return Finding{ID: "files", Level: Broken, What: path + " belongs to somebody else", Fix: "ls -ld " + problem.Quote(path)}, true
	case paths.WritableByOthers(info):
		return Finding{ID: "files", Level: Broken, What: path + " is writable by others", Fix: "chmod go-w " + problem.Quote(path)}, true
	case private && paths.OpenToOthers(info):
		return Finding{ID: "files", Level: Warning, What: path + " is open to others", Fix: "chmod go= " + problem.Quote(path)}, true
	}
	return Finding{}, false
}
