package scaffold

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"whichrole/internal/awsconfig"
	"whichrole/internal/found"
	"whichrole/internal/paths"
)

// profile is one of the user's AWS files that assumes a role.
type profile struct {
	name   string
	role   found.Role
	source string // the profile that it is assumed from, "" where it is none, or this one
}

// profilesOf are the profiles with a role, sorted by name. home is written ~: the map is for other people, too.
func profilesOf(files *awsconfig.Files, home string) (list []profile) {
	for _, name := range files.Names() {
		p, _ := files.Profile(name)
		arn, ok := p.Get("role_arn")
		if process, calls := p.Get("credential_process"); !ok || calls && awsconfig.CallsWhichrole(process.Text()) {
			continue
		}
		text := func(key string) string {
			s, _ := p.Get(key)
			return s.Text()
		}
		x := profile{name: name, source: text("source_profile"), role: found.Role{
			ARN: arn.Text(), Region: text("region"), ExternalID: text("external_id"),
			From: found.Origin{File: shortened(arn.File, home), Line: arn.Line},
		}}
		if seconds, err := strconv.Atoi(text("duration_seconds")); err == nil && seconds > 0 && seconds <= 12*3600 {
			x.role.Duration = time.Duration(seconds) * time.Second
		}
		x.role.Note = x.notes(files, text)
		if x.source == name {
			x.source = ""
		}
		list = append(list, x)
	}
	return list
}

// holdCredentials are the profiles that hold first credentials, or lead to some, sorted by name: without those that only assume a
// role, the one that calls whichrole, and the profile default, which is asked without being named.
func holdCredentials(files *awsconfig.Files) (names []string) {
	for _, name := range files.Names() {
		p, _ := files.Profile(name)
		has := func(key string) bool { _, ok := p.Get(key); return ok }
		process, _ := p.Get("credential_process")
		holds := slices.ContainsFunc([]string{"aws_access_key_id", "sso_session", "sso_start_url", "login_session", "credential_process"}, has)
		if holds && !has("role_arn") && name != "default" && !awsconfig.CallsWhichrole(process.Text()) {
			names = append(names, name)
		}
	}
	return names
}

// notes tells what the profile says that a role map does not hold, or that may be one person's.
func (x *profile) notes(files *awsconfig.Files, text func(key string) string) string {
	list := []string{x.note(files, text)}
	if text("role_session_name") != "" {
		list = append(list, "session_name is left out, for it is that of your own profile: everybody's is called {user}-{env}")
	}
	if x.role.ExternalID != "" {
		list = append(list, "external_id is that of your own profile: see that it is everybody's, and that this file may hold it")
	}
	return strings.Join(slices.DeleteFunc(list, func(s string) bool { return s == "" }), "; ")
}

// note tells what whichrole has to do otherwise than the profile.
func (x *profile) note(files *awsconfig.Files, text func(key string) string) string {
	switch {
	case text("mfa_serial") != "" && !hasMFA(files, x.source):
		return fmt.Sprintf("profile %s asks for an MFA code: write mfa_serial into the profile %s as well, and whichrole asks once a day", x.name, x.source)
	case text("credential_source") != "":
		return fmt.Sprintf("profile %s has its first credentials from the machine (credential_source)", x.name)
	case text("web_identity_token_file") != "":
		return fmt.Sprintf("profile %s has its first credentials from a token (web_identity_token_file)", x.name)
	case x.source == x.name:
		return fmt.Sprintf("profile %s has keys of its own beside the role: put them into another profile, and name that one as the source", x.name)
	}
	return ""
}

func hasMFA(files *awsconfig.Files, name string) bool {
	p, ok := files.Profile(name)
	if !ok {
		return false
	}
	_, ok = p.Get("mfa_serial")
	return ok
}

// shortened writes ~ for the home directory.
func shortened(file, home string) string {
	if home == "" || !paths.Contains(home, file) {
		return file
	}
	rel, err := filepath.Rel(home, file)
	if err != nil {
		return file
	}
	return "~/" + filepath.ToSlash(rel)
}

// sourcesOf tells from which profile the user's own files assume each role, the most used one where they disagree.
func sourcesOf(list []profile) map[string]string {
	count := map[[2]string]int{}
	best := map[string]string{}
	for _, p := range list {
		if p.source == "" {
			continue
		}
		count[[2]string{p.role.ARN, p.source}]++
		if now := best[p.role.ARN]; now == "" || count[[2]string{p.role.ARN, p.source}] > count[[2]string{p.role.ARN, now}] {
			best[p.role.ARN] = p.source
		}
	}
	return best
}

// matched gives the profiles to the directories whose environment has their name: production to profile production, acme-production
// or prod. What remains belongs to no directory.
func matched(list []profile, r found.Repository) (places, loose []found.Place, unread []found.Unread) {
	dirs := map[string][]string{} // the directory that names an environment → its root modules
	for _, m := range r.Modules {
		segments := split(m.Dir)
		if i := environmentAt(segments); i >= 0 {
			dir := strings.Join(segments[:i+1], "/")
			dirs[dir] = append(dirs[dir], m.Dir)
		}
	}
	used := map[string]bool{}
	for dir, below := range dirs {
		fitting := fit(list, split(dir))
		if len(fitting) > 1 {
			for _, p := range fitting {
				unread = append(unread, found.Unread{At: p.role.From, Text: fmt.Sprintf("profile %s is one of %d that fit %s: which one is meant is not said", p.name, len(fitting), dir)})
			}
			continue
		}
		for _, p := range fitting {
			used[p.name] = true
			for _, d := range below {
				places = append(places, found.Place{Dir: d, Name: last(split(dir)), Plan: &p.role, Apply: &p.role})
			}
		}
	}
	for _, p := range list {
		if !used[p.name] {
			loose = append(loose, found.Place{Dir: ".", Name: p.name, Plan: &p.role, Apply: &p.role})
		}
	}
	return places, loose, unread
}

func last(segments []string) string { return segments[len(segments)-1] }

// fit are the profiles that fit a directory best: its very name, then a name that ends with it, then a word for the same. Among
// equals those count that name more of the directories above, too.
func fit(list []profile, segments []string) (best []profile) {
	most := 0
	for _, p := range list {
		score := fitness(parts(p.name), strings.ToLower(p.name), segments)
		switch {
		case score == 0 || score < most:
		case score > most:
			most, best = score, []profile{p}
		default:
			best = append(best, p)
		}
	}
	return best
}

func fitness(profile []string, name string, segments []string) int {
	label := last(segments)
	words := parts(label)
	class := classOf(label)
	score := 0
	switch {
	case name == strings.ToLower(label):
		score = 300
	case class != classOf(strings.Join(profile, "-")):
		return 0
	case len(words) > 0 && len(words) < len(profile) && slices.Equal(profile[len(profile)-len(words):], words):
		score = 200
	case class != "":
		score = 100
	default:
		return 0
	}
	for _, s := range segments[:len(segments)-1] {
		if slices.Contains(profile, strings.ToLower(s)) {
			score++
		}
	}
	return score
}
