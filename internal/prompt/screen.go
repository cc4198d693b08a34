package prompt

import (
	"runtime"

	"whichrole/internal/paths"
)

// HasScreen tells whether Dialog and Browse have a screen that the person sits before.
func HasScreen(env paths.Env) bool { return hasScreen(env, runtime.GOOS) }

// hasScreen tells whether the person sits before a screen of this machine. Over SSH it is another machine's, and a dialog here
// would wait for nobody, as on a CI system, whose Macs and Windows machines have a screen too.
func hasScreen(env paths.Env, goos string) bool {
	for _, elsewhere := range []string{"SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY", "CI"} {
		if env[elsewhere] != "" && env[elsewhere] != "false" {
			return false
		}
	}
	return goos == "windows" || goos == "darwin" || env["DISPLAY"] != "" || env["WAYLAND_DISPLAY"] != ""
}
