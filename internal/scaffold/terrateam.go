package scaffold

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"whichrole/internal/found"
	"whichrole/internal/mapfile"
	"whichrole/internal/modules"
	"whichrole/internal/problem"
	"whichrole/internal/rolemap"
	"whichrole/internal/terrateam"
)

// Terrateam's configuration; both at once are a mistake.
const terrateamFile, terrateamOther = mapfile.Terrateam, mapfile.TerrateamOther

// maxTerrateam bounds what a hostile configuration takes for all directories together: about ten seconds.
const maxTerrateam = 500_000_000 // steps

// checkout is what Terrateam's answers depend on beside its file.
type checkout struct {
	destBranch func() (string, error)             // to which pull requests go, "" where it is not known
	files      func(dir string) ([]string, error) // the names of the files in a directory
}

// readTerrateam asks Terrateam's configuration for each root module. The answer tells which file that is, and
// for whose pull requests it holds, where it doesn't for all.
func readTerrateam(r found.Repository, c checkout) (x saying) {
	name, data, err := oneOf(r)
	if err == nil && name == "" {
		return x
	}
	var config *terrateam.Config
	if err == nil {
		config, err = terrateam.Parse(name, data)
	}
	if err != nil {
		return saying{Said: found.Said{Existing: true, Unread: []found.Unread{unreadFile(name, err)}}, as: name}
	}
	t := &terrateamReader{name: name, used: map[int]bool{}, said: found.Said{Existing: true, OIDC: true}}
	x.as = name
	t.laptop, t.job = c.worlds(config, func(branch string) { x.as = name + ", as for pull requests to " + branch })
	for _, m := range r.Modules {
		if !isExampleOf(m) { // a hook for all would give roles to the examples of shared code
			t.dir(m.Dir)
		}
	}
	for _, dir := range r.Code { // Terrateam asks for no provider
		if !slices.Contains(split(dir), "modules") && !isExampleOf(modules.Module{Dir: dir, Kind: "terraform"}) {
			t.dir(dir)
		}
	}
	slices.SortStableFunc(t.said.Places, func(a, b found.Place) int { return strings.Compare(a.Dir, b.Dir) })
	t.said.Unread = t.misses.Sorted()
	x.Said, x.branch, x.named = t.said, t.branch, len(t.laptop.Entries()) > 0
	x.unused = t.unused()
	if slices.ContainsFunc(t.said.Places, func(p found.Place) bool { return p.Workspace == "" }) {
		x.remarks = []string{"directories without workspaces: Terrateam runs them in the workspace default alone, and this map takes any"}
	}
	return x
}

// worlds are those of a laptop and of Terrateam's own runs. It is told the branch of pull requests where an answer depends on it.
func (c checkout) worlds(config *terrateam.Config, told func(branch string)) (laptop, job *terrateam.Here) {
	world := terrateam.World{
		Branch: func() (string, error) {
			return "", problem.New(problem.NoEnvironment, "it depends on the branch that is checked out, and a role map knows none")
		},
		DestBranch: sync.OnceValues(func() (string, error) { // each directory asks
			branch, err := c.destBranch()
			if branch != "" {
				told(branch)
			}
			return branch, err
		}),
		Files: c.files,
	}
	laptop = config.In(world)
	world.Token = func() (bool, error) { return true, nil }
	return laptop, config.In(world)
}

// oneOf reads the configuration; nil where there is none.
func oneOf(r found.Repository) (name string, data []byte, err error) {
	data, err = r.Read(terrateamFile)
	other, otherErr := r.Read(terrateamOther)
	switch {
	case !errors.Is(err, fs.ErrNotExist) && !errors.Is(otherErr, fs.ErrNotExist):
		return terrateamFile, nil, errors.New("stands beside " + terrateamOther + ": keep one of them")
	case !errors.Is(err, fs.ErrNotExist):
		return terrateamFile, data, err
	case !errors.Is(otherErr, fs.ErrNotExist):
		return terrateamOther, other, otherErr
	}
	return "", nil, nil
}

type terrateamReader struct {
	name        string
	laptop, job *terrateam.Here
	said        found.Said
	misses      found.Misses
	branch      bool         // the destination branch is missing
	used        map[int]bool // the lines of workflows that a directory gets
}

