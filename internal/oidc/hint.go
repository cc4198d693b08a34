package oidc

import "strings"

// needed is what a job must be given so that it has a token.
func needed(system string) string {
	switch system {
	case github:
		return "the job needs permissions: id-token: write"
	case gitlab:
		return "the job needs id_tokens: {AWS_ID_TOKEN: {aud: sts.amazonaws.com}}"
	case circleci:
		return "CircleCI gives builds of forks no token, unless the project passes secrets to them"
	case bitbucket:
		return "the step needs oidc: true"
	case buildkite:
		return "in a container the docker plugin needs mount-buildkite-agent: true"
	case azureDevOps:
		return "the step needs env: {SYSTEM_ACCESSTOKEN: $(System.AccessToken)}"
	case hcp:
		return "the workspace needs the environment variable TFC_WORKLOAD_IDENTITY_AUDIENCE, such as aws.workload.identity"
	}
	return ""
}

// renewed is what to do about a token that has expired.
func renewed(system string) string {
	switch system {
	case github, azureDevOps, buildkite: // it was made just now
		return "look at the clock of this machine"
	case gitlab:
		return "a token of GitLab lives as long as its job may: look at timeout, and at the clock of this machine"
	case circleci:
		return "a token of CircleCI lives for an hour: ask for credentials earlier in the job, or put one of circleci run oidc get into a variable and name that: oidc: env:NAME"
	case bitbucket:
		return "look at the max-time of the step, and at the clock of this machine"
	}
	if name, ok := strings.CutPrefix(system, inVariable); ok {
		return name + " must hold a token that is still good"
	}
	if strings.HasPrefix(system, inFile) {
		return "whatever writes the file must renew its token"
	}
	return "start the job again: it then has a new token"
}
