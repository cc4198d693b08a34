package scaffold

import (
	"whichrole/internal/digger"
	"whichrole/internal/found"
	"whichrole/internal/tfaction"
	"whichrole/internal/tfroles"
)

// A system is something that says which role belongs to which directory.
type system struct {
	name   string // as --from has it
	where  string // that it says so, in words
	native bool   // whichrole reads it as a role map, where there is no other
	read   func(*scan) saying
}

// saying is what one system says.
type saying struct {
	found.Said
	loose []found.Place // roles that belong to no directory
	as    string        // where it is said, in words; "" for the system's own
}

// systems are asked in this order.
func systems() []system {
	reader := func(read func(found.Repository) found.Said) func(*scan) saying {
		return func(s *scan) saying { return saying{Said: read(s.repository)} }
	}
	return []system{
		{"terrateam", terrateamFile, true, (*scan).terrateam},
		{"tfaction", "tfaction-root.yaml", false, reader(tfaction.Read)},
		{"digger", "digger.yml", false, reader(digger.Read)},
		{"terragrunt", "iam_role in Terragrunt's files", false, reader(tfroles.Terragrunt)},
		{"terraform", "assume_role in *.tf", false, reader(tfroles.Terraform)},
		{"aws-config", "profiles with a role_arn in the AWS config file", false, (*scan).awsConfig},
	}
}

func (s *scan) terrateam() (x saying) {
	x.Said, x.as = readTerrateam(s.repository, s.checkout())
	return x
}

func (s *scan) awsConfig() saying {
	x := saying{Said: found.Said{Existing: len(s.profiles) > 0}}
	x.Places, x.loose, x.Unread = matched(s.profiles, s.repository)
	return x
}
