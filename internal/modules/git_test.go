package modules

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// git runs git as if it had no configuration but the repository's.
func git(t *testing.T, top, stdin string, args ...string) string {
	t.Helper()
	program, err := exec.LookPath("git")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("git is missing, and CI must not skip this")
		}
		t.Skip("git is missing: there is nothing to compare with")
	}
	cmd := exec.Command(program, args...)
	cmd.Dir = top
	cmd.Stdin = strings.NewReader(stdin)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + top, "GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_CONFIG_NOSYSTEM=1", "GIT_CEILING_DIRECTORIES=" + filepath.Dir(top)}
	out, err := cmd.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() != 1 || err != nil && !ok { // 1: nothing is ignored
		t.Fatalf("git %v: %v", args, err)
	}
	return string(out)
}

// gitSays is what git ignores of these paths.
func gitSays(t *testing.T, top string, all []string) (ignored []string) {
	t.Helper()
	out := git(t, top, strings.Join(all, "\x00")+"\x00", "check-ignore", "--no-index", "-z", "--stdin")
	for name := range strings.SplitSeq(out, "\x00") {
		if name != "" {
			ignored = append(ignored, name)
		}
	}
	slices.Sort(ignored)
	return ignored
}

// weSay is what we ignore of all below top.
func weSay(t *testing.T, top string) (ignored, all []string) {
	t.Helper()
	r, err := newReader(context.Background(), top, top, usual())
	if err != nil {
		t.Fatal(err)
	}
	defer r.top.Close()
	w := newWalk(r, true)
	var look func(dir string, up *rules, lost bool)
	look = func(dir string, up *rules, lost bool) {
		if !lost {
			up = w.ignoreFile(dir, ".gitignore", up)
		}
		entries, err := os.ReadDir(filepath.Join(top, dir))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			name := path.Join(dir, e.Name())
			if name == ".git" {
				continue
			}
			all = append(all, name)
			gone := lost || w.ignored(up, name, e.IsDir())
			if gone {
				ignored = append(ignored, name)
			}
			if e.IsDir() {
				look(name, up, gone)
			}
		}
	}
	look(".", w.above(), false)
	if notes := r.notes.sorted(); len(notes) > 0 {
		t.Fatal(notes)
	}
	slices.Sort(ignored)
	return ignored, all
}

// grow makes directories of these names, in each some of these names, and in each of them a file and a directory with one.
func grow(t *testing.T, top string, names []string) {
	t.Helper()
	for i, a := range names {
		for j := range 5 {
			b := names[(i+j*j)%len(names)]
			write(t, top, path.Join(a, b, names[(i+j)%len(names)]), "")
			write(t, top, path.Join(a, b, names[(i+j+1)%len(names)], "x.tf"), "")
		}
	}
}

func plainNames() []string {
	names := []string{"a", "b", "ab", "ba", "a.b", "aab", "{a}", "{a,b}", "a b", "b ", "[a]", "#a", "!a", "-", "é", ".a", "A", "0", "]", "^"}
	if runtime.GOOS != "windows" {
		names = append(names, `a\b`, "a*", "?", "a\rb", "\x01", "\xff")
	}
	return names
}

