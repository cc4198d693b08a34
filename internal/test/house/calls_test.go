package house

import (
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// forbidden is what reaches for environment, exit, clock, streams or the user behind the back of the caller: they are
// arguments. What a name stands for is the import path, then the name in it or * for all. After it come the files that may
// have it all the same, each with its reason.
var forbidden = map[string]map[string]string{
	"os.Environ": {"main.go": "hands it to cli"},
	"os.Args":    {"main.go": "hands it to cli"},
	"os.Stdout":  {"main.go": "hands it to cli", "man/main.go": "prints the page"},
	"os.Stderr":  {"main.go": "hands it to cli"},
	"os.Exit":    {"main.go": "with the code that cli returns"},
	"os.Getwd":   {"cli/options.go": "the directory, where -C names none"},
	"os.Getenv":  {}, "os.LookupEnv": {}, "os.ExpandEnv": {}, "os.Setenv": {}, "os.Unsetenv": {}, "os.Clearenv": {}, "os.Stdin": {},
	"os.Chdir": {"launch/run_unix.go": "the command that takes our place runs where -C says"},

	"fmt.Print": {}, "fmt.Println": {}, "fmt.Printf": {},

	"time.Now":   {"cli/cli.go": "hands the clock to all", "cli/within.go": "a context's deadline is of the real clock"},
	"time.Since": {},
	"time.Until": {"transport/do.go": "a context's deadline is of the real clock"},

	"os.UserHomeDir": {}, "os.UserConfigDir": {}, "os.UserCacheDir": {}, "os.TempDir": {}, // from variables, unlike paths.Find
	"os.Hostname": {
		"broker/variables.go": "the map's {host}",
		"instance/boot.go":    "names the boot where there is no boot id",
	},
	"os/user.*": {
		"broker/variables.go":       "the map's {user}: the OS account, not $USER",
		"paths/paths.go":            "a home where HOME is not set",
		"keystore/secretservice.go": "where godbus looks for the bus, and as it asks",
	},
}

func TestOnlyTheNamedFilesTouchEnvironmentClockAndStreams(t *testing.T) {
	used := map[string]bool{}
	for _, s := range sources(t) {
		names := importsOf(t, s)
		ast.Inspect(s.file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			pkg, ok := sel.X.(*ast.Ident)
			if !ok || names[pkg.Name] == "" {
				return true
			}
			for _, what := range []string{names[pkg.Name] + "." + sel.Sel.Name, names[pkg.Name] + ".*"} {
				in, bad := forbidden[what]
				if bad && in[s.name] == "" {
					t.Errorf("%s: %s is not for this file", s.set.Position(n.Pos()), what)
				}
				used[what+" "+s.name] = true
			}
			return true
		})
	}
	for what, in := range forbidden {
		for name := range in {
			if !used[what+" "+name] {
				t.Errorf("%s does not use %s: drop it from the table", name, what)
			}
		}
	}
}

var majorVersion = regexp.MustCompile(`^v\d+$`)

// importsOf is the file's import table: the name by which it calls a package → the path. Only of the standard library do the
// names matter, and there they are the path's last part.
func importsOf(t *testing.T, s source) map[string]string {
	names := map[string]string{}
	for _, spec := range s.file.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		name := path.Base(p)
		if majorVersion.MatchString(name) {
			name = path.Base(path.Dir(p))
		}
		if spec.Name != nil {
			name = spec.Name.Name
		}
		if name == "." {
			t.Errorf("%s: a dot import hides whose a name is", s.set.Position(spec.Pos()))
		}
		names[name] = p
	}
	return names
}

// A pattern that is compiled at start costs every cached answer; those of assume cost 1 ms, a third of it.
func TestNothingIsCompiledAtStart(t *testing.T) {
	for _, s := range sources(t) {
		for _, decl := range s.file.Decls {
			if _, isFunc := decl.(*ast.FuncDecl); !isFunc {
				noCompiling(t, s.set, decl)
			}
		}
	}
}

func noCompiling(t *testing.T, set *token.FileSet, decl ast.Decl) {
	ast.Inspect(decl, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && strings.HasPrefix(sel.Sel.Name, "MustCompile") {
			t.Errorf("%s: compile it when it is first used", set.Position(n.Pos()))
		}
		_, isFunc := n.(*ast.FuncLit)
		return !isFunc
	})
}
