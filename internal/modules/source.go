package modules

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	hcljson "github.com/hashicorp/hcl/v2/json"

	"whichrole/internal/problem"
)

// source is one file in HashiCorp's language or its JSON form.
type source struct {
	path string // from Root, with slashes
	json bool
	data []byte

	parsed bool
	body   hcl.Body // what could be read of it
}

// parse reads the file once. What is wrong with it is noted without a word of it: it may be a secret that stands there.
func (s *source) parse(r *reader) hcl.Body {
	if s.parsed {
		return s.body
	}
	s.parsed, s.body = true, hcl.EmptyBody()
	if r.ctx.Err() != nil {
		return s.body
	}
	if !spend(&r.parsed, int64(len(s.data))) {
		r.failed(s.path, errEnough)
		return s.body
	}
	body, fault := parse(s.data, s.json)
	if body != nil {
		s.body = body
	}
	if fault.Text != "" {
		fault.File = s.path
		r.notes.add(fault)
	}
	return s.body
}

// parse is the parser's, without its panics and its endless recursion.
func parse(data []byte, inJSON bool) (body hcl.Body, fault Note) {
	if inJSON {
		fault = notJSON(data)
	} else if fault = endless(data); fault.Text == "" {
		fault = tooHard(data)
	}
	if fault.Text != "" {
		return nil, fault
	}
	defer func() {
		if recover() != nil {
			body, fault = nil, Note{Text: "cannot be parsed"}
		}
	}()
	var file *hcl.File
	var diags hcl.Diagnostics
	if inJSON {
		file, diags = hcljson.Parse(data, "")
	} else {
		file, diags = hclsyntax.ParseConfig(data, "", hcl.InitialPos)
	}
	for _, d := range diags {
		if d.Severity == hcl.DiagError {
			fault.Text = "syntax error"
			if d.Subject != nil {
				fault.Line = d.Subject.Start.Line
			}
			break
		}
	}
	return file.Body, fault
}

// notJSON says where data stops to be JSON. Package json refuses what is nested 10,000 deep; what it takes the parser takes.
func notJSON(data []byte) (fault Note) {
	err := json.Unmarshal(data, new(json.RawMessage))
	if err == nil {
		return fault
	}
	fault.Text = "is not valid JSON"
	if wrong, ok := errors.AsType[*json.SyntaxError](err); ok {
		fault.Line = 1 + bytes.Count(data[:min(int(wrong.Offset), len(data))], []byte("\n"))
	}
	return fault
}

// endless says where a comment begins that does not end: the lexer would look for its end, and those of all that begin behind
// it, down to the end of the file. So it gets an end to find, which is a comment itself where none is open.
func endless(data []byte) (fault Note) {
	if !bytes.Contains(data[bytes.LastIndex(data, []byte("*/"))+1:], []byte("/*")) {
		return fault
	}
	tokens, _ := hclsyntax.LexConfig(slices.Concat(data, []byte("\n#*/\n")), "", hcl.InitialPos)
	for _, t := range tokens {
		if t.Type == hclsyntax.TokenComment && t.Range.End.Byte > len(data)+1 && bytes.HasPrefix(t.Bytes, []byte("/*")) {
			return Note{Line: t.Range.Start.Line, Text: "has a comment that does not end: not read"}
		}
	}
	return fault
}

// tooHard says where the parser would call itself too often (the stack of Go ends the process where it ends), or copy too
// much: for each line of a heredoc it copies those before.
func tooHard(data []byte) (fault Note) {
	most := 0
	for _, c := range []string{"{", "[", "(", "!", "-", "?", "*"} {
		most += bytes.Count(data, []byte(c))
	}
	if most <= maxNesting && len(data) <= smallFile {
		return fault
	}
	tokens, _ := hclsyntax.LexConfig(data, "", hcl.InitialPos)
	var h hardness
	for _, t := range tokens {
		if h.add(t) {
			return Note{Line: t.Range.Start.Line, Text: "is too deeply nested or too long a text: not read"}
		}
	}
	return fault
}

// hardness is what a row of tokens costs.
type hardness struct {
	depth  int // brackets that are open
	chain  int // what may nest without a bracket
	text   int // bytes of the literal that the last token belongs to
	copies int // bytes
}

// add tells whether it is too much with t.
func (h *hardness) add(t hclsyntax.Token) bool {
	switch t.Type {
	case hclsyntax.TokenStringLit, hclsyntax.TokenQuotedLit:
		h.text += len(t.Bytes)
		h.copies += h.text
		return h.copies > maxCopies
	case hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenOParen, hclsyntax.TokenTemplateInterp:
		h.depth++
	case hclsyntax.TokenTemplateControl:
		h.depth++
		h.chain++
	case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenTemplateSeqEnd:
		h.depth = max(h.depth-1, 0)
	case hclsyntax.TokenBang, hclsyntax.TokenMinus, hclsyntax.TokenQuestion, hclsyntax.TokenStar, hclsyntax.TokenDoubleColon:
		h.chain++
	}
	h.text = 0
	return h.depth > maxNesting || h.chain > maxChain || t.Type == hclsyntax.TokenNumberLit && len(t.Bytes) > maxValue
}

// text is the source of what can be deleted, with its indentation. It is "" where a secret may stand in it.
func (s *source) text(r hcl.Range) string {
	start, end := r.Start.Byte, r.End.Byte
	if s.json || start < 0 || end > len(s.data) || start >= end {
		return ""
	}
	if line := bytes.LastIndexByte(s.data[:start], '\n') + 1; len(bytes.TrimLeft(s.data[line:start], " \t")) == 0 {
		start = line
	}
	text := strings.ReplaceAll(string(s.data[start:end]), "\r\n", "\n")
	if mayHoldSecret(text) {
		return ""
	}
	if lines := strings.SplitN(text, "\n", maxLines+1); len(lines) > maxLines {
		text = strings.Join(lines[:maxLines-1], "\n") + "\n…"
	}
	return problem.Cut(text, maxText)
}

// mayHoldSecret is true for a little more than it need be, such as a role called token-service.
func mayHoldSecret(text string) bool {
	text = strings.ReplaceAll(strings.ToLower(text), "web_identity_token_file", "")
	for _, word := range []string{"access_key", "secret", "token", "password"} {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}

// mentions tells whether the file may hold a block of one of these names. With escapes any word can be written: in JSON the
// names themselves, elsewhere their labels.
func (s *source) mentions(names ...string) bool {
	return bytes.Contains(s.data, []byte(`\u`)) || bytes.Contains(s.data, []byte(`\U`)) || mentions(s.data, names...)
}

// mentions tells whether data may hold a block of one of these names: as a word of its own that is not assigned to.
func mentions(data []byte, names ...string) bool {
	for _, name := range names {
		for rest := data; ; {
			i := bytes.Index(rest, []byte(name))
			if i < 0 {
				break
			}
			after := rest[i+len(name):]
			whole := (i == 0 || !isWord(rest[i-1])) && (len(after) == 0 || !isWord(after[0]))
			next := bytes.TrimLeft(after, " \t")
			if whole && (len(next) == 0 || next[0] != '=') {
				return true
			}
			rest = after
		}
	}
	return false
}

func isWord(c byte) bool {
	return c == '_' || c == '-' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
