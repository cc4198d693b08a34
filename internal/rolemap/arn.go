package rolemap

import (
	"fmt"
	"strings"

	"whichrole/internal/partition"
	"whichrole/internal/problem"
	"whichrole/internal/strictyaml"
)

// roleARN is what must agree with the rest of a chain.
type roleARN struct {
	Partition string // aws, aws-cn, …
	Account   string // 12 digits
}

// CheckRegion makes sure that region looks like one and belongs to the partition; an empty one is not compared. The error
// is a *problem.Error of code BadMap.
func CheckRegion(region, of string) error {
	if f := regionFlaw(region, of); f != nil {
		return f.problem(problem.BadMap)
	}
	return nil
}

const exampleARN = "arn:aws:iam::111111111111:role/NAME"

// A flaw is what is wrong with one value, before it is known whether the map or the directory is to blame.
type flaw struct{ text, hint string }

func flawed(hint, format string, args ...any) *flaw { return &flaw{fmt.Sprintf(format, args...), hint} }

func (f *flaw) problem(code problem.Code) *problem.Error {
	return &problem.Error{Code: code, Message: f.text, Hint: f.hint}
}

// tell records f, if there is one, as a mistake at v; it reports whether there was none.
func (f *flaw) tell(v strictyaml.Value) bool {
	if f == nil {
		return true
	}
	v.Mistake(f.hint, "%s", f.text)
	return false
}

// parseRoleARN takes arn:PARTITION:iam::ACCOUNT:role/PATH/NAME apart. The hint says what to write instead of the ARN of a
// session or a user. It lets parts that still hold a {variable} pass: a template is judged by its form when it is read, and once more
// when its variables are filled in.
func parseRoleARN(s string) (roleARN, *flaw) {
	p, ok := splitARN(s)
	if !ok {
		return roleARN{}, flawed("it looks like "+exampleARN, "%s is not the ARN of a role", s)
	}
	name, service, region, account, resource := p[0], p[1], p[2], p[3], p[4]
	if !templated(name) && !partition.Known(name) {
		return roleARN{}, flawed("the partitions are "+strings.Join(partition.Names(), ", "), "%s: %s is not a partition of AWS", s, name)
	}
	if f := otherThanRole(s, name, service, account, resource); f != nil {
		return roleARN{}, f
	}
	if region != "" {
		return roleARN{}, flawed("leave the field after iam empty", "%s: the ARN of a role names no region", s)
	}
	if !templated(account) && !isAccount(account) {
		return roleARN{}, flawed("an account has 12 digits", "%s: %s is not an account", s, orNothing(account))
	}
	if !isRolePath(strings.TrimPrefix(resource, "role/")) || len(s) > 2048 {
		return roleARN{}, flawed("a name is 1 to 64 of A-Z a-z 0-9 _ + = , . @ -", "%s: this cannot be the name of a role", s)
	}
	return roleARN{Partition: name, Account: account}, nil
}

// splitARN gives partition, service, region, account and resource.
func splitARN(s string) (parts [5]string, ok bool) {
	rest, ok := strings.CutPrefix(s, "arn:")
	for i := 0; i < 4 && ok; i++ {
		parts[i], rest, ok = strings.Cut(rest, ":")
	}
	parts[4] = rest
	return parts, ok
}

// otherThanRole knows the ARNs that people paste instead of a role's, and says which one is meant. What it quotes is right in
// YAML and harmless in a shell.
func otherThanRole(s, partition, service, account, resource string) *flaw {
	if service == "iam" && strings.HasPrefix(resource, "role/") {
		return nil
	}
	kind, name, _ := strings.Cut(resource, "/")
	iam := "arn:" + partition + ":iam::" + account + ":role/"
	switch {
	case service == "sts" && kind == "assumed-role":
		role, _, _ := strings.Cut(name, "/")
		if strings.HasPrefix(role, "AWSReservedSSO_") {
			return flawed("use permission_set and account: IAM Identity Center hands this role out, AssumeRole can't", "%s is a session, not a role", s)
		}
		return flawed("write the role behind it, with its path if it has one: "+problem.Quote(iam+role), "%s is a session, not a role", s)
	case service == "iam" && kind == "instance-profile":
		return flawed("write the role in it: "+problem.Quote(iam+name), "%s is an instance profile, not a role", s)
	case service == "iam" && kind == "user":
		return flawed("write a role that the user may assume: "+problem.Quote(iam+"NAME"), "%s is a user, not a role", s)
	}
	return flawed("it looks like "+problem.Quote(iam+"NAME"), "%s is not the ARN of a role", s)
}

// isRolePath follows the IAM API: a path of printable ASCII, then a name of 1 to 64 characters of [\w+=,.@-].
func isRolePath(s string) bool {
	path, name := "", s
	if i := strings.LastIndexByte(s, '/'); i >= 0 {
		path, name = s[:i], s[i+1:]
	}
	for i := range len(path) {
		if path[i] < '!' || path[i] > '~' {
			return false
		}
	}
	if strings.HasPrefix(s, "/") || name == "" {
		return false
	}
	if templated(name) {
		return isSTSName("x" + literals(name))
	}
	return len(name) <= 64 && isSTSName(name)
}

// isPolicyARN tells whether s is the ARN of a managed policy, AWS's own or an account's.
func isPolicyARN(s string) bool {
	p, ok := splitARN(s)
	if !ok || len(s) > 2048 || p[1] != "iam" || p[2] != "" || p[3] != "aws" && !isAccount(p[3]) {
		return false
	}
	name, ok := strings.CutPrefix(p[4], "policy/")
	return ok && partition.Known(p[0]) && isRolePathOfPolicy(name)
}

// isRolePathOfPolicy allows the 128 characters that a policy's name may have.
func isRolePathOfPolicy(s string) bool {
	name := s[strings.LastIndexByte(s, '/')+1:]
	return name != "" && len(name) <= 128 && isSTSName(name) && isRolePath(s[:len(s)-len(name)]+"x")
}

func isAccount(s string) bool { return len(s) == 12 && isDigits(s) }

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func accountFlaw(s string) *flaw {
	if isAccount(s) {
		return nil
	}
	return flawed("an account has 12 digits", "%s is not an account", s)
}

func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}

func regionFlaw(region, of string) *flaw {
	if !partition.IsRegion(region) {
		if n := len(region) - 1; n > 0 && partition.IsRegion(region[:n]) {
			return flawed("write "+region[:n], "%s is an availability zone, not a region", region)
		}
		return flawed("it looks like eu-west-1", "%s is not a region", region)
	}
	if of != "" && partition.Of(region) != of {
		return flawed("", "region %s belongs to the partition %s, the role to %s", region, partition.Of(region), of)
	}
	return nil
}
