package launch

import (
	"context"

	"whichrole/internal/problem"
)

// Keep serves what is wanted in this process, which waits for the command. There is no keeper here.
func Keep(k Keeping) (answer []byte, err error) {
	if k.Order == nil {
		return nil, nil
	}
	return k.Serve(context.Background(), k.Order)
}

// Apart is for unix alone, and so is Watch.
const Apart = "apart"

// Watch has nothing to do here: see Keep.
func Watch(bool, Serve) error {
	return problem.New(problem.Usage, "%s is not for this system", KeeperCommand)
}
