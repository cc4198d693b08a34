package keystore_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"whichrole/internal/keystore"
	"whichrole/internal/test/keyringtest"
)

// mostItems is what one id may ever have: the head, and four generations of sixteen parts.
const mostItems = 1 + 4*16

// A text is easy to recognise by its name, and as long as it is to be.
func text(name string, n int) string { return strings.Repeat(name+"_", n)[:n] }

// Values in the order of their size: in one item; in several; in the most.
var sizes = map[string]int{"small": 300, "long": 8 << 10, "longest": 16 * 1800}

func TestContractOnSmallItems(t *testing.T) {
	for goos, system := range systems {
		t.Run(goos, func(t *testing.T) {
			lib := system()
			lib.texts["whichrole-of-others:"+id] = "theirs"
			keyringtest.Contract(t, process(t, goos, lib))
			if len(lib.texts) != 1 {
				t.Errorf("left: %d items", len(lib.texts))
			}
		})
	}
}

func TestRoomIsWhatTheSystemKeeps(t *testing.T) {
	for goos, system := range systems {
		lib, room := system(), keystore.RoomOn(goos)
		for _, n := range []int{1, 1800, room - 1, room} {
			if err := lib.Set(service, id+"-00", text("x", n)); err != nil || len(lib.take(id+"-00")) != n {
				t.Errorf("%s does not keep %d bytes: %v", goos, n, err)
			}
		}
		most := keystore.RoomOn(goos)
		for n := room + 1; lib.Set(service, id, text("x", n)) == nil && len(lib.take(id)) == n; n++ {
			most = n
		}
		if most-room > 300 {
			t.Errorf("%s keeps %d bytes, and we use %d", goos, most, room)
		}
	}
}

// A value that fits costs one call, as it did before anything was split.
func TestSmallValueCostsOneCall(t *testing.T) {
	lib := windows()
	s := process(t, "windows", lib)
	okay(t, s.Set(t.Context(), id, []byte("value"), soon))
	s.Get(t.Context(), id)
	if want := []string{"set " + id, "get " + id}; !slices.Equal(lib.calls, want) {
		t.Errorf("%q", lib.calls)
	}
}

func TestLongestValueFitsAndTheNextDoesNot(t *testing.T) {
	for goos, system := range systems {
		lib := system()
		s := process(t, goos, lib)
		okay(t, s.Set(t.Context(), id, []byte(text("x", sizes["longest"])), soon))
		if err := s.Set(t.Context(), id, []byte(text("y", sizes["longest"]+1)), soon); !errors.Is(err, keystore.ErrTooBig) {
			t.Errorf("%s: %v", goos, err)
		}
		if value, err := s.Get(t.Context(), id); string(value) != text("x", sizes["longest"]) {
			t.Errorf("%s: the old value is gone: %v", goos, err)
		}
	}
}

func TestValueThatIsReplacedLeavesNothing(t *testing.T) {
	want := map[string]int{"small": 1, "long": 1 + 5, "longest": 1 + 16}
	for before := range sizes {
		for after := range sizes {
			lib := macOS()
			okay(t, process(t, "darwin", lib).Set(t.Context(), id, []byte(text("old", sizes[before])), soon))
			s := process(t, "darwin", lib)
			s.Get(t.Context(), id) // as every writer does
			okay(t, s.Set(t.Context(), id, []byte(text("new", sizes[after])), soon))
			if len(lib.texts) != want[after] {
				t.Errorf("%s to %s: %v", before, after, names(lib))
			}
		}
	}
}

// accidents at the nth call, and then: a process that is no more makes no further call.
var accidents = map[string]func(n int) func(int, string) fate{
	"fails":     at(fails, happens),
	"dies":      at(dies, dies),
	"diesAfter": at(diesAfter, dies),
	"panics":    at(panics, happens),
	"lies":      at(lies, happens),
}

func onSet(f fate) func(int, string) fate {
	return func(_ int, op string) fate { return map[bool]fate{true: f, false: happens}[op == "set"] }
}

func at(then, after fate) func(n int) func(int, string) fate {
	return func(n int) func(int, string) fate {
		return func(call int, op string) fate {
			switch {
			case call == n && (then != lies || op == "set"):
				return then
			case call > n:
				return after
			}
			return happens
		}
	}
}

// everyAccident calls f for each accident at each call of what f itself does; f tells how many calls it made.
func everyAccident(t *testing.T, f func(t *testing.T, accident func(int, string) fate) (calls int)) {
	for name, accident := range accidents {
		t.Run(name, func(t *testing.T) {
			for n := 1; n <= f(t, accident(n)) && !t.Failed(); n++ {
				if n > 200 {
					t.Fatal("it comes to no end")
				}
			}
		})
	}
}

