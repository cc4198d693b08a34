package rolemap

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"whichrole/internal/strictyaml"
)

// spell is what a test compares: line:column code text | hint.
func spell(list []Finding) (lines []string) {
	for _, f := range list {
		lines = append(lines, fmt.Sprintf("%d:%d %s %s | %s", f.Line, f.Column, f.Code, f.Text, f.Hint))
	}
	return lines
}

func sameLines(t *testing.T, got, want []string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// Whoever mends one mistake of three and runs check again runs it three times.
func TestEachMistakeOfABrokenMapIsAFinding(t *testing.T) {
	_, err := Parse("/repo/.whichrole.yaml", []byte(`version: 1
accounts: {a: 1}
environments:
  qa:
    role_am: arn:aws:iam::222222222222:role/qa
    dirs: [../qa]
`), nil)
	sameLines(t, spell(Mistakes(err)), []string{
		`2:15 invalid accounts.a: an account number must be quoted: "1" | quote it: leading zeros are lost`,
		`5:5 invalid environments.qa: unknown key role_am | did you mean role_arn?`,
		`6:12 invalid environments.qa.dirs: pattern ../qa: ".." would leave the repository | `,
	})
	for _, f := range Mistakes(err) {
		if f.File != "/repo/.whichrole.yaml" {
			t.Error(f.File)
		}
	}
	if list := Mistakes(errors.New("no map")); list != nil {
		t.Error(list)
	}
}

// A file of a mebibyte of nonsense is a hundred lines, not 100,000.
func TestMistakesOfAHostileMapHaveAnEnd(t *testing.T) {
	_, err := Parse("m", []byte("version: 1\nenvironments: {e: {"+numbered(10_000, "k%d: 1")+"}}\n"), nil)
	if n := len(Mistakes(err)); n != strictyaml.MaxMistakes {
		t.Errorf("%d findings", n)
	}
}

func TestMoreThanAnyoneMendsIsNotTold(t *testing.T) {
	var list []Finding
	for i := range 250 {
		list = append(list, Finding{Code: Ties, File: "m", Line: 250 - i, Text: "t"})
	}
	once := Finding{Code: NeverWins, File: "a", Line: 9, Text: "n"}
	list = append(list, once, Finding{Code: UnusedAccount, File: "a", Line: 9, Text: "n"}, once) // of two modules with one file
	got := Tidy(list)
	if len(got) != 2+MaxFindings || got[0] != once || got[1].Code != UnusedAccount || got[2].Line != 1 || got[101].Line != 100 {
		t.Fatalf("%d findings: %+v", len(got), got)
	}
	if got[100].Text != "t" || got[101].Text != "t (and there are more of these)" {
		t.Errorf("%q, %q", got[100].Text, got[101].Text)
	}
}
