package cli

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// ourLine finds a command line of ours in a text: up to what cannot be a word of it.
var ourLine = regexp.MustCompile("(?:^|[:;,] |run |or |then |[`(])(?:sudo )?whichrole((?: +[-A-Za-z0-9._/=%~'\"{}\\[\\]@:*+$]+)*)")

// A hint is there to be pasted: one that names a command or a flag that does not exist any more sends people the wrong way.
func TestEachHintIsACommandLineOfOurs(t *testing.T) {
	seen := 0
	for text, where := range hintsOf(t) {
		for _, m := range ourLine.FindAllStringSubmatch(text, -1) {
			seen++
			if err := understood(m[1]); err != nil {
				t.Errorf("%s: whichrole%s: %v", where, m[1], err)
			}
		}
	}
	if seen < 20 {
		t.Errorf("only %d hints with a command of ours were found: does the test still see them?", seen)
	}
}

// Each line of the README that begins as a command of ours.
func TestEachLineOfTheREADMEIsACommandLineOfOurs(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile("(?m)(?:^\\$ |- run: |^      |&& |\\$\\(|`)whichrole((?: [^`|>&()\\n]+)?)(?:`|$|[|>&)])")
	seen := 0
	for _, m := range line.FindAllStringSubmatch(string(text), -1) {
		words, _, _ := strings.Cut(m[1], "#")
		if words = strings.TrimSpace(words); strings.HasPrefix(words, ":") {
			continue
		}
		seen++
		if err := understood(words); err != nil {
			t.Errorf("README.md: whichrole %s: %v", words, err)
		}
	}
	if seen < 30 {
		t.Errorf("only %d lines were found", seen)
	}
}

var quoted = regexp.MustCompile(`"[^"]*"|'[^']*'`)

var verb = regexp.MustCompile(`%[-+#]?[a-z]`)

// understood parses words as our command line, without what is cut off or follows in prose.
func understood(text string) error {
	text, _, _ = strings.Cut(quoted.ReplaceAllString(text, "x"), " to ")
	text = strings.TrimSuffix(text, " 2") // of 2>/dev/null
	text = strings.TrimSuffix(text, " …")
	words := strings.Fields(verb.ReplaceAllString(strings.ReplaceAll(text, "…", "x"), "x"))
	for i, w := range words {
		words[i] = strings.Trim(w, `"'.:`)
	}
	if len(words) == 0 || words[0] == "" { // the program itself
		return nil
	}
	if slices.Contains(words, "--help") || words[0] == "help" || slices.Contains(words, "--version") {
		words = slices.DeleteFunc(words, func(w string) bool { return w == "--help" || w == "help" || w == "--version" })
		if len(words) == 0 || words[0] == "check" || words[0] == "setup" || words[0] == "x" {
			return nil
		}
	}
	_, _, err := parse(words, io.Discard, io.Discard)
	if err != nil { // what is filled in may be flags, or nothing
		_, _, err = parse(slices.DeleteFunc(words, func(w string) bool { return w == "x" }), io.Discard, io.Discard)
	}
	return err
}

// hintsOf is each text that is given to WithHint or a field Hint, and where.
func hintsOf(t *testing.T) map[string]string {
	t.Helper()
	hints := map[string]string{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && d.Name() == "test" {
			return cmpSkip(err)
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			for _, e := range hintExpressions(n) {
				if text, ok := literal(e); ok {
					hints[text] = set.Position(e.Pos()).String()
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return hints
}

func cmpSkip(err error) error {
	if err != nil {
		return err
	}
	return filepath.SkipDir
}

func hintExpressions(n ast.Node) []ast.Expr {
	switch n := n.(type) {
	case *ast.CallExpr:
		if s, ok := n.Fun.(*ast.SelectorExpr); ok && s.Sel.Name == "WithHint" {
			return n.Args
		}
	case *ast.KeyValueExpr:
		if key, ok := n.Key.(*ast.Ident); ok && (key.Name == "Hint" || key.Name == "Fix" || key.Name == "hint" || key.Name == "fix") {
			return []ast.Expr{n.Value}
		}
	case *ast.AssignStmt:
		if s, ok := n.Lhs[0].(*ast.SelectorExpr); ok && (s.Sel.Name == "Hint" || s.Sel.Name == "Fix") {
			return n.Rhs
		}
	}
	return nil
}

// literal is the text of an expression of literals; what else is added to them is x.
func literal(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil && e.Kind == token.STRING
	case *ast.BinaryExpr:
		left, isLeft := literal(e.X)
		right, isRight := literal(e.Y)
		if !isLeft {
			left = "x"
		}
		if !isRight {
			right = "x"
		}
		return left + right, isLeft || isRight
	}
	return "", false
}
