package launch

import (
	"context"

	"whichrole/internal/paths"
)

// KeeperCommand is the hidden command of ours that calls Watch.
const KeeperCommand = "exec-keeper"

// Serve begins to serve the command, until ctx ends, and answers at once with what the command must know (a URL). order is what
// it was asked for; both may hold secrets, and go through pipes alone. A nil Serve serves nothing.
type Serve func(ctx context.Context, order []byte) (answer []byte, err error)

// Keeping is what is wanted of a keeper.
type Keeping struct {
	Session *Session  // what is removed when the command ends; nil for nothing
	Order   []byte    // for Serve; nil where nothing is to be served. At most 1 MiB
	Env     paths.Env // of the keeper: what Serve needs, beside HOME and XDG_*
	Serve   Serve     // the same that the keeper's process gives Watch
}

const maxOrder, maxAnswer = 1 << 20, 64 << 10 // bytes
