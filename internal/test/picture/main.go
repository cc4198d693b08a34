// Command picture draws what a terminal showed, as tmux's capture-pane -e prints it, as an SVG for light and dark pages.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	columns := flag.Int("columns", 100, "width of the terminal in characters: what is longer goes on in the next line")
	title := flag.String("title", "", "what the picture shows, for those who do not see it")
	flag.Parse()
	if err := run(os.Stdin, os.Stdout, *columns, *title); err != nil {
		fmt.Fprintln(os.Stderr, "picture:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer, columns int, title string) error {
	if columns < 1 {
		return fmt.Errorf("%d columns", columns)
	}
	text, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	lines, err := parse(string(bytes.TrimRight(text, "\n ")))
	if err != nil {
		return err
	}
	_, err = out.Write(draw(wrap(lines, columns), columns, title))
	return err
}
