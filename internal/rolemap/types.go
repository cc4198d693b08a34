// Package rolemap turns the bytes of a role map and a target into a Grant: which role, by which chain, and why.
//
// It is pure: it opens no file, asks no clock and knows no process. What it needs from outside (a policy file's bytes, the
// name of the user) it asks through a function that the caller hands in.
package rolemap

import "time"

// Operation is what Terraform is about to do. It chooses among the roles of an environment.
type Operation string

const (
	Plan  Operation = "plan"  // reads
	Apply Operation = "apply" // writes
	State Operation = "state" // reaches the state backend
)

// Source is one entry of a source list: where first credentials may come from (SPEC "Source credentials").
type Source struct {
	Kind          string `json:"kind"`                     // oidc, web_identity, sso, profile, environment or instance
	Name          string `json:"name,omitempty"`           // github, env:NAME, a profile, an sso-session; empty for environment, instance and web_identity
	Audience      string `json:"audience,omitempty"`       // oidc: github and buildkite only, the two that are asked for one
	Account       string `json:"account,omitempty"`        // sso as the start of a chain
	PermissionSet string `json:"permission_set,omitempty"` // sso as the start of a chain
	Line          int    `json:"-"`                        // in the file it stands in, from 1; no part of the meaning
}

// Target is the question: what is asked for, and from where.
type Target struct {
	Dir       string    // slash-separated and clean, from the map's root; "." is the root itself
	Workspace string    // Terraform workspace; "" means default
	Operation Operation // "" means what Ask says, else Plan
	Doing               // as far as it is known without Ask
	// Ask finds out what is being done. It looks at processes, so it is asked only where the answer matters: where the roles
	// of the environment differ, or a workspace matches nothing. It may be nil. What it says of the operation counts only
	// where Operation is empty.
	Ask         func() (Operation, Doing)
	Environment string // --env: overrides the directory; ""
	// EnvironmentVariable is WHICHROLE_ENV: it decides only where the directory matches no environment, or the same one.
	EnvironmentVariable string
	Set                 map[string]string // --set: captures given by hand
	// Lookup gives user, host, repo, branch, actor and run_id, and is asked only for those that the map uses.
	// An empty value without an error means that there is none.
	Lookup func(variable string) (string, error)
}

// Doing is what goes on beside the operation.
type Doing struct {
	// Subcommand is Plan or Apply: whose role serves Operation State where the environment names none for it. "" means Plan.
	Subcommand Operation
	// SelectsWorkspace tells that terraform init or workspace is running: then a workspace that matches nothing may still
	// get the state role that every environment of the directory agrees on.
	SelectsWorkspace bool
}

// Tag is one session tag.
type Tag struct{ Key, Value string }

// Hop is one AssumeRole, with its STS parameters filled in. See the AssumeRole page of the AWS STS API reference for limits.
type Hop struct {
	RoleARN           string
	SessionName       string        // 2 to 64 characters of [\w+=,.@-]
	Duration          time.Duration // 0: the caller's default
	ExternalID        string
	SourceIdentity    string
	Tags              []Tag // sorted by key
	TransitiveTagKeys []string
	Policy            string // an inline session policy, JSON
	PolicyARNs        []string
}

// Grant is the answer: one environment, and everything that decides its credentials.
type Grant struct {
	Environment string
	Dir         string // as asked
	Workspace   string
	Operation   Operation
	Hops        []Hop // every role in order, the last is the one that is handed out; empty with PermissionSet or for a source alone
	// PermissionSet is set instead of Hops where IAM Identity Center gives the credentials.
	PermissionSet string
	Account       string // 12 digits: credentials of any other account are never handed out
	AccountName   string // the entry of accounts that was used, "" for none
	Region        string // "" where the map names none
	DefaultRegion string // what an imported map takes for granted where Region is "": it serves STS, and is shown
	Audience      string // an imported map's, for a token whose source names none; "" for the usual one
	Partition     string // aws, aws-cn, aws-us-gov, …
	SessionName   string
	Sources       []Source // the environment's list, else the map's; nil where neither has one
	Captures      map[string]string
	// Overridden is what the directory alone would have given, where --env or --set say otherwise: an environment, no_role,
	// or the captures as NAME=VALUE. "" where nothing is overridden.
	Overridden string
	// Agreed are the environments that have this state role in common, where the workspace is none of theirs: what one of
	// them grants, all must be allowed to. nil where one environment was decided for.
	Agreed   []string
	Imported bool // the environment is that of an imported map
}

// RoleARN is the role that is handed out, "" where there is none.
func (g *Grant) RoleARN() string {
	if len(g.Hops) == 0 {
		return ""
	}
	return g.Hops[len(g.Hops)-1].RoleARN
}

// Chain is every role ARN in order.
func (g *Grant) Chain() []string {
	chain := make([]string, 0, len(g.Hops))
	for _, h := range g.Hops {
		chain = append(chain, h.RoleARN)
	}
	return chain
}

// Verdict is how one rule of the map fared.
type Verdict string

const (
	Won     Verdict = "won"
	Lost    Verdict = "lost"     // it matched, another was better
	NoMatch Verdict = "no match" // it did not match
	Tied    Verdict = "tied"
)

// Reason is one step of the decision, for explain.
type Reason struct {
	Verdict     Verdict `json:"verdict"`
	Environment string  `json:"environment"` // "no_role" for that list
	Pattern     string  `json:"pattern"`     // the pattern that counted, "" where there was none
	Line        int     `json:"line"`        // of the rule in the map, from 1; 0 where it has none
	Text        string  `json:"text"`        // why, in words
}

// Meaning is what a map says, apart from how it is written: trust is given to it. Each value is canonical JSON of decoded
// keys after defaults, with the digests of policy files in it; equal meanings are equal strings.
type Meaning struct {
	Environments map[string]string // by name
	Accounts     map[string]string // by name
	Rest         string            // source, defaults, no_role, import
}
