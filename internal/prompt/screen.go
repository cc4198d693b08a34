package prompt

import "whichrole/internal/paths"

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
