package cli

import (
	"cmp"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"unicode"

	"whichrole/internal/awsconfig"
	"whichrole/internal/broker"
	"whichrole/internal/child"
	"whichrole/internal/problem"
	"whichrole/internal/rolemap"
)

// plan is what setup makes of the AWS config file.
type plan struct {
	files  *awsconfig.Files
	file   *awsconfig.File // changed already, but not saved
	wanted []wanted
	gone   []string // the profiles that are taken out
	notes  []string // what a person should know of it
}

// wanted is one profile as it is to be.
type wanted struct {
	name, program, region string
	args                  []string
}

func (w wanted) settings() (pairs []awsconfig.Pair) {
	if w.region != "" {
		pairs = append(pairs, awsconfig.Pair{Key: "region", Value: w.region})
	}
	return append(pairs, awsconfig.Pair{Key: "credential_process", Value: strings.Join(append([]string{w.program}, w.args...), " ")})
}

// asked is the last word of each line.
const asked = "credential-process"

func (c *setupCmd) plan(a *app, b *broker.Broker, r broker.Request) (p *plan, err error) {
	p = &plan{}
	if p.files, err = awsconfig.Load(a.env, a.dirs.Home); err != nil {
		return nil, err
	}
	if p.file, err = awsconfig.Edit(p.files.ConfigPath); err != nil {
		return nil, err
	}
	if c.Remove {
		return p, c.takeOut(p)
	}
	program, err := p.program(a)
	if err != nil {
		return nil, err
	}
	p.wanted = []wanted{{name: c.Profile, program: program, region: a.region(b, r, p.files), args: []string{asked}}}
	if c.PerEnv {
		if err := c.perEnvironment(p, b, r); err != nil {
			return nil, err
		}
	}
	for i := range p.wanted {
		if err := c.put(p, &p.wanted[i]); err != nil {
			return nil, err
		}
	}
	if p.wanted[0].region == "" {
		regional := *c
		regional.Region = "REGION"
		p.notes = append(p.notes, "the profile has no region, and most commands want one: "+regional.again(a))
	}
	return p, nil
}

