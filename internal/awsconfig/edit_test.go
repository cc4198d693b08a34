package awsconfig

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"whichrole/internal/problem"
)

var update = flag.Bool("update", false, "write the diffs of testdata/edit anew, to be read one by one")

const line = "/usr/local/bin/whichrole credential-process"

var ours = []Pair{{"region", "eu-west-1"}, {"credential_process", line}}

// Each file of testdata/edit is one that somebody wrote by hand; the .diff beside it is all that may change in it.
func TestEditChangesOnlyWhatItMust(t *testing.T) {
	files, err := filepath.Glob("testdata/edit/*.config")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".config"), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			before := string(data)
			d := draft(t, before)
			set(t, d, "terraform", ours...)
			after := result(t, d)
			golden(t, strings.TrimSuffix(file, ".config")+".diff", "the file\n"+differences(before, after)+"as it is shown\n"+strings.Join(d.Diff(), "\n")+"\n")

			again := draft(t, after)
			set(t, again, "terraform", ours...)
			if twice := result(t, again); twice != after || len(again.Diff()) != 0 {
				t.Errorf("a second time it changes again:\n%s", differences(after, twice))
			}
			_, had := draft(t, before).before[sectionID{kindProfile, "terraform"}]
			if found, err := again.Remove("terraform"); err != nil || !found {
				t.Fatalf("removed: %v, %v", found, err)
			}
			if removed := result(t, again); !had && strings.TrimSuffix(strings.TrimSuffix(removed, "\n"), "\r") != strings.TrimSuffix(strings.TrimSuffix(before, "\n"), "\r") {
				t.Errorf("removed again it is not what it was:\n%s", differences(before, removed))
			}
		})
	}
}

func TestRemove(t *testing.T) {
	const section = "[profile terraform]\nregion = x\n# inside\ncredential_process = whichrole credential-process\n"
	tests := []struct{ name, before, after string }{
		{"alone", section, ""},
		{"with a byte order mark", "\ufeff" + section + "\n[a]\n", "\ufeff\n[a]\n"},
		{"at the end", "[default]\nregion = y\n\n" + section, "[default]\nregion = y\n"},
		{"in between", "[default]\n\n" + section + "\n[profile a]\n", "[default]\n\n[profile a]\n"},
		{"comments around", "# above\n" + section + "\n# below\n[profile a]\n", "# above\n\n# below\n[profile a]\n"},
		{"no empty lines", "[default]\n" + section + "[profile a]\nregion = z", "[default]\n[profile a]\nregion = z"},
		{"nested", "[profile terraform]\ns3 =\n  a = b\n  # c\n[profile a]\n", "  # c\n[profile a]\n"},
		{"not there", "[default]\nregion = y", "[default]\nregion = y"},
		{"one like it", "[profile terraform2]\n[terraform]\n", "[profile terraform2]\n[terraform]\n"},
	}
	for _, tt := range tests {
		d := draft(t, tt.before)
		found, err := d.Remove("terraform")
		if err != nil || found != (tt.before != tt.after) {
			t.Errorf("%s: %v %v", tt.name, found, err)
		}
		if got := result(t, d); got != tt.after {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.after)
		}
	}
}

func TestSeveralAtOnce(t *testing.T) {
	before := "[profile b]\nregion = x\n\n[profile c]\noutput = json\n"
	d := draft(t, before)
	set(t, d, "a", Pair{"region", "y"})
	set(t, d, "b", Pair{"region", "y"}, Pair{"output", "text"})
	set(t, d, "a", Pair{"region", "z"})
	set(t, d, "new", ours...)
	if _, err := d.Remove("c"); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Remove("new"); err != nil {
		t.Fatal(err)
	}
	want := "[profile b]\noutput = text\nregion = y\n\n[profile a]\nregion = z\n"
	if got := result(t, d); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	shown := `@@ -2,4 +2,5 @@
-region = x
-
-[profile c]
-output = json
+output = text
+region = y
+
+[profile a]
+region = z`
	if got := strings.Join(d.Diff(), "\n"); got != shown {
		t.Errorf("shown:\n%s", got)
	}
}

func TestDefaultProfile(t *testing.T) {
	for before, after := range map[string]string{
		"":                   "[default]\nregion = x\n",
		"[default]\n":        "[default]\nregion = x\n",
		"[DEFAULT]\na = b\n": "[DEFAULT]\na = b\n\n[default]\nregion = x\n",
		"[default]\nregion = y\n[profile default]\n": "[default]\nregion = y\n[profile default]\nregion = x\n", // which hides the other
	} {
		d := draft(t, before)
		set(t, d, "default", Pair{"region", "x"})
		if got := result(t, d); got != after {
			t.Errorf("%q: %q, want %q", before, got, after)
		}
	}
}

