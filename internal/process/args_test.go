package process

import (
	"encoding/binary"
	"reflect"
	"strings"
	"testing"
)

func TestSplit(t *testing.T) {
	for _, tt := range []struct {
		text string
		cut  bool
		want []string
	}{
		{"", false, nil}, // the kernel's own, and who has ended
		{"", true, nil},
		{"a\x00b c\x00", false, []string{"a", "b c"}},
		{"a\x00\x00b\x00\x00", false, []string{"a", "", "b", ""}},
		{"\x00", false, []string{""}},
		{"postgres: writer", false, []string{"postgres: writer"}}, // written over
		{"a\x00apply", true, []string{"a"}},                       // it may be apply-not
		{"a\x00apply\x00", true, []string{"a", "apply"}},
		{"aaaa", true, nil},
	} {
		if got := split([]byte(tt.text), tt.cut); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%q: got %q, want %q", tt.text, got, tt.want)
		}
	}
}

// count is how procargs2 begins.
func count(n int) string {
	return string(binary.NativeEndian.AppendUint32(nil, uint32(n)))
}

func TestProcargs(t *testing.T) {
	const env = "HOME=/Users/me\x00SECRET=hunter2\x00"
	long := strings.Repeat("x", mostArgs-len("tf\x00plan\x00"))
	for story, tt := range map[string]struct {
		text, path string
		args       []string
	}{
		"as it is":                  {count(2) + "/opt/bin/terraform\x00\x00\x00\x00tf\x00plan\x00" + env, "/opt/bin/terraform", []string{"tf", "plan"}},
		"no padding":                {count(1) + "./terraform\x00tf\x00" + env, "./terraform", []string{"tf"}},
		"empty ones in between":     {count(3) + "/tf\x00\x00tf\x00\x00plan\x00" + env, "/tf", []string{"tf", "", "plan"}},
		"no arguments":              {count(0) + "/tf\x00\x00" + env, "/tf", nil},
		"fewer than none":           {count(-1) + "/tf\x00\x00tf\x00" + env, "/tf", nil},
		"four thousand million":     {count(0x7fffffff) + "/tf\x00tf\x00plan\x00", "/tf", []string{"tf", "plan"}},
		"nothing":                   {"", "", nil},
		"half a number":             {"\x01\x00", "", nil},
		"only a number":             {count(5), "", nil},
		"no end of the path":        {count(2) + "/opt/bin/terraf", "/opt/bin/terraf", nil},
		"no path":                   {count(1) + "\x00\x00\x00tf\x00", "", []string{"tf"}},
		"nothing but NULs":          {count(2) + "\x00\x00\x00\x00", "", nil},
		"no end of an argument":     {count(2) + "/tf\x00tf\x00pla", "/tf", []string{"tf"}},
		"one that fills the rest":   {count(3) + "/tf\x00tf\x00plan\x00" + long[1:] + "\x00", "/tf", []string{"tf", "plan", long[1:]}},
		"one that is a byte longer": {count(4) + "/tf\x00tf\x00plan\x00" + long + "\x00apply\x00", "/tf", []string{"tf", "plan"}},
	} {
		t.Run(story, func(t *testing.T) {
			path, args := procargs([]byte(tt.text))
			if path != tt.path || !reflect.DeepEqual(args, tt.args) {
				t.Errorf("got %q and %d: %.60q", path, len(args), args)
			}
		})
	}
}
