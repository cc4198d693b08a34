package output

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"whichrole/internal/creds"
	"whichrole/internal/problem"
)

// writes counts the calls of Write: SDKs that read a pipe in parts must never see half a line.
type writes struct {
	bytes.Buffer
	calls int
}

func (w *writes) Write(p []byte) (int, error) { w.calls++; return w.Buffer.Write(p) }

func TestProcessIsOneLineInOneWrite(t *testing.T) {
	c := creds.Credentials{
		AccessKeyID: "ASIAEXAMPLE", SecretAccessKey: creds.NewSecret("s/+<&>"), SessionToken: creds.NewSecret("t=="), AccountID: "012345678901",
	}
	end := time.Date(2026, 11, 22, 10, 21, 36, 999e6, time.FixedZone("CET", 3600))
	var w writes
	if err := Process(&w, c, end); err != nil {
		t.Fatal(err)
	}
	want := `{"Version":1,"AccessKeyId":"ASIAEXAMPLE","SecretAccessKey":"s/+\u003c\u0026\u003e","SessionToken":"t==","Expiration":"2026-11-22T09:21:36Z","AccountId":"012345678901"}` + "\n"
	if w.String() != want || w.calls != 1 {
		t.Errorf("%d writes:\n%s\nwant\n%s", w.calls, w.String(), want)
	}
}

func TestProcessOfLongTermKeysHasNoExpiration(t *testing.T) {
	var w writes
	if err := Process(&w, creds.Credentials{AccessKeyID: "AKIA", SecretAccessKey: creds.NewSecret("s")}, time.Time{}); err != nil {
		t.Fatal(err)
	}
	if want := `{"Version":1,"AccessKeyId":"AKIA","SecretAccessKey":"s"}` + "\n"; w.String() != want {
		t.Errorf("got %s want %s", w.String(), want)
	}
}

func TestPrintableShowsWhatATerminalWouldObey(t *testing.T) {
	for in, want := range map[string]string{
		"qa/vpc":             "qa/vpc",
		"größe":              "größe",
		"a\x1b[31mb":         `a\x1b[31mb`,
		"a\nb\tc":            `a\x0ab\x09c`,
		"\u202eevil":         `\xe2\x80\xaeevil`,
		"zero\u200bwidth":    `zero\xe2\x80\x8bwidth`,
		"\u2066x":            `\xe2\x81\xa6x`,
		"bad\xff\xfeutf8":    `bad\xff\xfeutf8`,
		"\u009b31m":          `\xc2\x9b31m`,
		"line\u2028sep":      `line\xe2\x80\xa8sep`,
		"replacement \ufffd": "replacement \ufffd",
		"a##[error]b#":       `a#\x23[error]b#`,
		"###":                `#\x23\x23`,
	} {
		if got := Printable(in); got != want {
			t.Errorf("Printable(%q) = %q, want %q", in, got, want)
		}
	}
}

// A directory may be named so; the raw bytes in --json would still reach the terminal of whoever runs it.
func TestJSONHoldsNoRawTerminalControls(t *testing.T) {
	in := map[string]string{"dir": "a\u009b31m\u202e\u200b\x1b\x7f\u2028\U000e0041ü\"<"}
	var w writes
	if err := JSON(&w, in); err != nil || w.calls != 1 {
		t.Fatalf("%v, %d writes", err, w.calls)
	}
	for _, r := range strings.TrimSuffix(w.String(), "\n") {
		if hidden(r) && r != '\n' {
			t.Errorf("%U stands raw in %s", r, w.String())
		}
	}
	var back map[string]string
	if err := json.Unmarshal(w.Bytes(), &back); err != nil || back["dir"] != in["dir"] {
		t.Errorf("%v: %q came back for %q", err, back["dir"], in["dir"])
	}
}

// actions/runner takes ##[add-mask] and Azure's agent ##vso[task.setvariable …] anywhere in a line: a directory of a pull
// request, shown in a log, set the variables of the next steps.
func TestNothingPrintedIsACommandToACISystem(t *testing.T) {
	const evil = "x/##vso[task.setvariable variable=LD_PRELOAD]/tmp/###[error]"
	var w writes
	if err := JSON(&w, map[string]string{"dir": evil}); err != nil {
		t.Fatal(err)
	}
	var back map[string]string
	if err := json.Unmarshal(w.Bytes(), &back); err != nil || back["dir"] != evil {
		t.Errorf("%v: %q came back", err, back["dir"])
	}
	for _, text := range []string{w.String(), Printable(evil)} {
		if strings.Contains(text, "##") {
			t.Errorf("a command stands in %s", text)
		}
	}
}

func TestExpandCannotRunAnythingFromAPrompt(t *testing.T) {
	values := map[string]string{"env": "$(rm -rf ~)`x`\x1b[2J\\w%n", "role_arn": "arn:aws:iam::111111111111:role/a+b=c,d.e@f-g_h"}
	got, err := Expand(`[{env}]\n{role_arn}`, values)
	if want := "[__rm_-rf____x___2J_w_n]\narn:aws:iam::111111111111:role/a+b=c,d.e@f-g_h"; err != nil || got != want {
		t.Errorf("got %q %v, want %q", got, err, want)
	}
}

func TestExpandNamesTheFields(t *testing.T) {
	for _, format := range []string{"{enw}", "{env", "{}"} {
		_, err := Expand(format, map[string]string{"env": "qa", "dir": "x"})
		p, ok := errors.AsType[*problem.Error](err)
		if !ok || p.Code != problem.Usage || !strings.Contains(p.Hint, "{dir}, {env}") {
			t.Errorf("%s: %v", format, err)
		}
	}
}

// Whatever the strings are, it is the JSON that encoding/json writes.
func TestProcessIsTheJSONOfTheLibrary(t *testing.T) {
	for _, s := range []string{"", "plain/+=", `"`, `\`, "<&>", "é", "\x00\n\x7f", "\u2028", "\xff", "~ !", strings.Repeat("x", 16<<10)} {
		for _, end := range []time.Time{{}, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)} {
			p := struct {
				Version         int
				AccessKeyID     string `json:"AccessKeyId"`
				SecretAccessKey string
				SessionToken    string `json:",omitempty"`
				Expiration      string `json:",omitempty"`
				AccountID       string `json:"AccountId,omitempty"`
			}{1, s, s, s, "", s}
			if !end.IsZero() {
				p.Expiration = "2026-01-02T03:04:05Z"
			}
			want, err := json.Marshal(p)
			if err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			if err := Process(&got, creds.Credentials{AccessKeyID: s, SecretAccessKey: creds.NewSecret(s), SessionToken: creds.NewSecret(s), AccountID: s}, end); err != nil {
				t.Fatal(err)
			}
			if got.String() != string(want)+"\n" {
				t.Errorf("%.60q: %.200s\nwant %.200s", s, got.String(), want)
			}
		}
	}
}