// put changes one profile, unless it means something else. What it says of its region stays, and so does a bare name of ours that
// PATH leads to: such a file may serve several machines.
func (c *setupCmd) put(p *plan, w *wanted) error {
	if profile, found := p.files.Profile(w.name); found {
		if s, other := profile.Otherwise(w.args...); other {
			return problem.New(problem.Failure, "%s: profile %s means something else already, by its %s: take it out, or give whichrole another one", s, w.name, s.Key).
				WithHint("whichrole setup --profile NAME")
		}
		if s, ok := profile.Get("region"); ok && c.Region == "" {
			w.region = s.Text()
		}
		s, _ := profile.Get("credential_process")
		if now, _ := awsconfig.Calls(s.Text(), w.args...); !strings.ContainsAny(now, `/\`) && now != "" {
			w.program = now
		}
	}
	w.region = cmp.Or(c.Region, w.region)
	return p.file.Set(w.name, w.settings()...)
}

// perEnvironment adds the profiles of the environments that need no directory.
func (c *setupCmd) perEnvironment(p *plan, b *broker.Broker, r broker.Request) error {
	list, left, err := b.Fixed(r, c.Accounts)
	if err != nil {
		return err
	}
	for _, f := range list {
		w := wanted{name: c.Profile + "-" + f.Environment, program: p.wanted[0].program, region: cmp.Or(f.Region, p.wanted[0].region)}
		w.args = []string{"-e", f.Environment, asked}
		if f.Account != "" {
			w.name += "-" + f.Account
			w.args = []string{"-e", f.Environment, "--set", "account=" + f.Account, asked}
		}
		if err := awsconfig.CheckName(w.name); err != nil {
			return err
		}
		if slices.ContainsFunc(p.wanted, func(o wanted) bool { return o.name == w.name }) {
			return problem.New(problem.Failure, "two environments would both be profile %s", w.name).WithHint("leave --accounts out")
		}
		p.wanted = append(p.wanted, w)
	}
	for _, u := range left {
		p.notes = append(p.notes, "environment "+u.Environment+" has no profile: "+problem.Cut(u.Why, 300))
	}
	return nil
}

// takeOut removes what setup made, and nothing that means something else.
func (c *setupCmd) takeOut(p *plan) error {
	p.gone = []string{c.Profile}
	if profile, found := p.files.Profile(c.Profile); found {
		if s, other := profile.Otherwise(asked); other {
			return problem.New(problem.Failure, "%s: profile %s means something else, by its %s", s, c.Profile, s.Key).
				WithHint("take it out yourself, in an editor")
		}
	}
	if _, err := p.file.Remove(c.Profile); err != nil || !c.PerEnv {
		return err
	}
	for _, name := range p.files.Names() {
		profile, _ := p.files.Profile(name)
		s, _ := profile.Get("credential_process")
		words := strings.Fields(s.Text())
		if !strings.HasPrefix(name, c.Profile+"-") || len(words) < 4 || words[1] != "-e" {
			continue
		}
		if _, other := profile.Otherwise(words[1:]...); other || words[len(words)-1] != asked {
			continue
		}
		if _, err := p.file.Remove(name); err != nil {
			return err
		}
		p.gone = append(p.gone, name)
	}
	return nil
}

func (p *plan) done() string {
	if len(p.gone) > 0 {
		return "removed from"
	}
	return "written"
}

func (p *plan) names() string {
	names := p.gone
	for _, w := range p.wanted {
		names = append(names, w.name)
	}
	if len(names) == 1 {
		return "profile " + names[0]
	}
	return "profiles " + strings.Join(names, ", ")
}

// region is the default of a new profile, "" for none.
func (a *app) region(b *broker.Broker, r broker.Request, files *awsconfig.Files) string {
	of := func(name string) string {
		profile, _ := files.Profile(name)
		s, _ := profile.Get("region")
		return s.Text()
	}
	for _, region := range []string{b.MapRegion(r), a.env["AWS_REGION"], a.env["AWS_DEFAULT_REGION"], of("default")} {
		if region != "" && rolemap.CheckRegion(region, "") == nil {
			return region
		}
	}
	return ""
}

// program is how the profile calls us: by the path that PATH leads to, which the next upgrade leaves in place, and only where no SDK
// could misread that by the bare name.
func (p *plan) program(a *app) (string, error) {
	found := child.Find(a.env, "whichrole")
	if found == "" {
		self, err := os.Executable()
		if err != nil {
			return "", problem.New(problem.Failure, "where whichrole lies cannot be told: %v", err).WithHint("put it into a directory of PATH").Because(err)
		}
		if !awsconfig.IsPlain(self, runtime.GOOS) {
			return "", problem.New(problem.Failure, "SDKs do not all find %s: its path has characters that each of them reads in its own way", self).
				WithHint("%s", linked(self))
		}
		found = self
	}
	if !awsconfig.IsPlain(found, runtime.GOOS) {
		p.notes = append(p.notes, "the profile names whichrole alone, for SDKs would misread "+found+": each program that uses it must have that on its PATH")
		return "whichrole", nil
	}
	if of := versionIn(found); of != "" {
		p.notes = append(p.notes, "the path of whichrole has the version "+of+" in it: after an upgrade run whichrole setup again")
	}
	return found, nil
}

func linked(self string) string {
	if runtime.GOOS == "windows" {
		return "put whichrole.exe into a folder of PATH"
	}
	return "sudo ln -s " + problem.Quote(self) + " /usr/local/bin/whichrole && whichrole setup"
}

// versionIn is the folder of a path that an upgrade replaces, as version managers, Homebrew's Cellar and the Nix store have them.
func versionIn(path string) string {
	segments := strings.Split(filepath.ToSlash(path), "/")
	for i, s := range segments {
		if _, version, found := strings.Cut(s, "@"); found && isVersion(version) || isVersion(s) || i > 1 && segments[i-1] == "store" && segments[i-2] == "nix" {
			return s
		}
	}
	return ""
}

func isVersion(s string) bool {
	major, rest, found := strings.Cut(strings.TrimPrefix(s, "v"), ".")
	digit := func(r rune) bool { return !unicode.IsDigit(r) }
	return found && major != "" && !strings.ContainsFunc(major, digit) && rest != "" && unicode.IsDigit(rune(rest[0]))
}
