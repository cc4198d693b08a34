package broker

import (
	"path/filepath"

	"whichrole/internal/mapfile"
	"whichrole/internal/trust"
	"whichrole/internal/userfile"
)

// judge asks whether the map that was read may be obeyed.
func (b *Broker) judge(r Request, d *Decision) error {
	store, err := b.trustStore(d.User)
	if err != nil {
		return err
	}
	d.Subject = trust.Subject{
		Path: d.File.Path, Checkout: checkout(d.File), Meaning: d.Map.Meaning(), Info: d.File.Info,
		Dir: dirOf(d.File), Files: files(d), Named: d.File.How == mapfile.Named, ByFlag: r.MapFlag != "", ByUserFile: d.File.How == mapfile.ByDirectory,
	}
	d.Trust = store.Judge(d.Subject)
	b.Log("trust: %s%s", d.Trust.How, d.Trust.Reason)
	return nil
}

// dirOf is the directory that a map which was found speaks for: that of Terrateam lies in one of its own.
func dirOf(f *mapfile.File) string {
	if f.How == mapfile.Found {
		return f.Root
	}
	return ""
}

// files are those beside the map that say what it means.
func files(d *Decision) []trust.File {
	list := make([]trust.File, 0, len(d.File.Policies)+1)
	for _, p := range d.File.Policies {
		list = append(list, trust.File{Path: p.Path, Info: p.Info})
	}
	if d.Beside != nil {
		list = append(list, trust.File{Path: d.Beside.Path, Info: d.Beside.Info})
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
