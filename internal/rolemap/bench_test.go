package rolemap

import (
	"fmt"
	"strings"
	"testing"
)

// bigMap is a map of n environments, as a company with one directory for each account has it.
func bigMap(n int) []byte {
	var b strings.Builder
	b.WriteString("version: 1\nsource: [{profile: corp}]\ndefaults:\n  region: eu-west-1\n  session_name: \"{user}-{env}\"\nenvironments:\n")
	for i := range n {
		fmt.Fprintf(&b, "  account-%d:\n    dirs: [live/account-%d]\n    role_arn:\n      plan: arn:aws:iam::%012d:role/plan\n      apply: arn:aws:iam::%012d:role/apply\n", i, i, i, i)
	}
	b.WriteString("no_role: [modules]\n")
	return []byte(b.String())
}

// The goals are SPEC's field to beat: 200 environments in 3 ms, 5,000 in 150 ms.
func benchmarkDecodeAndResolve(b *testing.B, n int) {
	data := bigMap(n)
	target := Target{Dir: fmt.Sprintf("live/account-%d/vpc", n/2), Lookup: lookup}
	b.ReportAllocs()
	for b.Loop() {
		m, err := Parse(".whichrole.yaml", data, nil)
		if err != nil {
			b.Fatal(err)
		}
		if _, _, err := m.Resolve(target); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeAndResolve200(b *testing.B)  { benchmarkDecodeAndResolve(b, 200) }
func BenchmarkDecodeAndResolve5000(b *testing.B) { benchmarkDecodeAndResolve(b, 5000) }

func BenchmarkMeaning5000(b *testing.B) {
	m, err := Parse(".whichrole.yaml", bigMap(5000), nil)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		m.Meaning()
	}
}
