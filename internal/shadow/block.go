package shadow

import (
	"cmp"
	"slices"

	"whichrole/internal/awsconfig"
	"whichrole/internal/modules"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
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
			s.Where = cmp.Or(s.Where, position(own.File, own.Line))
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
		return blockProfile(own, files)
	case "access_key", "secret_key", "token":
		s.Text = own.Block + " has keys of its own by " + own.Key + ", and uses them instead of any profile"
	default:
		s.Text = own.Block + " reads other AWS files than yours by " + own.Key
	}
	return s
}

// blockProfile is without a text where the profile that the block names is a right one, or only Terraform knows which it is.
// What is wrong with a profile is mended in the AWS config file, and not in the code.
func blockProfile(own modules.Own, files *awsconfig.Files) Shadow {
	s := Shadow{Text: own.Block + " names profile " + own.Value}
	if own.Value == "" || files == nil {
		return Shadow{}
	}
	r := reading{files: files}
	p, _ := r.open(own.Value)
	switch o := r.ofGo(own.Value); {
	case o.how == asks:
		return Shadow{}
	case o.how == missing:
		s.Text += ", which does not exist here"
		s.Hint = "whichrole setup --profile " + problem.Quote(own.Value)
		if near := problem.Nearest(own.Value, r.asking()); near != "" {
			s.Hint = "did you mean " + near + "?"
		}
		return s
	case p.calls():
		outcomes := r.outcomes(choice{name: own.Value, of: both})
		s.Kind = Mixed
		s.Text, s.Where = "profile "+own.Value+" is mixed: "+inWords(outcomes), whereOf(outcomes)
		s.Hint = "profile " + own.Value + " may hold credential_process and region, and nothing else"
		return s
	case o.how == hops:
		s.Text += ": " + o.words()
	default:
		s.Text += ", which does not call whichrole"
	}
	s.Hint = "name one there that does"
	if names := r.asking(); len(names) > 0 {
		s.Hint += ": " + names[0]
	}
	return s
}

// unset tells whether no variable chooses a profile.
func unset(env paths.Env) bool { return env["AWS_PROFILE"] == "" && env["AWS_DEFAULT_PROFILE"] == "" }

func anyAsks(files *awsconfig.Files) bool { return len((reading{files: files}).asking()) > 0 }

// chosenInCode tells whether no variable chooses a profile, and need not: a block here names one that calls whichrole.
func chosenInCode(env paths.Env, m modules.Module, files *awsconfig.Files) bool {
	return unset(env) && slices.ContainsFunc(m.Own, func(own modules.Own) bool {
		return own.Key == "profile" && (reading{files: files}).ofGo(own.Value).how == asks
	})
}
