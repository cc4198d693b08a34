package modules

import "time"

// Block is a provider "aws" or "awscc", or a backend or remote_state "s3", and the roles that it assumes. What its text alone
// does not say is "".
type Block struct {
	Name    string // aws, awscc, s3; of a remote_state whatever its backend is called
	Alias   string // of a provider, the repository's word, at most 100 bytes; "" for the default one
	State   bool   // it is a backend or a remote_state
	Hops    []Hop  // in order, at most 10; none where it uses the credentials that it is given
	Region  string
	Profile string // of the user's AWS files, which the first role is assumed from

	File string // from Root, with slashes
	Line int
}

// Hop is one role that is assumed. All texts are literal, and the repository's words.
type Hop struct {
	RoleARN     string // as a role map takes it; "" where it is not known: Unknown says why
	SessionName string
	ExternalID  string
	Duration    time.Duration // within what STS takes; 0 where it is not said
	Web         bool          // with a web identity token
	Also        []string      // names of settings that go to STS too: policy, tags …
	Unknown     []Unknown

	File string // of role_arn
	Line int
}

// Unknown is a setting that bears on roles and of which the text alone does not say the value.
type Unknown struct {
	Key  string // role_arn, iam_role …
	Why  string // in our own words, to be read after the key: is computed
	File string
	Line int
}

// Why a value is not known.
const (
	isComputed = "is computed"
	isVariable = "comes from a variable, which may be set elsewhere"
	isNoRole   = "is not the ARN of a role"
	isNoWord   = "is not one that STS takes"
	isNoRegion = "is not one of AWS"
	isNoTime   = "is not a duration that STS takes"
	isTooMany  = "is one of too many"
	isUnread   = "cannot be read"
	isEmpty    = "is empty"
	isAbsolute = "is absolute"
	isMade     = "is a dynamic block"
)
