package broker

import (
	"cmp"
	"path/filepath"

	"whichrole/internal/mapfile"
	"whichrole/internal/rolemap"
	"whichrole/internal/terraform"
	"whichrole/internal/trust"
	"whichrole/internal/userfile"
)

// find reads the user's file and the map, and refuses a user's file that the judged repository brought along.
func (b *Broker) find(r Request, d *Decision) error {
	user, err := userfile.Read(b.Dirs.Config, b.Dirs.Home)
	if err != nil {
		return err
	}
	d.User = user
	d.File, err = mapfile.Find(mapfile.Search{
		Dir: r.Dir, Home: b.Dirs.Home, Named: cmp.Or(r.MapFlag, r.MapVariable), Repositories: repositories(user),
	})
	if err != nil {
		return err
	}
	b.Log("role map %s, %s", d.File.Path, d.File.How)
	return user.RefuseInside(d.File.Top)
}

func repositories(user userfile.Config) []mapfile.Repository {
	list := make([]mapfile.Repository, 0, len(user.Repositories))
	for _, r := range user.Repositories {
		list = append(list, mapfile.Repository{Dir: r.Directory, Remote: r.Remote, Map: r.Map})
	}
	return list
}

// judge asks whether the map that was read may be obeyed.
func (b *Broker) judge(r Request, d *Decision) error {
	store, err := b.trustStore(d.User)
	if err != nil {
		return err
	}
	d.Subject = trust.Subject{
		Path: d.File.Path, Checkout: checkout(d.File), Meaning: d.Map.Meaning(), Info: d.File.Info,
		Files: policies(d.File), Named: d.File.How == mapfile.Named, ByFlag: r.MapFlag != "", ByUserFile: d.File.How == mapfile.ByDirectory,
	}
	d.Trust = store.Judge(d.Subject)
	b.Log("trust: %s%s", d.Trust.How, d.Trust.Reason)
	return nil
}

func policies(f *mapfile.File) []trust.File {
	list := make([]trust.File, 0, len(f.Policies))
	for _, p := range f.Policies {
		list = append(list, trust.File{Path: p.Path, Info: p.Info})
	}
	return list
}

func (b *Broker) trustStore(user userfile.Config) (trust.Store, error) {
	trusted, err := trust.ParseTrustedPaths(user.Path, user.TrustedPaths, b.Env[trust.PathsVariable])
	return trust.Store{Dir: filepath.Join(b.Dirs.State, "trust"), Home: b.Dirs.Home, TrustedPaths: trusted}, err
}

// checkout is the repository for which a map was named by its git remote: anybody can claim a remote, so each is approved
// for itself.
func checkout(f *mapfile.File) string {
	if f.How == mapfile.ByRemote {
		return f.Top
	}
	return ""
}

// Approve records that the user wants the examined map obeyed.
func (b *Broker) Approve(d *Decision) error {
	store, err := b.trustStore(d.User)
	if err != nil {
		return err
	}
	return store.Approve(d.Subject, b.Now())
}

// Revoke takes the approval of the request's map back, which need not be valid any more. It tells the map's path and
// whether there was an approval.
func (b *Broker) Revoke(r Request) (path string, found bool, err error) {
	d := &Decision{}
	if err := b.find(r, d); err != nil {
		return "", false, err
	}
	store, err := b.trustStore(d.User)
	if err != nil {
		return "", false, err
	}
	found, err = store.Revoke(d.File.Path, checkout(d.File))
	return d.File.Path, found, err
}

// resolve fills in where we are in Terraform's terms and asks the map.
func (b *Broker) resolve(r Request, d *Decision) error {
	d.Target = rolemap.Target{
		Dir: d.File.Dir, Workspace: r.Workspace, Operation: rolemap.Operation(r.Operation),
		Environment: r.Environment, EnvironmentVariable: r.EnvironmentVariable, Set: r.Set, Lookup: b.lookup(d),
	}
	d.WorkspaceFrom, d.OperationFrom = "--workspace or WHICHROLE_WORKSPACE", "--operation or WHICHROLE_OPERATION"
	if r.Operation == "" {
		d.Target.Operation, d.OperationFrom = rolemap.Plan, "nothing says more"
	}
	var err error
	if r.Workspace == "" {
		if d.Target.Workspace, d.WorkspaceFrom, err = terraform.Workspace(b.Env, d.File.Physical, d.File.Top); err != nil {
			return err
		}
	}
	d.Grant, d.Reasons, err = d.Map.Resolve(d.Target)
	return err
}
