package shadow

import (
	"slices"

	"whichrole/internal/awsconfig"
	"whichrole/internal/modules"
	"whichrole/internal/paths"
)

// blocks are what the Terraform code itself says of credentials. Terraform's own part of the decision is in
// github.com/hashicorp/aws-sdk-go-base: keys and web identity of a block come first, its profile before the environment, and a
// role is assumed with what comes of that. files is nil where they cannot be read.
func blocks(m modules.Module, files *awsconfig.Files) (list []Shadow) {
	var keyed []string // a block's keys are one thing
	for _, own := range m.Own {
		isKey := slices.Contains([]string{"access_key", "secret_key", "token"}, own.Key)
		if isKey && slices.Contains(keyed, own.Block) {
			continue
		}
		if isKey {
			keyed = append(keyed, own.Block)
		}
		if s := block(own, files); s.Text != "" {
			s.Where = position(own.File, own.Line)
			list = append(list, s)
		}
	}
	return list
}

func block(own modules.Own, files *awsconfig.Files) Shadow {
	s := Shadow{Hint: "delete " + own.Key + " there: the role map says whose credentials are used"}
	switch own.Key {
	case "assume_role", "role_arn":
		role := own.Value
		if role == "" {
			role = "a role"
		}
		s.Text = own.Block + " assumes " + role + " by " + own.Key + ", from the role that whichrole gives"
	case "assume_role_with_web_identity":
		s.Text = own.Block + " uses a web identity token by " + own.Key + ", and not what a profile gives"
	case "profile":
		s.Text = blockProfile(own, files)
	case "access_key", "secret_key", "token":
		s.Text = own.Block + " has keys of its own by " + own.Key + ", and uses them instead of any profile"
	default:
		s.Text = own.Block + " reads other AWS files than yours by " + own.Key
	}
	return s
}

// blockProfile is "" where the profile that the block names is a right one.
func blockProfile(own modules.Own, files *awsconfig.Files) string {
	if own.Value == "" {
		return own.Block + " names a profile, and only Terraform knows which"
	}
	text := own.Block + " names profile " + own.Value
	if files == nil {
		return text
	}
	r := reading{files: files}
	p, _ := r.open(own.Value)
	switch o := r.ofGo(own.Value); {
	case o.how == asks:
		return ""
	case o.how == missing:
		return text + ", which does not exist here"
	case o.how == hops, p.calls():
		return text + ": " + o.words()
	}
	return text + ", which does not call whichrole"
}

// chosenInCode tells whether no variable chooses a profile, and need not: a block here names one that calls whichrole.
func chosenInCode(env paths.Env, m modules.Module, files *awsconfig.Files) bool {
	return env["AWS_PROFILE"] == "" && env["AWS_DEFAULT_PROFILE"] == "" && slices.ContainsFunc(m.Own, func(own modules.Own) bool {
		return own.Key == "profile" && (reading{files: files}).ofGo(own.Value).how == asks
	})
}