func (t *terrateamReader) dir(dir string) {
	if t.laptop.Work()+t.job.Work() > maxTerrateam {
		t.misses.Add(found.Origin{File: t.name}, "takes too long for all directories: not all were asked for")
		return
	}
	workspaces := t.laptop.Workspaces(dir)
	if len(workspaces) == 0 { // then Choose says why
		workspaces = []string{"default"}
	}
	for _, w := range workspaces {
		p := found.Place{Dir: dir, Workspace: w}
		if len(workspaces) == 1 && w == "default" { // the one that is there without a word
			p.Workspace = ""
		}
		t.place(p, w)
	}
}

func (t *terrateamReader) place(p found.Place, workspace string) {
	here, _, err := t.laptop.Choose(p.Dir, workspace)
	if err != nil {
		t.failed(err)
		return
	}
	if here == nil {
		return
	}
	t.used[here.Line] = true
	facts := t.laptop.Facts(p.Dir, workspace, "")
	job, _, err := t.job.Choose(p.Dir, workspace)
	if err != nil || job == nil {
		job = &rolemap.Imported{}
	}
	if here.Name != terrateam.Hooks { // the name of the directory says more
		p.Name = here.Name
	}
	if p.Plan, err = t.role("plan", here.Plan, job.Plan, facts.Plan); err != nil {
		t.failed(err)
		return // not apply's for plan: that would be more
	}
	if p.Apply, err = t.role("apply", here.Apply, job.Apply, facts.Apply); err != nil {
		t.failed(err)
	}
	if p.Plan != nil || p.Apply != nil {
		t.said.Places = append(t.said.Places, p)
	}
}

// role is what a step gives; nil where there is no step.
func (t *terrateamReader) role(op string, laptop, job rolemap.Route, step terrateam.StepFact) (*found.Role, error) {
	if step.Line == 0 {
		return nil, nil
	}
	if laptop.Err != nil {
		return nil, laptop.Err
	}
	r := &found.Role{
		ARN: laptop.RoleARN, Region: laptop.Region, SessionName: laptop.SessionName, Duration: laptop.Duration,
		From: found.Origin{File: t.name, Line: laptop.Line},
	}
	var notes []string
	if len(job.Via) > 0 {
		notes = append(notes, entryNote(op, job.Via))
	}
	if job.Audience != "" && job.Audience != "sts.amazonaws.com" {
		notes = append(notes, fmt.Sprintf("Terrateam's token has the audience %s: with oidc: github the source needs it as well", job.Audience))
	}
	if len(step.Opaque) > 0 {
		notes = append(notes, fmt.Sprintf("a step of type %s (%s:%d) runs before: what it changes is not known here", step.Opaque[0].Type, t.name, step.Opaque[0].Line))
	}
	r.Note = strings.Join(notes, "; ")
	return r, nil
}

// unused are the workflows whose roles no directory gets, for another branch maybe.
func (t *terrateamReader) unused() (lines []string) {
	for _, e := range t.laptop.Entries() {
		if e.Name != terrateam.Hooks && !t.used[e.Line] {
			lines = append(lines, remark(fmt.Sprintf("%s:%d: no directory gets the roles of workflow %s", t.name, e.Line, e.Name)))
		}
	}
	return lines
}

// entryNote is for a role that Terrateam's own runs come to by way of others. A laptop goes straight to it.
func entryNote(op string, via []string) string {
	way := strings.Join(via, ", ")
	return fmt.Sprintf("the role of %s is assumed straight from the source, as on a laptop; on a runner Terrateam goes through %s: where the last role trusts only that one, add via: [%s] (it holds for all operations, on laptops as well)", op, way, way)
}

// failed tells why a directory has no answer. Terrateam's errors begin with the file, and mostly with the line.
func (t *terrateamReader) failed(err error) {
	at, text := found.Located(t.name, err.Error())
	if before, after, is := strings.Cut(text, ", which is not set here"); is { // none is looked at: another person has another one
		text = strings.Replace(before, " asks for $", " depends on $", 1) + after
	}
	if strings.Contains(problem.HintOf(err), "DEST_BRANCH") { // other hints mend a run, not a map
		text += ": say --dest-branch NAME"
		t.branch = true
	}
	t.misses.Add(at, "%s", text)
}

// unreadFile says why a whole file could not be read.
func unreadFile(name string, err error) found.Unread {
	var m found.Misses
	m.Failed(name, err)
	return m.Sorted()[0]
}
