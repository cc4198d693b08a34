package broker

import (
	"cmp"

	"whichrole/internal/mapfile"
	"whichrole/internal/userfile"
)

// find reads the user's file and the map.
func (b *Broker) find(r Request, d *Decision) error {
	if err := b.user(d); err != nil {
		return err
	}
	return b.findMap(r, d)
}

// ServedElsewhere tells that a map of the user's choice serves the request's directory, and which: one beside it would not be asked.
func (b *Broker) ServedElsewhere(r Request) (path string, elsewhere bool) {
	d := &Decision{}
	if err := b.find(r, d); err != nil || d.File.How == mapfile.Found {
		return "", false
	}
	return d.File.Path, true
}

func (b *Broker) user(d *Decision) (err error) {
	d.User, err = userfile.Read(b.Dirs.Config, b.Dirs.Home)
	return err
}

// findMap also refuses a user's file that the judged repository brought along.
func (b *Broker) findMap(r Request, d *Decision) (err error) {
	d.File, err = mapfile.Find(mapfile.Search{
		Dir: r.Dir, Home: b.Dirs.Home, Named: cmp.Or(r.MapFlag, r.MapVariable), Repositories: repositories(d.User),
	})
	if err != nil {
		return err
	}
	b.Log("role map %s, %s", d.File.Path, d.File.How)
	return d.User.RefuseInside(d.File.Top)
}

func repositories(user userfile.Config) []mapfile.Repository {
	list := make([]mapfile.Repository, 0, len(user.Repositories))
	for _, r := range user.Repositories {
		list = append(list, mapfile.Repository{Dir: r.Directory, Remote: r.Remote, Map: r.Map})
	}
	return list
}
