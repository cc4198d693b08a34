package creds

import "time"

const (
	// tooShort is what is not handed out any more: the SDKs are told to stop 60 s before the end, and need time to use it.
	tooShort = 2 * time.Minute

	// slack is what an end may lie too far ahead. AWS takes signatures from clocks that are off by 5 minutes, so that much is
	// an ordinary sight.
	slack = 15 * time.Minute
)

// Lasts tells whether enough is left of a session to hand it out: more than 2 minutes. It is false of what
// has no end.
func (c Credentials) Lasts(now time.Time) bool { return c.Expires.After(now.Add(tooShort)) }

// Outlasts tells whether a session claims to last longer than the longest that is possible, by more than clocks are off:
// 15 minutes.
func (c Credentials) Outlasts(now time.Time, longest time.Duration) bool {
	return c.Expires.After(now.Add(longest + slack))
}
