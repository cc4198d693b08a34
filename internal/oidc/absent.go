package oidc

import (
	"strings"

	"whichrole/internal/child"
)

const (
	githubURL    = "ACTIONS_ID_TOKEN_REQUEST_URL"
	githubBearer = "ACTIONS_ID_TOKEN_REQUEST_TOKEN"
	azureURL     = "SYSTEM_OIDCREQUESTURI"
	azureBearer  = "SYSTEM_ACCESSTOKEN"
)

// Absent is why there is no token of that place here, "" where there is one or one can be asked for. It looks at variables
// and files only. In a job of that CI system it also says what the job must be given.
func (w World) Absent(p Place) string {
	why := w.missing(p)
	if hint := w.Hint(p); hint != "" {
		why += ": " + hint
	}
	return why
}

// Hint is what a job of that CI system must be given so that it has a token; "" where it has one, or no such job runs here.
func (w World) Hint(p Place) string {
	if w.Env[marker(p.System)] == "" || w.missing(p) == "" {
		return ""
	}
	return needed(p.System)
}

// marker is a variable that the CI system sets in each of its jobs, whether or not there is a token.
func marker(system string) string {
	switch system {
	case github:
		return "GITHUB_ACTIONS"
	case gitlab:
		return "GITLAB_CI"
	case circleci:
		return "CIRCLECI"
	case bitbucket:
		return "BITBUCKET_BUILD_NUMBER"
	case buildkite:
		return "BUILDKITE"
	case azureDevOps:
		return "TF_BUILD"
	case hcp:
		return "TFC_RUN_ID"
	}
	return ""
}

// missing is Absent without the advice.
func (w World) missing(p Place) string {
	switch p.System {
	case github:
		return w.unset(githubURL, githubBearer)
	case azureDevOps:
		return w.unset(azureURL, azureBearer)
	case buildkite:
		if why := w.unset("BUILDKITE"); why != "" {
			return why
		}
		if child.Find(w.Env, agentProgram) == "" {
			return agentProgram + " is not on PATH"
		}
		return ""
	case hcp:
		if len(w.tagged()) > 0 {
			return ""
		}
	}
	if strings.HasPrefix(p.System, inFile) {
		return w.fileMissing(p.System)
	}
	return w.noneSet(w.variables(p.System))
}

// unset names the first variable that is not set.
func (w World) unset(names ...string) string {
	for _, name := range names {
		if w.Env[name] == "" {
			return name + " is not set"
		}
	}
	return ""
}

func (w World) noneSet(names []string) string {
	for _, name := range names {
		if w.Env[name] != "" {
			return ""
		}
	}
	switch len(names) {
	case 0:
		return "there is no such system"
	case 1:
		return names[0] + " is not set"
	}
	return "none of " + strings.Join(names, ", ") + " is set"
}
