package broker

import (
	"context"
	"slices"
	"strings"

	"whichrole/internal/mapfile"
	"whichrole/internal/modules"
	"whichrole/internal/rolemap"
	"whichrole/internal/survey"
)

// Survey is every root module with what it gets.
type Survey struct {
	Decision *Decision       // as far as the map
	Below    string          // the directory whose modules these are, from the map's root; "." for all
	Placed   []survey.Placed // sorted by directory
	Notes    []modules.Note
}

// ListDirs tells which role each root module at and below the request's directory gets, whether the map is trusted or not. A
// workspace or an operation that is asked for takes the place of all, an environment narrows the answer. progress is told
// how many directories were looked at; it may be nil.
func (b *Broker) ListDirs(ctx context.Context, r Request, progress func(dirs int)) (*Survey, error) {
	d, err := b.examined(r)
	if err != nil {
		return nil, err
	}
	found, err := b.modules(ctx, d, progress)
	if err != nil {
		return nil, err
	}
	s := b.survey(r, d, found)
	s.Below = d.File.Dir
	s.Placed = keep(s.Placed, func(p survey.Placed) bool {
		return below(s.Below, p.Dir) && (r.Environment == "" || p.Environment == r.Environment)
	})
	return s, ctx.Err()
}

// modules finds the root modules that the map could speak of.
func (b *Broker) modules(ctx context.Context, d *Decision, progress func(int)) (*modules.Found, error) {
	return modules.Find(ctx, modules.Search{
		Root: d.File.Root, Top: d.File.Top, Progress: progress, OneMap: d.File.How != mapfile.Found, // a named one holds for all below
	})
}

func below(top, dir string) bool {
	return top == "." || dir == top || strings.HasPrefix(dir, top+"/")
}

func keep(list []survey.Placed, wanted func(survey.Placed) bool) (kept []survey.Placed) {
	for _, p := range list {
		if wanted(p) {
			kept = append(kept, p)
		}
	}
	return kept
}

// survey lays the map on each module.
func (b *Broker) survey(r Request, d *Decision, found *modules.Found) *Survey {
	s := &Survey{Decision: d, Notes: found.Notes}
	var whole bool
	s.Placed, whole = survey.Of(d.Map, found.Modules, survey.Question{Workspace: r.Workspace, Operation: rolemap.Operation(r.Operation), Steps: survey.Enough})
	if !whole {
		s.Notes = append(slices.Clip(s.Notes), modules.Note{File: d.File.Path, Text: "not every root module was looked at in all its workspaces: there are too many of them, or the patterns take too long to match"})
	}
	return s
}
