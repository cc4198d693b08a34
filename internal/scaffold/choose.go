package scaffold

import (
	"slices"
	"strings"

	"whichrole/internal/found"
	"whichrole/internal/modules"
	"whichrole/internal/problem"
)

// choose asks the systems in their order, or the one that is asked for: the first that is there counts, though no directory gets a
// role by it. A typo in its file must not lead to the roles of another one. Others are told, for they may be right, too.
func (s *scan) choose() (chosen system, said saying, others []other) {
	for _, x := range systems() {
		if s.o.From != "" && x.name != s.o.From {
			continue
		}
		now := x.read(s)
		if s.o.From == "" {
			now.loose = nil // of the user's profiles, only those that fit belong into a map for everybody
		}
		switch {
		case chosen.name != "" && len(now.Places) > 0:
			others = append(others, other{x.name, countDirs(now.Places)})
		case chosen.name != "":
		case len(now.Places)+len(now.loose) > 0 || x.silent(now) || x.name == names || s.o.From != "":
			chosen = x
			now.Unread = append(said.Unread, now.Unread...)
			said = now
		default:
			said.Unread = append(said.Unread, now.Unread...)
		}
	}
	return chosen, said, others
}

// silent tells that the system is there, and that no directory gets a role by it.
func (x system) silent(said saying) bool {
	if len(said.Places)+len(said.loose) > 0 {
		return false
	}
	return x.file && said.Existing || x.code && len(said.Unread) > 0
}

func countDirs(places []found.Place) int {
	dirs := map[string]bool{}
	for _, p := range places {
		dirs[p.Dir] = true
	}
	return len(dirs)
}

// Nothing is the cause of Make's error where nothing was found. Remarks are harmless lines that tell what may be the reason.
type Nothing struct{ Remarks []string }

func (n *Nothing) Error() string { return "nothing says a role" }

func because(said saying, leftOut []found.Unread) *Nothing {
	return &Nothing{slices.Concat(told(couldNotRead, said.Unread), told("left out", leftOut))}
}

// stop is the error for a system that is there and says nothing.
func (s *scan) stop(x system, said saying, others []other, leftOut []found.Unread) error {
	where := x.where
	if said.as != "" {
		where = said.as
	}
	why := ""
	switch {
	case len(said.Unread) > 0:
		why = ": not all of it could be read"
	case said.named:
		why = ", though it names roles"
	case s.otherMap() != "":
		why = ": " + s.otherMap()
	}
	err := problem.New(problem.NoEnvironment, "no directory of %s gets a role by %s%s", s.o.Root, where, why).Because(because(said, leftOut))
	switch {
	case said.branch:
		return err.WithHint("%s --dest-branch NAME", s.o.Again)
	case len(others) > 0:
		return err.WithHint("%s --from %s", s.o.Again, others[0].system)
	case s.o.From != "": // the others were not asked
		return err.WithHint("%s", s.o.Again)
	}
	return err.WithHint("%s --from %s", s.o.Again, names)
}

// nothing is the error where there is nothing to be read of, nor to be written down.
func (s *scan) nothing(x system, said saying, leftOut []found.Unread) error {
	cause := because(said, leftOut)
	switch {
	case len(s.found.Modules) == 0:
		why := ""
		if other := s.otherMap(); other != "" {
			why = ": " + other
		}
		return problem.New(problem.NoEnvironment, "there is no root module below %s%s", s.o.Root, why).
			WithHint("whichrole init -C DIRECTORY, the one of your Terraform code").Because(cause)
	case x.name != names:
		return problem.New(problem.NoEnvironment, "%s says of no directory below %s which role it gets (looked for: %s)", x.name, s.o.Root, x.where).
			WithHint("%s", s.o.Again).Because(cause)
	}
	systems := Systems()
	return problem.New(problem.NoEnvironment, "nothing says which role belongs to which directory of %s (looked for: %s)", s.o.Root, strings.Join(systems[:len(systems)-1], ", ")).
		WithHint("%s --from %s", s.o.Again, names).Because(cause)
}

// otherMap names the first map that serves a part of the repository, "" for none.
func (s *scan) otherMap() string {
	for _, n := range s.found.Notes {
		if n.Kind() == modules.OtherMap {
			return remark(n.File) + " has a role map of its own"
		}
	}
	return ""
}
