//go:build linux

package main

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

var (
	noon  = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	here  = allKeys[0]
	other = allKeys[1]
)

const complaint = "whichrole: error: no answer in time\n"

func line(id, secret, token, expiration, account string) string {
	return fmt.Sprintf(`{"Version":1,"AccessKeyId":%q,"SecretAccessKey":%q,"SessionToken":%q,"Expiration":%q,"AccountId":%q}`+"\n",
		id, secret, token, expiration, account)
}

// Each of these must be seen, or a storm proves nothing.
func TestJudgeSeesWhatIsWrong(t *testing.T) {
	b := &book{
		minted: map[string]minted{
			"MINE":   {here.session(), "secret", "token", noon, noon.Add(time.Hour)},
			"THEIRS": {other.session(), "secret", "token", noon, noon.Add(time.Hour)},
			"OLD":    {here.session(), "secret", "token", noon, noon.Add(61 * time.Second)},
		},
		troubles: []trouble{{here.roles()[0], noon.Add(time.Minute), 8}, {other.roles()[0], noon.Add(5 * time.Minute), 8}},
	}
	const end = "2026-11-22T12:59:00Z"
	good := line("MINE", "secret", "token", end, here.account)
	at := func(d time.Duration, p process) process {
		p.key, p.started, p.ended = here, noon.Add(d), noon.Add(d+2*time.Second)
		return p
	}
	out := func(stdout string) process { return at(0, process{stdout: []byte(stdout)}) }
	fails := func(d time.Duration, code int, stdout, stderr string) process {
		return at(d, process{code: code, stdout: []byte(stdout), stderr: []byte(stderr)})
	}
	for name, c := range map[string]struct {
		p    process
		want verdict
	}{
		"a good answer":                {out(good), handed},
		"nothing":                      {out(""), torn},
		"half an answer":               {out(good[:100]), torn},
		"half an answer and a newline": {out(good[:100] + "}\n"), torn},
		"two answers":                  {out(good + good), torn},
		"two answers in a line":        {out(strings.TrimSpace(good) + good), torn},
		"more than is ours":            {out(strings.Replace(good, "{", `{"Foo":1,`, 1)), torn},
		"no token":                     {out(line("MINE", "secret", "", end, here.account)), torn},
		"never minted":                 {out(line("WHOSE", "secret", "token", end, here.account)), wrong},
		"of another directory":         {out(line("THEIRS", "secret", "token", end, other.account)), wrong},
		"under another account":        {out(line("MINE", "secret", "token", end, other.account)), wrong},
		"of another secret":            {out(line("MINE", "another", "token", end, here.account)), wrong},
		"of another token":             {out(line("MINE", "secret", "another", end, here.account)), wrong},
		"to the very second":           {out(line("MINE", "secret", "token", "2026-11-22T13:00:00Z", here.account)), wrong},
		"expired":                      {out(line("OLD", "secret", "token", "2026-11-22T12:00:01Z", here.account)), expired},
		"chatter":                      {at(0, process{stdout: []byte(good), stderr: []byte("hello\n")}), unfit},

		"a failed call":                 {fails(59*time.Second, 8, "", complaint), failed},
		"a shared failure":              {fails(72*time.Second, 8, "", complaint), failed},
		"a failure long after":          {fails(74*time.Second, 8, "", complaint), unfit},
		"a failure before":              {fails(57*time.Second, 8, "", complaint), unfit},
		"a failure that others had":     {fails(300*time.Second, 8, "", complaint), unfit},
		"another code":                  {fails(60*time.Second, 7, "", complaint), unfit},
		"a failure with an answer":      {fails(60*time.Second, 8, good, complaint), torn},
		"a failure without a word":      {fails(60*time.Second, 8, "", ""), unfit},
		"a failure with a book":         {fails(60*time.Second, 8, "", complaint+strings.Repeat("x", 4<<10)), unfit},
		"a stack":                       {fails(60*time.Second, 8, "", "panic: oh\n"), unfit},
		"stood still beyond its time":   {at(0, process{stopped: true, code: 8, stderr: []byte(complaint)}), failed},
		"stood still and is refused":    {at(0, process{stopped: true, code: 7, stderr: []byte(complaint)}), unfit},
		"hung":                          {at(0, process{hung: true, code: -1}), hung},
		"killed":                        {at(0, process{killed: true, code: -1}), killed},
		"killed after it answered":      {at(0, process{killed: true, code: -1, stdout: []byte(good)}), killed},
		"killed within its answer":      {at(0, process{killed: true, code: -1, stdout: []byte(good[:100])}), torn},
		"killed after the wrong answer": {at(0, process{killed: true, code: -1, stdout: []byte(line("THEIRS", "secret", "token", end, other.account))}), wrong},
		"died of something else by -1":  {at(0, process{code: -1}), unfit},
	} {
		if got, why := b.judge(c.p); got != c.want {
			t.Errorf("%s: %s (%s), want %s", name, got, why, c.want)
		}
	}
}

func TestOnlyWhatIsFreshAndNotClearedMustBeThere(t *testing.T) {
	hour := minted{at: noon, expires: noon.Add(time.Hour)}
	short := minted{at: noon, expires: noon.Add(140 * time.Second)}
	for _, c := range []struct {
		m     minted
		after time.Duration
		want  bool
	}{
		{hour, 0, true}, {hour, 39 * time.Minute, true}, {hour, 40 * time.Minute, false},
		{short, 0, true}, {short, 14 * time.Second, true}, {short, 16 * time.Second, false},
	} {
		if got := c.m.fresh(noon.Add(c.after)); got != c.want {
			t.Errorf("%s of %s after %s: %t", c.m.expires.Sub(c.m.at), "life", c.after, got)
		}
	}
	b := &book{cleared: []clearing{{"one", noon}}}
	if !b.clearedSince("one", noon.Add(-time.Second)) || b.clearedSince("one", noon.Add(time.Second)) || b.clearedSince("two", noon.Add(-time.Second)) {
		t.Error("what was cleared when is mixed up")
	}
}

func TestWhatStoodStillNeedNotBeKept(t *testing.T) {
	b := &book{minted: map[string]minted{
		"A": {here.session(), "secret", "token", noon, noon.Add(time.Hour)},
		"B": {here.session(), "secret", "token", noon, noon.Add(time.Hour)},
	}}
	add := func(id string, stopped bool) {
		b.ran = append(b.ran, process{key: here, stopped: stopped, stdout: []byte(line(id, "secret", "token", "2026-11-22T12:59:00Z", here.account))})
	}
	add("A", false)
	add("A", true)
	add("A", false)
	if kept := b.kept(here, noon); len(kept) != 0 {
		t.Errorf("%v", kept)
	}
	add("B", false)
	add("B", false)
	if kept := b.kept(here, noon); len(kept) != 1 || kept[0] != "B" {
		t.Errorf("%v", kept)
	}
	if kept := append(b.kept(other, noon), b.kept(here, noon.Add(time.Hour))...); len(kept) != 0 {
		t.Errorf("%v", kept)
	}
	b.cleared = []clearing{{here.env, noon.Add(time.Second)}}
	if kept := b.kept(here, noon); len(kept) != 0 {
		t.Errorf("%v", kept)
	}
}
