package rolemap

import (
	"strings"
	"testing"

	"whichrole/internal/partition"
	"whichrole/internal/problem"
)

func TestRoleARNs(t *testing.T) {
	for _, p := range []string{"aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"} {
		arn, f := parseRoleARN("arn:" + p + ":iam::012345678901:role/teams/a/tf_x+=,.@-1")
		if want := (roleARN{p, "012345678901"}); f != nil || arn != want {
			t.Errorf("%+v, %v", arn, f)
		}
	}
	for s, want := range map[string]string{
		"":                                                           "is not the ARN of a role",
		"terraform":                                                  "arn:aws:iam::111111111111:role/NAME",
		"arn:aws:iam::1:role/x":                                      "12 digits",
		"arn:aws:iam:::role/x":                                       "nothing is not an account",
		"arn:aws:iam::11111111111١:role/x":                           "12 digits",
		"arn:aws:iam::1111-1111-1111:role/x":                         "12 digits",
		"arn:amazon:iam::111111111111:role/x":                        "amazon is not a partition",
		"arn:aws:iam:eu-west-1:111111111111:role/x":                  "names no region",
		"arn:aws:iam::111111111111:role/":                            "name of a role",
		"arn:aws:iam::111111111111:role":                             "is not the ARN of a role",
		"arn:aws:iam::111111111111:rolex/y":                          "is not the ARN of a role",
		"arn:aws:iam::111111111111:role//x":                          "name of a role",
		"arn:aws:iam::111111111111:role/a b":                         "name of a role",
		"arn:aws:iam::111111111111:role/x*":                          "name of a role",
		"arn:aws:iam::111111111111:role/x:y":                         "name of a role",
		"arn:aws:iam::111111111111:role/" + strings.Repeat("x", 65):  "1 to 64",
		"arn:aws:iam::111111111111:root":                             "is not the ARN of a role",
		"arn:aws:iam::111111111111:user/alice":                       "is a user, not a role",
		"arn:aws:iam::111111111111:instance-profile/web":             "write the role in it: arn:aws:iam::111111111111:role/web",
		"arn:aws:sts::111111111111:assumed-role/tf/alice":            "arn:aws:iam::111111111111:role/tf",
		"arn:aws-cn:sts::111111111111:assumed-role/tf/alice":         "arn:aws-cn:iam::111111111111:role/tf",
		"arn:aws:sts::111111111111:assumed-role/AWSReservedSSO_A/me": "use permission_set",
		"arn:aws:s3:::bucket":                                        "is not the ARN of a role",
	} {
		if _, f := parseRoleARN(s); f == nil || !strings.Contains(f.text+" / "+f.hint, want) {
			t.Errorf("%q: %+v, want %q", s, f, want)
		}
	}
}

// A template is judged by its form as soon as it is read.
func TestRoleTemplates(t *testing.T) {
	for s, ok := range map[string]bool{
		"arn:aws:iam::{account_id}:role/{env}-tf":    true,
		"arn:aws:iam::{account_id}:role/path/{env}":  true,
		"arn:aws:iam::111111111111:role/{operation}": true,
		"{env}":                                                false,
		"arn:aws:{env}::111111111111:role/x":                   false,
		"arn:aws:iam::111111111111:{env}":                      false,
		"arn:aws:iam::111111111111:{env}/x":                    false,
		"arn:aws:iam::111111111111:role/{env} x":               false,
		"arn:aws:iam::111111111111:role/{env":                  false,
		"arn:aws:iam::111111111111:role/env}":                  false,
		"arn:aws:iam::111111111111:role/{}":                    false,
		"arn:aws:sts::{account_id}:assumed-role/x/y":           false,
		"arn:aws:iam::111111111111:role/{user}":                false,
		"arn:aws:iam::111111111111:role/{accont_id}":           false,
		"arn:aws:iam::111111111111:role/" + `{env}{workspace}`: true,
	} {
		text := strings.Replace(one("role_arn: \""+s+"\""), "[qa]", "['qa/{account}']", 1)
		_, err := Parse("m", []byte(text), nil)
		if (err == nil) != ok {
			t.Errorf("%s: %v", s, err)
		}
	}
}

