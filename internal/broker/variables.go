package broker

import (
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"whichrole/internal/gitrepo"
	"whichrole/internal/mapfile"
)

// What CI systems call the person who started a run, the run, and its branch; the first that is set counts.
// From each system's page of predefined variables: GitHub, GitLab, CircleCI, Bitbucket, Buildkite, Azure, HCP Terraform.
var (
	actorVariables = []string{"GITHUB_ACTOR", "GITLAB_USER_LOGIN", "CIRCLE_USERNAME", "BITBUCKET_STEP_TRIGGERER_UUID",
		"BUILDKITE_BUILD_CREATOR", "BUILD_REQUESTEDFOR"}
	runVariables = []string{"GITHUB_RUN_ID", "CI_PIPELINE_ID", "CIRCLE_WORKFLOW_ID", "BITBUCKET_BUILD_NUMBER",
		"BUILDKITE_BUILD_NUMBER", "BUILD_BUILDID", "TFC_RUN_ID"}
	branchVariables = []string{"GITHUB_HEAD_REF", "GITHUB_REF_NAME", "CI_COMMIT_REF_NAME", "CIRCLE_BRANCH", "BITBUCKET_BRANCH",
		"BUILDKITE_BRANCH", "BUILD_SOURCEBRANCHNAME"}
)

// lookup gives rolemap the variables that come from outside the map. It is asked only for those that the map uses.
func (b *Broker) lookup(d *Decision) func(string) (string, error) {
	return func(variable string) (string, error) {
		if d.Trust.How == "" {
			return variable, nil // a map that is not trusted opens no file: .git may lead anywhere
		}
		switch variable {
		case "user":
			return osAccount(), nil
		case "host":
			host, err := os.Hostname()
			return host, err
		case "repo":
			return repoName(d.File), nil
		case "branch":
			return b.branch(d.File), nil
		case "actor":
			return b.firstSet(actorVariables), nil
		case "run_id":
			return b.firstSet(runVariables), nil
		}
		return "", nil
	}
}

// repoName is the last part of origin's URL, else the name of the map's folder.
func repoName(f *mapfile.File) string {
	if checkout, err := gitrepo.Open(f.Top); f.Top != "" && err == nil {
		if url, err := checkout.Origin(); err == nil && gitrepo.RepositoryName(url) != "" {
			return gitrepo.RepositoryName(url)
		}
	}
	return filepath.Base(f.Root)
}

// branch is git's, else what CI says, where the checkout is detached.
func (b *Broker) branch(f *mapfile.File) string {
	if checkout, err := gitrepo.Open(f.Top); f.Top != "" && err == nil {
		if branch, err := checkout.Branch(); err == nil && branch != "" {
			return branch
		}
	}
	return b.firstSet(branchVariables)
}

func (b *Broker) firstSet(variables []string) string { return b.Env[b.firstSetName(variables)] }

func (b *Broker) firstSetName(variables []string) string {
	for _, v := range variables {
		if b.Env[v] != "" {
			return v
		}
	}
	return ""
}

// osAccount is the name of the account that runs this process, from the user database and not from $USER, which anybody
// may set; uid-1000 where the database does not know it.
func osAccount() string {
	if runtime.GOOS == "windows" {
		u, err := user.Current()
		if err != nil {
			return ""
		}
		return u.Username[strings.LastIndexByte(u.Username, '\\')+1:] // DOMAIN\name
	}
	uid := strconv.Itoa(os.Getuid())
	if u, err := user.LookupId(uid); err == nil && u.Username != "" {
		return u.Username
	}
	return "uid-" + uid
}
