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
		w := wanted{name: wish.Profile + "-" + f.Environment, program: first.program, region: cmp.Or(f.Region, first.region)}
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
		if !strings.HasPrefix(name, wish.Profile+"-") || !isOfEnvironment(profile) {
			continue
		}
		if _, err := p.file.Remove(name); err != nil {
			return err
		}
		p.Names = append(p.Names, name)
	}
	return nil
}

// isOfEnvironment tells whether a profile is one that perEnvironment makes.
func isOfEnvironment(profile *awsconfig.Profile) bool {
	s, _ := profile.Get("credential_process")
	words := strings.Fields(s.Text())
	if len(words) < 4 || words[1] != "-e" || words[len(words)-1] != asked {
		return false
	}
	_, other := profile.Otherwise(words[1:]...)
	return !other
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
