package scaffold

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// heading is what stands above the environments.
type heading struct {
	from  string   // what the file was written from, in words
	oidc  bool     // the roles are assumed on GitHub Actions
	known []string // profiles of the user's AWS files that the roles are assumed from, where it is not known which is whose
	own   []string // the profiles of these files that hold first credentials: see holdCredentials
}

// text is the whole file.
func (c *compiled) text(h heading) string {
	var b strings.Builder
	b.WriteString("# Which AWS role belongs to which directory of this repository.\n")
	writeComment(&b, "", "Written by whichrole init from "+h.from+"; yours to edit.")
	b.WriteString("version: 1\n")
	if len(c.environments) > 0 {
		c.writeSources(&b, h)
		c.writeDefaults(&b)
		b.WriteString("\nenvironments:\n")
	}
	for i, e := range c.environments {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(e.text())
	}
	c.writeBlanks(&b, h)
	c.writeNoRole(&b)
	return b.String()
}

// writeSources writes where first credentials come from: what serves most of the environments for the whole map, else in each.
func (c *compiled) writeSources(b *strings.Builder, h heading) {
	profile, others := c.commonProfile(h.known)
	for _, e := range c.environments {
		if e.profile != "" && e.profile != profile {
			e.sources = sources(h.oidc, e.profile)
		}
	}
	if !h.oidc && profile == "" {
		if !slices.ContainsFunc(c.environments, func(e *environment) bool { return e.sources != "" }) {
			b.WriteByte('\n')
			writeComment(b, "", "No source is named. First credentials are those that your own file names, else a CI job's token or the profile default.")
			b.WriteString(h.suggestion())
		}
		return
	}
	b.WriteString("\nsource:  # first credentials: the first of these that is present\n")
	if h.oidc {
		b.WriteString("  - oidc: github\n")
	}
	if profile == "" {
		profile, others = "default", "  # on a laptop: name your own here"
	}
	fmt.Fprintf(b, "  - profile: %s%s\n", scalar(profile), others)
}

// suggestion is the source that the user may mean, as a comment: the map is everybody's, and what a profile is called one's own.
func (h heading) suggestion() string {
	own := slices.DeleteFunc(slices.Clone(h.own), func(p string) bool { return !isProfile(p) })
	if len(own) == 0 {
		return ""
	}
	line := "# source: " + sources(false, own[0])
	if len(own) > 1 {
		line += "  # or " + remark(strings.Join(own[1:min(len(own), maxOwn)], ", "))
	}
	return line + "\n"
}

const maxOwn = 5 // profiles that are suggested

// commonProfile is the profile that most environments have, if all of them have one, or all that have one have the same. Where it is
// not known which is whose, it is the first that the system names, and the others stand in a comment.
func (c *compiled) commonProfile(known []string) (most, others string) {
	count := map[string]int{}
	for _, e := range c.environments {
		count[e.profile]++
	}
	unknown := count[""]
	delete(count, "")
	for _, name := range slices.Sorted(maps.Keys(count)) {
		if most == "" || count[name] > count[most] {
			most = name
		}
	}
	switch {
	case len(count) > 1 && unknown > 0:
		return "", ""
	case len(count) > 0:
		return most, ""
	}
	known = slices.DeleteFunc(slices.Clone(known), func(p string) bool { return !isProfile(p) })
	if len(known) == 0 {
		return "", ""
	}
	if len(known) > 1 {
		others = "  # used as well: " + remark(strings.Join(known[1:], ", "))
	}
	return known[0], others
}

// sources is a list of sources in brackets.
func sources(oidc bool, profile string) string {
	text := "{profile: " + scalar(profile) + "}"
	if oidc {
		text = "{oidc: github}, " + text
	}
	return "[" + text + "]"
}

// writeDefaults takes out of the environments what all of them say alike, where there are at least two.
func (c *compiled) writeDefaults(b *strings.Builder) {
	if len(c.environments) < 2 {
		return
	}
	first := c.environments[0]
	var common [][2]string
	for _, s := range first.settings() {
		if !slices.ContainsFunc(c.environments, func(e *environment) bool { return !slices.Contains(e.settings(), s) }) {
			common = append(common, s)
		}
	}
	if len(common) == 0 {
		return
	}
	b.WriteString("\ndefaults:\n")
	for _, s := range common {
		fmt.Fprintf(b, "  %s: %s\n", s[0], s[1])
	}
	for _, e := range c.environments {
		e.inherited = common
	}
}

// writeBlanks writes what is to be filled in: as comments, for a role map holds no unfinished environments.
func (c *compiled) writeBlanks(b *strings.Builder, h heading) {
	if len(c.blanks) == 0 {
		return
	}
	b.WriteString("\n")
	indent := "  # "
	if len(c.environments) == 0 {
		b.WriteString("# No role was found for these directories. Fill in the ARNs, and take the marks (#) away:\n" + h.suggestion() + "# environments:\n")
		indent = "#   "
	} else {
		b.WriteString("  # No role was found for these directories. Fill in the ARNs, and take the marks (#) away:\n")
	}
	for _, x := range c.blanks {
		fmt.Fprintf(b, "%s%s:\n%s  dirs: %s\n%s  role_arn: arn:aws:iam::ACCOUNT:role/NAME\n", indent, scalar(x.name), indent, flow(x.dirs), indent)
	}
}

// writeNoRole writes what gets no role: shared code by itself in brackets, else a line for each entry that says why.
func (c *compiled) writeNoRole(b *strings.Builder) {
	if len(c.noRole) == 0 {
		return
	}
	b.WriteByte('\n')
	const shared = "  # " + sharedCode + ": nothing is applied from here"
	var patterns []string
	rows := make([][2]string, 0, len(c.noRole))
	for _, x := range c.noRole {
		patterns = append(patterns, x.pattern)
		rows = append(rows, [2]string{"  - " + scalar(x.pattern), "  # " + x.why})
	}
	line := "no_role: " + flow(patterns)
	if len(line)+len(shared) <= maxLine && !slices.ContainsFunc(c.noRole, func(x excluded) bool { return x.why != sharedCode }) {
		b.WriteString(line + shared + "\n")
		return
	}
	b.WriteString("no_role:\n")
	writeRows(b, rows)
}
