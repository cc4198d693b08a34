package modules

import (
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// Include is an include block, and how to come to its file: Path counts from the unit's directory, but from the repository's
// with Top, and with Above from the directory of the nearest file above the unit that is called Name.
type Include struct {
	Path  string // "" with Above: that file itself
	Top   bool
	Above bool
	Name  string // "" for terragrunt.hcl.json or terragrunt.hcl
	Else  string // with Above: a path from the unit's directory, where there is no such file
	Apart bool   // it is not merged: nothing in it holds
	Why   string // why its path is not known, "" where it is

	File string
	Line int
}

var includeSchema = sync.OnceValue(func() *hcl.BodySchema { return attributesOf([]string{"path", "merge_strategy"}) })

// includes are what these blocks include, in the order in which they stand there.
func (v *values) includes(s *source, found hcl.Blocks) (list []Include) {
	slices.SortStableFunc(found, func(a, b *hcl.Block) int { return a.DefRange.Start.Byte - b.DefRange.Start.Byte })
	for _, block := range found {
		fields := fieldsOf(block.Body, includeSchema())
		at, there := fields["path"]
		if !there { // and in JSON one with a name looks like one without as well
			continue
		}
		if len(list) == maxBlocks {
			return append(list, Include{Why: isTooMany, File: s.path, Line: at.line})
		}
		i, why := v.path(expression{s, at.expr})
		if how, there := fields["merge_strategy"]; there && why == "" {
			var strategy string
			strategy, why = v.literal(s, how.expr)
			i.Apart = strategy == "no_merge"
		}
		if why != "" {
			i = Include{Why: why}
		}
		i.File, i.Line = s.path, at.line
		list = append(list, i)
	}
	return list
}

// path is that of an include: a literal one, or one made with what Terragrunt has for it.
func (v *values) path(e expression) (i Include, why string) {
	switch expr := e.expr.(type) {
	case *hclsyntax.TemplateWrapExpr:
		return v.path(expression{e.s, expr.Wrapped})
	case *hclsyntax.FunctionCallExpr:
		return v.above(e.s, expr)
	case *hclsyntax.TemplateExpr:
		if len(expr.Parts) > 0 {
			if call, is := expr.Parts[0].(*hclsyntax.FunctionCallExpr); is {
				return v.behind(e.s, call, expr.Parts[1:])
			}
		}
	case hclsyntax.Expression:
	default:
		if _, template, is := e.inJSON(); is && template != nil {
			return v.path(expression{e.s, template})
		}
	}
	text, why := v.literal(e.s, e.expr)
	switch {
	case why != "":
		return i, why
	case text == "":
		return i, isEmpty
	case path.IsAbs(text):
		return i, isAbsolute
	}
	return Include{Path: text}, ""
}

// above is find_in_parent_folders(name, else), both of which may be left out.
func (v *values) above(s *source, call *hclsyntax.FunctionCallExpr) (i Include, why string) {
	if call.Name != "find_in_parent_folders" || len(call.Args) > 2 {
		return i, isComputed
	}
	i.Above = true
	for n, into := range []*string{&i.Name, &i.Else}[:len(call.Args)] {
		if *into, why = v.literal(s, call.Args[n]); why != "" {
			return i, why
		}
		if *into == "" {
			return i, isEmpty
		}
	}
	return i, ""
}

// behind is a path that begins with a directory of Terragrunt's, such as dirname(find_in_parent_folders("root.hcl")).
func (v *values) behind(s *source, call *hclsyntax.FunctionCallExpr, rest []hclsyntax.Expression) (i Include, why string) {
	switch {
	case call.Name == "dirname" && len(call.Args) == 1:
		inner, is := call.Args[0].(*hclsyntax.FunctionCallExpr)
		if !is {
			return i, isComputed
		}
		if i, why = v.above(s, inner); why != "" {
			return i, why
		}
	case call.Name == "get_repo_root" && len(call.Args) == 0:
		i.Top = true
	case call.Name == "get_terragrunt_dir" && len(call.Args) == 0:
	default:
		return i, isComputed
	}
	text, _ := v.join(s, rest) // "" where it is not known
	below, is := strings.CutPrefix(text, "/")
	if !is || below == "" || i.Else != "" {
		return i, isComputed
	}
	i.Path = below
	return i, ""
}