func TestIgnoresAsGitDoes(t *testing.T) {
	top := t.TempDir()
	git(t, top, "", "init", "-q")
	grow(t, top, plainNames())
	for _, text := range []string{
		"a", "a/", "/a", "/a/", "a/b", "a/b/", "/a/b", "a//", "//a", "/", "//", "!", "!/", "", " ", "  a", "a ", "a  ", `a\ `, `a\  `, `b\ `, "b ", `a\\ `, "a\t", "\ta", "a\r", "a\r\r", "\ufeffa",
		"#a", `\#a`, `\!a`, "!a", "*\n!a", "*\n!a/", "*\n!*/", "a\n!a/b", "a/*\n!a/b", "/*\n!/a\n/a/*\n!/a/b", "**\n!a", "a/**\n!a/b/**",
		"*", "**", "***", "*/", "**/", "/*", "/**", "*/*", "*/**", "**/*", "**/**", "**/a", "**/a/**", "a/**", "a/**/b", "a/**/", "/**/a", "**/a/b", "a**", "a**/b", "/a**/*", "**b/a", "a/**b", "a/b**", "a***", "***/a", "a/***/b", "a/***",
		"?", "??", "a?b", "?/a", "a/?", "*a", "a*", "a*b", "*a*", "a*/b", "*/b", "*b/*a", "a.*", "*.b", ".*", "**.b", "a/*.b", "[[:upper:]]", "[![:upper:]]", "a/[[:alpha:]]", "[[:nope:]]", "[[:alpha:]", "[[:]", "[[:]]", "[:alpha:]", "[[:digit:]a]",
		"[ab]", "[!ab]", "[^ab]", "[a-b]", "[b-a]", "[]a]", "[]]", "[!]]", "[]", "[!]", "[^]", "[", "[a", "a[", "[a]", `\[a]`, `[\]]`, `[\`, `[a\`, "[a-]", "[-a]", "[--a]", "[!-a]", "[a-c-e]", `[\^]`, "[^^]", "[a^]", `[\a-\b]`, "[!a-z]", "[/]", "a[/]b", "a[!x]b", "a[.-0]b", "*/[!a]", "[]-a]", "[ -~]", "[!/]",
		"{a}", "{a,b}", "{a,b", "a}", `\{a}`, "*{a}", "{*}", "{?}", "{a}/b", "*,b}", `a\`, `a\\b`, `a\b`, `\a`, `a\/b`, `a/\b`, `a\*`, `\?`, `\*`, "\\\xff", "\xff", "\xfe", "é", "a\x00b", "\x01", "a\rb", "a\nb\r\n", "\r",
		".gitignore", "a/.gitignore", "./a", "../a", "a/./b", "A", "a\n\n\nb", "a#b", "a # b",
	} {
		write(t, top, ".gitignore", text)
		compare(t, top, text)
	}
}

func compare(t *testing.T, top string, rules ...string) {
	t.Helper()
	got, all := weSay(t, top)
	if len(all) < 100 {
		t.Fatalf("only %d paths to compare", len(all))
	}
	want := gitSays(t, top, all)
	if slices.Equal(got, want) {
		return
	}
	for _, name := range all {
		if we, they := slices.Contains(got, name), slices.Contains(want, name); we != they {
			t.Errorf("%q: %q is ignored: %v, by git: %v", rules, name, we, they)
			return
		}
	}
}

// Made-up rules in three files at once: the nearest one decides, and nothing in an ignored directory is wanted again.
func TestIgnoresAsGitDoesInNestedFiles(t *testing.T) {
	top := t.TempDir()
	git(t, top, "", "init", "-q")
	grow(t, top, []string{"a", "b", "ab", "a.b", "c", "{a}"})
	r := rand.New(rand.NewPCG(1, 2))
	ignoring := 0
	for range 250 {
		var texts []string
		for _, file := range []string{".gitignore", "a/.gitignore", "a/b/.gitignore", ".git/info/exclude"} {
			text := madeUp(r)
			write(t, top, file, text)
			texts = append(texts, text)
		}
		compare(t, top, texts...)
		if t.Failed() {
			return
		}
		if got, all := weSay(t, top); len(got) > 0 && len(got) < len(all) {
			ignoring++
		}
	}
	if ignoring < 100 {
		t.Errorf("only %d of the rules said anything", ignoring)
	}
}

func madeUp(r *rand.Rand) string {
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	var lines []string
	for range r.IntN(4) {
		line := pick("", "", "", "!", "!", "/", "#", `\`)
		for range 1 + r.IntN(5) {
			line += pick("a", "a", "b", "b", "c", "/", "/", "*", "**", "**/", "/**", "?", "[ab]", "[!a]", ".", "{a}", `\`, "[", "-", "]", " ")
		}
		lines = append(lines, line+pick("", "", "", "/", " ", "\r"))
	}
	text := strings.Join(lines, "\n") + pick("", "\n")
	return strings.ReplaceAll(text, `*\/`, "*/") // git makes half a slash of it
}

// Each class against each byte that a name can hold.
func TestClassesAreThoseOfGit(t *testing.T) {
	top := t.TempDir()
	git(t, top, "", "init", "-q")
	for b := 1; b < 256; b++ {
		c := string([]byte{byte(b)})
		if c == "/" || runtime.GOOS != "linux" && (b < ' ' || b > '~' || strings.ContainsAny(c, `<>:"|?*\`) || 'A' <= b && b <= 'Z' || c == " " || c == ".") {
			continue // elsewhere a system refuses it, or takes two for one
		}
		write(t, top, "x"+c+"y", "")
	}
	if runtime.GOOS != "linux" {
		grow(t, top, plainNames())
	}
	for _, class := range []string{"alnum", "alpha", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "xdigit"} {
		for _, rule := range []string{"x[[:" + class + ":]]y", "x[![:" + class + ":]]y", "/x[[:" + class + ":]_]y"} {
			write(t, top, ".gitignore", rule)
			compare(t, top, rule)
		}
	}
}
