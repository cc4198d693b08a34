package prompt

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"whichrole/internal/problem"
)

func TestCodeIsSixDigits(t *testing.T) {
	const again = "code of corp: that is not six digits\ncode of corp: "
	for answers, want := range map[string]struct{ code, screen string }{
		"123456\n":          {"123456", "code of corp: "},
		"123456\r\n":        {"123456", "code of corp: "},
		" 123 456 \n":       {"123456", "code of corp: "},
		"123456":            {"123456", "code of corp: "},
		"000000\n111111\n":  {"000000", "code of corp: "},
		"\n123456\n":        {"123456", again},
		"12345\n123456\n":   {"123456", again},
		"1234567\n123456\n": {"123456", again},
		"12345a\n123456\n":  {"123456", again},
		"１２３４５６\n123456\n":  {"123456", again}, // digits, but not ASCII's
		strings.Repeat("1", 100_000) + "\n654321\n": {"654321", again},
		"no\nno\nno\n123456\n":                      {"", again + "that is not six digits\ncode of corp: "},
		"no\nno\n":                                  {"", again + "that is not six digits\ncode of corp: \n"},
		"":                                          {"", "code of corp: \n"},
	} {
		p := &person{Reader: strings.NewReader(answers)}
		code, err := Code(t.Context(), p, "code of corp")
		if code != want.code || p.String() != want.screen || (err == nil) != (code != "") {
			t.Errorf("%.20q: %q, %v, on the screen %q", answers, code, err, p.String())
		}
		if err != nil && problem.CodeOf(err) != problem.LoginNeeded {
			t.Errorf("%.20q: exit code %d", answers, problem.CodeOf(err))
		}
		if err != nil && strings.Contains(err.Error(), "no\n") {
			t.Errorf("an answer in an error: %v", err)
		}
	}
}

func TestEndOfInputIsSaid(t *testing.T) {
	_, err := Code(t.Context(), &person{Reader: strings.NewReader("")}, "code")
	if !errors.Is(err, io.EOF) || err.Error() != "the input ended before a code was typed" {
		t.Errorf("%v", err)
	}
}

// silent is a terminal at which nobody types.
type silent struct {
	strings.Builder
	reads chan struct{}
}

func (s *silent) Read([]byte) (int, error) { <-s.reads; return 0, io.EOF }

func TestNobodyTypes(t *testing.T) {
	for end, want := range map[error]string{
		context.Canceled:         "interrupted before a code was typed",
		context.DeadlineExceeded: "no code was typed in time",
	} {
		s := &silent{reads: make(chan struct{})}
		defer close(s.reads)
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		if end == context.Canceled {
			cancel()
		}
		start := time.Now()
		_, err := Code(ctx, s, "code")
		cancel()
		if !errors.Is(err, end) || err.Error() != want || problem.CodeOf(err) != problem.LoginNeeded {
			t.Errorf("%v", err)
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("it took %v", took)
		}
		if s.String() != "code: \n" { // what the shell says next begins a line
			t.Errorf("on the screen %q", s.String())
		}
	}
}

func TestHostileNamesAreMadeHarmless(t *testing.T) {
	for in, want := range map[string]string{
		"MFA code of arn:aws:iam::111111111111:mfa/me for profile corp_1": "MFA code of arn:aws:iam::111111111111:mfa/me for profile corp_1",
		"Müller's Gerät (日本)":                                             "Müller's Gerät (日本)",
		"a\nb\r\n\tc  d":                                                  "a b c d",
		"<b>bold</b> &amp; %s":                                            "?b?bold?/b? ?amp; ?s",
		`\n\u202e"`:                                                       "?n?u202e?",
		"\x1b]0;title\a\x1b[2J":                                           "??0;title???2J",
		"\u202eevil\u2066\u200b\u2028x":                                   "?evil?? x",
		"--info":                                                          "?-info",
		"$(id) `id` ${x} | ; > *":                                         "?(id) ?id? ??x? ? ; ? ?",
		"\xff\xfe":                                                        "??",
		"z\u0335\u0336a":                                                  "z??a",
		"":                                                                "",
	} {
		if got := harmless(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if got := harmless(strings.Repeat("ü", 10_000)); len(got) > maxText || !utf8.ValidString(got) || !strings.HasSuffix(got, "…") {
		t.Errorf("%d bytes", len(got))
	}
	p := &person{Reader: strings.NewReader("abc\n123456\n")}
	rejected := "that code was not taken. code of x: "
	if _, err := Code(t.Context(), p, "that code was not taken. code of x"); err != nil || p.String() != strings.ReplaceAll(rejected+"that is not six digits. "+rejected, ". ", "\n") {
		t.Errorf("two prompts on one line: %q, %v", p.String(), err)
	}
	p = &person{Reader: strings.NewReader("123456\n")}
	if _, err := Code(t.Context(), p, "code\x1b[2J\nof x"); err != nil || p.String() != "code??2J of x: " {
		t.Errorf("on the screen %q, %v", p.String(), err)
	}
}
