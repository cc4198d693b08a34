package broker

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"whichrole/internal/awsconfig"
	"whichrole/internal/failures"
	"whichrole/internal/mapfile"
	"whichrole/internal/modules"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
	"whichrole/internal/rolemap"
	"whichrole/internal/shadow"
	"whichrole/internal/terraform"
)

// failures are kept beside the trust records, nowhere where no state directory is known.
func (b *Broker) failures() failures.Store {
	s := failures.Store{Now: b.Now}
	if b.Dirs.State != "" {
		s.Dir = filepath.Join(b.Dirs.State, "failures")
	}
	return s
}

// Failed keeps the failure of a helper's call, for explain. It tells whether the person at the terminal should be told at
// once: Terraform's provider plugins hide what a helper says, and a run starts many of them.
func (b *Broker) Failed(r Request, err error) (tell bool) {
	doing := b.Doing()
	f := failures.Failure{Time: b.Now(), Dir: r.asked(), Code: problem.CodeOf(err), Message: err.Error(), Hint: problem.HintOf(err), Caller: doing.Caller}
	if d, _ := b.Decide(r); d.Grant != nil { // once more: what failed may have left nothing behind
		f.Environment, f.Operation = d.Grant.Environment, string(d.Grant.Operation)
	}
	store := b.failures()
	if last, found := store.Of(f.Dir, f.Operation); found && strings.HasPrefix(f.Message, last.Message) {
		f.Message = last.Message // without a note on when that was, which is out of date when it is read
	}
	if err := store.Record(f); err != nil {
		b.Log("this failure is not kept: %v", err)
	}
	if !doing.Plugin || doing.Run == "" {
		return doing.Plugin
	}
	return store.First(fmt.Sprintln(doing.Run, f.Code, f.Environment))
}

// physical is dir with its symlinks resolved, as far as that can be done.
func physical(dir string) string {
	if resolved, err := filepath.EvalSymlinks(dir); err == nil {
		return resolved
	}
	return filepath.Clean(dir)
}

// asked is the directory that a call counts for: Terragrunt's copies are many, and nobody looks into them.
func (r Request) asked() string { return mapfile.Cut(physical(r.Dir)) }

// asked is the same, from what was found.
func (d *Decision) asked() string {
	return filepath.Join(d.File.Root, filepath.FromSlash(d.File.Dir))
}

// LastFailure is the last failure of a helper's call in the request's directory, unless one succeeded there since.
func (b *Broker) LastFailure(r Request, d *Decision) (failures.Failure, bool) {
	f, found := b.failures().Of(r.asked(), terraform.Plan, terraform.Apply, terraform.State)
	if f.Code == problem.NotTrusted && d.Trust.Approved { // that has been mended
		return failures.Failure{}, false
	}
	return f, found
}

// elsewhere is how long a failure in another place is of interest.
const elsewhere = time.Hour

const fewFailures = 2 // are told of: they push the answer away

// FailuresElsewhere are the latest failures outside the repository of the request, for an IDE that was started in the home
// directory asks from there; and those below the request's directory, for terraform -chdir goes there.
func (b *Broker) FailuresElsewhere(r Request, d *Decision) (list []failures.Failure) {
	here := r.asked()
	top := here
	if d.File != nil && d.File.Top != "" {
		top = d.File.Top
	}
	for _, f := range b.failures().Recent(elsewhere) {
		below := f.Dir != here && paths.Contains(here, f.Dir)
		outside := !paths.Contains(top, f.Dir) && f.Code == problem.NoEnvironment // what fails in other repositories is of no interest here
		if (below || outside) && len(list) < fewFailures {
			list = append(list, f)
		}
	}
	return list
}

// Shadows are what keeps the SDKs here from asking whichrole, or has them ask as another.
func (b *Broker) Shadows(r Request) []shadow.Shadow {
	return shadow.Find(shadow.World{
		Env: b.Env, AWS: awsconfig.Once(b.Env, b.Dirs.Home),
		Module: func() (modules.Module, bool) {
			m, found, err := modules.Read(physical(r.Dir))
			return m, found && err == nil
		},
	})
}

// Others are the grants of the other operations, where they differ: what apply would get is of interest before it is run.
func (b *Broker) Others(d *Decision) (list []*rolemap.Grant) {
	for _, op := range []string{terraform.Plan, terraform.Apply, terraform.State} {
		t := d.Target
		t.Operation, t.Ask = rolemap.Operation(op), nil
		if d.Grant.Operation == rolemap.Apply { // the command at hand, whose role serves the state where it has none of its own
			t.Subcommand = rolemap.Apply
		}
		g, err := d.Map.Grant(t)
		if err == nil && g.Operation != d.Grant.Operation && (g.RoleARN() != d.Grant.RoleARN() || g.PermissionSet != d.Grant.PermissionSet) {
			list = append(list, g)
		}
	}
	return list
}
