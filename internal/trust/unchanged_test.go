package trust

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"whichrole/internal/rolemap"
)

// written is the record that approving sub writes.
func (w *world) written(sub Subject) []byte {
	w.Helper()
	w.approve(sub)
	data, err := os.ReadFile(w.store.file(sub.Path, sub.Checkout))
	if err != nil {
		w.Fatal(err)
	}
	return data
}

// The short way is there to be taken: what was approved and is still the same is found to be so without decoding.
func TestRecordOfTheSameMeaningIsNotDecoded(t *testing.T) {
	w := newWorld(t)
	forCheckout, odd, bare := w.mapIn("maps"), w.mapIn("work/odd"), w.mapIn("work/bare")
	forCheckout.Checkout = w.path("work/infra")
	odd.Path += ` "quoted"`
	odd.Meaning.Environments["qa"] = `{"policy":"\u003c\\ \"{\\\"Version\\\":1}\""}`
	bare.Meaning = rolemap.Meaning{Environments: map[string]string{}, Accounts: map[string]string{}}
	for _, sub := range []Subject{w.sub, forCheckout, odd, bare} {
		data := w.written(sub)
		if approved, ok := unchanged(data, sub); !ok || approved != noon {
			t.Errorf("%v, %v: %s", approved, ok, data)
		}
	}
}

// What needs other escapes is decoded, and counts.
func TestRecordInOtherWordsCountsAllTheSame(t *testing.T) {
	w := newWorld(t)
	for _, text := range []string{"é", "<&>", "\u2028", "\x7f", "\n", "\x00"} {
		sub := w.sub
		sub.Meaning.Environments = maps.Clone(sub.Meaning.Environments)
		sub.Meaning.Environments["qa"] = text
		data := w.written(sub)
		if _, ok := unchanged(data, sub); ok {
			t.Errorf("%q is not escaped as encoding/json does, and was taken for %s", text, data)
		}
		w.wantApproved(sub, "approved 2026-11-22")
	}
	spaced := []byte(strings.ReplaceAll(string(w.written(w.sub)), `,"`, ", \n\""))
	if err := os.WriteFile(w.store.file(w.sub.Path, ""), spaced, 0o600); err != nil {
		t.Fatal(err)
	}
	w.wantApproved(w.sub, "approved 2026-11-22")
}

// No record may be taken for one of the same meaning that encoding/json reads otherwise. Every byte of one is changed, left out
// and repeated here, and every other name, path and text is tried.
func TestWhatIsTakenForTheSameIsTheSame(t *testing.T) {
	w := newWorld(t)
	w.sub.Meaning.Environments["qa"] = `{"policy":"a\\\"b"}`
	data := w.written(w.sub)
	agrees := func(record []byte, sub Subject) {
		t.Helper()
		approved, ok := unchanged(record, sub)
		if !ok {
			return
		}
		rec, err := decode(record)
		now := sub.Meaning
		if err != nil || rec.Version != recordVersion || rec.Subject != digest(sub.Path, sub.Checkout) || !rec.Approved.Equal(approved) ||
			!maps.Equal(rec.Environments, now.Environments) || !maps.Equal(rec.Accounts, now.Accounts) || rec.Rest != now.Rest {
			t.Errorf("taken for the same: %s (%v)", record, err)
		}
	}
	agrees(data, w.sub)
	for i := range data {
		for _, c := range "\"\\{}:,0129aZ \x00\xff" {
			agrees(slices.Replace(slices.Clone(data), i, i+1, byte(c)), w.sub)
			agrees(slices.Insert(slices.Clone(data), i, byte(c)), w.sub)
		}
		agrees(slices.Delete(slices.Clone(data), i, i+1), w.sub)
		agrees(data[:i], w.sub)
	}
	for _, c := range []string{"é", "\xff", "<", ">", "&", "\u2028", "\x7f", "\n", "\t", "\x00"} {
		sub := w.sub
		sub.Meaning.Rest = "a" + c
		for _, written := range []string{c, `\` + c, `\n`, `\t`, `\u0000`, `\u003c`, `\xff`} {
			before, _, _ := strings.Cut(string(data), `"rest":`)
			agrees([]byte(before+`"rest":"a`+written+`"}`), sub)
		}
	}
	agrees(append(slices.Clone(data), '\n'), w.sub)
	agrees(append(slices.Clone(data), data...), w.sub)
}

// Each part of a subject decides.
func TestRecordOfAnotherMeaningIsNotTheSame(t *testing.T) {
	for story, change := range map[string]func(sub *Subject){
		"another path":            func(sub *Subject) { sub.Path += "x" },
		"for a checkout":          func(sub *Subject) { sub.Checkout = sub.Path },
		"a role swapped":          func(sub *Subject) { sub.Meaning.Environments["qa"] = "{}" },
		"an environment more":     func(sub *Subject) { sub.Meaning.Environments["qb"] = "{}" },
		"an environment less":     func(sub *Subject) { delete(sub.Meaning.Environments, "qa") },
		"no environment":          func(sub *Subject) { sub.Meaning.Environments = nil },
		"an account more":         func(sub *Subject) { sub.Meaning.Accounts["evil"] = `"666666666666"` },
		"an account less":         func(sub *Subject) { delete(sub.Meaning.Accounts, "data") },
		"another account":         func(sub *Subject) { sub.Meaning.Accounts["data"] = `"666666666666"` },
		"another rest":            func(sub *Subject) { sub.Meaning.Rest = "{}" },
		"a rest that goes on":     func(sub *Subject) { sub.Meaning.Rest += `","x":"` },
		"a name that closes":      func(sub *Subject) { rename(sub.Meaning.Accounts, "data", `data":"x","y`) },
		"a name that is a prefix": func(sub *Subject) { rename(sub.Meaning.Environments, "qa", "q") },
	} {
		t.Run(story, func(t *testing.T) {
			w := newWorld(t)
			data := w.written(w.sub)
			change(&w.sub)
			if _, ok := unchanged(data, w.sub); ok {
				t.Error("taken for the same")
			}
		})
	}
}

func rename(m map[string]string, old, name string) {
	m[name] = m[old]
	delete(m, old)
}
