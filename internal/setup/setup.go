// Package setup works out what setup changes in the user's files: profiles that call whichrole, and the source of first credentials.
package setup

import (
	"whichrole/internal/awsconfig"
	"whichrole/internal/broker"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
	"whichrole/internal/userfile"
)

// Wish is what is to be there, or with Remove is not to be there any more.
type Wish struct {
	Profile  string
	Region   string   // "" for what the profile has, else what is found
	PerEnv   bool     // one more for each environment of the role map that needs no directory
	Accounts []string // for environments that need an account, too
	Source   string   // the profile that first credentials come from, "" to leave the user's own file alone
	Remove   bool
}

// Plan is what becomes of the two files, before anything is written.
type Plan struct {
	Path   string               // of the AWS config file, as it is named
	Names  []string             // the profiles that are put in or taken out
	Source *userfile.SourceEdit // nil where none is wished

	// What a person should know of it.
	NoRegion bool             // the first profile has none
	Misread  string           // the path of whichrole, where SDKs would misread it and the profile has the bare name; else ""
	Other    string           // the whichrole that PATH leads to, where that is another file than this program, Self; else ""
	Self     string           // "" where Other is
	Version  string           // the folder in the path of whichrole that an upgrade replaces, "" for none
	Left     []broker.Unfixed // the environments without a profile

	files  *awsconfig.Files
	file   *awsconfig.File // changed already, but not saved
	wanted []wanted
}

// New reads the files and changes nothing. What is in the way of the wish is a *problem.Error: a profile that means something else
// (Failure), an account or a source that is not there (Usage), with PerEnv a map that is not trusted.
func New(b *broker.Broker, r broker.Request, w Wish) (p *Plan, err error) {
	p = &Plan{}
	if p.files, err = awsconfig.Load(b.Env, b.Dirs.Home); err != nil {
		return nil, err
	}
	if p.file, err = awsconfig.Edit(p.files.ConfigPath); err != nil {
		return nil, err
	}
	p.Path = p.file.Named
	if w.Remove {
		return p, p.takeOut(w)
	}
	program, err := p.program(b.Env)
	if err != nil {
		return nil, err
	}
	p.wanted = []wanted{{name: w.Profile, program: program, region: p.region(b, r), args: []string{asked}}}
	if w.PerEnv {
		if err := p.perEnvironment(b, r, w); err != nil {
			return nil, err
		}
	}
	for i := range p.wanted {
		if err := p.put(&p.wanted[i], w.Region); err != nil {
			return nil, err
		}
		p.Names = append(p.Names, p.wanted[i].name)
	}
	p.NoRegion = p.wanted[0].region == ""
	if w.Source != "" {
		p.Source, err = p.source(b.Dirs, w)
	}
	return p, err
}

// source is the user's own file with another source, which must be there and lead elsewhere than to us.
func (p *Plan) source(dirs paths.Dirs, w Wish) (*userfile.SourceEdit, error) {
	profile, found := p.files.Profile(w.Source)
	if !found {
		err := problem.New(problem.Usage, "there is no profile %s in %s", w.Source, p.files.ConfigPath)
		if near := problem.Nearest(w.Source, p.files.Names()); near != "" {
			return nil, err.WithHint("did you mean %s?", near)
		}
		return nil, err.WithHint("aws configure --profile %s", problem.Quote(w.Source))
	}
	if s, ok := profile.Get("credential_process"); w.Source == w.Profile || ok && awsconfig.CallsWhichrole(s.Text()) {
		return nil, problem.New(problem.Usage, "profile %s calls whichrole itself: first credentials come from another one, that holds keys or sso_session", w.Source).
			WithHint("whichrole setup --source NAME")
	}
	return userfile.SetSource(dirs.Config, dirs.Home, w.Source)
}

// Changed tells whether the AWS config file becomes another one.
func (p *Plan) Changed() bool { return p.file.Changed() }

// Linked tells whether it does and has another name, a hard link, that keeps the one before.
func (p *Plan) Linked() bool { return p.Changed() && p.file.Linked() }

// Diff is how: the lines that go and come. They may quote anybody.
func (p *Plan) Diff() []string { return p.file.Diff() }

// Save writes the AWS config file where it changes; backup is where the one before is kept, "" for none. Errors are those of
// awsconfig.File.Save. What Source has changed is saved by itself.
func (p *Plan) Save() (backup string, err error) {
	if !p.Changed() {
		return "", nil
	}
	return p.file.Save()
}

// Sections are the lines of each profile by itself, for a file that another program makes.
func (p *Plan) Sections() (list [][]string) {
	for _, w := range p.wanted {
		list = append(list, awsconfig.SectionOf(w.name, w.settings()...))
	}
	return list
}
