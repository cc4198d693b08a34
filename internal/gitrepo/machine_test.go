package gitrepo

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"whichrole/internal/problem"
)

func TestOtherMachine(t *testing.T) {
	const here = `C:\src\infra`
	tests := []struct {
		target, top string
		want        bool
	}{
		{`\\evil\share`, here, true}, {"//evil/share", here, true}, {`\/evil\share`, here, true}, {`/\evil/share`, here, true}, {`\\evil`, here, true},
		{`\\evil@8080\dav`, here, true}, {`\\evil.example@SSL\dav`, here, true}, {`\\10.0.0.1\c$`, here, true},
		{`\\?\UNC\evil\share`, here, true}, {`//?/UNC/evil/share`, here, true}, {`\\.\UNC\evil\share`, here, true}, {`\\.\pipe\x`, here, true}, {`\??\UNC\evil\share`, here, true},
		{`\\`, here, true}, {`\\\evil\share`, here, true},
		{`C:\src\main\.git`, here, false}, {`../.git/modules/x`, here, false}, {`..\main`, here, false}, {"/home/me/main/.git", "/home/me/qa", false},
		{`\main`, here, false}, {"main", here, false}, {"", here, false},
		// Whoever works on a share has asked its machine already.
		{"//NAS/src/main/.git", `\\nas\src\infra`, false}, {`\\nas2\src\main`, `\\nas\src\infra`, true},
		{`\\?\UNC\evil\share`, `\\?\UNC\nas\src`, true}, {`\\?\UNC\evil\share`, `\\?\C:\src`, true},
	}
	for _, tt := range tests {
		if got := otherMachine(tt.target, tt.top); got != tt.want {
			t.Errorf("%s from %s: %v", tt.target, tt.top, got)
		}
	}
}

// A prompt that asks for {branch} must not send the hash of the user's password wherever a repository says.
func TestGitFilesOnAnotherMachine(t *testing.T) {
	for _, target := range []string{`\\evil\share`, "//evil/share/x", `\\?\UNC\evil\share`, `\\.\UNC\evil\share`} {
		for name, files := range map[string]map[string]string{
			".git":      {".git": "gitdir: " + target + "\n"},
			"commondir": {".git/HEAD": "ref: refs/heads/main\n", ".git/commondir": target + "\n"},
		} {
			dir := t.TempDir()
			write(t, dir, files)
			_, err := Open(dir)
			if err == nil || !strings.Contains(err.Error(), name+" is not followed: it leads to another machine") || problem.CodeOf(err) != problem.Failure {
				t.Errorf("%s, %s: %v", name, target, err)
			}
		}
	}
}

func TestSymlinkToAnotherMachine(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	check(t, err)
	write(t, dir, map[string]string{"a/b/": "", "real/HEAD": "x"})
	for link, target := range map[string]string{
		"unc": `//evil/share`, "a/b/up": "../../hop", "hop": "unc", "loop": "loop", "abs": filepath.Join(dir, "hop"),
		"good": "real", "a/b/good": "../../good", "absgood": filepath.Join(dir, "a/b/good"),
	} {
		check(t, os.Symlink(target, filepath.Join(dir, link)))
	}
	for path, refused := range map[string]bool{
		"unc": true, "unc/HEAD": true, "a/b/up/HEAD": true, "abs": true,
		"good/HEAD": false, "a/b/good/HEAD": false, "absgood/HEAD": false, "loop": false, "gone/HEAD": false, "real/HEAD/x": false,
	} {
		if err := followed(filepath.Join(dir, path), dir); (err != nil) != refused {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// The commondir of a repository can be a symlink to any file: what stands there is not shown.
func TestSecretInPlaceOfCommondir(t *testing.T) {
	for _, secret := range []string{"s3cr3t", strings.Repeat("s3cr3t", 100), "s3cr3t\x1b"} {
		dir := t.TempDir()
		write(t, dir, map[string]string{".git/HEAD": "x", ".git/commondir": secret + "\n"})
		if err := everything(dir); err == nil || strings.Contains(err.Error(), "s3cr3t") || !strings.Contains(err.Error(), "commondir") {
			t.Errorf("%v", err)
		}
	}
}
