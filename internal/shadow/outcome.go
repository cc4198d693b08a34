package shadow

import (
	"slices"
	"strings"

	"whichrole/internal/awsconfig"
)

// outcome is how one SDK takes one profile.
type outcome struct {
	how how
	by  string            // the setting that decides
	at  awsconfig.Setting // where it stands
}

type how string

const (
	nothing how = ""       // the profile gives no credentials: those of the container or machine are next
	asks    how = "asks"   // whichrole is run
	hops    how = "hops"   // whichrole is run, and a role assumed with what it gives
	takes   how = "takes"  // something else is used
	refuses how = "errors" // it is an error
	missing how = "missing"
)

func (o outcome) asked() bool { return o.how == asks || o.how == hops }

// words tell of an outcome where a profile holds more than one thing.
func (o outcome) words() string {
	switch o.how {
	case asks:
		return "whichrole is asked"
	case hops:
		return "whichrole is asked, and then another role assumed by " + o.by
	case refuses:
		return o.by + " is an error"
	}
	return o.by + " is used instead"
}

// reading follows an SDK through the profiles.
type reading struct {
	files *awsconfig.Files
	seen  []string // the profiles that led here, each with the next as its source_profile
}

type profile struct {
	*awsconfig.Profile
	files *awsconfig.Files
}

func (r reading) open(name string) (profile, bool) {
	p, ok := r.files.Profile(name)
	return profile{p, r.files}, ok
}

// through is what comes of a role_arn that is assumed with what the source_profile gives.
func (r reading) through(p profile, follow func(reading, string) outcome) outcome {
	source, _ := p.Get("source_profile")
	if follow(reading{r.files, append(slices.Clip(r.seen), p.Name)}, source.Text()).asked() {
		return p.outcome(hops, "role_arn")
	}
	return p.outcome(takes, "role_arn")
}

func (p profile) outcome(how how, key string) outcome {
	s, _ := p.Get(key)
	return outcome{how, key, s}
}

// has tells whether there is that setting, with a value: Go SDKs see no others.
func (p profile) has(key string) bool {
	s, ok := p.Get(key)
	return ok && s.Text() != ""
}

// names tells whether there is that setting, even if without a value: botocore goes by that.
func (p profile) names(key string) bool {
	_, ok := p.Get(key)
	return ok
}

// those are the settings that the profile has.
func (p profile) those(keys ...string) []string {
	return slices.DeleteFunc(keys, func(key string) bool { return !p.has(key) })
}

// process is what comes of the profile's own program.
func (p profile) process() outcome {
	s, ok := p.Get("credential_process")
	switch {
	case !ok:
		return outcome{}
	case calls(s.Text()):
		return outcome{asks, s.Key, s}
	}
	return outcome{takes, s.Key, s}
}

// ofGo is validateCredentialsConfig, validateCredentialType and resolveCredsFromProfile, in that order.
func (r reading) ofGo(name string) outcome {
	p, ok := r.open(name)
	if !ok {
		return outcome{how: missing}
	}
	keys := p.those("aws_access_key_id", "aws_secret_access_key")
	kinds := p.those("source_profile", "credential_source", "web_identity_token_file", "credential_process")
	switch {
	case slices.Contains(r.seen, name):
		return p.outcome(refuses, "source_profile")
	case len(keys) == 1:
		return p.outcome(refuses, keys[0])
	case len(kinds) > 1, len(kinds) == 1 && kinds[0] != "credential_process" && !p.has("role_arn"):
		return p.outcome(refuses, kinds[0])
	case p.has("source_profile"):
		return r.through(p, reading.ofGo)
	case len(keys) == 2:
		return p.outcome(takes, keys[0])
	}
	for _, key := range p.those("credential_source", "web_identity_token_file", "sso_session", "sso_account_id", "sso_role_name", "sso_start_url", "sso_region", "login_session") {
		return p.outcome(takes, key)
	}
	switch o := p.process(); {
	case o.how != asks || !p.has("role_arn"):
		return o
	case p.has("mfa_serial"): // there is nobody whom it could ask for the code
		return p.outcome(refuses, "mfa_serial")
	}
	return p.outcome(hops, "role_arn")
}

// ofBotocore is AssumeRoleProvider.load.
func (r reading) ofBotocore(name string) outcome {
	p, ok := r.open(name)
	if !ok {
		return outcome{how: missing}
	}
	static := p.names("aws_access_key_id") || p.names("aws_secret_access_key")
	itself := static && len(r.seen) > 0
	switch {
	case slices.Contains(r.seen, name) && !(itself && r.seen[len(r.seen)-1] == name):
		return p.outcome(refuses, "source_profile")
	case itself, !p.names("role_arn"), p.names("web_identity_token_file"):
		return p.byItself()
	case p.names("source_profile") == p.names("credential_source"):
		return p.outcome(refuses, "role_arn")
	case p.names("credential_source"):
		return p.outcome(takes, "credential_source")
	}
	return r.through(p, reading.ofBotocore)
}

// byItself is ProfileProviderBuilder.providers.
func (p profile) byItself() outcome {
	if p.has("web_identity_token_file") {
		return p.outcome(takes, "web_identity_token_file")
	}
	for _, key := range []string{"sso_role_name", "sso_account_id", "aws_access_key_id", "login_session"} {
		s, ok := p.Get(key)
		if ok && (key != "aws_access_key_id" || s.File == p.files.CredentialsPath) { // those of the config file come last
			return outcome{takes, key, s}
		}
	}
	if o := p.process(); o.how != nothing || !p.names("aws_access_key_id") {
		return o
	}
	return p.outcome(takes, "aws_access_key_id")
}

// calls tells whether a credential_process line is ours: whichrole itself, by whatever wrapper, or a program of another name
// with our subcommand. Some helpers of other projects have it too.
func calls(line string) bool {
	words := awsconfig.Words(line)
	if len(words) == 0 || !slices.Contains(words[1:], "credential-process") {
		return false
	}
	return awsconfig.CallsWhichrole(line) || !slices.Contains([]string{"granted", "dgranted", "aws-sso-util"}, awsconfig.Base(words[0]))
}

// flagsOf are the flags that a credential_process line gives whichrole, as they are written there.
func flagsOf(line string) string {
	us := slices.IndexFunc(awsconfig.Words(line), awsconfig.IsWhichrole)
	if us < 0 {
		return ""
	}
	flags := slices.DeleteFunc(strings.Fields(line)[us+1:], func(word string) bool { return strings.Trim(word, `"'`) == "credential-process" })
	return strings.Join(flags, " ")
}
