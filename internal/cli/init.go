package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"whichrole/internal/broker"
	"whichrole/internal/output"
	"whichrole/internal/problem"
	"whichrole/internal/prompt"
	"whichrole/internal/scaffold"
)

type initCmd struct {
	From  string `placeholder:"SYSTEM" help:"Take the roles from one system: terrateam, tfaction, digger, terragrunt, terraform, aws-config or names (a map to be filled in). Default: the first of these that is there."`
	Print bool   `xor:"yes,force" help:"Print the file and write nothing."`
	Yes   bool   `xor:"yes" help:"Write the file without asking."`
	Force bool   `xor:"force" help:"Replace a role map that is there. The old one is kept as .whichrole.yaml.bak."`
}

// Run shows the file first. It reads the repository and the AWS config file, and asks nobody else.
func (c *initCmd) Run(a *app) error {
	if a.options.Map != "" {
		return problem.New(problem.Usage, "init writes the role map of a repository, and --map names another file").WithHint("whichrole init --print > FILE")
	}
	if err := c.knowsSystem(); err != nil {
		return err
	}
	request, err := a.request()
	if err != nil {
		return err
	}
	root, top, err := scaffold.Root(request.Dir, a.dirs.Home)
	if err != nil {
		return err
	}
	if err := c.may(a, request, root); err != nil {
		return err
	}
	d, err := a.draft(scaffold.Options{
		Root: root, Top: top, Home: a.dirs.Home, Env: a.env, From: c.From, Again: c.anew(a, root),
		DestBranch: func() (string, error) {
			branch, _, err := a.broker().DestBranch(request, root, top)
			return branch, err
		},
	})
	if err != nil {
		return err
	}
	if err := c.asks(a, root); err != nil {
		return err
	}
	if c.Print {
		if asked, err := filepath.EvalSymlinks(request.Dir); err != nil || asked != root { // redirected into here it would speak of other directories
			line(a.stdout, "# for %s: the patterns count from there", filepath.Join(root, scaffold.Name))
		}
		a.show(d, "# ")
		return nil
	}
	return c.write(a, root, d)
}

func (c *initCmd) knowsSystem() error {
	names := scaffold.Systems()
	if c.From == "" || slices.Contains(names, c.From) {
		return nil
	}
	err := problem.New(problem.Usage, "--from %s: there is no such system", c.From)
	if near := problem.Nearest(c.From, names); near != "" {
		return err.WithHint("did you mean %s?", near)
	}
	return err.WithHint("the systems are %s", strings.Join(names, ", "))
}

// may refuses before the repository is looked through what would be refused after it.
func (c *initCmd) may(a *app, request broker.Request, root string) error {
	if c.Print {
		return nil
	}
	if path, elsewhere := a.broker().ServedElsewhere(request); elsewhere && filepath.Dir(path) != root {
		return problem.New(problem.Failure, "%s is the role map of this directory, by repositories: or WHICHROLE_MAP: one in %s would not be asked", path, root).
			WithHint("%s", c.again(a, root, "--print"))
	}
	old, err := scaffold.Existing(root)
	if err != nil || len(old) == 0 || c.Force {
		return err
	}
	return c.exists(a, root, scaffold.Exists(old[0]))
}

// exists adds the command that replaces the map.
func (c *initCmd) exists(a *app, root string, err error) error {
	if e, ok := errors.AsType[*problem.Error](err); ok && errors.Is(err, fs.ErrExist) {
		return e.WithHint("%s", c.again(a, root, "--force"))
	}
	return err
}

// asks tells that a person is there to be asked: otherwise nothing is shown either.
func (c *initCmd) asks(a *app, root string) error {
	if c.Print || c.Yes || !a.options.NoInput && prompt.HasTerminal() {
		return nil
	}
	return c.unasked(a, root)
}

func (c *initCmd) unasked(a *app, root string) *problem.Error {
	return problem.New(problem.Usage, "there is no terminal to ask on whether a role map is to be written into %s", root).
		WithHint("%s", c.again(a, root, "--yes"))
}

