package broker

import (
	"cmp"

	"whichrole/internal/mapfile"
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
