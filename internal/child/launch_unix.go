//go:build !windows

package child

import (
	"os/exec"
	"syscall"
	"time"

	"whichrole/internal/paths"
)

// settle is what a program has to fail that is launched.
const settle = time.Second

// withheld is what must not live on in a program that outlives us, and in all that is started from it: keys, and a depth with
// which profiles would be refused there.
var withheld = []string{DepthVariable, "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"}

// Launch starts a program by its absolute path that is to outlive us, and does not wait for it: a browser. It has no streams
// and no terminal, and so no Ctrl-C that is typed for us ends it. Its environment is env without AWS keys. A program that fails
// at once is an error, a *Failure.
func Launch(env paths.Env, path string, args ...string) error {
	cmd := exec.Command(path, args...)
	cmd.Env = environ(env, withheld...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return failure(err, nil, false)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			return failure(err, nil, false)
		}
	case <-time.After(settle):
	}
	return nil
}