// again is the command line that does the same from anywhere, with these flags besides.
func (c *initCmd) again(a *app, root string, more ...string) string {
	if c.From != "" {
		more = append([]string{"--from " + c.From}, more...)
	}
	return c.anew(a, root, more...)
}

// anew is it with all the roles of another system.
func (c *initCmd) anew(a *app, root string, more ...string) string {
	words := []string{"whichrole init"}
	if a.options.Dir != "" {
		words = append(words, "-C "+problem.Quote(root))
	}
	if a.options.DestBranch != "" {
		words = append(words, "--dest-branch "+problem.Quote(a.options.DestBranch))
	}
	prints := c.Print || slices.Contains(more, "--print")
	if c.Print && !slices.Contains(more, "--print") {
		words = append(words, "--print")
	}
	if c.Force && !prints && !slices.Contains(more, "--force") {
		words = append(words, "--force")
	}
	return strings.Join(append(words, more...), " ")
}

// draft looks through the repository. Where nothing was found, what could not be read is told as well: it may be the reason.
func (a *app) draft(o scaffold.Options) (*scaffold.Draft, error) {
	progress := a.progress()
	defer progress.wipe()
	o.Progress = func(dirs int) { progress.tell("%d directories", dirs) }
	d, err := scaffold.Make(context.Background(), o)
	progress.wipe()
	if nothing, ok := errors.AsType[*scaffold.Nothing](err); ok {
		for _, r := range nothing.Remarks[:min(len(nothing.Remarks), 10)] {
			line(a.stderr, "%s", problem.Cut(r, 200))
		}
	}
	return d, err
}

// write shows the file and asks, or writes it and shows it then: what failed has nothing on stdout.
func (c *initCmd) write(a *app, root string, d *scaffold.Draft) error {
	if !c.Yes {
		a.show(d, "")
		if err := c.agrees(a, root); err != nil {
			return err
		}
	}
	path, backups, err := scaffold.Save(root, d.Text, c.Force)
	if err != nil {
		return c.exists(a, root, err)
	}
	if c.Yes {
		a.show(d, "")
	}
	fmt.Fprintln(a.stdout)
	for _, b := range backups {
		line(a.stdout, "kept: %s", b)
	}
	line(a.stdout, "written: %s", path)
	a.next(path, root, d)
	return nil
}

// show prints the file, and then what a person should know of it: as comments where both may go into a file.
func (a *app) show(d *scaffold.Draft, before string) {
	fmt.Fprint(a.stdout, d.Text)
	for i, r := range d.Remarks {
		if i == 0 {
			fmt.Fprintln(a.stdout)
		}
		line(a.stdout, "%s", before+r)
	}
}

func (c *initCmd) agrees(a *app, root string) error {
	terminal, err := prompt.Terminal()
	if err != nil {
		return c.unasked(a, root).Because(err)
	}
	defer terminal.Close()
	if !prompt.Confirm(terminal, fmt.Sprintf("write %s?", output.Printable(filepath.Join(root, scaffold.Name)))) {
		return problem.New(problem.Failure, "nothing was written")
	}
	return nil
}

// next are the steps that are left: the map is not trusted yet, and programs ask through a profile.
func (a *app) next(path, root string, d *scaffold.Draft) {
	trust, setup := "whichrole trust", "whichrole setup"
	if a.options.Dir != "" {
		trust += " -C " + problem.Quote(root)
		setup += " -C " + problem.Quote(root)
	}
	if d.Blank {
		line(a.stdout, "next: fill in the roles in %s, then: %s", path, trust)
	} else {
		line(a.stdout, "next: %s", trust)
	}
	if d.Caller != "" {
		line(a.stdout, "then: export AWS_PROFILE=%s, which calls whichrole already", problem.Quote(d.Caller))
		return
	}
	if d.Region != "" {
		setup += " --region " + problem.Quote(d.Region)
	}
	line(a.stdout, "then: %s", setup)
}
