package broker

import (
	"errors"

	"whichrole/internal/awsconfig"
	"whichrole/internal/problem"
	"whichrole/internal/rolemap"
	"whichrole/internal/source"
	"whichrole/internal/userfile"
)

// First is where the first credentials come from, and why the entries before it were passed over.
type First struct {
	*source.Choice
	Notes []source.Note
}

// description is for messages, also where no source was found.
func (f First) description() string {
	if f.Choice == nil {
		return ""
	}
	return f.Description
}

// Source chooses the source of a decision's grant. It reads the AWS files and asks nobody. Where the grant is a permission set,
// the source is that one's.
func (b *Broker) Source(d *Decision) (First, error) {
	first, err := b.choose(d, entries(d.Grant.Sources), entries(d.User.Sources))
	if err != nil {
		return first, err
	}
	if d.Grant.PermissionSet != "" {
		first.Choice, err = first.For(d.Grant.Account, d.Grant.PermissionSet)
	} else {
		err = first.Whole()
	}
	if p, ok := errors.AsType[*problem.Error](err); ok {
		p.Message = "environment " + d.Grant.Environment + ": " + p.Message
	}
	return first, err
}

func (b *Broker) choose(d *Decision, lists ...[]source.Entry) (First, error) {
	choice, notes, err := source.Choose(b.world(d), lists...)
	return First{choice, notes}, err
}

func (b *Broker) world(d *Decision) source.World {
	env := b.Env.BeforeExec()
	world := source.World{
		Env: env, Home: b.Dirs.Home, AWS: awsconfig.Once(env, b.Dirs.Home), Aliases: d.User.Profiles, UserFile: userfile.Path(b.Dirs.Config),
	}
	if d.Grant != nil {
		world.Audience = d.Grant.Audience
	}
	return world
}

// hasToken tells whether the first credentials would be a token, for an imported map whose roles are reached in another way by
// one.
func (b *Broker) hasToken(d *Decision) (bool, error) {
	return source.HasToken(b.world(d), entries(d.Map.ImportedSources()), entries(d.User.Sources))
}

func entries(list []rolemap.Source) []source.Entry {
	out := make([]source.Entry, 0, len(list))
	for _, s := range list {
		out = append(out, source.Entry{Kind: s.Kind, Name: s.Name, Audience: s.Audience, Account: s.Account, PermissionSet: s.PermissionSet})
	}
	return out
}

// ShadowedBy lists what keeps SDKs from calling whichrole at all, as far as the environment tells (CONTRACT.md).
func (b *Broker) ShadowedBy() []string {
	list := []string{}
	if b.Env["AWS_ACCESS_KEY_ID"] != "" || b.Env["AWS_SECRET_ACCESS_KEY"] != "" {
		list = append(list, "AWS_ACCESS_KEY_ID is set: it beats AWS_PROFILE, and SDKs then never ask whichrole (a profile named by --profile or in the code still does)")
	}
	return list
}
