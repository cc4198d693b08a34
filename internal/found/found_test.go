package found

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	"whichrole/internal/problem"
)

func TestOrigin(t *testing.T) {
	for o, want := range map[Origin]string{{File: "a/b.tf", Line: 3}: "a/b.tf:3", {File: "digger.yml"}: "digger.yml"} {
		if o.String() != want {
			t.Errorf("%s, want %s", o, want)
		}
	}
}

// The text was lost wherever one was printed: the place's String was its own.
func TestUnreadIsPrintedWithItsText(t *testing.T) {
	if text := fmt.Sprint(Unread{At: Origin{File: "a", Line: 1}, Text: "is computed"}); !strings.Contains(text, "a:1") || !strings.Contains(text, "is computed") {
		t.Error(text)
	}
}

func TestRemark(t *testing.T) {
	var r Role
	for _, text := range []string{"", "one", "", "two"} {
		r.Remark(text)
	}
	if r.Note != "one; two" {
		t.Errorf("%q", r.Note)
	}
}

func TestIsRole(t *testing.T) {
	for text, want := range map[string]bool{
		"arn:aws:iam::111111111111:role/x": true, "arn:aws-cn:iam::111111111111:role/path/x+=,.@-_": true,
		"": false, "x": false, "arn:aws:iam::1:role/x": false, "arn:moon:iam::111111111111:role/x": false, "arn:aws:iam:eu-west-1:111111111111:role/x": false, "arn:aws:iam::111111111111:role/<env>/x": false, "arn:aws:iam::111111111111:role/{env}": false, "arn:aws:iam::111111111111:user/x": false, "arn:aws:iam:::role/x": false, "arn:aws:sts::111111111111:role/x": false,
		"arn:aws:iam::${account}:role/x": false, "arn:aws:iam::111111111111:role/{{ x }}": false, "arn:aws:iam::<ACCOUNT>:role/x": false, "${{ vars.ROLE }}": false,
		"arn:aws:iam::111111111111:role/x\n": false, "arn:aws:iam::111111111111:role/%%TARGET%%": false, "arn:aws:iam::111111111111:role/\x1b": false,
		"arn:aws:iam::111111111111:role/" + strings.Repeat("x", 2048): false,
	} {
		if IsRole(text) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}

func TestIsNameAndIsRegion(t *testing.T) {
	for text, want := range map[string][2]bool{
		"terraform": {true, false}, "eu-west-1": {true, true}, "eu-west-1a": {true, false}, "moon-1": {true, false}, "a b": {}, "": {}, "x": {}, "A=b,c.d@e-f_g+": {true, false}, "${x}": {}, "Eu-west-1": {true, false},
		strings.Repeat("x", 64): {true, false}, strings.Repeat("x", 65): {}, "é-west-1": {},
	} {
		if got := [2]bool{IsName(text), IsRegion(text)}; got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func TestIsCredential(t *testing.T) {
	for name, want := range map[string]bool{"AWS_PROFILE": true, "AWS_ROLE_ARN": true, "AWS_REGION": false, "TF_LOG": false, "": false} {
		if IsCredential(name) != want {
			t.Errorf("%s: %v", name, !want)
		}
	}
}

func TestMisses(t *testing.T) {
	var m Misses
	if list := m.Sorted(); len(list) != 0 {
		t.Error(list)
	}
	m.Failed("b", &fs.PathError{Op: "open", Path: "/somewhere/b", Err: fs.ErrPermission})
	m.Failed("c", problem.New(problem.BadMap, "c:12:3: a is here twice"))
	m.Failed("d", problem.New(problem.BadMap, "d: larger than 1 MiB"))
	m.Failed("e", errors.New("odd"))
	for range 3 {
		m.Add(Origin{"a", 2}, "%s is computed", "role_arn")
	}
	m.Add(Origin{"a", 1}, "first")
	var got []string
	for _, u := range m.Sorted() {
		got = append(got, u.At.String()+" "+u.Text)
	}
	want := "a:1 first|a:2 role_arn is computed|b cannot be read: permission denied|c:12 a is here twice|d larger than 1 MiB|e cannot be read: odd"
	if strings.Join(got, "|") != want {
		t.Errorf("got %s", strings.Join(got, "|"))
	}
}

func TestMissesHaveAnEnd(t *testing.T) {
	var all Misses
	for i := range 2 * maxMisses {
		all.Add(Origin{"a", i % maxMisses}, "x")
	}
	if n := len(all.Sorted()); n != maxMisses {
		t.Errorf("%d, though all were told", n)
	}
	var m Misses
	for i := range 5 * maxMisses {
		m.Add(Origin{"a", i}, "x")
	}
	list := m.Sorted()
	if len(list) != maxMisses+1 || !strings.Contains(list[maxMisses].Text, "more than 1000") {
		t.Errorf("%d, %v", len(list), list[len(list)-1])
	}
}

func TestGlobs(t *testing.T) {
	var g Globs
	for _, tt := range []struct {
		pattern, name string
		want          bool
	}{
		{"/a/**", "/a", true}, {"/a/**", "/a/b/c", true}, {"/a/**", "/ab", false}, {"/a*", "/ab", true}, {"**", "x", true}, {"/{a,b}/c", "/b/c", true}, {"a/b", "a/b/c", false}, {"a/b", "a/b", true},
		{`\*`, "*", true}, {"[ab]x", "bx", true}, {"/", "/", true}, {"", "", true}, {"", "x", false},
	} {
		if !Valid(tt.pattern) || g.Match(tt.pattern, tt.name) != tt.want {
			t.Errorf("%q %q: %v", tt.pattern, tt.name, !tt.want)
		}
	}
	if g.Spent() {
		t.Error("spent")
	}
	for _, bad := range []string{"[", "{a", "[]", `\`, strings.Repeat("{a,b}", 10), strings.Repeat("x", 2000), strings.Repeat("{{a,b},", 9) + "c" + strings.Repeat("}", 9)} {
		if Valid(bad) {
			t.Errorf("%.30q", bad)
		}
	}
}

// The worst patterns that are valid, held against the longest directories, take seconds at most, and then the answer is no.
func TestGlobsAreBounded(t *testing.T) {
	deep := "/" + strings.Repeat(strings.Repeat("a", 30)+"/", 100)
	for _, pattern := range []string{
		"/" + strings.Repeat("**/*a*a*a/", 50) + "b", "/" + strings.Repeat("**/", 300) + "b", "/" + strings.Repeat("*a", 500) + "b",
		"/**/*{a,b,c,d,e,f,g,h,i,j}*{a,b,c,d,e,f,g,h,i,j}*{a,b,c,d,e,f,g,h,i,j}/x",
	} {
		var g Globs
		if !Valid(pattern) {
			t.Errorf("%.30s is not valid", pattern)
		}
		began, n := time.Now(), 0
		for ; !g.Spent() && n < 5_000_000; n++ {
			g.Match(pattern, fmt.Sprint(deep, n%1000))
		}
		if took := time.Since(began); took > 20*time.Second || g.Match("x", "x") && g.Spent() {
			t.Errorf("%.30s: %d in %v", pattern, n, took)
		}
		t.Logf("%.30s: %d in %v", pattern, n, time.Since(began))
	}
}

func TestLocated(t *testing.T) {
	for message, want := range map[string]string{
		"a.yml:3:5: wrong": "a.yml:3 wrong", "a.yml:3: wrong: x": "a.yml:3 wrong: x", "a.yml: wrong": "a.yml wrong", "a.yml:4 asks: x": "a.yml:4 asks: x", "a.yml:4:6 asks": "a.yml:4 asks", "wrong: 3: x": "a.yml wrong: 3: x", "3:4: x": "a.yml 3:4: x",
		"a.yml:3:5:7: x": "a.yml:3 7: x", "a.yml:": "a.yml ",
	} {
		if at, text := Located("a.yml", message); at.String()+" "+text != want {
			t.Errorf("%s: %s %s", message, at, text)
		}
	}
}
