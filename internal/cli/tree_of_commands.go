package cli

import (
	"strings"

	"whichrole/internal/completion"
	"whichrole/internal/scaffold"

	"github.com/alecthomas/kong"
)

// Tree is the command line, for completion and for the manual page: what is hidden is left out.
func Tree() (completion.Command, error) {
	parser, err := kong.New(&grammar{}, kong.Name("whichrole"))
	if err != nil {
		return completion.Command{}, err
	}
	return commandOf(parser.Model.Node), nil
}

func commandOf(n *kong.Node) completion.Command {
	c := completion.Command{Name: n.Name, Help: n.Help}
	for _, f := range n.Flags {
		if !f.Hidden {
			c.Flags = append(c.Flags, completion.Flag{Name: f.Name, Short: f.Short, Help: f.Help, Value: flagValue(f)})
		}
	}
	for _, arg := range n.Positional {
		if !arg.Tag.Hidden {
			c.Args = append(c.Args, argument(arg))
		}
	}
	for _, child := range n.Children {
		if !child.Hidden {
			c.Commands = append(c.Commands, commandOf(child))
		}
	}
	if n.DefaultCmd != nil {
		c.Default = n.DefaultCmd.Name
	}
	return c
}

// flagValue tells by its placeholder what a flag wants.
func flagValue(f *kong.Flag) completion.Value {
	if f.IsBool() {
		return completion.Value{}
	}
	v := completion.Value{Kind: completion.Text, Name: strings.Trim(f.FormatPlaceHolder(), `"`)}
	switch {
	case f.Enum != "":
		v.Kind, v.Words = completion.OneOf, f.EnumSlice()
	case v.Name == "OP":
		v.Kind, v.Words = completion.OneOf, []string{"plan", "apply", "state"}
	case v.Name == "SYSTEM":
		v.Kind, v.Words = completion.OneOf, scaffold.Systems()
	case v.Name == "DIR":
		v.Kind = completion.Dir
	case v.Name == "FILE":
		v.Kind = completion.File
	case f.Name == "env", f.Name == "profile", f.Name == "source":
		v.Kind = completion.Named
	}
	return v
}

func argument(arg *kong.Positional) completion.Value {
	v := completion.Value{Kind: completion.Text, Name: arg.Name}
	switch {
	case arg.Enum != "":
		v.Kind, v.Words = completion.OneOf, arg.EnumSlice()
	case arg.IsSlice():
		v.Kind = completion.Program
	}
	return v
}