// What an editor must decide is not decided here.
func TestUnclearFileIsLeftAlone(t *testing.T) {
	tests := []struct{ name, before, want string }{
		{"twice", "[profile terraform]\nregion = x\n[default]\n[profile terraform]\n", "[profile terraform] stands there twice: at config:1 and in line 4"},
		{"twice by quotes", "[profile terraform]\n[profile 'terraform']\n", "stands there twice: at config:1 and in line 2"},
		{"over several lines", "[profile terraform]\nregion = a\n  b\n", "config:2: region goes over several lines"},
		{"nested", "[profile terraform]\ncredential_process =\n  a = b\n", "config:2: credential_process goes over several lines"},
	}
	for _, tt := range tests {
		d := draft(t, tt.before)
		err := d.Set("terraform", ours...)
		if err == nil || !strings.Contains(err.Error(), tt.want) || problem.HintOf(err) == "" {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	for _, text := range []string{"\xff\xfe[\x00", "[profile a]\n[profile b\n", "text"} {
		if _, err := NewDraft("config", text); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}

// A value or name with a line of its own would be a setting, or a section, that nobody asked for.
func TestHostileValueAddsNoLine(t *testing.T) {
	for _, value := range []string{"a\nrole_arn = b", "a\n[profile b]", "a\n  b", "a # b", "\"a\"", " a", "a\r", ""} {
		for _, before := range []string{"", "[profile terraform]\nregion = x\n", "[profile terraform]\noutput = x\n"} {
			d := draft(t, before)
			if err := d.Set("terraform", Pair{"region", value}); err != nil {
				continue
			}
			if text, err := d.Text(); err == nil && value != "" {
				t.Errorf("%q became %q", value, text)
			}
		}
	}
	for _, name := range []string{"", "a b", "a]", "a\nb", "a#b", "-a", "a;b", "'a'", "a\x00", "a\u202eb", "a\xff", strings.Repeat("a", 129)} {
		if err := CheckName(name); problem.CodeOf(err) != problem.Usage {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, name := range []string{"terraform", "terraform-prod_1.2+x", "büro", "日本", "a@b", "team/a"} {
		if err := CheckName(name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// The diff goes to terminals and into issues.
func TestDiffShowsNoSecret(t *testing.T) {
	d := draft(t, `[profile a]
aws_secret_access_key = secret1
[profile terraform] # secret2
# aws_secret_access_key = secret3
password: secret4
region = eu-west-1 # not secret5
; token=secret6
# secret7
 # secret8: x
credential_process = whichrole credential-process	;secret9
scopes = secret10,
  secret11
  secret12 = x
output = json
# see the wiki
[profile b]
aws_secret_access_key = secret13`)
	if _, err := d.Remove("terraform"); err != nil {
		t.Fatal(err)
	}
	set(t, d, "z", Pair{"region", "x"})
	got := strings.Join(d.Diff(), "\n")
	want := "@@ -3,12 +2,0 @@\n-[profile terraform] # …\n-# …\n-password: …\n-region = eu-west-1 # …\n-; …\n-# …\n- # …\n" +
		"-credential_process = whichrole credential-process # …\n-scopes = …\n-  …\n-  …\n-output = json\n"
	if strings.Contains(got, "secret") || !strings.HasPrefix(got, want) {
		t.Errorf("shown:\n%s", got)
	}
}

// A comment that gets a line of its own is no less a secret.
func TestDiffOfAMendedLineShowsNoSecret(t *testing.T) {
	d := draft(t, "[profile terraform]\nregion = us-east-1 # secret1\ncredential_process = old credential-process ; secret2\n")
	set(t, d, "terraform", ours...)
	got := strings.Join(d.Diff(), "\n")
	if strings.Contains(got, "secret") || strings.Count(got, "# …") != 3 || strings.Count(got, "; …") != 1 {
		t.Errorf("shown:\n%s", got)
	}
}

// Whatever the file is: what is changed reads as asked, and the rest as before; or it is an error.
func FuzzEdit(f *testing.F) {
	files, err := filepath.Glob("testdata/edit/*.config")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data))
	}
	f.Fuzz(func(t *testing.T, before string) {
		d, err := NewDraft("config", before)
		if err != nil || d.Set("terraform", ours...) != nil {
			return
		}
		after, err := d.Text()
		if err != nil {
			return
		}
		for line := range strings.Lines(before) {
			if trimmed := strings.TrimRight(line, "\r\n"); !strings.Contains(after, trimmed) && !strings.Contains(line, "region") && !strings.Contains(strings.ToLower(line), "credential_process") &&
				strings.TrimPrefix(line, byteOrderMark) == line {
				t.Errorf("%q is lost", line)
			}
		}
		now, err := parse("config", after, configFile)
		if s, ok := now[sectionID{kindProfile, "terraform"}].Get("credential_process"); err != nil || !ok || s.Text() != "/usr/local/bin/whichrole credential-process" {
			t.Errorf("the profile is %v, %v", s, err)
		}
		if found, err := d.Remove("terraform"); !found || err != nil {
			t.Errorf("not removed: %v", err)
		}
	})
}

func draft(t *testing.T, text string) *Draft {
	t.Helper()
	d, err := NewDraft("config", text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func set(t *testing.T, d *Draft, name string, pairs ...Pair) {
	t.Helper()
	if err := d.Set(name, pairs...); err != nil {
		t.Fatal(err)
	}
}

func result(t *testing.T, d *Draft) string {
	t.Helper()
	text, err := d.Text()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(file); err != nil || string(want) != got {
		t.Errorf("%s: %v\n%s\nwant\n%s", file, err, got, want)
	}
}

// differences is what diff says, by the longest common subsequence of lines; it knows nothing of how the text was made.
func differences(before, after string) string {
	a, b := slices.Collect(strings.Lines(before)), slices.Collect(strings.Lines(after))
	common := make([][]int, len(a)+1)
	for i := range common {
		common[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if common[i][j] = max(common[i+1][j], common[i][j+1]); a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			}
		}
	}
	var out strings.Builder
	for i, j := 0, 0; i < len(a) || j < len(b); {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && common[i+1][j] >= common[i][j+1]:
			fmt.Fprintf(&out, "< %q\n", a[i])
			i++
		default:
			fmt.Fprintf(&out, "> %q\n", b[j])
			j++
		}
	}
	return out.String()
}
