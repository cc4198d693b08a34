package scaffold

import (
	"whichrole/internal/digger"
	"whichrole/internal/found"
	"whichrole/internal/tfaction"
	"whichrole/internal/tfroles"
)

// A system is something that says which role belongs to which directory.
type system struct {
	name  string // as --from has it
	where string // that it says so, in words
	after string // what is to be known once its roles stand in a map, "" for nothing
	read  func(*scan) saying
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
		{"terrateam", terrateamFile, "whichrole reads Terrateam's configuration as it stands, too, where there is no " + Name, (*scan).terrateam},
		{"tfaction", "tfaction-root.yaml", "", reader(tfaction.Read)},
		{"digger", "digger.yml", "", reader(digger.Read)},
		{"terragrunt", "iam_role in Terragrunt's files", "take iam_role out of Terragrunt's files: it would be one more hop, from the role that whichrole hands out", reader(tfroles.Terragrunt)},
		{"terraform", "assume_role in *.tf", "take assume_role out of the code: it would be one more hop, from the role that whichrole hands out (whichrole check shows each)", reader(tfroles.Terraform)},
		{"aws-config", "profiles with a role_arn in the AWS config file", "", (*scan).awsConfig},
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
