package scaffold

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"whichrole/internal/found"
	"whichrole/internal/rolemap"
)

// answer is what a role map can say of a place. Of its settings there is one for all operations.
type answer struct {
	apply, plan, state string // role ARNs; plan is "" where it is apply's, state where it is that of the command at hand
	via                []string
	region             string
	session            string
	external           string
	duration           time.Duration
}

// key is equal for equal answers.
func (a *answer) key() string {
	return fmt.Sprintf("%q", append([]string{a.apply, a.plan, a.state, a.region, a.session, a.external, a.duration.String()}, a.via...))
}

// defaultDuration is that of STS and of a map that names none.
const defaultDuration = time.Hour

// answerOf puts the roles of a place together, and notes what its reader should know. why tells what keeps it out of a map, ""
// for nothing.
func answerOf(p found.Place) (a *answer, notes []string, why string) {
	apply := p.Apply
	switch {
	case p.Apply == nil && p.Plan != nil:
		apply = p.Plan
		notes = append(notes, "a role is said for plan alone: apply gets the same, which may be too little")
	case p.Apply == nil && p.State != nil:
		return nil, nil, "a role is said for the state alone, and which one plan and apply get is not said"
	case p.Apply == nil:
		return nil, nil, "no role is said"
	case p.Plan == nil:
		return nil, nil, "a role is said for apply alone, and a role map would give it to plan as well"
	}
	a = &answer{apply: apply.ARN}
	if p.Plan != nil && p.Plan.ARN != a.apply {
		a.plan = p.Plan.ARN
	}
	if p.State != nil && (p.State.ARN != a.apply || a.plan != "") {
		a.state = p.State.ARN
	}
	var roles []*found.Role
	for _, r := range []*found.Role{apply, p.Plan, p.State} {
		if r != nil && !slices.Contains(roles, r) {
			roles = append(roles, r)
		}
	}
	notes = append(notes, a.settle(roles)...)
	return a, notes, ""
}

// settle finds the settings that suit all roles. Where there are none they are left out, which never gives more.
func (a *answer) settle(roles []*found.Role) (notes []string) {
	for _, s := range []struct {
		key string
		to  *string
		of  func(*found.Role) string
	}{
		{"region", &a.region, func(r *found.Role) string { return r.Region }},
		{"session_name", &a.session, func(r *found.Role) string { return r.SessionName }},
		{"external_id", &a.external, func(r *found.Role) string { return r.ExternalID }},
	} {
		all := said(roles, s.of)
		if len(all) == 1 {
			*s.to = all[0]
		} else if len(all) > 1 {
			notes = append(notes, fmt.Sprintf("%s is left out: the operations have different ones (%s)", s.key, strings.Join(all, ", ")))
		}
	}
	a.via = roles[0].Via
	for _, r := range roles {
		if !slices.Equal(r.Via, a.via) {
			a.via = nil
			notes = append(notes, "via is left out, for it would hold for all operations: "+ways(roles))
			break
		}
	}
	notes = append(notes, a.settleDuration(roles)...)
	for _, r := range roles {
		if r.Note != "" && !slices.Contains(notes, r.Note) {
			notes = append(notes, r.Note)
		}
	}
	return notes
}

// said are the different values that are said of some of the roles.
func said(roles []*found.Role, of func(*found.Role) string) (all []string) {
	for _, r := range roles {
		if v := of(r); v != "" && !slices.Contains(all, v) {
			all = append(all, v)
		}
	}
	return all
}

// ways tells through which roles each role is reached.
func ways(roles []*found.Role) string {
	var texts []string
	for _, r := range roles {
		if len(r.Via) > 0 {
			texts = append(texts, r.ARN+" is reached through "+strings.Join(r.Via, ", "))
		}
	}
	return strings.Join(texts, "; ")
}

// settleDuration takes the shortest: no role may be asked for more than it allows.
func (a *answer) settleDuration(roles []*found.Role) (notes []string) {
	durations := make([]time.Duration, 0, len(roles))
	for _, r := range roles {
		durations = append(durations, cmp.Or(r.Duration, defaultDuration))
	}
	shortest, longest := slices.Min(durations), slices.Max(durations)
	if shortest != longest {
		notes = append(notes, fmt.Sprintf("duration is the shortest of the operations: the longest is %s", short(longest)))
	}
	if len(a.via) > 0 && shortest > defaultDuration {
		shortest = defaultDuration
		notes = append(notes, "duration is 1h: STS gives a role that is assumed through another one no more")
	}
	if shortest != defaultDuration {
		a.duration = shortest
	}
	return notes
}

// short writes 45m and 1h30m, without the zeros that String ends with.
func short(d time.Duration) string {
	text := d.String()
	if s, ok := strings.CutSuffix(text, "m0s"); ok {
		text = s + "m"
	}
	if s, ok := strings.CutSuffix(text, "h0m"); ok {
		text = s + "h"
	}
	return text
}

// refused tells what a role map would not take, "" for nothing.
func (a *answer) refused() string {
	for _, text := range append([]string{a.apply, a.plan, a.state, a.region, a.session, a.external}, a.via...) {
		if !writable(text) {
			return "a value has a character that cannot stand in a role map: " + text
		}
	}
	_, err := rolemap.Parse("", []byte("version: 1\nenvironments:\n"+(&environment{name: "x", answer: a}).text()), nil)
	if mistakes := rolemap.Mistakes(err); len(mistakes) > 0 {
		return strings.TrimPrefix(mistakes[0].Text, "environments.x.")
	}
	return ""
}
