package digger

import (
	"cmp"
	"errors"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"whichrole/internal/found"
	"whichrole/internal/looseyaml"
)

const (
	ownWorkflow = "digger_workflow.yml" // of a project that names no other
	maxFiles    = 20
)

// withoutRole remembers where else a project that names no role may get its credentials from.
func (b *reading) withoutRole(n looseyaml.Node) {
	workflow, _ := n.Get("workflow").Text()
	b.bare[cmp.Or(workflow, "default")] = true
	file, _ := n.Get("workflow_file").Word()
	b.files[cmp.Or(file, ownWorkflow)] = true
}

// workflows tells where projects that name no role get credentials from: of variables, or of the GitHub workflow that runs digger.
func (b *reading) workflows(n looseyaml.Node) {
	for _, f := range n.Fields() {
		if !b.bare[f.Key] {
			continue
		}
		for _, kind := range []string{"state", "commands"} {
			for _, v := range f.Value.Get("env_vars").Get(kind).Items() {
				if name, _ := v.Get("name").Text(); found.IsCredential(name) {
					b.miss(v, "env_vars set %s: whose credentials these are is not known", name)
				}
			}
		}
	}
	for i, file := range slices.Sorted(maps.Keys(b.files)) {
		if i == maxFiles {
			break
		}
		if fs.ValidPath(file) {
			b.action(".github/workflows/" + file)
		}
	}
}

// action looks for the role that digger's GitHub action is told to assume for all projects.
func (b *reading) action(file string) {
	data, err := b.repo.Read(file)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	var top looseyaml.Node
	if err == nil {
		top, err = looseyaml.Parse(file, data)
	}
	if err != nil {
		b.misses.Failed(file, err)
		return
	}
	for _, job := range top.Get("jobs").Fields() {
		for _, step := range job.Value.Get("steps").Items() {
			uses, _ := step.Get("uses").Text()
			if role := step.Get("with").Get("aws-role-to-assume"); isText(role) && strings.HasPrefix(uses, "diggerhq/digger") {
				b.misses.Add(found.Origin{File: file, Line: role.Line()}, "aws-role-to-assume serves projects that name no role: give them one yourself")
			}
		}
	}
}
