package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
)

func TestWhatATerminalShowed(t *testing.T) {
	for name, c := range map[string]struct {
		text    string
		columns int
		want    [][]span
	}{
		"plain":                  {"a b", 10, [][]span{{{"a b", look{}}}}},
		"a colour over the line": {"\x1b[32mgreen\nstill", 10, [][]span{{{"green", look{colour: "green"}}}, {{"still", look{colour: "green"}}}}},
		"several at once":        {"\x1b[1;94mx\x1b[39my\x1b[22mz\x1b[2mq\x1b[mr", 10, [][]span{{{"x", look{"blue", true, false}}, {"y", look{bold: true}}, {"z", look{}}, {"q", look{dim: true}}, {"r", look{}}}}},
		"an empty line stays":    {"a\n\nb", 10, [][]span{{{"a", look{}}}, {}, {{"b", look{}}}}},
		"longer than the line":   {"abc\x1b[31mdefgh", 4, [][]span{{{"abc", look{}}, {"d", look{colour: "red"}}}, {{"efgh", look{colour: "red"}}}}},
		"letters, not bytes":     {"äöüß→", 4, [][]span{{{"äöüß", look{}}}, {{"→", look{}}}}},
	} {
		t.Run(name, func(t *testing.T) {
			lines, err := parse(c.text)
			if err != nil {
				t.Fatal(err)
			}
			if got := wrap(lines, c.columns); !reflect.DeepEqual(got, c.want) {
				t.Errorf("got  %v\nwant %v", got, c.want)
			}
		})
	}
}

func TestOtherSequencesAreNoPicture(t *testing.T) {
	for _, text := range []string{"\x1b[2J", "\x1b]0;title\a", "\x1b[38;5;3mx", "\x1b[31", "\x1b[4mx", "\x1b[3m"} {
		if lines, err := parse(text); err == nil {
			t.Errorf("%q is drawn as %v", text, lines)
		}
	}
}

func TestTheSVGIsWellFormed(t *testing.T) {
	var out bytes.Buffer
	if err := run(strings.NewReader("$ <b> & \"q\"\x1b[1;31m  so far   away\n\n\n"), &out, 30, `"a" <title>`); err != nil {
		t.Fatal(err)
	}
	var shown []string
	for d := xml.NewDecoder(bytes.NewReader(out.Bytes())); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, out.String())
		}
		if text, ok := token.(xml.CharData); ok && strings.TrimSpace(string(text)) != "" {
			shown = append(shown, string(text))
		}
	}
	if len(shown) != 5 || shown[0] != `"a" <title>` || shown[2] != `$ <b> & "q"` || shown[3] != "so far" || shown[4] != "away" {
		t.Errorf("it shows %q", shown)
	}
	// 16 + 8.4 × 13 columns, and one row high: empty lines at the end are no part of it.
	for _, part := range []string{`x="125.2" y="30" textLength="50.4" class="bold red">so far<`, `x="200.8" y="30"`, `viewBox="0 0 284 52"`} {
		if !strings.Contains(out.String(), part) {
			t.Errorf("%s is missing:\n%s", part, out.String())
		}
	}
}
