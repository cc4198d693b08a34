package fakests

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// readParameters copies what was asked into the log, all but MFA codes and tokens.
func readParameters(c *Call, form url.Values) {
	c.Role, c.SessionName = form.Get("RoleArn"), form.Get("RoleSessionName")
	c.Seconds, _ = strconv.Atoi(form.Get("DurationSeconds"))
	c.ExternalID, c.SourceIdentity, c.Policy = form.Get("ExternalId"), form.Get("SourceIdentity"), form.Get("Policy")
	c.MFASerial = form.Get("SerialNumber")
	values := list(form, "Tags.member.%d.Value")
	for i, k := range list(form, "Tags.member.%d.Key") {
		if c.Tags == nil {
			c.Tags = map[string]string{}
		}
		if i < len(values) {
			c.Tags[k] = values[i]
		}
	}
	c.TransitiveTagKeys = list(form, "TransitiveTagKeys.member.%d")
	c.PolicyARNs = list(form, "PolicyArns.member.%d.arn")
}

// list is the values of a list parameter; format has %d where its members are numbered, from 1.
func list(form url.Values, format string) []string {
	var all []string
	for i := 1; form.Has(fmt.Sprintf(format, i)); i++ {
		all = append(all, form.Get(fmt.Sprintf(format, i)))
	}
	return all
}

// constraint is what a parameter's text must look like.
type constraint struct {
	member   string // what AWS's errors call it; %s is the number in a list
	min, max int    // characters
	pattern  string
}

// constraints are those of the API reference, except RoleArn's: it has an error of its own.
var constraints = map[string]constraint{
	"RoleSessionName":            {"roleSessionName", 2, 64, `[\w+=,.@-]*`},
	"ExternalId":                 {"externalId", 2, 1224, `[\w+=,.@:\/-]*`},
	"SourceIdentity":             {"sourceIdentity", 2, 64, `[\w+=,.@-]*`},
	"SerialNumber":               {"serialNumber", 9, 256, `[\w+=/:,.@-]*`},
	"TokenCode":                  {"tokenCode", 6, 6, `[\d]*`},
	"WebIdentityToken":           {"webIdentityToken", 4, 20000, `.*`},
	"Tags.member.N.Key":          {"tags.%s.member.key", 1, 128, `[\p{L}\p{Z}\p{N}_.:/=+\-@]+`},
	"Tags.member.N.Value":        {"tags.%s.member.value", 0, 256, `[\p{L}\p{Z}\p{N}_.:/=+\-@]*`},
	"TransitiveTagKeys.member.N": {"transitiveTagKeys.%s.member", 1, 128, `[\p{L}\p{Z}\p{N}_.:/=+\-@]+`},
	"PolicyArns.member.N.arn":    {"policyArns.%s.member.arn", 20, 2048, `[\x{9}\x{A}\x{D}\x{20}-\x{7E}\x{85}\x{A0}-\x{D7FF}\x{E000}-\x{FFFD}\x{10000}-\x{10FFFF}]+`},
}

var (
	memberNumber = regexp.MustCompile(`\.member\.([1-9]\d{0,3})\b`)
	patterns     = compile(constraints)
)

func compile(all map[string]constraint) map[string]*regexp.Regexp {
	compiled := map[string]*regexp.Regexp{}
	for name, c := range all {
		compiled[name] = regexp.MustCompile(`^(?:` + c.pattern + `)$`)
	}
	return compiled
}

// violated is the error for a parameter that does not do as it must.
func violated(value any, member, must string, args ...any) *Error {
	return invalid("1 validation error detected: Value %v at '%s' failed to satisfy constraint: Member must %s", value, member, fmt.Sprintf(must, args...))
}

// checkParameters is what STS finds wrong before it knows anybody. It takes no parameter that the action does not have: AWS
// may look away there, but a client that sends one believes that it does something.
func checkParameters(form url.Values, op action) *Error {
	for _, name := range op.required {
		if !form.Has(name) {
			return violated("null", strings.ToLower(name[:1])+name[1:], "not be null")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(form)) {
		if name == "Action" || name == "Version" {
			continue
		}
		kind := memberNumber.ReplaceAllString(name, ".member.N")
		if !slices.Contains(op.parameters, kind) || len(form[name]) != 1 {
			return invalid("%s is not a parameter of %s, or there is more than one", name, form.Get("Action"))
		}
		if c, ok := constraints[kind]; ok {
			if number := memberNumber.FindStringSubmatch(name); number != nil {
				c.member = fmt.Sprintf(c.member, number[1])
			}
			if problem := c.check(form.Get(name), patterns[kind]); problem != nil {
				return problem
			}
		}
	}
	return checkLists(form)
}

func (c constraint) check(text string, pattern *regexp.Regexp) *Error {
	quoted, length := "'"+text+"'", utf8.RuneCountInString(text)
	switch {
	case length < c.min:
		return violated(quoted, c.member, "have length greater than or equal to %d", c.min)
	case length > c.max:
		return violated(quoted, c.member, "have length less than or equal to %d", c.max)
	case !pattern.MatchString(text):
		return violated(quoted, c.member, "satisfy regular expression pattern: %s", c.pattern)
	}
	return nil
}

// checkLists is about what the members of a list may be together, and the policies.
func checkLists(form url.Values) *Error {
	tags, transitive := list(form, "Tags.member.%d.Key"), list(form, "TransitiveTagKeys.member.%d")
	policies, policy := list(form, "PolicyArns.member.%d.arn"), form.Get("Policy")
	for name, keys := range map[string][]string{"tags": tags, "transitiveTagKeys": transitive} {
		if len(keys) > 50 {
			return violated(fmt.Sprintf("'%s'", keys), name, "have length less than or equal to 50")
		}
	}
	switch {
	case len(tags) != len(list(form, "Tags.member.%d.Value")):
		return violated("null", "tags.N.member.value", "not be null")
	case len(policies) > 10:
		return violated(fmt.Sprintf("'%s'", policies), "policyArns", "have length less than or equal to 10")
	case policy != "" && !json.Valid([]byte(policy)):
		return &Error{400, "MalformedPolicyDocument", "Syntax errors in policy."}
	case len(policy)+len(strings.Join(policies, "")) > 2048:
		return &Error{400, "PackedPolicyTooLarge", "Packed policy consumes 143% of allotted space, please use smaller policy."}
	}
	return checkTags(tags, transitive)
}

// checkTags: keys that differ only by case are one key.
func checkTags(tags, transitive []string) *Error {
	seen := map[string]bool{}
	for _, k := range tags {
		k = strings.ToLower(k)
		switch {
		case strings.HasPrefix(k, "aws:"):
			return &Error{400, "InvalidParameterValue", "System tags cannot be added: tag keys must not begin with aws:"}
		case seen[k]:
			return &Error{400, "InvalidParameterValue", "Duplicate tag keys found. Please note that Tag keys are case insensitive."}
		}
		seen[k] = true
	}
	for _, k := range transitive {
		if !seen[strings.ToLower(k)] {
			return &Error{400, "InvalidParameterValue", "The specified transitive tag key must be included in the requested tags."}
		}
	}
	return nil
}
