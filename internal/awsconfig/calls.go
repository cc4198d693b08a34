package awsconfig

import (
	"slices"
	"strings"
)

// CallsWhichrole tells whether a credential_process line starts whichrole: by itself, or in the words of a wrapper (env X=1
// whichrole credential-process, mise x -- whichrole …). A script of another name hides it.
func CallsWhichrole(line string) bool {
	words := Words(line)
	us := slices.IndexFunc(words, IsWhichrole)
	return us == 0 || us > 0 && slices.Contains(words[us:], "credential-process")
}

// Caller is the first profile, by its name, that calls whichrole: "" for none.
func (f *Files) Caller() string {
	if names := f.callers(); len(names) > 0 {
		return names[0]
	}
	return ""
}

func (f *Files) callers() []string {
	return slices.DeleteFunc(f.Names(), func(name string) bool {
		p, _ := f.Profile(name)
		line, _ := p.Get("credential_process")
		return !CallsWhichrole(line.Text())
	})
}

// Words are the words of a credential_process line without their quotes.
func Words(line string) []string {
	words := strings.Fields(line)
	for i, word := range words {
		words[i] = strings.Trim(word, `"'`)
	}
	return words
}

// IsWhichrole tells whether a word of such a line is our program, wherever it lies.
func IsWhichrole(word string) bool { return Base(word) == "whichrole" }

// Base is a program without directories and .exe, in lower case.
func Base(word string) string {
	return strings.TrimSuffix(strings.ToLower(word[strings.LastIndexAny(word, `/\`)+1:]), ".exe")
}
