package doctor

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"whichrole/internal/awsconfig"
	"whichrole/internal/child"
	"whichrole/internal/setup"
	"whichrole/internal/shadow"
)

// profiles looks at those that call whichrole.
func (v *visit) profiles(context.Context) (list []Finding) {
	files, err := v.Broker.AWSFiles()
	if err != nil {
		return []Finding{failed("profiles", Broken, err, "no AWS SDK and no AWS CLI takes its profiles from this file as it is")}
	}
	var good, elsewhere []string
	for _, name := range files.Names() {
		p, _ := files.Profile(name)
		line, _ := p.Get("credential_process")
		if !awsconfig.CallsWhichrole(line.Text()) {
			continue
		}
		wrong := append(v.line(p, line), mixed(p)...)
		if len(wrong) == 0 {
			good = append(good, name)
			wrong = v.passing(p, line)
			if v.isElsewhere(line) {
				elsewhere = append(elsewhere, name)
			}
		}
		list = append(list, wrong...)
	}
	if len(elsewhere) > 0 {
		list = append(list, Finding{ID: "profiles", Level: Note, What: profileWord(len(elsewhere)) + strings.Join(elsewhere, ", ") + ": an environment that the role map here does not have",
			Why: "here each call of it fails; in the repository that it is for it may be well"})
	}
	switch {
	case len(good) > 0:
		list = slices.Insert(list, 0, well("profiles", "called by "+profileWord(len(good))+strings.Join(good, ", ")+" in "+files.ConfigPath))
	case len(list) == 0:
		list = append(list, Finding{ID: "profiles", Level: Warning, What: "no profile in " + cmp.Or(files.ConfigPath, "the AWS config file") + " calls whichrole",
			Why: "AWS SDKs, Terraform and the AWS CLI ask it by a profile; whichrole exec and export do without", Fix: "whichrole setup"})
	}
	return list
}

func profileWord(n int) string {
	if n == 1 {
		return "profile "
	}
	return "profiles "
}

// line looks at the program that a profile runs, and what it is asked for. Words before it are a wrapper's, and the user's own affair.
func (v *visit) line(p *awsconfig.Profile, s awsconfig.Setting) []Finding {
	wrong := func(what, why string) []Finding {
		return []Finding{{ID: "profiles", Level: Broken, What: "profile " + p.Name + " (" + s.String() + ") " + what, Why: why, Fix: v.mend(p, s)}}
	}
	program := programOf(s)
	switch {
	case !slices.Contains(awsconfig.Words(s.Text()), "credential-process"):
		return wrong("does not call whichrole credential-process", "what else whichrole prints are no credentials")
	case strings.ContainsAny(program, " \t"): // only quotes hold that together
		return wrong("calls "+program+" in quotes", "each SDK reads quotes and blanks in its own way")
	case strings.HasPrefix(program, "~"), strings.ContainsAny(program, `$"'`):
		return wrong("calls "+program, "not every SDK runs the line by a shell: ~, $ and quotes stay what they are there")
	case !strings.ContainsAny(program, `/\`):
		if child.Find(v.env, strings.TrimSuffix(program, ".exe")) == "" {
			return wrong("calls "+program+", which is not on PATH", "each call of that profile fails")
		}
	case !filepath.IsAbs(program):
		return wrong("calls "+program+", which is another file in each directory", "a repository could bring its own")
	case !isProgram(program):
		return wrong("calls "+program+", which is no program", "each call of that profile fails")
	}
	return nil
}

// isElsewhere tells whether a line asks for an environment by its name, and the map that is trusted here has none of that name.
func (v *visit) isElsewhere(s awsconfig.Setting) bool {
	words := awsconfig.Words(s.Text())
	i := slices.IndexFunc(words, func(word string) bool { return word == "-e" || word == "--env" })
	if i < 0 || i+1 == len(words) || slices.Contains(words, "-C") || slices.Contains(words, "--map") {
		return false
	}
	d, _ := v.decision()
	if d == nil || d.Map == nil || d.Trust.How == "" {
		return false
	}
	for _, e := range d.Map.Entries() {
		if e.Name == words[i+1] {
			return false
		}
	}
	return true
}

// mend is the command that writes the line anew or, where setup leaves it to who made it, what to write.
func (v *visit) mend(p *awsconfig.Profile, s awsconfig.Setting) string {
	if command, ok := setup.Mend(p); ok {
		return command
	}
	return "in " + s.String() + " write the path of whichrole (" + cmp.Or(child.Find(v.env, "whichrole"), v.Program) + "), its flags, and credential-process last"
}

// programOf is whichrole in such a line, without quotes.
func programOf(s awsconfig.Setting) string {
	if first, _ := awsconfig.Program(s.Text()); awsconfig.IsWhichrole(first) {
		return first
	}
	words := awsconfig.Words(s.Text())
	return words[slices.IndexFunc(words, awsconfig.IsWhichrole)]
}

// passing tells of a program that the next upgrade takes away, though it is there by now. It is a warning where PATH has a better one.
func (v *visit) passing(p *awsconfig.Profile, s awsconfig.Setting) []Finding {
	version := setup.VersionIn(programOf(s))
	if version == "" {
		return nil
	}
	f := Finding{ID: "profiles", Level: Note, What: "profile " + p.Name + " (" + s.String() + ") calls whichrole by a path with the version " + version + " in it",
		Why: "where an upgrade takes that away, each call of that profile fails until whichrole setup is run again"}
	if found := child.Find(v.env, "whichrole"); found != "" && setup.VersionIn(found) == "" {
		f.Level, f.Fix = Warning, v.mend(p, s)
	}
	return []Finding{f}
}

func isProgram(path string) bool {
	info, err := os.Stat(path)
	if err != nil && runtime.GOOS == "windows" {
		info, err = os.Stat(path + ".exe")
	}
	return err == nil && info.Mode().IsRegular() && (runtime.GOOS == "windows" || info.Mode().Perm()&0o111 != 0)
}

// mixed looks at settings beside which credential_process is not the same to each SDK (CONTRACT.md).
func mixed(p *awsconfig.Profile) []Finding {
	s, found := p.Otherwise()
	if !found || s.Key == "credential_process" || s.Key == "region" {
		return nil
	}
	return []Finding{{ID: "profiles", Level: Broken, What: "profile " + p.Name + " calls whichrole and also has " + s.Key + " (" + s.String() + ")",
		Why: "each SDK follows another of the two", Fix: "remove " + s.Key + ": a profile that calls whichrole holds credential_process and region"}}
}

// shadows looks at what keeps SDKs from asking.
func (v *visit) shadows(context.Context) (list []Finding) {
	if _, err := v.Broker.AWSFiles(); err != nil {
		return nil // profiles has told
	}
	for _, s := range v.Broker.Shadows(v.Request) {
		if s.Kind == shadow.Mixed {
			continue // so has it
		}
		f := Finding{ID: "shadow", Level: Warning, What: s.Text, Why: "SDKs here do not ask whichrole, or ask as another", Fix: s.Hint}
		if s.Where != "" {
			f.What += " (" + s.Where + ")"
		}
		if s.Kind == shadow.Pinned {
			f.Level, f.Why = Note, "its SDKs get what that gives"
		}
		list = append(list, f)
	}
	if len(list) == 0 {
		list = append(list, well("shadow", "nothing keeps the SDKs here from asking whichrole"))
	}
	return list
}
