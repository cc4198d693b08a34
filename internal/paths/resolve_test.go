package paths

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestResolveTellsEachSymlink(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []string{"a/b", "c/d"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "a/f"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for link, target := range map[string]string{
		"a/b/up": "../f", "c/d/hop": "../../a/b/up", "dir": "a", "abs": filepath.Join(dir, "dir", "b", "up"), "loop": "loop", "gone": "none",
		"far": "a/b", "back": "far/../f", // far/.. is a, where the text alone would say the top
	} {
		if err := os.Symlink(filepath.FromSlash(target), filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]string{
		"a/f": "a/f", ".": ".", "a/b/up": "a/b/up a/f", "c/d/hop": "c/d/hop a/b/up a/f", "dir/b/up": "dir a/b/up a/f",
		"abs": "abs dir a/b/up a/f", "back": "back far a/f", "loop": "", "gone": "", "a/none": "", "a/f/x": "",
	} {
		var seen []string
		short := func(p string) { rel, _ := filepath.Rel(dir, p); seen = append(seen, filepath.ToSlash(rel)) }
		end, err := Resolve(filepath.Join(dir, path), func(link, _ string) error { short(link); return nil })
		short(end)
		if (err == nil) != (want != "") || err == nil && !slices.Equal(seen, strings.Fields(want)) {
			t.Errorf("%s: %q, %v; want %s", path, seen, err, want)
		}
		if real, err := filepath.EvalSymlinks(filepath.Join(dir, path)); want != "" && (err != nil || real != end) {
			t.Errorf("%s: %s, but EvalSymlinks says %s, %v", path, end, real, err)
		}
	}
	stop := errors.New("stop")
	if _, err := Resolve(filepath.Join(dir, "gone"), func(_, target string) error { return errors.New(target) }); err == nil || err.Error() != "none" {
		t.Errorf("%v; want what visit says, before the symlink is taken", err)
	}
	if _, err := Resolve(filepath.Join(dir, "dir/b/up"), func(link, _ string) error { return stop }); err != stop {
		t.Errorf("%v", err)
	}
}
