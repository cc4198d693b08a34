package scaffold

import (
	"fmt"
	"slices"
	"strings"

	"whichrole/internal/rolemap"
)

// nameAll gives each environment a name of its own: the first of its candidates that no other one has for its own, else with a
// number behind it. taken are the names, in lower case, each with the number that the next of that name may have.
func nameAll(environments []*environment) (taken map[string]int) {
	candidates := make([][]string, len(environments))
	level := make([]int, len(environments))
	for i, e := range environments {
		candidates[i] = e.candidates()
	}
	for again := true; again; {
		again = false
		holders := map[string][]int{}
		for i := range environments {
			key := strings.ToLower(candidates[i][level[i]])
			holders[key] = append(holders[key], i)
		}
		for _, same := range holders {
			keeps := first(environments, same)
			for _, i := range same {
				if i != keeps && level[i] < len(candidates[i])-1 {
					level[i]++
					again = true
				}
			}
		}
	}
	taken = map[string]int{"no_role": 2} // what whichrole calls the list of that name
	for i, e := range environments {
		e.name = free(candidates[i][level[i]], taken)
	}
	return taken
}

// first is the one that has the most right to a name that several have: that of any workspace, then that of the very directory
// that has the name, then that of the one that stands at the top. It is -1 where that is none alone.
func first(environments []*environment, same []int) int {
	rank := func(i int) int {
		e := environments[i]
		at, rank := e.where(), 0
		for n, worse := range []bool{at.above != "", at.below, len(e.workspaces) > 0} {
			if worse {
				rank |= 1 << n
			}
		}
		return rank
	}
	best := slices.MinFunc(same, func(a, b int) int { return rank(a) - rank(b) })
	for _, i := range same {
		if i != best && rank(i) == rank(best) {
			return -1
		}
	}
	return best
}

// free is name, with a number behind it where it is taken, and takes it.
func free(name string, taken map[string]int) string {
	key, unique := strings.ToLower(name), name
	n := taken[key]
	for ; taken[strings.ToLower(unique)] > 0; n++ {
		number := fmt.Sprintf("-%d", n)
		unique = name[:min(len(name), maxName-len(number))] + number
	}
	taken[strings.ToLower(unique)] = 2
	taken[key] = max(n, 2)
	return unique
}

// candidates are names for e, the best first: what its system calls it, the word for it in its directories, the last name that
// all of them have in common, the account. With a workspace that one is part of it.
func (e *environment) candidates() (names []string) {
	add := func(words ...string) {
		words = slices.DeleteFunc(words, func(s string) bool { return s == "" })
		if name := validName(strings.Join(words, "-")); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	workspace := strings.Join(e.workspaces[:min(len(e.workspaces), 2)], "-")
	said, at, common := e.saidName(), e.where(), e.common()
	add(said)
	if at.label != "" {
		add(at.label, workspace)
		add(at.label, at.tail, workspace)
		add(at.above, at.label, workspace)
	} else if len(common) > 0 {
		add(last(common), workspace)
	} else {
		add(workspace)
	}
	if said != "" {
		add(said, workspace)
		add(said, at.label, workspace)
	}
	add(strings.Join(common, "-"), workspace)
	if account := accountOf(e.answer.apply); len(e.segments) != 1 || len(e.segments[0]) > 0 {
		add("account", account, workspace)
		add("account", account, roleName(e.answer.apply), workspace)
	}
	add("root", workspace)
	return names
}

// saidName is what the system calls it, where it has one name for all of it.
func (e *environment) saidName() string {
	name := ""
	for i, s := range e.spots {
		if i > 0 && s.Name != name {
			return ""
		}
		name = s.Name
	}
	return name
}

// standing is how the directories of an environment stand to the one that names it.
type standing struct {
	label string // the name that all of them have for it, "" for none
	above string // what stands before it, "" where that differs
	tail  string // the last name, where that comes after it; "" where it differs
	below bool   // one of them is deeper than the label
}

func (e *environment) where() (s standing) {
	for n, segments := range e.segments {
		i := environmentAt(segments)
		if i < 0 || segments[i] == anyName || n > 0 && segments[i] != s.label {
			return standing{}
		}
		now := standing{label: segments[i], above: strings.Join(segments[:i], "-"), below: i < len(segments)-1}
		if now.below {
			now.tail = last(segments)
		}
		if n == 0 {
			s = now
			continue
		}
		s.below = s.below || now.below
		if now.above != s.above {
			s.above = ""
		}
		if now.tail != s.tail {
			s.tail = ""
		}
	}
	return s
}

// common are the names with which all directories begin.
func (e *environment) common() (names []string) {
	for n, segments := range e.segments {
		if n == 0 {
			names = segments
		}
		same := 0
		for same < min(len(names), len(segments)) && names[same] == segments[same] && names[same] != anyName {
			same++
		}
		names = names[:same]
	}
	return names
}

func accountOf(arn string) string {
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 {
		return parts[4]
	}
	return ""
}

func roleName(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

const maxName = 64

// validName is text as the name of an environment: [A-Za-z0-9][A-Za-z0-9._-]{0,63}. Other characters become "-". It is "" where
// nothing is left. What is one already stays: --env must know Terrateam's environments by the names that they have without a map.
func validName(text string) string {
	if rolemap.IsEnvironmentName(text) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '.', r == '_':
			b.WriteRune(r)
		case !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	name := strings.TrimLeft(b.String(), "-._")
	return strings.TrimRight(name[:min(len(name), maxName)], "-._")
}
