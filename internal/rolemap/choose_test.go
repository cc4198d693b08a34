package rolemap

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"whichrole/internal/problem"
)

// rules makes a map: each is "name dirs" or "name dirs workspace", dirs separated by commas.
func rules(list ...string) string {
	var b strings.Builder
	b.WriteString("version: 1\nenvironments:\n")
	for _, r := range list {
		f := strings.Fields(r)
		workspaces := ""
		if len(f) > 2 {
			workspaces = "workspaces: [" + f[2] + "], "
		}
		fmt.Fprintf(&b, "  %s: {dirs: ['%s'], %s%s}\n", f[0], strings.ReplaceAll(f[1], ",", "', '"), workspaces, qaRole)
	}
	return b.String()
}

// Who wins does not depend on the order in which the rules are written: every order is tried.
func TestWinnerDoesNotDependOnTheOrder(t *testing.T) {
	for name, c := range map[string]struct {
		rules []string
		want  string // "" for a tie
	}{
		"more specific":        {[]string{"a x/*/z", "b x/y/z", "c x/{n}/z"}, "b"},
		"inner ** is weakest":  {[]string{"a **/z", "b x/*/z"}, "b"},
		"one pattern of two":   {[]string{"a x/*/*,*/y/z", "b */y/*"}, "a"},
		"each in its own":      {[]string{"a x/*/*", "b */y/*"}, ""},
		"workspace decides":    {[]string{"a x/*/* default", "b */y/*"}, "a"},
		"both name it":         {[]string{"a x/*/* default", "b */y/* d*"}, ""},
		"depth before it":      {[]string{"a x/y/z", "b x/y default"}, "a"},
		"equals around one":    {[]string{"a x/*/*/* default", "b */y/z/*", "c */y/*/* default"}, ""},
		"a circle":             {[]string{"a x/y/*/*", "b x/*/*/* default", "c */*/z/w", "d */*/z/* default"}, ""},
		"the circle is beaten": {[]string{"a x/y/*/*", "b x/*/*/* default", "c */*/z/w", "d */*/z/* default", "e x/y/z/w"}, "e"},
	} {
		t.Run(name, func(t *testing.T) {
			permute(c.rules, func(order []string) {
				m := parse(t, rules(order...))
				g, reasons, err := m.Resolve(Target{Dir: "x/y/z/w", Lookup: lookup})
				if c.want == "" {
					fails(t, err, problem.NoEnvironment, "belongs equally to")
					return
				}
				if err != nil || g.Environment != c.want {
					t.Errorf("%v: %v", order, err)
				}
				won := slices.DeleteFunc(reasons, func(r Reason) bool { return r.Verdict != Won })
				if len(won) != 1 || won[0].Environment != c.want {
					t.Errorf("%v: won %+v", order, won)
				}
			})
		})
	}
}

func permute(list []string, try func([]string)) {
	if len(list) > 0 {
		permuteFrom(slices.Clone(list), 0, try)
	}
}

func permuteFrom(list []string, i int, try func([]string)) {
	if i == len(list)-1 {
		try(list)
		return
	}
	for j := i; j < len(list); j++ {
		list[i], list[j] = list[j], list[i]
		permuteFrom(list, i+1, try)
		list[i], list[j] = list[j], list[i]
	}
}

// Thousands of equals are a hostile map's way to be slow.
func TestThousandsOfEqualsAreATieAtOnce(t *testing.T) {
	list := make([]string, 5000)
	for i := range list {
		list[i] = fmt.Sprintf("e%d **", i)
	}
	err := refused(t, parse(t, rules(list...)), Target{Dir: "x"})
	fails(t, err, problem.NoEnvironment, "e0", "and 4992 more")
	if len(err.Error()) > 500 {
		t.Errorf("%d bytes", len(err.Error()))
	}
}
