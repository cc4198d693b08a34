package shadow

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"

	"whichrole/internal/awsconfig"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// choice is the profile that SDKs use where nobody names one to them.
type choice struct {
	name, variable string // the variable is "" where none is set
	of             sdks
}

// choose looks at the variables in the order that an SDK has. Set to nothing, a variable is not set for Go SDKs; botocore
// looks for a profile without a name.
func choose(env paths.Env, of sdks, variables ...string) choice {
	for _, variable := range variables {
		if name, set := env[variable]; set && (name != "" || of == botocore) {
			return choice{name, variable, of}
		}
	}
	return choice{"default", "", of}
}

func byBotocore(env paths.Env) choice {
	return choose(env, botocore, "AWS_DEFAULT_PROFILE", "AWS_PROFILE")
}

// hopsFirst tells whether botocore's profile assumes a role with what whichrole gives: that comes before a web identity token.
func hopsFirst(env paths.Env, files *awsconfig.Files) bool {
	return reading{files: files}.ofBotocore(byBotocore(env).name).how == hops
}

// profiles is what comes of the profiles that the SDKs choose, mostly the same one.
func profiles(env paths.Env, files *awsconfig.Files) (list []Shadow) {
	choices := []choice{choose(env, goSDK, "AWS_PROFILE", "AWS_DEFAULT_PROFILE"), byBotocore(env)}
	if choices[0].name == choices[1].name {
		choices[0].of = both
		choices = choices[:1]
	}
	for _, c := range choices {
		if s, ok := (reading{files: files}).shadow(c, env); ok {
			list = append(list, s)
		}
	}
	if len(list) > 0 && absent(env["AWS_CONFIG_FILE"], files.ConfigPath) {
		s := Shadow{Text: "there is no AWS config file " + files.ConfigPath, Where: "AWS_CONFIG_FILE", Hint: "unset AWS_CONFIG_FILE"}
		list = slices.Insert(list, 0, s)
	}
	return list
}

// absent tells whether a file is named and not there: SDKs read nothing then, and say nothing.
func absent(variable, path string) bool {
	_, err := os.Stat(path)
	return variable != "" && errors.Is(err, fs.ErrNotExist)
}

// shadow is what is wrong with the profile of a choice.
func (r reading) shadow(c choice, env paths.Env) (Shadow, bool) {
	outcomes := r.outcomes(c)
	if !slices.ContainsFunc(outcomes, func(o found) bool { return o.how != asks }) {
		return r.pinned(c.name)
	}
	s := Shadow{Where: cmp.Or(c.variable, r.files.ConfigPath), Hint: r.instead(c, env)}
	for _, o := range outcomes {
		if !o.asked() {
			s.hides |= o.of
		}
	}
	p, exists := r.open(c.name)
	switch {
	case c.name == "":
		s.Text, s.Hint = c.of.with()+c.variable+" set to nothing names a profile, and there is none without a name", "unset "+c.variable
	case !exists:
		s.Text = c.words("which does not exist", "there is no profile default") + outcomes[0].next(c, env)
	case p.calls():
		s.Kind = Mixed
		s.Text, s.Where = "profile "+c.name+" is mixed: "+inWords(outcomes), whereOf(outcomes)
		s.Hint = "profile " + c.name + " may hold credential_process and region, and nothing else"
	case s.hides == 0:
		s.Text, s.Where = c.words("which assumes a role with what whichrole gives", "profile default assumes a role with what whichrole gives"), whereOf(outcomes)
	case s.hides != c.of:
		s.Text, s.Where = "profile "+c.name+" has no credential_process of its own: "+inWords(outcomes), whereOf(outcomes)
	default:
		s.Text, s.Where = c.words("which does not call whichrole", "profile default does not call whichrole")+outcomes[0].next(c, env), p.String()
	}
	return s, true
}

// pinned is a profile that asks whichrole with flags: what is asked by hand without them is another question.
func (r reading) pinned(name string) (Shadow, bool) {
	p, _ := r.open(name)
	line, _ := p.Get("credential_process")
	flags := flagsOf(line.Text())
	if flags == "" || strings.HasPrefix(flags, "--pinned ") { // exec's own profile asks from wherever its command stands
		return Shadow{}, false
	}
	return Shadow{
		Kind:  Pinned,
		Text:  "profile " + name + " asks whichrole with " + flags + ": this explanation is without",
		Where: line.String(), Hint: "whichrole " + flags + " explain",
	}, true
}

func (p profile) calls() bool {
	s, _ := p.Get("credential_process")
	return calls(s.Text())
}

// words say why it is this profile.
func (c choice) words(named, unset string) string {
	if c.variable == "" {
		return c.of.with() + "AWS_PROFILE is not set, and " + unset
	}
	return c.of.with() + c.variable + " names profile " + c.name + ", " + named
}

// found is what one SDK, or several, make of a profile.
type found struct {
	of sdks
	outcome
}

// outcomes has one for all where they agree.
func (r reading) outcomes(c choice) (list []found) {
	if c.of&goSDK != 0 {
		list = append(list, found{goSDK, r.ofGo(c.name)})
	}
	if c.of&botocore != 0 {
		list = append(list, found{botocore, r.ofBotocore(c.name)})
	}
	if len(list) == 2 && list[0].how == list[1].how && list[0].by == list[1].by {
		return []found{{both, list[0].outcome}}
	}
	return list
}

func inWords(outcomes []found) string {
	var parts []string
	for _, o := range outcomes {
		parts = append(parts, o.of.with()+o.words())
	}
	return strings.Join(parts, ", ")
}

// whereOf is file:line of what comes before credential_process.
func whereOf(outcomes []found) string {
	for _, o := range outcomes {
		if o.how != asks {
			return o.at.String()
		}
	}
	return ""
}

// next tells of the credentials that are used where the profile has none. A named profile that is missing is an error.
func (o outcome) next(c choice, env paths.Env) string {
	if o.how != nothing && (o.how != missing || c.variable != "") {
		return ""
	}
	for _, variable := range []string{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"} {
		if env[variable] != "" {
			return ": the container's credentials are used, by " + variable
		}
	}
	return ""
}

// instead is what to paste to have whichrole asked.
func (r reading) instead(c choice, env paths.Env) string {
	if at := r.files.Misplaced(c.name); at != "" {
		return "write [profile " + c.name + "] instead of [" + c.name + "] in " + at
	}
	names := r.asking()
	if len(names) == 0 {
		return r.add(c.name)
	}
	name := names[0]
	if near := problem.Nearest(c.name, names); near != "" {
		name = near
	}
	hint := "export AWS_PROFILE=" + problem.Quote(name)
	if _, set := env["AWS_DEFAULT_PROFILE"]; set {
		hint += "; unset AWS_DEFAULT_PROFILE"
	}
	return hint
}

// asking are the profiles by which every SDK asks whichrole, and nothing else.
func (r reading) asking() []string {
	return slices.DeleteFunc(r.files.Names(), func(name string) bool { return r.ofGo(name).how != asks || r.ofBotocore(name).how != asks })
}

// add is the command that makes a profile of ours: under the name that is asked for where nothing has it yet, else under one that is
// free.
func (r reading) add(wanted string) string {
	for _, name := range []string{wanted, "terraform"} {
		if _, taken := r.files.Profile(name); !taken && name != "" && name != "default" {
			return "whichrole setup --profile " + problem.Quote(name)
		}
	}
	return "whichrole setup --profile whichrole"
}
