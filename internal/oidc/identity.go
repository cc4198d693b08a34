package oidc

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"whichrole/internal/problem"
)

// identity of a token that is here already. STS looks at more claims than these three (amr, azp, session tags, and those that
// it knows of the large CI systems), so the others count by their digest.
type identity struct {
	Kind     string   `json:"kind"`
	Issuer   string   `json:"iss"`
	Subject  string   `json:"sub"`
	Audience []string `json:"aud"`
	Claims   string   `json:"claims"`
}

// jobIdentity is the one of a token that must be asked for: that of the job which may ask, by the variables that tell it from
// other jobs.
type jobIdentity struct {
	Kind     string            `json:"kind"`
	System   string            `json:"system"`
	Audience string            `json:"aud"`
	Job      map[string]string `json:"job"`
}

// Identity is everything that decides whom the token stands for, as JSON: a part of the cache's key. It takes variables and
// at most one file. Jobs that AWS could tell apart never have the same one; one job always has the same, even when its token
// was renewed or has expired, since credentials that came of it are still good.
//
// Errors are *problem.Error of code LoginNeeded: no token, or one that is no JWT.
func (w World) Identity(p Place) (string, error) {
	switch p.System {
	case github:
		return w.jobIdentity(p, p.audience(), githubURL, "GITHUB_REPOSITORY", "GITHUB_RUN_ID", "GITHUB_RUN_ATTEMPT", "GITHUB_JOB")
	case azureDevOps:
		return w.jobIdentity(p, "", azureURL, "SYSTEM_PLANID", "SYSTEM_JOBID", "SYSTEM_STAGEATTEMPT", "SYSTEM_JOBATTEMPT", azureConnection)
	case buildkite: // the last two add to the token's claims
		return w.jobIdentity(p, p.audience(), buildkiteJob, "BUILDKITE_AGENT_ENDPOINT", "BUILDKITE_OIDC_TOKEN_CLAIMS", "BUILDKITE_OIDC_TOKEN_AWS_SESSION_TAGS")
	}
	token, from, err := w.held(p)
	if err != nil {
		return "", err
	}
	b, err := parse(p, token, from)
	if err != nil {
		return "", err
	}
	c := b.claims()
	return encode(identity{"oidc", c.Issuer, c.Subject, c.Audience, b.digest()})
}

// jobIdentity cannot do without the first variable. It may be a URL with something secret in it, so it counts by its digest.
func (w World) jobIdentity(p Place, audience, first string, others ...string) (string, error) {
	if why := w.unset(first); why != "" {
		return "", p.problem(problem.LoginNeeded, needed(p.System), "%s", why)
	}
	job := map[string]string{first: digest([]byte(w.Env[first]))}
	for _, name := range others {
		job[name] = w.Env[name]
	}
	return encode(jobIdentity{"oidc", p.System, audience, job})
}

// digest leaves out what changes each time that a token is renewed for the same job.
func (b body) digest() string {
	lasting := body{}
	for name, value := range b {
		switch name {
		case "exp", "iat", "nbf", "jti":
		default:
			lasting[name] = value
		}
	}
	text, _ := json.Marshal(lasting) // names in order; what was decoded can be encoded
	return digest(text)
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func encode(identity any) (string, error) {
	text, err := json.Marshal(identity)
	return string(text), err
}
