// Package found is what the readers of other systems share: the shape of what these say of a repository's roles, and the ways to
// gather, compare and judge a repository's words for it.
package found

import (
	"fmt"
	"time"

	"whichrole/internal/modules"
)

// Origin is where something is said.
type Origin struct {
	File string // from the repository's root, with slashes; a file of the user's is absolute
	Line int    // from 1; 0 where the file as a whole is meant
}

// String is FILE:LINE.
func (o Origin) String() string {
	if o.Line == 0 {
		return o.File
	}
	return fmt.Sprintf("%s:%d", o.File, o.Line)
}

// Role is one role as another system says it. What is not said is zero. All texts are literal, and the repository's words:
// whoever writes them down checks and quotes them.
type Role struct {
	ARN         string
	Via         []string // role ARNs that are assumed before it, in order
	Region      string
	SessionName string
	ExternalID  string
	Duration    time.Duration
	From        Origin
	Note        string // what a reader of the map should know beside it, one line in our own words; "" for nothing
}

// Remark adds to the note. An empty text adds nothing.
func (r *Role) Remark(text string) {
	if r.Note != "" && text != "" {
		r.Note += "; "
	}
	r.Note += text
}

// Place is a directory in a workspace, and the roles that a system gives to it.
type Place struct {
	Dir       string // from the repository's root, with slashes; "." is the root
	Workspace string // "" for any
	Name      string // what the system calls the environment, "" where it has no name for it
	Plan      *Role  // nil: none is said
	Apply     *Role  // nil: none is said
	State     *Role  // nil: none is said
}

// Unread is something that bears on roles and could not be read: it is computed, or wrong.
type Unread struct {
	At   Origin
	Text string // why, one line
}

// Said is what one system says of the repository.
type Said struct {
	Places   []Place  // sorted by Dir, then Workspace
	Unread   []Unread // sorted by file and line
	Sources  []string // profiles of the user's AWS files that the roles are assumed from, the most used first
	OIDC     bool     // it runs on GitHub Actions, with its token
	Existing bool     // a file of the system is there at all
}

// Repository is what a reader may look at.
type Repository struct {
	Modules []modules.Module // root modules, sorted by Dir
	Code    []string         // directories with Terraform files that are no root modules, sorted
	// Read reads a regular file of at most 1 MiB by its name from the root, with slashes; no symlink leads out of the
	// repository. The error wraps fs.ErrNotExist where there is none.
	Read func(name string) ([]byte, error)
}
