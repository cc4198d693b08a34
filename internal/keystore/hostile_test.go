package keystore_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"testing"

	"whichrole/internal/keystore"
)

const stranger = "ffeeddccbbaa99887766554433221100"

// headOf is a head as whoever writes into the keyring may write it.
func headOf(generation, parts any, whole string) string {
	return fmt.Sprintf("split:%v:%v:%x", generation, parts, sha256.Sum256([]byte(whole)))
}

func partOf(id string, generation, i int) string { return fmt.Sprintf("%s-%d%x", id, generation, i) }

// Whatever lies under the id: it is a miss, found out in few calls, and the next value replaces it.
func TestHostileHeadIsAMiss(t *testing.T) {
	for name, head := range map[string]string{
		"nothing but the prefix":   "split:",
		"a million parts":          headOf(0, 1000000, "x"),
		"seventeen parts":          headOf(0, 17, "x"),
		"no parts":                 headOf(0, 0, ""),
		"fewer than none":          headOf(0, -1, ""),
		"too many for an int":      headOf(0, "99999999999999999999999999", "x"),
		"another generation":       headOf(4, 1, "x"),
		"a far generation":         headOf(12, 1, "x"),
		"a generation below":       headOf(-1, 1, "x"),
		"a name as generation":     headOf(stranger, 1, "x"),
		"a path as generation":     headOf("../0", 1, "x"),
		"zeros in front":           headOf("00", 1, "x"),
		"a plus":                   headOf("+0", 1, "x"),
		"hex":                      headOf("0x0", 1, "x"),
		"no digest":                "split:0:1:",
		"half a digest":            headOf(0, 1, "x")[:40],
		"a digest in capitals":     "split:0:1:" + strings.ToUpper(headOf(0, 1, "x")[len("split:0:1:"):]),
		"a digest that is no hex":  "split:0:1:" + strings.Repeat("g", 64),
		"something after it":       headOf(0, 1, "x") + ":",
		"a line after it":          headOf(0, 1, "x") + "\n",
		"something before it":      "split:" + headOf(0, 1, "x"),
		"a million colons":         "split:" + strings.Repeat(":", 1<<20),
		"not UTF-8":                "split:\xff\xfe:\x00:",
		"the digest of other text": headOf(0, 1, "y"),
		"parts that are not there": headOf(0, 16, "x"),
		"parts of nothing":         headOf(1, 1, "x"),
	} {
		t.Run(name, func(t *testing.T) {
			lib := windows()
			lib.put(id, head)
			lib.put(partOf(id, 0, 0), "x")
			others := []string{stranger, partOf(id, 4, 0), partOf(id, 12, 0)}
			for _, name := range others {
				lib.put(name, "x")
			}
			missed(t, lib)
			recovers(t, lib)
			okay(t, process(t, "windows", lib).Delete(t.Context(), id))
			if len(lib.texts) != len(others) {
				t.Errorf("left: %v", names(lib))
			}
		})
	}
}

func TestPartThatIsLongerThanAnyOfOursIsAMiss(t *testing.T) {
	lib := windows()
	whole := text("x", 1801)
	lib.put(id, headOf(0, 1, whole))
	lib.put(partOf(id, 0, 0), whole)
	missed(t, lib)
}

func missed(t *testing.T, lib *items) {
	t.Helper()
	lib.calls = nil
	value, err := process(t, "windows", lib).Get(t.Context(), id)
	if !errors.Is(err, keystore.ErrNotFound) || value != nil || len(lib.calls) > 17 {
		t.Errorf("%v after %d calls, %d bytes: %.40q", err, len(lib.calls), len(value), value)
	}
}

func TestHostileHeadGoesWithADelete(t *testing.T) {
	for _, head := range []string{"split:", headOf(0, 1000000, "x"), headOf(0, 16, "x"), headOf(-1, 1<<40, "x")} {
		lib := windows()
		lib.put(id, head)
		lib.put(partOf(id, 2, 0), "x")
		lib.put(stranger, "x")
		okay(t, process(t, "windows", lib).Delete(t.Context(), id))
		if len(lib.texts) != 1 || len(lib.calls) > 12+16 {
			t.Errorf("%.40q: %d calls, left: %v", head, len(lib.calls), names(lib))
		}
	}
}

// On Linux nothing is split, and what looks like it is no way to make us read for long.
func TestHostileHeadIsAMissWhereNothingIsSplit(t *testing.T) {
	lib := macOS()
	lib.put(id, headOf(0, 16, "x"))
	if _, err := process(t, "linux", lib).Get(t.Context(), id); !errors.Is(err, keystore.ErrNotFound) || len(lib.calls) > 2 {
		t.Errorf("%v after %q", err, lib.calls)
	}
	okay(t, process(t, "linux", lib).Delete(t.Context(), id))
	if len(lib.texts) != 0 || len(lib.calls) > 3 {
		t.Errorf("%q", lib.calls)
	}
}

