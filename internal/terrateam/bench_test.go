package terrateam

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// large is a file of a mebibyte or so: as many workflows as dirs, half of which are globs.
func large(n int) string {
	var b strings.Builder
	b.WriteString("tags: {dest_branch: {main: '^main$'}}\ndirs:\n")
	for i := range n {
		if i%2 == 0 {
			fmt.Fprintf(&b, "  live/t%d/**: {tags: [t%d]}\n", i, i)
		} else {
			fmt.Fprintf(&b, "  '**/t%d/*': {tags: [t%d]}\n", i, i)
		}
	}
	b.WriteString("workflows:\n")
	for i := range n {
		fmt.Fprintf(&b, "  - tag_query: t%d and dest_branch:main\n    plan: [{type: oidc, provider: aws, role_arn: 'arn:aws:iam::111111111111:role/r%d'}]\n", i, i)
	}
	return b.String()
}

func BenchmarkChoose(b *testing.B) {
	c := parse(b, large(5000))
	h := c.In(World{DestBranch: is("main")})
	for b.Loop() {
		if i, _, err := h.Choose("live/t4998/a", ""); err != nil || i == nil {
			b.Fatal(i, err)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	data := []byte(large(5000))
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := Parse(fileName, data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMeaning(b *testing.B) {
	h := parse(b, large(5000)).In(World{})
	for b.Loop() {
		h.Meaning()
	}
}

func BenchmarkReview(b *testing.B) {
	h := parse(b, large(5000)).In(World{})
	for b.Loop() {
		h.Review()
	}
}

// The bounds are generous multiples of what it takes: they are to catch what grows with the square.
func TestThousandsOfWorkflowsAnswerAtOnce(t *testing.T) {
	data := large(5000)
	start := time.Now()
	h := parse(t, data).In(World{DestBranch: is("main")})
	parsed := time.Now()
	for _, dir := range []string{"live/t4998/a", "a/b/t4999", "nowhere"} {
		if _, _, err := h.Choose(dir, ""); err != nil {
			t.Fatal(err)
		}
	}
	chosen, work := time.Now(), h.Work()
	h.Meaning()
	h.Review()
	h.Entries()
	if work > 2_000_000 {
		t.Errorf("three answers took %d steps", work)
	}
	if took := time.Since(start); took > time.Minute {
		t.Errorf("all took %v", took)
	}
	t.Logf("%d bytes, %d steps: parse %v, choose %v, rest %v", len(data), h.Work(), parsed.Sub(start), chosen.Sub(parsed), time.Since(chosen))
}
