package main

import (
	_ "embed"
	"fmt"
	"strings"

	"whichrole/internal/completion"
)

// What no command tells of itself, in the language of man(7).
var (
	//go:embed head.man
	head string
	//go:embed tail.man
	tail string
)

// page is the manual page in the language of man(7), which groff and mandoc both read.
func page(root completion.Command, version, date string) string {
	var b strings.Builder
	fmt.Fprintf(&b, ".TH WHICHROLE 1 \"%s\" \"%s\" \"User Commands\"\n", date, strings.TrimSpace("whichrole "+version))
	b.WriteString(head)
	b.WriteString(".SH COMMANDS\n")
	for _, c := range root.Commands {
		command(&b, "", c)
	}
	b.WriteString(".SH GLOBAL OPTIONS\nEvery command has these.\n")
	for _, f := range root.Flags {
		option(&b, f)
	}
	b.WriteString(tail)
	return b.String()
}

// command is one, and then those below it.
func command(b *strings.Builder, above string, c completion.Command) {
	name := strings.TrimSpace(above + " " + c.Name)
	var usage []string
	if len(c.Flags) > 0 {
		usage = append(usage, "[OPTION ...]")
	}
	for _, arg := range c.Args {
		usage = append(usage, argument(arg))
	}
	if len(c.Commands) > 0 {
		usage = append(usage, "COMMAND")
	}
	fmt.Fprintf(b, ".SS %s\n%s\n.PP\n.B whichrole %s\n", escaped(name), text(c.Help), escaped(name))
	if len(usage) > 0 {
		b.WriteString(escaped(strings.Join(usage, " ")) + "\n")
	}
	for _, f := range c.Flags {
		option(b, f)
	}
	for _, below := range c.Commands {
		command(b, name, below)
	}
}

func argument(v completion.Value) string {
	if v.Kind == completion.Program {
		return "[-- " + strings.ToUpper(v.Name) + " [ARGUMENT ...]]"
	}
	return "[" + strings.ToUpper(v.Name) + "]"
}

func option(b *strings.Builder, f completion.Flag) {
	name := "--" + f.Name
	if f.Short != 0 {
		name = "-" + string(f.Short) + ", " + name
	}
	tag := ".B " + escaped(name)
	if f.Value.Kind != completion.None {
		tag = ".BI \"" + escaped(name) + " \" " + escaped(f.Value.Name)
	}
	fmt.Fprintf(b, ".TP\n%s\n%s\n", tag, text(f.Help))
}

// text is running text, each sentence on a line of its own. A dot or a quote at the beginning of a line is no request.
func text(s string) string {
	lines := strings.SplitAfter(escaped(s), ". ")
	for i, line := range lines {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, ".") {
			line = `\&` + line
		}
		lines[i] = line
	}
	return strings.Join(lines, "\n")
}

// escaped has no character that roff reads in a way of its own: a hyphen stays one that can be pasted.
func escaped(s string) string {
	return strings.NewReplacer(`\`, `\e`, "-", `\-`, "\"", `\(dq`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`, "\n", " ").Replace(s)
}