// damage is what can become of the items of two long values, under id and under stranger.
var damage = map[string]func(lib *items, generation int){
	"a part is gone":         func(lib *items, g int) { delete(lib.texts, "whichrole:"+partOf(id, g, 1)) },
	"the first part is gone": func(lib *items, g int) { delete(lib.texts, "whichrole:"+partOf(id, g, 0)) },
	"the last part is gone":  func(lib *items, g int) { delete(lib.texts, "whichrole:"+partOf(id, g, 4)) },
	"a part is cut":          func(lib *items, g int) { cutShort(lib, partOf(id, g, 2)) },
	"the last part is cut":   func(lib *items, g int) { cutShort(lib, partOf(id, g, 4)) },
	"a part is empty":        func(lib *items, g int) { lib.put(partOf(id, g, 2), "") },
	"a part is longer":       func(lib *items, g int) { lib.put(partOf(id, g, 2), lib.take(partOf(id, g, 2))+"x") },
	"a part is huge":         func(lib *items, g int) { lib.put(partOf(id, g, 2), strings.Repeat("x", 1<<20)) },
	"two parts are swapped":  func(lib *items, g int) { swap(lib, partOf(id, g, 1), partOf(id, g, 2)) },
	"a part is a head":       func(lib *items, g int) { lib.put(partOf(id, g, 0), lib.take(id)) },
	"a part is another's":    func(lib *items, g int) { lib.put(partOf(id, g, 1), partOfStranger(lib, 1)) },
	"all parts are another's": func(lib *items, g int) {
		for i := range 5 {
			lib.put(partOf(id, g, i), partOfStranger(lib, i))
		}
	},
	"the head is of another generation": func(lib *items, g int) {
		lib.put(id, strings.Replace(lib.take(id), fmt.Sprintf("split:%d", g), fmt.Sprintf("split:%d", (g+1)%4), 1))
	},
	"the head is another's": func(lib *items, g int) {
		lib.put(id, lib.take(stranger))
		for i := range 5 {
			lib.put(partOf(id, generationOf(lib, id), i), text("else", 1800))
		}
	},
	"the head counts one less": func(lib *items, g int) { lib.put(id, strings.Replace(lib.take(id), ":5:", ":4:", 1)) },
	"the head counts one more": func(lib *items, g int) {
		lib.put(id, strings.Replace(lib.take(id), ":5:", ":6:", 1))
		lib.put(partOf(id, g, 5), "x")
	},
}

func generationOf(lib *items, id string) int { return int(lib.take(id)[len("split:")] - '0') }

func partOfStranger(lib *items, i int) string {
	return lib.take(partOf(stranger, generationOf(lib, stranger), i))
}

func cutShort(lib *items, name string) { lib.put(name, lib.take(name)[:100]) }

func swap(lib *items, a, b string) {
	x, y := lib.take(a), lib.take(b)
	lib.put(a, y)
	lib.put(b, x)
}

func TestPartsThatDoNotFitTogetherAreAMiss(t *testing.T) {
	for name, harm := range damage {
		t.Run(name, func(t *testing.T) {
			lib := windows()
			s := process(t, "windows", lib)
			mine, theirs := numbered("mine", 8<<10), numbered("theirs", 8<<10)
			okay(t, s.Set(t.Context(), id, []byte(mine), soon))
			okay(t, s.Set(t.Context(), stranger, []byte(theirs), soon))
			harm(lib, generationOf(lib, id))
			missed(t, lib)
			if got, err := s.Get(t.Context(), stranger); string(got) != theirs {
				t.Errorf("the other: %v, %.40q", err, got)
			}
			okay(t, process(t, "windows", lib).Set(t.Context(), id, []byte(mine), soon))
			if got, err := s.Get(t.Context(), id); string(got) != mine {
				t.Errorf("the next: %v, %.40q", err, got)
			}
		})
	}
}

// numbered is a text of which no two parts are equal.
func numbered(name string, n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, "%s%d,", name, i)
	}
	return b.String()[:n]
}

func FuzzHostileItems(f *testing.F) {
	f.Add(headOf(0, 1, "x"), "x", "")
	f.Add(headOf(1, 2, "xy"), "x", "y")
	f.Add("split:0:1:", "split:", "base64:")
	f.Fuzz(func(t *testing.T, head, first, second string) {
		lib := windows()
		lib.put(id, head)
		for g := range 4 {
			lib.put(partOf(id, g, 0), first)
			lib.put(partOf(id, g, 1), second)
		}
		s := process(t, "windows", lib)
		value, err := s.Get(t.Context(), id)
		if err != nil && !errors.Is(err, keystore.ErrNotFound) || len(lib.calls) > 17 {
			t.Errorf("%v after %d calls", err, len(lib.calls))
		}
		plain := []string{head, first, first + second} // or what these encode
		if err == nil && string(value) != string(keystore.Decode(plain[0])) && string(value) != string(keystore.Decode(plain[1])) &&
			string(value) != string(keystore.Decode(plain[2])) {
			t.Errorf("%q is none of %q", value, plain)
		}
		okay(t, s.Set(t.Context(), id, []byte("next"), soon))
		if value, err := s.Get(t.Context(), id); string(value) != "next" {
			t.Errorf("%q %v", value, err)
		}
	})
}
