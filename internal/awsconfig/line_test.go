package awsconfig

import "testing"

// Each SDK would read these paths in its own way, or none would find the program.
func TestPathThatSDKsReadDifferently(t *testing.T) {
	tests := []struct {
		path, goos string
		want       bool
	}{
		{"/usr/local/bin/whichrole", "linux", true},
		{"/opt/a-b_c.d+e@f,g/whichrole", "linux", true},
		{"/home/jörg/.local/bin/whichrole", "linux", true},
		{"/home/日本/whichrole", "darwin", true},
		{"whichrole", "linux", false},
		{"./whichrole", "linux", false},
		{"~/bin/whichrole", "linux", false},
		{"", "linux", false},
		{"/Users/me/My Tools/whichrole", "darwin", false},
		{"/a\tb", "linux", false},
		{"/a\u00a0b", "linux", false},
		{"/a'b", "linux", false},
		{`/a"b`, "linux", false},
		{"/a$b", "linux", false},
		{"/a~b", "linux", false},
		{"/a`b", "linux", false},
		{"/a\nb", "linux", false},
		{"/a\x00b", "linux", false},
		{"/a\x7fb", "linux", false},
		{`/a\b`, "linux", false},
		{"/a#b", "linux", false},
		{"/a;b", "linux", false},
		{"/a&b", "linux", false},
		{"/a(b", "linux", false},
		{"/a%b", "linux", false},
		{"/a=b", "linux", false},
		{"/a*b", "linux", false},
		{"/a\xffb", "linux", false},
		{"/a\u202eb", "linux", false},
		{`C:\tools\whichrole.exe`, "windows", true},
		{`C:/tools/whichrole.exe`, "windows", true},
		{`C:\PROGRA~1\whichrole.exe`, "windows", true},
		{`C:\Program Files\whichrole.exe`, "windows", false},
		{`C:\Users\jörg\whichrole.exe`, "windows", false},
		{`\\server\share\whichrole.exe`, "windows", false},
		{`C:whichrole.exe`, "windows", false},
		{`C:\a%b\whichrole.exe`, "windows", false},
		{`C:\a:b`, "windows", false},
		{`C:\tools\`, "windows", false},
		{"/usr/bin/whichrole", "windows", false},
	}
	for _, tt := range tests {
		if got := IsPlain(tt.path, tt.goos); got != tt.want {
			t.Errorf("%q on %s: %v", tt.path, tt.goos, got)
		}
	}
}

func TestLineIsOursOnlyAsItIsWritten(t *testing.T) {
	tests := []struct {
		line string
		args []string
		want string
	}{
		{"whichrole credential-process", []string{"credential-process"}, "whichrole"},
		{" /usr/bin/whichrole\tcredential-process ", []string{"credential-process"}, "/usr/bin/whichrole"},
		{`C:\x\WhichRole.EXE credential-process`, []string{"credential-process"}, `C:\x\WhichRole.EXE`},
		{"whichrole -e qa credential-process", []string{"-e", "qa", "credential-process"}, "whichrole"},
		{"whichrole -e qa credential-process", []string{"credential-process"}, ""},
		{"whichrole --map x.yaml credential-process", []string{"credential-process"}, ""},
		{"whichrole", []string{"credential-process"}, ""},
		{`"whichrole" credential-process`, []string{"credential-process"}, "whichrole"},
		{`"C:\my tools\whichrole.exe" credential-process`, []string{"credential-process"}, `C:\my tools\whichrole.exe`},
		{"'/opt/my tools/whichrole'\tcredential-process", []string{"credential-process"}, "/opt/my tools/whichrole"},
		{"'/opt/my tools/whichrole'x credential-process", []string{"credential-process"}, ""},
		{"'/opt/whichrole credential-process", []string{"credential-process"}, ""},
		{"'whichrole credential-process'", nil, ""},
		{"'", nil, ""},
		{"env A=1 whichrole credential-process", []string{"credential-process"}, ""},
		{"aws-vault exec x", []string{"credential-process"}, ""},
		{"", nil, ""},
	}
	for _, tt := range tests {
		if got, yes := Calls(tt.line, tt.args...); got != tt.want || yes != (tt.want != "") {
			t.Errorf("%q %q: %q, %v", tt.line, tt.args, got, yes)
		}
	}
}
