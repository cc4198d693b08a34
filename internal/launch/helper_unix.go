//go:build !windows

package launch

// shortName is for Windows alone.
func shortName(string) string { return "" }
