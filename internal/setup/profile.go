package setup

import (
	"cmp"
	"slices"
	"strings"

	"whichrole/internal/awsconfig"
	"whichrole/internal/broker"
	"whichrole/internal/partition"
	"whichrole/internal/problem"
)

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

// put changes one profile, unless it means something else. What it says of its region stays where none is wished, and so does a bare
// name of ours that PATH leads to: such a file may serve several machines.
func (p *Plan) put(w *wanted, region string) error {
	if profile, found := p.files.Profile(w.name); found {
		if s, other := profile.Otherwise(w.args...); other {
			return problem.New(problem.Failure, "%s: profile %s means something else already, by its %s: take it out, or give whichrole another one", s, w.name, s.Key).
				WithHint("whichrole setup --profile NAME")
		}
		if s, ok := profile.Get("region"); ok {
			w.region = s.Text()
		}
		s, _ := profile.Get("credential_process")
		if now, _ := awsconfig.Calls(s.Text(), w.args...); !strings.ContainsAny(now, `/\`) && now != "" {
			w.program = now
		}
	}
	w.region = cmp.Or(region, w.region)
	return p.file.Set(w.name, w.settings()...)
}

// perEnvironment adds the profiles of the environments that need no directory.
func (p *Plan) perEnvironment(b *broker.Broker, r broker.Request, wish Wish) error {
	list, left, err := b.Fixed(r, wish.Accounts)
	if err != nil {
		return err
	}
	p.Left = left
	first := p.wanted[0]
	for _, f := range list {
		args, suffix := ofEnvironment(f.Environment, f.Account)
		w := wanted{name: wish.Profile + suffix, program: first.program, region: cmp.Or(f.Region, first.region), args: args}
		if err := awsconfig.CheckName(w.name); err != nil {
			return err
		}
		if slices.ContainsFunc(p.wanted, func(o wanted) bool { return o.name == w.name }) {
			return problem.New(problem.Failure, "two environments would both be profile %s", w.name).WithHint("leave --accounts out")
		}
		p.wanted = append(p.wanted, w)
	}
	return nil
}

// takeOut removes what setup made, and nothing that means something else.
func (p *Plan) takeOut(wish Wish) error {
	p.Names = []string{wish.Profile}
	if profile, found := p.files.Profile(wish.Profile); found {
		if s, other := profile.Otherwise(asked); other {
			return problem.New(problem.Failure, "%s: profile %s means something else, by its %s", s, wish.Profile, s.Key).
				WithHint("take it out yourself, in an editor")
		}
	}
	if _, err := p.file.Remove(wish.Profile); err != nil || !wish.PerEnv {
		return err
	}
	for _, name := range p.files.Names() {
		profile, _ := p.files.Profile(name)
		if _, suffix, ok := environment(profile); !ok || name != wish.Profile+suffix { // somebody made it by hand
			continue
		}
		if _, err := p.file.Remove(name); err != nil {
			return err
		}
		p.Names = append(p.Names, name)
	}
	return nil
}

// Mend is the command that writes a profile's line anew. Not ok: setup would refuse to, for somebody made the profile by hand.
func Mend(profile *awsconfig.Profile) (command string, ok bool) {
	if _, other := profile.Otherwise(asked); !other {
		return "whichrole setup --profile " + problem.Quote(profile.Name), true
	}
	args, suffix, ok := environment(profile)
	first, ofOurs := strings.CutSuffix(profile.Name, suffix)
	if !ok || !ofOurs || first == "" {
		return "", false
	}
	command = "whichrole setup --per-env"
	if len(args) == 5 {
		command += " --accounts " + problem.Quote(strings.TrimPrefix(args[3], "account="))
	}
	return command + " --profile " + problem.Quote(first) + " -C REPOSITORY", true
}

// environment is the command line that perEnvironment gives a profile, and what it adds to the name of the first one. Not ok: it is
// not one that perEnvironment makes.
func environment(profile *awsconfig.Profile) (args []string, suffix string, ok bool) {
	s, _ := profile.Get("credential_process")
	words := strings.Fields(s.Text())
	switch {
	case len(words) == 4:
		args, suffix = ofEnvironment(words[2], "")
	case len(words) == 6:
		args, suffix = ofEnvironment(words[2], strings.TrimPrefix(words[4], "account="))
	default:
		return nil, "", false
	}
	_, other := profile.Otherwise(args...)
	return args, suffix, !other
}

// ofEnvironment is what a profile of an environment, and an account where that is not "", calls whichrole with, and how its name ends.
func ofEnvironment(name, account string) (args []string, suffix string) {
	if account == "" {
		return []string{"-e", name, asked}, "-" + name
	}
	return []string{"-e", name, "--set", "account=" + account, asked}, "-" + name + "-" + account
}

// region is the default of a new profile, "" for none.
func (p *Plan) region(b *broker.Broker, r broker.Request) string {
	for _, region := range []string{b.MapRegion(r), b.Env["AWS_REGION"], b.Env["AWS_DEFAULT_REGION"]} {
		if partition.IsRegion(region) {
			return region
		}
	}
	return p.files.Region(b.Env)
}
