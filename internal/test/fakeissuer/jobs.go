package fakeissuer

import (
	"fmt"
	"maps"
)

// The CI systems, in the names of a role map's oidc: sources.
const (
	GitHub       = "github"
	GitLab       = "gitlab"
	CircleCI     = "circleci"
	Bitbucket    = "bitbucket"
	Buildkite    = "buildkite"
	AzureDevOps  = "azure-devops"
	HCPTerraform = "hcp-terraform"
	EKS          = "eks" // no CI system: see Issuer.EKS
)

// A job is what a CI system makes known about one: to AWS in the token's claims, and to the job in variables.
type job struct {
	claims    Claims
	variables map[string]string // those that are no secret
	token     []string          // variables that hold a token
}

const (
	commit    = "0123456789abcdef0123456789abcdef01234567"
	circleOrg = "c0ffee00-1111-2222-3333-444444444444"

	circleSubject = "org/" + circleOrg + "/project/d0d0d0d0-1111-2222-3333-444444444444/user/a11ce000-1111-2222-3333-444444444444"
)

// From each system's page of the claims and variables that it sets. The subjects' forms are what trust policies compare.
var jobs = map[string]job{
	GitHub: {
		claims: Claims{"aud": "sts.amazonaws.com", "sub": "repo:acme/infra:ref:refs/heads/main", "repository": "acme/infra", "repository_owner": "acme",
			"ref": "refs/heads/main", "actor": "alice", "run_id": "7001", "runner_environment": "github-hosted"},
		variables: map[string]string{"CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "acme/infra", "GITHUB_REF": "refs/heads/main",
			"GITHUB_REF_NAME": "main", "GITHUB_SHA": commit, "GITHUB_ACTOR": "alice", "GITHUB_RUN_ID": "7001", "RUNNER_OS": "Linux"},
	},
	GitLab: {
		claims: Claims{"aud": "https://gitlab.com", "sub": "project_path:acme/infra:ref_type:branch:ref:main", "project_path": "acme/infra"},
		variables: map[string]string{"CI": "true", "GITLAB_CI": "true", "CI_PROJECT_PATH": "acme/infra", "CI_COMMIT_REF_NAME": "main",
			"CI_COMMIT_SHA": commit, "GITLAB_USER_LOGIN": "alice", "CI_PIPELINE_ID": "7002", "CI_JOB_ID": "7102"},
		token: []string{"AWS_ID_TOKEN"},
	},
	CircleCI: {
		claims: Claims{"aud": circleOrg, "sub": circleSubject + "/vcs-origin/github.com/acme/infra/vcs-ref/refs/heads/main"},
		variables: map[string]string{"CI": "true", "CIRCLECI": "true", "CIRCLE_BRANCH": "main", "CIRCLE_SHA1": commit, "CIRCLE_USERNAME": "alice",
			"CIRCLE_WORKFLOW_ID": "7003aaaa-1111-2222-3333-444444444444", "CIRCLE_BUILD_NUM": "7003"},
		token: []string{"CIRCLE_OIDC_TOKEN_V2"},
	},
	Bitbucket: {
		claims: Claims{"aud": "ari:cloud:bitbucket::workspace/b0b0b0b0-1111-2222-3333-444444444444",
			"sub": "{beefbeef-1111-2222-3333-444444444444}:{57e957e9-1111-2222-3333-444444444444}"},
		variables: map[string]string{"CI": "true", "BITBUCKET_WORKSPACE": "acme", "BITBUCKET_REPO_SLUG": "infra", "BITBUCKET_BRANCH": "main",
			"BITBUCKET_COMMIT": commit, "BITBUCKET_BUILD_NUMBER": "7004", "BITBUCKET_STEP_TRIGGERER_UUID": "{a11ce000-1111-2222-3333-444444444444}"},
		token: []string{"BITBUCKET_STEP_OIDC_TOKEN"},
	},
	Buildkite: {
		claims: Claims{"aud": "sts.amazonaws.com", "sub": "organization:acme:pipeline:infra:ref:refs/heads/main:commit:" + commit + ":step:plan"},
		variables: map[string]string{"CI": "true", "BUILDKITE": "true", "BUILDKITE_ORGANIZATION_SLUG": "acme", "BUILDKITE_PIPELINE_SLUG": "infra",
			"BUILDKITE_BRANCH": "main", "BUILDKITE_COMMIT": commit, "BUILDKITE_BUILD_CREATOR": "alice", "BUILDKITE_BUILD_NUMBER": "7005",
			"BUILDKITE_BUILD_ID": "7005aaaa-1111-2222-3333-444444444444", "BUILDKITE_JOB_ID": "7105aaaa-1111-2222-3333-444444444444"},
	},
	AzureDevOps: {
		claims: Claims{"aud": "api://AzureADTokenExchange", "sub": "p://acme/infra/deploy"},
		variables: map[string]string{"TF_BUILD": "True", "SYSTEM_TEAMPROJECT": "infra", "BUILD_SOURCEBRANCHNAME": "main", "BUILD_SOURCEVERSION": commit,
			"BUILD_REQUESTEDFOR": "alice", "BUILD_BUILDID": "7006"},
	},
	HCPTerraform: {
		claims:    Claims{"aud": "aws.workload.identity", "sub": "organization:acme:project:Default Project:workspace:infra:run_phase:plan"},
		variables: map[string]string{"TFC_RUN_ID": "run-7007", "TFC_WORKSPACE_NAME": "infra", "TFC_AWS_WORKLOAD_IDENTITY_AUDIENCE": "aws.workload.identity"},
		token:     []string{"TFC_WORKLOAD_IDENTITY_TOKEN"},
	},
	EKS: {claims: Claims{"aud": []string{"sts.amazonaws.com"}, "sub": "system:serviceaccount:infra:terraform"}},
}

// Identity is the audience and the subject of a system's tokens, before anything is changed: what a role's trust policy names.
func Identity(system string) (audience, subject string) {
	claims := jobs[system].claims
	subject = claims["sub"].(string)
	if list, ok := claims["aud"].([]string); ok {
		return list[0], subject
	}
	return claims["aud"].(string), subject
}

// Env is the variables of a job of that system, its tokens included; they are signed when Env is called. Buildkite's job also
// needs the program that WriteAgent writes.
func (i *Issuer) Env(system string) map[string]string {
	j := jobs[system]
	if j.variables == nil {
		panic(fmt.Sprintf("fakeissuer: %q is no CI system", system))
	}
	env := maps.Clone(j.variables)
	for _, name := range j.token {
		env[name] = i.token(system, nil)
	}
	switch system {
	case GitHub:
		env["ACTIONS_ID_TOKEN_REQUEST_URL"] = i.URL + gitHubPath + "?api-version=2.0"
		env["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] = i.bearer[GitHub]
	case CircleCI:
		env["CIRCLE_OIDC_TOKEN"] = i.token(system, Claims{"sub": circleSubject})
	case AzureDevOps:
		env["SYSTEM_OIDCREQUESTURI"] = i.URL + azurePath
		env["SYSTEM_ACCESSTOKEN"] = i.bearer[AzureDevOps]
	case Buildkite:
		env["BUILDKITE_AGENT_ACCESS_TOKEN"] = i.bearer[Buildkite]
	}
	return env
}
