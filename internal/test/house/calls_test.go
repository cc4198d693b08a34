package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The environment, the exit, the clock and the streams are arguments: only cli and main touch the real ones.
var forbidden = map[string][]string{
	"os.Getenv": {"cli"}, "os.LookupEnv": {"cli"}, "os.Environ": {"cli"}, "os.Setenv": {"cli"}, "os.Exit": {"cli"}, "os.Getwd": {"cli"},
	"os.Stdin": {}, "os.Stdout": {}, "os.Stderr": {}, "fmt.Print": {}, "fmt.Println": {}, "fmt.Printf": {}, "time.Now": {"cli"},
}

func TestOnlyCliTouchesEnvironmentClockAndStreams(t *testing.T) {
	files := 0
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		room := filepath.Base(filepath.Dir(path))
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(filepath.ToSlash(path), "/test/") {
			return err
		}
		files++
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, decl := range f.Decls {
			if _, isFunc := decl.(*ast.FuncDecl); !isFunc {
				noCompiling(t, set, decl)
			}
		}
		ast.Inspect(f, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			pkg, ok := sel.X.(*ast.Ident)
			if !ok {
				return true
			}
			if in, bad := forbidden[pkg.Name+"."+sel.Sel.Name]; bad && !slices.Contains(in, room) {
				t.Errorf("%s: %s.%s is not for %s", set.Position(n.Pos()), pkg.Name, sel.Sel.Name, room)
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 20 {
		t.Errorf("only %d files were looked at", files)
	}
}

// noCompiling: a pattern that is compiled at start costs every cached answer; those of assume cost 1 ms, a third of it.
func noCompiling(t *testing.T, set *token.FileSet, decl ast.Decl) {
	ast.Inspect(decl, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == "MustCompile" {
			t.Errorf("%s: compile it when it is first used", set.Position(n.Pos()))
		}
		_, isFunc := n.(*ast.FuncLit)
		return !isFunc
	})
}
