// Package modules finds the root modules of a repository and reads what their blocks say of credentials.
//
// All that it reads is hostile. Files are opened without waiting, must be regular and at most 1 MiB; no symlink leads out of
// the repository; nothing is followed, evaluated or listed without a bound, and git is never run.
package modules

import (
	"context"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// Module is a directory that Terraform, OpenTofu or Terragrunt is started in.
type Module struct {
	Dir     string  // from Search.Root, with slashes; "." is Root itself
	Kind    string  // "terraform" or "terragrunt"
	Backend string  // "s3", "local", "cloud" …; "" where none is named
	Why     string  // what makes it a root module, in words: backend "s3", provider "aws", cloud, terragrunt.hcl
	AWS     bool    // it has an aws (or awscc) provider block, or an s3 backend; what a unit's parents bring is not read
	Own     []Own   // credentials that its blocks bring along, at most 100
	Blocks  []Block // its aws providers and its s3 backend, at most 100; nil where none of them assumes a role
	Unit    *Unit   // what its terragrunt.hcl says, whatever Kind is; nil where there is none

	File         string // of the block that makes it one; from Root, with slashes
	Line, Column int
}

// Own is an attribute or block that says whose credentials are used, whatever whichrole hands out. Value, Text and the names
// in Block are the repository's words: whoever prints them escapes them.
type Own struct {
	Block string // provider "aws", provider "aws" (alias prod), backend "s3", remote_state "s3", terraform_remote_state.network
	Key   string // assume_role, assume_role_with_web_identity, role_arn, profile, access_key, secret_key, token, shared_…
	Value string // the profile, or the role where it is an ARN, if literal, or a local's or a variable's default; always "" for keys and tokens

	File         string // from Root, with slashes
	Line, Column int
	Text         string // the source to delete, at most 20 lines; "" in JSON, for keys and tokens, and where one stands in it
}

// Search says where to look.
type Search struct {
	Root     string         // absolute and physical: File and Dir count from it (the map's root)
	Top      string         // the git repository around Root, absolute and physical, or "": its .gitignore files and .git/info/exclude count
	OneMap   bool           // the user named the map: nested .whichrole.yaml files do not count. Otherwise theirs is what lies below them
	Progress func(dirs int) // told now and then, from one goroutine, how many directories were read; may be nil
}

// Found is what a search found.
type Found struct {
	Modules []Module // sorted by Dir
	Code    []string // directories with files of Terraform or OpenTofu that are no root modules, sorted, at most 20,000
	Dirs    int      // directories that were read
	Notes   []Note   // what could not be read or was left out, sorted by file; at most 100
}

// Find walks Root and all below it but what git ignores, what Terraform and its like leave behind (.terraform,
// .terragrunt-cache), node_modules, other repositories, directories with a map of their own and symlinked ones. What cannot be read is in Notes; an error
// is one of ctx, or a *problem.Error that says that Root itself cannot be read.
func Find(ctx context.Context, s Search) (*Found, error) { return find(ctx, s, usual()) }

func find(ctx context.Context, s Search, l limits) (*Found, error) {
	base := s.Root
	if s.Top != "" && paths.Contains(s.Top, s.Root) {
		base = s.Top
	} else {
		s.Top = ""
	}
	r, err := newReader(ctx, base, s.Root, l)
	if err != nil {
		return nil, err
	}
	defer r.top.Close()
	w := newWalk(r, s.Top != "")
	w.oneMap = s.OneMap
	if err := w.run(s.Progress); err != nil {
		return nil, err
	}
	slices.SortFunc(w.modules, func(a, b Module) int { return strings.Compare(a.Dir, b.Dir) })
	code := w.sortedCode()
	return &Found{Modules: w.modules, Code: code, Dirs: int(w.dirs.Load()), Notes: r.notes.sorted()}, nil
}

// Read reads the one directory dir, which is absolute and physical: Dir is ".", and File counts from it. What git ignores
// counts, as it does for Terraform; files that cannot be read are passed over. found tells whether dir is a root module; the
// error is a *problem.Error that says that dir cannot be read. It takes a second at most, or two where a repository makes it:
// it reads half a MiB, and what it has not come to by then it passes over.
func Read(dir string) (m Module, found bool, err error) {
	l := usual()
	l.bytes, l.files = 512<<10, 200
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	r, err := newReader(ctx, topAround(dir, l.depth), dir, l)
	if err != nil {
		return Module{}, false, err
	}
	defer r.top.Close()
	d, err := r.open(".")
	if err != nil {
		return Module{}, false, cannotRead(dir, err)
	}
	defer d.root.Close()
	entries, _, err := d.list(l.listing)
	if err != nil {
		return Module{}, false, cannotRead(dir, err)
	}
	for _, e := range entries {
		d.add(e)
	}
	m, found = d.module()
	return m, found, nil
}

// topAround is the repository around dir: what no symlink in dir may lead out of. Without one it is dir itself.
func topAround(dir string, most int) string {
	for at := dir; most > 0; most-- {
		if _, err := os.Lstat(filepath.Join(at, ".git")); err == nil {
			return at
		}
		up := filepath.Dir(at)
		if up == at {
			break
		}
		at = up
	}
	return dir
}

// newReader opens base, which no symlink may lead out of. root is base or lies below it.
func newReader(ctx context.Context, base, root string, l limits) (*reader, error) {
	rel, err := filepath.Rel(base, root)
	if err != nil {
		return nil, cannotRead(root, err)
	}
	top, err := os.OpenRoot(base)
	if err != nil {
		return nil, cannotRead(base, err)
	}
	r := &reader{ctx: ctx, top: top, within: path.Clean(filepath.ToSlash(rel)), limits: l}
	r.bytes.Store(l.bytes)
	r.parsed.Store(l.parsed)
	return r, nil
}

func cannotRead(dir string, err error) error {
	return problem.New(problem.Failure, "cannot read %s: %v", dir, paths.Cause(err)).Because(err)
}
