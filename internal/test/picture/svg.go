package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// In pixels. A character of the fonts below is 0.6 of their size wide; where a font differs, textLength holds the columns.
const (
	size    = 14.0
	advance = 8.4
	leading = 20.0
	margin  = 16.0
)

// The colours have a contrast of at least 4.5 to their background (WCAG AA). They stand there without variables of CSS, which
// some renderers do not know; those that do not know dark pages draw the light one.
const head = `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="%s" viewBox="0 0 %g %g" width="%g" height="%g">
<title>%s</title>
<style>
text{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:%gpx;fill:#1f2328}
rect{fill:#f6f8fa;stroke:#d1d9e0}
.bold{font-weight:600}.dim{fill:#59636e}.red{fill:#b5202a}.green{fill:#116329}.yellow{fill:#7d4e00}.blue{fill:#0550ae}.magenta{fill:#8250df}.cyan{fill:#1b6c75}
@media (prefers-color-scheme:dark){
text{fill:#e6edf3}
rect{fill:#0d1117;stroke:#3d444d}
.dim{fill:#9198a1}.red{fill:#ff7b72}.green{fill:#56d364}.yellow{fill:#e3b341}.blue{fill:#79c0ff}.magenta{fill:#d2a8ff}.cyan{fill:#56d4dd}
}
</style>
<rect x="0.5" y="0.5" width="%g" height="%g" rx="8"/>
`

// words are what stands between two blanks or more, which are places and not text: renderers would make one blank of them.
var words = regexp.MustCompile(`\S+( \S+)*`)

// draw gives the rows as SVG.
func draw(rows [][]span, columns int, title string) []byte {
	width, height := 2*margin+advance*float64(columns), 2*margin+leading*float64(len(rows))
	var b bytes.Buffer
	fmt.Fprintf(&b, head, escaped(title), width, height, width, height, escaped(title), size, width-1, height-1)
	for i, row := range rows {
		column := 0
		for _, s := range row {
			for _, place := range words.FindAllStringIndex(s.text, -1) {
				text, start := s.text[place[0]:place[1]], column+utf8.RuneCountInString(s.text[:place[0]])
				fmt.Fprintf(&b, `<text x="%.1f" y="%g" textLength="%.1f"%s>%s</text>`+"\n", margin+advance*float64(start),
					margin+leading*float64(i)+size, advance*float64(utf8.RuneCountInString(text)), s.look.class(), escaped(text))
			}
			column += utf8.RuneCountInString(s.text)
		}
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

func (l look) class() string {
	var names []string
	if l.bold {
		names = append(names, "bold")
	}
	if l.dim {
		names = append(names, "dim")
	}
	if l.colour != "" {
		names = append(names, l.colour)
	}
	if names == nil {
		return ""
	}
	return ` class="` + strings.Join(names, " ") + `"`
}

func escaped(text string) string {
	var b bytes.Buffer
	xml.EscapeText(&b, []byte(text)) // a Buffer takes everything
	return b.String()
}
