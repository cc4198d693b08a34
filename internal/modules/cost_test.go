package modules

import (
	"strings"
	"testing"
	"time"
)

// The text to delete was copied for each of a hundred thousand roles, of which a hundred are kept: 200 KB took 31 s.
func TestRolesWithoutEndAreNotAllCopied(t *testing.T) {
	within(t, time.Minute, "roles", func() {
		start := time.Now()
		m, _, _ := look(t, map[string]string{"main.tf": "provider \"aws\" {\n  assume_role = [" + strings.Repeat("0,", 100_000) + "]\n}\n"})
		if len(m.Own) != maxOwn {
			t.Errorf("%d kept", len(m.Own))
		}
		if d := time.Since(start); d > 15*time.Second {
			t.Errorf("took %v", d)
		}
	})
}

// The lexer looks for the end of a comment once for each beginning: 100 KB took 16 s, and 16 KB, read without a look, one.
func TestCommentsThatDoNotEndAreNotLookedForAgainAndAgain(t *testing.T) {
	for name, text := range map[string]string{
		"long":              strings.Repeat("/*,", 200_000),
		"short":             strings.Repeat("/*,", 5_000),
		"one":               aws + "/* x\n",
		"after others":      "/* a */" + aws + strings.Repeat("/*,", 100_000),
		"in what is filled": "a = \"${" + strings.Repeat("/*,", 100_000),
	} {
		within(t, time.Minute, name, func() {
			start := time.Now()
			_, fault := parse([]byte(text), false)
			if fault.Text != "has a comment that does not end: not read" || fault.Line == 0 {
				t.Errorf("%s: %+v", name, fault)
			}
			if d := time.Since(start); d > 5*time.Second {
				t.Errorf("%s took %v", name, d)
			}
		})
	}
}

// What looks like a comment in strings, heredocs and other comments is none.
func TestFilesFullOfResourceNamesAreRead(t *testing.T) {
	var text strings.Builder
	text.WriteString("# see https://x/*\nlocals {\n  arns = [\n")
	for range 2_000 {
		text.WriteString("    \"arn:aws:s3:::bucket-of-somebody-elses-team/*\",\n")
	}
	text.WriteString("  ]\n  policy = <<EOT\n{\"Resource\": \"arn:aws:s3:::x/*\"}\nEOT\n}\n// x/*\n" + aws + "# /*")
	if text.Len() < 100_000 {
		t.Fatal(text.Len())
	}
	m, found, notes := look(t, map[string]string{"main.tf": text.String(), "x.tf.json": `{"locals": {"a": "x/*"}}`, "small.tf": "locals {\n  a = \"arn:aws:s3:::x/*\"\n}\n"})
	if !found || m.File != "main.tf" || len(notes) > 0 {
		t.Errorf("%+v %v", m, notes)
	}
}

// The trees of sixteen files of 1 MiB in one directory took 3 GB at once.
func TestTreesOfADirectoryAreNotKept(t *testing.T) {
	top := repository(t, map[string]string{"a.tf": aws, "b.tf": aws + "locals {}\n", "c.tf": "# nothing\n"})
	r, err := newReader(t.Context(), top, top, usual())
	if err != nil {
		t.Fatal(err)
	}
	defer r.top.Close()
	d, err := r.open(".")
	if err != nil {
		t.Fatal(err)
	}
	defer d.root.Close()
	entries, _, err := d.list(10)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		d.add(e)
	}
	d.module()
	var kept []string
	for _, s := range d.files {
		if len(blocks(s.body, blockOf("provider", "name"))) > 0 {
			kept = append(kept, s.path)
		}
	}
	expect(t, "kept", kept, "b.tf")
	if len(d.files) != 2 {
		t.Errorf("%d files kept", len(d.files))
	}
}
