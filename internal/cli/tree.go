package cli

import (
	"strings"

	"whichrole/internal/broker"
	"whichrole/internal/survey"
)

// branch is a directory on the way to a root module, or one itself.
type branch struct {
	name     string // the last segment
	placed   []survey.Placed
	children []*branch          // in order
	byName   map[string]*branch // the same
}

// grow makes the tree of directories below s.Below.
func grow(s *broker.Survey) *branch {
	root := &branch{name: s.Below}
	for _, p := range s.Placed {
		rel := p.Dir
		if s.Below != "." {
			rel = strings.TrimPrefix(strings.TrimPrefix(rel, s.Below), "/")
		}
		root.add(rel, p)
	}
	return root
}

// add walks down to the module.
func (b *branch) add(rel string, p survey.Placed) {
	if rel == "" || rel == "." {
		b.placed = append(b.placed, p)
		return
	}
	name, rest, _ := strings.Cut(rel, "/")
	c, known := b.byName[name]
	if !known {
		c = &branch{name: name}
		if b.children = append(b.children, c); b.byName == nil {
			b.byName = map[string]*branch{}
		}
		b.byName[name] = c
	}
	c.add(rest, p)
}

// printTree draws the directories, each with what it gets. Several workspaces of one module stand below it.
func (a *app) printTree(s *broker.Survey) {
	if len(s.Placed) == 0 {
		return
	}
	rows := [][]string{{"DIRECTORY", "ENVIRONMENT", "ACCOUNT", roleHead(s)}}
	grow(s).draw(a.style(), place(s.Below), "", &rows)
	table(a.stdout, rows)
}

// draw adds the rows of a branch: title is its own line as far as the answer, below what stands before its children's.
func (b *branch) draw(paint style, title, below string, rows *[][]string) {
	if len(b.placed) == 1 && !named(b.placed[0]) {
		*rows = append(*rows, append([]string{title}, marked(paint, b.placed[0])...))
	} else {
		*rows = append(*rows, []string{title})
		for i, p := range b.placed {
			line, _ := twig(i == len(b.placed)-1 && len(b.children) == 0)
			*rows = append(*rows, append([]string{below + line + "workspace " + workspace(p)}, marked(paint, p)...))
		}
	}
	for i, c := range b.children {
		line, under := twig(i == len(b.children)-1)
		c.draw(paint, below+line+word(c.name), below+under, rows)
	}
}

// twig leads to a child, and stands before those below it.
func twig(last bool) (line, under string) {
	if last {
		return "└── ", "    "
	}
	return "├── ", "│   "
}

// marked is the answer, with the mark of the list before it where there is no role.
func marked(paint style, p survey.Placed) []string {
	cells := answer(paint, p)
	if p.Outcome != survey.Mapped {
		cells[0] = marks[p.Outcome] + cells[0]
	}
	return cells
}
