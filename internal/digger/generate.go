package digger

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"whichrole/internal/found"
	"whichrole/internal/looseyaml"
)

// generate reads generate_projects: what digger makes projects of by itself.
func (b *reading) generate(top looseyaml.Node) {
	n := top.Get("generate_projects")
	if !n.IsMap() {
		if n.Exists() && !n.IsNull() {
			b.miss(n, "generate_projects has no keys")
		}
		return
	}
	deep, known := top.Get("traverse_to_nested_projects").Bool()
	dirs := b.terraform(deep || !known)
	parsing := n.Get("terragrunt_parsing")
	grunt, _ := n.Get("terragrunt").Bool()
	switch {
	case parsing.Exists() && !parsing.IsNull(): // and nothing else counts
		b.terragrunt(parsing, parsing, parsing.Get("gitRoot"), b.roles(parsing))
		b.idle(n, "terragrunt_parsing")
		return
	case grunt:
		b.withoutRole(n)
		b.idle(n, "terragrunt")
		return
	}
	include, exclude := n.Get("include"), n.Get("exclude")
	if isText(include) || isText(exclude) {
		b.globbed(n, dirs, "default", "", b.roles(n))
	}
	for i, block := range n.Get("blocks").Items() {
		if i == maxBlocks {
			b.miss(block, "more than %d blocks: the others are not read", maxBlocks)
			break
		}
		if b.globs.Spent() {
			break // which was said
		}
		b.block(block, n, dirs)
	}
}

func isText(n looseyaml.Node) bool {
	text, ok := n.Text()
	return n.Exists() && !n.IsNull() && (!ok || text != "")
}

// idle tells that the role of generate_projects serves nothing beside that key, as digger's source has it.
func (b *reading) idle(generate looseyaml.Node, key string) {
	if n := generate.Get(keyRole); n.Exists() && !n.IsNull() {
		b.miss(n, "%s beside %s counts in digger's documentation, but not in its source", keyRole, key)
	}
}

// block is an entry of generate_projects.blocks.
func (b *reading) block(n, generate looseyaml.Node, dirs []string) {
	r := b.roles(n)
	if fallback := generate.Get(keyRole); fallback.Exists() && !fallback.IsNull() && !r.any() && !r.unknown {
		b.miss(n, "a block without %s: digger's documentation gives it that of generate_projects, its source does not", keyRole)
		return
	}
	if grunt, _ := n.Get("terragrunt").Bool(); grunt {
		root := n.Get("root_dir")
		if !root.Exists() || root.IsNull() {
			b.miss(n, "a block for terragrunt without root_dir")
			return
		}
		b.terragrunt(n, n.Get("terragrunt_parsing"), root, r)
		return
	}
	workspace, ok := b.workspace(n)
	if !ok {
		r = roles{unknown: true}
	}
	name, _ := n.Get("block_name").Word()
	b.globbed(n, dirs, workspace, name, r)
}

// globbed gives roles to those of dirs that n includes and does not exclude. No exclude is the root's for digger.
func (b *reading) globbed(n looseyaml.Node, dirs []string, workspace, name string, r roles) {
	include, ok := b.pattern(n.Get("include"))
	exclude, okToo := b.pattern(n.Get("exclude"))
	if !ok || !okToo {
		return
	}
	for _, dir := range dirs {
		matches := b.globs.Match(include, dir) && !b.globs.Match(exclude, dir)
		if b.globs.Spent() {
			b.miss(n, tooMany)
			return
		}
		if matches {
			b.give(n, spot{cmp.Or(dir[1:], "."), workspace}, name, r)
		}
	}
}

const tooMany = "there are too many blocks and directories to compare them all: what comes after this is not read"

// pattern is doublestar's, made absolute as digger does it: what leads above the root counts from the root.
func (b *reading) pattern(n looseyaml.Node) (string, bool) {
	text, ok := n.Text()
	if n.Exists() && !n.IsNull() && !ok {
		b.miss(n, "a pattern is expected here, not %s", n.Kind())
		return "", false
	}
	pattern := path.Join("/", text)
	if !found.Valid(pattern) {
		b.miss(n, "this is no pattern that digger takes, or it stands for too many")
		return "", false
	}
	return pattern, true
}

// terraform are the directories with *.tf files that digger comes to, with a slash before them: not what is called modules nor what lies below it, and
// unless it goes deep, nothing below one that has such files.
func (b *reading) terraform(deep bool) (dirs []string) {
	add := func(dir string) {
		if !slices.Contains(strings.Split(dir, "/"), "modules") {
			dirs = append(dirs, path.Join("/", dir))
		}
	}
	for _, m := range b.repo.Modules {
		if m.Kind != "terragrunt" {
			add(m.Dir)
		}
	}
	for _, dir := range b.repo.Code {
		add(dir)
	}
	slices.Sort(dirs)
	dirs = slices.Compact(dirs)
	if deep {
		return dirs
	}
	has := map[string]bool{}
	for _, dir := range dirs {
		has[dir] = true
	}
	return slices.DeleteFunc(dirs, func(dir string) bool {
		for i := range dir {
			if dir[i] == '/' && (has[dir[:i]] || i == 0 && dir != "/" && has["/"]) {
				return true
			}
		}
		return false
	})
}
