package scaffold

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"whichrole/internal/found"
	"whichrole/internal/problem"
)

func TestPlacesThatNoMapCanSay(t *testing.T) {
	long := strings.Repeat("x", 600)
	for what, tt := range map[string]struct {
		places []found.Place
		spots  int
		unread string
	}{
		"two roles in one place":             {both(roleA, "qa", "production"), 2, ""},
		"contradicted":                       {join(both(roleA, "qa"), both(roleB, "qa"), both(roleA, "qa")), 0, "more than one role is said of qa"},
		"said twice":                         {join(both(roleA, "qa"), both(roleA, "qa")), 1, ""},
		"a workspace that cannot be told":    {join(both(roleA, "qa", "dev"), both(roleB, "qa@x*")), 1, "the workspace x*"},
		"a workspace beside others":          {join(both(roleA, "qa@a"), both(roleB, "qa@x*")), 1, "the workspace x*"},
		"outside":                            {both(roleA, "../x"), 0, "no directory of the repository"},
		"absolute":                           {both(roleA, "/x"), 0, "no directory of the repository"},
		"not clean":                          {both(roleA, "x/"), 0, "no directory of the repository"},
		"too long for a pattern":             {both(roleA, long+"/"+long), 0, "no pattern of a role map"},
		"a role that is none":                {both("arn:aws:iam::1:role/x", "qa"), 0, "1 is not an account"},
		"a user":                             {both("arn:aws:iam::111111111111:user/x", "qa"), 0, "is a user"},
		"a variable":                         {both("arn:aws:iam::111111111111:role/{env}", "qa"), 0, "cannot stand in a role map"},
		"a region that is none":              {[]found.Place{place("qa", &found.Role{ARN: roleA, Region: "x"})}, 0, "region: x is not a region"},
		"another partition's region":         {[]found.Place{place("qa", &found.Role{ARN: roleA, Region: "cn-north-1"})}, 0, "partition"},
		"a way through another partition":    {[]found.Place{place("qa", &found.Role{ARN: roleA, Via: []string{"arn:aws-cn:iam::111111111111:role/x"}})}, 0, "partition"},
		"roles of two partitions":            {[]found.Place{{Dir: "qa", Apply: role(roleA, "qa"), Plan: role("arn:aws-cn:iam::111111111111:role/x", "qa")}}, 0, "partitions"},
		"a session name that is a variable":  {[]found.Place{place("qa", &found.Role{ARN: roleA, SessionName: "{user}"})}, 0, "cannot stand in a role map"},
		"an external id that is none":        {[]found.Place{place("qa", &found.Role{ARN: roleA, ExternalID: "x"})}, 0, "external_id"},
		"a role for apply alone":             {[]found.Place{{Dir: "qa", Apply: role(roleA, "qa")}}, 0, "for apply alone"},
		"no role at all":                     {[]found.Place{{Dir: "qa"}}, 0, "no role is said"},
		"an answer for all but a broken one": {join(both(roleA, "qa"), both("x", "qa@a")), 0, "x is not the ARN of a role"},
	} {
		s := sift(tt.places)
		var told []string
		for _, u := range s.unread {
			told = append(told, u.Text)
		}
		if len(s.spots) != tt.spots || (len(told) > 0) != (tt.unread != "") || !strings.Contains(strings.Join(told, "\n"), tt.unread) {
			t.Errorf("%s: %d places, %q", what, len(s.spots), told)
		}
	}
}

// A role map takes a thousand patterns in one environment.
func TestMoreDirectoriesThanOneEnvironmentTakes(t *testing.T) {
	var m material
	for i := range 1100 {
		m.places = append(m.places, both(roleA, fmt.Sprintf("s%d/a", i))...)
		m.places = append(m.places, both(fmt.Sprintf("arn:aws:iam::%012d:role/r", i), fmt.Sprintf("s%d/b%d", i, i))...)
	}
	for i := range m.places[:2200] { // nothing alike: no pattern serves them together
		m.places[i].Dir = strings.Replace(m.places[i].Dir, "/a", fmt.Sprintf("/a%d", i), 1)
	}
	c := compile(m)
	if _, err := c.prove(c.text(heading{}), nil); err != nil {
		t.Fatal(err)
	}
	parts := 0
	for _, e := range c.environments {
		if e.answer.apply == roleA {
			parts++
		}
	}
	if parts != 2 {
		t.Errorf("%d environments", parts)
	}
}

// What is not read again must not be written.
func TestMapThatIsTooLargeIsNotWritten(t *testing.T) {
	environments, gaps := material{}, material{places: both(roleA, "live")}
	for i := range 12_000 {
		environments.places = append(environments.places, both(fmt.Sprintf("arn:aws:iam::%012d:role/terraform", i), fmt.Sprintf("services/s%d/production", i))...)
		gaps.modules = append(gaps.modules, mods(fmt.Sprintf("live/x%d", i))...)
	}
	gaps.modules = append(gaps.modules, mods("live")...)
	for want, m := range map[string]material{"12000 environments": environments, "12000 directories without": gaps} {
		c := compile(m)
		_, err := c.prove(c.text(heading{}), m.modules)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "mistake") || problem.HintOf(err) == "" {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// A thousand and one customers, each with a workspace of his own, were a mistake inside whichrole.
func TestMoreWorkspacesThanAnEnvironmentTakes(t *testing.T) {
	var m material
	for i := range 1001 {
		m.places = append(m.places, both(roleA, fmt.Sprintf("customers@c%d", i))...)
	}
	m.modules = mods("customers")
	c := compile(m)
	if _, err := c.prove(c.text(heading{}), m.modules); err != nil || len(c.environments) != 2 {
		t.Errorf("%d environments, %v", len(c.environments), err)
	}
}

// As many environments of one name as a repository likes take no longer than so many of others.
func TestManyEnvironmentsOfOneName(t *testing.T) {
	taken := map[string]int{}
	start, last := time.Now(), ""
	for range 100_000 {
		last = free("Production", taken)
	}
	if took := time.Since(start); took > 10*time.Second || last != "Production-100000" {
		t.Errorf("%s after %v", last, took)
	}
	if name := free("production-7", taken); name != "production-7-2" {
		t.Error(name)
	}
}

// GitHub reads commands out of what a job prints, indented or not.
func TestDirectoriesAreNoCommandsOfGitHubs(t *testing.T) {
	for _, line := range block("head", []string{"::add-mask::q", " ::stop-commands::x", "a/::b"}) {
		if strings.HasPrefix(strings.TrimSpace(line), "::") {
			t.Errorf("%q", line)
		}
	}
}
