package child

import (
	"os"
	"path/filepath"
	"runtime"

	"whichrole/internal/paths"
)

// Find is the path of the program of that name on PATH, "" where there is none. Directories that are not absolute are left
// out: they would be a repository's.
func Find(env paths.Env, name string) string {
	dirs := env["PATH"]
	if runtime.GOOS == "windows" {
		name += ".exe"
		dirs += string(filepath.ListSeparator) + env["Path"] // its usual spelling there
	}
	for _, dir := range filepath.SplitList(dirs) {
		path := filepath.Join(dir, name)
		if filepath.IsAbs(dir) && isProgram(path) {
			return path
		}
	}
	return ""
}

func isProgram(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && (runtime.GOOS == "windows" || info.Mode().Perm()&0o111 != 0)
}