// A writer that has an accident leaves the old value or the new one, and nothing that stays for ever.
func TestAccidentOfAWriterLosesNothing(t *testing.T) {
	inParts := map[string]int{"nothing": 0, "one": 300, "two": 3000, "four": 7000} // as small as the test allows: it has many calls
	for before, old := range inParts {
		for after, next := range inParts {
			if next == 0 {
				continue
			}
			t.Run(before+" to "+after, func(t *testing.T) {
				everyAccident(t, func(t *testing.T, accident func(int, string) fate) int {
					return oneAccident(t, accident, text("old", old), text("new", next))
				})
			})
		}
	}
}

func oneAccident(t *testing.T, accident func(int, string) fate, old, next string) int {
	lib := macOS()
	if old != "" {
		okay(t, process(t, "darwin", lib).Set(t.Context(), id, []byte(old), soon))
	}
	lib.healed().accident = accident
	writer := process(t, "darwin", lib)
	writer.Get(t.Context(), id) // as every writer does
	failure := writer.Set(t.Context(), id, []byte(next), soon)
	if strings.Contains(fmt.Sprint(failure), "SECRET") {
		t.Errorf("%v", failure)
	}
	calls := len(lib.calls)
	value, err := process(t, "darwin", lib.healed()).Get(t.Context(), id)
	switch {
	case old == "" && errors.Is(err, keystore.ErrNotFound):
	case err == nil && (string(value) == old || string(value) == next):
	default:
		t.Errorf("after %d calls: %v, %d bytes: %.20q", calls, err, len(value), value)
	}
	oneCall := len(next) < 2800 && len(old) < 2800 // it is not read back
	if failure == nil && string(value) != next && !oneCall {
		t.Errorf("after %d calls: it claims to have stored it: %v, %.20q", calls, err, value)
	}
	for range 2 { // at once, and after others have written
		if err := process(t, "darwin", lib).Delete(t.Context(), id); err != nil && !errors.Is(err, keystore.ErrNotFound) {
			t.Error(err)
		}
		if len(lib.texts) != 0 {
			t.Errorf("after %d calls a Delete leaves %v", calls, names(lib))
		}
		recovers(t, lib)
	}
	return calls
}

// recovers makes sure that the next processes do as if nothing had happened.
func recovers(t *testing.T, lib *items) {
	t.Helper()
	for _, value := range []string{text("small", 300), text("long", 5000)} {
		okay(t, process(t, "darwin", lib).Set(t.Context(), id, []byte(value), soon))
		got, err := process(t, "darwin", lib).Get(t.Context(), id)
		if err != nil || string(got) != value {
			t.Errorf("the next: %v, %d bytes", err, len(got))
		}
	}
	if len(lib.texts) > mostItems {
		t.Errorf("%d items", len(lib.texts))
	}
}

