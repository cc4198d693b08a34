package terrateam

import (
	"maps"
	"slices"
)

// Facts are what is known of a directory in a workspace, for explain. All texts are the repository's words.
type Facts struct {
	Directory  string   // the key of dirs that holds, "" for none
	Line       int      // of that key
	Tags       []string // sorted, as far as they are known
	Branch     string   // "" where it is not known, or no tag depends on it
	DestBranch string
	Known      bool          // that a workflow matches, or that none does: else a branch would have to be known
	Workflow   *WorkflowFact // nil for none
	Plan       StepFact
	Apply      StepFact
}

// WorkflowFact is the workflow that was chosen.
type WorkflowFact struct {
	Line        int
	Name        string // of the environment here
	Environment string // as it is written, "" where it has none
	Query       string // tag_query as it is written
	Ambiguous   bool   // Terrateam's versions disagree on how the query is to be read
}

// StepFact is the oidc step that decides for one operation.
type StepFact struct {
	Line   int    // 0: there is none
	In     string // hooks or workflow
	Opaque []Opaque
}

// Facts never fails: what is not known is left out. environment is the one that was asked for by name, "" where the directory
// decides.
func (h *Here) Facts(dir, workspace, environment string) (f Facts) {
	s, err := h.newSpace(dir, workspace)
	if err != nil {
		return f
	}
	if s.entry != nil {
		f.Directory, f.Line = s.entry.key, s.entry.line
	}
	if !s.enter() {
		return f
	}
	f.Tags = s.tags()
	f.Branch, f.DestBranch = s.kinds[headBranch].name, s.kinds[destBranch].name
	w, err := s.workflow()
	if named := h.c.names[environment]; environment != "" && len(named) > 0 {
		w, err = named[0], nil
	} else if environment == Hooks {
		w, err = nil, nil
	}
	if err != nil {
		return f
	}
	f.Known = true
	if w != nil {
		f.Workflow = &WorkflowFact{Line: w.line, Name: w.name, Environment: w.environment, Query: w.raw, Ambiguous: w.query.Ambiguous()}
	}
	f.Plan, f.Apply = h.c.stepFact(w, plan), h.c.stepFact(w, apply)
	return f
}

// tags asks for the branches on which one depends.
func (s *space) tags() []string {
	list := slices.Collect(maps.Keys(s.static))
	start := guess{}
	for i := range s.kinds {
		k := &s.kinds[i]
		if len(k.tags) > 0 {
			k.find(s.c.name)
		}
		if start[i] = k.key; k.key != "" {
			list = append(list, k.prefix+k.key)
		}
	}
	t := &trial{s: s, guess: start}
	if stack := t.stack(); t.err == nil {
		for _, name := range stack.names() {
			list = append(list, stackTag+name)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func (c *Config) stepFact(w *workflow, op int) StepFact {
	by := c.choose(w, op)
	switch {
	case by.step == nil:
		return StepFact{}
	case by.hooks:
		return StepFact{by.step.line, "hooks", c.before(by, op)}
	}
	return StepFact{by.step.line, "workflow", c.before(by, op)}
}
