package credcache

import (
	"fmt"
	"time"
)

// Freshness says what stored credentials are good for.
type Freshness int

// From nothing to everything.
const (
	Miss   Freshness = iota // not there, or not to be used
	Usable                  // to be served only where STS can't be reached or throttles
	Fresh                   // to be served
)

func (f Freshness) String() string { return [...]string{"miss", "usable", "fresh"}[f] }

const (
	printedEarly = 60 * time.Second // some SDKs use credentials to the very second of their Expiration
	minLeft      = 60 * time.Second // as printed, for credentials that are served at all
	freshLeft    = 20 * time.Minute // botocore and .NET run the helper again below 15
	maxLifetime  = 12*time.Hour + 15*time.Minute
	clockSlack   = 2 * time.Minute // how far the clock may have jumped back since the minting
)

// Printed is the Expiration that is printed for credentials that expire at expires: 60 s before STS's.
func Printed(expires time.Time) time.Time { return expires.Add(-printedEarly) }

// Servable tells whether credentials may still be handed out at now: more than 60 s remain as printed. Who waited for STS
// in between asks again.
func Servable(expires, now time.Time) bool { return Printed(expires).Sub(now) > minLeft }

// judge is SPEC's rule: with L = lifetime and R = what remains, Fresh if R ≥ min(20 min, L/2); Usable while more than
// 60 s remain as printed. Times that can't be (a clock that jumped, a forged item) are a Miss.
func judge(minted, expires, now time.Time) (Freshness, string) {
	lifetime, left := expires.Sub(minted), expires.Sub(now)
	switch {
	case lifetime <= 0 || lifetime > maxLifetime:
		return Miss, fmt.Sprintf("stored with an impossible lifetime of %s", lifetime.Round(time.Second))
	case now.Sub(minted) < -clockSlack:
		return Miss, fmt.Sprintf("minted %s in the future: the clock was changed", minted.Sub(now).Round(time.Second))
	case left <= 0:
		return Miss, fmt.Sprintf("expired %s ago", (-left).Round(time.Second))
	case !Servable(expires, now):
		return Miss, fmt.Sprintf("only %s left", left.Round(time.Second))
	case left < min(freshLeft, lifetime/2):
		return Usable, fmt.Sprintf("%s left of %s", left.Round(time.Second), lifetime.Round(time.Second))
	}
	return Fresh, ""
}