func names(lib *items) (list []string) {
	for name := range lib.texts {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

func TestAccidentOfADeleteLeavesTheValueOrNone(t *testing.T) {
	everyAccident(t, func(t *testing.T, accident func(int, string) fate) int {
		lib, value := macOS(), text("value", 8<<10)
		okay(t, process(t, "darwin", lib).Set(t.Context(), id, []byte(value), soon))
		lib.healed().accident = accident
		process(t, "darwin", lib).Delete(t.Context(), id)
		calls := len(lib.calls)
		got, err := process(t, "darwin", lib.healed()).Get(t.Context(), id)
		if !errors.Is(err, keystore.ErrNotFound) && (err != nil || string(got) != value) {
			t.Errorf("after %d calls: %v, %d bytes", calls, err, len(got))
		}
		if err := process(t, "darwin", lib).Delete(t.Context(), id); err != nil && !errors.Is(err, keystore.ErrNotFound) {
			t.Errorf("%v", err)
		}
		if len(lib.texts) != 0 {
			t.Errorf("after %d calls a second Delete leaves %v", calls, names(lib))
		}
		return calls
	})
}

// However many writers die, and wherever: what they leave has an end.
func TestOrphansOfManyDeadWritersAreBounded(t *testing.T) {
	lib := macOS()
	for range 300 {
		n := 1 + rand.IntN(40)
		lib.healed().accident = accidents["diesAfter"](n)
		process(t, "darwin", lib).Set(t.Context(), id, []byte(text("x", 1+rand.IntN(16*1800))), soon)
		if len(lib.texts) > mostItems {
			t.Fatalf("%d items", len(lib.texts))
		}
	}
	lib.healed()
	recovers(t, lib)
}

// `security` did not keep it, and said nothing.
func TestSetThatLiesIsToldAndTheOldValueStays(t *testing.T) {
	for name, fate := range map[string]fate{"drops": lies, "truncates": truncates} {
		for _, old := range []string{text("old", 300), text("old", 8<<10)} {
			lib := macOS()
			okay(t, process(t, "darwin", lib).Set(t.Context(), id, []byte(old), soon))
			before := names(lib)
			lib.healed().accident = onSet(fate)
			err := process(t, "darwin", lib).Set(t.Context(), id, []byte(text("new", 8<<10)), soon)
			if u := wantUnavailable(t, err, "keyring", keystore.Denied); u.Detail != "it did not keep what was stored" {
				t.Errorf("%s: %v", name, u)
			}
			if got, err := process(t, "darwin", lib.healed()).Get(t.Context(), id); string(got) != old {
				t.Errorf("%s: %v, %d bytes", name, err, len(got))
			}
			if left := names(lib); !slices.Equal(left, before) {
				t.Errorf("%s: %v, want %v", name, left, before)
			}
		}
	}
}

// It kept the parts, and not the head.
func TestHeadThatIsNotKeptIsToldAndTheOldValueStays(t *testing.T) {
	lib, old := macOS(), text("old", 8<<10)
	okay(t, process(t, "darwin", lib).Set(t.Context(), id, []byte(old), soon))
	before := names(lib)
	keep := lib.keep
	lib.keep = func(name, text string) (bool, error) {
		kept, err := keep(name, text)
		return kept && name != id, err
	}
	wantUnavailable(t, process(t, "darwin", lib).Set(t.Context(), id, []byte(text("new", 8<<10)), soon), "keyring", keystore.Denied)
	if got, err := process(t, "darwin", lib).Get(t.Context(), id); string(got) != old || !slices.Equal(names(lib), before) {
		t.Errorf("%v, %d bytes, %v", err, len(got), names(lib))
	}
}

// A second writer does all its work between any two calls of the first.
func TestSecondWriterBetweenAnyTwoCallsOfTheFirst(t *testing.T) {
	for _, second := range []int{sizes["small"], 5000, sizes["longest"]} {
		for n := 1; n < 30; n++ {
			for range 6 { // the names are chosen at random
				lib, values := macOS(), []string{text("first", 8<<10), text("second", second)}
				okay(t, process(t, "darwin", lib).Set(t.Context(), id, []byte(text("old", 8<<10)), soon))
				var inner error
				begun := false
				lib.healed().accident = func(call int, _ string) fate {
					if call >= n && !begun {
						begun = true
						inner = process(t, "darwin", lib).Set(t.Context(), id, []byte(values[1]), soon)
					}
					return happens
				}
				outer := process(t, "darwin", lib).Set(t.Context(), id, []byte(values[0]), soon)
				if inner != nil {
					t.Fatalf("the second: %v", inner)
				}
				got, err := process(t, "darwin", lib.healed()).Get(t.Context(), id)
				torn := errors.Is(err, keystore.ErrNotFound) && second > 2800 // both may have chosen the same names
				if !torn && (err != nil || !slices.Contains(values, string(got))) {
					t.Errorf("at call %d, %d bytes: %v (the first: %v), %d bytes", n, second, err, outer, len(got))
				}
				recovers(t, lib)
			}
		}
	}
}

// The first sees another's head where its own should be: it was there, and nobody lied.
func TestWriterThatIsOvertakenHasNotFailed(t *testing.T) {
	for range 10 {
		lib, headWritten := macOS(), false
		lib.accident = func(_ int, op string) fate {
			if lib.take(id) != "" && !headWritten {
				headWritten = true
				okay(t, process(t, "darwin", lib).Set(t.Context(), id, []byte(text("second", 8<<10)), soon))
			}
			return happens
		}
		okay(t, process(t, "darwin", lib).Set(t.Context(), id, []byte(text("first", 8<<10)), soon))
		if got, err := process(t, "darwin", lib).Get(t.Context(), id); !headWritten || string(got) != text("second", 8<<10) {
			t.Errorf("%v %.20q", err, got)
		}
	}
}

func TestWritersReadersAndDeletersAtOnce(t *testing.T) {
	lib := windows()
	var wg sync.WaitGroup
	for w := range 6 {
		wg.Go(func() {
			for range 200 {
				s := process(t, "windows", lib)
				switch w {
				case 0, 1, 2:
					s.Set(t.Context(), id, []byte(text(fmt.Sprint("writer", w), 2000+3000*w)), soon)
				case 3:
					s.Delete(t.Context(), id)
				default:
					got, err := s.Get(t.Context(), id)
					whole := slices.ContainsFunc([]int{0, 1, 2}, func(w int) bool {
						return string(got) == text(fmt.Sprint("writer", w), 2000+3000*w)
					})
					if err == nil && !whole || err != nil && !errors.Is(err, keystore.ErrNotFound) {
						t.Errorf("%v, %d bytes: %.40q", err, len(got), got)
					}
				}
			}
		})
	}
	wg.Wait()
	lib.healed()
	if len(lib.texts) > mostItems {
		t.Errorf("%d items", len(lib.texts))
	}
	recovers(t, lib)
}

func okay(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
