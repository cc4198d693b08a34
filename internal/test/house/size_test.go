package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

const (
	maxFileLines = 250
	maxFuncLines = 40 // between its braces
)

// What is larger does more than one thing.
func TestFilesAndFunctionsAreShort(t *testing.T) {
	for _, s := range sources(t) {
		line := func(p token.Pos) int { return s.set.Position(p).Line }
		if n := s.set.File(s.file.FileStart).LineCount(); n > maxFileLines {
			t.Errorf("%s has %d lines, and %d are enough", s.name, n, maxFileLines)
		}
		for _, decl := range s.file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || f.Body == nil {
				continue
			}
			if n := line(f.Body.Rbrace) - line(f.Body.Lbrace) - 1; n > maxFuncLines {
				t.Errorf("%s: %s has %d lines, and %d are enough", s.set.Position(f.Pos()), f.Name.Name, n, maxFuncLines)
			}
		}
	}
}

// A source is one production file, whatever system it is for.
type source struct {
	name string // from internal, with slashes; main.go
	set  *token.FileSet
	file *ast.File
}

func sources(t *testing.T) []source {
	t.Helper()
	const internal = "../.."
	files, err := filepath.Glob("../../../*.go")
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(internal, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && path == filepath.Join(internal, "test") {
			return filepath.SkipDir
		}
		if err == nil && !d.IsDir() && strings.HasSuffix(path, ".go") {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var list []source
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		s := source{name: strings.TrimLeft(filepath.ToSlash(path), "./"), set: token.NewFileSet()}
		if s.file, err = parser.ParseFile(s.set, path, nil, parser.SkipObjectResolution); err != nil {
			t.Fatal(err)
		}
		list = append(list, s)
	}
	if len(list) < 80 {
		t.Fatalf("only %d files were looked at", len(list))
	}
	return list
}
