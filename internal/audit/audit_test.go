package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"whichrole/internal/paths"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 123e6, time.UTC)

func logIn(t *testing.T) Log {
	t.Helper()
	return Log{Dir: filepath.Join(t.TempDir(), "state", "whichrole"), Now: func() time.Time { return noon }}
}

// full is a line in which everything is said.
func full() Line {
	return Line{
		Time: noon, Command: "credential-process", Environment: "production", Operation: "apply", RoleARN: "arn:aws:iam::111111111111:role/terraform-apply",
		PermissionSet: "Admin", Account: "111111111111", SessionName: "ann-production", AccessKeyID: "ASIAEXAMPLE000000001", Expires: noon.Add(time.Hour).Truncate(time.Second),
		Dir: "/home/ann/infra/production", Map: "/home/ann/infra/.whichrole.yaml", Caller: Caller{"terraform", 4711, "apply"}, From: FromSTS,
		RequestID: "8e2b1e4c-0000-4000-8000-000000000001", Overrides: []string{"--env", "WHICHROLE_MAP"}, Refused: "not trusted", Exit: 5,
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// lines reads all, and counts what is broken.
func lines(t *testing.T, l Log) (list []Line, broken int) {
	t.Helper()
	for line, err := range l.Read(time.Time{}, nil) {
		switch {
		case errors.Is(err, ErrBroken):
			broken++
		case err != nil:
			t.Fatal(err)
		default:
			list = append(list, line)
		}
	}
	return list, broken
}

func TestWhatIsAppendedIsRead(t *testing.T) {
	l := logIn(t)
	bare := Line{Environment: "qa"}
	for _, line := range []Line{full(), bare} {
		must(t, l.Append(line))
	}
	bare.Time = noon
	got, broken := lines(t, l)
	if want := []Line{full(), bare}; !reflect.DeepEqual(got, want) || broken != 0 {
		t.Errorf("got %+v\nwant %+v\n%d broken", got, want, broken)
	}
	if info, err := os.Stat(l.Path()); err != nil || paths.OpenToOthers(info) {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

// What is written by hand must be what encoding/json would write: no field is forgotten, and each under its name.
func TestLineIsTheJSONOfItsFields(t *testing.T) {
	v := reflect.ValueOf(full())
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			t.Fatalf("%s is not set in the test's line", v.Type().Field(i).Name)
		}
	}
	for _, line := range []Line{full(), {Time: noon}, {Time: noon, Caller: Caller{Name: "make"}}, {Time: noon, Overrides: []string{"--env"}}} {
		want, err := json.Marshal(line)
		must(t, err)
		if got := line.encode(); string(got) != string(want)+"\n" {
			t.Errorf("got  %swant %s", got, want)
		}
	}
}

func TestHostileTextStaysInItsLineAndField(t *testing.T) {
	for _, text := range []string{
		"a\nb", "\r", "\x1b[2J", `","role_arn":"arn:aws:iam::666666666666:role/evil`, `{"time":"2026-01-01T00:00:00.000Z"}`, `\`, `\u0022`, "\u202eabc", "\u200b",
		"\x00", "é ü 日本", "\U0001f600", "\u2028", "<script>&", "\x7f\u0085",
	} {
		line := Line{Time: noon, Dir: text, Refused: text, Overrides: []string{text}, Caller: Caller{Name: text, Subcommand: text}}
		data := line.encode()
		got, ok := decode(data)
		if !ok || !reflect.DeepEqual(got, line) {
			t.Errorf("%q became %+v", text, got)
		}
		for _, r := range string(data[:len(data)-1]) {
			if r < ' ' || r == 0x7f || r == '\u202e' || r == '\u200b' || r == '\u2028' || r == '\u0085' {
				t.Errorf("%q stands in the file as it is: %q", text, data)
			}
		}
	}
	if got, ok := decode(Line{Time: noon, Dir: "a\xffb"}.encode()); !ok || got.Dir != "a\ufffdb" {
		t.Errorf("bytes that are no UTF-8 became %q", got.Dir)
	}
}

func TestNoLineOutgrowsItsWrite(t *testing.T) {
	for _, c := range []string{"x", "\x01", "\U000e0001", `"`, "\xff"} {
		long := strings.Repeat(c, 10_000)
		line := full()
		v := reflect.ValueOf(&line).Elem()
		for i := range v.NumField() {
			if f := v.Field(i); f.Kind().String() == "string" {
				f.SetString(long)
			}
		}
		line.Caller, line.Overrides = Caller{long, 1 << 60, long}, strings.Fields(strings.Repeat(long+" ", 20))
		data := line.encode()
		if got, ok := decode(data); len(data) >= 4<<10 || !ok || got.Dir == "" || got.Time != noon {
			t.Errorf("%q: %d bytes, %v", c, len(data), ok)
		}
	}
	// One long text costs the short ones nothing.
	line := full()
	line.Refused = strings.Repeat("x", 100_000)
	if got, _ := decode(line.encode()); got.RoleARN != line.RoleARN || got.Dir != line.Dir || len(got.Refused) != maxText {
		t.Errorf("got %+v", got)
	}
}

func TestWithoutAHomeNothingIsKept(t *testing.T) {
	for _, dir := range []string{"", "state", "./x"} {
		t.Chdir(t.TempDir())
		l := Log{Dir: dir, Now: time.Now}
		must(t, l.Append(full()))
		if list, _ := lines(t, l); len(list) != 0 || l.Path() != "" {
			t.Errorf("%q: %v", dir, list)
		}
		if names, _ := os.ReadDir("."); len(names) != 0 {
			t.Errorf("%q: left %v in the working directory", dir, names)
		}
	}
}

func TestDirectoryInPlaceOfTheFile(t *testing.T) {
	l := logIn(t)
	must(t, os.MkdirAll(l.Path(), 0o700))
	if err := l.Append(full()); err == nil {
		t.Error("no error")
	}
	for _, err := range l.Read(time.Time{}, nil) {
		if err == nil || errors.Is(err, ErrBroken) {
			t.Errorf("%v", err)
		}
	}
}

func TestBrokenLinesAreCountedAndCostNoOther(t *testing.T) {
	l := logIn(t)
	must(t, l.Append(full()))
	half := full().encode()[:100] // the disk was full
	for _, junk := range [][]byte{[]byte("\n"), []byte("null\n"), []byte("{}\n"), []byte(`{"time":"yesterday"}` + "\n"), bytes.Repeat([]byte("x"), 1<<20), []byte("\n"), half} {
		add(t, l.Path(), junk)
	}
	must(t, l.Append(full()))
	add(t, l.Path(), half)
	got, broken := lines(t, l)
	if len(got) != 2 || !reflect.DeepEqual(got[1], full()) || broken != 7 {
		t.Errorf("%d lines, %d broken", len(got), broken)
	}
}

func add(t *testing.T, path string, data []byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	must(t, err)
	_, err = f.Write(data)
	must(t, err)
	must(t, f.Close())
}

func TestReadWantsOnlyWhatIsAskedFor(t *testing.T) {
	l := logIn(t)
	for i := range 10 {
		must(t, l.Append(Line{Time: noon.Add(time.Duration(i) * time.Minute), Environment: []string{"qa", "production"}[i%2], Exit: i}))
	}
	var got []int
	for line, err := range l.Read(noon.Add(3*time.Minute), func(l Line) bool { return l.Environment == "qa" }) {
		must(t, err)
		got = append(got, line.Exit)
		if line.Exit == 6 {
			break
		}
	}
	if want := []int{4, 6}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// fill makes the file so long that the next line is one too many.
func fill(t *testing.T, l Log, name string) {
	t.Helper()
	line := Line{Time: noon, Environment: name, Refused: strings.Repeat("x", maxText)}.encode()
	must(t, os.MkdirAll(l.Dir, 0o700))
	add(t, l.Path(), bytes.Repeat(line, maxFile/len(line)))
}

func TestFullFileIsPutAside(t *testing.T) {
	l := logIn(t)
	for i := range aside + 3 {
		fill(t, l, fmt.Sprint(i))
		must(t, l.Append(Line{Environment: fmt.Sprint("last of ", i), Refused: strings.Repeat("x", maxText)}))
		if _, err := os.Stat(l.Path()); !errors.Is(err, os.ErrNotExist) {
			t.Fatalf("it was not put aside: %v", err)
		}
	}
	must(t, l.Append(Line{Environment: "new"}))
	var order []string
	for line, err := range l.Read(time.Time{}, func(l Line) bool { return len(l.Environment) > 1 }) {
		must(t, err)
		order = append(order, line.Environment)
	}
	if got, want := strings.Join(order, ", "), "last of 3, last of 4, last of 5, last of 6, new"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for i := range aside + 1 {
		if info, err := os.Stat(l.file(i)); err != nil || info.Size() > maxFile+maxLine || paths.OpenToOthers(info) {
			t.Errorf("%d: %v, %v", i, info, err)
		}
	}
}

// What could not be renamed the last time left a gap. History must not be pushed out by trying again.
func TestGapIsFilledBeforeAnythingOldGoes(t *testing.T) {
	l := logIn(t)
	for _, n := range []int{2, 3, 4} {
		must(t, os.MkdirAll(l.Dir, 0o700))
		must(t, os.WriteFile(l.file(n), Line{Time: noon, Environment: fmt.Sprint(n)}.encode(), 0o600))
	}
	fill(t, l, "1")
	must(t, l.Append(Line{Refused: strings.Repeat("x", maxText)}))
	for n := 1; n <= aside; n++ {
		if data, err := os.ReadFile(l.file(n)); err != nil || !strings.Contains(string(data), fmt.Sprintf(`"environment":"%d"`, n)) {
			t.Errorf("%d is another now: %v", n, err)
		}
	}
}

// What cannot be renamed stays, and keeps what is newer where it is: that would have taken its place.
func TestFailedRenameCostsNoFile(t *testing.T) {
	l := logIn(t)
	must(t, os.MkdirAll(l.file(aside), 0o700))
	for n := 1; n < aside; n++ {
		must(t, os.WriteFile(l.file(n), Line{Time: noon, Environment: fmt.Sprint(n)}.encode(), 0o600))
	}
	fill(t, l, "0")
	must(t, l.Append(Line{Refused: strings.Repeat("x", maxText)}))
	for n := range aside {
		if data, err := os.ReadFile(l.file(n)); err != nil || !strings.Contains(string(data), fmt.Sprintf(`"environment":"%d"`, n)) {
			t.Errorf("%d is another now: %v", n, err)
		}
	}
}

func TestOverridesAreAFew(t *testing.T) {
	line := Line{Time: noon}
	for i := range 3 * maxOverrides {
		line.Overrides = append(line.Overrides, fmt.Sprint("--", i))
	}
	if got, ok := decode(line.encode()); !ok || !reflect.DeepEqual(got.Overrides, line.Overrides[:maxOverrides]) {
		t.Errorf("%v", got.Overrides)
	}
}

// The files that several processes fill at once hold each line exactly once, however often they are put aside meanwhile.
func TestNothingIsLostWhileManyWriteAndPutAside(t *testing.T) {
	l := logIn(t)
	const writers, each = 16, 300 // over 18 MB: three times a file is full
	var running sync.WaitGroup
	for w := range writers {
		running.Go(func() {
			for i := range each {
				if err := l.Append(Line{Caller: Caller{PID: w*each + i + 1}, Dir: strings.Repeat("d", 1000), Map: strings.Repeat("m", 1000), Refused: strings.Repeat("r", 1000), SessionName: strings.Repeat("s", 900)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	running.Wait()
	list, broken := lines(t, l)
	found := map[int]int{}
	for _, line := range list {
		found[line.Caller.PID]++
	}
	if len(found) != writers*each || len(list) != writers*each || broken != 0 {
		t.Errorf("%d lines, %d of them different, %d broken; want %d", len(list), len(found), broken, writers*each)
	}
	if _, err := os.Stat(l.file(2)); err != nil && runtime.GOOS != "windows" { // which renames no file that somebody writes
		t.Errorf("it was not put aside twice: %v", err)
	}
}

func BenchmarkAppend(b *testing.B) {
	l := Log{Dir: b.TempDir(), Now: func() time.Time { return noon }}
	line := full()
	for b.Loop() {
		if err := l.Append(line); err != nil {
			b.Fatal(err)
		}
	}
}
