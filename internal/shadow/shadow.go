// Package shadow tells what keeps the SDKs here from asking whichrole, or has them ask as another.
//
// An SDK runs a profile's credential_process only where nothing comes before it, and what does is not the same in each. Two
// are followed: the AWS SDK for Go v2 (Terraform, OpenTofu) and botocore (AWS CLI, boto3); the tests run both.
package shadow

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"whichrole/internal/awsconfig"
	"whichrole/internal/modules"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// World is what an SDK that is started here would see.
type World struct {
	Env    paths.Env
	AWS    func() (*awsconfig.Files, error)         // the user's two files
	Module func() (root modules.Module, found bool) // the root module of the directory; may be nil
}

// Shadow is one thing that is in the way. Its words may be hostile: whoever prints them escapes them.
type Shadow struct {
	Kind  Kind
	Text  string // what is, and for which SDKs where they differ
	Where string // file:line, or a variable's name
	Hint  string // one line to paste, or one fact; may be empty

	hides sdks // those that do not ask whichrole at all because of it
}

// Kind sets apart what others tell in another way. Text does not: it may quote a repository's words.
type Kind string

// The kinds.
const (
	Other  Kind = ""
	Mixed  Kind = "mixed"  // a profile that calls whichrole, and holds what SDKs do not all pass over
	Pinned Kind = "pinned" // one that asks whichrole with flags, as setup --per-env writes it
)

// sdks is a set of SDKs.
type sdks uint8

const (
	goSDK    sdks = 1 << iota // github.com/aws/aws-sdk-go-v2/config 1.33
	botocore                  // 1.43
	both     = goSDK | botocore
)

// with begins what is true for these alone.
func (s sdks) with() string {
	switch s {
	case goSDK:
		return "with Go SDKs (Terraform) "
	case botocore:
		return "with botocore (AWS CLI, boto3) "
	}
	return ""
}

// Find is all that is in the way: first the environment, then the profile that it chooses, then the blocks of the module here.
func Find(w World) (list []Shadow) {
	files, err := w.AWS()
	if s, ok := keys(w.Env); ok {
		list = append(list, s)
	}
	if w.Env["AWS_WEB_IDENTITY_TOKEN_FILE"] != "" {
		list = append(list, webIdentity(w.Env, err == nil && hopsFirst(w.Env, files)))
	}
	list = append(list, tildes(w.Env)...)
	var m modules.Module
	found := false
	if w.Module != nil {
		m, found = w.Module()
	}
	switch {
	case err != nil:
		list = append(list, Shadow{Text: "which profile is used cannot be told: " + err.Error(), Hint: problem.HintOf(err)})
	case w.Module != nil && !found && anyAsks(files) && unset(w.Env): // no root module: Terraform is not run here
	case !found || !chosenInCode(w.Env, m, files):
		list = append(list, profiles(w.Env, files)...)
	}
	if found {
		list = append(list, blocks(m, files)...)
	}
	return once(list)
}

// once leaves one of each: three blocks that name one profile have one thing wrong.
func once(list []Shadow) (out []Shadow) {
	for _, s := range list {
		if !slices.ContainsFunc(out, func(o Shadow) bool { return o.Text == s.Text && o.Where == s.Where }) {
			out = append(out, s)
		}
	}
	return out
}

func webIdentity(env paths.Env, hopsFirst bool) Shadow {
	s := Shadow{Text: "the web identity token in the environment is used instead of any profile", Where: "AWS_WEB_IDENTITY_TOKEN_FILE",
		Hint: "unset AWS_WEB_IDENTITY_TOKEN_FILE; where it is the map's source, name its file there instead: oidc: file:PATH", hides: both}
	if hopsFirst {
		s.hides = goSDK
	}
	s.Text = s.hides.with() + s.Text
	if env["AWS_ROLE_ARN"] == "" {
		s.Text += ", and without AWS_ROLE_ARN it is an error"
	}
	return s
}

// tildes are files that only the shell would have found.
func tildes(env paths.Env) (list []Shadow) {
	for _, variable := range []string{"AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"} {
		if path, found := strings.CutPrefix(env[variable], "~"); found {
			s := Shadow{Text: goSDK.with() + "~ is no home, and so no file is read", Where: variable, Hint: "export " + variable + `="$HOME` + path + `"`}
			if variable == "AWS_CONFIG_FILE" {
				s.hides = goSDK
			}
			list = append(list, s)
		}
	}
	return list
}

// keys are the ones in the environment. Go SDKs know two names for each and pass over a half; for botocore the id decides.
func keys(env paths.Env) (Shadow, bool) {
	s := Shadow{Text: "the keys in the environment go before AWS_PROFILE, though not before a profile named by --profile or in the code", Where: "AWS_ACCESS_KEY_ID", hides: both}
	id := cmp.Or(env["AWS_ACCESS_KEY_ID"], env["AWS_ACCESS_KEY"]) != ""
	secret := cmp.Or(env["AWS_SECRET_ACCESS_KEY"], env["AWS_SECRET_KEY"]) != ""
	switch {
	case env["AWS_ACCESS_KEY_ID"] != "" && !secret:
		s.hides = botocore
		s.Text = "with botocore (AWS CLI, boto3) AWS_ACCESS_KEY_ID comes before any profile, and without AWS_SECRET_ACCESS_KEY it is an error"
	case env["AWS_ACCESS_KEY_ID"] == "" && id && secret:
		s.hides, s.Where = goSDK, "AWS_ACCESS_KEY"
		s.Text = "with Go SDKs (Terraform) the keys in the environment go before AWS_PROFILE, though not before a profile named in the code"
	case !id || !secret:
		return Shadow{}, false
	}
	set := []string{"unset"}
	for _, variable := range []string{"AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY", "AWS_SESSION_TOKEN"} {
		if env[variable] != "" {
			set = append(set, variable)
		}
	}
	s.Hint = strings.Join(set, " ")
	return s, true
}

func position(file string, line int) string { return fmt.Sprintf("%s:%d", file, line) }
