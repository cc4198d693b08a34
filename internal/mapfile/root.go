package mapfile

import "whichrole/internal/problem"

// What a role map is called, and what it may be called as well; a Terrateam configuration likewise, from the directory that it
// speaks for, with slashes.
const (
	Name, NameShort           = mapName, mapNameShort
	Terrateam, TerrateamOther = terrateamDir + "/" + terrateamName, terrateamDir + "/" + terrateamNameShort
)

// Root is the directory that a map for dir is to be written into: git's top, else dir itself, both physical. top is git's, ""
// where there is none. dir is absolute; home is the user's, "" where there is none. Where Find would never look for a map, it is
// an error of code Usage.
func Root(dir, home string) (root, top string, err error) {
	p, err := locate(Search{Dir: dir, Home: home})
	if err != nil {
		return "", "", err
	}
	switch {
	case len(p.searched) == 0:
		return "", "", problem.New(problem.Usage, "a role map there would never be found: %s", p.end).
			WithHint("cd to the directory of your Terraform code, or give it by -C")
	case p.top != "":
		return p.top, p.top, nil
	}
	return p.dir, "", nil
}