func TestUnknownVariables(t *testing.T) {
	for line, says := range map[string][]string{
		`session_name: "{usr}"`:                 {"{usr}", "did you mean {user}?"},
		`region: "{regon}"`:                     {"{regon}", "did you mean {region}?"},
		`region: "{user}"`:                      {"{user} cannot be used in region", "account_id, env, workspace, operation"},
		`external_id: "{account_id}"`:           {"{account_id} is looked up from {account}"},
		`session_tags: {a: "{b}"}`:              {"unknown variable {b}"},
		`via: ["arn:aws:iam::{acc}:role/x"]`:    {"unknown variable {acc}"},
		`policy_arns: ["arn:aws:iam::{acc}:x"]`: {"not the ARN of a policy"},
	} {
		text := strings.Replace(one(qaRole, line), "[qa]", "['qa/{region}']", 1)
		_, err := Parse(".whichrole.yaml", []byte(text), nil)
		t.Run(line, func(t *testing.T) { fails(t, err, problem.BadMap, append(says, ".whichrole.yaml:7:")...) })
	}
}

// A variable that a text uses twice is one mistake.
func TestUnknownVariableIsToldOnce(t *testing.T) {
	_, err := Parse("m", []byte(one(qaRole, `session_name: "{usr}-{usr}"`)), nil)
	if fails(t, err, problem.BadMap, "{usr}"); strings.Contains(err.Error(), "more)") {
		t.Error(err)
	}
}

func TestRegions(t *testing.T) {
	for region, of := range map[string]string{
		"eu-west-1": "aws", "ap-southeast-7": "aws", "mx-central-1": "aws", "us-gov-west-1": "aws-us-gov", "us-iso-east-1": "aws-iso",
		"us-isob-east-1": "aws-iso-b", "eu-isoe-west-1": "aws-iso-e", "us-isof-south-1": "aws-iso-f", "eusc-de-east-1": "aws-eusc", "cn-northwest-1": "aws-cn",
	} {
		for _, p := range partition.Names() {
			if err := CheckRegion(region, p); (err == nil) != (p == of) {
				t.Errorf("%s in %s: %v", region, p, err)
			}
		}
	}
	for _, region := range []string{"", "eu", "eu-west", "eu-west-", "-west-1", "eu--1", "EU-WEST-1", "eu-west-1a", "eu-west-123", "eu-1", "e-west-1", "aa-b-c-d-e-1", "eu-" + strings.Repeat("w", 28) + "-1", "aws-global", "eu_west_1",
		"eu-west-1.evil.example", "eu-west-1/", "a-b-c-d-e-f-1", "eu-wést-1"} {
		if err := CheckRegion(region, ""); err == nil {
			t.Errorf("%q passes for a region", region)
		}
	}
}

func TestFitSessionName(t *testing.T) {
	for in, want := range map[string]string{
		"alice-qa":              "alice-qa",
		"CORP\\alice@x":         "CORP-alice@x",
		"infra/qa default":      "infra-qa-default",
		"jürgen":                "j-rgen",
		"a":                     "a-",
		"":                      "--",
		"\x1b[2J":               "--2J",
		strings.Repeat("a", 64): strings.Repeat("a", 64),
		strings.Repeat("a", 40) + strings.Repeat("b", 40): strings.Repeat("a", 31) + "--" + strings.Repeat("b", 31),
		strings.Repeat("ü", 70):                           strings.Repeat("-", 64),
		"bad\xffutf8":                                     "bad-utf8",
	} {
		if got := FitSessionName(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestDurations(t *testing.T) {
	for s, seconds := range map[string]float64{"1h": 3600, "45m": 2700, "1h30m": 5400, "3600": 3600, "3600s": 3600, "900": 900, "12h": 43200, "15m": 900} {
		if d, f := parseDuration(s); f != nil || d.Seconds() != seconds {
			t.Errorf("%s: %v, %v", s, d, f)
		}
	}
	for _, s := range []string{"", "h", "1", "1.5h", "-1h", "+1h", "1h ", "1d", "900000ms", "899", "12h1s", "99999999999999999999", "1_000", "0x400", "1e3", "１h"} {
		if d, f := parseDuration(s); f == nil {
			t.Errorf("%q is %v", s, d)
		}
	}
}
