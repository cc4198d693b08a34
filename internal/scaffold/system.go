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
	first string // what is to be known before a map is written, "" for nothing
	after string // what is to be known once its roles stand in a map, "" for nothing
	file  bool   // it has a file of its own: where that is, the system is
	code  bool   // it is a part of the code: it is there where a role is
	read  func(*scan) saying
}

// names is the system of those who have none: an unfinished map.
const names = "names"

// saying is what one system says.
type saying struct {
	found.Said
	loose   []found.Place // roles that belong to no directory
	as      string        // where it is said, in words; "" for the system's own
	unused  []string      // roles of its that no directory gets, as lines
	remarks []string      // what else is to be known, as lines
	named   bool          // it names roles at all
	branch  bool          // some of it depends on the destination branch, which is not known
}

// systems are asked in this order.
func systems() []system {
	reader := func(read func(found.Repository) found.Said) func(*scan) saying {
		return func(s *scan) saying { return saying{Said: read(s.repository)} }
	}
	return []system{
		{name: "terrateam", where: terrateamFile, file: true, read: (*scan).terrateam,
			first: "no map is needed: where there is no " + Name + ", whichrole reads Terrateam's configuration as it stands"},
		{name: "tfaction", where: "tfaction-root.yaml", file: true, read: reader(tfaction.Read)},
		{name: "digger", where: "digger.yml", file: true, read: reader(digger.Read)},
		{name: "terragrunt", where: "iam_role in Terragrunt's files", code: true, read: reader(tfroles.Terragrunt),
			after: "take iam_role out of Terragrunt's files: it would be one more hop, from the role that whichrole hands out"},
		{name: "terraform", where: "assume_role in *.tf", code: true, read: reader(tfroles.Terraform),
			after: "take assume_role out of the code: it would be one more hop, from the role that whichrole hands out (whichrole check shows each)"},
		{name: "aws-config", where: "profiles with a role_arn in the AWS config file", read: (*scan).awsConfig},
		{name: names, where: "the names of directories", read: func(*scan) saying { return saying{} }},
	}
}

func (s *scan) terrateam() saying {
	return readTerrateam(s.repository, s.checkout())
}

func (s *scan) awsConfig() saying {
	x := saying{Said: found.Said{Existing: len(s.profiles) > 0}}
	x.Places, x.loose, x.Unread = matched(s.profiles, s.repository)
	return x
}
