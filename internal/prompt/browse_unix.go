//go:build !windows

package prompt

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"

	"whichrole/internal/child"
	"whichrole/internal/paths"
)

func openBrowser(env paths.Env, address string) error {
	err := fmt.Errorf("%w: no program that opens a browser is on PATH", ErrNobody)
	for _, name := range openers(env, runtime.GOOS) {
		path := name
		if !filepath.IsAbs(name) {
			path = child.Find(env, name)
		}
		if path == "" {
			continue
		}
		if err = child.Launch(env, path, address); err == nil {
			return nil
		}
	}
	return err
}

// openers are the programs that open a browser, the best first. BROWSER is the user's own choice; lists and command lines in
// it are for xdg-open.
func openers(env paths.Env, goos string) []string {
	var names []string
	if own := env["BROWSER"]; filepath.IsAbs(own) && !strings.ContainsAny(own, ": %") || own != "" && !strings.ContainsAny(own, ": %/") {
		names = append(names, own)
	}
	if goos == "darwin" {
		return append(names, "/usr/bin/open")
	}
	return append(names, "xdg-open", "x-www-browser", "wslview")
}
