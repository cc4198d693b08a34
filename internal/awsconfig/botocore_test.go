package awsconfig

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"whichrole/internal/problem"
)

func edited(t *testing.T, text string) (*File, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Edit(path)
}

// setup gave its line to [profile terraform], and the AWS CLI ran it for profile admin: an indented header is none to botocore. What
// is listed here was tried with botocore 1.43.
func TestFileThatBotocoreReadsOtherwise(t *testing.T) {
	const process = "credential_process = whichrole credential-process\n"
	tests := []struct{ name, text, want string }{
		{"indented header", "[profile admin]\nregion = a\n  [profile terraform]\n" + process, "config:3: the section [profile terraform] is a part of the setting above it"},
		{"indented header of another", "[profile terraform]\noutput = json\n\t[profile admin]\nrole_arn = x\n", "config:3: the section [profile admin] is a part"},
		{"indented behind a comment", "[profile admin]\nregion = a\n\n  # x\n  [profile terraform] # y\n", "config:5: the section"},
		{"form feed before a header", "[profile admin]\nregion = a\n\f[profile terraform]\n", "config:3: the section"},
		{"carriage return", "[profile terraform]\nregion = a\rrole_arn = x\n", "config:2: there is a carriage return"},
		{"carriage return before a header", "[profile admin]\r[profile terraform]\n", "config:1: "},
		{"two carriage returns", "[profile a]\r\r\n", "config:1: there is a carriage return"},
		{"blank in the brackets", "[profile a]\n[ profile terraform ]\n", "config:2: the AWS CLI knows no profile by the name terraform here"},
		{"continued by a setting", "[profile terraform]\n" + process + "  output = json\n", "config:3: this line would be a part of credential_process"},
		{"continued behind a comment", "[profile terraform]\n" + process + "\n  # note\n  output = json\n", "config:5: this line would be"},
		{"ours is a part of another", "[profile terraform]\noutput = json\n  " + process, "config:3: credential_process is a part of the setting above it"},
		{"section below an empty one", "[profile terraform]\n  [profile b]\nregion = x\n", "config:2: this line would be a part of credential_process"},
	}
	for _, tt := range tests {
		f, err := edited(t, tt.text)
		if err == nil {
			err = f.Set("terraform", ours...)
		}
		if problem.CodeOf(err) != problem.Failure || !strings.Contains(err.Error(), tt.want) || !strings.HasSuffix(problem.HintOf(err), ", in an editor") {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestDefaultThatBotocoreDoesNotKnow(t *testing.T) {
	for text, good := range map[string]bool{"[default]\n": true, "[default] # mine\n": true, "[ default]\n": false, "[default ]\n": false, "[profile default]\n": true} {
		f, err := edited(t, text)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Set("default", ours...); (err == nil) != good {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// With the section in between gone, [profile b] would be a part of profile a's region.
func TestRemoveJoinsNothing(t *testing.T) {
	for text, good := range map[string]bool{
		"[profile a]\nregion = x\n[profile terraform]\n  [profile b]\nregion = y\n": false,
		"[profile a]\nregion = x\n[profile terraform]\n[profile b]\nregion = y\n":   true,
		"[profile a]\nregion = x\n[ profile terraform]\n[profile b]\n":              false,
		"  [profile a]\n    region = x\n  [profile terraform]\n  [profile b]\n":     true,
	} {
		f, err := edited(t, text)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Remove("terraform"); (err == nil) != good {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// Files that people indent as a whole are theirs to keep.
func TestIndentedFileThatBotocoreReadsAlike(t *testing.T) {
	for _, text := range []string{
		"  [default]\n    region = x\n\n  [profile terraform]\n    output = json\n    region = y\n",
		"[profile terraform]\n  region = y\n  output = json\r\n",
		"[profile corp]\nscopes = a,\n  b,\n  [not a header\n[profile terraform]\n",
		"[profile corp]\ns3 =\n  a = b\n",
		"[profile terraform]\ns3 =\n  a = b\nregion = x\n",
	} {
		f, err := edited(t, text)
		if err == nil {
			err = f.Set("terraform", ours...)
		}
		if err == nil {
			_, err = f.Save()
		}
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}
