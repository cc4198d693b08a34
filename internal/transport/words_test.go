package transport

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"whichrole/internal/creds"
)

const (
	// 86 characters of signature, as ES256 has: too few to look like a token by itself.
	jwt = "eyJhbGciOiJFUzI1NiIsImtpZCI6InEtMjNmYWxldnpoaGQzaG0ifQ.eyJpc3MiOiJodHRwczovL2lzcy50ZXN0Iiwic3ViIjoiYWxpY2UifQ." +
		"MEUCIQDrBqPXWz0lKq8Y-2tYqAvrXmR1iVzZdNnGZlJfQm_r9wIgS6vQe3pA0bHkX5cTtUoW1yDhJ8LfKx2a"
	sessionToken = "FwoGZXIvYXdzEBYaDH+hush/and=hush/ABCDEFGHIJKLMN0123456789+/abcdefghijklmnopqrstuvwxyz=="
	secretKey    = "wJalrXUtnFEMI/K7MDENG+bPxRfiCY0123456789"
)

// fold breaks a text into lines, or what stands between.
func fold(s string, width int, between string) string {
	var b strings.Builder
	for i := 0; i < len(s); i += width {
		b.WriteString(s[i:min(i+width, len(s))] + between)
	}
	return b.String()
}

// Whoever is sent a secret may send it back, in whatever form it has passed through.
func TestNoPartOfASecretIsQuoted(t *testing.T) {
	for name, encode := range map[string]func(string) string{
		"as it is":         func(s string) string { return s },
		"in quotes":        func(s string) string { return `"` + s + `"` },
		"in a query":       url.QueryEscape,
		"in a path":        url.PathEscape,
		"escaped in small": func(s string) string { return strings.ToLower(url.QueryEscape(s)) },
		"escaped to the last": func(s string) string {
			return "%" + strings.TrimSuffix(fold(hex.EncodeToString([]byte(s)), 2, "%"), "%")
		},
		"in JSON":                func(s string) string { text, _ := json.Marshal(s); return string(text) },
		"in JSON of another":     func(s string) string { return strings.NewReplacer("/", `\/`, "=", `\u003d`, "+", `\u002B`).Replace(s) },
		"in base64url":           func(s string) string { return strings.NewReplacer("+", "-", "/", "_", "=", "").Replace(s) },
		"in capitals":            strings.ToUpper,
		"on lines":               func(s string) string { return fold(s, 16, "\r\n  ") },
		"letter by letter":       func(s string) string { return fold(s, 1, " ") },
		"between invisible ones": func(s string) string { return fold(s, 7, "\u200b") },
		"its first half":         func(s string) string { return s[:len(s)/2] },
		"its last half":          func(s string) string { return s[len(s)/2:] },
		"its middle":             func(s string) string { return s[10 : len(s)-10] },
		"twice":                  func(s string) string { return s + s },
		"across the cut":         func(s string) string { return strings.Repeat("no ", 160) + s },
		"in base64 again":        func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s + s)) },
		"in hexadecimal":         func(s string) string { return hex.EncodeToString([]byte(s + s)) },
	} {
		t.Run(name, func(t *testing.T) {
			all := []creds.Secret{{}, creds.NewSecret(""), creds.NewSecret(secretKey), creds.NewSecret(jwt), creds.NewSecret(sessionToken)}
			for _, secret := range []string{jwt, sessionToken, secretKey} {
				got := Quote("is it ["+encode(secret)+"]?", all...)
				if !strings.Contains(got, "(hidden)") && !strings.HasSuffix(got, "…") {
					t.Errorf("nothing is hidden: %s", got)
				}
				rest := lettersOf(strings.ReplaceAll(got, "(hidden)", "\n"))
				for i := 0; i+telling <= len(rest); i++ {
					if strings.Contains(lettersOf(secret), rest[i:i+telling]) {
						t.Fatalf("shows %q: %s", rest[i:i+telling], got)
					}
				}
			}
		})
	}
}

// lettersOf is the test's own idea of what counts.
func lettersOf(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

func TestQuote(t *testing.T) {
	code, secrets := creds.NewSecret("123456"), []creds.Secret{creds.NewSecret(jwt), creds.NewSecret(secretKey)}
	for _, c := range []struct {
		text, want string
		secrets    []creds.Secret
	}{
		{"", "", secrets},
		{"Not authorized to perform sts:AssumeRoleWithWebIdentity", "Not authorized to perform sts:AssumeRoleWithWebIdentity", secrets},
		{"User: arn:aws:iam::111111111111:user/alice is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::222222222222:role/a/b",
			"User: arn:aws:iam::111111111111:user/alice is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::222222222222:role/a/b", secrets},
		{"100% of %s and %d, 50%!", "100% of %s and %d, 50%!", secrets},
		{`C:\users\u12`, `C:\users\u12`, secrets},
		{"no: " + secretKey + " is wrong.", "no: (hidden) is wrong", secrets},
		{"the code 123456 was used", "the code (hidden) was used", []creds.Secret{code}},
		{"the code 123 456 was used", "the code (hidden) was used", []creds.Secret{code}},
		{"the code %31%32%33456 was used", "the code (hidden) was used", []creds.Secret{code}},
		{"the code 12345 was used", "the code 12345 was used", []creds.Secret{code}},
		{secretKey + " " + jwt + "!", "(hidden)!", secrets},
		{jwt + " or " + secretKey, "(hidden) or (hidden)", secrets},
		{"somebody's " + jwt + " here", "somebody's (hidden) here", nil},
		{"somebody's " + jwt[:60] + " here", "somebody's (hidden) here", nil},
		{"somebody's " + strings.Repeat("Ab1+", 25) + " here", "somebody's (hidden) here", nil},
		{"two\r\nlines\x1b[2J\tand\u0085more\x00", "two lines [2J and more", nil},
		{"no. Encoded authorization failure message: AgoJ", "no", nil},
		{"broken \xff\xfe", "broken ?", nil},
		{" . ", "", nil},
	} {
		if got := Quote(c.text, c.secrets...); got != c.want {
			t.Errorf("%q:\n got %q\nwant %q", c.text, got, c.want)
		}
	}
}

func FuzzQuote(f *testing.F) {
	f.Add("plain", "x")
	f.Add("%", "%2")
	f.Add(`\u00`, `\u0041`)
	f.Add(strings.Repeat("é", 600), "123456")
	f.Add(jwt+"\n"+url.QueryEscape(jwt), jwt)
	f.Fuzz(func(t *testing.T, text, secret string) {
		got := Quote(text+secret, creds.NewSecret(secret))
		if len(got) > maxMessage || !utf8.ValidString(got) || strings.IndexFunc(got, unicode.IsControl) >= 0 {
			t.Errorf("%q", got)
		}
		if s := lettersOf(secret); len(s) >= telling && !strings.Contains(lettersOf(text), s) && strings.Contains(lettersOf(strings.ReplaceAll(got, hidden, "\n")), s) {
			t.Errorf("%q shows in %q", secret, got)
		}
	})
}

// One key in 32 ends with + or /, and a message showed that much of it.
func TestEndOfASecretIsHiddenToo(t *testing.T) {
	for _, end := range []string{"", "+", "/", "==", "+/="} {
		secret := "AbCdEfGhIjKlMnOpQrSt" + end
		if got := hide("know "+secret+" or "+secret, []creds.Secret{creds.NewSecret(secret)}); got != "know (hidden) or (hidden)" {
			t.Errorf("%s: %s", end, got)
		}
	}
}
