package failures

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"whichrole/internal/problem"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// newStore is one in a directory that is not there yet, at noon.
func newStore(t *testing.T) Store {
	t.Helper()
	return Store{Dir: filepath.Join(t.TempDir(), "state", "failures"), Now: func() time.Time { return noon }}
}

func at(s Store, now time.Time) Store {
	s.Now = func() time.Time { return now }
	return s
}

func record(t *testing.T, s Store, f Failure) {
	t.Helper()
	if err := s.Record(f); err != nil {
		t.Fatal(err)
	}
}

// refused is a failure as whichrole shows one.
func refused(dir string) Failure {
	return Failure{Dir: dir, Code: problem.Refused, Message: "AWS refused in " + dir, Hint: "run: whichrole explain", Environment: "qa", Caller: "terraform-provider-aws_v5.100.0_x5"}
}

func dirs(list []Failure) (names []string) {
	for _, f := range list {
		names = append(names, f.Dir)
	}
	return names
}

// firsts is how many of two processes of a run are first.
func firsts(s Store) (n int) {
	for range 2 {
		if s.First("run") {
			n++
		}
	}
	return n
}

func filesIn(t *testing.T, s Store) []string {
	t.Helper()
	entries, err := os.ReadDir(s.Dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestLastFailureOfADirectory(t *testing.T) {
	s := newStore(t)
	if f, ok := s.Of("/infra/qa"); ok {
		t.Errorf("before there is one: %+v", f)
	}
	record(t, s, refused("/infra/qa"))
	record(t, s, refused("/infra/production"))
	want := refused("/infra/qa")
	want.Time = noon
	if f, ok := s.Of("/infra/qa"); !ok || f != want {
		t.Errorf("%+v %v", f, ok)
	}
	second := refused("/infra/qa")
	second.Message, second.Time = "again", noon.Add(time.Minute)
	record(t, s, second)
	if f, ok := s.Of("/infra/qa"); !ok || f != second {
		t.Errorf("the second one: %+v %v", f, ok)
	}
	s.Forget("/infra/qa", "")
	s.Forget("/infra/qa", "")
	if f, ok := s.Of("/infra/qa"); ok {
		t.Errorf("after it went well: %+v", f)
	}
	if f, ok := s.Of("/infra/production"); !ok || f.Dir != "/infra/production" {
		t.Errorf("the other directory's: %+v %v", f, ok)
	}
	for _, dir := range []string{"/infra", "/infra/", "/infra/production/", "/infra/production/x", ""} {
		if f, ok := s.Of(dir); ok {
			t.Errorf("%q: %+v", dir, f)
		}
	}
}

func TestOnlyTheNewestFiftyAreKept(t *testing.T) {
	s := newStore(t)
	for i := range 60 {
		f := refused(fmt.Sprint("/infra/", i))
		f.Time = noon.Add(time.Duration(i-60) * time.Minute)
		record(t, s, f)
	}
	list := s.Recent(24 * time.Hour)
	if len(list) != 50 || list[0].Dir != "/infra/59" || list[49].Dir != "/infra/10" || len(filesIn(t, s)) != 50 {
		t.Errorf("%d, in %d files: %v", len(list), len(filesIn(t, s)), dirs(list))
	}
	if got := dirs(s.Recent(3 * time.Minute)); !slices.Equal(got, []string{"/infra/59", "/infra/58", "/infra/57"}) {
		t.Errorf("of the last three minutes: %v", got)
	}
	s.First("a run") // its marker takes nobody's place
	if list := s.Recent(24 * time.Hour); len(list) != 50 {
		t.Errorf("%d", len(list))
	}
}

// A failure that is written last is the last one, whatever the clock says meanwhile; and those from a future that the clock has
// left do not push out what happens now, for ever.
func TestClockGoesBackwards(t *testing.T) {
	s := newStore(t)
	for i := range 50 {
		record(t, at(s, noon.AddDate(1, 0, 0)), refused(fmt.Sprint("/future/", i)))
	}
	for i := range 3 {
		record(t, s, refused(fmt.Sprint("/now/", i)))
	}
	for i := range 3 {
		if _, ok := s.Of(fmt.Sprint("/now/", i)); !ok {
			t.Errorf("%d is not kept", i)
		}
	}
	if got := s.Recent(time.Hour); len(got) != 3 {
		t.Errorf("recent: %v", dirs(got))
	}
	if n := len(filesIn(t, s)); n != 50 {
		t.Errorf("%d files", n)
	}
	record(t, s, Failure{Time: noon.AddDate(-1, 0, 0), Dir: "/past", Code: 1, Message: "m"})
	if _, ok := s.Of("/past"); !ok {
		t.Error("the one that was written last is not kept")
	}
	record(t, s, refused("/a"))
	record(t, at(s, noon.Add(-time.Minute)), refused("/a"))
	if f, _ := s.Of("/a"); !f.Time.Equal(noon.Add(-time.Minute)) {
		t.Errorf("%v", f.Time)
	}
}

func TestWithoutAStateDirectoryNothingIsKept(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, dir := range []string{"", "relative", "./x"} {
		s := Store{Dir: dir, Now: func() time.Time { return noon }}
		if err := s.Record(refused("/a")); err != nil {
			t.Errorf("%q: %v", dir, err)
		}
		s.Forget("/a", "")
		if _, ok := s.Of("/a"); ok || s.Recent(time.Hour) != nil || firsts(s) != 2 {
			t.Errorf("%q: something is kept", dir)
		}
	}
	if left, _ := os.ReadDir("."); len(left) != 0 {
		t.Errorf("in the repository: %v", left)
	}
}

// Who looks is not who writes: a prompt that asks for failures makes no directories.
func TestLookingMakesNothing(t *testing.T) {
	s := newStore(t)
	s.Of("/a")
	s.Recent(time.Hour)
	s.Forget("/a", "")
	if _, err := os.Stat(filepath.Dir(s.Dir)); !os.IsNotExist(err) {
		t.Errorf("%v", err)
	}
}

func TestHostileDirectoryNames(t *testing.T) {
	s := newStore(t)
	names := []string{
		"/a/../../../etc/passwd", "/" + strings.Repeat("x/", 2000), "/a\x00b", "/a\nb", "/\x1b[2J", "/bad\xff\xfeutf8", "/bad\xff\xfdutf8", "/a/.new-x", "run-x", "/ü", "C:\\x", "CON",
	}
	for _, name := range names {
		record(t, s, refused(name))
	}
	for _, name := range names {
		if f, ok := s.Of(name); !ok || f.Dir != strings.ToValidUTF8(name, "\ufffd") {
			t.Errorf("%.40q: %.80q %v", name, f.Dir, ok)
		}
		s.Forget(name, "")
		if _, ok := s.Of(name); ok {
			t.Errorf("%.40q: still there", name)
		}
	}
	if left := filesIn(t, s); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

// AWS's words, and a map's, can be as long as they like and of any bytes: what is written is always read back.
func TestLongestFailureIsReadBack(t *testing.T) {
	s := newStore(t)
	for _, worst := range []string{"\xff", "\x01", "\u2028", "<", "é"} {
		many := strings.Repeat(worst, 100_000)
		f := Failure{Dir: "/" + strings.Repeat(worst, 4000/len(worst)), Code: 1, Message: many, Hint: many, Environment: many, Caller: many}
		record(t, s, f)
		got, ok := s.Of(f.Dir)
		if !ok || got.Message == "" || len(got.Message) > maxText || len(got.Hint) > maxText || len(got.Environment) > maxName || len(got.Caller) > maxName {
			t.Errorf("%q: %v, a message of %d bytes", worst, ok, len(got.Message))
		}
	}
	if err := s.Record(Failure{Dir: strings.Repeat("/x", maxFile), Code: 1, Message: "m"}); err == nil {
		t.Error("what is not read back was written")
	}
	if n := len(filesIn(t, s)); n != 5 {
		t.Errorf("%d files", n)
	}
}

func TestWhatIsNoFailureIsNotShown(t *testing.T) {
	s := newStore(t)
	record(t, s, refused("/a"))
	file := filepath.Join(s.Dir, nameOf("/a", ""))
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"empty": "", "half": string(good[:len(good)/2]), "null": "null", "a list": "[]", "another directory's": strings.Replace(string(good), `"/a"`, `"/b"`, 1),
		"no message": `{"dir":"/a","code":1}`, "no code": `{"dir":"/a","message":"m"}`, "code is text": `{"dir":"/a","code":"1","message":"m"}`,
		"no JSON": "\x7fELF", "deep": strings.Repeat("[", 100_000), "too large": `{"dir":"/a","code":1,"message":"` + strings.Repeat("x", maxFile) + `"}`,
	} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if f, ok := s.Of("/a"); ok {
			t.Errorf("%s: %.200v", name, f)
		}
	}
	if list := s.Recent(time.Hour); len(list) != 0 {
		t.Errorf("%.200v", list)
	}
	record(t, s, refused("/a"))
	if _, ok := s.Of("/a"); !ok {
		t.Error("not mended by the next one")
	}
}

// Damaged files do not live for ever: they are the first to go.
func TestWhatIsNoFailureIsSweptFirst(t *testing.T) {
	s := newStore(t)
	record(t, s, refused("/a"))
	for i := range 60 {
		if err := os.WriteFile(filepath.Join(s.Dir, digest(fmt.Sprint(i))+suffix), []byte("junk"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	record(t, s, refused("/b"))
	if list := s.Recent(time.Hour); len(list) != 2 || len(filesIn(t, s)) != 50 {
		t.Errorf("%v in %d files", dirs(list), len(filesIn(t, s)))
	}
}

func TestOneOfManyIsFirst(t *testing.T) {
	s := newStore(t)
	for _, run := range []string{"123-456789", "123-456790", "../../../etc/passwd", "/", "\x00", strings.Repeat("x", 1<<20)} {
		var wg sync.WaitGroup
		var first atomic.Int32
		for range 16 {
			wg.Go(func() {
				if s.First(run) {
					first.Add(1)
				}
			})
		}
		wg.Wait()
		if first.Load() != 1 {
			t.Errorf("%.20q: %d were first", run, first.Load())
		}
	}
	if n := len(filesIn(t, s)); n != 6 {
		t.Errorf("%d files", n)
	}
	for range 2 {
		if !s.First("") {
			t.Error("without a run all are first")
		}
	}
}

func TestMarkersOfOldRunsAreSwept(t *testing.T) {
	s := newStore(t)
	s.First("old")
	s.First("young")
	hour := func(h int) Store { return at(s, noon.Add(time.Duration(h)*time.Hour)) }
	for name, age := range map[string]int{".new-dead": -2, ".new-alive": 24} {
		path := filepath.Join(s.Dir, name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		then := noon.Add(time.Duration(age) * time.Hour)
		if err := os.Chtimes(path, then, then); err != nil {
			t.Fatal(err)
		}
	}
	if hour(23).First("young") || len(filesIn(t, s)) != 4 {
		t.Errorf("swept too early: %v", filesIn(t, s))
	}
	hour(23).First("another")
	record(t, hour(25), refused("/a"))
	if got := filesIn(t, s); len(got) != 3 || !slices.Contains(got, ".new-alive") || !slices.Contains(got, marker+digest("another")) {
		t.Errorf("%v", got)
	}
	if !hour(25).First("old") {
		t.Error("the marker of an old run counts")
	}
}

func TestManyProcessesRecordAtOnce(t *testing.T) {
	s := newStore(t)
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			for n := range 10 {
				f := refused(fmt.Sprint("/infra/", n%3))
				f.Message = strings.Repeat(fmt.Sprint(i), 2000)
				if err := s.Record(f); err != nil && runtime.GOOS != "windows" { // which replaces no file that is being read
					t.Error(err)
				}
				if f, ok := s.Of(f.Dir); ok && f.Message != strings.Repeat(f.Message[:len(f.Message)/2000], 2000) {
					t.Errorf("a part of one, and a part of another: %.80q", f.Message)
				}
				s.Forget(fmt.Sprint("/infra/", (n+1)%3), "")
			}
		})
	}
	wg.Wait()
	for _, name := range filesIn(t, s) {
		if !strings.HasSuffix(name, suffix) {
			t.Errorf("left behind: %s", name)
		}
	}
}

// A plan whose role was refused reads its state all the same, and so do two dozen remote states: explain had nothing to show.
func TestSuccessOfAnotherOperationForgetsNothing(t *testing.T) {
	s := newStore(t)
	plan, early := refused("/a"), refused("/a")
	plan.Operation, early.Time = "plan", noon.Add(-time.Minute)
	plan.Time = noon
	for _, f := range []Failure{early, plan} {
		if err := s.Record(f); err != nil {
			t.Fatal(err)
		}
	}
	s.Forget("/a", "state") // and what failed before an operation was known
	if f, ok := s.Of("/a", "plan", "apply", "state"); !ok || f.Operation != "plan" {
		t.Errorf("%+v, %v", f, ok)
	}
	if _, ok := s.Of("/a"); ok {
		t.Error("what was before that is still there")
	}
	s.Forget("/a", "plan")
	if _, ok := s.Of("/a", "plan", "apply", "state"); ok {
		t.Error("the plan's own success left it there")
	}
}

// A state that is a file, as where somebody has mistaken a path: nobody's command fails, and the person is told twice.
func TestStoreThatCannotBeWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{file, filepath.Join(file, "failures"), filepath.Join(file, "state", "failures")} {
		s := Store{Dir: dir, Now: func() time.Time { return noon }}
		if s.Record(refused("/a")) == nil {
			t.Errorf("%s: no error", dir)
		}
		s.Forget("/a", "")
		if _, ok := s.Of("/a"); ok || s.Recent(time.Hour) != nil || firsts(s) != 2 {
			t.Errorf("%s: something is kept", dir)
		}
	}
	if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() {
		t.Errorf("%v %v", info, err)
	}
}
