package fakests

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
)

func TestEverythingThatFitsIsTaken(t *testing.T) {
	s := real(t, nil)
	in := func(in *sts.AssumeRoleInput) {
		in.ExternalId, in.SourceIdentity, in.Policy = aws.String("a:/b"), aws.String("alice@acme.example"), aws.String("{}")
		for n := range 50 {
			key := fmt.Sprintf("%02d:%s", n, strings.Repeat("ä", 125))
			in.Tags = append(in.Tags, types.Tag{Key: &key, Value: aws.String(strings.Repeat("ö", 250) + "_.:/=@")})
			in.TransitiveTagKeys = append(in.TransitiveTagKeys, key)
		}
		for n := range 10 {
			arn := fmt.Sprintf("arn:aws:iam::aws:policy/P%d", n)
			in.PolicyArns = append(in.PolicyArns, types.PolicyDescriptorType{Arn: &arn})
		}
	}
	if _, err := s.assumes(t, aliceKey, hub, in); err != nil {
		t.Fatal(err)
	}
	if got := s.Calls()[0]; len(got.Tags) != 50 || len(got.TransitiveTagKeys) != 50 || len(got.PolicyARNs) != 10 {
		t.Errorf("%+v", got)
	}
}

func TestWhatDoesNotFitIsRefused(t *testing.T) {
	s := start(t, nil)
	tags := func(n int, key, value func(int) string) []string {
		var more []string
		for i := 1; i <= n; i++ {
			more = append(more, fmt.Sprintf("Tags.member.%d.Key", i), key(i), fmt.Sprintf("Tags.member.%d.Value", i), value(i))
		}
		return more
	}
	number := func(i int) string { return fmt.Sprint("k", i) }
	one := func(text string) func(int) string { return func(int) string { return text } }
	tag := func(key, value string) []string { return tags(1, one(key), one(value)) }
	policies := func(n int) []string {
		var more []string
		for i := 1; i <= n; i++ {
			more = append(more, fmt.Sprintf("PolicyArns.member.%d.arn", i), fmt.Sprint("arn:aws:iam::aws:policy/P", i))
		}
		return more
	}
	const wrong, parameter = "ValidationError", "InvalidParameterValue"
	for name, c := range map[string]struct {
		more        []string
		code, words string
	}{
		"51 tags":                {tags(51, number, number), wrong, "at &#39;tags&#39; failed to satisfy constraint: Member must have length less than or equal to 50"},
		"a long key":             {tag(strings.Repeat("ä", 129), "v"), wrong, "tags.1.member.key&#39; failed to satisfy constraint: Member must have length less than or equal to 128"},
		"an empty key":           {tag("", "v"), wrong, "tags.1.member.key"},
		"a key with &":           {tag("a&b", "v"), wrong, "tags.1.member.key"},
		"a long value":           {tag("k", strings.Repeat("ä", 257)), wrong, "tags.1.member.value&#39; failed to satisfy constraint: Member must have length less than or equal to 256"},
		"a value with a star":    {tag("k", "*"), wrong, `tags.1.member.value&#39; failed to satisfy constraint: Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]*`},
		"a value of two lines":   {tag("k", "a\nb"), wrong, "tags.1.member.value"},
		"a key of AWS's":         {tag("AWS:team", "v"), parameter, "aws:"},
		"one key in two cases":   {tags(2, func(i int) string { return []string{"", "Team", "team"}[i] }, number), parameter, "Duplicate tag keys found."},
		"a key without value":    {[]string{"Tags.member.1.Key", "k"}, wrong, "tags.N.member.value"},
		"transitive, not a tag":  {append(tag("k", "v"), "TransitiveTagKeys.member.1", "other"), parameter, "must be included in the requested tags"},
		"11 policies":            {policies(11), wrong, "at &#39;policyArns&#39; failed to satisfy constraint: Member must have length less than or equal to 10"},
		"half a policy ARN":      {[]string{"PolicyArns.member.1.arn", "ReadOnlyAccess"}, wrong, "policyArns.1.member.arn"},
		"source identity":        {[]string{"SourceIdentity", "a b"}, wrong, "sourceIdentity"},
		"external id":            {[]string{"ExternalId", "x"}, wrong, "externalId"},
		"an external id of 1225": {[]string{"ExternalId", strings.Repeat("x", 1225)}, wrong, "less than or equal to 1224"},
		"a long session name":    {[]string{"RoleSessionName", strings.Repeat("x", 65)}, wrong, "less than or equal to 64"},
		"no number":              {[]string{"DurationSeconds", "1h"}, wrong, "durationSeconds"},
		"another's parameter":    {[]string{"WebIdentityToken", "eyJ"}, wrong, "WebIdentityToken is not a parameter of AssumeRole"},
		"a list from zero":       {[]string{"PolicyArns.member.0.arn", "arn:aws:iam::aws:policy/P0"}, wrong, "is not a parameter"},
	} {
		t.Run(name, func(t *testing.T) {
			call{key: aliceKey, form: assume(hub, c.more...)}.refused(t, s, 400, c.code, c.words)
		})
	}
	twice := assume(hub)
	twice.Add("ExternalId", "one")
	twice.Add("ExternalId", "two")
	call{key: aliceKey, form: twice}.refused(t, s, 400, wrong, "ExternalId")
	call{key: aliceKey, form: url.Values{"Action": {"GetCallerIdentity"}, "Version": {"2011-06-15"}, "RoleArn": {hub}}}.refused(t, s, 400, wrong, "RoleArn is not a parameter")
	if s.Count("") != s.Count("AssumeRole")+1 {
		t.Error("something was sent twice")
	}
}

func TestAnInheritedTagCannotBeSetInAnotherCase(t *testing.T) {
	s := start(t, nil)
	session := call{key: aliceKey, form: assume(hub, "Tags.member.1.Key", "Team", "Tags.member.1.Value", "x", "TransitiveTagKeys.member.1", "Team")}.mint(t, s)
	call{key: session, form: assume(deploy, "Tags.member.1.Key", "team", "Tags.member.1.Value", "y")}.refused(t, s, 400, "InvalidParameterValue", "conflicts with a transitive tag key")
}
