package awsconfig

import (
	"strings"

	"whichrole/internal/problem"
)

// The kinds of section that are kept; all others are read past, as the SDKs do.
const (
	kindMisplaced  = "misplaced" // [name] in the config file
	kindBare       = ""          // [default] in the config file
	kindProfile    = "profile"
	kindSSOSession = "sso-session"
	kindServices   = "services"
)

type fileKind bool

const (
	configFile      fileKind = false
	credentialsFile fileKind = true
)

type sectionID struct{ kind, name string }

type sections map[sectionID]*Section

// parser holds the state between two lines, as internal/ini of the AWS SDK for Go v2 (config 1.33) has it.
type parser struct {
	file     string
	kind     fileKind
	sections sections
	number   int      // of the line at hand
	headed   bool     // a header has been seen
	section  *Section // nil below a header of a kind that is not kept
	at       int      // index of the setting that an indented line belongs to, -1 for none
}

func parse(file, text string, kind fileKind) (sections, error) {
	if strings.HasPrefix(text, "\xff\xfe") || strings.HasPrefix(text, "\xfe\xff") {
		return nil, problem.New(problem.Failure, "%s:1: the file is UTF-16, and no AWS SDK reads that", file).
			WithHint("save it as UTF-8")
	}
	p := &parser{file: file, kind: kind, sections: sections{}, at: -1}
	rest := strings.TrimPrefix(text, "\ufeff")
	for rest != "" {
		var line string
		line, rest, _ = strings.Cut(rest, "\n")
		p.number++
		if err := p.line(strings.TrimSuffix(line, "\r")); err != nil {
			return nil, err
		}
	}
	return p.sections, nil
}

func (p *parser) line(line string) error {
	trimmed := strings.TrimSpace(line)
	if trimmed == "" || trimmed[0] == '#' || trimmed[0] == ';' {
		return nil
	}
	if trimmed[0] == '[' {
		if header, ok := headerOf(trimmed); ok {
			return p.header(header)
		}
	}
	if isBlank(line[0]) {
		p.indented(strings.TrimLeft(line, " \t"))
		return nil
	}
	if line[0] == '[' {
		return p.bad("a section header is one [name] on its line, without # or ; in the name")
	}
	key, value, ok := property(withoutComment(line))
	switch {
	case !ok:
		return p.bad("neither a [section] nor a key = value")
	case !p.headed:
		return p.bad("a setting before the first [section]")
	}
	p.add(key, value)
	return nil
}

// bad does not quote the line: it may hold a secret.
func (p *parser) bad(text string) error {
	return problem.New(problem.Failure, "%s: %s", position(p.file, p.number), text)
}

func (p *parser) header(header string) error {
	kind, name, ok := p.identify(header)
	if header == "" || ok && name == "" {
		return p.bad("a section without a name")
	}
	p.headed, p.section, p.at = true, nil, -1
	if !ok {
		if kind == "" { // its settings are not read; that it is here is worth a word to who looks for it
			p.sections[sectionID{kindMisplaced, name}] = &Section{Name: name, File: p.file, Line: p.number}
		}
		return nil
	}
	id := sectionID{kind, name}
	if p.sections[id] == nil {
		p.sections[id] = &Section{Kind: kind, Name: name, File: p.file, Line: p.number}
	}
	p.section = p.sections[id]
	return nil
}

// identify tells what a header names. Not ok: something that is not kept. The credentials file has bare names alone; in the
// config file a bare name is a profile only if it is default.
func (p *parser) identify(header string) (kind, name string, ok bool) {
	kind, name = splitHeader(header)
	typed := kind == kindProfile || kind == kindSSOSession || kind == kindServices
	if p.kind == credentialsFile {
		if kind != "" && !typed {
			name = kind + " " + name
		}
		return kindProfile, name, !typed
	}
	if typed {
		return kind, unquote(name), true
	}
	return kindBare, name, kind == "" && strings.EqualFold(name, "default")
}

// indented is a line that belongs to the setting above it: a nested setting where that one has no value, a further line of
// its value where it has one. A nested setting without a place is an ordinary one: whole sections are found indented.
func (p *parser) indented(line string) {
	key, value, ok := property(line)
	switch {
	case p.section == nil:
	case ok && p.at >= 0 && p.section.settings[p.at].Text() == "":
		above := &p.section.settings[p.at]
		above.Sub = append(above.Sub, p.setting(key, value))
	case ok:
		p.add(key, strings.TrimSpace(withoutComment(value)))
	case p.at >= 0 && p.section.settings[p.at].Text() != "":
		above := &p.section.settings[p.at]
		*above.text += "\n" + line
	}
}

func (p *parser) add(key, value string) {
	if p.section == nil {
		return
	}
	p.at = len(p.section.settings)
	p.section.settings = append(p.section.settings, p.setting(key, value))
}

func (p *parser) setting(key, value string) Setting {
	return Setting{Key: key, File: p.file, Line: p.number, text: &value}
}

// headerOf is the text between the brackets of a line that is [a header], blanks around it removed. A comment needs no
// blank before it here.
func headerOf(line string) (string, bool) {
	if i := strings.IndexAny(line, "#;"); i >= 0 {
		line = strings.TrimSpace(line[:i])
	}
	if len(line) < 2 || line[len(line)-1] != ']' {
		return "", false
	}
	return strings.TrimSpace(line[1 : len(line)-1]), true
}

// splitHeader cuts "profile   a b" into profile and "a b".
func splitHeader(header string) (kind, name string) {
	i := strings.IndexAny(header, " \t")
	if i < 0 {
		return "", header
	}
	return header[:i], strings.TrimLeft(header[i:], " \t")
}

// property cuts "key = value" or "key: value" and normalizes both sides. A line that starts with = has no key.
func property(line string) (key, value string, ok bool) {
	i := strings.IndexAny(line, "=:")
	if i < 0 {
		return "", "", false
	}
	key = strings.ToLower(strings.TrimSpace(line[:i]))
	return key, unquote(strings.TrimSpace(line[i+1:])), key != ""
}

// withoutComment cuts at the first # or ; that follows a blank.
func withoutComment(line string) string {
	for i := 1; i < len(line); i++ {
		if (line[i] == '#' || line[i] == ';') && isBlank(line[i-1]) {
			return line[:i-1]
		}
	}
	return line
}

func unquote(s string) string {
	if len(s) >= 2 && s[0] == s[len(s)-1] && (s[0] == '\'' || s[0] == '"') {
		return s[1 : len(s)-1]
	}
	return s
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }
