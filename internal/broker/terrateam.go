package broker

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"whichrole/internal/gitrepo"
	"whichrole/internal/mapfile"
	"whichrole/internal/paths"
	"whichrole/internal/rolemap"
	"whichrole/internal/terrateam"
)

// read makes a map of the file that was found, and of the Terrateam configuration that it is or imports.
func (b *Broker) read(r Request, d *Decision) (*rolemap.Map, error) {
	if d.File.Terrateam {
		err := b.readTerrateam(r, d, d.File.Path, d.File.Data)
		if err != nil {
			return nil, err
		}
		return rolemap.Foreign(d.File.Path, d.Terrateam), nil
	}
	m, err := rolemap.Parse(d.File.Path, d.File.Data, d.File.ReadPolicy)
	if err != nil || !m.ImportsTerrateam() {
		return m, err
	}
	if d.Beside, err = d.File.ReadBeside(); err != nil {
		return nil, err
	}
	if err = b.readTerrateam(r, d, d.Beside.Path, d.Beside.Data); err != nil {
		return nil, err
	}
	m.Import(d.Terrateam)
	return m, nil
}

func (b *Broker) readTerrateam(r Request, d *Decision, path string, data []byte) error {
	config, err := terrateam.Parse(path, data)
	if err != nil {
		return err
	}
	d.Terrateam = config.In(terrateam.World{ // a survey asks for each root module
		Branch: sync.OnceValues(func() (string, error) { return b.branch(d.File), nil }),
		DestBranch: sync.OnceValues(func() (branch string, err error) {
			branch, d.DestBranchFrom, err = b.destBranch(r, d)
			return branch, err
		}),
		Variable: func(name string) (string, error) { return b.variable(d, name) },
		Token:    sync.OnceValues(func() (bool, error) { return b.hasToken(d) }),
		Files: func(dir string) ([]string, error) {
			return filesIn(filepath.Join(d.File.Root, filepath.FromSlash(dir)))
		},
	})
	return nil
}

// Facts are what Terrateam's configuration says of the decision's directory, for explain; not ok where the map itself decides, or
// imports none.
func (d *Decision) Facts() (facts terrateam.Facts, ok bool) {
	if d.Terrateam == nil || d.Grant != nil && !d.Grant.Imported {
		return facts, false
	}
	return d.Terrateam.Facts(d.File.Dir, d.Target.Workspace, d.Target.Environment), true
}

// What CI systems call the branch that a pull request wants to go to, and the default branch of the repository. From each
// system's page of predefined variables: GitHub, GitLab, Bitbucket, Buildkite, Azure.
var (
	baseVariables = []string{"GITHUB_BASE_REF", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "BITBUCKET_PR_DESTINATION_BRANCH",
		"BUILDKITE_PULL_REQUEST_BASE_BRANCH", "SYSTEM_PULLREQUEST_TARGETBRANCHNAME", "SYSTEM_PULLREQUEST_TARGETBRANCH"}
	defaultBranchVariables = []string{"CI_DEFAULT_BRANCH", "BUILDKITE_PIPELINE_DEFAULT_BRANCH"}
)

// DestBranch is the branch that a pull request from the checkout at top would go to, and what says so, in words: the user, a CI
// system, else git's files. "" where nobody knows. root is the map's directory, top git's, or "".
func (b *Broker) DestBranch(r Request, root, top string) (branch, from string, err error) {
	d := &Decision{File: &mapfile.File{Root: root, Physical: root, Top: top}}
	if err := b.user(d); err != nil {
		return "", "", err
	}
	return b.destBranch(r, d)
}

func (b *Broker) destBranch(r Request, d *Decision) (branch, from string, err error) {
	if r.DestBranch != "" {
		return strings.TrimPrefix(branchName(r.DestBranch), "origin/"), "--dest-branch or WHICHROLE_DEST_BRANCH", nil
	}
	entries := make([]mapfile.Entry, 0, len(d.User.DestBranches))
	for _, e := range d.User.DestBranches {
		entries = append(entries, mapfile.Entry{Dir: e.Directory, Remote: e.Remote, Value: e.Branch})
	}
	if branch, err := d.File.Chosen("dest_branch:", entries); branch != "" || err != nil {
		return branch, "dest_branch in " + d.User.Path, err
	}
	if name := b.firstSetName(baseVariables); name != "" {
		return branchName(b.Env[name]), name, nil
	}
	if checkout, err := gitrepo.Open(d.File.Top); d.File.Top != "" && err == nil {
		if branch, err := checkout.DefaultBranch(); err == nil && branch != "" {
			return branch, "the default branch, by git's refs/remotes/origin/HEAD", nil
		}
	}
	if name := b.firstSetName(defaultBranchVariables); name != "" {
		return branchName(b.Env[name]), name, nil
	}
	return "", "", nil
}

// branchName takes away what some write before the name. Not "origin/", but for what a person typed: a branch may be called so, and
// what CI says of it is the word of whoever made the pull request.
func branchName(s string) string { return strings.TrimPrefix(s, "refs/heads/") }

// variable is one of the environment's that a configuration names. One that is not trusted is told none: it could have a secret
// sent away as the name of a session.
func (b *Broker) variable(d *Decision, name string) (string, error) {
	if d.Trust.How == "" {
		return "", errors.New("variables are told to trusted maps only")
	}
	return b.Env[name], nil
}

// filesIn are the names of the files in a directory.
func filesIn(dir string) ([]string, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, paths.Cause(err)
	}
	defer f.Close()
	return paths.Files(f)
}
